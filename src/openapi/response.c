#include "openapi/response.h"
#include "openapi/media_type.h"
#include "value/json.h"

static bool looks_like_json(struct arras_str body)
{
    struct arras_str text = ar_str_trim(body);
    return ar_str_starts(text, "{") || ar_str_starts(text, "[");
}

/* RFC 8259 section 8.1: a byte order mark may be ignored. */
static struct arras_str without_mark(struct arras_str body)
{
    return ar_str_starts(body, "\xEF\xBB\xBF") ? ar_str_from(body, 3) : body;
}

enum arras_status ar_response_body(const struct ar_http_response *response, struct ar_arena *arena,
                                   struct ar_diags *diags, const struct arras_value **ret)
{
    if (response->saved) {
        *ret = ar_value_new(arena, ar_string(ar_str_z(response->saved)));
        return *ret ? ARRAS_OK : ar_no_memory(diags);
    }
    if (response->body.len == 0) {
        *ret = NULL;
        return ARRAS_OK;
    }
    const struct arras_str *type = ar_headers_find(&response->headers, "Content-Type");
    struct arras_value value = ar_string(response->body);
    struct ar_source *source = ar_new(arena, struct ar_source);
    if (!source) {
        return ar_no_memory(diags);
    }
    *source = (struct ar_source){AR_STR("response body"), without_mark(response->body)};
    bool json = type ? ar_media_is_json(*type) : looks_like_json(source->text);
    enum arras_status status = json ? ar_json_read(source, arena, NULL, &value) : ARRAS_OK;
    if (status == ARRAS_NO_MEMORY) {
        return ar_no_memory(diags);
    }
    if (status) {
        value = ar_string(response->body);
        if (type) {
            ar_warning(diags, "body-not-json", source, 0,
                       "the response says that it is '%.*s', but its body is not JSON; it is taken "
                       "as text",
                       AR_STR_ARG(*type));
            ar_hint(diags, "nothing in it can be reached by a pointer");
        }
    }
    *ret = ar_value_new(arena, value);
    return *ret ? ARRAS_OK : ar_no_memory(diags);
}
