#include "unit/harness.h"
#include "base/uri.h"

struct example {
    const char *reference, *target;
};

/* RFC 3986 section 5.4.1. */
static const struct example normal[] = {
    {"g:h", "g:h"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q#s"},
    {"g#s", "http://a/b/c/g#s"},
    {"g?y#s", "http://a/b/c/g?y#s"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y#s"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
};

/* RFC 3986 section 5.4.2; the last by the strict reading. */
static const struct example abnormal[] = {
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"g#s/./x", "http://a/b/c/g#s/./x"},
    {"g#s/../x", "http://a/b/c/g#s/../x"},
    {"http:g", "http:g"},
};

static void check(const char *base, const char *reference, const char *target)
{
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct arras_str got;
    assert_int_equal(ar_uri_resolve(ar_str_z(base), ar_str_z(reference), &arena, &got), ARRAS_OK);
    if (!ar_str_is(got, target)) {
        fail_msg("%s on %s: %.*s, not %s", reference, base, AR_STR_ARG(got), target);
    }
    ar_arena_release(&arena);
}

static void test_references_resolve_as_in_the_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(normal) / sizeof(*normal); i++) {
        check("http://a/b/c/d;p?q", normal[i].reference, normal[i].target);
    }
}

static void test_abnormal_references_resolve_as_in_the_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(abnormal) / sizeof(*abnormal); i++) {
        check("http://a/b/c/d;p?q", abnormal[i].reference, abnormal[i].target);
    }
}

static void test_a_base_without_path_or_authority_serves(void **state)
{
    (void)state;
    check("http://a", "g", "http://a/g");
    check("http://a?q", "", "http://a?q");
    check("file:///home/x/doc.yaml", "../api.yaml", "file:///home/api.yaml");
    check("urn:a", "b", "urn:b");
    check("doc/one.yaml", "two.yaml", "doc/two.yaml");
}

static void test_parts_are_taken_apart(void **state)
{
    (void)state;
    struct ar_uri uri = ar_uri_parse(AR_STR("http://u@h:80/p/q?a=?&b#f?#"));
    assert_str(uri.scheme, "http");
    assert_str(uri.authority, "u@h:80");
    assert_str(uri.path, "/p/q");
    assert_str(uri.query, "a=?&b");
    assert_str(uri.fragment, "f?#");
    uri = ar_uri_parse(AR_STR("/a:b"));
    assert_false(uri.has_scheme || uri.has_authority || uri.has_query || uri.has_fragment);
    assert_str(uri.path, "/a:b");
    uri = ar_uri_parse(AR_STR("x?#"));
    assert_true(uri.has_query && uri.has_fragment);
    assert_str(uri.query, "");
}

static void test_encoding_is_undone_by_decoding(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    char all[256];
    for (int i = 0; i < 256; i++) {
        all[i] = (char)i;
    }
    struct arras_str text = {all, sizeof(all)}, back;
    struct ar_buf buf;
    ar_buf_init(&buf, 10000);
    ar_uri_encode(&buf, text, "");
    assert_int_equal(ar_uri_decode(ar_buf_str(&buf), &arena, &back), ARRAS_OK);
    assert_true(ar_str_eq(text, back));
    ar_buf_clear(&buf);
    ar_uri_encode(&buf, AR_STR("a/b c~\xC3\xA4%"), "/");
    assert_str(ar_buf_str(&buf), "a/b%20c~%C3%A4%25");
    ar_buf_release(&buf);
    assert_int_equal(ar_uri_decode(AR_STR("%41%4a%4J%%2"), &arena, &back), ARRAS_OK);
    assert_str(back, "AJ%4J%%2");
    ar_arena_release(&arena);
}

static void test_file_urls_are_paths(void **state)
{
    static const struct example examples[] = {
        {"file:///srv/a%20b.yaml", "/srv/a b.yaml"},
        {"file://localhost/srv/a.yaml?x#y", "/srv/a.yaml"},
        {"FILE:/srv/a.yaml", "/srv/a.yaml"},
        {"file:///srv/a%00b", "file:///srv/a%00b"},
        {"file://host/srv/a.yaml", "file://host/srv/a.yaml"},
        {"file:a.yaml", "file:a.yaml"},
        {"http://a/b%20c", "http://a/b%20c"},
        {"a%20b#c", "a%20b#c"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
        struct ar_arena arena;
        struct arras_str path;
        ar_arena_init(&arena, 0);
        assert_int_equal(ar_uri_file_path(ar_str_z(examples[i].reference), &arena, &path), 0);
        assert_true(ar_str_is(path, examples[i].target));
        ar_arena_release(&arena);
    }
}

static void test_files_are_bases_as_they_are_called(void **state)
{
    (void)state;
    check("/srv/C# what?/a.yaml", "b.yaml#/x", "/srv/C# what?/b.yaml#/x");
    check("C# what?/a.yaml", "../b.yaml", "b.yaml");
    check("one.yaml", "../two.yaml", "../two.yaml");
    check("../a/one.yaml", "../../b/./two.yaml", "../../b/two.yaml");
    check("../../one.yaml", "x/../two.yaml", "../../two.yaml");
    check("./a/b/one.yaml", "../c/../../two.yaml", "two.yaml");
    check("a/one.yaml", "/two.yaml", "/two.yaml");
    check("/srv/a#1.yaml", "#/x", "/srv/a#1.yaml#/x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references_resolve_as_in_the_examples),
        cmocka_unit_test(test_abnormal_references_resolve_as_in_the_examples),
        cmocka_unit_test(test_a_base_without_path_or_authority_serves),
        cmocka_unit_test(test_parts_are_taken_apart),
        cmocka_unit_test(test_encoding_is_undone_by_decoding),
        cmocka_unit_test(test_file_urls_are_paths),
        cmocka_unit_test(test_files_are_bases_as_they_are_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
