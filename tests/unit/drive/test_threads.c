/* Several threads run one document whose description refers to other files. */
#include "unit/arazzo/desk.h"
#include <pthread.h>
#include "arras/run.h"

enum { THREADS = 8, ROUNDS = 20 };

static const struct arras_document *document;

static bool run_once(void)
{
    static const struct arras_setting server = {"", "http://127.0.0.1:9"};
    const struct arras_run_options options = {.servers = {&server, 1}, .dry_run = true};
    struct arras_outcome outcome;
    struct arras_pool *pool = arras_pool_new();
    bool right = pool && !arras_document_run(document, pool, &options, &outcome) &&
                 outcome.end == ARRAS_PLANNED && outcome.step_count == 1 &&
                 strcmp(outcome.steps[0].url, "http://127.0.0.1:9/a?q=7") == 0;
    arras_pool_free(pool);
    return right;
}

static void *work(void *failed)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (!run_once()) {
            *(bool *)failed = true;
        }
    }
    return NULL;
}

static void threads_share_a_document(void **state)
{
    (void)state;
    struct desk desk;
    pthread_t threads[THREADS];
    bool failed[THREADS] = {false};
    desk_init(&desk);
    desk_write(&desk, "w.yaml",
               "arazzo: 1.0.1\n"
               "info: {title: T, version: 1.0.0}\n"
               "sourceDescriptions: [{name: api, url: api.yaml, type: openapi}]\n"
               "workflows:\n"
               "- workflowId: w\n"
               "  steps:\n"
               "  - {stepId: s, operationId: getA, parameters: [{name: q, in: query, value: 7}],\n"
               "     requestBody: {contentType: application/xml, payload: {b: {b: 1}}}}\n");
    desk_write(&desk, "api.yaml",
               "openapi: 3.1.0\n"
               "info: {title: A, version: 1.0.0}\n"
               "paths: {/a: {$ref: a.yaml}}\n");
    desk_write(&desk, "a.yaml",
               "get:\n"
               "  operationId: getA\n"
               "  parameters: [{$ref: 'parts.yaml#/q'}]\n"
               "  requestBody: {$ref: 'parts.yaml#/body'}\n"
               "  responses: {'200': {$ref: 'more.yaml#/ok'}}\n");
    desk_write(&desk, "parts.yaml",
               "q: {name: q, in: query, schema: {$ref: 'more.yaml#/schema'}}\n"
               "body: {content: {application/xml: {schema: {$ref: '#/tree'}}}}\n"
               "tree: {type: object, properties: {b: {$ref: '#/tree'}}}\n");
    desk_write(&desk, "more.yaml",
               "schema: {type: integer}\n"
               "ok: {description: ok, content: {application/json: {schema: {}}}}\n");
    struct arras_pool *pool = arras_pool_new();
    const struct arras_load_options options = {0};
    struct arras_document *loaded = NULL;
    assert_non_null(pool);
    assert_int_equal(arras_document_load(pool, desk_path(&desk, "w.yaml"), &options, &loaded),
                     ARRAS_OK);
    document = loaded;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, &failed[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_false(failed[i]);
    }
    arras_document_free(loaded);
    arras_pool_free(pool);
    desk_release(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_share_a_document)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
