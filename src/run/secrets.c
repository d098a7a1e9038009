#include "run/secrets.h"
#include "base/limits.h"
#include "base/uri.h"

enum { SECRET_LEAST = 3 }; /* shorter ones would hide half of every text */

bool ar_is_secret_header(struct arras_str name)
{
    static const char *const names[] = {"Authorization", "Proxy-Authorization", "Cookie",
                                        "Set-Cookie",    "X-API-Key",           "Api-Key",
                                        "X-Auth-Token",  "Private-Token"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (ar_str_is_nocase(name, names[i])) {
            return true;
        }
    }
    return false;
}

static enum arras_status add(struct ar_secrets *secrets, struct arras_str secret,
                             struct ar_arena *arena)
{
    struct ar_buf buf;
    struct arras_str encoded;
    if (secret.len < SECRET_LEAST) {
        return ARRAS_OK;
    }
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    ar_uri_encode(&buf, secret, "");
    enum arras_status status = ar_buf_copy(&buf, arena, &encoded);
    ar_buf_release(&buf);
    if (status || !ar_vec_push(arena, &secrets->list, secret)) {
        return ARRAS_NO_MEMORY;
    }
    return ar_str_eq(encoded, secret) || ar_vec_push(arena, &secrets->list, encoded)
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

static enum arras_status add_strings(struct ar_secrets *secrets, const struct arras_value *value,
                                     struct ar_arena *arena, int depth)
{
    enum arras_status status = ARRAS_OK;
    if (value->type == ARRAS_STRING || value->type == ARRAS_NUMBER) {
        return add(secrets, ar_text(value), arena);
    }
    bool walks = depth < AR_NESTING_DEPTH;
    for (size_t i = 0; walks && value->type == ARRAS_ARRAY && i < value->count && !status; i++) {
        status = add_strings(secrets, &value->items[i], arena, depth + 1);
    }
    for (size_t i = 0; walks && value->type == ARRAS_OBJECT && i < value->count && !status; i++) {
        status = add_strings(secrets, &value->members[i].value, arena, depth + 1);
    }
    return status;
}

/* Members of `inputs` whose schema says so, and within them. */
static enum arras_status add_marked(struct ar_secrets *secrets, const struct ar_workflow *workflow,
                                    const struct arras_value *schema,
                                    const struct arras_value *value, struct ar_arena *arena,
                                    int depth)
{
    schema = ar_inputs_follow(workflow, schema);
    if (ar_str_is(ar_text(ar_get_z(schema, "format")), "password") ||
        (ar_is(ar_get_z(schema, "writeOnly"), ARRAS_BOOL) &&
         ar_get_z(schema, "writeOnly")->boolean)) {
        return add_strings(secrets, value, arena, depth);
    }
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0;
         ar_is(value, ARRAS_OBJECT) && i < value->count && depth < AR_RUN_DEPTH && !status; i++) {
        const struct ar_member *member = &value->members[i];
        const struct arras_value *part =
            depth == 0 ? ar_workflow_input(workflow, ar_member_name(member))
                       : ar_get(ar_get_z(schema, "properties"), ar_member_name(member));
        status = add_marked(secrets, workflow, part, &member->value, arena, depth + 1);
    }
    return status;
}

enum arras_status ar_secrets_from_inputs(struct ar_secrets *secrets,
                                         const struct ar_workflow *workflow,
                                         const struct arras_value *inputs, struct ar_arena *arena)
{
    return add_marked(secrets, workflow, workflow->inputs, inputs, arena, 0);
}

/* The secret that stands at `at`, the longest where several do. */
static size_t secret_at(const struct ar_secrets *secrets, struct arras_str text, size_t at)
{
    size_t longest = 0;
    for (size_t i = 0; i < secrets->list.count; i++) {
        struct arras_str secret = secrets->list.items[i];
        if (secret.len > longest && text.len - at >= secret.len &&
            memcmp(text.ptr + at, secret.ptr, secret.len) == 0) {
            longest = secret.len;
        }
    }
    return longest;
}

bool ar_secrets_hide(const struct ar_secrets *secrets, struct arras_str text,
                     struct ar_arena *arena, struct arras_str *ret)
{
    bool any = false;
    for (size_t i = 0; i < secrets->list.count && !any; i++) {
        any = ar_str_find(text, secrets->list.items[i], 0) != AR_NOT_FOUND;
    }
    *ret = text;
    if (!any) {
        return true;
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_RESPONSE_SIZE * 2);
    for (size_t i = 0; i < text.len;) {
        size_t len = secret_at(secrets, text, i);
        ar_buf_add(&buf, len ? AR_HIDDEN : text.ptr + i, len ? strlen(AR_HIDDEN) : 1);
        i += len ? len : 1;
    }
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status == ARRAS_OK;
}

static enum arras_status hide_value(const struct ar_secrets *secrets,
                                    const struct arras_value *value, struct ar_arena *arena,
                                    int depth, struct arras_value *ret)
{
    struct arras_str text;
    struct arras_value part;
    enum arras_status status = ARRAS_OK;
    *ret = *value;
    if (value->type == ARRAS_STRING) {
        if (!ar_secrets_hide(secrets, ar_text(value), arena, &text)) {
            return ARRAS_NO_MEMORY;
        }
        *ret = ar_string(text);
    } else if (value->type == ARRAS_ARRAY && depth < AR_NESTING_DEPTH) {
        struct ar_list list;
        ar_list_init(&list, arena);
        for (size_t i = 0; i < value->count && !status; i++) {
            status = hide_value(secrets, &value->items[i], arena, depth + 1, &part);
            status = status ? status : ar_list_push(&list, part) ? ARRAS_OK : ARRAS_NO_MEMORY;
        }
        *ret = ar_list_value(&list);
    } else if (value->type == ARRAS_OBJECT && depth < AR_NESTING_DEPTH) {
        struct ar_object object;
        ar_object_init(&object, arena);
        for (size_t i = 0; i < value->count && !status; i++) {
            const struct ar_member *member = &value->members[i];
            status = hide_value(secrets, &member->value, arena, depth + 1, &part);
            bool set = !status && ar_object_set(&object, ar_member_name(member), part);
            status = set ? ARRAS_OK : ARRAS_NO_MEMORY;
        }
        status = !status && ar_object_value(&object, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    return status;
}

enum arras_status ar_secrets_hide_value(const struct ar_secrets *secrets,
                                        const struct arras_value *value, struct ar_arena *arena,
                                        struct arras_value *ret)
{
    if (secrets->list.count == 0) {
        *ret = *value;
        return ARRAS_OK;
    }
    return hide_value(secrets, value, arena, 0, ret);
}
