/* A workspace's contents as files, as clients synchronize them with a directory: for each thing
 * PATH.KIND.json with what was set by people, not who set it and when; a script's code beside it.
 */
#include "base/limits.h"
#include "jobs/api/audit.h"
#include "jobs/api/route.h"
#include "jobs/api/schedule_json.h"
#include "jobs/api/script_settings.h"
#include "jobs/api/variable_json.h"
#include "jobs/api/zip.h"
#include "jobs/store/store_people.h"
#include "value/json.h"

/* What the archive is to hold. */
struct wanted {
    bool skip_variables, skip_resources, skip_resource_types, skip_secrets;
    bool plain_secret, include_schedules;
    struct arras_str default_ts; /* the language whose scripts end in .ts: "bun", "deno" */
};

struct archive {
    struct ar_call *call;
    struct wanted wanted;
    struct ar_zip zip;
    AR_VEC(struct arras_str) opened; /* paths of the secrets that are in the clear */
    enum arras_status status;        /* of what was made for the archive */
};

static bool failed(const struct archive *archive)
{
    return archive->status || archive->zip.status;
}

static bool may_read(const struct archive *archive, struct arras_str path,
                     struct arras_str extra_perms)
{
    return ar_access_allows(&archive->call->access, path, extra_perms, AR_RIGHT_READ);
}

static void add_text(struct archive *archive, struct arras_str path, const char *ending,
                     struct arras_str content)
{
    struct arras_str name;
    if (ar_str_printf(archive->call->arena, &name, "%.*s%s", AR_STR_ARG(path), ending)) {
        ar_zip_add(&archive->zip, name, content);
    } else {
        archive->status = ARRAS_NO_MEMORY;
    }
}

static void add_object(struct archive *archive, struct arras_str path, const char *ending,
                       struct ar_writer *writer)
{
    struct arras_value value;
    struct ar_buf buf;
    archive->status = ar_writer_value(writer, &value);
    if (archive->status) {
        return;
    }
    ar_buf_init(&buf, AR_ZIP_SIZE);
    ar_json_write(&buf, &value, ARRAS_WRITE_INDENT);
    archive->status = ar_buf_status(&buf);
    if (archive->status == ARRAS_OK) {
        add_text(archive, path, ending, ar_buf_str(&buf));
    }
    ar_buf_release(&buf);
}

static const char *script_ending(const struct archive *archive, struct arras_str language)
{
    bool deno_first = ar_str_is(archive->wanted.default_ts, "deno");
    if (ar_str_is(language, "python3")) {
        return ".py";
    }
    if (ar_str_is(language, "bash")) {
        return ".sh";
    }
    if (ar_str_is(language, "nativets")) {
        return ".fetch.ts";
    }
    if (ar_str_is(language, "deno")) {
        return deno_first ? ".ts" : ".deno.ts";
    }
    return deno_first ? ".bun.ts" : ".ts";
}

static void add_script(struct archive *archive, const struct ar_script *script)
{
    struct ar_writer writer;
    ar_writer_init(&writer, archive->call->arena);
    ar_put_text(&writer, "summary", script->summary);
    ar_put_text(&writer, "description", script->description);
    ar_put_text(&writer, "lock", script->lock);
    ar_put_text(&writer, "kind", script->kind);
    if (script->schema.len) {
        ar_put_json(&writer, "schema", script->schema);
    }
    ar_put_text_if(&writer, "tag", script->tag);
    if (script->timeout) {
        ar_put_int(&writer, "timeout", script->timeout);
    }
    if (script->labels.len) {
        ar_put_json(&writer, "labels", script->labels);
    }
    if (script->settings.len) {
        ar_script_settings_write(script->settings, &writer);
    }
    add_object(archive, script->path, ".script.json", &writer);
    add_text(archive, script->path, script_ending(archive, script->language), script->content);
}

/* One script whole: lists are without their code. What only it needs is given back. */
static void add_script_at(struct archive *archive, struct arras_str path)
{
    struct ar_call *call = archive->call;
    struct ar_mark mark = ar_arena_mark(call->arena);
    struct ar_script script;
    enum arras_status status = ar_store_script_by_path(call->api->store, call->workspace, path,
                                                       call->arena, &call->diags, &script);
    if (status == ARRAS_OK) {
        add_script(archive, &script);
    } else if (status != ARRAS_NOT_FOUND) { /* archived meanwhile */
        archive->status = status;
        return; /* the diagnostic is in the arena */
    }
    ar_arena_rewind(call->arena, mark);
}

struct paths {
    const struct archive *archive;
    AR_VEC(struct arras_str) list;
    bool failed;
};

static bool take_path(void *context, const struct ar_script *script)
{
    struct paths *paths = context;
    paths->failed = may_read(paths->archive, script->path, script->extra_perms) &&
                    !ar_vec_push(paths->archive->call->arena, &paths->list, script->path);
    return !paths->failed;
}

static void add_scripts(struct archive *archive)
{
    struct ar_call *call = archive->call;
    const struct ar_script_filter filter = {.workspace = call->workspace};
    struct paths paths = {.archive = archive};
    archive->status = ar_store_script_list(call->api->store, &filter, call->arena, &call->diags,
                                           take_path, &paths);
    if (archive->status == ARRAS_OK && paths.failed) {
        archive->status = ARRAS_NO_MEMORY;
    }
    for (size_t i = 0; i < paths.list.count && !failed(archive); i++) {
        add_script_at(archive, paths.list.items[i]);
    }
}

/* Folders are what their owners and other people may do in them. */
static void add_folders(struct archive *archive)
{
    struct ar_call *call = archive->call;
    struct ar_folder_list folders = {0};
    if (failed(archive)) {
        return;
    }
    archive->status = ar_store_folder_list(call->api->store, call->workspace, call->arena,
                                           &call->diags, &folders);
    for (size_t i = 0; i < folders.count && !failed(archive); i++) {
        const struct ar_folder *folder = &folders.items[i];
        struct arras_str path;
        struct ar_writer writer;
        if (!ar_access_folder(&call->access, folder->name, AR_RIGHT_READ)) {
            continue;
        }
        if (!ar_str_printf(call->arena, &path, "f/%.*s", AR_STR_ARG(folder->name))) {
            archive->status = ARRAS_NO_MEMORY;
            return;
        }
        ar_writer_init(&writer, call->arena);
        ar_put_text(&writer, "summary", folder->summary);
        ar_put_text(&writer, "display_name", folder->name);
        ar_put_json(&writer, "extra_perms", folder->extra_perms);
        ar_put_json(&writer, "owners", folder->owners);
        add_object(archive, path, "/folder.meta.json", &writer);
    }
}

static bool open_secret(struct archive *archive, const struct ar_variable *variable,
                        struct arras_str *ret)
{
    archive->status = ar_variable_open(archive->call, variable, ret);
    if (!archive->status && !ar_vec_push(archive->call->arena, &archive->opened, variable->path)) {
        archive->status = ARRAS_NO_MEMORY;
    }
    return archive->status == ARRAS_OK;
}

static bool add_variable(void *context, const struct ar_variable *variable)
{
    struct archive *archive = context;
    struct arras_str value = variable->value;
    struct ar_writer writer;
    if (!may_read(archive, variable->path, variable->extra_perms) ||
        (variable->secret && archive->wanted.skip_secrets)) {
        return true;
    }
    if (variable->secret && archive->wanted.plain_secret &&
        !open_secret(archive, variable, &value)) {
        return false;
    }
    ar_writer_init(&writer, archive->call->arena);
    ar_put_text(&writer, "value", value);
    ar_put_bool(&writer, "is_secret", variable->secret);
    ar_put_text(&writer, "description", variable->description);
    if (variable->labels.len) {
        ar_put_json(&writer, "labels", variable->labels);
    }
    add_object(archive, variable->path, ".variable.json", &writer);
    return !failed(archive);
}

static bool add_resource(void *context, const struct ar_resource *resource)
{
    struct archive *archive = context;
    struct ar_writer writer;
    if (!may_read(archive, resource->path, resource->extra_perms)) {
        return true;
    }
    ar_writer_init(&writer, archive->call->arena);
    ar_put_json(&writer, "value", resource->value.len ? resource->value : AR_STR("null"));
    ar_put_text(&writer, "description", resource->description);
    ar_put_text(&writer, "resource_type", resource->type);
    if (resource->labels.len) {
        ar_put_json(&writer, "labels", resource->labels);
    }
    add_object(archive, resource->path, ".resource.json", &writer);
    return !failed(archive);
}

static bool add_resource_type(void *context, const struct ar_resource_type *type)
{
    struct archive *archive = context;
    struct ar_writer writer;
    ar_writer_init(&writer, archive->call->arena);
    ar_put_json(&writer, "schema", type->schema.len ? type->schema : AR_STR("null"));
    ar_put_text(&writer, "description", type->description);
    ar_put_text_if(&writer, "format_extension", type->format_extension);
    if (type->fileset) {
        ar_put_bool(&writer, "is_fileset", true);
    }
    add_object(archive, type->name, ".resource-type.json", &writer);
    return !failed(archive);
}

/* As whom its jobs run is left out: the caller is it, where it comes to be again. */
static bool add_schedule(void *context, const struct ar_schedule *schedule)
{
    struct archive *archive = context;
    struct ar_writer writer;
    if (!may_read(archive, schedule->path, schedule->extra_perms)) {
        return true;
    }
    ar_writer_init(&writer, archive->call->arena);
    ar_put_text(&writer, "schedule", schedule->cron);
    ar_put_text(&writer, "cron_version", schedule->cron_version);
    ar_put_text(&writer, "timezone", schedule->timezone);
    ar_put_text(&writer, "script_path", schedule->script_path);
    ar_put_bool(&writer, "is_flow", false);
    ar_put_json(&writer, "args", schedule->args);
    ar_put_bool(&writer, "enabled", schedule->enabled);
    ar_schedule_write_follow(&writer, schedule);
    ar_put_text(&writer, "summary", schedule->summary);
    ar_put_text(&writer, "description", schedule->description);
    ar_put_bool(&writer, "no_flow_overlap", schedule->no_flow_overlap);
    ar_put_bool(&writer, "ws_error_handler_muted", schedule->errors_muted);
    ar_put_text_if(&writer, "tag", schedule->tag);
    if (schedule->paused_until) {
        ar_put_time(&writer, "paused_until", schedule->paused_until);
    }
    if (schedule->labels.len) {
        ar_put_json(&writer, "labels", schedule->labels);
    }
    add_object(archive, schedule->path, ".schedule.json", &writer);
    return !failed(archive);
}

static void add_values(struct archive *archive)
{
    struct ar_call *call = archive->call;
    struct ar_store *store = call->api->store;
    const struct ar_item_filter filter = {.workspace = call->workspace};
    enum arras_status status = ARRAS_OK;
    if (!failed(archive) && !archive->wanted.skip_variables) {
        status = ar_store_variable_list(store, &filter, call->arena, &call->diags, add_variable,
                                        archive);
    }
    if (!status && !failed(archive) && !archive->wanted.skip_resources) {
        status = ar_store_resource_list(store, &filter, call->arena, &call->diags, add_resource,
                                        archive);
    }
    if (!status && !failed(archive) && !archive->wanted.skip_resource_types) {
        status = ar_store_resource_type_list(store, call->workspace, call->arena, &call->diags,
                                             add_resource_type, archive);
    }
    if (!status && !failed(archive) && archive->wanted.include_schedules) {
        status = ar_store_schedule_list(store, &filter, call->arena, &call->diags, add_schedule,
                                        archive);
    }
    archive->status = archive->status ? archive->status : status;
}

static bool read_wanted(struct ar_call *call, struct wanted *ret)
{
    struct arras_str type = AR_STR("zip");
    *ret = (struct wanted){.default_ts = AR_STR("bun")};
    if (!ar_param_text(call, "archive_type", &type) ||
        !ar_param_text(call, "default_ts", &ret->default_ts) ||
        !ar_param_bool(call, "skip_variables", &ret->skip_variables) ||
        !ar_param_bool(call, "skip_resources", &ret->skip_resources) ||
        !ar_param_bool(call, "skip_resource_types", &ret->skip_resource_types) ||
        !ar_param_bool(call, "skip_secrets", &ret->skip_secrets) ||
        !ar_param_bool(call, "plain_secret", &ret->plain_secret) ||
        !ar_param_bool(call, "include_schedules", &ret->include_schedules)) {
        return false;
    }
    if (!ar_str_is(type, "zip")) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: Invalid Archive Type: this server makes zip only"));
        return false;
    }
    return true;
}

static bool may_ask(struct ar_call *call)
{
    if (call->user.scopes.len) {
        ar_answer_text(
            call, 403,
            AR_STR("Permission denied: a token with scopes is not for all of a workspace"));
    }
    return call->user.scopes.len == 0;
}

/* As each secret that was read alone would be. */
static bool audit_opened(const struct archive *archive)
{
    bool done = true;
    for (size_t i = 0; done && i < archive->opened.count; i++) {
        done = ar_audit(archive->call, "variables.decrypt_secret", AR_AUDIT_EXECUTE,
                        archive->opened.items[i], NULL);
    }
    return done;
}

void ar_api_tarball(struct ar_call *call)
{
    struct archive archive = {.call = call};
    struct arras_str content;
    if (!may_ask(call) || !read_wanted(call, &archive.wanted)) {
        return;
    }
    ar_zip_init(&archive.zip);
    add_scripts(&archive);
    add_folders(&archive);
    add_values(&archive);
    enum arras_status status = archive.status;
    if (!status) {
        status = ar_zip_finish(&archive.zip, call->arena, &content);
    }
    ar_zip_release(&archive.zip);
    if (status) {
        ar_answer_failed(call, status);
    } else if (audit_opened(&archive)) {
        call->response->status = 200;
        call->response->content_type = "application/zip";
        call->response->body = content;
    }
}
