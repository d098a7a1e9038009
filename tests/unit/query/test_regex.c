#include "unit/harness.h"
#include "base/limits.h"
#include "query/regex.h"

struct match {
    const char *pattern, *subject;
    bool found;
};

static bool matches(const char *pattern, struct arras_str subject, enum ar_regex_dialect dialect,
                    int flags)
{
    struct ar_regex *regex;
    if (ar_regex_new(ar_str_z(pattern), dialect, flags, NULL, &regex)) {
        fail_msg("/%s/ was refused", pattern);
    }
    bool found = false;
    assert_int_equal(ar_regex_match(regex, subject, &found), ARRAS_OK);
    ar_regex_free(regex);
    return found;
}

static void check_all(const struct match *list, size_t count, enum ar_regex_dialect dialect,
                      int flags)
{
    for (size_t i = 0; i < count; i++) {
        if (matches(list[i].pattern, ar_str_z(list[i].subject), dialect, flags) != list[i].found) {
            fail_msg("/%s/ on \"%s\": expected %s", list[i].pattern, list[i].subject,
                     list[i].found ? "a match" : "none");
        }
    }
}

#define CHECK_ALL(list, dialect, flags)                                                            \
    check_all(list, sizeof(list) / sizeof(*(list)), dialect, flags)

static const struct match ecma[] = {
    {"", "", true},
    {"^abc$", "abc", true},
    {"^abc$", "abc\n", false},
    {"b", "abc", true},
    {"^(a|bc)+$", "abcbca", true},
    {"a{2,3}?b", "aab", true},
    {"^a{2}$", "aaa", false},
    {"^a{2,}$", "aaaa", true},
    {"^.$", "\n", false},
    {"^.$", "\r", false},
    {"^.$", "\xE2\x80\xA8", false},
    {"^.$", "\xE2\x80\xA9", false},
    {"^.$", "\xC2\x85", true},
    {"^.$", "\xF0\x9F\x90\xB2", true},
    {"^\\d$", "7", true},
    {"^\\d$", "\xDF\x80", false},
    {"^\\D$", "\xDF\x80", true},
    {"^\\w$", "\xC3\xA9", false},
    {"^\\W$", "\xC3\xA9", true},
    {"^\\s$", "\xEF\xBB\xBF", true},
    {"^\\s$", "\xE2\x80\x83", true},
    {"^\\s$", "\xE2\x80\xA9", true},
    {"^\\s$", "\xC2\xA0", true},
    {"^\\s$", "\xC2\x85", false},
    {"^\\S$", "\xC2\x85", true},
    {"^\\S$", "\xEF\xBB\xBF", false},
    {"^[^\\S]$", "\xEF\xBB\xBF", true},
    {"^[\\s]$", "\xE3\x80\x80", true},
    {"^\\cC$", "\x03", true},
    {"^\\cc$", "\x03", true},
    {"^\\t\\n\\v\\f\\r$", "\t\n\v\f\r", true},
    {"^\\x41\\u0042\\u{43}\\u{1F432}\\uD83D\\uDC32$", "ABC\xF0\x9F\x90\xB2\xF0\x9F\x90\xB2", true},
    {"^\\/\\.\\-\\@$", "/.-@", true},
    {"^\xF0\x9F\x90\xB2*$", "\xF0\x9F\x90\xB2\xF0\x9F\x90\xB2", true},
    {"\\bfoo\\b", "a foo b", true},
    {"\\Boo", "foo", true},
    {"^(?<year>\\d{4})-\\k<year>$", "2024-2024", true},
    {"^(?<year>\\d{4})-\\k<year>$", "2024-2025", false},
    {"^\\k<a>(?<a>x)$", "x", true},
    {"^(?:(a)|b)\\1$", "b", true},
    {"^(a)\\1$", "aa", true},
    {"(?<=\\$)\\d+", "$42", true},
    {"(?<!\\$)\\b\\d+", "$42", false},
    {"foo(?=bar)", "foobar", true},
    {"foo(?!bar)", "foobar", false},
    {"a|b|", "", true},
    {"^[]$", "", false},
    {"[]", "a", false},
    {"^[^]$", "\n", true},
    {"^[a\\]b]+$", "a]b", true},
    {"^[\\b]$", "\b", true},
    {"^[\\d-x]+$", "1-x", true},
    {"^[x-\\d]+$", "1-x", true},
    {"^[\\w-.]+$", "a-.", true},
    {"^[a-]+$", "-a", true},
    {"^[-a]+$", "-a", true},
    {"^[^a-c]$", "d", true},
    {"^[[:alpha:]]$", ":]", true},
    {"^[(?#*.+]+$", "(?#*.+", true},
    {"^{a}$", "{a}", true},
    {"^a{,2}$", "a{,2}", true},
    {"^]$", "]", true},
    {"^a#b c$", "a#b c", true},
    {"^\\0$", "x", false},
    {"\\uD83D", "\xF0\x9F\x90\xB2", false},
    {"^[\\uD800-\\uE000]$", "\xEE\x80\x80", true},
};

static void ecma_patterns_match_as_ecma_262_says(void **state)
{
    (void)state;
    CHECK_ALL(ecma, AR_REGEX_ECMA, 0);
}

static void unicode_properties_have_the_names_of_ecma_262(void **state)
{
    (void)state;
    static const struct match list[] = {
        {"^\\p{Letter}$", "\xC3\xA9", true},
        {"^\\p{L}$", "1", false},
        {"^\\p{Lu}$", "\xD0\x96", true},
        {"^\\P{Lu}$", "\xD0\xB6", true},
        {"^\\p{digit}+$", "\xE0\xA7\xAA\xE0\xA7\xA8", true},
        {"^\\p{Cased_Letter}$", "a", true},
        {"^\\p{LC}$", "a", true},
        {"^\\p{General_Category=Decimal_Number}$", "5", true},
        {"^\\p{gc=Nd}$", "5", true},
        {"^\\p{Script=Greek}$", "\xCE\xB1", true},
        {"^\\p{sc=Grek}$", "\xCE\xB1", true},
        {"^\\p{Script_Extensions=Greek}$", "a", false},
        {"^[\\p{Script=Greek}\\d]+$",
         "\xCE\xB1"
         "1",
         true},
        {"^\\p{ASCII}$", "a", true},
        {"^\\p{ASCII}$", "\xC3\xA9", false},
        {"^\\p{Any}$", "\n", true},
        {"^\\p{Assigned}$", "a", true},
        {"^[\\P{Assigned}]$", "a", false},
        {"^\\p{Emoji}$", "\xF0\x9F\x90\xB2", true},
        {"^\\p{Alphabetic}$", "a", true},
        {"^\\p{White_Space}$", " ", true},
    };
    CHECK_ALL(list, AR_REGEX_ECMA, 0);
}

static void flags_ask_for_the_whole_text_or_no_case(void **state)
{
    (void)state;
    static const struct match whole[] = {
        {"a|ab", "ab", true}, {"b", "abc", false}, {"a.*", "abc", true}, {"", "", true}};
    CHECK_ALL(whole, AR_REGEX_ECMA, AR_REGEX_WHOLE);
    static const struct match folded[] = {
        {"^abc$", "aBC", true}, {"^\xD0\x96$", "\xD0\xB6", true}, {"[a-z]", "A", true}};
    CHECK_ALL(folded, AR_REGEX_ECMA, AR_REGEX_NOCASE);
}

static void nul_bytes_are_data(void **state)
{
    (void)state;
    assert_true(matches("^a\\0b$", AR_STR("a\0b"), AR_REGEX_ECMA, 0));
    assert_true(matches("^a\\x00b$", AR_STR("a\0b"), AR_REGEX_ECMA, 0));
    struct ar_regex *regex;
    bool found = false;
    assert_int_equal(ar_regex_new(AR_STR("^a\0[\0]$"), AR_REGEX_ECMA, 0, NULL, &regex), ARRAS_OK);
    assert_int_equal(ar_regex_match(regex, AR_STR("a\0\0"), &found), ARRAS_OK);
    assert_true(found);
    ar_regex_free(regex);
}

static void iregexp_is_read_as_rfc_9485_says(void **state)
{
    (void)state;
    static const struct match list[] = {
        {"a.*", "ab", true},
        {"a|bc", "bc", true},
        {"^ab.*", "abc", true},
        {".*bc$", "abc", true},
        {".", "\xE2\x80\xA8", true},
        {".", "\r", false},
        {".", "\n", false},
        {"a.b",
         "a\xF0\x90\x84\x9B"
         "b",
         true},
        {"[^a-c]", "d", true},
        {"[-a]+", "-a", true},
        {"[a-]+", "-a", true},
        {"[a\\-z]+", "-", true},
        {"[.]", "x", false},
        {"a[\\].]c", "a]c", true},
        {"\\p{Lu}", "\xD0\x96", true},
        {"\\P{Lu}", "\xD0\xB6", true},
        {"[\\p{Nd}x]+", "1x", true},
        {"(ab){2}", "abab", true},
        {"a{2,}", "aaa", true},
        {"a{0,1}", "", true},
        {"\\n\\r\\t\\(\\)\\*\\+\\-\\.\\?\\[\\\\\\]\\^\\{\\|\\}", "\n\r\t()*+-.?[\\]^{|}", true},
        {"/\"#", "/\"#", true},
    };
    CHECK_ALL(list, AR_REGEX_IREGEXP, AR_REGEX_WHOLE);
    assert_true(matches("b.?b", AR_STR("abba"), AR_REGEX_IREGEXP, 0));
}

static void expect_refused(const char *const *patterns, size_t count, enum ar_regex_dialect dialect)
{
    for (size_t i = 0; i < count; i++) {
        struct ar_arena arena;
        struct ar_diags diags;
        ar_arena_init(&arena, 0);
        ar_diags_init(&diags, &arena);
        struct ar_regex *regex = NULL;
        enum arras_status status = ar_regex_new(ar_str_z(patterns[i]), dialect, 0, &diags, &regex);
        if (status != ARRAS_SYNTAX || diags.errors != 1) {
            fail_msg("/%s/: %s", patterns[i], arras_status_name(status));
        }
        ar_arena_release(&arena);
    }
}

static const char *const not_ecma[] = {
    "\\A",
    "a\\Z",
    "\\z",
    "\\K",
    "\\G",
    "\\h",
    "\\R",
    "\\X",
    "\\N",
    "\\Qa\\E",
    "\\a",
    "\\e",
    "\\ca\\c1",
    "\\c",
    "\\x4",
    "\\xg0",
    "\\u12",
    "\\u{110000}",
    "\\u{}",
    "\\u{4",
    "\\",
    "\\1",
    "(a)\\2",
    "\\00",
    "\\8",
    "\\k<a>",
    "\\k",
    "(?<a>x)(?<a>y)",
    "(?<1a>x)",
    "(?<>x)",
    "(?<a",
    "(?i)a",
    "(?i:a)",
    "(?>a)",
    "(?|a)",
    "(?#a)",
    "(?(1)a)",
    "(?P<a>x)",
    "(?R)",
    "(?1)",
    "(?'a'x)",
    "(*UTF)a",
    "(*COMMIT)",
    "a++",
    "a*+",
    "a**",
    "a{2}{3}",
    "*a",
    "{2}",
    "(?=a)*",
    "^*",
    "\\b+",
    "(",
    ")",
    "(a",
    "a)",
    "[a",
    "[b-a]",
    "[\\B]",
    "[\\1]",
    "\\p",
    "\\pL",
    "\\p{letter}",
    "\\p{Lx}",
    "\\p{Script=}",
    "\\p{Script=greek}",
    "\\p{Script=Lu}",
    "\\p{Greek}",
    "\\p{sc=Xyzzy}",
    "\\p{L&}",
    "\\p{^Lu}",
    "\\p{Lu",
    "a{3,2}",
    "\xFF",
    "^\\S(|(.|\\n)*\\S)\\Z",
    "^(abc]",
};

static void syntax_of_other_engines_is_refused(void **state)
{
    (void)state;
    expect_refused(not_ecma, sizeof(not_ecma) / sizeof(*not_ecma), AR_REGEX_ECMA);
}

static void iregexp_refuses_what_its_grammar_lacks(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "\\d", "\\w",   "\\s",     "\\b",         "(?:a)",   "(?=a)",   "a*?",   "a++",
        "\\1", "\\x41", "\\u0041", "\\p{Letter}", "\\p{L&}", "\\p{Lz}", "\\p{}", "\\p",
        "[]",  "[^]",   "[a",      "[a-\\p{L}]",  "[b-a]",   "[a-b-c]", "[[a]]", "[a--b]",
        "*",   "+a",    "a{",      "a{,2}",       "a{2,1}",  "a{x}",    "]",     "{",
        "}",   "(",     ")",       "(a",          "\\",      "\\/",     "[\\d]", "\xFF",
    };
    expect_refused(patterns, sizeof(patterns) / sizeof(*patterns), AR_REGEX_IREGEXP);
}

static void errors_name_the_place(void **state)
{
    (void)state;
    struct ar_arena arena;
    struct ar_diags diags;
    ar_arena_init(&arena, 0);
    ar_diags_init(&diags, &arena);
    struct ar_regex *regex;
    assert_int_equal(ar_regex_new(AR_STR("^ab(?>c)"), AR_REGEX_ECMA, 0, &diags, &regex),
                     ARRAS_SYNTAX);
    const struct arras_diag *diag = ar_diags_first_error(&diags);
    assert_str(diag->message, "ECMA-262 has no such group");
    assert_int_equal(diag->column, 4);
    ar_arena_release(&arena);
}

static void a_lookbehind_of_no_fixed_length_is_not_supported(void **state)
{
    (void)state;
    struct ar_regex *regex;
    assert_int_equal(ar_regex_new(AR_STR("(?<=a+)b"), AR_REGEX_ECMA, 0, NULL, &regex),
                     ARRAS_UNSUPPORTED);
}

static void exponential_patterns_stop_at_a_limit(void **state)
{
    (void)state;
    struct ar_regex *regex;
    bool found = true;
    assert_int_equal(ar_regex_new(AR_STR("^(a+)+$"), AR_REGEX_ECMA, 0, NULL, &regex), ARRAS_OK);
    struct arras_str subject = AR_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    assert_int_equal(ar_regex_match(regex, subject, &found), ARRAS_LIMIT);
    assert_true(found);
    /* and the regex is as good as before */
    assert_int_equal(ar_regex_match(regex, AR_STR("aaa"), &found), ARRAS_OK);
    assert_true(found);
    ar_regex_free(regex);
}

static void patterns_too_large_or_deep_stop_at_a_limit(void **state)
{
    (void)state;
    struct ar_regex *regex;
    size_t size = AR_REGEX_LENGTH + 1;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, 'a', size);
    assert_int_equal(ar_regex_new((struct arras_str){text, size}, AR_REGEX_ECMA, 0, NULL, &regex),
                     ARRAS_LIMIT);
    memset(text, '(', size);
    struct arras_str deep = {text, size - 1};
    assert_int_equal(ar_regex_new(deep, AR_REGEX_ECMA, 0, NULL, &regex), ARRAS_LIMIT);
    assert_int_equal(ar_regex_new(deep, AR_REGEX_IREGEXP, 0, NULL, &regex), ARRAS_LIMIT);
    free(text);
    assert_int_equal(ar_regex_new(AR_STR("a{65536}"), AR_REGEX_ECMA, 0, NULL, &regex), ARRAS_LIMIT);
    assert_int_equal(
        ar_regex_new(AR_STR("((a{60000}){60000}){60000}"), AR_REGEX_ECMA, 0, NULL, &regex),
        ARRAS_LIMIT);
}

static void a_subject_that_is_not_utf8_does_not_match(void **state)
{
    (void)state;
    assert_false(matches("a", AR_STR("a\xFF"), AR_REGEX_ECMA, 0));
    assert_false(matches("", AR_STR("\xED\xA0\x80"), AR_REGEX_ECMA, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecma_patterns_match_as_ecma_262_says),
        cmocka_unit_test(unicode_properties_have_the_names_of_ecma_262),
        cmocka_unit_test(flags_ask_for_the_whole_text_or_no_case),
        cmocka_unit_test(nul_bytes_are_data),
        cmocka_unit_test(iregexp_is_read_as_rfc_9485_says),
        cmocka_unit_test(syntax_of_other_engines_is_refused),
        cmocka_unit_test(iregexp_refuses_what_its_grammar_lacks),
        cmocka_unit_test(errors_name_the_place),
        cmocka_unit_test(a_lookbehind_of_no_fixed_length_is_not_supported),
        cmocka_unit_test(exponential_patterns_stop_at_a_limit),
        cmocka_unit_test(patterns_too_large_or_deep_stop_at_a_limit),
        cmocka_unit_test(a_subject_that_is_not_utf8_does_not_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
