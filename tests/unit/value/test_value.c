/* Objects, arrays, copies and equality; the functions of arras/value.h. */
#include "reading.h"
#include <unistd.h>
#include "value/document.h"

static struct arras_value json(struct arras_str text)
{
    return read_text(ar_json_read, text);
}

static void test_the_sizes_are_as_designed(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct arras_value), 24);
    assert_int_equal(sizeof(struct ar_member), 40);
}

static void test_nothing_is_asked_without_harm(void **state)
{
    (void)state;
    struct arras_value text = ar_string(AR_STR("x"));
    assert_null(ar_get_z(NULL, "a"));
    assert_null(ar_get_z(&text, "a"));
    assert_null(ar_item(NULL, 0));
    assert_null(ar_item(&text, 0));
    assert_str(ar_text(NULL), "");
    assert_string_equal(ar_type_name(NULL), "nothing");
    assert_string_equal(ar_type_name(&text), "string");
    assert_true(ar_value_equal(NULL, NULL));
    assert_false(ar_value_equal(&text, NULL));
}

static void test_built_objects_keep_order_and_replace(void **state)
{
    (void)state;
    struct ar_object object;
    ar_object_init(&object, &arena);
    assert_true(ar_object_set_z(&object, "b", ar_bool(true)));
    assert_true(ar_object_set_z(&object, "a", ar_null()));
    assert_true(ar_object_set_z(&object, "b", ar_string(AR_STR("x"))));
    bool duplicate;
    assert_false(ar_object_add(&object, AR_STR("a"), 7, ar_null(), &duplicate));
    assert_true(duplicate);
    struct arras_value value;
    assert_true(ar_object_value(&object, &value));
    assert_str(written(&value, 0), "{\"b\":\"x\",\"a\":null}");
}

static void check_members(const struct arras_value *value, int count)
{
    char name[16];
    assert_int_equal(value->count, count);
    assert_int_equal(value->indexed, count > AR_OBJECT_INDEX);
    for (int i = 0; i < count; i++) {
        int64_t number;
        snprintf(name, sizeof(name), "n%d", i);
        const struct arras_value *member = ar_get_z(value, name);
        assert_non_null(member);
        assert_true(ar_str_int(ar_text(member), &number));
        assert_int_equal(number, i);
        assert_true(ar_str_is(ar_member_name(&value->members[i]), name));
    }
    assert_null(ar_get_z(value, "none"));
    assert_null(ar_get_z(value, ""));
}

static void test_members_are_found_in_objects_of_any_size(void **state)
{
    (void)state;
    for (int count = 0; count < 300; count += count < 40 ? 1 : 13) {
        struct ar_object object;
        ar_object_init(&object, &arena);
        for (int i = 0; i < count; i++) {
            struct arras_str name;
            struct arras_value number;
            assert_true(ar_str_printf(&arena, &name, "n%d", i));
            assert_true(ar_int(&arena, i, &number));
            assert_true(ar_object_set(&object, name, number));
            assert_true(ar_object_set(&object, name, number));
        }
        struct arras_value value, copy;
        assert_true(ar_object_value(&object, &value));
        check_members(&value, count);
        assert_int_equal(ar_value_copy(&value, &arena, &copy), ARRAS_OK);
        check_members(&copy, count);
        struct arras_value again = json(written(&value, 0));
        check_members(&again, count);
        assert_true(ar_value_equal(&again, &copy));
    }
}

static void test_a_copy_borrows_nothing(void **state)
{
    (void)state;
    char text[] = "{\"name\":[\"string\",12.50,true,null,{\"x\":[]}]}";
    struct ar_source source = {AR_STR("test"), {text, sizeof(text) - 1}};
    struct ar_arena own;
    ar_arena_init(&own, 0);
    struct arras_value value, copy;
    assert_int_equal(ar_json_read(&source, &own, NULL, &value), ARRAS_OK);
    assert_int_equal(ar_value_copy(&value, &arena, &copy), ARRAS_OK);
    ar_arena_release(&own);
    memset(text, '?', sizeof(text));
    assert_str(written(&copy, 0), "{\"name\":[\"string\",12.50,true,null,{\"x\":[]}]}");
}

static void check_equal(const char *a_text, const char *b_text, bool equal)
{
    struct arras_value a = json(ar_str_z(a_text)), b = json(ar_str_z(b_text));
    if (ar_value_equal(&a, &b) != equal || ar_value_equal(&b, &a) != equal) {
        fail_msg("%s and %s", a_text, b_text);
    }
}

static void test_values_are_equal_as_json_schema_has_it(void **state)
{
    (void)state;
    check_equal("null", "null", true);
    check_equal("null", "false", false);
    check_equal("true", "false", false);
    check_equal("1", "1.0", true);
    check_equal("1", "\"1\"", false);
    check_equal("[1,2]", "[1,2.0]", true);
    check_equal("[1,2]", "[2,1]", false);
    check_equal("[1,2]", "[1]", false);
    check_equal("{\"a\":1,\"b\":[null]}", "{\"b\":[null],\"a\":10e-1}", true);
    check_equal("{\"a\":1}", "{\"b\":1}", false);
    check_equal("{\"a\":1}", "{\"a\":1,\"b\":2}", false);
    check_equal("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":2}}", false);
    check_equal("9007199254740993", "9007199254740992", false);
    check_equal("[]", "{}", false);
    check_equal("\"\"", "\"\\u0000\"", false);
}

static void test_walks_stop_at_the_limit(void **state)
{
    (void)state;
    struct arras_value value = ar_null(), copy;
    for (int i = 0; i < AR_NESTING_DEPTH + 2; i++) {
        struct ar_list list;
        ar_list_init(&list, &arena);
        assert_true(ar_list_push(&list, value));
        value = ar_list_value(&list);
    }
    assert_int_equal(ar_value_copy(&value, &arena, &copy), ARRAS_LIMIT);
    assert_false(ar_value_equal(&value, &value));
}

static void check_format(const char *name, const char *text, enum arras_format format,
                         enum arras_status status, const char *json_text)
{
    struct ar_document document;
    struct ar_arena own;
    ar_arena_init(&own, 0);
    struct ar_diags found;
    ar_diags_init(&found, &own);
    assert_int_equal(
        ar_document_parse(ar_str_z(name), ar_str_z(text), format, &own, &found, &document), status);
    assert_int_equal(found.errors, status != ARRAS_OK);
    if (!status) {
        struct arras_str got = written(&document.root, 0);
        assert_int_equal(got.len, strlen(json_text));
        assert_memory_equal(got.ptr, json_text, got.len);
    }
    ar_arena_release(&own);
}

static void test_the_format_is_guessed_by_name_then_text(void **state)
{
    (void)state;
    check_format("x.json", "{\"a\":1}", ARRAS_FORMAT_GUESS, ARRAS_OK, "{\"a\":1}");
    check_format("x.JSON", "a: 1", ARRAS_FORMAT_GUESS, ARRAS_SYNTAX, "");
    check_format("x.yaml", "a: 1", ARRAS_FORMAT_GUESS, ARRAS_OK, "{\"a\":1}");
    check_format("x.yml", " {\"a\":1} ", ARRAS_FORMAT_GUESS, ARRAS_OK, "{\"a\":1}");
    check_format("response", "{\"a\":1}", ARRAS_FORMAT_GUESS, ARRAS_OK, "{\"a\":1}");
    check_format("response", "{a: 1, 'b': 0x10}", ARRAS_FORMAT_GUESS, ARRAS_OK,
                 "{\"a\":1,\"b\":16}");
    check_format("response", "[1, 2] x", ARRAS_FORMAT_GUESS, ARRAS_SYNTAX, "");
    check_format("response", "{\"a\":1,\"a\":2}", ARRAS_FORMAT_GUESS, ARRAS_OK, "{\"a\":2}");
    check_format("x.yaml", "{\"a\":1,\"a\":2}", ARRAS_FORMAT_GUESS, ARRAS_SYNTAX, "");
    check_format("a.b/plain", "plain", ARRAS_FORMAT_GUESS, ARRAS_OK, "\"plain\"");
    check_format("x.yaml", "<a/>", ARRAS_FORMAT_XML, ARRAS_OK, "\"<a/>\"");
    check_format("x.yaml", "{\"a\":1}", ARRAS_FORMAT_JSON, ARRAS_OK, "{\"a\":1}");
}

/* On one line YAML would be refused for the number of brackets. */
static void test_what_is_nested_too_deep_is_told_so_whatever_the_format(void **state)
{
    (void)state;
    size_t count = AR_YAML_INDICATORS + 1;
    char *text = ar_arena_raw(&arena, count, 1);
    assert_non_null(text);
    memset(text, '[', count);
    struct ar_document document;
    assert_int_equal(ar_document_parse(AR_STR("response"), (struct arras_str){text, count},
                                       ARRAS_FORMAT_GUESS, &arena, &diags, &document),
                     ARRAS_LIMIT);
    assert_int_equal(diags.list.count, 1);
    assert_string_equal(diags.list.items[0].code, "nesting-limit");
}

static void test_files_are_read_or_named_in_the_error(void **state)
{
    (void)state;
    char path[] = "/tmp/arras-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, "a: [1,\n", 7) == 7);
    struct ar_document document;
    assert_int_equal(ar_document_read(path, ARRAS_FORMAT_GUESS, &arena, &diags, &document),
                     ARRAS_SYNTAX);
    assert_true(ar_str_is(diags.list.items[0].file, path));
    assert_int_equal(pwrite(fd, "a: [1]\n", 7, 0), 7);
    assert_int_equal(ar_document_read(path, ARRAS_FORMAT_GUESS, &arena, &diags, &document),
                     ARRAS_OK);
    close(fd);
    unlink(path);
    assert_int_equal(ar_document_read(path, ARRAS_FORMAT_GUESS, &arena, &diags, &document),
                     ARRAS_NOT_FOUND);
    assert_true(ar_str_find(diags.list.items[1].message, ar_str_z(path), 0) != AR_NOT_FOUND);
}

static void test_the_public_functions_walk_and_write(void **state)
{
    (void)state;
    struct arras_pool *pool = arras_pool_new();
    const struct arras_value *value;
    char text[] = "a: [1.50, yes]\nb: true\n";
    assert_int_equal(arras_read(pool, ARRAS_FORMAT_YAML, "doc", ar_str_z(text), &value), ARRAS_OK);
    memset(text, '?', sizeof(text) - 1);
    assert_int_equal(arras_type(value), ARRAS_OBJECT);
    assert_int_equal(arras_count(value), 2);
    const struct arras_value *a = arras_member(value, "a");
    assert_int_equal(arras_count(a), 2);
    assert_str(arras_text(arras_item(a, 0)), "1.50");
    assert_null(arras_item(a, 2));
    struct arras_str name, json_text;
    assert_true(arras_bool(arras_member_at(value, 1, &name)));
    assert_str(name, "b");
    assert_null(arras_member_at(value, 2, &name));
    assert_null(arras_member_at(a, 0, &name));
    assert_int_equal(arras_count(arras_item(a, 0)), 0);
    assert_int_equal(arras_type(NULL), ARRAS_NULL);
    assert_int_equal(arras_write(pool, value, ARRAS_WRITE_COMPACT, &json_text), ARRAS_OK);
    assert_str(json_text, "{\"a\":[1.50,\"yes\"],\"b\":true}");
    assert_null(arras_pool_diag(pool, 0));
    assert_int_equal(arras_read(pool, ARRAS_FORMAT_JSON, "bad", AR_STR("{"), &value), ARRAS_SYNTAX);
    assert_str(arras_pool_diag(pool, 0)->file, "bad");
    assert_null(arras_pool_diag(pool, 1));
    assert_int_equal(arras_read_file(pool, ARRAS_FORMAT_JSON, "/nonexistent", &value),
                     ARRAS_NOT_FOUND);
    arras_pool_free(pool);
    arras_pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_sizes_are_as_designed),
        TEST(test_nothing_is_asked_without_harm),
        TEST(test_built_objects_keep_order_and_replace),
        TEST(test_members_are_found_in_objects_of_any_size),
        TEST(test_a_copy_borrows_nothing),
        TEST(test_values_are_equal_as_json_schema_has_it),
        TEST(test_walks_stop_at_the_limit),
        TEST(test_the_format_is_guessed_by_name_then_text),
        TEST(test_what_is_nested_too_deep_is_told_so_whatever_the_format),
        TEST(test_files_are_read_or_named_in_the_error),
        TEST(test_the_public_functions_walk_and_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
