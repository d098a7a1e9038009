#include "jobs/api/script_json.h"
#include "base/limits.h"
#include "base/hash.h"
#include "jobs/access.h"
#include "jobs/api/item.h"
#include "jobs/api/script_settings.h"
#include "jobs/language/language.h"
#include "jobs/secret.h"
#include "value/json.h"
#include "value/number.h"

#define WRONG_SHAPE "Failed to deserialize the JSON body into the target type: "

static bool missing(struct ar_call *call, const char *name)
{
    ar_answer_textf(call, 422, WRONG_SHAPE "missing field `%s`", name);
    return false;
}

static bool check_path(struct ar_call *call, struct arras_str path)
{
    if (ar_path_valid(path)) {
        return true;
    }
    ar_answer_textf(call, 400,
                    "Bad request: '%.*s' is not a script path: expected u/USER/NAME or "
                    "f/FOLDER/NAME of letters, digits, '_' and '-', at most %d characters",
                    AR_STR_ARG(ar_str_sub(path, 0, AR_PATH_MOST)), AR_PATH_MOST);
    return false;
}

static bool one_of(struct arras_str text, const char *const *names)
{
    for (size_t i = 0; names[i]; i++) {
        if (ar_str_is(text, names[i])) {
            return true;
        }
    }
    return false;
}

static bool check_language(struct ar_call *call, const struct ar_script *script)
{
    static const char *const kinds[] = {"script",   "failure",      "trigger", "command",
                                        "approval", "preprocessor", NULL};
    if (!one_of(script->kind, kinds)) {
        ar_answer_textf(call, 422, WRONG_SHAPE "kind: unknown variant `%.*s`",
                        AR_STR_ARG(ar_str_sub(script->kind, 0, 100)));
        return false;
    }
    if (!ar_language_find(script->language)) {
        ar_answer_textf(call, 400,
                        "Bad request: this server does not run language '%.*s'; it runs bash, "
                        "python3, bun, nativets, deno and nodejs",
                        AR_STR_ARG(ar_str_sub(script->language, 0, 100)));
        return false;
    }
    if (ar_language_find(script->language) == &ar_language_bash &&
        ar_script_settings_has(call, script->settings, "has_preprocessor")) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: has_preprocessor cannot be set: bash scripts have no "
                              "functions"));
        return false;
    }
    return true;
}

static bool check_size(struct ar_call *call, const struct ar_script *script)
{
    const struct arras_str texts[] = {script->content,     script->schema,  script->lock,
                                      script->description, script->summary, script->settings,
                                      script->labels,      script->message};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].len > AR_SCRIPT_SIZE) {
            ar_answer_textf(call, 400,
                            "Bad request: a script's content, schema, lock, descriptions and "
                            "settings may each have %zu bytes",
                            AR_SCRIPT_SIZE);
            return false;
        }
    }
    if (ar_str_has_nul(script->content)) {
        ar_answer_text(call, 400, AR_STR("Bad request: the content holds a NUL character"));
        return false;
    }
    return true;
}

/* A string, or an array of lines. */
static bool read_lock(struct ar_call *call, const struct arras_value *body, struct arras_str *ret)
{
    const struct arras_value *lock = ar_get_z(body, "lock");
    if (!ar_is(lock, ARRAS_ARRAY)) {
        return ar_member_text(call, body, "lock", ret);
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_SERVER_BODY);
    for (uint32_t i = 0; i < lock->count; i++) {
        ar_buf_add_z(&buf, i ? "\n" : "");
        ar_buf_add_str(&buf, ar_text(&lock->items[i]));
    }
    enum arras_status status = ar_buf_copy(&buf, call->arena, ret);
    ar_buf_release(&buf);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static bool read_schema(struct ar_call *call, const struct arras_value *body, struct arras_str *ret)
{
    const struct arras_value *schema = ar_get_z(body, "schema");
    if (!schema || schema->type == ARRAS_NULL) {
        return true;
    }
    if (schema->type != ARRAS_OBJECT) {
        ar_answer_textf(call, 422, WRONG_SHAPE "schema: expected an object, found %s",
                        ar_type_name(schema));
        return false;
    }
    return ar_call_json_text(call, schema, ret);
}

static bool read_timeout(struct ar_call *call, const struct arras_value *body, int64_t *ret)
{
    const struct arras_value *timeout = ar_get_z(body, "timeout");
    if (!timeout || timeout->type == ARRAS_NULL) {
        return true;
    }
    if (timeout->type != ARRAS_NUMBER || !ar_number_to_int64(ar_text(timeout), ret) || *ret < 0 ||
        *ret > INT32_MAX) {
        ar_answer_text(call, 422, AR_STR(WRONG_SHAPE "timeout: expected a number of seconds"));
        return false;
    }
    return true;
}

static bool hash_valid(struct arras_str hash)
{
    bool valid = hash.len == AR_SCRIPT_HASH_LENGTH;
    for (size_t i = 0; valid && i < hash.len; i++) {
        char c = hash.ptr[i];
        valid = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    return valid;
}

static bool read_parent(struct ar_call *call, const struct arras_value *body,
                        struct ar_new_script *ret)
{
    struct arras_str *parent = &ret->script.parent_hash;
    ret->auto_parent =
        ar_is(ar_get_z(body, "auto_parent"), ARRAS_BOOL) && ar_get_z(body, "auto_parent")->boolean;
    if (!ar_member_text(call, body, "parent_hash", parent)) {
        return false;
    }
    if (parent->len && !hash_valid(*parent)) {
        ar_answer_text(call, 422,
                       AR_STR(WRONG_SHAPE "parent_hash: expected 16 hexadecimal digits"));
        return false;
    }
    return true;
}

static bool read_texts(struct ar_call *call, const struct arras_value *body,
                       struct ar_script *script)
{
    static const char *const required[] = {"path", "content", "language", NULL};
    for (size_t i = 0; required[i]; i++) {
        if (!ar_get_z(body, required[i])) {
            return missing(call, required[i]);
        }
    }
    return ar_member_text(call, body, "path", &script->path) &&
           ar_member_text(call, body, "content", &script->content) &&
           ar_member_text(call, body, "language", &script->language) &&
           ar_member_text(call, body, "summary", &script->summary) &&
           ar_member_text(call, body, "description", &script->description) &&
           ar_member_text(call, body, "kind", &script->kind) &&
           ar_member_text(call, body, "tag", &script->tag) &&
           ar_member_text(call, body, "deployment_message", &script->message) &&
           ar_item_labels(call, body, &script->labels) &&
           ar_script_settings_read(call, body, &script->settings);
}

bool ar_call_new_script(struct ar_call *call, struct ar_new_script *ret)
{
    struct arras_value body;
    *ret = (struct ar_new_script){0};
    struct ar_script *script = &ret->script;
    if (!ar_call_json_body(call, false, &body) || !ar_call_is_object(call, &body)) {
        return false;
    }
    script->kind = AR_STR("script");
    if (!read_texts(call, &body, script) || !read_parent(call, &body, ret) ||
        !read_lock(call, &body, &script->lock) || !read_schema(call, &body, &script->schema) ||
        !read_timeout(call, &body, &script->timeout)) {
        return false;
    }
    script->workspace = call->workspace;
    script->created_by = call->user.username;
    script->created_at = call->now;
    return check_path(call, script->path) && check_language(call, script) &&
           check_size(call, script);
}

/* All that the client may set; each part goes into the hash with its length. */
#define PARTS 13
static void list_parts(const struct ar_script *s, struct arras_str parts[PARTS])
{
    const struct arras_str all[PARTS] = {
        s->path, s->summary, s->description, s->content,  s->kind,   s->language,   s->schema,
        s->lock, s->tag,     s->workspace,   s->settings, s->labels, s->parent_hash};
    memcpy(parts, all, sizeof(all));
}

enum arras_status ar_script_hash(const struct ar_script *script, struct ar_arena *arena,
                                 struct arras_str *ret)
{
    struct arras_str parts[PARTS], digest;
    struct ar_buf buf;
    list_parts(script, parts);
    ar_buf_init(&buf, 10 * AR_SCRIPT_SIZE);
    for (size_t i = 0; i < PARTS; i++) {
        ar_buf_printf(&buf, "%zu:", parts[i].len);
        ar_buf_add_str(&buf, parts[i]);
    }
    ar_buf_printf(&buf, "%lld", (long long)script->timeout);
    enum arras_status status = ar_buf_status(&buf);
    if (!status) {
        status = ar_sha256_hex(ar_buf_str(&buf), arena, &digest);
    }
    ar_buf_release(&buf);
    if (!status) {
        *ret = ar_str_sub(digest, 0, AR_SCRIPT_HASH_LENGTH);
    }
    return status;
}

bool ar_script_same(const struct ar_script *a, const struct ar_script *b)
{
    struct arras_str left[PARTS], right[PARTS];
    list_parts(a, left);
    list_parts(b, right);
    bool same = a->timeout == b->timeout;
    for (size_t i = 0; same && i < PARTS - 1; i++) { /* the last is the parent */
        same = ar_str_eq(left[i], right[i]);
    }
    return same;
}

static void put_parents(const struct ar_script *script, struct ar_writer *w)
{
    struct ar_list list;
    if (script->parent_hash.len == 0) {
        ar_put_null(w, "parent_hashes");
        return;
    }
    struct arras_str rest = script->ancestors.len ? script->ancestors : script->parent_hash;
    ar_list_init(&list, w->arena);
    while (rest.len) {
        if (!ar_list_push(&list, ar_string(ar_str_cut(&rest, ',')))) {
            w->status = ARRAS_NO_MEMORY;
            return;
        }
    }
    ar_put(w, "parent_hashes", ar_list_value(&list));
}

void ar_script_write(const struct ar_script *script, int shown, struct ar_writer *w)
{
    ar_put_text(w, "workspace_id", script->workspace);
    ar_put_text(w, "hash", script->hash);
    ar_put_text(w, "path", script->path);
    put_parents(script, w);
    ar_put_text(w, "summary", script->summary);
    if (!(shown & AR_SCRIPT_NO_DESCRIPTION)) {
        ar_put_text(w, "description", script->description);
    }
    if ((shown & AR_SCRIPT_MESSAGE)) {
        ar_put_text_if(w, "deployment_msg", script->message);
    }
    if (shown & AR_SCRIPT_CONTENT) {
        ar_put_text(w, "content", script->content);
    }
    ar_put_text(w, "created_by", script->created_by);
    ar_put_time(w, "created_at", script->created_at);
    ar_put_bool(w, "archived", script->archived);
    if (script->schema.len) {
        ar_put_json(w, "schema", script->schema);
    } else {
        ar_put_null(w, "schema");
    }
    ar_put_bool(w, "deleted", script->deleted);
    ar_put_bool(w, "has_preprocessor", false); /* unless the settings say so */
    ar_script_settings_write(script->settings, w);
    ar_put_json(w, "extra_perms", script->extra_perms.len ? script->extra_perms : AR_STR("{}"));
    ar_put_text(w, "lock", script->lock);
    ar_put_null(w, "lock_error_logs");
    ar_put_text(w, "language", script->language);
    ar_put_text(w, "kind", script->kind);
    if (script->tag.len) {
        ar_put_text(w, "tag", script->tag);
    } else {
        ar_put_null(w, "tag");
    }
    if (script->timeout) {
        ar_put_int(w, "timeout", script->timeout);
    }
    if (script->labels.len) {
        ar_put_json(w, "labels", script->labels);
    }
    ar_put_bool(w, "starred", false);
}
