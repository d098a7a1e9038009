/* Operations that Windmill has and this server has not (yet): flows, with their steps, approvals
 * and states. */
#include "jobs/api/route.h"

void ar_api_no_flows(struct ar_call *call)
{
    ar_answer_text(call, 501, AR_STR("Not implemented: this server runs scripts, not flows"));
}
