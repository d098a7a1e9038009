/* Where runtime expressions end in a text, and what they are. */
#include "unit/arazzo/desk.h"

static const char workflow[] =
    "- workflowId: w\n"
    "  inputs:\n"
    "    allOf: [{$ref: '#/components/inputs/more'}]\n"
    "    properties:\n"
    "      a: {}\n"
    "      a.b: {}\n"
    "      user: {type: object}\n"
    "      $top: {}\n"
    "      'with[]': {}\n"
    "      'track[title]': {}\n"
    "      first name: {}\n"
    "      day: {}\n"
    "  steps:\n"
    "  - stepId: s\n"
    "    operationId: listThings\n"
    "    outputs: {id: $response.body#/id, Employee object (full): $response.body, "
    "'Array<Team>': $response.body, obj: $response.body, list: $response.body}\n"
    "  - stepId: get.user v2\n"
    "    operationId: listThings\n"
    "    outputs: {o: $response.body}\n"
    "  - {stepId: call, workflowId: other}\n"
    "  outputs: {'deep.one': $steps.s.outputs.id}\n"
    "- workflowId: other\n"
    "  steps: [{stepId: s, operationId: listThings}]\n"
    "  outputs: {'a (b)': $statusCode}\n"
    "components: {inputs: {more: {properties: {'from more': {}}}}}\n";

static struct desk d;
static const struct ar_workflow *w;

static int set_up(void **state)
{
    (void)state;
    desk_init(&d);
    if (desk_workflows(&d, ARRAS_TOLERANT, workflow)) {
        desk_told(&d, "?", NULL);
        return 1;
    }
    w = &d.arazzo->workflows[0];
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    desk_release(&d);
    return 0;
}

/* Scans from the first '$' and compares what the expression took of the text; "": none. */
static void takes(enum ar_extent extent, const char *text, const char *expected)
{
    struct ar_expression expression = {0};
    struct arras_str whole = ar_str_z(text);
    size_t from = ar_str_find_char(whole, '$', 0);
    size_t end = ar_expression_scan(whole, from, extent, w, &expression);
    struct arras_str taken = ar_str_sub(whole, from, end);
    if (!ar_str_is(taken, expected)) {
        print_message("# '%s': took '%.*s'\n", text, AR_STR_ARG(taken));
    }
    assert_true(ar_str_is(taken, expected));
    if (taken.len) {
        assert_true(ar_str_eq(expression.text, taken));
    }
}

static void text_that_is_none_stays_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "costs $5",
        "$top",
        "$nothing",
        "$",
        "$$",
        "$.items",
        "$[0]",
        "$inputsX.a",
        "$inputs-a",
        "$URL",
        "$steps",
        "$steps.",
        "$request.",
        "$request",
        "$response",
        "$env.X",
        "$response.x",
        "$response.bodyX",
        "$faker.name()",
        "$response.header",
        "$request.query.",
        "$workflows",
        "$sourceDescriptions",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        takes(AR_EXTENT_TEXT, texts[i], "");
        takes(AR_EXTENT_CONDITION, texts[i], "");
        takes(AR_EXTENT_WHOLE, texts[i], "");
    }
}

static void within_text_an_expression_ends_where_it_must(void **state)
{
    (void)state;
    static const struct {
        const char *text, *taken;
    } cases[] = {
        {"Bearer $inputs.a", "$inputs.a"},
        {"is $inputs.a.", "$inputs.a"},
        {"$inputs.a, then", "$inputs.a"},
        {"($inputs.a)", "$inputs.a"},
        {"\"$inputs.a\"", "$inputs.a"},
        {"$inputs.a/x", "$inputs.a"},
        {"$inputs.a.b", "$inputs.a.b"},
        {"$inputs.unknown-name x", "$inputs.unknown-name"},
        {"$inputs.user.name.first!", "$inputs.user.name.first"},
        {"$inputs.user.tags[0].x]", "$inputs.user.tags[0].x"},
        {"$inputs.user['a b'].c d", "$inputs.user['a b'].c"},
        {"$inputs.user[see below]", "$inputs.user"},
        {"$inputs.user[]", "$inputs.user"},
        {"$inputs.user[", "$inputs.user"},
        {"$inputs.$top=1", "$inputs.$top"},
        {"$inputs.with[]=1", "$inputs.with[]"},
        {"$inputs.track[title]", "$inputs.track[title]"},
        {"$inputs.first name is", "$inputs.first name"},
        {"$inputs.from more.", "$inputs.from more"},
        {"$inputs.day-$inputs.a", "$inputs.day"},
        {"$inputs.day-01 x", "$inputs.day"},
        {"$inputs.daylight x", "$inputs.daylight"},
        {"$inputs.day_2 x", "$inputs.day_2"},
        {"$inputs$inputs", "$inputs"},
        {"$steps.s.outputs.id/x", "$steps.s.outputs.id"},
        {"$steps.s.outputs.Employee object (full) x", "$steps.s.outputs.Employee object (full)"},
        {"$steps.s.outputs.Employee object (full).name x",
         "$steps.s.outputs.Employee object (full).name"},
        {"$steps.s.outputs.Array<Team>[0] x", "$steps.s.outputs.Array<Team>[0]"},
        {"$steps.s.outputs.obj.Array<Team>", "$steps.s.outputs.obj.Array"},
        {"$steps.s.outputs.list#/0/id.", "$steps.s.outputs.list#/0/id"},
        {"$steps.get.user v2.outputs.o x", "$steps.get.user v2.outputs.o"},
        {"$steps.call.outputs.a (b) x", "$steps.call.outputs.a (b)"},
        {"$workflows.other.outputs.a (b)]", "$workflows.other.outputs.a (b)"},
        {"$outputs.deep.one.", "$outputs.deep.one"},
        {"$response.body", "$response.body"},
        {"$response.body#/a~1b/0%20 x", "$response.body#/a~1b/0%20"},
        {"$response.body#/a/$inputs.day/id x", "$response.body#/a/$inputs.day/id"},
        {"$response.body#/a/{$inputs.first name}/id x",
         "$response.body#/a/{$inputs.first name}/id"},
        {"$response.body#/a/{$inputs", "$response.body#/a/"},
        {"$response.body#id x", "$response.body#id"},
        {"$response.body.a[0].b x", "$response.body.a[0].b"},
        {"$response.header.X-Rate: 1", "$response.header.X-Rate"},
        {"$response.headers.ETag", "$response.headers.ETag"},
        {"$statusCode!", "$statusCode"},
        {"$url?x", "$url"},
        {"$sourceDescriptions.things.url/x", "$sourceDescriptions.things.url"},
        {"$components.parameters.p x", "$components.parameters.p"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        takes(AR_EXTENT_TEXT, cases[i].text, cases[i].taken);
    }
}

static void in_a_condition_it_ends_at_a_space_or_an_operator(void **state)
{
    (void)state;
    static const struct {
        const char *text, *taken;
    } cases[] = {
        {"$response.body#/@odata.count>0", "$response.body#/@odata.count"},
        {"$response.body#/hydra:member/0 == 1", "$response.body#/hydra:member/0"},
        {"$response.body#/gr\xC3\xB6\xC3\x9F"
         "e!=1",
         "$response.body#/gr\xC3\xB6\xC3\x9F"
         "e"},
        {"$response.header.X-A.B==1", "$response.header.X-A.B"},
        {"!$inputs.a&&$inputs.a", "$inputs.a"},
        {"($inputs.a)", "$inputs.a"},
        {"$inputs.day-x == 1", "$inputs.day-x"},
        {"$response.body#/a) || x", "$response.body#/a"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        takes(AR_EXTENT_CONDITION, cases[i].text, cases[i].taken);
    }
}

static void a_whole_expression_takes_all_of_its_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "$response.body#/First Name/x (y)",
        "$inputs.not declared",
        "$request.query.page[size]",
        "$response.header.X.Y",
        "$inputs",
        "$statusCode",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        takes(AR_EXTENT_WHOLE, texts[i], texts[i]);
    }
    takes(AR_EXTENT_WHOLE, "$statusCode == 200", "");
    takes(AR_EXTENT_WHOLE, "$url/x", "");
}

static struct ar_http_request request = {.method = AR_STR_INIT("POST"),
                                         .url = AR_STR_INIT("http://h/things?q=1")};
static struct ar_http_response response = {.status = 201};
static struct ar_header request_headers[] = {{AR_STR_INIT("Accept"), AR_STR_INIT("text/plain")}};
static struct ar_header response_headers[] = {{AR_STR_INIT("ETag"), AR_STR_INIT("\"x\"")},
                                              {AR_STR_INIT("X-A.B"), AR_STR_INIT("7")}};

static void gives(const char *text, const char *expected)
{
    request.headers = (struct ar_headers){request_headers, 1};
    response.headers = (struct ar_headers){response_headers, 2};
    struct ar_argument arguments[] = {{AR_STR("q"), AR_IN_QUERY, desk_json(&d, "[1,2]"), 0},
                                      {AR_STR("page[size]"), AR_IN_QUERY, desk_json(&d, "5"), 0},
                                      {AR_STR("id"), AR_IN_PATH, desk_json(&d, "\"i\""), 0}};
    struct ar_exchange exchange = {
        .request = &request,
        .arguments = arguments,
        .argument_count = 3,
        .request_body = desk_json(&d, "{\"user\":{\"uuid\":\"u\"}}"),
        .response = &response,
        .response_body = desk_json(
            &d, "{\"id\":9007199254740993,\"a\":[{\"b\":null}],\"x.y\":{\"z\":1},\"First Name\":2,"
                "\"p\":{\"q/r\":3,\"7\":4,\"\":5},\"n\":19.10,\"data.id\":6,\"data\":{\"id\":8}}")};
    const struct arras_value *step_outputs[] = {
        desk_json(&d, "{\"id\":\"i\",\"Employee object (full)\":{\"name\":\"n\"},\"obj\":{\"a\":{"
                      "\"b\":1}},\"list\":[{\"id\":1},{\"id\":2}]}"),
        NULL, NULL};
    struct ar_ran first = {.workflow = &d.arazzo->workflows[1],
                           .inputs = desk_json(&d, "{\"i\":1}"),
                           .outputs = desk_json(&d, "{\"a (b)\":[5]}")};
    struct ar_scope scope = {
        .workflow = w,
        .inputs = desk_json(&d, "{\"a\":{\"b\":\"walked\"},\"a.b\":\"declared\",\"$top\":3,"
                                "\"with[]\":4,\"first name\":\"F\",\"day\":7,\"key\":\"q/r\","
                                "\"obj\":{}}"),
        .step_outputs = step_outputs,
        .outputs = desk_json(&d, "{\"deep.one\":1}"),
        .ran = &first,
        .exchange = &exchange,
        .arena = &d.arena};
    struct ar_expression expression;
    const struct arras_value *value = NULL;
    struct arras_str whole = ar_str_z(text);
    assert_int_equal(ar_expression_scan(whole, 0, AR_EXTENT_WHOLE, w, &expression), whole.len);
    assert_int_equal(ar_expression_value(&expression, &scope, &value), ARRAS_OK);
    if (strcmp(desk_text(&d, value), expected) != 0) {
        print_message("# '%s'\n", text);
    }
    assert_string_equal(desk_text(&d, value), expected);
}

static void every_root_has_its_value_with_its_type(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"$url", "\"http://h/things?q=1\""},
        {"$method", "\"POST\""},
        {"$statusCode", "201"},
        {"$request.header.accept", "\"text/plain\""},
        {"$request.headers.Accept", "\"text/plain\""},
        {"$request.header.none", "(nothing)"},
        {"$request.query.q", "[1,2]"},
        {"$request.query.page[size]", "5"},
        {"$request.query.id", "(nothing)"},
        {"$request.path.id", "\"i\""},
        {"$request.body#/user/uuid", "\"u\""},
        {"$request.body.user.uuid", "\"u\""},
        {"$response.header.etag", "\"\\\"x\\\"\""},
        {"$response.header.X-A.B", "\"7\""},
        {"$response.body#/id", "9007199254740993"},
        {"$response.body#/n", "19.10"},
        {"$response.body#/a/0/b", "null"},
        {"$response.body#/a/1", "(nothing)"},
        {"$response.body#/none", "(nothing)"},
        {"$response.body#/First Name", "2"},
        {"$response.body#id", "9007199254740993"},
        {"$response.body#data.id", "6"},
        {"$response.body#data/id", "8"},
        {"$response.body#a[0]", "{\"b\":null}"},
        {"$response.body.a[0].b", "null"},
        {"$response.body.a.0.b", "null"},
        {"$response.body.a['0']", "(nothing)"},
        {"$response.body['First Name']", "2"},
        {"$response.body[\"id\"]", "9007199254740993"},
        {"$response.body.x.y.z", "1"},
        {"$response.body.id.x", "(nothing)"},
        {"$response.body.a[-1]", "(nothing)"},
        {"$response.body[0]", "(nothing)"},
        {"$response.body#", "{\"id\":9007199254740993,\"a\":[{\"b\":null}],\"x.y\":{\"z\":1},"
                            "\"First Name\":2,\"p\":{\"q/r\":3,\"7\":4,\"\":5},\"n\":19.10,"
                            "\"data.id\":6,\"data\":{\"id\":8}}"},
        {"$response.body#/p/$inputs.key", "3"},
        {"$response.body#/p/{$inputs.key}", "3"},
        {"$response.body#/p/$inputs.day", "4"},
        {"$response.body#/p/$inputs.none", "(nothing)"},
        {"$response.body#/p/$inputs.obj", "(nothing)"},
        {"$response.body#/p/", "5"},
        {"$inputs", "{\"a\":{\"b\":\"walked\"},\"a.b\":\"declared\",\"$top\":3,\"with[]\":4,"
                    "\"first name\":\"F\",\"day\":7,\"key\":\"q/r\",\"obj\":{}}"},
        {"$inputs.a.b", "\"declared\""},
        {"$inputs.a#/b", "\"walked\""},
        {"$inputs.$top", "3"},
        {"$inputs.with[]", "4"},
        {"$inputs['first name']", "\"F\""},
        {"$outputs.deep.one", "1"},
        {"$steps.s.outputs.id", "\"i\""},
        {"$steps.s.outputs.Employee object (full).name", "\"n\""},
        {"$steps.s.outputs.obj.a.b", "1"},
        {"$steps.s.outputs.list[1].id", "2"},
        {"$steps.s.outputs.list#/0/id", "1"},
        {"$steps.s.id", "\"i\""},
        {"$steps.get.user v2.outputs.o", "(nothing)"},
        {"$steps.none.outputs.o", "(nothing)"},
        {"$workflows.other.inputs.i", "1"},
        {"$workflows.other.outputs.a (b)[0]", "5"},
        {"$workflows.w.inputs.day", "7"},
        {"$workflows.w.outputs.x", "(nothing)"},
        {"$workflows.none.outputs.x", "(nothing)"},
        {"$sourceDescriptions.things.url", "\"things.yaml\""},
        {"$components.inputs.more", "{\"properties\":{\"from more\":{}}}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        gives(cases[i].text, cases[i].value);
    }
}

static void before_anything_was_sent_messages_are_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"$url", "$method", "$statusCode", "$response.body.x",
                                        "$request.header.x"};
    struct ar_scope scope = {.workflow = w, .arena = &d.arena};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct ar_expression expression;
        const struct arras_value *value = NULL;
        struct arras_str text = ar_str_z(texts[i]);
        assert_int_equal(ar_expression_scan(text, 0, AR_EXTENT_WHOLE, w, &expression), text.len);
        assert_int_equal(ar_expression_value(&expression, &scope, &value), ARRAS_OK);
        assert_null(value);
    }
}

/* The code of the diagnostic, "" for none. */
static void checks(const char *text, const char *code)
{
    struct ar_expression expression;
    struct ar_diags diags;
    ar_diags_init(&diags, &d.arena);
    struct arras_str whole = ar_str_z(text);
    assert_int_equal(ar_expression_scan(whole, 0, AR_EXTENT_WHOLE, w, &expression), whole.len);
    const struct arras_value *given = desk_json(&d, "{\"extra\":1,\"dotted.one\":2}");
    enum arras_status status = ar_expression_check(&expression, w, given, &diags);
    const char *got = diags.list.count ? diags.list.items[0].code : "";
    if (strcmp(got, code) != 0) {
        print_message("# '%s'\n", text);
    }
    assert_string_equal(got, code);
    assert_int_equal(status != ARRAS_OK, diags.errors > 0);
}

static void what_can_be_known_before_is_checked(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
    } cases[] = {
        {"$inputs.a", ""},
        {"$inputs.a.b", ""},
        {"$inputs.from more", ""},
        {"$inputs.extra", ""},
        {"$inputs.dotted.one", ""},
        {"$inputs.nobody", "unknown-input"},
        {"$inputs.day.x", "walked-value"},
        {"$inputs['day']", "walked-value"},
        {"$inputs#/day", "walked-value"},
        {"$inputs.a#/x", ""},
        {"$inputs", "walked-value"},
        {"$steps.s.outputs.id", ""},
        {"$steps.s.outputs", ""},
        {"$steps.s.outputs.none", "unknown-output"},
        {"$steps.s.outputs.obj.a", "walked-value"},
        {"$steps.s.outputs.obj#/a", ""},
        {"$steps.s.id", "walked-value"},
        {"$steps.nobody.outputs.id", "unknown-step"},
        {"$steps.call.outputs.a (b)", ""},
        {"$steps.call.outputs.none", "unknown-output"},
        {"$workflows.other.outputs.a (b)", ""},
        {"$workflows.other.outputs.none", "unknown-output"},
        {"$workflows.nobody.outputs.x", "unknown-workflow"},
        {"$sourceDescriptions.things.url", ""},
        {"$sourceDescriptions.nobody.url", "unknown-source"},
        {"$response.body#/a/b", ""},
        {"$response.body.a", "walked-value"},
        {"$response.body#a", "walked-value"},
        {"$response.headers.X", "walked-value"},
        {"$response.header.X", ""},
        {"$response.body#/a/$inputs.day", "walked-value"},
        {"$response.body#/a/$inputs.nobody", "walked-value"},
        {"$response.body#/a/$defs", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        checks(cases[i].text, cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_is_none_stays_text),
        cmocka_unit_test(within_text_an_expression_ends_where_it_must),
        cmocka_unit_test(in_a_condition_it_ends_at_a_space_or_an_operator),
        cmocka_unit_test(a_whole_expression_takes_all_of_its_text),
        cmocka_unit_test(every_root_has_its_value_with_its_type),
        cmocka_unit_test(before_anything_was_sent_messages_are_nothing),
        cmocka_unit_test(what_can_be_known_before_is_checked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
