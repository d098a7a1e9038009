/* Any text as a description; each of its operations is called with arguments of every kind, and its
 * own text as the payload, or one that holds a file. */
#include "base/limits.h"
#include "openapi/media_type.h"
#include "openapi/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct arras_value *const_value(struct ar_arena *arena, const char *text,
                                             struct ar_document *document)
{
    return ar_document_parse(AR_STR("value"), ar_str_z(text), ARRAS_FORMAT_JSON, arena, NULL,
                             document)
               ? NULL
               : &document->root;
}

/* What is sent must be sendable. */
static void check(const struct ar_http_request *request)
{
    for (size_t i = 0; i < request->url.len; i++) {
        unsigned char c = (unsigned char)request->url.ptr[i];
        if (c <= ' ' || c >= 0x7F || c == '#') {
            abort();
        }
    }
    for (size_t i = 0; i < request->headers.count; i++) {
        struct arras_str value = request->headers.items[i].value;
        if (ar_str_find_char(value, '\n', 0) != AR_NOT_FOUND ||
            ar_str_find_char(value, '\r', 0) != AR_NOT_FOUND || ar_str_has_nul(value)) {
            abort();
        }
    }
}

/* Where there are parts they are the body, and none is empty; a multipart body that was made of a
 * value ends as it should (a text is sent as it stands). */
static void check_body(const struct ar_http_request *request, const struct arras_value *payload)
{
    struct arras_str end = request->body;
    for (size_t i = 0; i < request->part_count; i++) {
        const struct ar_body_part *part = &request->parts[i];
        if (request->body.len || (!part->path && !part->bytes.len)) {
            abort();
        }
        end = part->bytes;
    }
    bool compound = payload->type == ARRAS_OBJECT || payload->type == ARRAS_ARRAY;
    const struct arras_str *type = ar_headers_find(&request->headers, "Content-Type");
    if (request->has_body && compound && type && ar_media_is_multipart(*type) &&
        !ar_str_ends(end, "--\r\n")) {
        abort();
    }
}

static void call_all(const struct ar_description *description, const struct arras_value *payload,
                     const struct arras_value *value, const struct ar_uploads *uploads,
                     struct ar_arena *arena)
{
    for (size_t i = 0; i < ar_description_count(description); i++) {
        const struct ar_operation *operation = ar_description_at(description, i);
        struct ar_argument arguments[5];
        for (size_t in = 0; in < 5; in++) {
            arguments[in] = (struct ar_argument){AR_STR("a"), (enum ar_parameter_in)in, value, 0};
        }
        struct arras_str server;
        if (ar_operation_server(operation, NULL, arena, NULL, &server)) {
            server = AR_STR("http://h");
        }
        struct ar_call call = {.operation = operation,
                               .server = AR_STR("http://h"),
                               .arguments = arguments,
                               .argument_count = 5,
                               .payload = payload,
                               .uploads = uploads,
                               .strict = i % 2};
        struct ar_http_request request;
        if (ar_request_build(&call, arena, NULL, &request) == ARRAS_OK) {
            check(&request);
            check_body(&request, payload);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const values[] = {"\"x/y?#\\u00e9\"", "[1,null,[2]]",
                                         "{\"a\":{\"b\":[\"\"]},\"c\":1.50}",
                                         "{\"a\":\"@/proc/self/exe\",\"b\":[[\"@@x\",null]]}"};
    struct ar_arena arena;
    ar_arena_init(&arena, (size_t)256 << 20);
    struct arras_str text = {(const char *)data, size};
    struct ar_document document, value;
    struct ar_description *description;
    if (ar_document_parse(AR_STR("fuzz.json"), text, ARRAS_FORMAT_JSON, &arena, NULL, &document) ==
            ARRAS_OK &&
        ar_description_new(&document, AR_STR("http://h/d/a.json"), NULL, &arena, NULL,
                           &description) == ARRAS_OK) {
        for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
            const struct arras_value *given = const_value(&arena, values[i], &value);
            struct ar_uploads uploads;
            if (given && !ar_uploads_collect(given, &arena, &uploads)) {
                call_all(description, &document.root, given, &uploads, &arena);
                call_all(description, given, given, &uploads, &arena);
            }
        }
    }
    ar_arena_release(&arena);
    return 0;
}
