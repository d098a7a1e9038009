/* Requests as they are sent: arguments and payloads in, text out. */
#include "fixture.h"
#include "unit/harness.h"

static const char api[] =
    "openapi: 3.1.1\n"
    "paths:\n"
    "  /a/{id}:\n"
    "    get:\n"
    "      operationId: get\n"
    "      parameters:\n"
    "      - {name: id, in: path, required: true, schema: {type: string}}\n"
    "      - {name: q, in: query, schema: {}}\n"
    "      - {name: filter, in: query, content: {application/json: {}}}\n"
    "      - {name: note, in: query, content: {text/plain: {}}}\n"
    "      - {name: X-Tags, in: header, explode: true, schema: {}}\n"
    "      - {name: sid, in: cookie, schema: {}}\n"
    "      - {name: theme, in: cookie, schema: {}}\n"
    "      responses:\n"
    "        '200': {content: {application/xml: {}, application/vnd.x+json: {}}}\n"
    "        '404': {content: {application/json: {}}}\n"
    "  /label/{id}{kind}:\n"
    "    get:\n"
    "      operationId: styles\n"
    "      parameters:\n"
    "      - {name: id, in: path, style: label, schema: {}}\n"
    "      - {name: kind, in: path, style: matrix, explode: true, schema: {}}\n"
    "  /files/{+path}/{file}:\n"
    "    get:\n"
    "      operationId: reserved\n"
    "      parameters:\n"
    "      - {name: path, in: path, schema: {}}\n"
    "      - {name: file, in: path, allowReserved: true, schema: {}}\n"
    "  /b c/{key}?uploadId={uploadId}&x#part:\n"
    "    put:\n"
    "      operationId: queryInPath\n"
    "      parameters:\n"
    "      - {name: key, in: path, schema: {}}\n"
    "      - {name: uploadId, in: query, schema: {}}\n"
    "      - {name: n, in: query, schema: {}}\n"
    "  /json: {post: {operationId: json, requestBody: {content: {application/xml: {},\n"
    "          application/json: {schema: {type: object}}}}}}\n"
    "  /string: {post: {operationId: string, requestBody: {content: {application/json:\n"
    "          {schema: {$ref: '#/components/schemas/Text'}}}}}}\n"
    "  /patch: {patch: {operationId: merge, requestBody: {content: {application/merge-patch+json:\n"
    "          {}}}}}\n"
    "  /form: {post: {operationId: form, requestBody: {content: "
    "{application/x-www-form-urlencoded:\n"
    "          {encoding: {list: {explode: false}}}}}}}\n"
    "  /range: {post: {operationId: range, requestBody: {content: {image/*: {}}}}}\n"
    "  /any: {post: {operationId: any, requestBody: {content: {'*/*': {}}}}}\n"
    "  /text: {post: {operationId: text, requestBody: {content: {text/plain: {}}}}}\n"
    "  /missing: {post: {operationId: missing, requestBody: {$ref: 'gone.yaml#/x'}}}\n"
    "components: {schemas: {Text: {type: string}}}\n";

static const struct {
    const char *operation, *arguments, *payload, *type, *wanted;
} cases[] = {
    /* parameters */
    {"get",
     "[[\"path\",\"id\",\"a/b\"],[\"query\",\"q\",[1,\"b&\"]],"
     "[\"query\",\"filter\",{\"a\":[1]}],[\"query\",\"note\",\"x y\"],"
     "[\"header\",\"X-Tags\",{\"a\":1,\"b\":\"c d\"}],[\"cookie\",\"sid\",\"s=1\"],"
     "[\"cookie\",\"theme\",\"dark;\"]]",
     NULL, NULL,
     "GET http://h/a/a%2Fb?q=1&q=b%26&filter=%7B%22a%22%3A%5B1%5D%7D&note=x%20y\n"
     "X-Tags: a=1,b=c d\n"
     "Cookie: sid=s%3D1; theme=dark%3B\n"
     "Accept: application/vnd.x+json, */*;q=0.1\n"},
    {"get", "[[\"path\",\"id\",1e3],[\"query\",\"q\",null],[\"header\",\"X-Tags\",null]]", NULL,
     NULL, "GET http://h/a/1e3\nAccept: application/vnd.x+json, */*;q=0.1\n"},
    {"get", "[[\"path\",\"id\",null]]", NULL, NULL,
     "invalid missing-path-parameter: operation 'get' needs the path parameter 'id'\n"},
    {"get", "[[\"query\",\"id\",1]]", NULL, NULL,
     "warning undeclared-parameter: operation 'get' declares no parameter 'id' in query\n"
     "invalid missing-path-parameter: operation 'get' needs the path parameter 'id'\n"},
    {"get", "[[\"path\",\"id\",1],[\"query\",\"new\",[1,2]],[\"header\",\"accept\",\"*/*\"]]", NULL,
     NULL,
     "GET http://h/a/1?new=1&new=2\naccept: */*\n"
     "warning undeclared-parameter: operation 'get' declares no parameter 'new' in query\n"},
    {"get", "[[\"path\",\"id\",1],[\"path\",\"other\",2]]", NULL, NULL,
     "GET http://h/a/1\nAccept: application/vnd.x+json, */*;q=0.1\n"
     "warning unplaced-parameter: operation 'get': the path /a/{id} has no place for 'other', "
     "which is not sent\n"},
    {"get", "[[\"path\",\"id\",1],[\"header\",\"X-Tags\",\"a\\r\\nB: c\"]]", NULL, NULL,
     "invalid bad-header: operation 'get', header 'X-Tags': the value of a header may hold no line "
     "end or NUL\n"},
    {"get", "[[\"path\",\"id\",1],[\"header\",\"X-Tags\",\"a\\u0000\"]]", NULL, NULL,
     "invalid bad-header: operation 'get', header 'X-Tags': the value of a header may hold no line "
     "end or NUL\n"},
    {"get", "[[\"path\",\"id\",1],[\"header\",\"X: Y\",\"a\"]]", NULL, NULL,
     "warning undeclared-parameter: operation 'get' declares no parameter 'X: Y' in header\n"
     "invalid bad-header: operation 'get', header 'X: Y': this cannot be the name of a header\n"},
    {"get",
     "[[\"path\",\"id\",1],[\"header\",\"Cookie\",\"a=b\"],[\"cookie\",\"sid\",2],"
     "[\"header\",\"Accept\",\"text/html\"]]",
     NULL, NULL,
     "GET http://h/a/1\nAccept: text/html\nCookie: a=b; sid=2\n"
     "warning undeclared-parameter: operation 'get' declares no parameter 'Cookie' in header\n"},
    {"get", "[[\"path\",\"id\",1],[\"querystring\",\"all\",\"a=b c&d=%41\"]]", NULL, NULL,
     "GET http://h/a/1?a=b%20c&d=%41\nAccept: application/vnd.x+json, */*;q=0.1\n"},
    {"get",
     "[[\"path\",\"id\",1],[\"query\",\"q\",1],[\"querystring\",\"all\",{\"a\":\"b "
     "c\",\"d\":{\"e\":1}}]]",
     NULL, NULL,
     "GET http://h/a/1?q=1&a=b+c&d%5Be%5D=1\nAccept: application/vnd.x+json, */*;q=0.1\n"
     "warning querystring-text: operation 'get': the whole query 'all' must be a text, it is of "
     "type object\n"},
    {"styles", "[[\"path\",\"id\",\"x\"],[\"path\",\"kind\",[1,2]]]", NULL, NULL,
     "GET http://h/label/.x;kind=1;kind=2\nAccept: */*\n"},
    {"reserved", "[[\"path\",\"path\",\"a/b?c\"],[\"path\",\"file\",\"d/e#f\"]]", NULL, NULL,
     "GET http://h/files/a/b%3Fc/d/e%23f\nAccept: */*\n"},
    {"queryInPath",
     "[[\"path\",\"key\",\"k\"],[\"query\",\"uploadId\",\"u&\"],[\"query\",\"n\",1]]", NULL, NULL,
     "PUT http://h/b%20c/k?uploadId=u%26&x&n=1\nAccept: */*\n"},

    /* bodies: what is empty is sent as well */
    {"json", NULL, "{}", NULL,
     "POST http://h/json\nAccept: */*\nContent-Type: application/json\n\n{}\n"},
    {"json", NULL, "[]", NULL,
     "POST http://h/json\nAccept: */*\nContent-Type: application/json\n\n[]\n"},
    {"json", NULL, "\"\"", NULL,
     "POST http://h/json\nAccept: */*\nContent-Type: application/json\n\n\"\"\n"},
    {"json", NULL, "0", NULL,
     "POST http://h/json\nAccept: */*\nContent-Type: application/json\n\n0\n"},
    {"json", NULL, "false", NULL,
     "POST http://h/json\nAccept: */*\nContent-Type: application/json\n\nfalse\n"},
    {"json", NULL, "null", NULL,
     "POST http://h/json\nAccept: */*\nContent-Type: application/json\n\nnull\n"},
    {"json", NULL, NULL, "application/json", "POST http://h/json\nAccept: */*\n"},
    {"json", NULL, "{ \"n\": 9007199254740993, \"x\": 19.10 }", NULL,
     "POST http://h/json\nAccept: */*\nContent-Type: application/json\n\n"
     "{\"n\":9007199254740993,\"x\":19.10}\n"},
    /* a text that is JSON already, as the specification's examples have it */
    {"json", NULL, "\"{ \\\"a\\\": 1 }\\n\"", NULL,
     "POST http://h/json\nAccept: */*\nContent-Type: application/json\n\n{ \"a\": 1 }\n\n"},
    {"json", NULL, "\"{ a }\"", NULL,
     "invalid payload-not-json: the body of operation 'json' is of type 'application/json', but "
     "the "
     "payload is a text that begins as JSON and is none\n"},
    {"string", NULL, "\"{}\"", NULL,
     "POST http://h/string\nAccept: */*\nContent-Type: application/json\n\n\"{}\"\n"},
    {"merge", NULL, "{\"a\":null}", NULL,
     "PATCH http://h/patch\nAccept: */*\nContent-Type: application/merge-patch+json\n\n"
     "{\"a\":null}\n"},
    {"merge", NULL, "{}", "application/json",
     "PATCH http://h/patch\nAccept: */*\nContent-Type: application/json\n\n{}\n"
     "warning undeclared-parameter: operation 'merge' declares no request body of type "
     "'application/json'\n"},
    {"get", "[[\"path\",\"id\",1],[\"header\",\"Accept\",\"a\"]]", "{}", NULL,
     "GET http://h/a/1\nAccept: a\nContent-Type: application/json\n\n{}\n"
     "warning undeclared-parameter: operation 'get' declares no request body\n"},
    {"form", NULL, "{\"a\":\"x y\",\"list\":[1,2],\"o\":{\"p\":[3]}}", NULL,
     "POST http://h/form\nAccept: */*\nContent-Type: application/x-www-form-urlencoded\n\n"
     "a=x+y&list=1,2&o%5Bp%5D%5B0%5D=3\n"},
    {"form", NULL, "\"a=b\"", NULL,
     "POST http://h/form\nAccept: */*\nContent-Type: application/x-www-form-urlencoded\n\na=b\n"},
    {"form", NULL, "[1]", NULL,
     "invalid body-type: the body of operation 'form' is of type "
     "'application/x-www-form-urlencoded', which needs an object, not array\n"},
    {"form", "[[\"header\",\"content-type\",\"application/json; charset=utf-8\"]]", "{\"a\":1}",
     "text/plain",
     "POST http://h/form\nAccept: */*\nContent-Type: application/json; charset=utf-8\n\n"
     "{\"a\":1}\n"
     "warning undeclared-parameter: operation 'form' declares no request body of type "
     "'application/json; charset=utf-8'\n"},
    {"range", NULL, "\"bytes\"", NULL,
     "POST http://h/range\nAccept: */*\nContent-Type: application/octet-stream\n\nbytes\n"
     "warning undeclared-parameter: operation 'range' declares no request body of type "
     "'application/octet-stream'\n"},
    {"range", NULL, "\"bytes\"", "image/png",
     "POST http://h/range\nAccept: */*\nContent-Type: image/png\n\nbytes\n"},
    {"range", NULL, "[1]", "image/png",
     "POST http://h/range\nAccept: */*\nContent-Type: image/png\n\n[1]\n"
     "warning body-as-json: the body of operation 'range' is of type 'image/png', but the payload "
     "is array: it is sent as JSON\n"},
    {"any", NULL, "{}", NULL,
     "POST http://h/any\nAccept: */*\nContent-Type: application/json\n\n{}\n"},
    {"text", NULL, "\"a\\nb\"", NULL,
     "POST http://h/text\nAccept: */*\nContent-Type: text/plain\n\na\nb\n"},
    {"text", NULL, "19.10", NULL,
     "POST http://h/text\nAccept: */*\nContent-Type: text/plain\n\n19.10\n"},
    {"text", NULL, "\"a\"", "text/plain\r\nX: y",
     "invalid bad-header: operation 'text', header 'Content-Type': the value of a header may hold "
     "no line end or NUL\n"},
    {"missing", NULL, "{}", "application/json",
     "POST http://h/missing\nAccept: */*\nContent-Type: application/json\n\n{}\n"},
    {"missing", NULL, "{}", NULL,
     "unresolved unresolved-reference: api.yaml refers to 'gone.yaml#/x', but /gone.yaml cannot "
     "be read\n"},
};

static void requests_are_what_the_description_says(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_string_equal(fixture_request(&f, cases[i].operation, cases[i].arguments,
                                            cases[i].payload, cases[i].type, false),
                            cases[i].wanted);
    }
    fixture_close(&f);
}

static void strict_calls_refuse_what_is_not_declared(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    assert_string_equal(
        fixture_request(&f, "get", "[[\"path\",\"id\",1],[\"header\",\"Authorization\",\"x\"]]",
                        NULL, NULL, true),
        "invalid undeclared-parameter: operation 'get' declares no parameter 'Authorization' in "
        "header\n");
    assert_string_equal(fixture_request(&f, "text", "[]", "{}", "application/json", true),
                        "invalid undeclared-parameter: operation 'text' declares no request body "
                        "of type 'application/json'\n");
    assert_string_equal(fixture_request(&f, "get",
                                        "[[\"path\",\"id\",1],[\"header\",\"Accept\",\"x\"],"
                                        "[\"header\",\"Content-Type\",\"text/css\"]]",
                                        NULL, NULL, true),
                        "GET http://h/a/1\nAccept: x\nContent-Type: text/css\n");
    fixture_close(&f);
}

static void servers_keep_path_and_query(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    static const struct {
        const char *server, *wanted;
    } servers[] = {{"https://h:8/v1", "https://h:8/v1/a/1?q=2"},
                   {"https://h/v1/", "https://h/v1/a/1?q=2"},
                   {"https://h/v1?key=k", "https://h/v1/a/1?key=k&q=2"},
                   {"https://h?key=k#f", "https://h/a/1?key=k&q=2"}};
    struct ar_argument arguments[] = {
        {AR_STR("id"), AR_IN_PATH, fixture_value(&f, "1"), 0},
        {AR_STR("q"), AR_IN_QUERY, fixture_value(&f, "2"), 0},
    };
    for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++) {
        struct ar_call call = {.operation = fixture_operation(&f, "get"),
                               .server = ar_str_z(servers[i].server),
                               .arguments = arguments,
                               .argument_count = 2};
        struct ar_http_request request;
        assert_int_equal(ar_request_build(&call, &f.arena, &f.diags, &request), ARRAS_OK);
        assert_string_equal(request.url.ptr, servers[i].wanted);
    }
    fixture_close(&f);
}

static void requests_have_a_largest_size(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", api, NULL);
    static char long_text[70000];
    memset(long_text, 'x', sizeof(long_text) - 1);
    struct arras_value value = ar_string(ar_str_z(long_text));
    static const struct {
        const char *name;
        enum ar_parameter_in in;
        const char *message;
    } places[] = {
        {"id", AR_IN_PATH, "operation 'get': the URL is longer than 65536 bytes"},
        {"q", AR_IN_QUERY, "operation 'get': the URL is longer than 65536 bytes"},
        {"X-Tags", AR_IN_HEADER,
         "operation 'get': the value of a header is longer than 65536 bytes"},
        {"sid", AR_IN_COOKIE, "operation 'get': the Cookie header is longer than 65536 bytes"}};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        struct ar_argument arguments[] = {
            {ar_str_z(places[i].name), places[i].in, &value, 0},
            {AR_STR("id"), AR_IN_PATH, fixture_value(&f, "1"), 0},
        };
        struct ar_call call = {.operation = fixture_operation(&f, "get"),
                               .server = AR_STR("http://h"),
                               .arguments = arguments,
                               .argument_count = 2};
        struct ar_http_request request;
        ar_diags_init(&f.diags, &f.arena);
        assert_int_equal(ar_request_build(&call, &f.arena, &f.diags, &request), ARRAS_LIMIT);
        assert_string_equal(ar_diags_first_error(&f.diags)->message.ptr, places[i].message);
    }
    fixture_close(&f);
}

static void swagger_parameters_follow_their_collection_format(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml",
                 "swagger: '2.0'\n"
                 "produces: [text/csv, application/json]\n"
                 "paths:\n"
                 "  /a:\n"
                 "    post:\n"
                 "      operationId: a\n"
                 "      parameters:\n"
                 "      - {name: l, in: query, type: array, collectionFormat: pipes}\n"
                 "      - {name: m, in: formData, type: array, collectionFormat: multi}\n"
                 "      - {name: c, in: formData, type: array}\n",
                 NULL);
    assert_string_equal(fixture_request(&f, "a", "[[\"query\",\"l\",[1,2]]]",
                                        "{\"m\":[1,2],\"c\":[3,4]}", NULL, true),
                        "POST http://h/a?l=1%7C2\nAccept: application/json, */*;q=0.1\n"
                        "Content-Type: application/x-www-form-urlencoded\n\nm=1&m=2&c=3,4\n");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_what_the_description_says),
        cmocka_unit_test(strict_calls_refuse_what_is_not_declared),
        cmocka_unit_test(servers_keep_path_and_query),
        cmocka_unit_test(requests_have_a_largest_size),
        cmocka_unit_test(swagger_parameters_follow_their_collection_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
