#include "jobs/worker/environment.h"
#include "value/json.h"

/* The sandbox has a 127.0.0.1 of its own, so that it is the same for all. */
enum { PORT = 17000 };

uint16_t ar_job_port(const struct ar_workers_options *options)
{
    return options->sandbox && options->connect ? PORT : 0;
}

static bool add(struct ar_sandbox_command *command, struct ar_arena *arena, const char *name,
                struct arras_str value)
{
    struct arras_str entry;
    return ar_str_printf(arena, &entry, "%s=%.*s", name, AR_STR_ARG(value)) &&
           ar_vec_push(arena, &command->env, entry);
}

bool ar_job_environment_fixed(const char *packages, struct ar_arena *arena,
                              struct ar_sandbox_command *command)
{
    /* empty where they do not apply: scripts may look at them all the same */
    static const char *const entries[] = {
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "LANG=C.UTF-8",
        "TZ=UTC",
        "WM_WORKER_GROUP=default",
        "WM_FLOW_JOB_ID=",
        "WM_FLOW_PATH=",
        "WM_FLOW_STEP_ID=",
        "WM_END_USER_EMAIL=",
    };
    for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
        if (!ar_vec_push(arena, &command->env, ar_str_z(entries[i]))) {
            return false;
        }
    }
    return !packages || add(command, arena, "ARRAS_PACKAGES", ar_str_z(packages));
}

static bool scheduled_for(const struct ar_job *job, struct ar_arena *arena, struct arras_str *ret)
{
    time_t seconds = (time_t)(job->scheduled_for / 1000000);
    struct tm parts;
    char text[40];
    return gmtime_r(&seconds, &parts) &&
           strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts) > 0 &&
           ar_str_printf(arena, ret, "%s.%06lldZ", text, (long long)(job->scheduled_for % 1000000));
}

/* As the script says: the names are none of those below (script_settings.c). */
static enum arras_status add_own(const struct ar_job *job, struct ar_arena *arena,
                                 struct ar_diags *diags, struct ar_sandbox_command *command)
{
    struct ar_source source = {AR_STR("the store"), job->envs};
    struct arras_value envs = ar_null();
    enum arras_status status =
        job->envs.len ? ar_json_read(&source, arena, diags, &envs) : ARRAS_OK;
    for (uint32_t i = 0; !status && i < envs.count; i++) {
        struct arras_str entry = ar_text(&envs.items[i]);
        bool has_value = ar_str_find_char(entry, '=', 0) != AR_NOT_FOUND;
        if (!ar_str_printf(arena, &entry, "%.*s%s", AR_STR_ARG(entry), has_value ? "" : "=") ||
            !ar_vec_push(arena, &command->env, entry)) {
            status = ar_no_memory(diags);
        }
    }
    return status;
}

enum arras_status ar_job_environment(const struct ar_workers_options *options,
                                     const struct ar_job *job, struct arras_str token, bool network,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_sandbox_command *command)
{
    struct arras_str scheduled = {NULL, 0}, state_path, object_path;
    const struct arras_str base_url = ar_str_z(options->base_url);
    const struct arras_str root = job->root_job.len     ? job->root_job
                                  : job->parent_job.len ? job->parent_job
                                                        : job->id;
    struct arras_str internal_url = base_url;
    if (!network && ar_job_port(options) &&
        !ar_str_printf(arena, &internal_url, "http://127.0.0.1:%d", ar_job_port(options))) {
        return ar_no_memory(diags);
    }
    bool done = scheduled_for(job, arena, &scheduled) &&
                ar_str_printf(arena, &state_path, "%.*s/%.*s", AR_STR_ARG(job->script_path),
                              AR_STR_ARG(job->created_by)) &&
                ar_str_printf(arena, &object_path, "%.*s/%.*s", AR_STR_ARG(job->script_path),
                              AR_STR_ARG(job->id));
    const struct {
        const char *name;
        struct arras_str value;
    } entries[] = {
        {"WM_WORKSPACE", job->workspace},
        {"WM_TOKEN", token},
        {"WM_EMAIL", job->email},
        {"WM_USERNAME", job->created_by},
        {"WM_PERMISSIONED_AS", job->permissioned_as},
        {"WM_BASE_URL", base_url},
        {"BASE_URL", internal_url},
        {"BASE_INTERNAL_URL", internal_url},
        {"WM_JOB_ID", job->id},
        {"WM_ROOT_JOB_ID", root},
        {"WM_ROOT_FLOW_JOB_ID", root},
        {"WM_JOB_PATH", job->script_path},
        {"WM_RUNNABLE_ID", job->script_hash},
        {"WM_SCHEDULE_PATH", job->schedule_path},
        {"WM_SCHEDULED_FOR", scheduled},
        {"WM_STATE_PATH", done ? state_path : AR_STR("")},
        {"WM_OBJECT_PATH", done ? object_path : AR_STR("")},
    };
    for (size_t i = 0; done && i < sizeof(entries) / sizeof(*entries); i++) {
        done = add(command, arena, entries[i].name, entries[i].value);
    }
    if (done && job->entrypoint.len) { /* for the wrapper, which takes it away */
        done = add(command, arena, "ARRAS_ENTRYPOINT", job->entrypoint);
    }
    if (done && job->preprocess) { /* the same */
        done = add(command, arena, "ARRAS_PREPROCESS", AR_STR("1"));
    }
    return done ? add_own(job, arena, diags, command) : ar_no_memory(diags);
}
