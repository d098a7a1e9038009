#include "jobs/api/args.h"
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
static bool add_json(struct ar_call *call, bool wrap, struct ar_writer *args)
{
    struct arras_value body = {.type = ARRAS_OBJECT};
    if (call->request->body.len) {
        struct ar_source source = {AR_STR("the body"), call->request->body};
        enum arras_status status = ar_json_read(&source, call->arena, &call->diags, &body);
        if (status) {
            return bad_json(call, status);
        }
    }
    if (wrap || body.type != ARRAS_OBJECT) {
        ar_put(args, "body", body);
        return true;
    }
    for (uint32_t i = 0; i < body.count; i++) {
        add(args, ar_member_name(&body.members[i]), body.members[i].value);
    }
    return true;
}

/* application/x-www-form-urlencoded: every value a string, the last of a name counts. */
static bool add_form(struct ar_call *call, struct ar_writer *args)
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
        return add_json(call, wrap, args) && (!raw || add_raw(call, args));
    }
    if (is_plain(type)) {
        return add_raw(call, args);
    }
    if (ar_str_is(type, "application/x-www-form-urlencoded")) {
        return add_form(call, args) && (!raw || add_raw(call, args));
    }
    if (ar_str_is(type, "application/cloudevents-batch+json")) {
        ar_answer_text(call, 400, AR_STR("Bad request: batches of cloud events are not supported"));
        return false;
    }
    return (type.len == 0 && call->request->body.len == 0) || unsupported(call);
}

bool ar_call_args(struct ar_call *call, struct arras_str *ret)
{
    struct arras_str type;
    struct arras_value object;
    struct ar_writer args;
    bool wrap = false, raw = false;
    ar_writer_init(&args, call->arena);
    if (!ar_call_media_type(call, &type) || !ar_param_bool(call, "wrap_body", &wrap) ||
        !ar_param_bool(call, "raw", &raw) || !add_body(call, type, wrap, raw, &args)) {
        return false;
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_SERVER_REQUEST_MEMORY);
    enum arras_status status = ar_writer_value(&args, &object);
    if (!status) {
        ar_json_write(&buf, &object, ARRAS_WRITE_COMPACT);
        status = ar_buf_copy(&buf, call->arena, ret);
    }
    ar_buf_release(&buf);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}
