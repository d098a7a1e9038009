#include "reading.h"
#include <fcntl.h>
#include <unistd.h>

static struct arras_value yaml(struct arras_str text)
{
    return read_text(ar_yaml_read, text);
}

static const struct arras_diag *no_yaml(struct arras_str text, enum arras_status status,
                                        const char *code, uint32_t line, uint32_t column)
{
    return refused(ar_yaml_read, text, status, code, line, column);
}

#define READS_AS(text, json)                                                                       \
    do {                                                                                           \
        struct arras_value value_ = yaml(AR_STR(text));                                            \
        assert_str(written(&value_, 0), json);                                                     \
    } while (0)

static void test_plain_scalars_follow_the_core_schema(void **state)
{
    (void)state;
    READS_AS("[null, Null, NULL, ~, nULL, x]", "[null,null,null,null,\"nULL\",\"x\"]");
    READS_AS("[true, True, TRUE, false, False, FALSE, tRue, yes, no, on, y]",
             "[true,true,true,false,false,false,\"tRue\",\"yes\",\"no\",\"on\",\"y\"]");
    READS_AS("[0, -0, +12, 007, -08, 1_000, 0b1, 190:20:30]",
             "[0,-0,12,7,-8,\"1_000\",\"0b1\",\"190:20:30\"]");
    READS_AS("[0o17, 0x1F, 0xfFfFfFfFfFfFfFfFfF, 0o8, 0x, -0x1, 0X1, 0x0000]",
             "[15,31,4722366482869645213695,\"0o8\",\"0x\",\"-0x1\",\"0X1\",0]");
    READS_AS("[1.5, .5, -.5, +.5e+3, 1., 1.e2, 01.50, ., +., 1e3, 1e, e3, .e3]",
             "[1.5,0.5,-0.5,0.5e+3,1,1e2,1.50,\".\",\"+.\",1e3,\"1e\",\"e3\",\".e3\"]");
    READS_AS("[.inf, -.Inf, .NAN, 9007199254740993, 19.10]",
             "[\".inf\",\"-.Inf\",\".NAN\",9007199254740993,19.10]");
    READS_AS("['1', \"true\", '', \"~\", 2001-01-01, 1.2.3]",
             "[\"1\",\"true\",\"\",\"~\",\"2001-01-01\",\"1.2.3\"]");
}

static void test_tags_of_the_core_schema_are_honoured(void **state)
{
    (void)state;
    READS_AS("[!!str 1, ! 12, !!int '3', !!float 1, !!bool 'true', !!null '', !!str , !x 5]",
             "[\"1\",\"12\",3,1,true,null,\"\",5]");
    READS_AS("!!map {a: !!seq [!<tag:yaml.org,2002:str> 1]}", "{\"a\":[\"1\"]}");
    no_yaml(AR_STR("a: !!int x"), ARRAS_SYNTAX, "yaml-tag", 1, 10);
    no_yaml(AR_STR("a: !!int 1.5"), ARRAS_SYNTAX, "yaml-tag", 1, 10);
    no_yaml(AR_STR("a: !!bool 1"), ARRAS_SYNTAX, "yaml-tag", 1, 11);
}

static void test_names_are_the_text_of_their_keys(void **state)
{
    (void)state;
    READS_AS("200: a\n0x1F: b\nnull: c\n\"q\\n\": d\n? |\n  block\n: e\n: f\n",
             "{\"200\":\"a\",\"0x1F\":\"b\",\"null\":\"c\",\"q\\n\":\"d\",\"block\\n\":\"e\","
             "\"\":\"f\"}");
    READS_AS("&a key: &b 1\nb: *a\n*b : 2\n", "{\"key\":1,\"b\":\"key\",\"1\":2}");
}

static void test_values_know_their_place(void **state)
{
    (void)state;
    struct arras_str text = AR_STR("\xEF\xBB\xBF# \xC3\xA4\r\n\"k\": 'v'\r\nlist:\r\n- &x plain\r\n"
                                   "- *x\r\nblock: |\r\n  text\r\nflow: {\xC3\xB6: [1]}\r\n");
    struct arras_value value = yaml(text);
    static const char *const names[] = {"\"k\"", "list", "block", "flow"};
    static const char *const values[] = {"'v'", "- &x", "text", "{\xC3\xB6"};
    for (size_t i = 0; i < 4; i++) {
        const struct ar_member *member = &value.members[i];
        assert_true(ar_str_starts(ar_str_from(text, member->at), names[i]));
        assert_true(ar_str_starts(ar_str_from(text, member->value.at), values[i]));
    }
    const struct arras_value *list = ar_get_z(&value, "list");
    assert_true(ar_str_starts(ar_str_from(text, ar_item(list, 0)->at), "plain"));
    assert_true(ar_str_starts(ar_str_from(text, ar_item(list, 1)->at), "*x"));
    const struct arras_value *inner = ar_item(ar_get_z(ar_get_z(&value, "flow"), "\xC3\xB6"), 0);
    assert_true(ar_str_starts(ar_str_from(text, inner->at), "1]"));
}

static void test_empty_values_stand_behind_their_keys(void **state)
{
    (void)state;
    struct arras_value value = yaml(AR_STR("a:\nb: 1\n"));
    assert_int_equal(value.members[0].value.type, ARRAS_NULL);
    assert_in_range(value.members[0].value.at, 1, 3);
}

static void test_aliases_are_the_value_of_the_latest_anchor(void **state)
{
    (void)state;
    READS_AS("[&a 1, *a, &a [2], *a]", "[1,1,[2],[2]]");
    READS_AS("a: &o [&i x, *i]\nb: *o\nc: *i\n",
             "{\"a\":[\"x\",\"x\"],\"b\":[\"x\",\"x\"],\"c\":\"x\"}");
    READS_AS("- &a [&a 1, *a]\n- *a\n", "[[1,1],1]");
    READS_AS("a: &e\nb: *e\n", "{\"a\":null,\"b\":null}");
    no_yaml(AR_STR("a: *x"), ARRAS_SYNTAX, "yaml-alias", 1, 4);
    no_yaml(AR_STR("&a [1, *a]"), ARRAS_SYNTAX, "yaml-alias", 1, 8);
    no_yaml(AR_STR("[&a [1], {*a : 2}]"), ARRAS_SYNTAX, "yaml-key", 1, 11);
}

static void test_aliases_stop_at_the_limit(void **state)
{
    (void)state;
    struct ar_buf buf;
    ar_buf_init(&buf, 10000);
    ar_buf_add_z(&buf, "- &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 10; i++) {
        ar_buf_printf(&buf, "- &a%d [", i);
        for (int k = 0; k < 10; k++) {
            ar_buf_printf(&buf, "*a%d,", i - 1);
        }
        ar_buf_add_z(&buf, "]\n");
    }
    no_yaml(ar_buf_str(&buf), ARRAS_LIMIT, "alias-limit", 6, 36);
    ar_buf_release(&buf);
}

static struct arras_str repeat(const char *part, size_t count, const char *end)
{
    struct ar_buf buf;
    struct arras_str text = {0};
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    for (size_t i = 0; i < count; i++) {
        ar_buf_add_z(&buf, part);
    }
    ar_buf_add_z(&buf, end);
    assert_int_equal(ar_buf_copy(&buf, &arena, &text), ARRAS_OK);
    ar_buf_release(&buf);
    return text;
}

static void test_nesting_stops_at_the_limit(void **state)
{
    (void)state;
    yaml(repeat("- ", AR_NESTING_DEPTH, "x"));
    no_yaml(repeat("- ", AR_NESTING_DEPTH + 1, "x"), ARRAS_LIMIT, "nesting-limit", 1,
            2 * AR_NESTING_DEPTH + 1);
    no_yaml(repeat("[", 100000, ""), ARRAS_LIMIT, "nesting-limit", 1, AR_NESTING_DEPTH + 1);
    /* by an alias, which adds levels that are not in the text */
    struct ar_buf buf;
    ar_buf_init(&buf, 10000);
    ar_buf_printf(&buf, "- &a\n  %.*s\n- %.*s", AR_STR_ARG(repeat("- ", 300, "x")),
                  AR_STR_ARG(repeat("- ", 300, "*a")));
    no_yaml(ar_buf_str(&buf), ARRAS_LIMIT, "nesting-limit", 3, 603);
    ar_buf_release(&buf);
}

/* libfyaml would take 350 bytes and more for each of these bytes. */
static void test_lines_of_too_many_brackets_are_refused(void **state)
{
    (void)state;
    no_yaml(repeat("[", AR_YAML_INDICATORS + 1, ""), ARRAS_LIMIT, "yaml-line", 1,
            AR_YAML_INDICATORS + 1);
    no_yaml(repeat("&a ", AR_YAML_INDICATORS + 1, ""), ARRAS_LIMIT, "yaml-line", 1,
            3 * AR_YAML_INDICATORS + 1);
    struct ar_buf buf;
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    ar_buf_printf(&buf, "[%.*s\n%.*s]", AR_STR_ARG(repeat("a,", AR_YAML_INDICATORS / 10, "")),
                  AR_STR_ARG(repeat("a,\n", AR_YAML_INDICATORS / 2, "")));
    struct arras_value value = yaml(ar_buf_str(&buf));
    assert_int_equal(value.count, AR_YAML_INDICATORS / 10 + AR_YAML_INDICATORS / 2);
    ar_buf_release(&buf);
}

static void test_empty_items_of_unindented_sequences_are_read(void **state)
{
    (void)state;
    READS_AS("a:\n-\n- x\n", "{\"a\":[null,\"x\"]}");
    READS_AS("a:\n- x\n-\nb: y\n", "{\"a\":[\"x\",null],\"b\":\"y\"}");
    READS_AS("a:\r\n-   \r\n\r\n# -\r\n- x\r\n", "{\"a\":[null,\"x\"]}");
    READS_AS("a:\n- # why\n-\n-\n- |\n  -\n  - x\nb:\n  - c:\n    -\n    - d\n",
             "{\"a\":[null,null,null,\"-\\n- x\\n\"],\"b\":[{\"c\":[null,\"d\"]}]}");
    READS_AS("a:\n-\n", "{\"a\":[null]}");
    struct arras_str text = AR_STR("a:\n-\n- x\n-\n- [y, \xC3\xA4]\nb: z\n");
    struct arras_value value = yaml(text);
    assert_true(ar_str_starts(ar_str_from(text, value.members[1].at), "b: z"));
    assert_true(ar_str_starts(ar_str_from(text, value.members[1].value.at), "z\n"));
    const struct arras_value *y = ar_item(ar_item(&value.members[0].value, 3), 0);
    assert_true(ar_str_starts(ar_str_from(text, y->at), "y, "));
    no_yaml(AR_STR("a:\n-\n- x\nb: *none\n"), ARRAS_SYNTAX, "yaml-alias", 4, 4);
    no_yaml(AR_STR("a:\n-\n- x\nb: @\n"), ARRAS_SYNTAX, "yaml-syntax", 4, 4);
}

static void test_more_empty_items_than_are_mended_are_refused(void **state)
{
    (void)state;
    struct arras_str text = repeat("-\n", AR_YAML_MENDS + 50, "- x\n");
    struct ar_buf buf;
    ar_buf_init(&buf, 10000);
    ar_buf_printf(&buf, "a:\n%.*s", AR_STR_ARG(text));
    struct ar_source source = source_of(ar_buf_str(&buf));
    struct arras_value value;
    assert_int_equal(ar_yaml_read(&source, &arena, &diags, &value), ARRAS_SYNTAX);
    assert_int_equal(ar_diags_first_error(&diags)->line, AR_YAML_MENDS + 3);
    assert_str(ar_diags_first_error(&diags)->hint,
               "write '- ~' for the empty item before this place");
    ar_buf_release(&buf);
}

static void test_what_libfyaml_reads_wrongly_is_refused(void **state)
{
    (void)state;
    no_yaml(AR_STR("a: \xFF\xFE"), ARRAS_SYNTAX, "invalid-utf-8", 1, 4);
    no_yaml(AR_STR("a: b\xC3"), ARRAS_SYNTAX, "invalid-utf-8", 1, 5);
    no_yaml(AR_STR("a: b\0\nc: d"), ARRAS_SYNTAX, "yaml-control-character", 1, 5);
    no_yaml(AR_STR("a: \x01"), ARRAS_SYNTAX, "yaml-control-character", 1, 4);
    no_yaml(AR_STR("\xFF\xFE"
                   "a\0"),
            ARRAS_SYNTAX, "invalid-utf-8", 1, 1);
    /* block scalars that are not indented deeper than what they belong to */
    no_yaml(AR_STR("o:\n b: |\n tag\n  two\n"), ARRAS_SYNTAX, "yaml-syntax", 3, 2);
    no_yaml(AR_STR("o:\n - b: >-\n\n   tag\n"), ARRAS_SYNTAX, "yaml-syntax", 4, 4);
    no_yaml(AR_STR("o:\n - - |\n   tag\n"), ARRAS_SYNTAX, "yaml-syntax", 3, 4);
    READS_AS("o:\n - b: >-  # a: b\n    tag\n - |\n  x\n -  |1\n   y\n",
             "{\"o\":[{\"b\":\"tag\"},\"x\\n\",\" y\\n\"]}");
    READS_AS("--- |\ntag\n", "\"tag\\n\"");
    READS_AS("a:\n  |\n  tag\n", "{\"a\":\"tag\\n\"}");
}

static void test_one_document_with_unique_scalar_keys_is_wanted(void **state)
{
    (void)state;
    const struct arras_diag *diag =
        no_yaml(AR_STR("a: 1\n---\nb: 2\n"), ARRAS_SYNTAX, "yaml-documents", 2, 1);
    assert_str(diag->hint, "split the file, or remove the line '---'");
    READS_AS("--- {a: 1}\n...\n", "{\"a\":1}");
    READS_AS("", "null");
    READS_AS("# only a comment\n", "null");
    diag = no_yaml(AR_STR("b:\n  a: 1\n  'a': 2\n"), ARRAS_SYNTAX, "duplicate-name", 3, 3);
    assert_str(diag->message, "the name 'a' stands twice in an object, first on line 2, column 3");
    diag = no_yaml(AR_STR("url: {{host}}\n"), ARRAS_SYNTAX, "yaml-key", 1, 7);
    assert_str(diag->hint, "if this is a placeholder such as {{name}}, put it in quotes");
}

static void test_merge_keys_are_names_with_a_warning(void **state)
{
    (void)state;
    READS_AS("a: &a {x: 1}\nb:\n  <<: *a\nc:\n-\n-\n",
             "{\"a\":{\"x\":1},\"b\":{\"<<\":{\"x\":1}},\"c\":[null,null]}");
    assert_int_equal(diags.warnings, 1);
    assert_string_equal(diags.list.items[0].code, "yaml-merge-key");
    assert_int_equal(diags.list.items[0].line, 3);
}

static void test_refusals_of_libfyaml_have_a_place_and_print_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line, column;
        const char *hint;
    } cases[] = {
        {"a: @x\n", 1, 4, "a value that begins with '@' must be quoted"},
        {"a:\n\tb: c\n", 2, 1, "YAML is indented with spaces, not tabs"},
        {"a: b: c\n", 1, 5, "if all of it is one value, put it in quotes"},
        {"\xC3\xA4: \"x\n", 1, 5, ""},
        {"a:\n  - b\n c: 1", 3, 2, ""},
        {"- a\nb: c", 2, 1, ""},
        {"a: 'x' y", 1, 8, ""},
    };
    int old = dup(STDERR_FILENO), caught[2];
    assert_int_equal(pipe2(caught, O_NONBLOCK), 0);
    dup2(caught[1], STDERR_FILENO);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct arras_diag *diag = no_yaml(ar_str_z(cases[i].text), ARRAS_SYNTAX,
                                                "yaml-syntax", cases[i].line, cases[i].column);
        assert_true(diag->message.len > 10);
        assert_true(ar_str_is(diag->hint, cases[i].hint));
    }
    dup2(old, STDERR_FILENO);
    char printed[100];
    assert_int_equal(read(caught[0], printed, sizeof(printed)), -1);
    close(old);
    close(caught[0]);
    close(caught[1]);
}

/* Texts that need no change are borrowed; those that do are not what stands in the source. */
static void test_folded_and_escaped_scalars_are_unfolded(void **state)
{
    (void)state;
    READS_AS("a: one\n  two\n\n  three\nb: 'it''s'\nc: \"x\\ty\\u00e4\\\n  z\"\nd: >-\n  f\n  g\n",
             "{\"a\":\"one two\\nthree\",\"b\":\"it's\",\"c\":\"x\\ty\xC3\xA4z\",\"d\":\"f g\"}");
    READS_AS("a: x # c\nb: \"y\" # d\nc: [u v , w]\n",
             "{\"a\":\"x\",\"b\":\"y\",\"c\":[\"u v\",\"w\"]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plain_scalars_follow_the_core_schema),
        TEST(test_tags_of_the_core_schema_are_honoured),
        TEST(test_names_are_the_text_of_their_keys),
        TEST(test_values_know_their_place),
        TEST(test_empty_values_stand_behind_their_keys),
        TEST(test_aliases_are_the_value_of_the_latest_anchor),
        TEST(test_aliases_stop_at_the_limit),
        TEST(test_nesting_stops_at_the_limit),
        TEST(test_lines_of_too_many_brackets_are_refused),
        TEST(test_empty_items_of_unindented_sequences_are_read),
        TEST(test_more_empty_items_than_are_mended_are_refused),
        TEST(test_what_libfyaml_reads_wrongly_is_refused),
        TEST(test_one_document_with_unique_scalar_keys_is_wanted),
        TEST(test_merge_keys_are_names_with_a_warning),
        TEST(test_refusals_of_libfyaml_have_a_place_and_print_nothing),
        TEST(test_folded_and_escaped_scalars_are_unfolded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
