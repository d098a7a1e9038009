/* What clients of Windmill ask and what is always the same here: there are no invitations, groups
 * of the instance, custom tags, mail, licences. */
#include "jobs/api/route.h"

void ar_api_none(struct ar_call *call)
{
    ar_answer_json_text(call, 200, AR_STR("[]"));
}

void ar_api_false(struct ar_call *call)
{
    ar_answer_json_text(call, 200, AR_STR("false"));
}
