/* Up to the first NUL byte stands a text; behind it the JSON of the inputs. The text is read as a
 * template, as a simple condition and, from each '$' on, as an expression of each extent, all
 * evaluated. A workflow with odd names is what they are read against. */
#include "arazzo/simple.h"
#include "base/limits.h"
#include "two_texts.h"
#include "value/json.h"
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char document_text[] =
    "{\"arazzo\":\"1.0.1\",\"sourceDescriptions\":[{\"name\":\"s.t\",\"url\":\"x\"}],\"workflows\":"
    "["
    "{\"workflowId\":\"w\",\"inputs\":{\"properties\":{\"a\":{},\"a.b\":{},\"$top\":{},\"with[]\":{"
    "},"
    "\"x y\":{}}},\"steps\":[{\"stepId\":\"s 1\",\"workflowId\":\"v\",\"outputs\":{\"o (p)\":1,"
    "\"q\":2}},{\"stepId\":\"c\",\"workflowId\":\"v\"}],\"outputs\":{\"z.z\":1}},{\"workflowId\":"
    "\"v\",\"steps\":[{\"stepId\":\"t\",\"workflowId\":\"w\"}],\"outputs\":{\"<o>\":1}}]}";

static struct ar_arena document_arena;
static struct ar_arazzo *arazzo;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    struct ar_diags diags;
    struct ar_document document;
    struct arras_load_options options = {0};
    ar_arena_init(&document_arena, 0);
    ar_diags_init(&diags, &document_arena);
    if (ar_document_parse(AR_STR("doc.json"), ar_str_z(document_text), ARRAS_FORMAT_GUESS,
                          &document_arena, &diags, &document) ||
        ar_arazzo_read(&document, "doc.json", &options, &document_arena, &diags, &arazzo)) {
        abort();
    }
    return 0;
}

static void scan_all(struct arras_str text, const struct ar_scope *scope)
{
    static const enum ar_extent extents[] = {AR_EXTENT_WHOLE, AR_EXTENT_TEXT, AR_EXTENT_CONDITION};
    int scans = 0;
    for (size_t i = 0; i < text.len && scans < 64; i++) {
        if (text.ptr[i] != '$') {
            continue;
        }
        scans++;
        for (size_t j = 0; j < 3; j++) {
            struct ar_expression expression = {0};
            const struct arras_value *value;
            size_t end = ar_expression_scan(text, i, extents[j], scope->workflow, &expression);
            if (end < i || end > text.len || (end > i && expression.text.len != end - i)) {
                abort();
            }
            if (end > i && (ar_expression_value(&expression, scope, &value) ||
                            ar_expression_check(&expression, scope->workflow, scope->inputs,
                                                NULL) == ARRAS_NO_MEMORY)) {
                abort();
            }
        }
    }
}

static void try_template(struct arras_str text, const struct ar_scope *scope)
{
    struct arras_value value = ar_string(text);
    struct ar_template *template;
    struct ar_filled filled;
    if (ar_template_new(&value, scope->workflow, scope->arena, NULL, &template)) {
        abort();
    }
    enum arras_status status = ar_template_fill(template, scope, NULL, &filled);
    if (status == ARRAS_OK && !filled.value == !filled.missing) {
        abort();
    }
}

static void try_condition(struct arras_str text, const struct ar_scope *scope)
{
    struct ar_diags diags;
    struct ar_simple *simple;
    ar_diags_init(&diags, scope->arena);
    enum arras_status status =
        ar_simple_compile(text, 0, scope->workflow, scope->arena, &diags, &simple);
    if ((status != ARRAS_OK) != (diags.errors == 1)) {
        abort();
    }
    bool first = false, second = true;
    struct arras_str why;
    if (!status && (ar_simple_holds(simple, scope, &first, &why) ||
                    ar_simple_holds(simple, scope, &second, NULL) || first != second)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct two_texts input = split(data, size, "{}");
    struct ar_source source = {AR_STR("inputs"), input.second};
    struct ar_arena arena;
    struct arras_value inputs = ar_null();
    ar_arena_init(&arena, 0);
    if (ar_json_read(&source, &arena, NULL, &inputs)) {
        inputs = ar_null();
    }
    struct ar_http_request request = {.method = AR_STR("GET"), .url = AR_STR("http://h")};
    struct ar_http_response response = {.status = 200};
    struct ar_exchange exchange = {.request = &request,
                                   .request_body = &inputs,
                                   .response = &response,
                                   .response_body = &inputs};
    const struct arras_value *outputs[] = {&inputs, NULL};
    struct ar_scope scope = {.workflow = &arazzo->workflows[0],
                             .inputs = &inputs,
                             .step_outputs = outputs,
                             .outputs = &inputs,
                             .exchange = &exchange,
                             .arena = &arena};
    scan_all(input.first, &scope);
    try_template(input.first, &scope);
    try_condition(input.first, &scope);
    ar_arena_release(&arena);
    return 0;
}
