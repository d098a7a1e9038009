#include "drive/exchange.h"
#include "base/limits.h"
#include "base/utf8.h"

enum { BODY_SHOWN = 8192 };

static void add_headers(struct ar_buf *buf, const struct ar_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        const struct ar_header *header = &headers->items[i];
        struct arras_str value =
            ar_is_secret_header(header->name) ? AR_STR(AR_HIDDEN) : header->value;
        ar_buf_printf(buf, "%.*s: %.*s\n", AR_STR_ARG(header->name), AR_STR_ARG(value));
    }
}

/* Hidden before it is cut: half a secret would not be found any more. */
static void add_body(struct ar_buf *buf, const struct ar_secrets *secrets, struct arras_str body,
                     struct ar_arena *arena)
{
    if (body.len == 0) {
        return;
    }
    ar_buf_add_char(buf, '\n');
    if (ar_utf8_valid(body) < body.len || ar_str_has_nul(body)) {
        ar_buf_printf(buf, "(%zu bytes that are no text)\n", body.len);
        return;
    }
    if (!ar_secrets_hide(secrets, body, arena, &body)) {
        buf->status = ARRAS_NO_MEMORY;
        return;
    }
    size_t shown = body.len < BODY_SHOWN ? body.len : BODY_SHOWN;
    while (shown < body.len && shown > 0 && ((unsigned char)body.ptr[shown] & 0xC0) == 0x80) {
        shown--;
    }
    ar_buf_add_str(buf, ar_str_sub(body, 0, shown));
    if (shown < body.len) {
        ar_buf_printf(buf, "\n(%zu bytes more)", body.len - shown);
    }
    ar_buf_add_char(buf, '\n');
}

/* A file by its name: it is not read for this. */
static void add_parts(struct ar_buf *buf, const struct ar_secrets *secrets,
                      const struct ar_http_request *request, struct ar_arena *arena)
{
    struct ar_buf body;
    ar_buf_init(&body, AR_RESPONSE_SIZE);
    for (size_t i = 0; i < request->part_count; i++) {
        const struct ar_body_part *part = &request->parts[i];
        if (part->path) {
            ar_buf_printf(&body, "(the file '%s', %llu bytes)", part->path,
                          (unsigned long long)part->size);
        }
        ar_buf_add_str(&body, part->bytes);
    }
    add_body(buf, secrets, ar_buf_str(&body), arena);
    if (ar_buf_status(&body)) {
        buf->status = ar_buf_status(&body);
    }
    ar_buf_release(&body);
}

static enum arras_status finish(struct ar_buf *buf, const struct ar_secrets *secrets,
                                struct ar_arena *arena, struct arras_str *ret)
{
    enum arras_status status = ar_buf_copy(buf, arena, ret);
    ar_buf_release(buf);
    return status                                       ? status
           : ar_secrets_hide(secrets, *ret, arena, ret) ? ARRAS_OK
                                                        : ARRAS_NO_MEMORY;
}

enum arras_status ar_exchange_request(const struct ar_secrets *secrets,
                                      const struct ar_http_request *request, struct ar_arena *arena,
                                      struct arras_str *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_RESPONSE_SIZE);
    ar_buf_printf(&buf, "%.*s %.*s\n", AR_STR_ARG(request->method), AR_STR_ARG(request->url));
    add_headers(&buf, &request->headers);
    if (request->part_count) {
        add_parts(&buf, secrets, request, arena);
    } else {
        add_body(&buf, secrets, request->has_body ? request->body : (struct arras_str){0}, arena);
    }
    if (request->save) {
        ar_buf_printf(&buf, "(the body of the response goes to %s)\n", request->save);
    }
    return finish(&buf, secrets, arena, ret);
}

static void add_response(struct ar_buf *buf, const struct ar_secrets *secrets,
                         const struct ar_http_response *response, bool hidden,
                         struct ar_arena *arena)
{
    if (response->url.len) {
        ar_buf_printf(buf, "(redirected to %.*s)\n", AR_STR_ARG(response->url));
    }
    ar_buf_printf(buf, "%d\n", response->status);
    add_headers(buf, &response->headers);
    if (hidden) {
        ar_buf_add_z(buf, "\n(not shown)\n");
    } else {
        add_body(buf, secrets, response->body, arena);
    }
    if (response->saved) {
        ar_buf_printf(buf, "\n(%llu bytes saved to %s)\n",
                      (unsigned long long)response->saved_bytes, response->saved);
    }
}

enum arras_status ar_exchange_tell(const struct arras_observer *observer,
                                   const struct ar_secrets *secrets,
                                   const struct ar_http_request *request,
                                   const struct ar_http_result *result, bool own,
                                   struct ar_arena *arena)
{
    struct arras_str sent, received;
    struct ar_buf buf;
    enum arras_status status = ar_exchange_request(secrets, request, arena, &sent);
    if (status) {
        return status;
    }
    ar_buf_init(&buf, AR_RESPONSE_SIZE);
    if (result->status) {
        ar_buf_printf(&buf, "%.*s\n", AR_STR_ARG(result->error));
    } else {
        add_response(&buf, secrets, &result->response, own && result->response.status < 400, arena);
    }
    status = finish(&buf, secrets, arena, &received);
    if (!status) {
        observer->exchange(observer->context, sent, received);
    }
    return status;
}
