#include "openapi/authorize.h"
#include "base/base64.h"
#include "base/limits.h"
#include "base/uri.h"

bool ar_header_name_valid(struct arras_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c <= ' ' || c >= 0x7F || strchr("\"(),/:;<=>?@[\\]{}", c)) {
            return false;
        }
    }
    return name.len > 0;
}

bool ar_header_value_valid(struct arras_str value)
{
    return !ar_str_has_nul(value) && ar_str_find_char(value, '\r', 0) == AR_NOT_FOUND &&
           ar_str_find_char(value, '\n', 0) == AR_NOT_FOUND && value.len <= AR_HEADER_SIZE;
}

enum arras_status ar_request_set_header(struct ar_http_request *request, struct arras_str name,
                                        struct arras_str value, struct ar_arena *arena)
{
    size_t count = request->headers.count, at = 0;
    struct ar_header *headers = ar_new_array(arena, struct ar_header, count + 1);
    if (!headers) {
        return ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        headers[i] = request->headers.items[i];
    }
    while (at < count && !ar_str_eq_nocase(headers[at].name, name)) {
        at++;
    }
    headers[at] = (struct ar_header){name, value};
    request->headers = (struct ar_headers){headers, at == count ? count + 1 : count};
    return ARRAS_OK;
}

enum arras_status ar_request_add_query(struct ar_http_request *request, struct arras_str name,
                                       struct arras_str value, struct ar_arena *arena)
{
    struct ar_buf url;
    ar_buf_init(&url, AR_URL_LENGTH);
    ar_buf_add_str(&url, request->url);
    ar_buf_add_char(&url, ar_str_find_char(request->url, '?', 0) == AR_NOT_FOUND ? '?' : '&');
    ar_uri_encode(&url, name, "");
    ar_buf_add_char(&url, '=');
    ar_uri_encode(&url, value, "");
    request->secrets_at = request->secrets_at ? request->secrets_at : request->url.len;
    enum arras_status status = ar_buf_copy(&url, arena, &request->url);
    ar_buf_release(&url);
    return status;
}

/* RFC 6265 section 4.1.1, cookie-octet, but for the percent sign that begins an escape. */
static const char cookie_octets[] = "!#$&'()*+/:<=>?@[]^`{|}";

enum arras_status ar_request_add_cookie(struct ar_http_request *request, struct arras_str name,
                                        struct arras_str value, struct ar_arena *arena)
{
    const struct arras_str *before = ar_headers_find(&request->headers, "Cookie");
    struct arras_str cookies;
    struct ar_buf buf;
    ar_buf_init(&buf, AR_HEADER_SIZE);
    if (before && before->len) {
        ar_buf_printf(&buf, "%.*s; ", AR_STR_ARG(*before));
    }
    ar_uri_encode(&buf, name, "!#$&'*+^`|");
    ar_buf_add_char(&buf, '=');
    ar_uri_encode(&buf, value, cookie_octets);
    enum arras_status status = ar_buf_copy(&buf, arena, &cookies);
    ar_buf_release(&buf);
    return status ? status : ar_request_set_header(request, AR_STR("Cookie"), cookies, arena);
}

enum arras_status ar_basic_header(struct arras_str user, struct arras_str password,
                                  struct ar_arena *arena, struct arras_str *ret)
{
    struct ar_buf pair, header;
    ar_buf_init(&pair, AR_HEADER_SIZE);
    ar_buf_init(&header, AR_HEADER_SIZE);
    ar_buf_printf(&pair, "%.*s:%.*s", AR_STR_ARG(user), AR_STR_ARG(password));
    ar_buf_add_z(&header, "Basic ");
    ar_base64_encode(&header, ar_buf_str(&pair));
    enum arras_status status = ar_buf_status(&pair);
    status = status ? status : ar_buf_copy(&header, arena, ret);
    ar_buf_release(&pair);
    ar_buf_release(&header);
    return status;
}
