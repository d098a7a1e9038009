#include "run/secrets.h"
#include "base/limits.h"
#include "base/uri.h"
#include "value/json.h"

enum {
    SHORT_MOST = 2, /* bytes: such secrets would hide half of every text, so only whole values */
    CUT_LEAST = 3,  /* of a secret, before the dots of a text that was cut */
    CUT_MOST = 1024,
};

bool ar_is_secret_header(struct arras_str name)
{
    static const char *const names[] = {"Authorization", "Proxy-Authorization", "Cookie",
                                        "Set-Cookie",    "X-API-Key",           "Api-Key",
                                        "X-Auth-Token",  "Private-Token"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (ar_str_is_nocase(name, names[i])) {
            return true;
        }
    }
    return false;
}

static enum arras_status add_one(struct ar_secrets *secrets, struct arras_str secret,
                                 struct ar_arena *arena)
{
    for (size_t i = 0; i < secrets->list.count; i++) {
        if (ar_str_eq(secrets->list.items[i], secret)) {
            return ARRAS_OK;
        }
    }
    struct arras_str copy;
    return ar_str_copy(secret, arena, &copy) && ar_vec_push(arena, &secrets->list, copy)
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

static void encode_form(struct ar_buf *buf, struct arras_str secret)
{
    for (struct arras_str rest = secret; rest.len;) {
        struct arras_str word = ar_str_cut(&rest, ' ');
        ar_uri_encode(buf, word, "");
        bool space = word.ptr + word.len < secret.ptr + secret.len;
        ar_buf_add(buf, "+", space ? 1 : 0);
    }
}

/* The part of a secret that comes out the same wherever it stands in a text that is base64-encoded
 * as a whole ("user:password"): `skip` bytes are left out, then whole groups of three. */
static void encode_base64(struct ar_buf *buf, struct arras_str secret, size_t skip,
                          const char *digits)
{
    for (size_t i = skip; i + 3 <= secret.len; i += 3) {
        const unsigned char *in = (const unsigned char *)secret.ptr + i;
        ar_buf_add_char(buf, digits[in[0] >> 2]);
        ar_buf_add_char(buf, digits[(in[0] & 3) << 4 | in[1] >> 4]);
        ar_buf_add_char(buf, digits[(in[1] & 15) << 2 | in[2] >> 6]);
        ar_buf_add_char(buf, digits[in[2] & 63]);
    }
}

enum encoding { PERCENT, FORM, JSON, JSON_ASCII, BASE64, BASE64_URL = BASE64 + 3 };

enum { ENCODING_COUNT = BASE64_URL + 3, BASE64_LEAST = 8 };

static void encode(struct ar_buf *buf, struct arras_str secret, int encoding)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    char digits[64];
    memcpy(digits, letters, 62);
    memcpy(digits + 62, encoding < BASE64_URL ? "+/" : "-_", 2);
    switch (encoding) {
    case PERCENT:
        ar_uri_encode(buf, secret, "");
        break;
    case FORM:
        encode_form(buf, secret);
        break;
    case JSON:
    case JSON_ASCII:
        ar_json_write_string(buf, secret, encoding == JSON ? 0 : ARRAS_WRITE_ASCII);
        break;
    default:
        encode_base64(buf, secret, (size_t)(encoding - BASE64) % 3, digits);
    }
}

enum arras_status ar_secrets_add(struct ar_secrets *secrets, struct arras_str secret,
                                 struct ar_arena *arena)
{
    enum arras_status status = secret.len ? add_one(secrets, secret, arena) : ARRAS_OK;
    for (int i = 0; i < ENCODING_COUNT && secret.len && !status; i++) {
        struct ar_buf buf;
        ar_buf_init(&buf, AR_DOCUMENT_SIZE);
        encode(&buf, secret, i);
        struct arras_str text = ar_buf_str(&buf);
        if (i == JSON || i == JSON_ASCII) { /* without the quotes */
            text = ar_str_sub(text, 1, text.len - 1);
        }
        bool kept = i < BASE64 || text.len >= BASE64_LEAST;
        status = ar_buf_status(&buf);
        if (!status && kept) {
            status = add_one(secrets, text, arena);
        }
        ar_buf_release(&buf);
    }
    return status == ARRAS_NO_MEMORY ? status : ARRAS_OK;
}

/* "a=1; b=2": the values. */
static enum arras_status add_cookies(struct ar_secrets *secrets, struct arras_str cookies,
                                     struct ar_arena *arena)
{
    enum arras_status status = ARRAS_OK;
    while (cookies.len && !status) {
        struct arras_str value = ar_str_trim(ar_str_cut(&cookies, ';'));
        struct arras_str name = ar_str_cut(&value, '=');
        status = ar_secrets_add(secrets, value.len ? value : name, arena);
    }
    return status;
}

enum arras_status ar_secrets_from_headers(struct ar_secrets *secrets,
                                          const struct ar_headers *headers, struct ar_arena *arena)
{
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < headers->count && !status; i++) {
        const struct ar_header *header = &headers->items[i];
        struct arras_str value = ar_str_trim(header->value);
        if (!ar_is_secret_header(header->name)) {
            continue;
        }
        if (ar_str_is_nocase(header->name, "Cookie")) {
            status = add_cookies(secrets, value, arena);
            continue;
        }
        size_t space = ar_str_find_char(value, ' ', 0);
        bool scheme = space != AR_NOT_FOUND && ar_str_ends(header->name, "uthorization");
        status = ar_secrets_add(secrets, scheme ? ar_str_from(value, space + 1) : value, arena);
    }
    return status;
}

static enum arras_status add_strings(struct ar_secrets *secrets, const struct arras_value *value,
                                     struct ar_arena *arena, int depth)
{
    enum arras_status status = ARRAS_OK;
    if (value->type == ARRAS_STRING || value->type == ARRAS_NUMBER) {
        return ar_secrets_add(secrets, ar_text(value), arena);
    }
    bool walks = depth < AR_NESTING_DEPTH;
    for (size_t i = 0; walks && value->type == ARRAS_ARRAY && i < value->count && !status; i++) {
        status = add_strings(secrets, &value->items[i], arena, depth + 1);
    }
    for (size_t i = 0; walks && value->type == ARRAS_OBJECT && i < value->count && !status; i++) {
        status = add_strings(secrets, &value->members[i].value, arena, depth + 1);
    }
    return status;
}

enum arras_status ar_secrets_add_value(struct ar_secrets *secrets, const struct arras_value *value,
                                       struct ar_arena *arena)
{
    return value ? add_strings(secrets, value, arena, 0) : ARRAS_OK;
}

/* Members of `inputs` whose schema says so, and within them. */
static enum arras_status add_marked(struct ar_secrets *secrets, const struct ar_workflow *workflow,
                                    const struct arras_value *schema,
                                    const struct arras_value *value, struct ar_arena *arena,
                                    int depth)
{
    schema = ar_inputs_follow(workflow, schema);
    if (ar_str_is(ar_text(ar_get_z(schema, "format")), "password") ||
        (ar_is(ar_get_z(schema, "writeOnly"), ARRAS_BOOL) &&
         ar_get_z(schema, "writeOnly")->boolean)) {
        return add_strings(secrets, value, arena, depth);
    }
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0;
         ar_is(value, ARRAS_OBJECT) && i < value->count && depth < AR_RUN_DEPTH && !status; i++) {
        const struct ar_member *member = &value->members[i];
        const struct arras_value *part =
            depth == 0 ? ar_workflow_input(workflow, ar_member_name(member))
                       : ar_get(ar_get_z(schema, "properties"), ar_member_name(member));
        status = add_marked(secrets, workflow, part, &member->value, arena, depth + 1);
    }
    return status;
}

enum arras_status ar_secrets_from_inputs(struct ar_secrets *secrets,
                                         const struct ar_workflow *workflow,
                                         const struct arras_value *inputs, struct ar_arena *arena)
{
    return add_marked(secrets, workflow, workflow->inputs, inputs, arena, 0);
}

/* Whether what stands in a text from `at` on is a value as a whole: a member's, a header's, a
 * field's, or between quotes. */
static bool is_whole(struct arras_str text, size_t at, size_t len)
{
    struct arras_str before = ar_str_sub(text, 0, at), after = ar_str_from(text, at + len);
    if (at == 0) {
        return after.len == 0;
    }
    if (text.ptr[at - 1] == ' ') {
        before = ar_str_trim(before);
        if (!ar_str_ends(before, ":")) {
            return false;
        }
    }
    char first = before.ptr[before.len - 1], last = after.len ? *after.ptr : '&';
    char second = before.len > 1 ? before.ptr[before.len - 2] : '?';
    bool compares = first == '=' && memchr("=!<>", second, 4);
    return !compares && memchr("=:\"'", first, 4) && memchr("&,;\"'}])\r\n ", last, 10);
}

/* The secret that stands at `at`, the longest where several do. */
static size_t secret_at(const struct ar_secrets *secrets, struct arras_str text, size_t at)
{
    size_t longest = 0;
    for (size_t i = 0; i < secrets->list.count; i++) {
        struct arras_str secret = secrets->list.items[i];
        if (secret.len > longest && text.len - at >= secret.len &&
            memcmp(text.ptr + at, secret.ptr, secret.len) == 0 &&
            (secret.len > SHORT_MOST || is_whole(text, at, secret.len))) {
            longest = secret.len;
        }
    }
    return longest;
}

/* The beginning of a secret that ends at `end`, the longest where several do. */
static size_t secret_before(const struct ar_secrets *secrets, struct arras_str text, size_t end)
{
    size_t longest = 0;
    for (size_t i = 0; i < secrets->list.count; i++) {
        struct arras_str secret = secrets->list.items[i];
        size_t len = secret.len < end ? secret.len : end;
        for (len = len < CUT_MOST ? len : CUT_MOST; len > longest && len >= CUT_LEAST; len--) {
            if (memcmp(text.ptr + end - len, secret.ptr, len) == 0) {
                longest = len;
            }
        }
    }
    return longest;
}

/* Messages show the beginning of what is long: "like this..., or "this"... where it is a string. A
 * secret that was cut so ends there: where it begins, else the end of the text. */
static size_t find_cut(const struct ar_secrets *secrets, struct arras_str text, size_t from,
                       size_t *ret_len)
{
    for (size_t dots = from; (dots = ar_str_find(text, AR_STR("..."), dots)) != AR_NOT_FOUND;
         dots++) {
        size_t end = dots && text.ptr[dots - 1] == '"' ? dots - 1 : dots;
        size_t len = secret_before(secrets, ar_str_from(text, from), end > from ? end - from : 0);
        if (len) {
            *ret_len = len;
            return end - len;
        }
    }
    return text.len;
}

bool ar_secrets_hide(const struct ar_secrets *secrets, struct arras_str text,
                     struct ar_arena *arena, struct arras_str *ret)
{
    size_t cut_len = 0, cut = find_cut(secrets, text, 0, &cut_len);
    bool any = cut < text.len;
    for (size_t i = 0; i < secrets->list.count && !any; i++) {
        any = ar_str_find(text, secrets->list.items[i], 0) != AR_NOT_FOUND;
    }
    *ret = text;
    if (!any) {
        return true;
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_RESPONSE_SIZE * 2);
    for (size_t i = 0; i < text.len;) {
        size_t len = secret_at(secrets, text, i);
        if (i == cut && cut_len > len) {
            len = cut_len;
        }
        ar_buf_add(&buf, len ? AR_HIDDEN : text.ptr + i, len ? strlen(AR_HIDDEN) : 1);
        i += len ? len : 1;
        if (i > cut) {
            cut = find_cut(secrets, text, i, &cut_len);
        }
    }
    enum arras_status status = ar_buf_copy(&buf, arena, ret);
    ar_buf_release(&buf);
    return status == ARRAS_OK;
}

static bool is_secret(const struct ar_secrets *secrets, struct arras_str text)
{
    for (size_t i = 0; i < secrets->list.count; i++) {
        if (ar_str_eq(secrets->list.items[i], text)) {
            return true;
        }
    }
    return false;
}

static enum arras_status hide_value(const struct ar_secrets *secrets,
                                    const struct arras_value *value, struct ar_arena *arena,
                                    int depth, struct arras_value *ret)
{
    struct arras_str text;
    struct arras_value part;
    enum arras_status status = ARRAS_OK;
    *ret = *value;
    if (value->type == ARRAS_STRING) {
        if (!ar_secrets_hide(secrets, ar_text(value), arena, &text)) {
            return ARRAS_NO_MEMORY;
        }
        *ret = ar_string(text);
    } else if (value->type == ARRAS_NUMBER && ar_text(value).len > SHORT_MOST &&
               is_secret(secrets, ar_text(value))) {
        *ret = ar_string(AR_STR(AR_HIDDEN));
    } else if (value->type == ARRAS_ARRAY && depth < AR_NESTING_DEPTH) {
        struct ar_list list;
        ar_list_init(&list, arena);
        for (size_t i = 0; i < value->count && !status; i++) {
            status = hide_value(secrets, &value->items[i], arena, depth + 1, &part);
            status = status ? status : ar_list_push(&list, part) ? ARRAS_OK : ARRAS_NO_MEMORY;
        }
        *ret = ar_list_value(&list);
    } else if (value->type == ARRAS_OBJECT && depth < AR_NESTING_DEPTH) {
        struct ar_object object;
        ar_object_init(&object, arena);
        for (size_t i = 0; i < value->count && !status; i++) {
            const struct ar_member *member = &value->members[i];
            status = hide_value(secrets, &member->value, arena, depth + 1, &part);
            bool set = !status && ar_secrets_hide(secrets, ar_member_name(member), arena, &text) &&
                       ar_object_set(&object, text, part);
            status = set ? ARRAS_OK : ARRAS_NO_MEMORY;
        }
        status = !status && ar_object_value(&object, ret) ? ARRAS_OK : ARRAS_NO_MEMORY;
    }
    return status;
}

enum arras_status ar_secrets_hide_value(const struct ar_secrets *secrets,
                                        const struct arras_value *value, struct ar_arena *arena,
                                        struct arras_value *ret)
{
    if (secrets->list.count == 0) {
        *ret = *value;
        return ARRAS_OK;
    }
    return hide_value(secrets, value, arena, 0, ret);
}
