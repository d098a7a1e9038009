#include "jobs/api/args.h"
#include "base/base64.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "value/json.h"

static bool is_plain(struct arras_str type)
{
    return ar_str_is(type, "text/plain") || ar_str_is(type, "application/xml") ||
           ar_str_is(type, "text/xml");
}

static bool unsupported(struct ar_call *call)
{
    call->response->status = 415;
    return false;
}

static bool bad_json(struct ar_call *call, enum arras_status status)
{
    const struct arras_diag *diag = ar_diags_first_error(&call->diags);
    if (status == ARRAS_NO_MEMORY || !diag) {
        ar_answer_failed(call, status);
    } else {
        ar_answer_textf(call, 400, "Bad request: the body is not JSON: %.*s at line %u column %u",
                        AR_STR_ARG(diag->message), diag->line, diag->column);
    }
    return false;
}

static void add(struct ar_writer *args, struct arras_str name, struct arras_value value)
{
    if (!args->status && !ar_object_set(&args->object, name, value)) {
        args->status = ARRAS_NO_MEMORY;
    }
}

/* An object's members are the arguments; anything else, and everything with wrap_body, is the
 * argument `body`. */
static void add_value(struct ar_writer *args, const struct arras_value *value, bool wrap)
{
    if (wrap || value->type != ARRAS_OBJECT) {
        ar_put(args, "body", *value);
        return;
    }
    for (uint32_t i = 0; i < value->count; i++) {
        add(args, ar_member_name(&value->members[i]), value->members[i].value);
    }
}

static bool add_json(struct ar_call *call, struct arras_str text, bool wrap, struct ar_writer *args)
{
    struct arras_value body = {.type = ARRAS_OBJECT};
    if (text.len) {
        struct ar_source source = {AR_STR("the body"), text};
        enum arras_status status = ar_json_read(&source, call->arena, &call->diags, &body);
        if (status) {
            return bad_json(call, status);
        }
    }
    add_value(args, &body, wrap);
    return true;
}

/* application/x-www-form-urlencoded: every value a string, the last of a name counts. */
static bool add_fields(struct ar_call *call, struct ar_writer *args)
{
    struct arras_str rest = call->request->body;
    while (!args->status && rest.len) {
        struct arras_str value = ar_str_cut(&rest, '&');
        struct arras_str name = ar_str_cut(&value, '=');
        if (name.len == 0) {
            continue;
        }
        if (ar_query_decode(name, call->arena, &name) ||
            ar_query_decode(value, call->arena, &value)) {
            args->status = ARRAS_NO_MEMORY;
            return true;
        }
        if (ar_utf8_valid(name) != name.len || ar_utf8_valid(value) != value.len) {
            ar_answer_text(call, 400, AR_STR("Bad request: the body is not UTF-8 text"));
            return false;
        }
        add(args, name, ar_string(value));
    }
    return true;
}

static bool add_form(struct ar_call *call, bool wrap, struct ar_writer *args)
{
    struct ar_writer fields;
    struct arras_value value;
    ar_writer_init(&fields, call->arena);
    if (!wrap) {
        return add_fields(call, args);
    }
    if (!add_fields(call, &fields)) {
        return false;
    }
    args->status = ar_writer_value(&fields, &value);
    if (!args->status) {
        ar_put(args, "body", value);
    }
    return true;
}

static bool add_raw(struct ar_call *call, struct ar_writer *args)
{
    struct arras_str body = call->request->body;
    if (ar_utf8_valid(body) != body.len) {
        ar_answer_text(call, 400, AR_STR("Bad request: the body is not UTF-8 text"));
        return false;
    }
    ar_put_text(args, "raw_string", body);
    return true;
}

/* By the content type; false: answered. */
static bool add_body(struct ar_call *call, struct arras_str type, bool wrap, bool raw,
                     struct ar_writer *args)
{
    if (ar_str_is(type, "application/json") || ar_str_is(type, "application/cloudevents+json")) {
        return add_json(call, call->request->body, wrap, args) && (!raw || add_raw(call, args));
    }
    if (is_plain(type)) {
        return add_raw(call, args);
    }
    if (ar_str_is(type, "application/x-www-form-urlencoded")) {
        return add_form(call, wrap, args) && (!raw || add_raw(call, args));
    }
    if (ar_str_is(type, "application/cloudevents-batch+json")) {
        ar_answer_text(call, 400, AR_STR("Bad request: batches of cloud events are not supported"));
        return false;
    }
    return (type.len == 0 && call->request->body.len == 0) || unsupported(call);
}

/* `payload`: JSON in Base64, what a GET has in place of a body. */
static bool add_payload(struct ar_call *call, bool wrap, struct ar_writer *args)
{
    struct arras_str text = {NULL, 0}, json;
    if (!ar_param_text(call, "payload", &text)) {
        return false;
    }
    if (text.len == 0) {
        return true;
    }
    enum arras_status status = ar_base64_decode(text, call->arena, &json);
    if (status == ARRAS_SYNTAX) {
        ar_answer_text(call, 400, AR_STR("Bad request: query parameter payload is not Base64"));
        return false;
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    return add_json(call, json, wrap, args);
}

/* "X-Signature-256" is the argument "x_signature_256". */
static bool argument_name(struct ar_call *call, struct arras_str header, struct arras_str *ret)
{
    char *name = ar_arena_raw(call->arena, header.len + 1, 1);
    if (!name) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    for (size_t i = 0; i < header.len; i++) {
        char c = header.ptr[i];
        name[i] = (char)(c == '-' ? '_' : c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    *ret = (struct arras_str){name, header.len};
    return true;
}

static bool add_header(struct ar_call *call, struct arras_str header, struct ar_writer *args)
{
    const char *name = ar_str_to_z(header, call->arena);
    struct arras_str argument;
    if (!name || !argument_name(call, header, &argument)) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    const struct arras_str *value = ar_headers_find(&call->request->headers, name);
    if (value && ar_utf8_valid(*value) == value->len) {
        add(args, argument, ar_string(*value));
    }
    return true;
}

static bool add_query(struct ar_call *call, struct arras_str name, struct ar_writer *args)
{
    const char *name_z = ar_str_to_z(name, call->arena);
    struct arras_str value = {NULL, 0};
    if (!name_z) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    if (!ar_param_text(call, name_z, &value)) {
        return false;
    }
    if (value.len) {
        add(args, name, ar_string(value));
    }
    return true;
}

/* Each name of a list with commas. */
static bool add_each(struct ar_call *call, const char *param, struct ar_writer *args,
                     bool (*add_one)(struct ar_call *, struct arras_str, struct ar_writer *))
{
    struct arras_str list = {NULL, 0};
    if (!ar_param_text(call, param, &list)) {
        return false;
    }
    while (list.len) {
        struct arras_str name = ar_str_trim(ar_str_cut(&list, ','));
        if (name.len && !add_one(call, name, args)) {
            return false;
        }
    }
    return true;
}

static bool add_asked_for(struct ar_call *call, struct ar_writer *args)
{
    return add_each(call, "include_header", args, add_header) &&
           add_each(call, "include_query", args, add_query);
}

/* The object without what says how to run. */
static enum arras_status take_words(const struct arras_value *object, struct ar_arena *arena,
                                    struct ar_run_words *ret_words, struct arras_value *ret)
{
    const struct arras_value *entrypoint = ar_get_z(object, "_ENTRYPOINT_OVERRIDE");
    struct ar_object rest;
    *ret_words = (struct ar_run_words){0};
    *ret = *object;
    if (!ar_is(entrypoint, ARRAS_STRING)) {
        return ARRAS_OK;
    }
    ret_words->entrypoint = ar_text(entrypoint);
    ar_object_init(&rest, arena);
    for (uint32_t i = 0; i < object->count; i++) {
        const struct ar_member *member = &object->members[i];
        if (&member->value != entrypoint &&
            !ar_object_set(&rest, ar_member_name(member), member->value)) {
            return ARRAS_NO_MEMORY;
        }
    }
    return ar_object_value(&rest, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static bool write_args(struct ar_call *call, struct ar_writer *args, struct ar_run_words *ret_words,
                       struct arras_str *ret)
{
    struct arras_value object;
    enum arras_status status = ar_writer_value(args, &object);
    if (!status) {
        status = take_words(&object, call->arena, ret_words, &object);
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    return ar_call_json_text(call, &object, ret);
}

bool ar_call_add_body(struct ar_call *call, struct ar_writer *args)
{
    struct arras_str type;
    bool get = ar_str_is(call->request->method, "GET");
    return ar_call_media_type(call, &type) &&
           (get ? add_payload(call, true, args)
                : add_body(call, type, true, call->request->body.len > 0, args));
}

bool ar_call_args(struct ar_call *call, struct ar_run_words *ret_words, struct arras_str *ret)
{
    struct arras_str type;
    struct ar_writer args;
    bool wrap = false, raw = false;
    bool get = ar_str_is(call->request->method, "GET");
    ar_writer_init(&args, call->arena);
    if (!ar_call_media_type(call, &type) || !ar_param_bool(call, "wrap_body", &wrap) ||
        !ar_param_bool(call, "raw", &raw)) {
        return false;
    }
    bool added = get ? add_payload(call, wrap, &args) : add_body(call, type, wrap, raw, &args);
    return added && add_asked_for(call, &args) && write_args(call, &args, ret_words, ret);
}

bool ar_call_args_of(struct ar_call *call, const struct arras_value *value,
                     struct ar_run_words *ret_words, struct arras_str *ret)
{
    struct ar_writer args;
    ar_writer_init(&args, call->arena);
    if (ar_is(value, ARRAS_OBJECT)) {
        add_value(&args, value, false);
    }
    return add_asked_for(call, &args) && write_args(call, &args, ret_words, ret);
}
