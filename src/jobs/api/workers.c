/* The workers of this process: what runs jobs elsewhere meets this server in the database only
 * (windmill-api.md section 5). */
#include "base/limits.h"
#include "jobs/api/route.h"

static enum arras_status write_worker(struct ar_call *call, unsigned number,
                                      struct arras_value *ret)
{
    const struct ar_api_workers *workers = &call->api->workers;
    struct arras_str name = {NULL, 0};
    struct ar_list tags;
    struct ar_writer w;
    ar_writer_init(&w, call->arena);
    if (!ar_str_printf(call->arena, &name, "%.*s-%u", AR_STR_ARG(workers->name), number)) {
        w.status = ARRAS_NO_MEMORY;
    }
    ar_list_init(&tags, call->arena);
    struct arras_str rest = workers->tags;
    while (rest.len) {
        struct arras_str tag = ar_str_cut(&rest, ',');
        if (tag.len && !ar_list_push(&tags, ar_string(tag))) {
            w.status = ARRAS_NO_MEMORY;
        }
    }
    ar_put_text(&w, "worker", name);
    ar_put_text(&w, "worker_instance", workers->name);
    ar_put_int(&w, "last_ping", 0);
    ar_put_time(&w, "started_at", workers->started_at);
    ar_put_text(&w, "ip", AR_STR("127.0.0.1"));
    ar_put_int(&w, "jobs_executed", ar_told_ended(call->api->telemetry));
    ar_put(&w, "custom_tags", workers->tags.len ? ar_list_value(&tags) : ar_null());
    ar_put_text(&w, "worker_group", workers->group);
    ar_put_text(&w, "wm_version", AR_STR(AR_API_VERSION));
    return ar_writer_value(&w, ret);
}

void ar_api_list_workers(struct ar_call *call)
{
    struct ar_list list;
    size_t skip, limit;
    int64_t unused = 0;
    const size_t count = call->api->telemetry ? call->api->telemetry->workers : 0;
    enum arras_status status = ARRAS_OK;
    if (!ar_param_page(call, &skip, &limit) ||
        !ar_param_int(call, "ping_since", 0, INT32_MAX, &unused)) {
        return;
    }
    ar_list_init(&list, call->arena);
    for (size_t i = skip; !status && i < count && i - skip < limit; i++) {
        struct arras_value worker;
        status = write_worker(call, (unsigned)i + 1, &worker);
        if (!status && !ar_list_push(&list, worker)) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}

/* The tags that jobs have unless something else is said: those of their languages. */
void ar_api_default_tags(struct ar_call *call)
{
    ar_answer_json_text(
        call, 200,
        AR_STR("[\"bash\",\"python3\",\"bun\",\"bunnative\",\"nativets\",\"deno\",\"nodejs\"]"));
}
