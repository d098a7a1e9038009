/* Up to the first NUL byte stands a header's value, behind it the body that came with it. The value
 * is read as every header that a server's answer may carry and as a URL; the body by its
 * Content-Type. */
#include "base/uri.h"
#include "openapi/media_type.h"
#include "openapi/response.h"
#include "run/retry_after.h"
#include "value/json.h"
#include "two_texts.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool within(struct arras_str part, struct arras_str whole)
{
    return !part.len || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void read_header(struct arras_str value, struct ar_arena *arena)
{
    double seconds = 0;
    if (ar_retry_after(value, 1800000000000000, &seconds) && !(seconds >= 0)) {
        abort();
    }
    if (!within(ar_media_essence(value), value) ||
        !within(ar_media_parameter(value, "charset"), value)) {
        abort();
    }
    struct arras_str resolved;
    if (ar_uri_resolve(AR_STR("http://h/a/b"), value, arena, &resolved) == ARRAS_OK &&
        !ar_uri_parse(resolved).has_scheme) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct two_texts input = split(data, size, "");
    struct ar_header headers[] = {{AR_STR("content-type"), input.first}};
    struct ar_http_response response = {
        .status = 200, .headers = {headers, 1}, .body = input.second};
    struct ar_arena arena;
    struct ar_diags diags;
    const struct arras_value *value;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    read_header(input.first, &arena);
    enum arras_status status = ar_response_body(&response, &arena, &diags, &value);
    if ((status != ARRAS_OK) != (diags.errors > 0)) {
        abort();
    }
    struct ar_buf text;
    ar_buf_init(&text, (size_t)1 << 20);
    if (!status && value) {
        ar_json_write(&text, value, 0);
    }
    ar_buf_release(&text);
    ar_arena_release(&arena);
    return 0;
}
