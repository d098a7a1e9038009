/* What the compliance suite does not ask: messages and places, limits, exact numbers, paths. */
#include "unit/harness.h"
#include "base/limits.h"
#include "query/jsonpath.h"
#include "value/json.h"

static struct ar_arena arena;

static int set_up(void **state)
{
    (void)state;
    ar_arena_init(&arena, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ar_arena_release(&arena);
    return 0;
}

static const struct arras_value *read_json(const char *text)
{
    struct ar_source source = {AR_STR("test"), ar_str_z(text)};
    struct arras_value *value = ar_new(&arena, struct arras_value);
    assert_non_null(value);
    assert_int_equal(ar_json_read(&source, &arena, NULL, value), ARRAS_OK);
    return value;
}

static struct ar_jsonpath *compile(const char *expression)
{
    struct ar_jsonpath *path = NULL;
    if (ar_jsonpath_compile(ar_str_z(expression), &arena, NULL, &path)) {
        fail_msg("%s was refused", expression);
    }
    return path;
}

static enum arras_status eval(const char *expression, const struct arras_value *root,
                              struct ar_nodes *ret)
{
    struct ar_jsonpath *path = compile(expression);
    enum arras_status status = ar_jsonpath_eval(path, root, true, &arena, NULL, ret);
    ar_jsonpath_release(path);
    return status;
}

static size_t count(const char *expression, const char *json)
{
    struct ar_nodes nodes;
    assert_int_equal(eval(expression, read_json(json), &nodes), ARRAS_OK);
    return nodes.list.count;
}

static const struct {
    const char *expression;
    enum arras_status status;
    unsigned column;
    const char *message;
} errors[] = {
    {"", ARRAS_SYNTAX, 1, "a JSONPath expression begins with '$'"},
    {"a.b", ARRAS_SYNTAX, 1, "a JSONPath expression begins with '$'"},
    {"@.a", ARRAS_SYNTAX, 1, "a JSONPath expression begins with '$'"},
    {"$.a ", ARRAS_SYNTAX, 4, "expected the end of the expression, '.' or '['"},
    {"$.a == 1", ARRAS_SYNTAX, 4, "expected the end of the expression, '.' or '['"},
    {"$.", ARRAS_SYNTAX, 3, "expected a name or '*' after the dot"},
    {"$..", ARRAS_SYNTAX, 4, "expected a name or '*' after the dot"},
    {"$['a'", ARRAS_SYNTAX, 6, "expected ']' or ',' after the selector"},
    {"$[a]", ARRAS_SYNTAX, 3,
     "expected a selector: a quoted name, *, an index, a slice or a filter"},
    {"$['a]", ARRAS_SYNTAX, 3, "the string is not closed"},
    {"$['a\\x']", ARRAS_SYNTAX, 5, "there is no such escape in a string"},
    {"$['\\uD800']", ARRAS_SYNTAX, 4, "\\u needs four hexadecimal digits, surrogates in pairs"},
    {"$['a\nb']", ARRAS_SYNTAX, 5, "a control character must be escaped"},
    {"$[01]", ARRAS_SYNTAX, 3, "an integer has no leading zero and no negative zero"},
    {"$[9007199254740992]", ARRAS_SYNTAX, 3, "the number is too large"},
    {"$[?@.a ==]", ARRAS_SYNTAX, 10, "expected a query, a literal or a function"},
    {"$[?'a']", ARRAS_SYNTAX, 4, "a literal must be compared with something"},
    {"$[?(@.a]", ARRAS_SYNTAX, 8, "expected ')'"},
    {"$[?(@.a) == 1]", ARRAS_SYNTAX, 10, "expected ']' or ',' after the selector"},
    {"$[?@.* == 1]", ARRAS_INVALID, 4, "a query that can select several nodes has no value"},
    {"$[?length(@)]", ARRAS_INVALID, 4,
     "the result of this function must be compared with something"},
    {"$[?match(@, 'a') == true]", ARRAS_INVALID, 4,
     "this function says true or false and has no value"},
    {"$[?count(1) > 1]", ARRAS_INVALID, 10, "this function wants a query"},
    {"$[?count(@, @) > 1]", ARRAS_INVALID, 4, "this function takes one argument"},
    {"$[?match(@)]", ARRAS_INVALID, 4, "this function takes two arguments"},
    {"$[?size(@) > 1]", ARRAS_INVALID, 4,
     "the functions are length(), count(), match(), search() and value()"},
    {"$.\xFF", ARRAS_SYNTAX, 3, "this is not valid UTF-8"},
};

static void errors_say_what_is_wrong_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        struct ar_diags diags;
        struct ar_jsonpath *path;
        ar_diags_init(&diags, &arena);
        enum arras_status status =
            ar_jsonpath_compile(ar_str_z(errors[i].expression), &arena, &diags, &path);
        const struct arras_diag *diag = ar_diags_first_error(&diags);
        if (status != errors[i].status || !diag || diag->column != errors[i].column ||
            !ar_str_is(diag->message, errors[i].message)) {
            fail_msg("%s: %s, column %u: %.*s", errors[i].expression, arras_status_name(status),
                     diag ? diag->column : 0, AR_STR_ARG(diag ? diag->message : AR_STR("none")));
        }
    }
}

static void the_expression_may_go_once_it_is_compiled(void **state)
{
    (void)state;
    char text[] = "$['a'][?@ == 'x']";
    struct ar_jsonpath *path = compile(text);
    memset(text, '!', sizeof(text));
    struct ar_nodes nodes;
    assert_int_equal(
        ar_jsonpath_eval(path, read_json("{\"a\": [\"x\", \"y\"]}"), false, &arena, NULL, &nodes),
        ARRAS_OK);
    assert_int_equal(nodes.list.count, 1);
    ar_jsonpath_release(path);
}

static void only_queries_of_names_and_indexes_are_singular(void **state)
{
    (void)state;
    static const char *const singular[] = {"$", "$.a", "$['a'][0]", "$[-1].b"};
    static const char *const plural[] = {"$.*", "$..a", "$[0, 1]", "$[0:1]", "$[?@.a]"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(ar_jsonpath_is_singular(compile(singular[i])));
    }
    for (size_t i = 0; i < 5; i++) {
        assert_false(ar_jsonpath_is_singular(compile(plural[i])));
    }
}

static void numbers_compare_exactly(void **state)
{
    (void)state;
    static const char json[] = "[9007199254740993, 9007199254740992, 9007199254740993.0, 1e400, "
                               "-0, 123456789012345678901234567890, 19.10]";
    assert_int_equal(count("$[?@ == 9007199254740993]", json), 2);
    assert_int_equal(count("$[?@ > 9007199254740992]", json), 4);
    assert_int_equal(count("$[?@ == 123456789012345678901234567890]", json), 1);
    assert_int_equal(count("$[?@ == 123456789012345678901234567891]", json), 0);
    assert_int_equal(count("$[?@ == 0]", json), 1);
    assert_int_equal(count("$[?@ == 19.1]", json), 1);
    assert_int_equal(count("$[?@ >= 1E400]", json), 1);
    assert_int_equal(count("$[?@ == -0.0]", json), 1);
}

static void strings_compare_by_code_points(void **state)
{
    (void)state;
    /* U+FF61 comes before U+10002, though not in UTF-16 */
    static const char json[] = "[\"\xEF\xBD\xA1\", \"\xF0\x90\x80\x82\"]";
    assert_int_equal(count("$[?@ < '\xF0\x90\x80\x82']", json), 1);
    assert_int_equal(count("$[?length(@) == 1]", json), 2);
}

static void patterns_from_the_document_may_change_from_node_to_node(void **state)
{
    (void)state;
    static const char json[] = "[{\"t\": \"ab\", \"p\": \"a.\"}, {\"t\": \"ab\", \"p\": \"a\"},"
                               " {\"t\": \"ab\", \"p\": \"(\"}, {\"t\": \"ab\", \"p\": \"\"},"
                               " {\"t\": \"\", \"p\": \"\"}, {\"t\": \"ab\", \"p\": 1}]";
    assert_int_equal(count("$[?match(@.t, @.p)]", json), 2);
    assert_int_equal(count("$[?search(@.t, @.p)]", json), 4);
    assert_int_equal(count("$[?match(@.t, @.p) || search(@.t, @.p)]", json), 4);
    assert_int_equal(count("$[?match(@.t, '(')]", json), 0);
}

static void paths_are_normalized(void **state)
{
    (void)state;
    struct ar_nodes nodes;
    struct ar_buf buf;
    ar_buf_init(&buf, 1000);
    const struct arras_value *root =
        read_json("{\"a'\\\\\\n\\u0001\\u0000\xC3\xA9\": [[0, {\"b\": 1}]]}");
    assert_int_equal(eval("$..b", root, &nodes), ARRAS_OK);
    assert_int_equal(nodes.list.count, 1);
    ar_node_path(&nodes.list.items[0], &buf);
    assert_str(ar_buf_str(&buf), "$['a\\'\\\\\\n\\u0001\\u0000\xC3\xA9'][0][1]['b']");
    ar_buf_clear(&buf);
    assert_int_equal(eval("$", root, &nodes), ARRAS_OK);
    ar_node_path(&nodes.list.items[0], &buf);
    assert_str(ar_buf_str(&buf), "$");
    ar_buf_release(&buf);
}

static void nodes_below_the_same_parent_share_it(void **state)
{
    (void)state;
    struct ar_nodes nodes;
    assert_int_equal(eval("$.a[*]", read_json("{\"a\": [1, 2]}"), &nodes), ARRAS_OK);
    assert_int_equal(nodes.list.count, 2);
    assert_ptr_equal(nodes.list.items[0].parent, nodes.list.items[1].parent);
    assert_null(nodes.list.items[0].parent->parent->parent);
}

static void nothing_selects_nothing(void **state)
{
    (void)state;
    struct ar_nodes nodes;
    assert_int_equal(eval("$..*", NULL, &nodes), ARRAS_OK);
    assert_int_equal(nodes.list.count, 0);
}

static bool holds_for_root(const char *expression, const char *json)
{
    bool holds = true;
    struct ar_jsonpath *path = compile(expression);
    assert_int_equal(ar_jsonpath_filter_root(path, read_json(json), NULL, &holds), ARRAS_OK);
    ar_jsonpath_release(path);
    return holds;
}

static void a_filter_can_be_asked_of_the_root_itself(void **state)
{
    (void)state;
    assert_true(holds_for_root("$[?count(@.pets) > 0]", "{\"pets\": [1]}"));
    assert_false(holds_for_root("$[?count(@.pets) > 0]", "{\"dogs\": [1]}"));
    assert_true(holds_for_root("$[?@.ok == true]", "{\"ok\": true}"));
    /* other queries are not such filters */
    assert_false(holds_for_root("$.pets", "{\"pets\": [1]}"));
    assert_false(holds_for_root("$.pets[?@ == 1]", "{\"pets\": [1]}"));
    assert_false(holds_for_root("$[?@.pets, 0]", "{\"pets\": [1]}"));
    assert_false(holds_for_root("$..[?@.pets]", "{\"pets\": [1]}"));
}

static const struct arras_value *many_items(size_t number)
{
    struct ar_list list;
    ar_list_init(&list, &arena);
    for (size_t i = 0; i < number; i++) {
        assert_true(ar_list_push(&list, ar_number_text(AR_STR("1"))));
    }
    const struct arras_value *value = ar_value_new(&arena, ar_list_value(&list));
    assert_non_null(value);
    return value;
}

static void filters_take_nothing_from_the_arena(void **state)
{
    (void)state;
    const struct arras_value *root = many_items(1000);
    struct ar_jsonpath *path = compile("$[?@ == 2 || @.a.b > 'x' || count($[0:3].*) > 1 || "
                                       "length(@) == 3 || match(@, 'a')]");
    struct ar_arena own;
    struct ar_nodes nodes;
    ar_arena_init(&own, 0);
    assert_int_equal(ar_jsonpath_eval(path, root, true, &own, NULL, &nodes), ARRAS_OK);
    assert_int_equal(nodes.list.count, 0);
    assert_int_equal(own.total, 0);
    ar_jsonpath_release(path);
}

static void work_and_nodes_are_limited(void **state)
{
    (void)state;
    struct ar_nodes nodes;
    struct ar_diags diags;
    ar_diags_init(&diags, &arena);
    struct ar_jsonpath *path = compile("$[?count($[?count($[*]) > 0]) > 0]");
    assert_int_equal(ar_jsonpath_eval(path, many_items(2000), false, &arena, &diags, &nodes),
                     ARRAS_LIMIT);
    assert_int_equal(diags.errors, 1);
    ar_jsonpath_release(path);
    const struct arras_value *many = many_items(AR_QUERY_NODES + 1);
    assert_int_equal(eval("$[*]", many, &nodes), ARRAS_LIMIT);
    assert_int_equal(eval("$[?@ == 2]", many, &nodes), ARRAS_OK);
    /* comparing is work too */
    assert_int_equal(eval("$[?$ == $]", many, &nodes), ARRAS_LIMIT);
}

static void depth_is_limited(void **state)
{
    (void)state;
    struct ar_buf buf;
    struct ar_jsonpath *path;
    struct ar_nodes nodes;
    ar_buf_init(&buf, AR_QUERY_LENGTH);
    ar_buf_add_z(&buf, "$");
    for (size_t i = 0; i < 100000; i++) {
        ar_buf_add_z(&buf, "[?@");
    }
    assert_int_equal(ar_jsonpath_compile(ar_buf_str(&buf), &arena, NULL, &path), ARRAS_LIMIT);
    ar_buf_clear(&buf);
    ar_buf_add_z(&buf, "$");
    for (size_t i = 0; i < 5000; i++) {
        ar_buf_add_z(&buf, ".*");
    }
    /* a value that is deeper than any that is read */
    const struct arras_value *deep = read_json("[]");
    for (size_t i = 0; i < 5000; i++) {
        struct ar_list list;
        ar_list_init(&list, &arena);
        assert_true(ar_list_push(&list, *deep));
        deep = ar_value_new(&arena, ar_list_value(&list));
        assert_non_null(deep);
    }
    assert_int_equal(ar_jsonpath_compile(ar_buf_str(&buf), &arena, NULL, &path), ARRAS_OK);
    assert_int_equal(ar_jsonpath_eval(path, deep, false, &arena, NULL, &nodes), ARRAS_LIMIT);
    assert_int_equal(eval("$..*", deep, &nodes), ARRAS_LIMIT);
    assert_int_equal(eval("$[?@ == $[0]]", deep, &nodes), ARRAS_LIMIT);
    ar_buf_release(&buf);
}

static void long_chains_need_no_depth(void **state)
{
    (void)state;
    struct ar_buf buf;
    struct ar_jsonpath *path;
    struct ar_nodes nodes;
    ar_buf_init(&buf, AR_QUERY_LENGTH);
    ar_buf_add_z(&buf, "$[?@ == 2");
    for (size_t i = 0; i < 50000; i++) {
        ar_buf_add_z(&buf, "||@ == 1");
    }
    ar_buf_add_z(&buf, "]");
    assert_int_equal(ar_jsonpath_compile(ar_buf_str(&buf), &arena, NULL, &path), ARRAS_OK);
    assert_int_equal(ar_jsonpath_eval(path, many_items(3), false, &arena, NULL, &nodes), ARRAS_OK);
    assert_int_equal(nodes.list.count, 3);
    ar_buf_release(&buf);
    ar_jsonpath_release(path);
}

static void a_pattern_that_never_ends_is_a_limit(void **state)
{
    (void)state;
    struct ar_nodes nodes;
    const struct arras_value *root =
        read_json("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"]");
    assert_int_equal(eval("$[?match(@, '(a+)+')]", root, &nodes), ARRAS_LIMIT);
    assert_int_equal(eval("$[?!match(@, '(a+)+')]", root, &nodes), ARRAS_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_say_what_is_wrong_and_where),
        cmocka_unit_test(the_expression_may_go_once_it_is_compiled),
        cmocka_unit_test(only_queries_of_names_and_indexes_are_singular),
        cmocka_unit_test(numbers_compare_exactly),
        cmocka_unit_test(strings_compare_by_code_points),
        cmocka_unit_test(patterns_from_the_document_may_change_from_node_to_node),
        cmocka_unit_test(paths_are_normalized),
        cmocka_unit_test(nodes_below_the_same_parent_share_it),
        cmocka_unit_test(nothing_selects_nothing),
        cmocka_unit_test(a_filter_can_be_asked_of_the_root_itself),
        cmocka_unit_test(filters_take_nothing_from_the_arena),
        cmocka_unit_test(work_and_nodes_are_limited),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(long_chains_need_no_depth),
        cmocka_unit_test(a_pattern_that_never_ends_is_a_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
