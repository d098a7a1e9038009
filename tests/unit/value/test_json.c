#include "reading.h"
#include "value/scan.h"

static struct arras_value json(struct arras_str text)
{
    return read_text(ar_json_read, text);
}

static const struct arras_diag *no_json(struct arras_str text, enum arras_status status,
                                        const char *code, uint32_t line, uint32_t column)
{
    return refused(ar_json_read, text, status, code, line, column);
}

static void test_every_kind_of_value_is_read(void **state)
{
    (void)state;
    struct arras_value value =
        json(AR_STR(" {\"a\" : [1, -2.50e+1, true, false, null, \"x\", [], {}], \"\":\"\"}\n"));
    const struct arras_value *a = ar_get_z(&value, "a");
    assert_int_equal(a->count, 8);
    assert_str(ar_text(ar_item(a, 1)), "-2.50e+1");
    assert_true(ar_item(a, 2)->boolean && !ar_item(a, 3)->boolean);
    assert_int_equal(ar_item(a, 4)->type, ARRAS_NULL);
    assert_str(ar_text(ar_item(a, 5)), "x");
    assert_true(ar_is(ar_item(a, 6), ARRAS_ARRAY) && ar_item(a, 6)->count == 0);
    assert_true(ar_is(ar_item(a, 7), ARRAS_OBJECT) && ar_item(a, 7)->count == 0);
    assert_true(ar_is(ar_get_z(&value, ""), ARRAS_STRING));
}

static void test_values_know_their_place(void **state)
{
    (void)state;
    struct arras_value value = json(AR_STR(" {\"a\": [10, \"x\"],\n \"b\": {}}"));
    assert_int_equal(value.at, 1);
    assert_int_equal(value.members[0].at, 2);
    assert_int_equal(value.members[0].value.at, 7);
    assert_int_equal(value.members[0].value.items[1].at, 12);
    assert_int_equal(value.members[1].at, 19);
    assert_int_equal(value.members[1].value.at, 24);
}

static void test_escapes_are_read(void **state)
{
    (void)state;
    struct arras_value value = json(AR_STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\\u20AC\""));
    assert_str(ar_text(&value), "\"\\/\b\f\n\r\tA\xC3\xA4\xE2\x82\xAC");
    value = json(AR_STR("\"<\\uD83D\\uDE00>\""));
    assert_str(ar_text(&value), "<\xF0\x9F\x98\x80>");
    value = json(AR_STR("{\"\\u0000\\u0000\":\"a\\u0000b\"}"));
    assert_str(ar_text(ar_get(&value, AR_STR("\0\0"))), "a\0b");
}

static void test_half_surrogates_are_refused(void **state)
{
    (void)state;
    no_json(AR_STR("\"a\\uD83D\""), ARRAS_SYNTAX, "json-surrogate", 1, 3);
    no_json(AR_STR("\"\\uDE00\\uD83D\""), ARRAS_SYNTAX, "json-surrogate", 1, 2);
    no_json(AR_STR("\"\\uD83D\\u0041\""), ARRAS_SYNTAX, "json-surrogate", 1, 2);
    no_json(AR_STR("\"\\uD83D\\n\""), ARRAS_SYNTAX, "json-surrogate", 1, 2);
}

static void test_invalid_utf8_is_refused_in_names_and_strings(void **state)
{
    (void)state;
    no_json(AR_STR("[\"abc\xFF\"]"), ARRAS_SYNTAX, "invalid-utf-8", 1, 6);
    no_json(AR_STR("{\"\xED\xA0\x80\":1}"), ARRAS_SYNTAX, "invalid-utf-8", 1, 3);
    no_json(AR_STR("[\"\\n\xC3\"]"), ARRAS_SYNTAX, "invalid-utf-8", 1, 5);
    no_json(AR_STR("[\"long enough for whole words \xC3\x28\"]"), ARRAS_SYNTAX, "invalid-utf-8", 1,
            31);
    no_json(AR_STR("\xFF"), ARRAS_SYNTAX, "json-syntax", 1, 1);
}

static void test_of_a_name_that_stands_twice_the_last_counts_with_a_warning(void **state)
{
    (void)state;
    struct arras_value value =
        json(AR_STR("[{\"a\":1,\n \"b\":2, \"\\u0061\":3},{\"c\":1,\"c\":2}]"));
    assert_str(written(&value, 0), "[{\"a\":3,\"b\":2},{\"c\":2}]");
    assert_int_equal(diags.errors, 0);
    assert_int_equal(diags.list.count, 1); /* of a text, the first only */
    assert_string_equal(diags.list.items[0].code, "repeated-name");
    assert_str(diags.list.items[0].message, "the name 'a' stands twice in an object, first on line "
                                            "1, column 3; the last one counts");
    assert_int_equal(diags.list.items[0].line, 2);
    assert_int_equal(diags.list.items[0].column, 9);
}

static void test_names_that_stand_twice_among_many(void **state)
{
    (void)state;
    struct ar_buf buf;
    ar_buf_init(&buf, 100000);
    ar_buf_add_char(&buf, '{');
    for (int i = 0; i < 1000; i++) {
        ar_buf_printf(&buf, "\"n%d\":%d,", i, i);
    }
    size_t fine = buf.len;
    ar_buf_add_z(&buf, "\"n1000\":0}");
    struct arras_value value = json(ar_buf_str(&buf));
    assert_true(value.indexed && value.count == 1001);
    assert_int_equal(diags.warnings, 0);
    ar_buf_cut(&buf, fine);
    ar_buf_add_z(&buf, "\"n567\":true,\"n1000\":0}");
    value = json(ar_buf_str(&buf));
    assert_true(value.indexed && value.count == 1001);
    assert_true(value.members[567].value.boolean);
    assert_ptr_equal(ar_get_z(&value, "n567"), &value.members[567].value);
    assert_int_equal(diags.warnings, 1);
    assert_int_equal(diags.list.items[0].column, (uint32_t)fine + 1);
    ar_buf_release(&buf);
}

static void test_nesting_stops_at_the_limit(void **state)
{
    (void)state;
    char text[2 * AR_NESTING_DEPTH + 2];
    memset(text, '[', sizeof(text) / 2);
    memset(text + sizeof(text) / 2, ']', sizeof(text) / 2);
    json((struct arras_str){text + 1, sizeof(text) - 2});
    no_json((struct arras_str){text, sizeof(text)}, ARRAS_LIMIT, "nesting-limit", 1,
            AR_NESTING_DEPTH + 1);
}

static void test_errors_say_what_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line, column;
        const char *message, *hint;
    } cases[] = {
        {"", 1, 1, "the text ends where a value is expected", ""},
        {"[1,\n2", 2, 2, "the text ends within the array that begins on line 1, column 1", ""},
        {"{\"a\": \"x", 1, 9, "the text ends within the string that begins on line 1, column 7",
         ""},
        {"[1,]", 1, 4, "']' where a value is expected",
         "JSON allows no comma before a closing bracket"},
        {"{\"a\":1,}", 1, 8, "'}' where a name is expected",
         "JSON allows no comma before a closing bracket"},
        {"{'a':1}", 1, 2, "''' where a name is expected", "JSON strings stand in double quotes"},
        {"[1 2]", 1, 4, "'2' where ',' or ']' of an array is expected", ""},
        {"[1}", 1, 3, "'}' where ',' or ']' of an array is expected", "the brackets do not match"},
        {"{\"a\" 1}", 1, 6, "'1' where the ':' behind a name is expected", ""},
        {"{} x", 1, 4, "'x' where the end of the text is expected", ""},
        {"// x\n1", 1, 1, "'/' where a value is expected", "JSON has no comments"},
        {"[nul]", 1, 2, "'n' where a value is expected", ""},
        {"01", 1, 1, "a number that begins with a zero", ""},
        {"-", 1, 2, "a digit is missing in a number", ""},
        {"1.", 1, 3, "a digit is missing in a number", ""},
        {"\"a\nb\"", 1, 3, "control character 0x0A within a string, where it must be escaped", ""},
        {"\"\\x\"", 1, 2, "a backslash that begins no JSON escape", ""},
        {"\"\\u12g4\"", 1, 2, "\\u without four hexadecimal digits", ""},
        {"\xEF\xBB\xBF{}", 1, 1, "a byte order mark, which JSON does not allow", ""},
        {"\x01", 1, 1, "byte 0x01 where a value is expected", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        bool mark = cases[i].text[0] == '\xEF';
        const struct arras_diag *diag =
            no_json(ar_str_z(cases[i].text), ARRAS_SYNTAX, mark ? "byte-order-mark" : "json-syntax",
                    cases[i].line, cases[i].column);
        char message[200];
        snprintf(message, sizeof(message), "%.*s", AR_STR_ARG(diag->message));
        assert_string_equal(message, cases[i].message);
        assert_true(ar_str_is(diag->hint, cases[i].hint));
    }
}

/* A string of every length around those of whole words, closed and not. */
static void test_strings_end_where_they_end(void **state)
{
    (void)state;
    char text[64] = "\"";
    for (size_t len = 0; len < 40; len++) {
        memset(text + 1, 'x', len);
        text[len + 1] = '"';
        struct arras_value value = json((struct arras_str){text, len + 2});
        assert_int_equal(value.count, len);
        no_json((struct arras_str){text, len + 1}, ARRAS_SYNTAX, "json-syntax", 1,
                (uint32_t)len + 2);
        text[len + 1] = 'x';
    }
}

static void expect_scan(const char *text, size_t len)
{
    size_t stop = 0;
    bool high = false;
    for (;
         stop < len && text[stop] != '"' && text[stop] != '\\' && (unsigned char)text[stop] >= 0x20;
         stop++) {
        high |= (unsigned char)text[stop] >= 0x80;
    }
    bool wide = false, portable = false;
    assert_int_equal(ar_scan_plain(text, text + len, &wide) - text, stop);
    assert_int_equal(ar_scan_plain_portable(text, text + len, &portable) - text, stop);
    assert_int_equal(wide, high);
    assert_int_equal(portable, high);
}

/* Every byte at every place of texts of every length, then with another of note behind it. */
static void test_scanning_many_bytes_agrees_with_looking_at_each(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 40; len++) {
        char *text = malloc(len); /* just the size, so that reading past its end is caught */
        assert_non_null(text);
        for (size_t i = 0; i < len * 256; i++) {
            size_t at = i / 256;
            memset(text, 'x', len);
            text[at] = (char)(i % 256);
            expect_scan(text, len);
            if (at + 1 < len) {
                text[at + 1] = (char)(i % 2 ? '"' : 0x80);
                expect_scan(text, len);
            }
        }
        free(text);
    }
}

static void test_containers_close_where_they_end(void **state)
{
    (void)state;
    struct arras_value value =
        json(AR_STR("[[], {}, [ ], { }, [[[1]], {\"a\":{\"b\":[{}]}, \"c\":[]}] , 2 ]"));
    assert_int_equal(value.count, 6);
    const struct arras_value *mixed = ar_item(&value, 4);
    assert_int_equal(mixed->count, 2);
    assert_str(ar_text(ar_item(ar_item(ar_item(mixed, 0), 0), 0)), "1");
    const struct arras_value *b = ar_get_z(ar_get_z(ar_item(mixed, 1), "a"), "b");
    assert_int_equal(ar_item(b, 0)->type, ARRAS_OBJECT);
    assert_int_equal(ar_get_z(ar_item(mixed, 1), "c")->type, ARRAS_ARRAY);
    assert_str(ar_text(ar_item(&value, 5)), "2");
    no_json(AR_STR("[[1}"), ARRAS_SYNTAX, "json-syntax", 1, 4);
    no_json(AR_STR("{\"a\":[1]]"), ARRAS_SYNTAX, "json-syntax", 1, 9);
    no_json(AR_STR("[1]]"), ARRAS_SYNTAX, "json-syntax", 1, 4);
    no_json(AR_STR("[,1]"), ARRAS_SYNTAX, "json-syntax", 1, 2);
    no_json(AR_STR("{\"a\":1,}"), ARRAS_SYNTAX, "json-syntax", 1, 8);
}

static void test_numbers_stay_as_written(void **state)
{
    (void)state;
    struct arras_str text =
        AR_STR("[9007199254740993,19.10,1E400,-0,0.1234567890123456789012345678901234567890]");
    struct arras_value value = json(text);
    assert_true(ar_str_eq(written(&value, 0), text));
}

static void test_writing_indents_sorts_and_escapes(void **state)
{
    (void)state;
    struct arras_value value =
        json(AR_STR("{\"b\":[1,{}],\"a\":{\"x\":[]},\"\\u00e4\":\"\\ud83d\\ude00\"}"));
    assert_str(written(&value, ARRAS_WRITE_COMPACT),
               "{\"b\":[1,{}],\"a\":{\"x\":[]},\"\xC3\xA4\":\"\xF0\x9F\x98\x80\"}");
    assert_str(written(&value, ARRAS_WRITE_SORTED | ARRAS_WRITE_ASCII),
               "{\"a\":{\"x\":[]},\"b\":[1,{}],\"\\u00e4\":\"\\ud83d\\ude00\"}");
    assert_str(written(&value, ARRAS_WRITE_INDENT | ARRAS_WRITE_ASCII),
               "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": {\n    \"x\": []\n  },\n"
               "  \"\\u00e4\": \"\\ud83d\\ude00\"\n}");
    assert_str(written(NULL, 0), "null");
}

/* The example of RFC 8785 section 3.2.3. */
static void test_sorting_is_by_utf16_code_units(void **state)
{
    (void)state;
    struct arras_value value =
        json(AR_STR("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,"
                    "\"\\u0080\":6,\"\\u00f6\":7}"));
    assert_str(written(&value, ARRAS_WRITE_SORTED | ARRAS_WRITE_ASCII),
               "{\"\\r\":2,\"1\":4,\"\\u0080\":6,\"\\u00f6\":7,\"\\u20ac\":1,\"\\ud83d\\ude00\":5,"
               "\"\\ufb33\":3}");
}

static void test_strings_are_escaped_as_little_as_may_be(void **state)
{
    (void)state;
    struct arras_value value =
        ar_string(AR_STR("\0\x01\b\t\n\v\f\r\x1F \"\\/\x7F\xC2\x80\xE2\x80\xA8"));
    assert_str(written(&value, 0), "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f "
                                   "\\\"\\\\/\x7F\xC2\x80\xE2\x80\xA8\"");
    value = ar_string(AR_STR("a\xFF\xC3z"));
    assert_str(written(&value, 0), "\"a\xEF\xBF\xBD\xEF\xBF\xBDz\"");
}

static void test_writing_stops_at_the_limits(void **state)
{
    (void)state;
    struct arras_value inner = ar_null();
    for (int i = 0; i <= AR_NESTING_DEPTH; i++) {
        struct ar_list list;
        ar_list_init(&list, &arena);
        assert_true(ar_list_push(&list, inner));
        inner = ar_list_value(&list);
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    ar_json_write(&buf, &inner, 0);
    assert_int_equal(ar_buf_status(&buf), ARRAS_LIMIT);
    ar_buf_release(&buf);
    ar_buf_init(&buf, 3);
    ar_json_write(&buf, ar_item(&inner, 0), 0);
    assert_int_equal(ar_buf_status(&buf), ARRAS_LIMIT);
    ar_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_kind_of_value_is_read),
        TEST(test_values_know_their_place),
        TEST(test_escapes_are_read),
        TEST(test_half_surrogates_are_refused),
        TEST(test_invalid_utf8_is_refused_in_names_and_strings),
        TEST(test_of_a_name_that_stands_twice_the_last_counts_with_a_warning),
        TEST(test_names_that_stand_twice_among_many),
        TEST(test_nesting_stops_at_the_limit),
        TEST(test_errors_say_what_and_where),
        TEST(test_strings_end_where_they_end),
        TEST(test_scanning_many_bytes_agrees_with_looking_at_each),
        TEST(test_containers_close_where_they_end),
        TEST(test_numbers_stay_as_written),
        TEST(test_writing_indents_sorts_and_escapes),
        TEST(test_sorting_is_by_utf16_code_units),
        TEST(test_strings_are_escaped_as_little_as_may_be),
        TEST(test_writing_stops_at_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
