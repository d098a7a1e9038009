#include "jobs/script_job.h"
#include "base/limits.h"
#include "jobs/tag.h"
#include "value/json.h"
#include "value/number.h"

/* 0 where it is not set: what is stored was checked. */
static int64_t number_of(const struct arras_value *settings, const char *name)
{
    const struct arras_value *value = ar_get_z(settings, name);
    int64_t number = 0;
    return ar_is(value, ARRAS_NUMBER) && ar_number_to_int64(ar_text(value), &number) ? number : 0;
}

static bool is_set(const struct arras_value *settings, const char *name)
{
    const struct arras_value *value = ar_get_z(settings, name);
    return ar_is(value, ARRAS_BOOL) && value->boolean;
}

/* delete_after_secs is more exact than delete_after_use. */
static int64_t redact_after(const struct arras_value *settings)
{
    if (ar_get_z(settings, "delete_after_secs")) {
        int64_t seconds = number_of(settings, "delete_after_secs");
        return seconds ? seconds * 1000000 : 1;
    }
    return is_set(settings, "delete_after_use");
}

static enum arras_status write_envs(const struct arras_value *envs, struct ar_arena *arena,
                                    struct arras_str *ret)
{
    struct ar_buf buf;
    if (!ar_is(envs, ARRAS_ARRAY)) {
        return ARRAS_OK;
    }
    ar_buf_init(&buf, AR_SCRIPT_SIZE);
    ar_json_write(&buf, envs, ARRAS_WRITE_COMPACT);
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status;
}

static enum arras_status apply_settings(const struct ar_script *script, struct ar_arena *arena,
                                        struct ar_job *job)
{
    struct ar_source source = {AR_STR("the store"), script->settings};
    struct arras_value settings;
    if (script->settings.len == 0) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_json_read(&source, arena, NULL, &settings);
    if (status) {
        return status;
    }
    job->cache_ttl = number_of(&settings, "cache_ttl");
    job->priority = number_of(&settings, "priority");
    job->hidden = is_set(&settings, "visible_to_runner_only");
    job->redact_after = redact_after(&settings);
    job->restarts = is_set(&settings, "restart_unless_cancelled");
    return write_envs(ar_get_z(&settings, "envs"), arena, &job->envs);
}

enum arras_status ar_script_job(const struct ar_script *script, struct ar_arena *arena,
                                struct ar_job *job)
{
    job->kind = AR_STR("script");
    job->script_path = script->path;
    job->script_hash = script->hash;
    job->language = script->language;
    job->code = script->content;
    job->timeout = script->timeout;
    job->tag = script->tag.len ? script->tag : script->language;
    enum arras_status status = apply_settings(script, arena, job);
    return status ? status : ar_tag_fill(job, arena);
}
