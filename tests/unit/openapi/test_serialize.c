/* Parameter styles: the table of OpenAPI 3.1.1 section 4.8.12 (Style Examples) row by row, then
 * what it leaves open. */
#include "fixture.h"
#include "unit/harness.h"
#include "openapi/serialize.h"

#define ARRAY "[\"blue\", \"black\", \"brown\"]"
#define OBJECT "{\"R\": 100, \"G\": 200, \"B\": 150}"

static const struct {
    enum ar_parameter_in in;
    const char *parameter, *value, *wanted;
} cases[] = {
    /* the specification's table: empty, string, array, object */
    {AR_IN_PATH, "{\"style\":\"matrix\",\"explode\":false}", "\"\"", ";color"},
    {AR_IN_PATH, "{\"style\":\"matrix\",\"explode\":false}", "\"blue\"", ";color=blue"},
    {AR_IN_PATH, "{\"style\":\"matrix\",\"explode\":false}", ARRAY, ";color=blue,black,brown"},
    {AR_IN_PATH, "{\"style\":\"matrix\",\"explode\":false}", OBJECT, ";color=R,100,G,200,B,150"},
    {AR_IN_PATH, "{\"style\":\"matrix\",\"explode\":true}", "\"\"", ";color"},
    {AR_IN_PATH, "{\"style\":\"matrix\",\"explode\":true}", "\"blue\"", ";color=blue"},
    {AR_IN_PATH, "{\"style\":\"matrix\",\"explode\":true}", ARRAY,
     ";color=blue;color=black;color=brown"},
    {AR_IN_PATH, "{\"style\":\"matrix\",\"explode\":true}", OBJECT, ";R=100;G=200;B=150"},
    {AR_IN_PATH, "{\"style\":\"label\",\"explode\":false}", "\"\"", "."},
    {AR_IN_PATH, "{\"style\":\"label\",\"explode\":false}", "\"blue\"", ".blue"},
    {AR_IN_PATH, "{\"style\":\"label\",\"explode\":false}", ARRAY, ".blue,black,brown"},
    {AR_IN_PATH, "{\"style\":\"label\",\"explode\":false}", OBJECT, ".R,100,G,200,B,150"},
    {AR_IN_PATH, "{\"style\":\"label\",\"explode\":true}", "\"\"", "."},
    {AR_IN_PATH, "{\"style\":\"label\",\"explode\":true}", "\"blue\"", ".blue"},
    {AR_IN_PATH, "{\"style\":\"label\",\"explode\":true}", ARRAY, ".blue.black.brown"},
    {AR_IN_PATH, "{\"style\":\"label\",\"explode\":true}", OBJECT, ".R=100.G=200.B=150"},
    {AR_IN_PATH, "{\"style\":\"simple\",\"explode\":false}", "\"\"", ""},
    {AR_IN_PATH, "{\"style\":\"simple\",\"explode\":false}", "\"blue\"", "blue"},
    {AR_IN_PATH, "{\"style\":\"simple\",\"explode\":false}", ARRAY, "blue,black,brown"},
    {AR_IN_PATH, "{\"style\":\"simple\",\"explode\":false}", OBJECT, "R,100,G,200,B,150"},
    {AR_IN_PATH, "{\"style\":\"simple\",\"explode\":true}", "\"\"", ""},
    {AR_IN_PATH, "{\"style\":\"simple\",\"explode\":true}", "\"blue\"", "blue"},
    {AR_IN_PATH, "{\"style\":\"simple\",\"explode\":true}", ARRAY, "blue,black,brown"},
    {AR_IN_PATH, "{\"style\":\"simple\",\"explode\":true}", OBJECT, "R=100,G=200,B=150"},
    {AR_IN_HEADER, "{\"style\":\"simple\",\"explode\":false}", ARRAY, "blue,black,brown"},
    {AR_IN_HEADER, "{\"style\":\"simple\",\"explode\":true}", OBJECT, "R=100,G=200,B=150"},
    {AR_IN_QUERY, "{\"style\":\"form\",\"explode\":false}", "\"\"", "color="},
    {AR_IN_QUERY, "{\"style\":\"form\",\"explode\":false}", "\"blue\"", "color=blue"},
    {AR_IN_QUERY, "{\"style\":\"form\",\"explode\":false}", ARRAY, "color=blue,black,brown"},
    {AR_IN_QUERY, "{\"style\":\"form\",\"explode\":false}", OBJECT, "color=R,100,G,200,B,150"},
    {AR_IN_QUERY, "{\"style\":\"form\",\"explode\":true}", "\"\"", "color="},
    {AR_IN_QUERY, "{\"style\":\"form\",\"explode\":true}", "\"blue\"", "color=blue"},
    {AR_IN_QUERY, "{\"style\":\"form\",\"explode\":true}", ARRAY,
     "color=blue&color=black&color=brown"},
    {AR_IN_QUERY, "{\"style\":\"form\",\"explode\":true}", OBJECT, "R=100&G=200&B=150"},
    {AR_IN_QUERY, "{\"style\":\"spaceDelimited\",\"explode\":false}", ARRAY,
     "color=blue%20black%20brown"},
    {AR_IN_QUERY, "{\"style\":\"spaceDelimited\",\"explode\":false}", OBJECT,
     "color=R%20100%20G%20200%20B%20150"},
    {AR_IN_QUERY, "{\"style\":\"pipeDelimited\",\"explode\":false}", ARRAY,
     "color=blue%7Cblack%7Cbrown"},
    {AR_IN_QUERY, "{\"style\":\"pipeDelimited\",\"explode\":false}", OBJECT,
     "color=R%7C100%7CG%7C200%7CB%7C150"},
    {AR_IN_QUERY, "{\"style\":\"deepObject\",\"explode\":true}", OBJECT,
     "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"},

    /* defaults of each place */
    {AR_IN_PATH, "null", ARRAY, "blue,black,brown"},
    {AR_IN_PATH, "null", OBJECT, "R,100,G,200,B,150"},
    {AR_IN_QUERY, "null", ARRAY, "color=blue&color=black&color=brown"},
    {AR_IN_QUERY, "{\"schema\":{}}", OBJECT, "R=100&G=200&B=150"},
    {AR_IN_HEADER, "null", OBJECT, "R,100,G,200,B,150"},
    {AR_IN_COOKIE, "null", "\"blue\"", "color=blue"},
    {AR_IN_COOKIE, "null", ARRAY, "color=blue; color=black; color=brown"},
    {AR_IN_COOKIE, "{\"explode\":false}", ARRAY, "color=blue,black,brown"},
    {AR_IN_QUERY, "{\"explode\":false}", ARRAY, "color=blue,black,brown"},
    {AR_IN_QUERY, "{\"style\":\"pipeDelimited\"}", ARRAY, "color=blue%7Cblack%7Cbrown"},
    {AR_IN_QUERY, "{\"style\":\"spaceDelimited\",\"explode\":true}", ARRAY,
     "color=blue&color=black&color=brown"},

    /* a style that the place does not have */
    {AR_IN_QUERY, "{\"style\":\"matrix\"}", "\"blue\"", "color=blue"},
    {AR_IN_PATH, "{\"style\":\"form\"}", ARRAY, "blue,black,brown"},
    {AR_IN_HEADER, "{\"style\":\"label\"}", "\"blue\"", "blue"},
    {AR_IN_QUERY, "{\"style\":\"unheard-of\"}", "\"blue\"", "color=blue"},

    /* scalars as they were written */
    {AR_IN_PATH, "null", "9007199254740993", "9007199254740993"},
    {AR_IN_QUERY, "null", "19.10", "color=19.10"},
    {AR_IN_QUERY, "null", "1E400", "color=1E400"},
    {AR_IN_QUERY, "null", "true", "color=true"},
    {AR_IN_HEADER, "null", "false", "false"},

    /* null and what is empty: undefined, RFC 6570 section 2.3 */
    {AR_IN_QUERY, "null", "null", ""},
    {AR_IN_QUERY, "null", "[]", ""},
    {AR_IN_QUERY, "null", "{}", ""},
    {AR_IN_QUERY, "{\"explode\":false}", "[null]", ""},
    {AR_IN_QUERY, "null", "[null, \"a\", null]", "color=a"},
    {AR_IN_QUERY, "null", "{\"a\": null, \"b\": 1}", "b=1"},
    {AR_IN_PATH, "{\"style\":\"matrix\"}", "[]", ""},
    {AR_IN_PATH, "{\"style\":\"label\"}", "{}", ""},
    {AR_IN_QUERY, "{\"style\":\"deepObject\"}", "{}", ""},
    {AR_IN_QUERY, "null", "[\"\"]", "color="},
    {AR_IN_PATH, "{\"style\":\"matrix\",\"explode\":true}", "{\"a\": \"\"}", ";a"},

    /* what is nested: brackets in deepObject, JSON elsewhere */
    {AR_IN_QUERY, "{\"style\":\"deepObject\"}", "{\"a\": {\"b\": [1, {\"c\": 2}]}}",
     "color%5Ba%5D%5Bb%5D%5B0%5D=1&color%5Ba%5D%5Bb%5D%5B1%5D%5Bc%5D=2"},
    {AR_IN_QUERY, "{\"style\":\"deepObject\"}", ARRAY,
     "color%5B0%5D=blue&color%5B1%5D=black&color%5B2%5D=brown"},
    {AR_IN_QUERY, "{\"style\":\"deepObject\"}", "\"blue\"", "color=blue"},
    {AR_IN_QUERY, "{\"explode\":false}", "[1, {\"a\": 2}]", "color=1,%7B%22a%22%3A2%7D"},
    {AR_IN_HEADER, "null", "[1, [2]]", "1,[2]"},

    /* escaping */
    {AR_IN_PATH, "null", "\"f/a b?c#d%e\"", "f%2Fa%20b%3Fc%23d%25e"},
    {AR_IN_PATH, "null", "\"-._~AZaz09\"", "-._~AZaz09"},
    {AR_IN_PATH, "null", "\"\\u00e9\\u0000\"", "%C3%A9%00"},
    {AR_IN_QUERY, "null", "\"a&b=c+d e\"", "color=a%26b%3Dc%2Bd%20e"},
    {AR_IN_QUERY, "null", "[\"a,b\"]", "color=a%2Cb"},
    {AR_IN_QUERY, "null", "{\"k&=\": \"v\"}", "k%26%3D=v"},
    {AR_IN_QUERY, "{\"allowReserved\":true}", "\"/:@!$'()*,;[]?#a%2Fb%zz \"",
     "color=/:@!$'()*,;[]?%23a%2Fb%25zz%20"},
    {AR_IN_HEADER, "null", "\"a b, \\\"c\\\" %\"", "a b, \"c\" %"},
    {AR_IN_COOKIE, "null", "\"abc==;d e,f\"", "color=abc==%3Bd%20e%2Cf"},
    {AR_IN_COOKIE, "{}", "\"Hello, world!\"", "color=Hello%2C%20world%21"},
    {AR_IN_COOKIE, "{\"allowReserved\":true}", "\"a=b,c;d%2Ce%\\\"!\"",
     "color=a=b%2Cc%3Bd%2Ce%25%22!"},
    {AR_IN_COOKIE, "{}", OBJECT, "R=100; G=200; B=150"},
    {AR_IN_COOKIE, "{\"style\":\"cookie\"}", "\"a b\"", "color=a b"},
    {AR_IN_COOKIE, "{\"style\":\"cookie\"}", ARRAY, "color=blue; color=black; color=brown"},
    {AR_IN_COOKIE, "{\"style\":\"cookie\"}", "{\"greeting\":\"Hello%2C%20world!\",\"code\":42}",
     "greeting=Hello%2C%20world!; code=42"},
    {AR_IN_QUERY, "{\"allowReserved\":true}", "{\"a/b\": \"x%2By\", \"c\": \"x^y\"}",
     "a%2Fb=x%2By&c=x%5Ey"},
    {AR_IN_QUERY, "{\"allowReserved\":true,\"style\":\"deepObject\"}", "{\"a\": \"/\"}",
     "color%5Ba%5D=/"},

    /* Swagger 2.0 */
    {AR_IN_QUERY, "{\"type\":\"array\"}", ARRAY, "color=blue,black,brown"},
    {AR_IN_QUERY, "{\"collectionFormat\":\"csv\"}", ARRAY, "color=blue,black,brown"},
    {AR_IN_QUERY, "{\"collectionFormat\":\"ssv\"}", ARRAY, "color=blue%20black%20brown"},
    {AR_IN_QUERY, "{\"collectionFormat\":\"tsv\"}", ARRAY, "color=blue%09black%09brown"},
    {AR_IN_QUERY, "{\"collectionFormat\":\"pipes\"}", ARRAY, "color=blue%7Cblack%7Cbrown"},
    {AR_IN_QUERY, "{\"collectionFormat\":\"multi\"}", ARRAY, "color=blue&color=black&color=brown"},
    {AR_IN_PATH, "{\"collectionFormat\":\"pipes\"}", ARRAY, "blue%7Cblack%7Cbrown"},
    {AR_IN_HEADER, "{\"collectionFormat\":\"ssv\"}", ARRAY, "blue black brown"},
};

static void values_are_written_in_every_style(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "/api.yaml", "openapi: 3.1.1", NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct arras_value *parameter = fixture_value(&f, cases[i].parameter);
        struct ar_serialization how =
            ar_serialization_of(parameter->type == ARRAS_NULL ? NULL : parameter, cases[i].in);
        struct ar_buf buf;
        ar_buf_init(&buf, 4096);
        ar_serialize(&buf, &how, AR_STR("color"), fixture_value(&f, cases[i].value));
        assert_int_equal(ar_buf_status(&buf), ARRAS_OK);
        if (!ar_str_is(ar_buf_str(&buf), cases[i].wanted)) {
            fail_msg("%s of %s: %.*s, not %s", cases[i].parameter, cases[i].value,
                     AR_STR_ARG(ar_buf_str(&buf)), cases[i].wanted);
        }
        ar_buf_release(&buf);
    }
    fixture_close(&f);
}

static const struct {
    const char *object, *encoding, *wanted;
    bool strict;
} forms[] = {
    {"{\"a\": \"x y~*+\", \"b\": 19.10, \"c\": true, \"d\": null}", "{}",
     "a=x+y%7E*%2B&b=19.10&c=true", false},
    {"{\"tags\": [\"a\", null, \"b\"]}", "{}", "tags=a&tags=b", false},
    {"{\"a\": \"\", \"b\": [], \"c\": {}}", "{}", "a=", false},
    {"{}", "{}", "", false},

    /* what is nested: as servers understand it, by the letter JSON */
    {"{\"line_items\": [{\"price\": \"p\", \"q\": [1]}]}", "{}",
     "line_items%5B0%5D%5Bprice%5D=p&line_items%5B0%5D%5Bq%5D%5B0%5D=1", false},
    {"{\"o\": {\"a\": {\"b\": 1}}}", "{}", "o%5Ba%5D%5Bb%5D=1", false},
    {"{\"o\": {\"a\": \"1 2\"}, \"l\": [{\"b\": 1}, \"c\"], \"s\": \"x\"}", "{}",
     "o=%7B%22a%22%3A%221+2%22%7D&l=%7B%22b%22%3A1%7D&l=c&s=x", true},

    /* contentType: media types, then the form's escaping */
    {"{\"o\": {\"a\": 1}}", "{\"o\": {\"contentType\": \"application/json\"}}",
     "o=%7B%22a%22%3A1%7D", false},
    {"{\"s\": \"x y\", \"n\": [1, \"2\"]}",
     "{\"s\": {\"contentType\": \"application/json\"}, "
     "\"n\": {\"contentType\": \"application/json, text/plain\"}}",
     "s=%22x+y%22&n=1&n=%222%22", false},
    {"{\"x\": {\"a\": 1}}", "{\"x\": {\"contentType\": \"application/xml\"}}",
     "x=%3C%3Fxml+version%3D%221.0%22+encoding%3D%22UTF-8%22%3F%3E%0A%3Croot%3E%3Ca%3E1%3C%2Fa%3E"
     "%3C%2Froot%3E",
     false},

    /* style, explode, allowReserved: as parameters in the query, with their escaping */
    {"{\"o\": {\"a\": 1, \"b\": \"x y\"}}", "{\"o\": {\"style\": \"form\", \"explode\": true}}",
     "a=1&b=x%20y", false},
    {"{\"tags\": [\"a\", \"b,c\"]}", "{\"tags\": {\"style\": \"form\", \"explode\": false}}",
     "tags=a,b%2Cc", false},
    {"{\"tags\": [\"a\", \"b\"]}", "{\"tags\": {\"style\": \"spaceDelimited\"}}", "tags=a%20b",
     false},
    {"{\"tags\": [\"a\", \"b\"]}", "{\"tags\": {\"style\": \"pipeDelimited\"}}", "tags=a%7Cb",
     false},
    {"{\"o\": {\"a\": {\"b\": 1}}}", "{\"o\": {\"style\": \"deepObject\"}}", "o%5Ba%5D%5Bb%5D=1",
     false},
    {"{\"u\": \"/a?b%2Fc d%\"}", "{\"u\": {\"allowReserved\": true}}", "u=/a?b%2Fc%20d%25", false},
    {"{\"u\": \"/a b\"}", "{\"u\": {\"allowReserved\": false}}", "u=%2Fa%20b", false},
    {"{\"o\": {\"a\": 1}}", "{\"o\": {\"explode\": true, \"contentType\": \"application/json\"}}",
     "a=1", false},
};

static void forms_are_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct fixture f;
        char api[512];
        snprintf(api, sizeof(api),
                 "{openapi: 3.1.1, paths: {/f: {post: {operationId: form, requestBody: {content: "
                 "{application/x-www-form-urlencoded: {encoding: %s}}}}}}}",
                 forms[i].encoding);
        fixture_open(&f, "/api.yaml", api, NULL);
        const char *sent =
            fixture_request(&f, "form", NULL, forms[i].object, NULL, forms[i].strict);
        const char *body = strstr(sent, "\n\n");
        struct arras_str wanted;
        assert_true(ar_str_printf(&f.arena, &wanted, "\n\n%s\n", forms[i].wanted));
        if (!body || strcmp(body, wanted.ptr) != 0) {
            fail_msg("%s by %s: %s, not %s", forms[i].object, forms[i].encoding, sent,
                     forms[i].wanted);
        }
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_written_in_every_style),
        cmocka_unit_test(forms_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
