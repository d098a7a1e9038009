#include "jobs/api/new_job.h"
#include "base/limits.h"
#include "jobs/api/args.h"
#include "jobs/api/audit.h"
#include "jobs/api/rights.h"
#include "jobs/api/route.h"
#include "jobs/api/script_settings.h"
#include "jobs/language/language.h"
#include "jobs/script_job.h"
#include "jobs/secret.h"
#include "jobs/tag.h"
#include "value/json.h"

#define SECOND INT64_C(1000000)
#define YEARS_100 (INT64_C(100) * 366 * 24 * 3600)

/* Windmill's that have no meaning without flows and chats: who sends one must not get a job that
 * does something else. */
static const char *const UNKNOWN[] = {"memory_id", "suspended_mode"};

static bool check_unknown(struct ar_call *call)
{
    for (size_t i = 0; i < sizeof(UNKNOWN) / sizeof(UNKNOWN[0]); i++) {
        struct arras_str value = {NULL, 0};
        if (!ar_param_text(call, UNKNOWN[i], &value)) {
            return false;
        }
        if (value.len) {
            ar_answer_textf(call, 400, "Bad request: this server has no query parameter %s",
                            UNKNOWN[i]);
            return false;
        }
    }
    return true;
}

static bool read_times(struct ar_call *call, struct ar_job *job)
{
    int64_t seconds = -1, timeout = 0;
    if (!ar_param_time(call, "scheduled_for", &job->scheduled_for) ||
        !ar_param_int(call, "scheduled_in_secs", 0, YEARS_100, &seconds) ||
        !ar_param_int(call, "timeout", 1, INT32_MAX, &timeout)) {
        return false;
    }
    if (seconds >= 0 && !job->scheduled_for) {
        job->scheduled_for = call->now + seconds * SECOND;
    }
    if (timeout) {
        job->timeout = timeout;
    }
    return true;
}

/* The tag that the job has already is as good as none. */
static bool read_tag(struct ar_call *call, struct ar_job *job)
{
    struct arras_str tag = {NULL, 0};
    if (!ar_param_text(call, "tag", &tag)) {
        return false;
    }
    if (tag.len && !call->user.superadmin && !ar_str_eq(tag, job->tag)) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: Only super admins are allowed to use tags that are not "
                              "included in the allowed CUSTOM_TAGS: "));
        return false;
    }
    if (tag.len) {
        job->tag = tag;
    }
    return true;
}

/* One more job would make the queue longer than the caller wants it. */
static bool check_queue_limit(struct ar_call *call)
{
    struct ar_job_filter filter = {
        .workspace = call->workspace, .running = 0, .completed = 0, .success = -1};
    int64_t limit = -1, waiting = 0;
    if (!ar_param_int(call, "queue_limit", 0, INT32_MAX, &limit)) {
        return false;
    }
    if (limit < 0) {
        return true;
    }
    enum arras_status status =
        ar_store_job_count(call->api->store, &filter, &call->diags, &waiting);
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    if (waiting > limit) {
        ar_answer_textf(call, 500, "Internal: Number of queued job is too high: %lld > %lld",
                        (long long)waiting, (long long)limit);
    }
    return waiting <= limit;
}

/* What the query says about the job; false: answered. */
static bool read_options(struct ar_call *call, struct ar_job *job)
{
    return check_unknown(call) && read_times(call, job) && read_tag(call, job) &&
           ar_param_uuid(call, "job_id", &job->id) &&
           ar_param_uuid(call, "parent_job", &job->parent_job) &&
           ar_param_uuid(call, "root_job", &job->root_job) &&
           ar_param_bool(call, "invisible_to_owner", &job->hidden) &&
           ar_param_int(call, "cache_ttl", 1, INT32_MAX, &job->cache_ttl) &&
           check_queue_limit(call);
}

static int compare_members(const void *a, const void *b)
{
    return ar_str_compare(ar_member_name(a), ar_member_name(b));
}

/* The same code with the same arguments, whatever their order, has the same key. */
static enum arras_status make_cache_key(struct ar_call *call, struct ar_job *job)
{
    struct ar_source source = {AR_STR("arguments"), job->args};
    struct arras_value args;
    struct ar_buf buf;
    enum arras_status status = ar_json_read(&source, call->arena, &call->diags, &args);
    if (status) {
        return status;
    }
    struct ar_member *members = ar_arena_array(call->arena, args.count + 1, sizeof(*members));
    if (!members) {
        return ARRAS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < args.count; i++) {
        members[i] = args.members[i];
    }
    qsort(members, args.count, sizeof(*members), compare_members);
    const struct arras_str parts[] = {job->workspace,   job->kind,       job->script_path,
                                      job->script_hash, job->entrypoint, job->code};
    ar_buf_init(&buf, AR_SERVER_REQUEST_MEMORY);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        ar_buf_printf(&buf, "%zu:", parts[i].len);
        ar_buf_add_str(&buf, parts[i]);
    }
    for (uint32_t i = 0; i < args.count; i++) {
        ar_json_write_string(&buf, ar_member_name(&members[i]), 0);
        ar_json_write(&buf, &members[i].value, ARRAS_WRITE_COMPACT);
    }
    status = ar_buf_status(&buf);
    if (!status) {
        status = ar_sha256_hex(ar_buf_str(&buf), call->arena, &job->cache_key);
    }
    ar_buf_release(&buf);
    return status;
}

/* Once all else of the job is known. False: answered. */
static bool finish(struct ar_call *call, struct ar_job *job, struct ar_run_words words)
{
    if (words.entrypoint.len && ar_language_find(job->language) == &ar_language_bash) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: a bash script has no functions to run by "
                              "_ENTRYPOINT_OVERRIDE"));
        return false;
    }
    if (ar_str_has_nul(words.entrypoint)) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: _ENTRYPOINT_OVERRIDE holds a NUL character"));
        return false;
    }
    job->entrypoint = words.entrypoint;
    enum arras_status status = ar_tag_fill(job, call->arena);
    if (!status && job->cache_ttl) {
        status = make_cache_key(call, job);
    }
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

bool ar_call_job_of_user(struct ar_call *call, struct ar_job *ret)
{
    *ret = (struct ar_job){
        .workspace = call->workspace,
        .email = call->user.email,
    };
    if (!ar_call_creator(call, &ret->created_by)) {
        return false;
    }
    if (!ar_str_printf(call->arena, &ret->permissioned_as, "u/%.*s",
                       AR_STR_ARG(call->user.username))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    return true;
}

static bool find_script(struct ar_call *call, enum ar_run_what what, struct ar_script *ret)
{
    struct ar_store *store = call->api->store;
    bool by_path = what == AR_RUN_PATH;
    enum arras_status status = by_path ? ar_store_script_by_path(store, call->workspace, call->tail,
                                                                 call->arena, &call->diags, ret)
                                       : ar_store_script_by_hash(store, call->workspace, call->tail,
                                                                 call->arena, &call->diags, ret);
    bool hidden = !status && (ret->deleted || !ar_access_allows(&call->access, ret->path,
                                                                ret->extra_perms, AR_RIGHT_READ));
    if (status == ARRAS_NOT_FOUND || hidden) {
        ar_answer_textf(call, 404, "Not found: %s not found at name %.*s",
                        by_path ? "deployed script" : "Script", AR_STR_ARG(call->tail));
        return false;
    }
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    return ar_call_scope_at(call, ret->path);
}

static bool script_job(struct ar_call *call, const struct ar_script *script, struct ar_job *ret)
{
    struct ar_run_words words;
    if (!ar_call_job_of_user(call, ret)) {
        return false;
    }
    enum arras_status status = ar_script_job(script, call->arena, ret);
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    bool skip = false;
    if (!read_options(call, ret) || !ar_param_bool(call, "skip_preprocessor", &skip)) {
        return false;
    }
    ret->preprocess = !skip && ar_script_settings_has(call, script->settings, "has_preprocessor");
    words = (struct ar_run_words){.entrypoint = {NULL, 0}};
    bool has_args =
        ret->preprocess ? ar_call_event(call, &ret->args) : ar_call_args(call, &words, &ret->args);
    return has_args && finish(call, ret, words);
}

bool ar_call_job_with(struct ar_call *call, enum ar_run_what what, struct arras_str args,
                      struct arras_str entrypoint, struct ar_job *ret)
{
    struct ar_script script;
    const struct ar_run_words words = {.entrypoint = entrypoint};
    if (!find_script(call, what, &script) || !ar_call_job_of_user(call, ret)) {
        return false;
    }
    enum arras_status status = ar_script_job(&script, call->arena, ret);
    if (status) {
        ar_answer_failed(call, status);
        return false;
    }
    ret->args = args;
    return finish(call, ret, words);
}

/* What the body's `kind` is, as a job's; empty, answered: none that runs here. */
static struct arras_str preview_kind(struct ar_call *call, struct arras_str kind)
{
    if (kind.len == 0 || ar_str_is(kind, "code")) {
        return AR_STR("preview");
    }
    if (ar_str_is(kind, AR_KIND_IDENTITY) || ar_str_is(kind, AR_KIND_NOOP)) {
        return kind;
    }
    if (ar_str_ends(kind, "bundle")) {
        ar_api_no_bundles(call);
    } else {
        ar_answer_textf(call, 400, "Bad request: this server has no previews of kind '%.*s'",
                        AR_STR_ARG(ar_str_sub(kind, 0, 100)));
    }
    return (struct arras_str){NULL, 0};
}

static bool check_preview(struct ar_call *call, const struct ar_job *job)
{
    if (!ar_str_is(job->kind, "preview")) {
        return true;
    }
    if (job->code.len == 0) {
        ar_answer_text(call, 400, AR_STR("Bad request: a preview needs content"));
    } else if (job->language.len == 0) {
        ar_answer_text(call, 400, AR_STR("Bad request: a preview needs a language"));
    } else if (!ar_language_find(job->language)) {
        ar_answer_textf(call, 400, "Bad request: this server does not run language '%.*s'",
                        AR_STR_ARG(ar_str_sub(job->language, 0, 100)));
    } else if (ar_str_has_nul(job->code)) {
        ar_answer_text(call, 400, AR_STR("Bad request: the content holds a NUL character"));
    } else {
        return true;
    }
    return false;
}

/* Where the body has no code, that of the version of a script that it names. */
static bool read_version(struct ar_call *call, const struct arras_value *body, struct ar_job *ret)
{
    struct ar_script script;
    struct arras_str hash = {NULL, 0};
    if (!ar_member_text(call, body, "script_hash", &hash)) {
        return false;
    }
    if (hash.len == 0) {
        return true;
    }
    call->tail = hash;
    if (!find_script(call, AR_RUN_HASH, &script)) {
        return false;
    }
    ret->script_hash = script.hash;
    ret->script_path = ret->script_path.len ? ret->script_path : script.path;
    if (ret->code.len == 0) {
        ret->code = script.content;
        ret->language = script.language;
    }
    return true;
}

/* What needs no code is run by any worker that takes jobs of this tag. */
static struct arras_str preview_tag(const struct ar_job *job, struct arras_str tag)
{
    return tag.len ? tag : job->language.len ? job->language : AR_STR("other");
}

static bool preview_job(struct ar_call *call, struct ar_job *ret)
{
    struct arras_value body;
    struct arras_str kind = {NULL, 0}, tag = {NULL, 0};
    struct ar_run_words words;
    if (!ar_call_is_developer(call, "run preview jobs for security reasons") ||
        !ar_call_job_of_user(call, ret) || !ar_call_json_body(call, false, &body) ||
        !ar_call_is_object(call, &body) || !ar_member_text(call, &body, "content", &ret->code) ||
        !ar_member_text(call, &body, "path", &ret->script_path) ||
        !ar_member_text(call, &body, "language", &ret->language) ||
        !ar_member_text(call, &body, "kind", &kind) || !ar_member_text(call, &body, "tag", &tag) ||
        !read_version(call, &body, ret)) {
        return false;
    }
    ret->kind = preview_kind(call, kind);
    ret->tag = preview_tag(ret, tag);
    if (ret->kind.len == 0 || !check_preview(call, ret)) {
        return false;
    }
    return read_options(call, ret) &&
           ar_call_args_of(call, ar_get_z(&body, "args"), &words, &ret->args) &&
           finish(call, ret, words);
}

bool ar_call_new_job(struct ar_call *call, enum ar_run_what what, struct ar_job *ret)
{
    struct ar_script script;
    if (what == AR_RUN_PREVIEW) {
        return preview_job(call, ret);
    }
    return find_script(call, what, &script) && script_job(call, &script, ret);
}

static bool audit_run(struct ar_call *call, const struct ar_job *job)
{
    struct arras_str operation;
    struct ar_writer parameters;
    if (!ar_str_printf(call->arena, &operation, "jobs.run.%.*s", AR_STR_ARG(job->kind))) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    ar_writer_init(&parameters, call->arena);
    ar_put_text(&parameters, "uuid", job->id);
    ar_put_text(&parameters, "permissioned_as", job->permissioned_as);
    ar_put_text_if(&parameters, "hash", job->script_hash);
    return ar_audit(call, operation.ptr, AR_AUDIT_EXECUTE, job->script_path, &parameters);
}

bool ar_call_submit(struct ar_call *call, struct ar_job *job)
{
    enum arras_status status = ar_queue_submit(call->api->queue, job, call->arena, &call->diags);
    if (status == ARRAS_CONFLICT) {
        ar_answer_textf(call, 400, "Bad request: Job with id %.*s already exists",
                        AR_STR_ARG(job->id));
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK && audit_run(call, job);
}
