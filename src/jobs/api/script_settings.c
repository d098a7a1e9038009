#include "jobs/api/script_settings.h"
#include "base/limits.h"
#include "value/json.h"
#include "value/number.h"

#define WRONG_SHAPE "Failed to deserialize the JSON body into the target type: "

enum type { FLAG, NUMBER, SECONDS /* of which 0 are some */, TEXT, TEXTS, ENVS, OBJECT, LIST };

struct setting {
    const char *name;
    enum type type;
    int64_t most;        /* of a number */
    const char *refusal; /* why it cannot be set; NULL: it can */
};

static const struct setting SETTINGS[] = {
    {"is_template", FLAG, 0, NULL},
    {"cache_ttl", NUMBER, INT32_MAX, NULL},
    {"cache_ignore_s3_path", FLAG, 0, NULL},
    {"priority", NUMBER, AR_PRIORITY_MOST, NULL},
    {"visible_to_runner_only", FLAG, 0, NULL},
    {"concurrent_limit", NUMBER, INT32_MAX, NULL},
    {"concurrency_time_window_s", NUMBER, INT32_MAX, NULL},
    {"concurrency_key", TEXT, 0, NULL},
    {"debounce_key", TEXT, 0, NULL},
    {"debounce_delay_s", NUMBER, INT32_MAX, NULL},
    {"debounce_args_to_accumulate", TEXTS, 0, NULL},
    {"max_total_debouncing_time", NUMBER, INT32_MAX, NULL},
    {"max_total_debounces_amount", NUMBER, INT32_MAX, NULL},
    {"dedicated_worker", FLAG, 0, NULL},
    {"ws_error_handler_muted", FLAG, 0, NULL},
    {"auto_kind", TEXT, 0, NULL},
    {"no_main_func", FLAG, 0, NULL},
    {"assets", LIST, 0, NULL},
    {"envs", ENVS, 0, NULL},
    {"delete_after_use", FLAG, 0, NULL},
    {"delete_after_secs", SECONDS, INT32_MAX, NULL},
    {"draft_only", FLAG, 0, "this server keeps no drafts"},
    {"restart_unless_cancelled", FLAG, 0, NULL},
    {"has_preprocessor", FLAG, 0, NULL},
    {"codebase", TEXT, 0, "this server takes no bundles, only a script's content"},
    {"modules", OBJECT, 0, "this server takes no modules beside a script's content"},
    {"on_behalf_of_email", TEXT, 0, "jobs run on behalf of who submits them"},
};

enum { COUNT = sizeof(SETTINGS) / sizeof(*SETTINGS) };

static bool wrong_type(struct ar_call *call, const struct setting *setting,
                       const struct arras_value *found)
{
    static const char *const expected[] = {
        [FLAG] = "a boolean",   [NUMBER] = "a number",
        [TEXT] = "a string",    [TEXTS] = "an array of strings",
        [OBJECT] = "an object", [LIST] = "an array",
        [SECONDS] = "a number", [ENVS] = "an array of strings",
    };
    ar_answer_textf(call, 422, WRONG_SHAPE "%s: expected %s, found %s", setting->name,
                    expected[setting->type], ar_type_name(found));
    return false;
}

static bool is_of_type(const struct arras_value *value, enum type type)
{
    static const enum arras_type types[] = {
        [FLAG] = ARRAS_BOOL,      [NUMBER] = ARRAS_NUMBER, [TEXT] = ARRAS_STRING,
        [TEXTS] = ARRAS_ARRAY,    [OBJECT] = ARRAS_OBJECT, [LIST] = ARRAS_ARRAY,
        [SECONDS] = ARRAS_NUMBER, [ENVS] = ARRAS_ARRAY,
    };
    bool is = value->type == types[type];
    for (uint32_t i = 0; is && (type == TEXTS || type == ENVS) && i < value->count; i++) {
        is = value->items[i].type == ARRAS_STRING;
    }
    return is;
}

/* Null, false, 0 and what is empty say nothing. */
static bool says_something(const struct arras_value *value)
{
    int64_t number;
    switch (value->type) {
    case ARRAS_NULL:
        return false;
    case ARRAS_BOOL:
        return value->boolean;
    case ARRAS_NUMBER:
        return !ar_number_to_int64(ar_text(value), &number) || number != 0;
    case ARRAS_STRING:
        return ar_text(value).len > 0;
    default:
        return value->count > 0;
    }
}

static bool check_number(struct ar_call *call, const struct setting *setting,
                         const struct arras_value *value)
{
    int64_t number;
    if ((setting->type != NUMBER && setting->type != SECONDS) ||
        (ar_number_to_int64(ar_text(value), &number) && number >= 0 && number <= setting->most)) {
        return true;
    }
    ar_answer_textf(call, 400, "Bad request: %s: expected an integer from 0 to %lld", setting->name,
                    (long long)setting->most);
    return false;
}

/* Letters, digits and _, and none that the server gives to every job. */
static bool is_env_name(struct arras_str name)
{
    static const char *const own[] = {"BASE_URL", "BASE_INTERNAL_URL", "HOME"};
    bool valid = name.len > 0 && !(name.ptr[0] >= '0' && name.ptr[0] <= '9') &&
                 !ar_str_starts(name, "WM_") && !ar_str_starts(name, "ARRAS_");
    for (size_t i = 0; valid && i < name.len; i++) {
        char c = name.ptr[i];
        valid =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    for (size_t i = 0; valid && i < sizeof(own) / sizeof(own[0]); i++) {
        valid = !ar_str_is(name, own[i]);
    }
    return valid;
}

static bool check_envs(struct ar_call *call, const struct arras_value *envs)
{
    for (uint32_t i = 0; i < envs->count; i++) {
        struct arras_str rest = ar_text(&envs->items[i]);
        struct arras_str name = ar_str_cut(&rest, '=');
        if (!is_env_name(name) || ar_str_has_nul(rest)) {
            ar_answer_textf(call, 400,
                            "Bad request: envs: '%.*s' is not NAME=VALUE with a name of letters, "
                            "digits and '_' that is not the server's own (WM_..., ARRAS_..., "
                            "BASE_URL, BASE_INTERNAL_URL, HOME)",
                            AR_STR_ARG(ar_str_sub(name, 0, 100)));
            return false;
        }
    }
    return true;
}

/* *ret_set: it is to be kept. */
static bool check_setting(struct ar_call *call, const struct setting *setting,
                          const struct arras_value *value, bool *ret_set)
{
    *ret_set = value && value->type != ARRAS_NULL;
    if (!*ret_set) {
        return true;
    }
    if (!is_of_type(value, setting->type)) {
        return wrong_type(call, setting, value);
    }
    *ret_set = setting->type == SECONDS || says_something(value);
    if (*ret_set && setting->refusal) {
        ar_answer_textf(call, 400, "Bad request: %s cannot be set: %s", setting->name,
                        setting->refusal);
        return false;
    }
    if (*ret_set && setting->type == ENVS) {
        return check_envs(call, value);
    }
    return !*ret_set || check_number(call, setting, value);
}

bool ar_script_settings_read(struct ar_call *call, const struct arras_value *body,
                             struct arras_str *ret)
{
    struct ar_writer writer;
    struct arras_value settings;
    struct ar_buf buf;
    size_t kept = 0;
    ar_writer_init(&writer, call->arena);
    for (size_t i = 0; i < COUNT; i++) {
        const struct arras_value *value = ar_get_z(body, SETTINGS[i].name);
        bool set;
        if (!check_setting(call, &SETTINGS[i], value, &set)) {
            return false;
        }
        if (set) {
            ar_put(&writer, SETTINGS[i].name, *value);
            kept++;
        }
    }
    enum arras_status status = ar_writer_value(&writer, &settings);
    if (!status && kept) {
        ar_buf_init(&buf, AR_SERVER_REQUEST_MEMORY);
        ar_json_write(&buf, &settings, ARRAS_WRITE_COMPACT);
        status = ar_buf_copy(&buf, call->arena, ret);
        ar_buf_release(&buf);
    }
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static enum arras_status parse(struct arras_str settings, struct ar_arena *arena,
                               struct arras_value *ret)
{
    struct ar_source source = {AR_STR("the store"), settings.len ? settings : AR_STR("{}")};
    return ar_json_read(&source, arena, NULL, ret);
}

void ar_script_settings_write(struct arras_str settings, struct ar_writer *writer)
{
    struct arras_value all;
    enum arras_status status = parse(settings, writer->arena, &all);
    if (status) {
        writer->status = writer->status ? writer->status : status;
        return;
    }
    ar_put_bool(writer, "is_template", false);
    for (size_t i = 0; i < COUNT; i++) {
        const struct arras_value *value = ar_get_z(&all, SETTINGS[i].name);
        if (value) {
            ar_put(writer, SETTINGS[i].name, *value);
        }
    }
}

bool ar_script_settings_has(struct ar_call *call, struct arras_str settings, const char *name)
{
    struct arras_value all;
    if (settings.len == 0 || parse(settings, call->arena, &all)) {
        return false;
    }
    const struct arras_value *value = ar_get_z(&all, name);
    return ar_is(value, ARRAS_BOOL) && value->boolean;
}
