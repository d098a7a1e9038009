/* What steps and actions refer to. */
#include "unit/arazzo/desk.h"

#define API(paths) "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n" paths

static struct desk d;

static int set_up(void **state)
{
    (void)state;
    desk_init(&d);
    desk_write(&d, "one.yaml",
               API("  /same: {get: {operationId: same}}\n"
                   "  /one: {get: {operationId: clash}, post: {}}\n"
                   "  /only: {get: {operationId: only}}\n"
                   "  '/a/b c%': {put: {operationId: one.dotted}}\n"));
    desk_write(&d, "two.yaml",
               API("  /same: {get: {operationId: same}}\n"
                   "  /two: {get: {operationId: clash}}\n"
                   "  /lone: {delete: {operationId: lone}}\n"
                   "  /v2: {get: {operationId: list}}\n"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    desk_release(&d);
    return 0;
}

/* The workflow's status with one step of these members; "METHOD path of source" where it is linked.
 */
static enum arras_status links(enum arras_strictness strictness, const char *members,
                               const char *expected)
{
    struct arras_str text, seen;
    d.diags = (struct ar_diags){.arena = &d.arena};
    assert_true(ar_str_printf(
        &d.arena, &text,
        "arazzo: 1.0.1\ninfo: {title: t, version: '1'}\nsourceDescriptions: [{name: one, url: "
        "one.yaml}, {name: two, url: two.yaml}, {name: one.v2, url: two.yaml}, {name: far, url: "
        "far.yaml, type: arazzo}]\nworkflows:\n- {workflowId: w, steps: [{stepId: s, %s}]}\n- "
        "{workflowId: other, steps: [{stepId: t, operationId: only}]}\n",
        members));
    desk_write(&d, "doc.yaml", text.ptr);
    assert_int_equal(desk_load(&d, "doc.yaml", strictness, NULL), ARRAS_OK);
    const struct ar_workflow *workflow = &d.arazzo->workflows[0];
    const struct ar_step *step = &workflow->steps[0];
    if (!workflow->status && step->operation) {
        assert_true(
            ar_str_printf(&d.arena, &seen, "%.*s %.*s of %.*s", AR_STR_ARG(step->operation->method),
                          AR_STR_ARG(step->operation->path), AR_STR_ARG(step->source->name)));
        assert_string_equal(seen.ptr, expected);
    }
    return workflow->status;
}

static void ids_are_found_by_themselves_or_with_their_source(void **state)
{
    (void)state;
    static const struct {
        const char *members, *operation, *warning;
    } cases[] = {
        {"operationId: only", "GET /only of one", "unqualified-operation"},
        {"operationId: same", "GET /same of one", "unqualified-operation"},
        {"operationId: $sourceDescriptions.two.same", "GET /same of two", NULL},
        {"operationId: $sourceDescriptions.two.clash", "GET /two of two", NULL},
        {"operationId: two.clash", "GET /two of two", "unqualified-operation"},
        /* the id as a whole comes before a source's name and an id */
        {"operationId: one.dotted", "PUT /a/b c% of one", "unqualified-operation"},
        {"operationId: $sourceDescriptions.one.one.dotted", "PUT /a/b c% of one", NULL},
        /* of the names that stand there the longest */
        {"operationId: $sourceDescriptions.one.v2.list", "GET /v2 of one.v2", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(links(ARRAS_TOLERANT, cases[i].members, cases[i].operation), ARRAS_OK);
        if (cases[i].warning) {
            assert_true(desk_told(&d, cases[i].warning, NULL));
        }
        enum arras_status strict = links(ARRAS_STRICT, cases[i].members, cases[i].operation);
        assert_int_equal(strict, cases[i].warning ? ARRAS_INVALID : ARRAS_OK);
    }
}

static void paths_are_found_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *members, *operation;
        bool formal;
    } cases[] = {
        {"operationPath: '{$sourceDescriptions.one.url}#/paths/~1only/get'", "GET /only of one",
         true},
        {"operationPath: '{$sourceDescriptions.one.url}#/paths/~1one/post'", "POST /one of one",
         true},
        {"operationPath: '{$sourceDescriptions.one.url}#/paths/~1a~1b c%/put'",
         "PUT /a/b c% of one", true},
        {"operationPath: '{$sourceDescriptions.one.url}#/paths/~1a~1b%20c%25/put'",
         "PUT /a/b c% of one", true},
        {"operationPath: 'two#/paths/~1same/get'", "GET /same of two", false},
        {"operationPath: '$sourceDescriptions.two#/paths/~1same/get'", "GET /same of two", false},
        {"operationPath: '$sourceDescriptions.two.url#/paths/~1same/get'", "GET /same of two",
         false},
        {"operationPath: '#/paths/~1two/get'", "GET /two of two", false},
        {"operationPath: GET /two", "GET /two of two", false},
        {"operationPath: get /two", "GET /two of two", false},
        {"operationPath: /lone", "DELETE /lone of two", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(links(ARRAS_TOLERANT, cases[i].members, cases[i].operation), ARRAS_OK);
        if (!cases[i].formal) {
            assert_true(desk_told(&d, "operation-path-form", NULL));
        }
        enum arras_status strict = links(ARRAS_STRICT, cases[i].members, cases[i].operation);
        assert_int_equal(strict, cases[i].formal ? ARRAS_OK : ARRAS_INVALID);
    }
}

static void what_is_not_there_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        enum arras_status status;
        const char *code, *message;
    } cases[] = {
        {"operationId: clash", ARRAS_INVALID, "ambiguous-operation",
         "the step 's': the sources 'one' and 'two' both have an operation 'clash'"},
        {"operationId: gone", ARRAS_UNRESOLVED, "unknown-operation",
         "the step 's': no operation 'gone' in any of the sources"},
        {"operationId: two.gone", ARRAS_UNRESOLVED, "unknown-operation",
         "the step 's': no operation 'gone' in the source two"},
        {"operationId: $sourceDescriptions.two.gone", ARRAS_UNRESOLVED, "unknown-operation",
         "the step 's': no operation 'gone' in the source two"},
        {"operationId: $sourceDescriptions.none.x", ARRAS_INVALID, "unknown-source",
         "the step 's': '$sourceDescriptions.none.x' names no source description"},
        {"operationPath: 'none#/paths/~1x/get'", ARRAS_INVALID, "unknown-source",
         "the operationPath 'none#/paths/~1x/get' names no source description"},
        {"operationPath: '{$sourceDescriptions.one.url}#/paths/~1gone/get'", ARRAS_UNRESOLVED,
         "unknown-operation", "in the source one"},
        {"operationPath: '{$sourceDescriptions.one.url}#/components/x'", ARRAS_INVALID,
         "operation-path", "names no operation"},
        {"operationPath: '{$sourceDescriptions.one.url}#/paths/~1only/get/x'", ARRAS_INVALID,
         "operation-path", "names no operation"},
        {"operationPath: gibberish", ARRAS_INVALID, "operation-path", "names no operation"},
        {"operationPath: /one", ARRAS_UNRESOLVED, "unknown-operation", "no operation '/one'"},
        {"workflowId: gone", ARRAS_INVALID, "unknown-workflow", "there is no workflow 'gone'"},
        {"workflowId: $sourceDescriptions.far.x", ARRAS_UNRESOLVED, "source-missing",
         "there is no file 'far.yaml'"},
        {"workflowId: $sourceDescriptions.two.x", ARRAS_INVALID, "unknown-workflow",
         "the source 'two' is not an Arazzo document"},
        {"operationId: two.lone, onSuccess: [{name: a, type: goto, stepId: gone}]", ARRAS_INVALID,
         "unknown-step", "the action 'a': the workflow 'w' has no step 'gone'"},
        {"operationId: two.lone, onFailure: [{name: a, type: retry, workflowId: gone}]",
         ARRAS_INVALID, "unknown-workflow", "there is no workflow 'gone'"},
        {"channelPath: x", ARRAS_UNSUPPORTED, "asyncapi", "AsyncAPI"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(links(ARRAS_TOLERANT, cases[i].members, ""), cases[i].status);
        assert_true(desk_told(&d, cases[i].code, cases[i].message));
        assert_int_equal(d.arazzo->workflows[0].diags.errors, 1);
        assert_int_equal(d.arazzo->workflows[1].status, ARRAS_OK);
    }
}

static void targets_within_the_document_are_linked(void **state)
{
    (void)state;
    assert_int_equal(
        links(ARRAS_TOLERANT,
              "workflowId: other, onSuccess: [{name: a, type: goto, stepId: s}, {name: "
              "b, type: goto, workflowId: other}]",
              ""),
        ARRAS_OK);
    const struct ar_step *step = &d.arazzo->workflows[0].steps[0];
    assert_ptr_equal(step->workflow, &d.arazzo->workflows[1]);
    assert_int_equal(step->on_success.items[0].step, 0);
    assert_null(step->on_success.items[0].workflow);
    assert_ptr_equal(step->on_success.items[1].workflow, &d.arazzo->workflows[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_found_by_themselves_or_with_their_source),
        cmocka_unit_test(paths_are_found_in_every_form),
        cmocka_unit_test(what_is_not_there_is_told),
        cmocka_unit_test(targets_within_the_document_are_linked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
