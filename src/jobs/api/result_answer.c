#include "jobs/api/result_answer.h"
#include "base/base64.h"
#include "base/limits.h"
#include "value/json.h"
#include "value/number.h"

/* What a result says of the answer; NULL: nothing. */
struct modifiers {
    const struct arras_value *status, *type, *headers, *encoding, *result;
};

static const struct arras_value *modifier(const struct arras_value *object, const char *windmill,
                                          const char *wm)
{
    const struct arras_value *value = ar_get_z(object, windmill);
    value = value ? value : ar_get_z(object, wm);
    return ar_is(value, ARRAS_NULL) ? NULL : value;
}

static bool read_modifiers(const struct arras_value *result, struct modifiers *ret)
{
    *ret = (struct modifiers){
        .status = modifier(result, "windmill_status_code", "wm_status_code"),
        .type = modifier(result, "windmill_content_type", "wm_content_type"),
        .headers = modifier(result, "windmill_headers", "wm_headers"),
        .encoding =
            modifier(result, "windmill_content_transfer_encoding", "wm_content_transfer_encoding"),
        .result = ar_get_z(result, "result"),
    };
    return ret->status || ret->type || ret->headers;
}

static bool wrong(struct ar_call *call, const char *name, const char *expected)
{
    ar_answer_textf(call, 500, "Internal: the job's result has a wrong %s: expected %s", name,
                    expected);
    return false;
}

static bool set_status(struct ar_call *call, const struct modifiers *m, bool success)
{
    int64_t status = !success ? 422 : m->result ? 200 : 204;
    if (m->status &&
        (!ar_is(m->status, ARRAS_NUMBER) || !ar_number_to_int64(ar_text(m->status), &status) ||
         status < 200 || status > 599)) {
        return wrong(call, "windmill_status_code", "a number from 200 to 599");
    }
    call->response->status = (int)status;
    return true;
}

/* RFC 9110 section 5.6.2. */
static bool is_token(struct arras_str text)
{
    bool valid = text.len > 0;
    for (size_t i = 0; valid && i < text.len; i++) {
        char c = text.ptr[i];
        valid = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                (c && strchr("!#$%&'*+-.^_`|~", c));
    }
    return valid;
}

static bool is_field_value(struct arras_str text)
{
    bool valid = true;
    for (size_t i = 0; valid && i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        valid = (c >= ' ' && c != 0x7f) || c == '\t';
    }
    return valid;
}

/* Those that say where the answer ends are the server's. */
static bool is_framing(struct arras_str name)
{
    return ar_str_is_nocase(name, "Content-Length") || ar_str_is_nocase(name, "Connection") ||
           ar_str_is_nocase(name, "Transfer-Encoding");
}

static bool set_headers(struct ar_call *call, const struct arras_value *headers)
{
    struct ar_headers *all = &call->response->headers;
    if (!headers) {
        return true;
    }
    if (!ar_is(headers, ARRAS_OBJECT)) {
        return wrong(call, "windmill_headers", "an object");
    }
    struct ar_header *items =
        ar_arena_array(call->arena, all->count + headers->count, sizeof(*items));
    if (!items) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    memcpy(items, all->items, all->count * sizeof(*items));
    for (uint32_t i = 0; i < headers->count; i++) {
        struct arras_str name = ar_member_name(&headers->members[i]);
        const struct arras_value *value = &headers->members[i].value;
        if (!is_token(name) || is_framing(name) || !ar_is(value, ARRAS_STRING) ||
            !is_field_value(ar_text(value))) {
            return wrong(call, "windmill_headers",
                         "names of headers, none of them about length or connection, with one-line "
                         "strings");
        }
        items[all->count + i] = (struct ar_header){name, ar_text(value)};
    }
    *all = (struct ar_headers){items, all->count + headers->count};
    return true;
}

static bool write_json(struct ar_call *call, const struct arras_value *value, struct arras_str *ret)
{
    *ret = AR_STR("");
    return !value || ar_call_json_text(call, value, ret);
}

/* Of another type than JSON, a string is its characters. */
static bool set_body(struct ar_call *call, const struct modifiers *m)
{
    struct arras_str *body = &call->response->body;
    call->response->content_type = m->result ? "application/json" : NULL;
    if (!m->type) {
        return write_json(call, m->result, body);
    }
    if (!ar_is(m->type, ARRAS_STRING) || !is_field_value(ar_text(m->type))) {
        return wrong(call, "windmill_content_type", "a one-line string");
    }
    call->response->content_type = ar_str_to_z(ar_text(m->type), call->arena);
    if (!ar_is(m->result, ARRAS_STRING)) {
        return write_json(call, m->result, body);
    }
    *body = ar_text(m->result);
    if (m->encoding &&
        (!ar_is(m->encoding, ARRAS_STRING) || !ar_str_is_nocase(ar_text(m->encoding), "base64") ||
         ar_base64_decode(*body, call->arena, body))) {
        return wrong(call, "windmill_content_transfer_encoding", "base64, and a result in Base64");
    }
    return true;
}

void ar_answer_result(struct ar_call *call, const struct ar_job *job)
{
    bool success = job->state == AR_JOB_SUCCESS;
    struct arras_str text = job->result.len ? job->result : AR_STR("null");
    struct ar_source source = {AR_STR("the result"), text};
    struct arras_value result;
    struct modifiers m;
    enum arras_status status = ar_json_read(&source, call->arena, &call->diags, &result);
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    if (!ar_is(&result, ARRAS_OBJECT) || !read_modifiers(&result, &m)) {
        ar_answer_json_text(call, success ? 200 : 422, text);
        return;
    }
    const struct ar_headers before = call->response->headers;
    if (!set_headers(call, m.headers) || !set_body(call, &m) || !set_status(call, &m, success)) {
        call->response->headers = before;
    }
}
