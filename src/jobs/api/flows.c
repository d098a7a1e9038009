/* Operations that Windmill has and this server has not (yet): flows, with their steps, approvals
 * and states; what belongs to builds of its own and to storage of objects. */
#include "jobs/api/route.h"

void ar_api_no_flows(struct ar_call *call)
{
    ar_answer_text(call, 501, AR_STR("Not implemented: this server runs scripts, not flows"));
}

void ar_api_no_bundles(struct ar_call *call)
{
    ar_answer_text(call, 501,
                   AR_STR("Not implemented: this server runs scripts as they are written, not "
                          "bundles of codebases"));
}

void ar_api_no_log_files(struct ar_call *call)
{
    ar_answer_text(call, 501,
                   AR_STR("Not implemented: this server keeps logs in its database, not in files: "
                          "get_logs answers with the whole log of a job"));
}
