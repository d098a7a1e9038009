/* Bodies that have a form of their own: multipart/form-data, XML; and response bodies. */
#include "fixture.h"
#include "unit/harness.h"
#include "openapi/response.h"
#include "value/json.h"
#include <unistd.h>

static const char api[] =
    "openapi: 3.0.4\n"
    "paths:\n"
    "  /m: {post: {operationId: multipart, requestBody: {content: {multipart/form-data: {\n"
    "        schema: {$ref: '#/components/schemas/Upload'},\n"
    "        encoding: {meta: {contentType: 'application/json'}, pic: {contentType: 'image/png, "
    "image/gif'}}}}}}}\n"
    "  /x: {post: {operationId: xml, requestBody: {content: {application/xml: {\n"
    "        schema: {$ref: '#/components/schemas/Pet'}}}}}}\n"
    "  /a: {post: {operationId: any, requestBody: {content: {'*/*': {}}}}}\n"
    "components:\n"
    "  schemas:\n"
    "    Upload:\n"
    "      properties:\n"
    "        file: {type: string, format: binary}\n"
    "        files: {type: array, items: {type: string, format: binary}}\n"
    "    Base: {properties: {id: {type: integer, xml: {attribute: true}}}}\n"
    "    Pet:\n"
    "      allOf:\n"
    "      - {$ref: '#/components/schemas/Base'}\n"
    "      - properties:\n"
    "          name: {xml: {namespace: 'http://x/y&z', prefix: s}}\n"
    "          plain: {type: array, items: {type: string}}\n"
    "          named: {type: array, xml: {name: ignored}, items: {xml: {name: animal}}}\n"
    "          wrapped: {type: array, xml: {wrapped: true}, items: {type: string}}\n"
    "          both: {type: array, xml: {name: aliens, wrapped: true}, items: {xml: {name: "
    "animal}}}\n"
    "          outer: {type: array, xml: {name: aliens, wrapped: true}, items: {type: string}}\n"
    "          lang: {xml: {name: 'xml:lang', attribute: true}}\n"
    "          $bad: {}\n";

static const struct {
    const char *payload, *wanted;
} xml_cases[] = {
    {"{}", "<Pet></Pet>"},
    {"{\"name\":\"a<b>&\\\"c\\\"\",\"id\":7,\"lang\":\"d\\\"e\"}",
     "<Pet id=\"7\" xml:lang=\"d&#34;e\"><s:name "
     "xmlns:s=\"http://x/y&#38;z\">a&#60;b&#62;&#38;\"c\"</s:name></Pet>"},
    {"{\"plain\":[\"a\",\"b\"]}", "<Pet><plain>a</plain><plain>b</plain></Pet>"},
    {"{\"named\":[1]}", "<Pet><animal>1</animal></Pet>"},
    {"{\"wrapped\":[\"a\"]}", "<Pet><wrapped><wrapped>a</wrapped></wrapped></Pet>"},
    {"{\"both\":[\"a\"]}", "<Pet><aliens><animal>a</animal></aliens></Pet>"},
    {"{\"outer\":[\"a\"]}", "<Pet><aliens><aliens>a</aliens></aliens></Pet>"},
    {"{\"unknown\":{\"x\":[1,{\"y\":true}],\"z\":null}}",
     "<Pet><unknown><x>1</x><x><y>true</y></x><z></z></unknown></Pet>"},
    {"{\"plain\":[]}", "<Pet></Pet>"},
    {"{\"wrapped\":[]}", "<Pet><wrapped></wrapped></Pet>"},
};

static void xml_follows_the_schema(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    for (size_t i = 0; i < sizeof(xml_cases) / sizeof(*xml_cases); i++) {
        struct arras_str wanted;
        assert_true(ar_str_printf(&f.arena, &wanted,
                                  "POST http://h/x\nAccept: */*\nContent-Type: application/xml\n\n"
                                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n%s\n",
                                  xml_cases[i].wanted));
        assert_string_equal(fixture_request(&f, "xml", NULL, xml_cases[i].payload, NULL, true),
                            wanted.ptr);
    }
    assert_string_equal(fixture_request(&f, "xml", NULL, "\"<already/>\"", NULL, true),
                        "POST http://h/x\nAccept: */*\nContent-Type: application/xml\n\n"
                        "<already/>\n");
    fixture_close(&f);
}

static void what_xml_cannot_hold_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    assert_string_equal(fixture_request(&f, "xml", NULL, "{\"a b\":1}", NULL, true),
                        "invalid body-not-xml: this is no name of an XML element or attribute: "
                        "'a b'\n");
    assert_string_equal(fixture_request(&f, "xml", NULL, "{\"a\":\"x\\u0001\"}", NULL, true),
                        "invalid body-not-xml: XML cannot hold the control characters of: "
                        "'x\x01'\n");
    fixture_close(&f);
}

static void multipart_has_a_part_for_each_member(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    const char *text = fixture_request(
        &f, "multipart", NULL,
        "{\"a\\\"\\r\\n\":\"x y\",\"n\":19.10,\"o\":{\"p\":1},\"list\":[1,{\"q\":2}],"
        "\"file\":\"F\",\"files\":[\"G\"],\"meta\":[1,\"2\"],\"pic\":\"P\",\"gone\":null}",
        NULL, true);
    const char *at = strstr(text, "boundary=");
    assert_non_null(at);
    char boundary[64];
    snprintf(boundary, sizeof(boundary), "%.*s", (int)strcspn(at + 9, "\n"), at + 9);
    struct arras_str wanted;
    assert_true(ar_str_printf(
        &f.arena, &wanted,
        "POST http://h/m\nAccept: */*\nContent-Type: multipart/form-data; boundary=%s\n\n"
        "--%s\r\nContent-Disposition: form-data; name=\"a%%22%%0D%%0A\"\r\n\r\nx y\r\n"
        "--%s\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n19.10\r\n"
        "--%s\r\nContent-Disposition: form-data; name=\"o\"\r\n"
        "Content-Type: application/json\r\n\r\n{\"p\":1}\r\n"
        "--%s\r\nContent-Disposition: form-data; name=\"list\"\r\n\r\n1\r\n"
        "--%s\r\nContent-Disposition: form-data; name=\"list\"\r\n"
        "Content-Type: application/json\r\n\r\n{\"q\":2}\r\n"
        "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\nF\r\n"
        "--%s\r\nContent-Disposition: form-data; name=\"files\"; filename=\"files\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\nG\r\n"
        "--%s\r\nContent-Disposition: form-data; name=\"meta\"\r\n"
        "Content-Type: application/json\r\n\r\n1\r\n"
        "--%s\r\nContent-Disposition: form-data; name=\"meta\"\r\n"
        "Content-Type: application/json\r\n\r\n\"2\"\r\n"
        "--%s\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"pic\"\r\n"
        "Content-Type: image/png\r\n\r\nP\r\n"
        "--%s--\r\n\n",
        boundary, boundary, boundary, boundary, boundary, boundary, boundary, boundary, boundary,
        boundary, boundary, boundary));
    assert_string_equal(text, wanted.ptr);
    fixture_close(&f);
}

static void boundaries_are_the_same_each_time_and_not_within_the_parts(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    const char *first = fixture_request(&f, "multipart", NULL, "{\"a\":\"x\"}", NULL, true);
    assert_string_equal(first, fixture_request(&f, "multipart", NULL, "{\"a\":\"x\"}", NULL, true));
    const char *given = "multipart/form-data; boundary=\"mine\"";
    const char *text = fixture_request(&f, "multipart", NULL, "{\"a\":\"x\"}", given, true);
    assert_non_null(strstr(text, "boundary=\"mine\"\n"));
    assert_non_null(strstr(text, "\n--mine\r\n"));
    text = fixture_request(&f, "multipart", NULL, "{\"a\":\"mine\"}", given, true);
    assert_null(strstr(text, "boundary=\"mine\"\n"));
    assert_non_null(strstr(text, "; boundary=arras-"));
    fixture_close(&f);
}

static const struct {
    const char *type, *body, *wanted; /* JSON of the value; NULL: none */
    bool warned;
} responses[] = {
    {"application/json", " {\"a\": 1.0}\n", "{\"a\":1.0}", false},
    {"application/problem+json; charset=utf-8", "[]", "[]", false},
    {"APPLICATION/JSON", "null", "null", false},
    {"text/json", "1", "1", false},
    {"application/json", "\xEF\xBB\xBF{}", "{}", false},
    {"application/json", "<html>", "\"<html>\"", true},
    {"application/json", "{\"a\":1,\"a\":2}", "{\"a\":2}", false},
    {"text/plain", "{\"a\":1}", "\"{\\\"a\\\":1}\"", false},
    {"application/xml", "<a/>", "\"<a/>\"", false},
    {"application/json", "", NULL, false},
    {"text/plain", "", NULL, false},
    {NULL, "{\"a\":1}", "{\"a\":1}", false},
    {NULL, "{not", "\"{not\"", false},
    {NULL, "12", "\"12\"", false},
};

static void responses_become_values_by_their_type(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    for (size_t i = 0; i < sizeof(responses) / sizeof(*responses); i++) {
        struct ar_header header = {AR_STR("content-TYPE"), ar_str_z(responses[i].type)};
        struct ar_http_response response = {.status = 200,
                                            .headers = {&header, responses[i].type ? 1 : 0},
                                            .body = ar_str_z(responses[i].body)};
        const struct arras_value *value;
        ar_diags_init(&f.diags, &f.arena);
        assert_int_equal(ar_response_body(&response, &f.arena, &f.diags, &value), ARRAS_OK);
        assert_int_equal(f.diags.warnings, responses[i].warned);
        assert_int_equal(value != NULL, responses[i].wanted != NULL);
        struct ar_buf buf;
        ar_buf_init(&buf, 4096);
        ar_json_write(&buf, value, ARRAS_WRITE_COMPACT);
        assert_true(ar_str_is(ar_buf_str(&buf), value ? responses[i].wanted : "null"));
        ar_buf_release(&buf);
    }
    fixture_close(&f);
}

static void bytes_stay_bytes(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    struct ar_header header = {AR_STR("Content-Type"), AR_STR("text/plain")};
    struct ar_http_response response = {
        .status = 200, .headers = {&header, 1}, .body = AR_STR("a\0\xff")};
    const struct arras_value *value;
    assert_int_equal(ar_response_body(&response, &f.arena, &f.diags, &value), ARRAS_OK);
    assert_int_equal(value->count, 3);
    assert_memory_equal(value->text, "a\0\xff", 3);
    fixture_close(&f);
}

/* Parts of files; what is no file stays text, and so does what is no upload. */
static void uploads_become_parts(void **state)
{
    (void)state;
    struct fixture f;
    struct ar_uploads uploads;
    char file[] = "/tmp/arras-upload-XXXXXX", inputs[256], payload[256], wanted[256];
    int fd = mkstemp(file);
    assert_true(fd >= 0 && write(fd, "12345", 5) == 5 && close(fd) == 0);
    fixture_open(&f, "/api.yaml", api, NULL);
    snprintf(inputs, sizeof(inputs), "{\"file\":\"@%s\",\"a\":\"@@x\",\"gone\":\"@/no/such\"}",
             file);
    assert_int_equal(ar_uploads_collect(fixture_value(&f, inputs), &f.arena, &uploads), ARRAS_OK);
    f.uploads = &uploads;
    snprintf(payload, sizeof(payload), "{\"file\":\"@%s\",\"a\":\"@@x\",\"b\":\"@/etc/passwd\"}",
             file);
    const char *text = fixture_request(&f, "multipart", NULL, payload, NULL, true);
    snprintf(
        wanted, sizeof(wanted),
        "; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n(5 bytes of %s)\r\n--",
        strrchr(file, '/') + 1, file);
    assert_non_null(strstr(text, wanted));
    assert_non_null(strstr(text, "\"a\"\r\n\r\n@x\r\n"));
    assert_non_null(strstr(text, "\"b\"\r\n\r\n@/etc/passwd\r\n"));
    /* nobody can know the boundary of a body with files */
    assert_string_not_equal(text, fixture_request(&f, "multipart", NULL, payload, NULL, true));
    assert_string_equal(
        fixture_request(&f, "multipart", NULL, "{\"file\":\"@/no/such\"}", NULL, true),
        "invalid upload: the input 'gone' names the file '/no/such': there is no such file\n");
    unlink(file);
    assert_non_null(strstr(fixture_request(&f, "multipart", NULL, payload, NULL, true),
                           "invalid upload: the input 'file' names"));
    fixture_close(&f);
}

static const struct {
    const char *type, *payload, *wanted;
} texts[] = {
    {"text/plain; charset=iso-8859-1", "\"\u00e9\"", "\xE9\n"},
    {"text/plain; charset=UTF-8", "\"\u00e9\"", "\xC3\xA9\n"},
    {"text/plain", "\"\u00e9\"", "\xC3\xA9\n"},
    {"text/csv; charset=utf-16le", "\"ab\"", "a"},
};

static void texts_are_written_in_their_charset(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        const char *text = fixture_request(&f, "any", NULL, texts[i].payload, texts[i].type, false);
        const char *body = strstr(text, "\n\n");
        assert_non_null(body);
        assert_int_equal(strncmp(body + 2, texts[i].wanted, strlen(texts[i].wanted)), 0);
    }
    assert_string_equal(
        fixture_request(&f, "any", NULL, "\"\u20ac\"", "text/plain; charset=iso-8859-1", false),
        "invalid body-charset: the body of operation 'any' cannot be written in the charset "
        "'iso-8859-1'\n");
    assert_string_equal(
        fixture_request(&f, "any", NULL, "\"a\"", "text/plain; charset=utf-8//IGNORE", false),
        "invalid body-charset: the body of operation 'any' cannot be written in the charset "
        "'utf-8//IGNORE'\n");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xml_follows_the_schema),
        cmocka_unit_test(what_xml_cannot_hold_is_refused),
        cmocka_unit_test(multipart_has_a_part_for_each_member),
        cmocka_unit_test(boundaries_are_the_same_each_time_and_not_within_the_parts),
        cmocka_unit_test(uploads_become_parts),
        cmocka_unit_test(texts_are_written_in_their_charset),
        cmocka_unit_test(responses_become_values_by_their_type),
        cmocka_unit_test(bytes_stay_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
