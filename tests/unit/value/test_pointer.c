#include "reading.h"
#include "value/pointer.h"

static struct arras_value json(const char *text)
{
    return read_text(ar_json_read, ar_str_z(text));
}

/* RFC 6901 section 5. */
static void test_the_examples_of_the_specification(void **state)
{
    (void)state;
    struct arras_value root =
        json("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
             "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}");
    static const struct {
        const char *pointer, *json;
    } cases[] = {{"/foo", "[\"bar\",\"baz\"]"},
                 {"/foo/0", "\"bar\""},
                 {"/", "0"},
                 {"/a~1b", "1"},
                 {"/c%d", "2"},
                 {"/e^f", "3"},
                 {"/g|h", "4"},
                 {"/i\\j", "5"},
                 {"/k\"l", "6"},
                 {"/ ", "7"},
                 {"/m~0n", "8"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct arras_value *value = ar_pointer_get(&root, ar_str_z(cases[i].pointer));
        assert_non_null(value);
        assert_true(ar_str_is(written(value, 0), cases[i].json));
    }
    assert_ptr_equal(ar_pointer_get(&root, AR_STR("")), &root);
}

static void test_pointers_that_lead_nowhere(void **state)
{
    (void)state;
    struct arras_value root = json("{\"a\":[1,{\"~1\":2,\"/\":3}],\"b\":\"x\"}");
    static const char *const nowhere[] = {"/c",        "/a/2",  "/a/-",   "/a/01",
                                          "/a/+1",     "/a/",   "/b/0",   "a",
                                          "/a~2b",     "/a/1~", "/a/0/0", "/a/99999999999999999999",
                                          "/a/1/~01/x"};
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(*nowhere); i++) {
        assert_null(ar_pointer_get(&root, ar_str_z(nowhere[i])));
    }
    assert_null(ar_pointer_get(NULL, AR_STR("")));
    assert_str(ar_text(ar_pointer_get(&root, AR_STR("/a/1/~01"))), "2");
    assert_str(ar_text(ar_pointer_get(&root, AR_STR("/a/1/~1"))), "3");
    assert_true(ar_pointer_valid(AR_STR("")) && ar_pointer_valid(AR_STR("//~0~1")));
    assert_false(ar_pointer_valid(AR_STR("x")) || ar_pointer_valid(AR_STR("/~")) ||
                 ar_pointer_valid(AR_STR("/~2")));
}

/* Names are looked up by their hash, those with escapes too, and long ones. */
static void test_escapes_in_objects_with_an_index(void **state)
{
    (void)state;
    static char text[65536], pointer[2048];
    size_t len = 1;
    text[0] = '{';
    for (size_t i = 0; i < 40; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\"/%0*zu~\":%zu", i ? "," : "",
                                i < 39 ? 1 : 600, i, i);
    }
    snprintf(text + len, sizeof(text) - len, "}");
    struct arras_value root = json(text);
    for (size_t i = 0; i < 40; i++) {
        char wanted[8];
        snprintf(pointer, sizeof(pointer), "/~1%0*zu~0", i < 39 ? 1 : 600, i);
        snprintf(wanted, sizeof(wanted), "%zu", i);
        assert_true(ar_str_is(ar_text(ar_pointer_get(&root, ar_str_z(pointer))), wanted));
    }
    assert_null(ar_pointer_get(&root, AR_STR("/~140~0")));
}

static void test_tokens_are_escaped_and_unescaped(void **state)
{
    (void)state;
    struct ar_buf buf;
    ar_buf_init(&buf, 100);
    ar_pointer_add(&buf, AR_STR("a/b~c"));
    ar_pointer_add(&buf, AR_STR(""));
    ar_pointer_add(&buf, AR_STR("~1"));
    struct arras_str rest = ar_buf_str(&buf), token;
    enum arras_status status;
    assert_str(rest, "/a~1b~0c//~01");
    assert_true(ar_pointer_next(&rest, &arena, &token, &status));
    assert_str(token, "a/b~c");
    assert_true(ar_pointer_next(&rest, &arena, &token, &status));
    assert_str(token, "");
    assert_true(ar_pointer_next(&rest, &arena, &token, &status));
    assert_str(token, "~1");
    assert_false(ar_pointer_next(&rest, &arena, &token, &status));
    assert_int_equal(status, ARRAS_OK);
    rest = AR_STR("/~x");
    assert_false(ar_pointer_next(&rest, &arena, &token, &status));
    assert_int_equal(status, ARRAS_SYNTAX);
    ar_buf_release(&buf);
}

static void check_set(const char *before, const char *pointer, enum arras_status status,
                      const char *after)
{
    struct arras_value root = json(before), made;
    struct arras_str unchanged = written(&root, 0);
    assert_int_equal(
        ar_pointer_set(&root, ar_str_z(pointer), ar_string(AR_STR("new")), &arena, &made), status);
    assert_true(ar_str_eq(written(&root, 0), unchanged));
    if (!status) {
        assert_true(ar_str_is(written(&made, 0), after));
    }
}

static void test_setting_makes_a_changed_copy(void **state)
{
    (void)state;
    check_set("{\"a\":1}", "", ARRAS_OK, "\"new\"");
    check_set("{\"a\":1,\"b\":2}", "/a", ARRAS_OK, "{\"a\":\"new\",\"b\":2}");
    check_set("{\"a\":1}", "/b~1c", ARRAS_OK, "{\"a\":1,\"b/c\":\"new\"}");
    check_set("{\"a\":[1,2]}", "/a/0", ARRAS_OK, "{\"a\":[\"new\",2]}");
    check_set("{\"a\":[1,2]}", "/a/2", ARRAS_OK, "{\"a\":[1,2,\"new\"]}");
    check_set("[]", "/-", ARRAS_OK, "[\"new\"]");
    check_set("{}", "/", ARRAS_OK, "{\"\":\"new\"}");
    check_set("{\"a\":{\"b\":{\"c\":1}}}", "/a/b/d", ARRAS_OK,
              "{\"a\":{\"b\":{\"c\":1,\"d\":\"new\"}}}");
    check_set("{\"a\":[1]}", "/a/3", ARRAS_UNRESOLVED, "");
    check_set("{\"a\":[1]}", "/a/x", ARRAS_UNRESOLVED, "");
    check_set("{\"a\":[1]}", "/b/c", ARRAS_UNRESOLVED, "");
    check_set("{\"a\":[1]}", "/a/-/x", ARRAS_UNRESOLVED, "");
    check_set("{\"a\":1}", "/a/b", ARRAS_UNRESOLVED, "");
    check_set("{\"a\":1}", "a", ARRAS_UNRESOLVED, "");
    check_set("{\"a\":1}", "/a~", ARRAS_UNRESOLVED, "");
}

static void test_setting_shares_what_is_not_on_the_way(void **state)
{
    (void)state;
    struct arras_value root = json("{\"a\":[1,[2]],\"b\":{\"c\":[3]}}"), made;
    assert_int_equal(ar_pointer_set(&root, AR_STR("/a/0"), ar_null(), &arena, &made), ARRAS_OK);
    assert_ptr_equal(ar_get_z(&made, "b")->members, ar_get_z(&root, "b")->members);
    assert_ptr_equal(ar_pointer_get(&made, AR_STR("/a/1"))->items,
                     ar_pointer_get(&root, AR_STR("/a/1"))->items);
}

static void test_setting_works_in_objects_with_an_index(void **state)
{
    (void)state;
    struct arras_value value = json("{}");
    for (int i = 0; i < 60; i++) {
        struct arras_str pointer;
        assert_true(ar_str_printf(&arena, &pointer, "/n%d", i));
        assert_int_equal(ar_pointer_set(&value, pointer, ar_string(pointer), &arena, &value),
                         ARRAS_OK);
    }
    assert_int_equal(value.count, 60);
    assert_str(ar_text(ar_get_z(&value, "n0")), "/n0");
    assert_str(ar_text(ar_get_z(&value, "n59")), "/n59");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_examples_of_the_specification),
        TEST(test_pointers_that_lead_nowhere),
        TEST(test_escapes_in_objects_with_an_index),
        TEST(test_tokens_are_escaped_and_unescaped),
        TEST(test_setting_makes_a_changed_copy),
        TEST(test_setting_shares_what_is_not_on_the_way),
        TEST(test_setting_works_in_objects_with_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
