/* What the server says of itself. */
#include "jobs/api/route.h"
#include "jobs/embedded.h"

void ar_api_version(struct ar_call *call)
{
    ar_answer_text(call, 200, AR_STR(AR_API_VERSION));
}

void ar_api_clock(struct ar_call *call)
{
    ar_answer_json_text(call, 200, (struct arras_str){NULL, 0});
    if (!ar_str_printf(call->arena, &call->response->body, "%lld", (long long)(call->now / 1000))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
    }
}

static struct arras_str description(void)
{
    return (struct arras_str){(const char *)ar_embedded_openapi, ar_embedded_openapi_size};
}

void ar_api_description(struct ar_call *call)
{
    ar_answer_json_text(call, 200, description());
}

void ar_api_description_text(struct ar_call *call)
{
    ar_answer_text(call, 200, description());
}
