/* What `wmill generate-metadata` asks before it locks scripts: which of them differ from what is
 * deployed. It sends those then, so that they are imported from while others are locked; locks are
 * empty here, and nothing is kept. */
#include "base/hash.h"
#include "base/limits.h"
#include "jobs/api/item.h"
#include "jobs/api/route.h"

/* *ret: whether a live script at the path has exactly that content. */
static enum arras_status is_deployed(struct ar_call *call, struct arras_str path,
                                     struct arras_str hash, bool *ret)
{
    struct ar_script script;
    struct arras_str deployed;
    enum arras_status status = ar_store_script_by_path(call->api->store, call->workspace, path,
                                                       call->arena, &call->diags, &script);
    *ret = false;
    if (status == ARRAS_NOT_FOUND) {
        return ARRAS_OK;
    }
    if (!status) {
        status = ar_sha256_hex(script.content, call->arena, &deployed);
    }
    if (!status) {
        *ret = ar_str_eq(deployed, hash) &&
               ar_access_allows(&call->access, path, script.extra_perms, AR_RIGHT_READ);
    }
    return status;
}

/* {"scripts": {PATH: SHA-256 of its content}}: the paths whose script is another. */
void ar_api_compare_scripts(struct ar_call *call)
{
    struct arras_value body;
    struct ar_list differing;
    enum arras_status status = ARRAS_OK;
    if (!ar_item_body(call, &body)) {
        return;
    }
    const struct arras_value *scripts = ar_get_z(&body, "scripts");
    if (!ar_is(scripts, ARRAS_OBJECT) || scripts->count > AR_JOB_LIST_MOST) {
        ar_answer_textf(call, 422,
                        "Failed to deserialize the JSON body into the target type: scripts: "
                        "expected an object of at most %d members",
                        AR_JOB_LIST_MOST);
        return;
    }
    ar_list_init(&differing, call->arena);
    for (uint32_t i = 0; !status && i < scripts->count; i++) {
        const struct ar_member *member = &scripts->members[i];
        struct arras_str path = ar_member_name(member);
        bool same;
        status = is_deployed(call, path, ar_text(&member->value), &same);
        if (!status && !same && !ar_list_push(&differing, ar_string(path))) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&differing);
    ar_answer_json(call, 200, &value);
}

/* A JSON string: its SHA-256. */
void ar_api_hash_script(struct ar_call *call)
{
    struct arras_value body, value;
    struct arras_str hash;
    if (!ar_call_json_body(call, false, &body)) {
        return;
    }
    if (body.type != ARRAS_STRING) {
        ar_answer_text(call, 422, AR_STR("Failed to deserialize the JSON body: expected a string"));
        return;
    }
    enum arras_status status = ar_sha256_hex(ar_text(&body), call->arena, &hash);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    value = ar_string(hash);
    ar_answer_json(call, 200, &value);
}
