/* include/arras/run.h: documents and their runs. */
#include "arras/run.h"
#include "arazzo/model.h"
#include "drive/drive.h"
#include "drive/exchange.h"
#include "net/origin.h"
#include "net/transport.h"
#include "openapi/security.h"
#include "drive/fetch.h"
#include "run/inputs.h"
#include "run/secrets.h"
#include "value/pool.h"

struct arras_document {
    struct ar_arena arena;
    struct ar_arazzo *arazzo;
};

/* Origins that a person named: of the document itself and of --source. */
static enum arras_status make_fetcher(struct arras_document *document, const char *path,
                                      const struct arras_load_options *options,
                                      struct ar_fetcher **ret)
{
    struct ar_fetcher_options fetcher_options = {.all = options->allow_remote,
                                                 .transport = options->transport,
                                                 .cache_folder = options->cache_directory,
                                                 .interrupted = options->interrupted};
    enum arras_status status = ar_fetcher_new(&fetcher_options, &document->arena, ret);
    status = status ? status : ar_fetcher_allow(*ret, ar_str_z(path));
    for (size_t i = 0; i < options->sources.count && !status; i++) {
        status = ar_fetcher_allow(*ret, ar_str_z(options->sources.items[i].value));
    }
    return status;
}

enum arras_status arras_document_load(struct arras_pool *pool, const char *path,
                                      const struct arras_load_options *options,
                                      struct arras_document **ret)
{
    struct arras_document *document = calloc(1, sizeof(*document));
    struct ar_fetcher *fetcher = NULL;
    if (!document) {
        return ar_no_memory(&pool->diags);
    }
    ar_arena_init(&document->arena, 0);
    struct ar_diags diags;
    ar_diags_init(&diags, &document->arena);
    enum arras_status status = make_fetcher(document, path, options, &fetcher);
    status = status ? ar_no_memory(&diags)
                    : ar_arazzo_load(path, options, ar_fetcher_fetch(fetcher), &document->arena,
                                     &diags, &document->arazzo);
    ar_fetcher_close(fetcher);
    ar_diags_add(&pool->diags, &diags);
    if (!status && options->interrupted && *options->interrupted) {
        status = ar_error(&pool->diags, ARRAS_INTERRUPTED, "interrupted", NULL, 0,
                          "loading the document was interrupted");
    }
    if (status) {
        arras_document_free(document);
        return status;
    }
    *ret = document;
    return ARRAS_OK;
}

void arras_document_free(struct arras_document *document)
{
    if (document) {
        ar_arazzo_release(document->arazzo);
        ar_arena_release(&document->arena);
        free(document);
    }
}

const char *arras_document_workflow(const struct arras_document *document, size_t index)
{
    const struct ar_arazzo *arazzo = document->arazzo;
    return index < arazzo->workflow_count ? arazzo->names[index] : NULL;
}

const char *arras_document_source(const struct arras_document *document, size_t index)
{
    for (const struct ar_arazzo *arazzo = document->arazzo; arazzo; arazzo = arazzo->next) {
        for (size_t i = 0; i < arazzo->source_count; i++) {
            if (arazzo->sources[i].type == AR_SOURCE_OPENAPI && index-- == 0) {
                return arazzo->sources[i].path_z;
            }
        }
    }
    return NULL;
}

bool arras_document_has_source(const struct arras_document *document, const char *name)
{
    return ar_arazzo_names_source(document->arazzo, name);
}

static const struct ar_source_description *find_source(const struct arras_document *document,
                                                       const char *name)
{
    const struct ar_source_description *found = NULL;
    for (const struct ar_arazzo *arazzo = document->arazzo; arazzo; arazzo = arazzo->next) {
        for (size_t i = 0; i < arazzo->source_count && !found; i++) {
            bool called = ar_source_is_called(&arazzo->sources[i], name);
            found = called && arazzo->sources[i].description ? &arazzo->sources[i] : NULL;
        }
    }
    return found;
}

/* Those of the descriptions beside it, too, where steps found their operations there. */
static enum arras_status scheme_names(const struct ar_source_description *source,
                                      const struct ar_arazzo *arazzo, struct ar_arena *arena,
                                      ar_scheme_names *ret)
{
    enum arras_status status = ar_description_scheme_names(source->description, arena, ret);
    for (; arazzo && !status; arazzo = arazzo->next) {
        for (size_t i = 0; i < arazzo->workflow_count; i++) {
            const struct ar_workflow *workflow = &arazzo->workflows[i];
            for (size_t j = 0; j < workflow->step_count && !status; j++) {
                const struct ar_step *step = &workflow->steps[j];
                bool beside = step->operation && step->source == source &&
                              step->operation->description != source->description;
                status = beside
                             ? ar_description_scheme_names(step->operation->description, arena, ret)
                             : ARRAS_OK;
            }
        }
    }
    return status;
}

enum arras_status arras_document_schemes(const struct arras_document *document,
                                         struct arras_pool *pool, const char *source,
                                         const char *const **ret, size_t *ret_count)
{
    const struct ar_source_description *found = find_source(document, source);
    ar_scheme_names names = {0};
    if (!found) {
        return ARRAS_NOT_FOUND;
    }
    if (scheme_names(found, document->arazzo, &pool->arena, &names)) {
        return ar_no_memory(&pool->diags);
    }
    const char **texts = ar_new_array(&pool->arena, const char *, names.count + 1);
    if (!texts) {
        return ar_no_memory(&pool->diags);
    }
    *ret_count = 0;
    for (size_t i = 0; i < names.count; i++) {
        const char *text = ar_str_to_z(names.items[i], &pool->arena);
        if (text) { /* one with a NUL byte cannot be given anyhow */
            texts[(*ret_count)++] = text;
        }
    }
    *ret = texts;
    return ARRAS_OK;
}

const struct arras_value *arras_document_inputs(const struct arras_document *document,
                                                const char *workflow)
{
    const struct ar_workflow *found = ar_arazzo_workflow(document->arazzo, ar_str_z(workflow));
    return found ? found->inputs : NULL;
}

static enum arras_status tell_workflows(const struct ar_arazzo *arazzo, struct ar_diags *diags,
                                        const char *asked)
{
    struct ar_buf names;
    ar_buf_init(&names, SIZE_MAX);
    for (size_t i = 0; i < arazzo->workflow_count; i++) {
        ar_buf_printf(&names, "%s%.*s", i ? ", " : "", AR_STR_ARG(arazzo->workflows[i].id));
    }
    if (asked) {
        ar_error(diags, ARRAS_USAGE, "unknown-workflow", NULL, 0,
                 "the document has no workflow '%s'", asked);
        ar_hint(diags, "it has %.*s", AR_STR_ARG(ar_buf_str(&names)));
    } else {
        ar_error(diags, ARRAS_USAGE, "which-workflow", NULL, 0,
                 "the document has %zu workflows; say which one to run", arazzo->workflow_count);
        ar_hint(diags, "--workflow takes one of %.*s", AR_STR_ARG(ar_buf_str(&names)));
    }
    ar_buf_release(&names);
    return ARRAS_USAGE;
}

static enum arras_status choose(const struct ar_arazzo *arazzo, const char *id,
                                struct ar_diags *diags, const struct ar_workflow **ret)
{
    if (!id && arazzo->workflow_count == 1) {
        *ret = &arazzo->workflows[0];
        return ARRAS_OK;
    }
    *ret = id ? ar_arazzo_workflow(arazzo, ar_str_z(id)) : NULL;
    return *ret ? ARRAS_OK : tell_workflows(arazzo, diags, id);
}

static enum arras_status check_host(const char *who, struct arras_str name, struct arras_str url,
                                    const struct arras_transport *transport, struct ar_diags *diags)
{
    struct ar_origin origin;
    enum arras_status status = ar_origin_of(url, &origin);
    if (status == ARRAS_INVALID) {
        return ARRAS_OK; /* what is wrong with it is told when a request is made of it */
    }
    if (!status && !ar_origin_allowed(&origin, transport)) {
        status = ar_error(diags, ARRAS_INVALID, "host-not-allowed", NULL, 0,
                          "%s '%.*s' sends to %s:%u, which is not among the hosts that are allowed",
                          who, AR_STR_ARG(name), origin.host, origin.port);
        ar_hint(diags, "--allow-host %s allows it", origin.host);
    }
    return status;
}

/* Whether every server and token endpoint that is known before the run is one of the allowed
 * hosts. */
static enum arras_status check_hosts(const struct ar_run *run,
                                     const struct arras_transport *transport,
                                     struct ar_diags *diags)
{
    struct arras_str url, name;
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; transport && !status && ar_run_server(run, i, &url, &name); i++) {
        status = check_host("the step", name, url, transport, diags);
    }
    for (size_t i = 0; transport && !status && ar_run_token_url(run, i, &url, &name); i++) {
        status = check_host("the token request for", name, url, transport, diags);
    }
    return status;
}

static int64_t nanoseconds(double seconds)
{
    double most = (double)(INT64_MAX / 4);
    double wanted = seconds * (double)AR_SECOND;
    return wanted > most ? INT64_MAX / 4 : (int64_t)wanted;
}

static enum arras_status start(const struct ar_workflow *workflow, struct arras_pool *pool,
                               const struct arras_run_options *options, struct ar_run **ret)
{
    struct ar_given_inputs given = {options->inputs, options->input_texts,
                                    options->input_fallbacks};
    struct ar_run_settings settings = {.workflow = workflow,
                                       .servers = options->servers,
                                       .server_variables = options->server_variables,
                                       .credentials = options->credentials,
                                       .headers = options->headers,
                                       .saves = options->saves,
                                       .max_steps = options->max_steps,
                                       .poll_seconds = options->poll_seconds,
                                       .validation = options->validation,
                                       .clock = ar_clock_system(),
                                       .arena = &pool->arena,
                                       .diags = &pool->diags};
    if (workflow->status) {
        ar_diags_add(&pool->diags, &workflow->diags);
        return workflow->status;
    }
    enum arras_status status = ar_transport_check(options->transport, &pool->diags);
    if (!status) {
        status = ar_inputs_prepare(workflow, &given, &pool->arena, &pool->diags, &settings.inputs,
                                   &settings.uploads);
    }
    status = status ? status : ar_run_new(&settings, ret);
    if (!status) {
        status = check_hosts(*ret, options->transport, &pool->diags);
        if (status) {
            ar_run_release(*ret);
        }
    }
    return status;
}

static enum arras_status drive(struct ar_run *run, const struct arras_run_options *options)
{
    const struct ar_clock *clock = ar_clock_system();
    struct ar_drive_options drive_options = {.request_timeout =
                                                 nanoseconds(options->request_seconds),
                                             .interrupted = options->interrupted,
                                             .observer = options->observer,
                                             .clock = clock};
    if (options->deadline_seconds > 0) {
        drive_options.deadline = ar_clock_now(clock) + nanoseconds(options->deadline_seconds);
    }
    struct ar_http_client_options client_options = {.transport = options->transport};
    struct ar_http_client *client;
    enum arras_status status = ar_http_client_new(&client_options, &client);
    if (!status) {
        status = ar_drive(run, client, &drive_options);
        ar_http_client_free(client);
    }
    return status;
}

/* The error that a person should read first: of what kept a run from starting the oldest, of a run
 * that failed the newest. */
static const struct arras_diag *main_error(const struct ar_diags *diags, size_t from, bool newest)
{
    const struct arras_diag *found = NULL;
    for (size_t i = from; i < diags->list.count; i++) {
        if (diags->list.items[i].severity == ARRAS_ERROR && (newest || !found)) {
            found = &diags->list.items[i];
        }
    }
    return found ? found : ar_diags_first_error(diags);
}

static enum arras_end end_of(enum arras_status status)
{
    switch (status) {
    case ARRAS_OK:
        return ARRAS_SUCCEEDED;
    case ARRAS_LIMIT:
    case ARRAS_INTERRUPTED:
        return ARRAS_STOPPED;
    default:
        return ARRAS_RAN_AND_FAILED;
    }
}

struct plan {
    struct arras_pool *pool;
    const struct arras_observer *observer;
    const struct ar_secrets *secrets;
    AR_VEC(struct arras_step) steps;
};

static enum arras_status show_planned(void *context, const struct arras_step *step,
                                      const struct ar_http_request *request)
{
    struct plan *plan = context;
    struct arras_str text;
    if (!ar_vec_push(&plan->pool->arena, &plan->steps, *step)) {
        return ARRAS_NO_MEMORY;
    }
    if (plan->observer && plan->observer->step_begins) {
        plan->observer->step_begins(plan->observer->context, step);
    }
    if (!plan->observer || !plan->observer->exchange || !request) {
        return ARRAS_OK;
    }
    enum arras_status status =
        ar_exchange_request(plan->secrets, request, &plan->pool->arena, &text);
    if (!status) {
        plan->observer->exchange(plan->observer->context, text, (struct arras_str){0});
    }
    return status;
}

static enum arras_status make_plan(struct ar_run *run, struct arras_pool *pool,
                                   const struct arras_run_options *options,
                                   struct arras_outcome *ret)
{
    struct plan plan = {
        .pool = pool, .observer = options->observer, .secrets = ar_run_secrets(run)};
    enum arras_status status = ar_run_preview(run, show_planned, &plan);
    ret->end = ARRAS_PLANNED;
    ret->steps = plan.steps.items;
    ret->step_count = plan.steps.count;
    return status;
}

static enum arras_status collect(const struct ar_run *run, struct arras_pool *pool,
                                 struct arras_outcome *ret)
{
    struct arras_value outputs;
    enum arras_status status =
        ar_secrets_hide_value(ar_run_secrets(run), ar_run_outputs(run), &pool->arena, &outputs);
    ret->status = ar_run_status(run);
    ret->end = end_of(ret->status);
    ret->steps = ar_run_steps(run);
    ret->step_count = ar_run_step_count(run);
    ret->outputs = status ? NULL : ar_value_new(&pool->arena, outputs);
    return ret->outputs ? ARRAS_OK : ARRAS_NO_MEMORY;
}

enum arras_status arras_document_run(const struct arras_document *document, struct arras_pool *pool,
                                     const struct arras_run_options *options,
                                     struct arras_outcome *ret)
{
    const struct ar_workflow *workflow = NULL;
    struct ar_run *run = NULL;
    struct arras_value empty;
    struct ar_object none;
    size_t diags_before = pool->diags.list.count;
    ar_object_init(&none, &pool->arena);
    *ret = (struct arras_outcome){.end = ARRAS_NOT_RUN};
    if (!ar_object_value(&none, &empty) || !(ret->outputs = ar_value_new(&pool->arena, empty))) {
        return ar_no_memory(&pool->diags);
    }
    ret->status = choose(document->arazzo, options->workflow, &pool->diags, &workflow);
    if (!ret->status) {
        ret->workflow_id = document->arazzo->names[workflow - document->arazzo->workflows];
        ret->status = start(workflow, pool, options, &run);
    }
    enum arras_status status = ret->status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_OK;
    if (!ret->status) {
        if (options->dry_run) {
            status = make_plan(run, pool, options, ret);
        } else {
            status = drive(run, options);
            status = status ? status : collect(run, pool, ret);
        }
        ar_run_release(run);
    }
    if (ret->status) {
        ret->error = main_error(&pool->diags, diags_before, ret->end != ARRAS_NOT_RUN);
    }
    return status;
}

int arras_outcome_exit(const struct arras_outcome *outcome)
{
    if (outcome->end == ARRAS_NOT_RUN) {
        return 2;
    }
    switch (outcome->status) {
    case ARRAS_OK:
        return 0;
    case ARRAS_NETWORK:
    case ARRAS_TIMEOUT:
        return 3;
    case ARRAS_LIMIT:
        return 4;
    case ARRAS_INTERRUPTED:
        return 130;
    default:
        return 1;
    }
}
