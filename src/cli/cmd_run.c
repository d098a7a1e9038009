#include <sys/stat.h>
#include "arras/run.h"
#include "cmd.h"
#include "commands.h"
#include "print.h"
#include "console.h"
#include "folders.h"
#include "interrupt.h"
#include "run_credentials.h"
#include "run_inputs.h"
#include "run_local.h"
#include "run_plan.h"
#include "say.h"
#include "transport.h"

struct run_settings {
    const char *workflow, *inputs_file, *credentials_file, *sandbox, *validate;
    struct ar_texts inputs, servers, server_variables, sources, auths, headers, scripts;
    struct ar_maybe local;
    bool json, verbose, quiet, strict, lenient, all, dry_run, allow_remote;
    uint64_t max_steps;
    double timeout, deadline, poll_interval;
    struct ar_texts saves;
    struct ar_transport_settings transport;
};

static const struct ar_option options[] = {
    {.name = "workflow",
     .letter = 'w',
     .kind = AR_OPTION_TEXT,
     .argument = "ID",
     .help = "the workflow to run, where the document has several; the same as the argument",
     .target = offsetof(struct run_settings, workflow)},
    {.name = "all",
     .kind = AR_OPTION_FLAG,
     .help = "run every workflow of the document, one after the other, with the same inputs. With "
             "--json the object holds the list of runs; the exit status is the highest",
     .target = offsetof(struct run_settings, all)},
    {.name = "input",
     .letter = 'i',
     .kind = AR_OPTION_TEXTS,
     .argument = "NAME=TEXT",
     .help = "an input; the text becomes the type that the workflow's inputs schema gives it. "
             "NAME:=JSON gives any JSON value. May be repeated",
     .target = offsetof(struct run_settings, inputs)},
    {.name = "inputs",
     .kind = AR_OPTION_TEXT,
     .argument = "FILE",
     .help = "a JSON or YAML file with an object of inputs by name, - for standard input; --input "
             "overrides it",
     .target = offsetof(struct run_settings, inputs_file)},
    {.name = "server",
     .kind = AR_OPTION_TEXTS,
     .argument = "SOURCE=SERVER",
     .help =
         "where the API of a source description is: a URL, #2 for the second of the servers "
         "that it declares, or a server's name; just SERVER where there is one source. Else the "
         "first. May be repeated",
     .target = offsetof(struct run_settings, servers)},
    {.name = "server-variable",
     .kind = AR_OPTION_TEXTS,
     .argument = "SOURCE.NAME=VALUE",
     .help = "what {NAME} is in the server URLs that a source description declares, its default "
             "unless given; just NAME=VALUE where there is one source. May be repeated",
     .target = offsetof(struct run_settings, server_variables)},
    {.name = "source",
     .kind = AR_OPTION_TEXTS,
     .argument = "SOURCE=PLACE",
     .help = "read a source description from this file or URL instead. May be repeated",
     .target = offsetof(struct run_settings, sources)},
    {.name = "auth",
     .kind = AR_OPTION_TEXTS,
     .argument = "SOURCE.SCHEME=VALUE",
     .help = "a credential for a security scheme of a source's description: a token, a key, "
             "USER:PASSWORD, CLIENT-ID:CLIENT-SECRET. =@FILE reads it from a file; :=JSON gives it "
             "in full; an empty one sends none. May be repeated",
     .target = offsetof(struct run_settings, auths)},
    {.name = "header",
     .kind = AR_OPTION_TEXTS,
     .argument = "SOURCE:NAME=VALUE",
     .help = "a header for every request to a source; =@FILE reads its value from a file. May be "
             "repeated",
     .target = offsetof(struct run_settings, headers)},
    {.name = "credentials",
     .kind = AR_OPTION_TEXT,
     .argument = "FILE",
     .help = "a YAML or JSON file of credentials by source and security scheme, of mode 0600; "
             "arras.credentials.yaml in this folder or beside DOC unless given",
     .target = offsetof(struct run_settings, credentials_file)},
    {.name = "allow-remote",
     .kind = AR_OPTION_FLAG,
     .help = "read every http or https URL that a document names; otherwise only those on the "
             "servers that DOC and --source name",
     .target = offsetof(struct run_settings, allow_remote)},
    {.name = "local",
     .kind = AR_OPTION_MAYBE,
     .argument = "SOURCE",
     .help = "serve that source from a job server inside this program, for the length of this run; "
             "its token and workspace are inputs where the workflow has such and none were given. "
             "Without =SOURCE: the next word where it is a source's name, else the only source",
     .target = offsetof(struct run_settings, local)},
    {.name = "script",
     .kind = AR_OPTION_TEXTS,
     .argument = "PATH=FILE",
     .help = "with --local: deploy FILE as the script PATH before the run. May be repeated",
     .target = offsetof(struct run_settings, scripts)},
    {.name = "sandbox",
     .kind = AR_OPTION_TEXT,
     .argument = "bwrap|none",
     .help = "with --local: how jobs are kept apart from this machine, as in arras serve",
     .target = offsetof(struct run_settings, sandbox)},
    {.name = "json",
     .kind = AR_OPTION_FLAG,
     .help = "print one JSON object to standard output, whatever happens, and nothing else",
     .target = offsetof(struct run_settings, json)},
    {.name = "verbose",
     .letter = 'v',
     .kind = AR_OPTION_FLAG,
     .help = "show every attempt, every wait and every request with its response",
     .target = offsetof(struct run_settings, verbose)},
    {.name = "quiet",
     .letter = 'q',
     .kind = AR_OPTION_FLAG,
     .help = "show errors only",
     .target = offsetof(struct run_settings, quiet)},
    {.name = "strict",
     .kind = AR_OPTION_FLAG,
     .help = "take the specification by its letter: every deviation is an error",
     .target = offsetof(struct run_settings, strict)},
    {.name = "lenient",
     .kind = AR_OPTION_FLAG,
     .help = "also guess what the author may have meant, each time with a warning",
     .target = offsetof(struct run_settings, lenient)},
    {.name = "validate",
     .kind = AR_OPTION_TEXT,
     .argument = "warn|error",
     .help = "check the status, headers, media type and body of each response against the API's "
             "description: what is wrong is a warning, or fails the step",
     .target = offsetof(struct run_settings, validate)},
    {.name = "dry-run",
     .kind = AR_OPTION_FLAG,
     .help = "send nothing: print the requests that the run might send, with what only a run could "
             "know as its expression in braces",
     .target = offsetof(struct run_settings, dry_run)},
    {.name = "max-steps",
     .kind = AR_OPTION_NUMBER,
     .argument = "N",
     .help = "stop after so many steps, 10000 unless given",
     .target = offsetof(struct run_settings, max_steps),
     .least = 1,
     .most = 1000000000},
    {.name = "timeout",
     .kind = AR_OPTION_SECONDS,
     .argument = "SECONDS",
     .help = "the longest that a request may take, 30 unless given",
     .target = offsetof(struct run_settings, timeout)},
    {.name = "deadline",
     .kind = AR_OPTION_SECONDS,
     .argument = "SECONDS",
     .help = "the longest that the whole run may take, without end unless given",
     .target = offsetof(struct run_settings, deadline)},
    {.name = "poll-interval",
     .kind = AR_OPTION_SECONDS,
     .argument = "SECONDS",
     .help = "the pause before a step that already ran is run again; at once, then from 50 ms "
             "doubling to 2 s unless given",
     .target = offsetof(struct run_settings, poll_interval)},
    {.name = "save",
     .kind = AR_OPTION_TEXTS,
     .argument = "STEP=FILE",
     .help = "write the body of the step's response to FILE as it comes, where its status is 2xx; "
             "$response.body is then the file's name. WORKFLOW.STEP=FILE where several workflows "
             "have one. May be repeated",
     .target = offsetof(struct run_settings, saves)},
    {.name = "max-saved",
     .kind = AR_OPTION_NUMBER,
     .argument = "BYTES",
     .help = "with --save: the largest body that is written, 68719476736 unless given",
     .target = offsetof(struct run_settings, transport.max_saved),
     .least = 1,
     .most = (uint64_t)1 << 50},
    AR_TRANSPORT_OPTIONS(struct run_settings, transport),
    {0}};

static const struct ar_operand operands[] = {
    {"DOC", false, "the Arazzo document, YAML or JSON: a file or an http or https URL"},
    {"WORKFLOW", true, "the id of the workflow to run, where the document has several"},
    {0}};

static const struct ar_term environment[] = {
    {"ARRAS_INPUT_NAME",
     "the input NAME where nothing else gives it; also in upper case with _ for "
     "other characters: ARRAS_INPUT_API_KEY is api-key"},
    {"ARRAS_AUTH_SOURCE_SCHEME",
     "the credential for SCHEME of SOURCE, in upper case with _ for other characters, where --auth "
     "gives none"},
    AR_TRANSPORT_ENVIRONMENT,
    {"XDG_CACHE_HOME",
     "the folder in whose folder arras documents read by HTTP are kept, to ask only whether they "
     "have changed; ~/.cache unless set"},
    {"TMPDIR", "the folder in which --local keeps its data during the run, /tmp unless set"},
    {0}};

static const struct ar_term exits[] = {
    {"0", "the workflow succeeded"},
    {"1", "it ran and failed: criteria unmet, retries used up, a value that a step needed missing"},
    {"2", "nothing was sent: bad usage, invalid document or inputs, no server known"},
    {"3", "a server could not be reached, did not answer in time, or the connection broke"},
    {"4", "stopped by a limit: steps, time, size"},
    {"130, 143", "stopped by SIGINT (Ctrl-C), by SIGTERM"},
    {0}};

static const struct ar_term examples[] = {
    {"arras run pets.arazzo.yaml --input petId=7", "run the only workflow with one input"},
    {"arras run pets.arazzo.yaml buyPet --inputs inputs.json --server http://127.0.0.1:8080",
     "run one of several against another server"},
    {"arras run jobs.arazzo.yaml --local --script u/admin/hello=hello.sh "
     "-i path=u/admin/hello -i 'args:={\"name\": \"you\"}'",
     "run a workflow on Windmill's API with no server but this program"},
    {0}};

/* One run from the arguments to the exit status. */
struct run {
    const struct run_settings *given;
    struct arras_pool *pool;
    struct arras_document *document;
    const char *path, *workflow;
    struct ar_setting_list sources, servers, server_variables, saves;
    struct ar_inputs inputs;
    struct ar_credential_list credentials;
    const struct arras_value *credentials_value;
    struct ar_local local;
    struct ar_transport transport;
    const char *local_source; /* NULL: no local server */
    size_t said;              /* diagnostics of the pool that were shown */
};

/* The object of --json for a run that never began. */
static void print_invalid(struct arras_pool *pool, const char *workflow, enum arras_status status,
                          const struct arras_diag *diag)
{
    struct arras_outcome outcome = {
        .end = ARRAS_NOT_RUN, .status = status, .workflow_id = workflow, .error = diag};
    const struct arras_value *report;
    if (arras_read(pool, ARRAS_FORMAT_JSON, "outputs", ar_z("{}"), &outcome.outputs) ||
        arras_outcome_report(&outcome, pool, &report) ||
        ar_print_value(pool, report, ARRAS_WRITE_INDENT)) {
        puts("{\"status\": \"invalid\"}");
    }
}

static void refused(const char *message)
{
    struct arras_pool *pool = arras_pool_new();
    const struct arras_diag diag = {
        .severity = ARRAS_ERROR, .status = ARRAS_USAGE, .code = "usage", .message = ar_z(message)};
    if (pool) {
        print_invalid(pool, NULL, ARRAS_USAGE, &diag);
    }
    arras_pool_free(pool);
}

/* A failure before the run: said, and reported where --json asks. */
static int not_run(struct run *run, enum arras_status status)
{
    size_t from = run->said;
    if (ar_say_pool(run->pool, &run->said, run->given->quiet) == 0) {
        ar_say_error("%s", arras_status_meaning(status));
    }
    if (run->given->json) {
        struct arras_diag unknown = {.severity = ARRAS_ERROR,
                                     .status = status,
                                     .code = arras_status_name(status),
                                     .message = ar_z(arras_status_meaning(status))};
        const struct arras_diag *diag = ar_first_error(run->pool, from);
        print_invalid(run->pool, run->workflow, status, diag ? diag : &unknown);
    }
    if (status == ARRAS_INTERRUPTED && ar_interrupted()) {
        return 128 + ar_interrupted();
    }
    return status == ARRAS_LIMIT || status == ARRAS_NO_MEMORY ? 4 : 2;
}

static bool is_file(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

/* Takes the word behind a plain --local out of the operands where it stands before DOC: there it is
 * a source's name unless it is a file. Behind DOC it can be told only once DOC is read. */
static void place_words(struct run *run, struct ar_texts *words, const char **ret_maybe)
{
    const struct ar_maybe *local = &run->given->local;
    *ret_maybe = local->text;
    if (local->given && local->word == 0 && words->count > 1 && !is_file(words->items[0])) {
        *ret_maybe = words->items[0];
        ar_texts_remove(words, 0);
    }
    run->path = words->items[0];
}

/* "the sources are: a, b"; the text lives on. */
static const char *list_sources(const struct arras_document *document)
{
    struct ar_text text = {0};
    const char *source;
    for (size_t i = 0; (source = arras_document_source(document, i)); i++) {
        ar_text_printf(&text, "%s%s", i ? ", " : "", source);
    }
    const char *kept = ar_keep_copy(ar_text_z(&text), text.len);
    ar_text_release(&text);
    return *kept ? kept : "none";
}

static int no_source(const struct run *run, const char *option, const char *name)
{
    return ar_bad_usage(&ar_cmd_run, "%s: the document has no source '%s'; its sources are: %s",
                        option, name, list_sources(run->document));
}

static int find_local(struct run *run, struct ar_texts *words, const char *maybe)
{
    const struct ar_maybe *local = &run->given->local;
    if (!local->given) {
        bool stray = run->given->scripts.count || run->given->sandbox;
        return stray ? ar_bad_usage(&ar_cmd_run, "%s goes with --local only",
                                    run->given->scripts.count ? "--script" : "--sandbox")
                     : 0;
    }
    if (!maybe && local->word != SIZE_MAX && local->word > 0 &&
        arras_document_has_source(run->document, words->items[local->word])) {
        maybe = words->items[local->word];
        ar_texts_remove(words, local->word);
    }
    if (!maybe && arras_document_source(run->document, 1)) {
        return ar_bad_usage(&ar_cmd_run, "--local: which source? Give --local=SOURCE, one of: %s",
                            list_sources(run->document));
    }
    run->local_source = maybe ? maybe : arras_document_source(run->document, 0);
    if (!run->local_source || !arras_document_has_source(run->document, run->local_source)) {
        return no_source(run, "--local", maybe ? maybe : "");
    }
    return 0;
}

static int find_workflow(struct run *run, const struct ar_texts *words)
{
    const char *word = words->count > 1 ? words->items[1] : NULL;
    const char *option = run->given->workflow;
    if (words->count > 2) {
        return ar_bad_usage(&ar_cmd_run, "'%s' is one argument too many", words->items[2]);
    }
    if (word && option && strcmp(word, option) != 0) {
        return ar_bad_usage(&ar_cmd_run, "two workflows are given: '%s' and '%s'", word, option);
    }
    if (word && run->given->all) {
        return ar_bad_usage(&ar_cmd_run, "--all and a workflow, '%s', cannot be combined", word);
    }
    run->workflow = option ? option : word;
    return 0;
}

static bool is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static int find_servers(struct run *run)
{
    const struct ar_texts *servers = &run->given->servers;
    bool several = arras_document_source(run->document, 1);
    for (size_t i = 0; i < servers->count; i++) {
        char *name = NULL;
        const char *server = servers->items[i];
        bool cut = !is_url(server) && ar_cut_setting(servers->items[i], &name, &server);
        if (!*server || (!cut && several)) {
            return ar_bad_usage(&ar_cmd_run,
                                "--server: whose server is '%s'? Give SOURCE=URL, with one of: %s",
                                server, list_sources(run->document));
        }
        if (cut && !arras_document_has_source(run->document, name)) {
            return no_source(run, "--server", name);
        }
        ar_setting_add(&run->servers, cut ? name : "*", server);
    }
    return 0;
}

/* NAME of the only source becomes "*.NAME"; which names there are, the library knows. */
static int find_server_variables(struct run *run)
{
    const struct ar_texts *variables = &run->given->server_variables;
    for (size_t i = 0; i < variables->count; i++) {
        char *name;
        const char *value;
        struct ar_text any = {0};
        if (!ar_cut_setting(variables->items[i], &name, &value)) {
            return ar_bad_usage(&ar_cmd_run, "--server-variable: '%s' is not SOURCE.NAME=VALUE",
                                variables->items[i]);
        }
        if (!strchr(name, '.') && !arras_document_source(run->document, 1)) {
            ar_text_printf(&any, "*.%s", name);
            name = ar_keep_copy(ar_text_z(&any), any.len);
            ar_text_release(&any);
        }
        ar_setting_add(&run->server_variables, name, value);
    }
    return 0;
}

static int find_sources(struct run *run)
{
    const struct ar_texts *sources = &run->given->sources;
    for (size_t i = 0; i < sources->count; i++) {
        char *name;
        const char *file;
        if (!ar_cut_setting(sources->items[i], &name, &file) || !*file) {
            return ar_bad_usage(&ar_cmd_run, "--source: '%s' is not SOURCE=FILE or SOURCE=URL",
                                sources->items[i]);
        }
        ar_setting_add(&run->sources, name, file);
    }
    return 0;
}

static int find_saves(struct run *run)
{
    const struct ar_texts *saves = &run->given->saves;
    if (run->given->transport.max_saved && saves->count == 0) {
        return ar_bad_usage(&ar_cmd_run, "--max-saved goes with --save only");
    }
    for (size_t i = 0; i < saves->count; i++) {
        char *name;
        const char *file;
        if (!ar_cut_setting(saves->items[i], &name, &file) || !*file) {
            return ar_bad_usage(&ar_cmd_run, "--save: '%s' is not STEP=FILE", saves->items[i]);
        }
        ar_setting_add(&run->saves, name, file);
    }
    return 0;
}

static int check_flags(const struct run_settings *given)
{
    if (given->strict && given->lenient) {
        return ar_bad_usage(&ar_cmd_run, "--strict and --lenient cannot be combined");
    }
    if (given->dry_run && given->local.given) {
        return ar_bad_usage(&ar_cmd_run, "--dry-run and --local cannot be combined: give --server");
    }
    if (given->all && given->workflow) {
        return ar_bad_usage(&ar_cmd_run, "--all and --workflow cannot be combined");
    }
    if (given->verbose && given->quiet) {
        return ar_bad_usage(&ar_cmd_run, "--verbose and --quiet cannot be combined");
    }
    return 0;
}

static int load(struct run *run)
{
    const struct run_settings *given = run->given;
    struct arras_load_options load_options = {.strictness = given->strict    ? ARRAS_STRICT
                                                            : given->lenient ? ARRAS_LENIENT
                                                                             : ARRAS_TOLERANT,
                                              .sources = ar_settings(&run->sources),
                                              .allow_remote = given->allow_remote,
                                              .cache_directory = ar_cache_directory(),
                                              .transport = &run->transport.library,
                                              .interrupted = ar_interrupt_flag()};
    enum arras_status status =
        arras_document_load(run->pool, run->path, &load_options, &run->document);
    if (status) {
        run->document = NULL;
        return not_run(run, status);
    }
    ar_say_pool(run->pool, &run->said, given->quiet);
    for (size_t i = 0; i < run->sources.count; i++) {
        if (!arras_document_has_source(run->document, run->sources.items[i].name)) {
            return no_source(run, "--source", run->sources.items[i].name);
        }
    }
    return 0;
}

static int start_local(struct run *run)
{
    const struct run_settings *given = run->given;
    bool no_sandbox = given->sandbox && strcmp(given->sandbox, "none") == 0;
    char *why;
    if (no_sandbox) {
        ar_say_warning("[no-sandbox] --sandbox none: every job can read, change and delete "
                       "whatever this user can");
    }
    enum arras_status status =
        ar_local_start(run->pool, no_sandbox, &given->scripts, &run->local, &why);
    if (why) {
        int result = ar_bad_usage(&ar_cmd_run, "%s", why);
        free(why);
        return result;
    }
    if (status) {
        return not_run(run, status);
    }
    ar_transport_reach(&run->transport, "127.0.0.1"); /* no proxy could */
    ar_setting_add(&run->servers, run->local_source, run->local.api);
    ar_local_inputs(&run->local, &run->inputs.fallbacks);
    ar_local_credentials(&run->local, run->document, run->local_source, &run->credentials);
    return 0;
}

static int find_credentials(struct run *run)
{
    const struct run_settings *given = run->given;
    const struct ar_credentials_given credentials = {&given->auths, &given->headers,
                                                     given->credentials_file, given->strict};
    char *why;
    if (!ar_credentials_gather(run->document, run->path, &credentials, run->pool, &run->credentials,
                               &why)) {
        int result = ar_bad_usage(&ar_cmd_run, "%s", why);
        free(why);
        return result;
    }
    if (ar_first_error(run->pool, run->said)) {
        return not_run(run, ARRAS_INVALID);
    }
    ar_say_pool(run->pool, &run->said, given->quiet);
    return 0;
}

static int prepare(struct run *run, struct ar_texts *words)
{
    const char *maybe;
    place_words(run, words, &maybe);
    int result = check_flags(run->given);
    result =
        result ? result : ar_transport_read(&ar_cmd_run, &run->given->transport, &run->transport);
    result = result ? result : find_saves(run);
    result = result ? result : find_sources(run);
    result = result ? result : load(run);
    result = result ? result : find_local(run, words, maybe);
    result = result ? result : find_workflow(run, words);
    result = result ? result : find_servers(run);
    result = result ? result : find_server_variables(run);
    if (result) {
        return result;
    }
    char *why;
    enum arras_status status =
        ar_inputs_read(run->pool, &run->given->inputs, run->given->inputs_file, &run->inputs, &why);
    if (why) {
        result = ar_bad_usage(&ar_cmd_run, "%s", why);
        free(why);
        return result;
    }
    if (status) {
        return not_run(run, status);
    }
    result = find_credentials(run);
    if (!result && run->local_source) {
        result = start_local(run);
    }
    if (!result && ar_credentials_value(&run->credentials, &run->credentials_value)) {
        ar_say_error("the credentials are too large");
        result = 4;
    }
    return result;
}

/* Warnings first, then what went wrong; the error that ended the run may be in the pool or not. */
static void say_end(struct run *run, const struct arras_outcome *outcome)
{
    bool error_said = false;
    const struct arras_diag *diag;
    for (; (diag = arras_pool_diag(run->pool, run->said)); run->said++) {
        bool error = diag->severity == ARRAS_ERROR;
        if (error ? outcome->end != ARRAS_SUCCEEDED : !run->given->quiet) {
            ar_say_pool_diag(run->pool, run->said);
        }
        error_said = error_said || diag == outcome->error;
    }
    if (outcome->error && !error_said) {
        ar_say_diag(outcome->error);
    }
}

static int print_outcome(struct run *run, const struct arras_outcome *outcome)
{
    const struct arras_value *value = outcome->outputs;
    if (outcome->end == ARRAS_PLANNED && !run->given->json) {
        return 0; /* the requests were printed as they were made */
    }
    if (run->given->json && arras_outcome_report(outcome, run->pool, &value)) {
        ar_say_error("memory ran out");
        return 4;
    }
    bool wanted = run->given->json || outcome->end == ARRAS_SUCCEEDED || arras_count(value);
    return wanted ? ar_print_value(run->pool, value, ARRAS_WRITE_INDENT) : 0;
}

static enum arras_validation validation(const char *word)
{
    return !word                       ? ARRAS_VALIDATE_NOT
           : strcmp(word, "warn") == 0 ? ARRAS_VALIDATE_WARN
                                       : ARRAS_VALIDATE_FAIL;
}

static int execute(struct run *run)
{
    const struct run_settings *given = run->given;
    struct ar_console console;
    ar_console_init(&console, given->quiet, given->verbose);
    console.pool = run->pool;
    console.said = &run->said;
    console.workflow = run->workflow ? run->workflow : arras_document_workflow(run->document, 0);
    bool silent = given->json;
    struct arras_observer observer =
        given->dry_run ? ar_plan_observer(&silent) : ar_console_observer(&console);
    struct arras_run_options run_options = {.workflow = run->workflow,
                                            .inputs = run->inputs.values,
                                            .input_texts = ar_settings(&run->inputs.texts),
                                            .input_fallbacks = ar_settings(&run->inputs.fallbacks),
                                            .servers = ar_settings(&run->servers),
                                            .server_variables = ar_settings(&run->server_variables),
                                            .credentials = run->credentials_value,
                                            .headers = ar_settings(&run->credentials.headers),
                                            .max_steps = given->max_steps,
                                            .request_seconds = given->timeout,
                                            .deadline_seconds = given->deadline,
                                            .poll_seconds = given->poll_interval,
                                            .validation = validation(given->validate),
                                            .dry_run = given->dry_run,
                                            .saves = ar_settings(&run->saves),
                                            .transport = &run->transport.library,
                                            .interrupted = ar_interrupt_flag(),
                                            .observer = &observer};
    struct timespec begun, ended;
    struct arras_outcome outcome;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    enum arras_status status = arras_document_run(run->document, run->pool, &run_options, &outcome);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    if (status) {
        ar_console_flush(&console);
        return not_run(run, status);
    }
    ar_console_end(&console, &outcome,
                   (double)(ended.tv_sec - begun.tv_sec) +
                       (double)(ended.tv_nsec - begun.tv_nsec) / 1e9);
    say_end(run, &outcome);
    int failed = print_outcome(run, &outcome);
    bool interrupted = ar_interrupted() && outcome.status == ARRAS_INTERRUPTED;
    return interrupted ? 128 + ar_interrupted() : failed ? failed : arras_outcome_exit(&outcome);
}

/* Each workflow with a pool of its own, so that its warnings are its own. */
static int execute_all(struct run *run)
{
    struct arras_pool *pool = run->pool;
    const char *workflow;
    int worst = 0;
    if (run->given->json) {
        fputs("{\"runs\": [\n", stdout);
    }
    for (size_t i = 0; (workflow = arras_document_workflow(run->document, i)); i++) {
        run->pool = arras_pool_new();
        if (!run->pool) {
            run->pool = pool;
            ar_say_error("memory ran out");
            return 4;
        }
        if (run->given->json && i) {
            fputs(",\n", stdout);
        }
        run->workflow = workflow;
        run->said = 0;
        int result = execute(run);
        worst = result > worst ? result : worst;
        arras_pool_free(run->pool);
        run->pool = pool;
        if (ar_interrupted()) {
            break;
        }
    }
    if (run->given->json) {
        fputs("]}\n", stdout);
    }
    return worst;
}

static int run_command(void *settings, struct ar_texts *words)
{
    struct run run = {.given = settings, .pool = arras_pool_new()};
    if (!run.pool) {
        ar_say_error("memory ran out");
        return 4;
    }
    ar_interrupt_watch();
    if (run.given->transport.insecure && run.given->quiet) {
        ar_say_warning("[tls-unverified] --insecure: certificates of servers are NOT verified");
    }
    int result = prepare(&run, words);
    if (result == 0) {
        result = run.given->all ? execute_all(&run) : execute(&run);
    }
    ar_local_stop(&run.local);
    ar_transport_release(&run.transport);
    arras_document_free(run.document);
    arras_pool_free(run.pool);
    ar_credentials_release(&run.credentials);
    free(run.servers.items);
    free(run.server_variables.items);
    free(run.sources.items);
    free(run.saves.items);
    free(run.inputs.texts.items);
    free(run.inputs.fallbacks.items);
    return result;
}

const struct ar_command ar_cmd_run = {
    .name = "run",
    .summary = "run a workflow of an Arazzo document",
    .prose =
        "Reads the document, finds the OpenAPI descriptions that it names, and carries out a "
        "workflow step by step. Standard output holds the workflow's outputs as JSON; each step "
        "is told on standard error as it ends.\n\n"
        "What a document does not say by the letter of the specification, but can only mean in "
        "one way, is read that way, each time with a warning that tells the rule's name and the "
        "repair. --strict makes these errors, --lenient adds guesses.\n\n"
        "An input is looked for in this order: --input, --inputs, ARRAS_INPUT_NAME in the "
        "environment, what --local knows, the schema's default.\n\n"
        "A credential is looked for in this order: a parameter of the document, --header, --auth, "
        "ARRAS_AUTH_SOURCE_SCHEME in the environment, arras.credentials.yaml. What an operation "
        "asks for and nothing gives is told before the first request. Credentials go to the server "
        "of their source only and are never shown.",
    .options = options,
    .operands = operands,
    .environment = environment,
    .exits = exits,
    .examples = examples,
    .settings_size = sizeof(struct run_settings),
    .run = run_command,
    .refused = refused};
