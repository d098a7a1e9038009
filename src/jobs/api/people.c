#include "jobs/api/people.h"
#include "jobs/secret.h"

enum { EMAIL_MOST = 255 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool ar_name_valid(struct arras_str name)
{
    bool valid = name.len > 0 && name.len <= AR_NAME_MOST && is_letter(name.ptr[0]);
    for (size_t i = 0; valid && i < name.len; i++) {
        valid = is_letter(name.ptr[i]) || name.ptr[i] == '-';
    }
    return valid;
}

bool ar_people_name(struct ar_call *call, const char *what, struct arras_str name)
{
    if (!ar_name_valid(name)) {
        ar_answer_textf(call, 400,
                        "Bad request: '%.*s' is not a %s: expected letters, digits, '_' and '-', "
                        "at most %d characters",
                        AR_STR_ARG(ar_str_sub(name, 0, 100)), what, AR_NAME_MOST);
        return false;
    }
    return true;
}

bool ar_people_name_of(struct ar_call *call, struct arras_str email, struct arras_str *ret)
{
    struct arras_str rest = email, local = ar_str_cut(&rest, '@');
    char *name = ar_arena_raw(call->arena, AR_NAME_MOST + 1, 1);
    size_t len = 0;
    if (!name) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    for (size_t i = 0; i < local.len && len < AR_NAME_MOST; i++) {
        char c = local.ptr[i];
        bool begins = len == 0;
        if (is_letter(c) || (!begins && (c == '-' || c == '.' || c == '+'))) {
            name[len++] = is_letter(c) ? c : '_';
        }
    }
    *ret = len ? (struct arras_str){name, len} : AR_STR("user");
    return true;
}

bool ar_people_fold_email(struct ar_call *call, struct arras_str email, struct arras_str *ret)
{
    char *lower = ar_arena_raw(call->arena, email.len + 1, 1);
    if (!lower) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    for (size_t i = 0; i < email.len; i++) {
        char c = email.ptr[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    *ret = (struct arras_str){lower, email.len};
    return true;
}

bool ar_people_email(struct ar_call *call, struct arras_str email, struct arras_str *ret)
{
    size_t at = ar_str_find_char(email, '@', 0);
    bool valid = email.len <= EMAIL_MOST && at != AR_NOT_FOUND && at > 0 && at + 1 < email.len;
    for (size_t i = 0; i < email.len; i++) {
        char c = email.ptr[i];
        valid = valid && (unsigned char)c > ' ' && c != '/' && c != ',';
    }
    if (!valid) {
        ar_answer_textf(call, 400, "Bad request: '%.*s' is not an email address",
                        AR_STR_ARG(ar_str_sub(email, 0, 100)));
        return false;
    }
    return ar_people_fold_email(call, email, ret);
}

bool ar_people_account(struct ar_call *call, struct arras_str email, struct ar_account *ret)
{
    enum arras_status status =
        ar_store_account_get(call->api->store, email, call->arena, &call->diags, ret);
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: user not found at name %.*s", AR_STR_ARG(email));
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static bool make_list(struct ar_arena *arena, const struct arras_str *items, size_t count,
                      struct ar_list *ret)
{
    bool made = true;
    ar_list_init(ret, arena);
    for (size_t i = 0; made && i < count; i++) {
        made = ar_list_push(ret, ar_string(items[i]));
    }
    return made;
}

void ar_people_put_names(struct ar_writer *w, const char *name, const struct arras_str *items,
                         size_t count)
{
    struct ar_list list;
    if (!make_list(w->arena, items, count, &list)) {
        w->status = ARRAS_NO_MEMORY;
    }
    ar_put(w, name, ar_list_value(&list));
}

void ar_people_answer_names(struct ar_call *call, const struct arras_str *items, size_t count)
{
    struct ar_list list;
    if (!make_list(call->arena, items, count, &list)) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}

bool ar_people_new_token(struct ar_call *call, struct ar_token *token, struct arras_str *ret)
{
    enum arras_status status = ar_token_new(call->arena, ret);
    if (!status) {
        status = ar_sha256_hex(*ret, call->arena, &token->hash);
    }
    token->prefix = ar_str_sub(*ret, 0, AR_TOKEN_PREFIX);
    token->created_at = call->now;
    token->last_used_at = call->now;
    if (!status) {
        status = ar_store_token_add(call->api->store, token, &call->diags);
    }
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

bool ar_people_done(struct ar_call *call, enum arras_status status, const char *none,
                    const char *taken)
{
    if (status == ARRAS_NOT_FOUND) {
        ar_answer_textf(call, 404, "Not found: %s", none);
    } else if (status == ARRAS_CONFLICT) {
        ar_answer_textf(call, 400, "Bad request: %s", taken);
    } else if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}
