#include "unit/harness.h"
#include "base/limits.h"
#include "query/xpath.h"
#include "value/json.h"
#include <unistd.h>

static struct ar_arena arena;

static const char shop[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<!-- a = b = c -->"
                           "<shop xmlns:p=\"urn:price\" open=\"yes\">"
                           "<pet id=\"1\"><name>Rex</name><p:price>10.50</p:price></pet>"
                           "<pet id=\"2\"><name>Z\xC3\xBC &amp; Co</name></pet>"
                           "<note><![CDATA[<!DOCTYPE no>]]></note><empty/>"
                           "</shop>";

/* The result as JSON, and its truth. */
static enum arras_status eval(struct arras_str expression, struct arras_str xml,
                              struct arras_str *ret, bool *ret_truth)
{
    struct arras_value value;
    enum arras_status status = ar_xpath_eval(expression, xml, &arena, NULL, &value, ret_truth);
    if (!status) {
        struct ar_buf buf;
        ar_buf_init(&buf, 1 << 20);
        ar_json_write(&buf, &value, 0);
        assert_int_equal(ar_buf_copy(&buf, &arena, ret), ARRAS_OK);
        ar_buf_release(&buf);
    }
    return status;
}

static const struct {
    const char *expression, *json;
    bool truth;
} table[] = {
    {"count(//pet)", "2", true},
    {"count(//pet) > 5", "false", false},
    {"//pet/@id", "[\"1\",\"2\"]", true},
    {"//pet[name='Rex']/@id = 1", "true", true},
    {"//pet[2]/name", "[\"<name>Z\xC3\xBC &amp; Co</name>\"]", true},
    {"//pet[2]/name/text()", "[\"Z\xC3\xBC & Co\"]", true},
    {"string(/shop/@open)", "\"yes\"", true},
    {"string(//nothing)", "\"\"", false},
    {"//nothing", "[]", false},
    {"number(//p:price)", "10.5", true},
    {"number('x')", "null", false},
    {"1 div 0", "null", true},
    {"0", "0", false},
    {"-3", "-3", true},
    {"string-length(//pet[2]/name)", "7", true},
    {"//note/text()", "[\"<!DOCTYPE no>\"]", true},
    {"//empty", "[\"<empty/>\"]", true},
    {"//name | //empty", "[\"<name>Rex</name>\",\"<name>Z\xC3\xBC &amp; Co</name>\",\"<empty/>\"]",
     true},
    {"//comment()", "[\" a = b = c \"]", true},
    {"local-name(/*)", "\"shop\"", true},
    {"not(/shop/@open = 'no')", "true", true},
    {"/shop/empty/ancestor::shop/@open", "[\"yes\"]", true},
};

static void expressions_have_the_values_of_xpath_1(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct arras_str json = {0};
        bool truth = !table[i].truth;
        enum arras_status status =
            eval(ar_str_z(table[i].expression), ar_str_z(shop), &json, &truth);
        if (status || truth != table[i].truth || !ar_str_is(json, table[i].json)) {
            fail_msg("%s: %s: %.*s", table[i].expression, arras_status_name(status),
                     AR_STR_ARG(json));
        }
    }
}

static void the_document_itself_is_its_root_element(void **state)
{
    (void)state;
    struct arras_str json;
    bool truth;
    assert_int_equal(eval(AR_STR("/"), AR_STR("<a b='1'>x</a>"), &json, &truth), ARRAS_OK);
    assert_str(json, "[\"<a b=\\\"1\\\">x</a>\"]");
}

static void bad_expressions_are_refused_with_the_place(void **state)
{
    (void)state;
    static const char *const expressions[] = {
        "",         "//",  "a[",    "unknown()", "$x", "q:a", "document('x')",
        "count(1)", "a b", "'open", "\xFF"};
    for (size_t i = 0; i < sizeof(expressions) / sizeof(*expressions); i++) {
        struct arras_str json;
        bool truth;
        if (eval(ar_str_z(expressions[i]), AR_STR("<a/>"), &json, &truth) != ARRAS_SYNTAX) {
            fail_msg("%s was not refused", expressions[i]);
        }
    }
    struct ar_diags diags;
    struct arras_value value;
    bool truth;
    ar_diags_init(&diags, &arena);
    assert_int_equal(ar_xpath_eval(AR_STR("//a[b"), AR_STR("<a/>"), &arena, &diags, &value, &truth),
                     ARRAS_SYNTAX);
    assert_int_equal(ar_diags_first_error(&diags)->column, 6);
    assert_int_equal(ar_xpath_eval(AR_STR("a\0b"), AR_STR("<a/>"), &arena, NULL, &value, &truth),
                     ARRAS_SYNTAX);
}

static void bad_xml_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "x",
        "<a>",
        "<a></b>",
        "<a b=1/>",
        "<a b='1' b='2'/>",
        "<a>&undefined;</a>",
        "<a/><b/>",
        "<a b='",
        "<!-- ",
        "<a>\xFF</a>",
        "<a>\x01</a>",
        "{\"json\": true}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct arras_str json;
        bool truth;
        if (eval(AR_STR("/a"), ar_str_z(texts[i]), &json, &truth) != ARRAS_INVALID) {
            fail_msg("%s was not refused", texts[i]);
        }
    }
}

static void document_types_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a/>",
        "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
        "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>"
        "<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>]><l>&e;&e;&e;&e;</l>",
        "<!-- x --><?pi <!-- ?><!DOCTYPE a><a/>",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct arras_str json;
        bool truth;
        if (eval(AR_STR("/"), ar_str_z(texts[i]), &json, &truth) != ARRAS_INVALID) {
            fail_msg("%s was not refused", texts[i]);
        }
    }
}

static enum arras_status eval_repeated(const char *expression, const char *before, const char *part,
                                       bool numbered, size_t count, const char *after)
{
    struct ar_buf buf;
    struct arras_str json;
    bool truth;
    ar_buf_init(&buf, 1 << 26);
    ar_buf_add_z(&buf, before);
    for (size_t i = 0; i < count; i++) {
        ar_buf_add_z(&buf, part);
        if (numbered) {
            ar_buf_printf(&buf, "%zu='' ", i);
        }
    }
    ar_buf_add_z(&buf, after);
    assert_int_equal(ar_buf_status(&buf), ARRAS_OK);
    enum arras_status status = eval(ar_str_z(expression), ar_buf_str(&buf), &json, &truth);
    ar_buf_release(&buf);
    return status;
}

static void large_documents_and_costly_expressions_stop_at_limits(void **state)
{
    (void)state;
    assert_int_equal(eval_repeated("1", "<a>", "<b/>", false, AR_XML_NODES, "</a>"), ARRAS_LIMIT);
    assert_int_equal(eval_repeated("1", "<a ", "b", true, AR_XML_ATTRIBUTES + 1, "/>"),
                     ARRAS_LIMIT);
    assert_int_equal(eval_repeated("1", "<a ", "b", true, AR_XML_ATTRIBUTES, "/>"), ARRAS_OK);
    assert_int_equal(eval_repeated("count(//*[count(//*[count(//*) > 0]) > 0])", "<a>", "<b/>",
                                   false, 2000, "</a>"),
                     ARRAS_LIMIT);
    /* libxml2's own limit of depth is an error in the XML */
    assert_int_equal(eval_repeated("1", "", "<b>", false, 10000, ""), ARRAS_INVALID);
    char expression[AR_XPATH_LENGTH + 1];
    struct arras_str json, text = {expression, sizeof(expression)};
    bool truth;
    memset(expression, '(', sizeof(expression));
    assert_int_equal(eval(text, AR_STR("<a/>"), &json, &truth), ARRAS_LIMIT);
    text.len--;
    assert_int_equal(eval(text, AR_STR("<a/>"), &json, &truth), ARRAS_LIMIT);
}

static void nothing_is_written_on_standard_error(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int outer = dup(2);
    assert_true(outer >= 0);
    dup2(ends[1], 2);
    struct arras_str json;
    bool truth;
    enum arras_status first = eval(AR_STR("//["), AR_STR("<a/>"), &json, &truth);
    enum arras_status second = eval(AR_STR("1"), AR_STR("<a><b></a>"), &json, &truth);
    enum arras_status third = eval(AR_STR("1"), AR_STR("<a xmlns='b'/>"), &json, &truth);
    enum arras_status fourth = eval(AR_STR("unknown()"), AR_STR("<a/>"), &json, &truth);
    dup2(outer, 2);
    close(outer);
    close(ends[1]);
    char byte;
    ssize_t got = read(ends[0], &byte, 1);
    close(ends[0]);
    assert_int_equal(got, 0);
    assert_int_equal(first, ARRAS_SYNTAX);
    assert_int_equal(second, ARRAS_INVALID);
    assert_int_equal(third, ARRAS_OK);
    assert_int_equal(fourth, ARRAS_SYNTAX);
}

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

static void replacing_sets_the_content_of_what_is_selected(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *xml, *text, *result; /* NULL: nothing is selected */
    } cases[] = {
        {"/pet/id", "<pet><id>0</id></pet>", "7", "<pet><id>7</id></pet>"},
        {"/pet/@id", "<pet id=\"0\"/>", "a\"<&b", "<pet id=\"a&quot;&lt;&amp;b\"/>"},
        {"//id", "<a><id>1</id><id>2</id></a>", "<&>",
         "<a><id>&lt;&amp;&gt;</id><id>&lt;&amp;&gt;</id></a>"},
        {"//a", "<a><a>1</a></a>", "x", "<a>x</a>"}, /* the inner one goes with the outer */
        {"/a/text()", "<a>1<b/></a>", "&", "<a>&amp;<b/></a>"},
        {"/a", "<?xml version=\"1.0\"?>\n<!-- <a> -->\n<a/>", "1",
         "<?xml version=\"1.0\"?>\n<!-- <a> -->\n<a>1</a>"},
        {"/b", "<a/>", "1", NULL},
        {"/a/namespace::p", "<a xmlns:p=\"urn:p\"/>", "1", "<a xmlns:p=\"urn:p\"/>"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arras_str result = {0};
        bool found = false;
        assert_int_equal(ar_xpath_replace(ar_str_z(cases[i].expression), ar_str_z(cases[i].xml),
                                          ar_str_z(cases[i].text), &arena, NULL, &result, &found),
                         ARRAS_OK);
        assert_int_equal(found, cases[i].result != NULL);
        if (found) {
            assert_string_equal(result.ptr, cases[i].result);
        }
    }
    struct arras_str result;
    bool found;
    assert_int_equal(ar_xpath_replace(AR_STR("1 + 1"), AR_STR("<a/>"), AR_STR("x"), &arena, NULL,
                                      &result, &found),
                     ARRAS_INVALID);
    assert_int_equal(ar_xpath_replace(AR_STR("/a"), AR_STR("<a/>"), AR_STR("x\0y"), &arena, NULL,
                                      &result, &found),
                     ARRAS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_have_the_values_of_xpath_1),
        cmocka_unit_test(the_document_itself_is_its_root_element),
        cmocka_unit_test(bad_expressions_are_refused_with_the_place),
        cmocka_unit_test(bad_xml_is_refused),
        cmocka_unit_test(document_types_are_refused),
        cmocka_unit_test(large_documents_and_costly_expressions_stop_at_limits),
        cmocka_unit_test(nothing_is_written_on_standard_error),
        cmocka_unit_test(replacing_sets_the_content_of_what_is_selected),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
