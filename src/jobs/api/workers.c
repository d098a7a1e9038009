/* The workers: of this process, and where the database is shared, of the others that live
 * (windmill-api.md section 5). */
#include "base/limits.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"

static bool make_tags(struct ar_call *call, struct arras_str tags, struct arras_value *ret)
{
    struct ar_list list;
    ar_list_init(&list, call->arena);
    while (tags.len) {
        struct arras_str tag = ar_str_cut(&tags, ',');
        if (tag.len && !ar_list_push(&list, ar_string(tag))) {
            return false;
        }
    }
    *ret = ar_list_value(&list);
    return true;
}

/* A process is listed because it lives: its ping is of now. */
static enum arras_status write_worker(struct ar_call *call, const struct ar_worker_process *process,
                                      unsigned number, struct arras_value *ret)
{
    struct arras_str name = {NULL, 0};
    struct arras_value tags = ar_null();
    struct ar_writer w;
    ar_writer_init(&w, call->arena);
    if (!ar_str_printf(call->arena, &name, "%.*s-%u", AR_STR_ARG(process->name), number) ||
        (process->tags.len && !make_tags(call, process->tags, &tags))) {
        w.status = ARRAS_NO_MEMORY;
    }
    ar_put_text(&w, "worker", name);
    ar_put_text(&w, "worker_instance", process->host);
    ar_put_int(&w, "last_ping", 0);
    ar_put_time(&w, "started_at", process->started_at);
    ar_put_text(&w, "ip", process->host);
    ar_put_int(&w, "jobs_executed", process->ended);
    ar_put(&w, "custom_tags", tags);
    ar_put_text(&w, "worker_group", process->group);
    ar_put_text(&w, "wm_version", AR_STR(AR_API_VERSION));
    return ar_writer_value(&w, ret);
}

/* What this process did is known to the moment. */
static enum arras_status find_processes(struct ar_call *call, struct ar_worker_process_list *ret)
{
    const struct ar_worker_process *own = call->api->process;
    struct ar_store *store = call->api->store;
    enum arras_status status = ARRAS_OK;
    if (ar_store_shared(store)) {
        status = ar_store_workers_list(store, call->arena, &call->diags, ret);
    } else if (own && own->count && !ar_vec_push(call->arena, &ret->list, *own)) {
        status = ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; !status && i < ret->list.count; i++) {
        struct ar_worker_process *process = &ret->list.items[i];
        if (own && ar_str_eq(process->name, own->name)) {
            process->ended = ar_told_ended(call->api->telemetry);
        }
    }
    return status;
}

void ar_api_list_workers(struct ar_call *call)
{
    struct ar_worker_process_list processes = {0};
    struct ar_list list;
    size_t skip, limit, at = 0;
    int64_t unused = 0;
    if (!ar_param_page(call, &skip, &limit) ||
        !ar_param_int(call, "ping_since", 0, INT32_MAX, &unused)) {
        return;
    }
    ar_list_init(&list, call->arena);
    enum arras_status status = find_processes(call, &processes);
    for (size_t i = 0; !status && i < processes.list.count; i++) {
        const struct ar_worker_process *process = &processes.list.items[i];
        for (unsigned n = 1; !status && n <= process->count; n++, at++) {
            struct arras_value worker;
            bool wanted = at >= skip && at - skip < limit;
            status = wanted ? write_worker(call, process, n, &worker) : ARRAS_OK;
            if (wanted && !status && !ar_list_push(&list, worker)) {
                status = ARRAS_NO_MEMORY;
            }
        }
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}

/* Whether the database answers. */
static enum arras_status try_database(struct ar_call *call)
{
    struct arras_str value;
    enum arras_status status =
        ar_store_setting_get(call->api->store, AR_SETTING_URL, call->arena, &call->diags, &value);
    return status == ARRAS_NOT_FOUND ? ARRAS_OK : status;
}

/* For who watches servers: without a token, so without anything that is not for everybody. */
void ar_api_health(struct ar_call *call)
{
    struct ar_worker_process_list processes = {0};
    struct ar_writer w;
    int64_t workers = 0;
    enum arras_status status = try_database(call);
    status = status ? status : find_processes(call, &processes);
    for (size_t i = 0; !status && i < processes.list.count; i++) {
        workers += processes.list.items[i].count;
    }
    if (status) {
        ar_tell_trouble(call->api->telemetry, "request_failed", &call->diags, status);
    }
    ar_writer_init(&w, call->arena);
    ar_put_text(&w, "status",
                status    ? AR_STR("unhealthy")
                : workers ? AR_STR("healthy")
                          : AR_STR("degraded"));
    ar_put_time(&w, "checked_at", call->now);
    ar_put_bool(&w, "database_healthy", !status);
    ar_put_int(&w, "workers_alive", workers);
    ar_answer_object(call, status ? 503 : 200, &w);
}

static bool takes(const struct ar_worker_process_list *processes, struct arras_str tag)
{
    for (size_t i = 0; i < processes->list.count; i++) {
        struct arras_str tags = processes->list.items[i].tags;
        bool any = tags.len == 0;
        while (!any && tags.len) {
            any = ar_str_eq(ar_str_cut(&tags, ','), tag);
        }
        if (any) {
            return true;
        }
    }
    return false;
}

/* Of each tag that is asked about, whether a worker lives that takes it. */
void ar_api_workers_with_tags(struct ar_call *call)
{
    struct ar_worker_process_list processes = {0};
    struct arras_str tags = {NULL, 0};
    struct ar_object object;
    struct arras_value value;
    if (!ar_param_text(call, "tags", &tags)) {
        return;
    }
    ar_object_init(&object, call->arena);
    enum arras_status status = find_processes(call, &processes);
    while (!status && tags.len) {
        struct arras_str tag = ar_str_cut(&tags, ',');
        if (tag.len && !ar_object_set(&object, tag, ar_bool(takes(&processes, tag)))) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (!status && !ar_object_value(&object, &value)) {
        status = ARRAS_NO_MEMORY;
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    ar_answer_json(call, 200, &value);
}

/* Of all workspaces, so for super admins. */
static void count_open(struct ar_call *call, bool running)
{
    struct ar_tag_counts counts = {0};
    struct ar_object object;
    struct arras_value value;
    if (!ar_call_is_superadmin(call)) {
        return;
    }
    ar_object_init(&object, call->arena);
    enum arras_status status =
        ar_store_job_count_open_by_tag(call->api->store, running, ar_store_now(call->api->store),
                                       call->arena, &call->diags, &counts);
    for (size_t i = 0; !status && i < counts.list.count; i++) {
        struct arras_value number;
        if (!ar_int(call->arena, counts.list.items[i].count, &number) ||
            !ar_object_set(&object, counts.list.items[i].tag, number)) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (!status && !ar_object_value(&object, &value)) {
        status = ARRAS_NO_MEMORY;
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    ar_answer_json(call, 200, &value);
}

void ar_api_queue_counts(struct ar_call *call)
{
    count_open(call, false);
}

void ar_api_running_counts(struct ar_call *call)
{
    count_open(call, true);
}

static enum arras_status put_metric(struct ar_call *call, const struct ar_tag_count *count,
                                    int64_t now, struct ar_list *list)
{
    struct ar_writer point, metric;
    struct ar_list points;
    struct arras_value value;
    struct arras_str id;
    ar_writer_init(&point, call->arena);
    ar_writer_init(&metric, call->arena);
    ar_list_init(&points, call->arena);
    ar_put_time(&point, "created_at", now);
    ar_put_int(&point, "value", count->count);
    enum arras_status status = ar_writer_value(&point, &value);
    if (status || !ar_list_push(&points, value) ||
        !ar_str_printf(call->arena, &id, "queue_count_%.*s", AR_STR_ARG(count->tag))) {
        return ARRAS_NO_MEMORY;
    }
    ar_put_text(&metric, "id", id);
    ar_put(&metric, "values", ar_list_value(&points));
    status = ar_writer_value(&metric, &value);
    return status || ar_list_push(list, value) ? status : ARRAS_NO_MEMORY;
}

/* How many jobs wait, as Windmill's series: of one point, now. What was before, /metrics tells who
 * asks it often. */
void ar_api_queue_metrics(struct ar_call *call)
{
    struct ar_tag_counts counts = {0};
    struct ar_list list;
    int64_t now = ar_store_now(call->api->store);
    if (!ar_call_is_superadmin(call)) {
        return;
    }
    ar_list_init(&list, call->arena);
    enum arras_status status = ar_store_job_count_open_by_tag(call->api->store, false, now,
                                                              call->arena, &call->diags, &counts);
    for (size_t i = 0; !status && i < counts.list.count; i++) {
        status = put_metric(call, &counts.list.items[i], now, &list);
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
