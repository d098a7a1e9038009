/* A request as an event: what a script's preprocessor gets in place of arguments (windmill-api.md
 * section 4.1). */
#include "base/utf8.h"
#include "jobs/api/args.h"

/* What the caller identifies itself by is not the job's, and is not stored. */
static bool is_secret(struct arras_str header)
{
    static const char *const names[] = {"Authorization", "Proxy-Authorization", "Cookie"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (ar_str_is_nocase(header, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_text(struct arras_str text)
{
    return ar_utf8_valid(text) == text.len;
}

/* Names in lower case. */
static bool lower(struct arras_str name, struct ar_arena *arena, struct arras_str *ret)
{
    char *text = ar_arena_raw(arena, name.len + 1, 1);
    for (size_t i = 0; text && i < name.len; i++) {
        char c = name.ptr[i];
        text[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    *ret = (struct arras_str){text, name.len};
    return text != NULL;
}

static enum arras_status put_headers(struct ar_call *call, struct ar_writer *event)
{
    const struct ar_headers *headers = &call->request->headers;
    struct ar_object object;
    struct arras_value value;
    ar_object_init(&object, call->arena);
    for (size_t i = 0; i < headers->count; i++) {
        const struct ar_header *header = &headers->items[i];
        struct arras_str name;
        if (is_secret(header->name) || !is_text(header->name) || !is_text(header->value)) {
            continue;
        }
        if (!lower(header->name, call->arena, &name) ||
            !ar_object_set(&object, name, ar_string(header->value))) {
            return ARRAS_NO_MEMORY;
        }
    }
    if (!ar_object_value(&object, &value)) {
        return ARRAS_NO_MEMORY;
    }
    ar_put(event, "headers", value);
    return ARRAS_OK;
}

static enum arras_status put_query(struct ar_call *call, struct ar_writer *event)
{
    struct arras_str rest = call->request->query;
    struct ar_object object;
    struct arras_value members;
    ar_object_init(&object, call->arena);
    while (rest.len) {
        struct arras_str value = ar_str_cut(&rest, '&'), name = ar_str_cut(&value, '=');
        if (ar_query_decode(name, call->arena, &name) ||
            ar_query_decode(value, call->arena, &value)) {
            return ARRAS_NO_MEMORY;
        }
        bool wanted = name.len && !ar_str_is(name, "token") && is_text(name) && is_text(value);
        if (wanted && !ar_object_set(&object, name, ar_string(value))) {
            return ARRAS_NO_MEMORY;
        }
    }
    if (!ar_object_value(&object, &members)) {
        return ARRAS_NO_MEMORY;
    }
    ar_put(event, "query", members);
    return ARRAS_OK;
}

/* null where there is none. */
static void put_member(struct ar_writer *event, const struct arras_value *from, const char *name)
{
    const struct arras_value *value = ar_get_z(from, name);
    ar_put(event, name, value ? *value : ar_null());
}

bool ar_call_event(struct ar_call *call, struct arras_str *ret)
{
    struct ar_writer body, event, args;
    struct arras_value read, value;
    ar_writer_init(&body, call->arena);
    ar_writer_init(&event, call->arena);
    ar_writer_init(&args, call->arena);
    if (!ar_call_add_body(call, &body)) {
        return false;
    }
    enum arras_status status = ar_writer_value(&body, &read);
    ar_put_text(&event, "kind", AR_STR("webhook"));
    if (!status) {
        put_member(&event, &read, "body");
        put_member(&event, &read, "raw_string");
        status = put_headers(call, &event);
    }
    status = status ? status : put_query(call, &event);
    status = status ? status : ar_writer_value(&event, &value);
    if (!status) {
        ar_put(&args, "event", value);
        status = ar_writer_value(&args, &value);
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    return ar_call_json_text(call, &value, ret);
}
