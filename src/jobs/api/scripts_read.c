/* Reading scripts. */
#include "jobs/api/route.h"
#include "jobs/api/script_json.h"

static void answer_none(struct ar_call *call, enum arras_status status)
{
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: Script not found at name %.*s",
                        AR_STR_ARG(call->tail));
    } else {
        ar_answer_failed(call, status);
    }
}

static enum arras_status by_path(struct ar_call *call, struct ar_script *ret)
{
    struct ar_store *store = call->api->store;
    return ar_store_script_by_path(store, call->workspace, call->tail, call->arena, &call->diags,
                                   ret);
}

static void answer_script(struct ar_call *call, enum arras_status status,
                          const struct ar_script *script)
{
    struct ar_writer writer;
    if (status) {
        answer_none(call, status);
        return;
    }
    ar_writer_init(&writer, call->arena);
    ar_script_write(script, true, &writer);
    ar_answer_object(call, 200, &writer);
}

void ar_api_get_script_by_path(struct ar_call *call)
{
    struct ar_script script;
    enum arras_status status = by_path(call, &script);
    answer_script(call, status, &script);
}

void ar_api_get_script_by_hash(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_script script;
    enum arras_status status = ar_store_script_by_hash(store, call->workspace, call->tail,
                                                       call->arena, &call->diags, &script);
    answer_script(call, status, &script);
}

void ar_api_exists_script(struct ar_call *call)
{
    struct ar_script script;
    enum arras_status status = by_path(call, &script);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_json_text(call, 200, status ? AR_STR("false") : AR_STR("true"));
    }
}

void ar_api_raw_script(struct ar_call *call)
{
    struct ar_script script;
    enum arras_status status = by_path(call, &script);
    if (status) {
        answer_none(call, status);
    } else {
        ar_answer_text(call, 200, script.content);
    }
}

void ar_api_list_scripts(struct ar_call *call)
{
    struct ar_store *store = call->api->store;
    struct ar_script_list scripts = {0};
    struct ar_list list;
    bool archived = false;
    size_t skip, limit;
    if (!ar_param_bool(call, "show_archived", &archived) || !ar_param_page(call, &skip, &limit)) {
        return;
    }
    enum arras_status status = ar_store_script_list(store, call->workspace, archived, skip, limit,
                                                    call->arena, &call->diags, &scripts);
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < scripts.list.count; i++) {
        struct ar_writer writer;
        struct arras_value value;
        ar_writer_init(&writer, call->arena);
        ar_script_write(&scripts.list.items[i], false, &writer);
        status = ar_writer_value(&writer, &value);
        if (!status && !ar_list_push(&list, value)) {
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
