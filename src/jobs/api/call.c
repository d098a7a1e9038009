#include "jobs/api/call.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "jobs/time.h"
#include "jobs/api/uuid.h"
#include "value/json.h"
#include "value/number.h"

#define TEXT_TYPE "text/plain; charset=utf-8"

void ar_answer_text(struct ar_call *call, int status, struct arras_str text)
{
    call->response->status = status;
    call->response->content_type = TEXT_TYPE;
    call->response->body = text;
}

static void answer_no_memory(struct ar_call *call)
{
    ar_answer_text(call, 500, AR_STR("Internal: memory ran out"));
}

void ar_answer_textf(struct ar_call *call, int status, const char *format, ...)
{
    struct arras_str text;
    va_list args;
    va_start(args, format);
    bool made = ar_str_vprintf(call->arena, &text, format, args);
    va_end(args);
    if (made) {
        ar_answer_text(call, status, text);
    } else {
        answer_no_memory(call);
    }
}

void ar_answer_json_text(struct ar_call *call, int status, struct arras_str json)
{
    call->response->status = status;
    call->response->content_type = "application/json";
    call->response->body = json;
}

bool ar_call_json_text(struct ar_call *call, const struct arras_value *value, struct arras_str *ret)
{
    enum arras_status status =
        ar_json_text(value, ARRAS_WRITE_COMPACT, AR_SERVER_REQUEST_MEMORY, call->arena, ret);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

void ar_answer_json(struct ar_call *call, int status, const struct arras_value *value)
{
    struct arras_str text;
    if (ar_call_json_text(call, value, &text)) {
        ar_answer_json_text(call, status, text);
    }
}

void ar_answer_failed(struct ar_call *call, enum arras_status status)
{
    const struct arras_diag *diag = ar_diags_first_error(&call->diags);
    ar_tell_trouble(call->api->telemetry, "request_failed", &call->diags, status);
    if (diag) {
        ar_answer_textf(call, 500, "Internal: %.*s", AR_STR_ARG(diag->message));
    } else {
        ar_answer_textf(call, 500, "Internal: %s", arras_status_meaning(status));
    }
}

/* Finds a parameter that is not empty. */
static bool find(struct ar_call *call, const char *name, struct arras_str *ret, bool *ret_found)
{
    struct arras_str value;
    bool found;
    if (ar_query_find(call->request->query, name, call->arena, &value, &found)) {
        answer_no_memory(call);
        return false;
    }
    *ret_found = found && value.len;
    if (!*ret_found) {
        return true;
    }
    if (ar_str_has_nul(value) || ar_utf8_valid(value) != value.len) {
        ar_answer_textf(call, 400, "Bad request: query parameter %s is not UTF-8 text", name);
        return false;
    }
    *ret = value;
    return true;
}

static bool wrong_param(struct ar_call *call, const char *name, const char *expected,
                        struct arras_str found)
{
    ar_answer_textf(call, 400, "Bad request: query parameter %s: expected %s, found '%.*s'", name,
                    expected, AR_STR_ARG(ar_str_sub(found, 0, 100)));
    return false;
}

bool ar_param_text(struct ar_call *call, const char *name, struct arras_str *ret)
{
    bool found;
    return find(call, name, ret, &found);
}

bool ar_param_bool(struct ar_call *call, const char *name, bool *ret)
{
    struct arras_str text;
    bool found;
    if (!find(call, name, &text, &found)) {
        return false;
    }
    if (found && !ar_str_is(text, "true") && !ar_str_is(text, "false")) {
        return wrong_param(call, name, "true or false", text);
    }
    if (found) {
        *ret = ar_str_is(text, "true");
    }
    return true;
}

bool ar_param_tristate(struct ar_call *call, const char *name, int *ret)
{
    struct arras_str text = {NULL, 0};
    bool value = false;
    if (!ar_param_text(call, name, &text) || !ar_param_bool(call, name, &value)) {
        return false;
    }
    if (text.len) {
        *ret = value;
    }
    return true;
}

bool ar_param_int(struct ar_call *call, const char *name, int64_t least, int64_t most, int64_t *ret)
{
    struct arras_str text;
    bool found;
    int64_t number;
    if (!find(call, name, &text, &found)) {
        return false;
    }
    if (found && (!ar_str_int(text, &number) || number < least || number > most)) {
        ar_answer_textf(call, 400,
                        "Bad request: query parameter %s: expected a whole number from %lld to "
                        "%lld, found '%.*s'",
                        name, (long long)least, (long long)most,
                        AR_STR_ARG(ar_str_sub(text, 0, 100)));
        return false;
    }
    if (found) {
        *ret = number;
    }
    return true;
}

bool ar_param_time(struct ar_call *call, const char *name, int64_t *ret)
{
    struct arras_str text;
    bool found;
    if (!find(call, name, &text, &found)) {
        return false;
    }
    return !found || ar_time_read(text, ret) ||
           wrong_param(call, name, "a time such as 2026-01-02T03:04:05Z", text);
}

bool ar_param_uuid(struct ar_call *call, const char *name, struct arras_str *ret)
{
    struct arras_str text;
    bool found, valid;
    if (!find(call, name, &text, &found)) {
        return false;
    }
    if (found && !ar_uuid_read(text, call->arena, ret, &valid)) {
        answer_no_memory(call);
        return false;
    }
    return !found || valid || wrong_param(call, name, "a UUID", text);
}

bool ar_param_page(struct ar_call *call, size_t *ret_skip, size_t *ret_limit)
{
    int64_t page = 1, per_page = 1000;
    if (!ar_param_int(call, "page", 0, INT32_MAX, &page) ||
        !ar_param_int(call, "per_page", 0, INT32_MAX, &per_page)) {
        return false;
    }
    per_page = per_page < AR_JOB_LIST_MOST ? per_page : AR_JOB_LIST_MOST;
    *ret_limit = (size_t)per_page;
    *ret_skip = page > 1 ? (size_t)((page - 1) * per_page) : 0;
    return true;
}

bool ar_call_job_id(struct ar_call *call)
{
    struct arras_str id;
    bool valid;
    if (!ar_uuid_read(call->tail, call->arena, &id, &valid)) {
        answer_no_memory(call);
        return false;
    }
    if (!valid) {
        ar_answer_textf(call, 400, "Bad request: '%.*s' is not a job id, which is a UUID",
                        AR_STR_ARG(ar_str_sub(call->tail, 0, 100)));
        return false;
    }
    call->tail = id;
    return true;
}

bool ar_call_media_type(struct ar_call *call, struct arras_str *ret)
{
    const struct arras_str *header = ar_headers_find(&call->request->headers, "Content-Type");
    *ret = (struct arras_str){NULL, 0};
    if (!header) {
        return true;
    }
    struct arras_str rest = *header;
    struct arras_str type = ar_str_trim(ar_str_cut(&rest, ';'));
    char *lower = ar_arena_raw(call->arena, type.len + 1, 1);
    if (!lower) {
        answer_no_memory(call);
        return false;
    }
    for (size_t i = 0; i < type.len; i++) {
        char c = type.ptr[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    *ret = (struct arras_str){lower, type.len};
    return true;
}

bool ar_call_json_body(struct ar_call *call, bool optional, struct arras_value *ret)
{
    struct arras_str type;
    *ret = ar_null();
    if (optional && call->request->body.len == 0) {
        return true;
    }
    if (!ar_call_media_type(call, &type)) {
        return false;
    }
    if (!ar_str_is(type, "application/json") && !ar_str_ends(type, "+json")) {
        ar_answer_text(call, 415, AR_STR("Expected request with `Content-Type: application/json`"));
        return false;
    }
    struct ar_source source = {AR_STR("the body"), call->request->body};
    if (ar_json_read(&source, call->arena, &call->diags, ret)) {
        const struct arras_diag *diag = ar_diags_first_error(&call->diags);
        struct arras_str why = diag ? diag->message : AR_STR("memory ran out");
        ar_answer_textf(call, 400,
                        "Failed to parse the request body as JSON: %.*s at line %u column %u",
                        AR_STR_ARG(why), diag ? diag->line : 0, diag ? diag->column : 0);
        return false;
    }
    return true;
}

bool ar_call_is_object(struct ar_call *call, const struct arras_value *body)
{
    if (body->type != ARRAS_OBJECT) {
        ar_answer_textf(call, 422,
                        "Failed to deserialize the JSON body into the target type: expected an "
                        "object, found %s",
                        ar_type_name(body));
    }
    return body->type == ARRAS_OBJECT;
}

bool ar_member_text(struct ar_call *call, const struct arras_value *object, const char *name,
                    struct arras_str *ret)
{
    const struct arras_value *value = ar_get_z(object, name);
    if (!value || value->type == ARRAS_NULL) {
        return true;
    }
    if (value->type != ARRAS_STRING) {
        ar_answer_textf(call, 422,
                        "Failed to deserialize the JSON body into the target type: %s: "
                        "expected a string, found %s",
                        name, ar_type_name(value));
        return false;
    }
    *ret = ar_text(value);
    return true;
}

void ar_writer_init(struct ar_writer *writer, struct ar_arena *arena)
{
    ar_object_init(&writer->object, arena);
    writer->arena = arena;
    writer->status = ARRAS_OK;
}

/* Remembers the first failure. */
static void check(struct ar_writer *writer, bool made)
{
    if (!made && !writer->status) {
        writer->status = ARRAS_NO_MEMORY;
    }
}

void ar_put(struct ar_writer *writer, const char *name, struct arras_value value)
{
    check(writer, ar_object_set_z(&writer->object, name, value));
}

void ar_put_text(struct ar_writer *writer, const char *name, struct arras_str text)
{
    ar_put(writer, name, ar_string(text));
}

void ar_put_text_if(struct ar_writer *writer, const char *name, struct arras_str text)
{
    if (text.len) {
        ar_put_text(writer, name, text);
    }
}

void ar_put_bool(struct ar_writer *writer, const char *name, bool value)
{
    ar_put(writer, name, ar_bool(value));
}

void ar_put_null(struct ar_writer *writer, const char *name)
{
    ar_put(writer, name, ar_null());
}

void ar_put_int(struct ar_writer *writer, const char *name, int64_t number)
{
    struct arras_value value = ar_null();
    check(writer, ar_int(writer->arena, number, &value));
    ar_put(writer, name, value);
}

void ar_put_time(struct ar_writer *writer, const char *name, int64_t microseconds)
{
    char text[AR_TIME_LENGTH + 1];
    struct arras_str copy = {NULL, 0};
    if (microseconds == 0) {
        ar_put_null(writer, name);
        return;
    }
    ar_time_write(microseconds, text);
    check(writer, ar_str_copy(ar_str_z(text), writer->arena, &copy));
    ar_put_text(writer, name, copy);
}

void ar_put_json(struct ar_writer *writer, const char *name, struct arras_str json)
{
    struct ar_source source = {AR_STR("the store"), json};
    struct arras_value value = ar_null();
    enum arras_status status = ar_json_read(&source, writer->arena, NULL, &value);
    if (status && !writer->status) {
        writer->status = status;
    }
    ar_put(writer, name, value);
}

enum arras_status ar_writer_value(struct ar_writer *writer, struct arras_value *ret)
{
    if (!writer->status && !ar_object_value(&writer->object, ret)) {
        writer->status = ARRAS_NO_MEMORY;
    }
    return writer->status;
}

void ar_answer_object(struct ar_call *call, int status, struct ar_writer *writer)
{
    struct arras_value value;
    enum arras_status made = ar_writer_value(writer, &value);
    if (made) {
        ar_answer_failed(call, made);
    } else {
        ar_answer_json(call, status, &value);
    }
}
