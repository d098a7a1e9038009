/* What a description says: operations, references within and across files, servers. */
#include "fixture.h"
#include "unit/harness.h"

static void operations_are_indexed_in_every_version(void **state)
{
    (void)state;
    static const struct {
        const char *version, *ids; /* of those found, in order */
    } cases[] = {{"swagger: '2.0'", "a b "},
                 {"openapi: 3.0.3", "a b t "},
                 {"openapi: 3.1.1", "a b t "},
                 {"openapi: 3.2.0", "a b t q c "}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[1024];
        snprintf(text, sizeof(text),
                 "%s\n"
                 "paths:\n"
                 "  x-note: {get: {operationId: no}}\n"
                 "  /a:\n"
                 "    parameters: []\n"
                 "    get: {operationId: a}\n"
                 "    post: {operationId: b}\n"
                 "    trace: {operationId: t}\n"
                 "    query: {operationId: q}\n"
                 "    additionalOperations: {Copy: {operationId: c}}\n"
                 "  /broken: {$ref: '#/nowhere'}\n"
                 "  /null:\n",
                 cases[i].version);
        struct fixture f;
        fixture_open(&f, "/api.yaml", text, NULL);
        char ids[64] = "";
        for (size_t k = 0; k < ar_description_count(f.description); k++) {
            size_t len = strlen(ids);
            snprintf(ids + len, sizeof(ids) - len, "%.*s ",
                     AR_STR_ARG(ar_description_at(f.description, k)->id));
        }
        assert_string_equal(ids, cases[i].ids);
        assert_null(ar_description_at(f.description, ar_description_count(f.description)));
        fixture_close(&f);
    }
}

static void operations_are_found_by_id_and_by_path(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml",
                 "openapi: 3.2.0\n"
                 "paths:\n"
                 "  /a/{b}: {get: {operationId: same}, put: {}}\n"
                 "  /c: {get: {operationId: same}, additionalOperations: {Copy: {}}}\n"
                 "  /d: {$ref: '#/components/pathItems/d~1e%20'}\n"
                 "components: {pathItems: {'d/e ': {delete: {operationId: d}}}}\n",
                 NULL);
    size_t count;
    const struct ar_operation *operation =
        ar_operation_by_id(f.description, AR_STR("same"), &count);
    assert_int_equal(count, 2);
    assert_str(operation->path, "/a/{b}");
    assert_str(operation->method, "GET");
    assert_non_null(ar_operation_by_path(f.description, AR_STR("Put"), AR_STR("/a/{b}")));
    assert_null(ar_operation_by_path(f.description, AR_STR("PUT"), AR_STR("/a/{c}")));
    assert_null(ar_operation_by_path(f.description, AR_STR("DELETE"), AR_STR("/a/{b}")));
    assert_str(ar_operation_by_path(f.description, AR_STR("copy"), AR_STR("/c"))->method, "Copy");
    operation = fixture_operation(&f, "d");
    assert_str(operation->path, "/d");
    assert_non_null(ar_get_z(operation->path_item, "delete"));
    assert_null(ar_operation_by_id(f.description, AR_STR(""), NULL));
    fixture_close(&f);
}

static void what_is_no_description_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"{}", "arazzo: 1.0.1", "openapi: 4.0.0", "[]",
                                        "swagger: 1"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct fixture f = {0};
        ar_arena_init(&f.arena, 0);
        ar_diags_init(&f.diags, &f.arena);
        assert_int_equal(ar_document_parse(AR_STR("x.yaml"), ar_str_z(texts[i]), ARRAS_FORMAT_YAML,
                                           &f.arena, &f.diags, &f.document),
                         ARRAS_OK);
        assert_int_equal(ar_description_new(&f.document, AR_STR("/x.yaml"), NULL, &f.arena,
                                            &f.diags, &f.description),
                         ARRAS_INVALID);
        assert_string_equal(ar_diags_first_error(&f.diags)->code, "not-openapi");
        fixture_close(&f);
    }
}

static void parameters_are_the_operations_before_the_paths(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml",
                 "openapi: 3.0.0\n"
                 "paths:\n"
                 "  /a:\n"
                 "    parameters:\n"
                 "    - {name: p, in: query, x: shared}\n"
                 "    - {name: r, in: query, x: shared}\n"
                 "    get:\n"
                 "      operationId: a\n"
                 "      parameters:\n"
                 "      - $ref: '#/components/parameters/missing'\n"
                 "      - $ref: '#/components/parameters/P'\n"
                 "      - {name: X-Head, in: header, x: own}\n"
                 "components: {parameters: {P: {name: p, in: query, x: own}}}\n",
                 NULL);
    static const struct {
        const char *name, *in, *wanted;
    } cases[] = {{"p", "query", "own"},       {"r", "query", "shared"}, {"p", "path", NULL},
                 {"x-HEAD", "header", "own"}, {"P", "query", NULL},     {"none", "query", NULL}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct arras_value *found;
        assert_int_equal(ar_operation_parameter(fixture_operation(&f, "a"), ar_str_z(cases[i].name),
                                                cases[i].in, &f.arena, &found),
                         ARRAS_OK);
        assert_int_equal(found != NULL, cases[i].wanted != NULL);
        assert_true(!found || ar_str_is(ar_text(ar_get_z(found, "x")), cases[i].wanted));
    }
    fixture_close(&f);
}

/* Other files, as the load callback gives them. */
struct file {
    const char *uri, *text;
    unsigned loaded;
};

static enum arras_status load_file(void *context, const struct ar_reference *reference,
                                   struct ar_arena *arena, struct ar_diags *diags,
                                   struct ar_referred *ret)
{
    struct arras_str uri = reference->uri;
    for (struct file *file = context; file->uri; file++) {
        if (ar_str_is(uri, file->uri)) {
            struct ar_document *document = ar_new(arena, struct ar_document);
            assert_non_null(document);
            file->loaded++;
            *ret = (struct ar_referred){document, uri};
            return ar_document_parse(uri, ar_str_z(file->text), ARRAS_FORMAT_YAML, arena, diags,
                                     document);
        }
    }
    return ARRAS_NOT_FOUND;
}

static void references_lead_through_other_files(void **state)
{
    (void)state;
    struct file files[] = {
        {"http://h/d/paths/a.yaml",
         "get:\n"
         "  operationId: a\n"
         "  parameters:\n"
         "  - $ref: '../shared/p.yaml#/one'\n"
         "  - $ref: '#/own'\n"
         "own: {name: o, in: query, x: here}\n",
         0},
        {"http://h/d/shared/p.yaml",
         "one: {$ref: '#/two'}\ntwo: {$ref: '../api.yaml#/components/parameters/P'}\n", 0},
        {NULL, NULL, 0}};
    struct ar_description_options options = {.load = load_file, .context = files};
    struct fixture f;
    fixture_open(&f, "http://h/d/api.yaml",
                 "openapi: 3.1.0\n"
                 "paths: {/a: {$ref: paths/a.yaml}}\n"
                 "own: {name: o, in: query, x: wrong}\n"
                 "two: {name: wrong}\n"
                 "components: {parameters: {P: {name: p, in: query, x: back}}}\n",
                 &options);
    const struct ar_operation *operation = fixture_operation(&f, "a");
    const struct arras_value *found;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ar_operation_parameter(operation, AR_STR("p"), "query", &f.arena, &found),
                         ARRAS_OK);
        assert_str(ar_text(ar_get_z(found, "x")), "back");
        assert_int_equal(ar_operation_parameter(operation, AR_STR("o"), "query", &f.arena, &found),
                         ARRAS_OK);
        assert_str(ar_text(ar_get_z(found, "x")), "here");
    }
    assert_int_equal(files[0].loaded, 1);
    assert_int_equal(files[1].loaded, 1);
    fixture_close(&f);
}

static void references_that_lead_nowhere_say_so(void **state)
{
    (void)state;
    static const struct {
        const char *pointer, *message;
    } cases[] = {{"missing", "api.yaml refers to '#/x/nothing', but api.yaml has no '/x/nothing'"},
                 {"circle", "api.yaml: the reference '#/x/circle2' leads in a circle"},
                 {"self", "api.yaml: the reference '#/x/self' leads in a circle"},
                 {"file", "api.yaml refers to 'gone.yaml#/a', but /d/gone.yaml cannot be read"},
                 {"other", "api.yaml refers to 'other.yaml#/b', but /d/other.yaml has no '/b'"},
                 {"anchor", "api.yaml refers to '#anchor', but api.yaml has no 'anchor'"}};
    struct file files[] = {{"/d/other.yaml", "a: 1", 0}, {NULL, NULL, 0}};
    struct ar_description_options options = {.load = load_file, .context = files};
    struct fixture f;
    fixture_open(&f, "/d/api.yaml",
                 "openapi: 3.1.0\n"
                 "x:\n"
                 "  missing: {$ref: '#/x/nothing'}\n"
                 "  circle: {$ref: '#/x/circle2'}\n"
                 "  circle2: {$ref: '#/x/circle'}\n"
                 "  self: {$ref: '#/x/self'}\n"
                 "  file: {$ref: 'gone.yaml#/a'}\n"
                 "  other: {$ref: 'other.yaml#/b'}\n"
                 "  anchor: {$ref: '#anchor'}\n",
                 &options);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct arras_value *found = NULL;
        ar_diags_init(&f.diags, &f.arena);
        assert_int_equal(
            ar_description_follow(f.description,
                                  ar_get_z(ar_get_z(&f.document.root, "x"), cases[i].pointer),
                                  &f.arena, &f.diags, &found),
            ARRAS_UNRESOLVED);
        assert_null(found);
        assert_string_equal(ar_diags_first_error(&f.diags)->message.ptr, cases[i].message);
        assert_int_equal(ar_diags_first_error(&f.diags)->line, 3 + i + (i > 1));
    }
    fixture_close(&f);
}

static const struct {
    const char *location, *text, *variables, *wanted; /* a message where it begins with '!' */
} servers[] = {
    {"/a.yaml", "servers: [{url: 'https://h/v1/'}, {url: 'https://other'}]", NULL, "https://h/v1"},
    {"/a.yaml", "servers: [{url: /api}]", NULL,
     "!no server is known: api.yaml names one without a host, '/api'"},
    {"/a.yaml", "x: 1", NULL, "!no server is known: api.yaml names none"},
    {"/a.yaml", "servers: []", NULL, "!no server is known: api.yaml names none"},
    {"/a.yaml", "servers: [{url: //h/x}]", NULL,
     "!no server is known: api.yaml names one without a host, '//h/x'"},
    {"/a.yaml", "servers: [{url: 'ftp://h/x'}]", NULL,
     "!no server is known: api.yaml names one that is not http or https, 'ftp://h/x'"},
    {"http://h:1/d/a.yaml", "servers: [{url: /api}]", NULL, "http://h:1/api"},
    {"http://h:1/d/a.yaml", "servers: [{url: ../v2/}]", NULL, "http://h:1/v2"},
    {"https://h/d/a.yaml", "servers: [{url: //other/x}]", NULL, "https://other/x"},
    {"http://h:1/d/a.yaml", "x: 1", NULL, "http://h:1"},
    {"/a.yaml",
     "servers: [{url: 'https://{host}:{port}/{v}', variables: {host: {default: h}, "
     "port: {default: 8443}, v: {default: v1}}}]",
     NULL, "https://h:8443/v1"},
    {"/a.yaml", "servers: [{url: 'https://{host}/{v}', variables: {host: {default: h}}}]",
     "{\"host\": \"x.example\", \"v\": 2}", "https://x.example/2"},
    {"/a.yaml", "servers: [{url: 'https://{host}/'}]", NULL,
     "!the server 'https://{host}/' has no value for its variable 'host'"},
    {"/a.yaml", "servers: [{url: 'https://h/x?k=1/'}]", NULL, "https://h/x?k=1/"},
};

static void check_server(struct fixture *f, size_t i, const char *variables, const char *wanted)
{
    struct arras_str server = AR_STR("!");
    ar_diags_init(&f->diags, &f->arena);
    struct ar_server_choice choice = {.variables = variables ? fixture_value(f, variables) : NULL};
    enum arras_status status =
        ar_operation_server(fixture_operation(f, "a"), &choice, &f->arena, &f->diags, &server);
    const struct arras_diag *error = ar_diags_first_error(&f->diags);
    struct arras_str got = error ? error->message : server;
    if (!ar_str_is(got, wanted + (wanted[0] == '!'))) {
        fail_msg("case %zu: %.*s, not %s", i, AR_STR_ARG(got), wanted);
    }
    assert_int_equal(status, wanted[0] == '!' ? ARRAS_UNRESOLVED : ARRAS_OK);
    assert_true(!error || ar_str_find(error->hint, AR_STR("--server"), 0) != AR_NOT_FOUND);
}

static void servers_are_made_absolute(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++) {
        char text[1024];
        snprintf(text, sizeof(text), "openapi: 3.1.0\n%s\npaths: {/a: {get: {operationId: a}}}\n",
                 servers[i].text);
        struct fixture f;
        fixture_open(&f, servers[i].location, text, NULL);
        check_server(&f, i, servers[i].variables, servers[i].wanted);
        fixture_close(&f);
    }
}

static void nearest_servers_count(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/a.yaml",
                 "openapi: 3.1.0\n"
                 "servers: [{url: 'https://root'}]\n"
                 "paths:\n"
                 "  /a: {get: {operationId: root}}\n"
                 "  /b: {servers: [{url: 'https://path'}], get: {operationId: path},\n"
                 "       put: {operationId: own, servers: [{url: 'https://own'}]}}\n",
                 NULL);
    static const char *const ids[] = {"root", "path", "own"};
    for (size_t i = 0; i < 3; i++) {
        struct arras_str server;
        assert_int_equal(
            ar_operation_server(fixture_operation(&f, ids[i]), NULL, &f.arena, &f.diags, &server),
            ARRAS_OK);
        assert_string_equal(server.ptr + strlen("https://"), ids[i]);
    }
    assert_str(ar_description_base_path(f.description), "");
    fixture_close(&f);
}

static void swagger_servers_are_put_together(void **state)
{
    (void)state;
    static const struct {
        const char *location, *text, *wanted;
    } cases[] = {{"/a.yaml", "{host: 'h:1', basePath: /v1/, schemes: [ws, http]}", "http://h:1/v1"},
                 {"/a.yaml", "{host: h}", "https://h"},
                 {"http://x/a.yaml", "{host: h, basePath: v1}", "http://h/v1"},
                 {"http://x/a.yaml", "{basePath: /v1}", "http://x/v1"},
                 {"/a.yaml", "{basePath: /v1}",
                  "!no server is known: api.yaml names one without a host, '/v1'"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[1024];
        snprintf(text, sizeof(text), "{swagger: '2.0', paths: {/a: {get: {operationId: a}}}, %s\n",
                 cases[i].text + 1);
        struct fixture f;
        fixture_open(&f, cases[i].location, text, NULL);
        check_server(&f, i, NULL, cases[i].wanted);
        fixture_close(&f);
    }
}

static void swagger_bodies_are_translated(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/a.yaml",
                 "swagger: '2.0'\n"
                 "paths:\n"
                 "  /a:\n"
                 "    get: {operationId: none}\n"
                 "    post:\n"
                 "      operationId: body\n"
                 "      parameters: [{name: x, in: body, required: true, schema: {type: array}}]\n"
                 "    put:\n"
                 "      operationId: form\n"
                 "      parameters: [{name: x, in: formData, type: string}]\n"
                 "    patch:\n"
                 "      operationId: file\n"
                 "      parameters: [{name: x, in: formData, type: file}]\n"
                 "    delete:\n"
                 "      operationId: own\n"
                 "      consumes: [text/plain, application/xml]\n"
                 "      parameters: [{name: x, in: body, schema: {}}]\n",
                 NULL);
    static const struct {
        const char *id, *type;
    } cases[] = {{"none", NULL},
                 {"body", "application/json"},
                 {"form", "application/x-www-form-urlencoded"},
                 {"file", "multipart/form-data"},
                 {"own", "text/plain"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct ar_body body;
        assert_int_equal(
            ar_operation_body(fixture_operation(&f, cases[i].id), &f.arena, &f.diags, &body),
            ARRAS_OK);
        assert_int_equal(body.declared, cases[i].type != NULL);
        assert_true(!body.declared || ar_str_is(body.media[0].type, cases[i].type));
        assert_int_equal(body.required, i == 1);
        assert_int_equal(body.media_count, i == 4 ? 2 : i > 0);
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_are_indexed_in_every_version),
        cmocka_unit_test(operations_are_found_by_id_and_by_path),
        cmocka_unit_test(what_is_no_description_is_refused),
        cmocka_unit_test(parameters_are_the_operations_before_the_paths),
        cmocka_unit_test(references_lead_through_other_files),
        cmocka_unit_test(references_that_lead_nowhere_say_so),
        cmocka_unit_test(servers_are_made_absolute),
        cmocka_unit_test(nearest_servers_count),
        cmocka_unit_test(swagger_servers_are_put_together),
        cmocka_unit_test(swagger_bodies_are_translated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
