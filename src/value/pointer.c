#include "value/pointer.h"
#include "base/limits.h"
#include "value/members.h"

bool ar_pointer_valid(struct arras_str pointer)
{
    if (pointer.len && pointer.ptr[0] != '/') {
        return false;
    }
    for (size_t i = 0; i < pointer.len; i++) {
        if (pointer.ptr[i] == '~' &&
            (i + 1 == pointer.len || (pointer.ptr[i + 1] != '0' && pointer.ptr[i + 1] != '1'))) {
            return false;
        }
    }
    return true;
}

/* Cuts off the next token, still escaped; *rest is not empty. */
static struct arras_str cut(struct arras_str *rest)
{
    size_t end = ar_str_find_char(*rest, '/', 1);
    struct arras_str token = ar_str_sub(*rest, 1, end);
    *rest = end == AR_NOT_FOUND ? (struct arras_str){NULL, 0} : ar_str_from(*rest, end);
    return token;
}

/* The character of the escaped token at *at, which moves behind it. */
static char next_char(struct arras_str token, size_t *at)
{
    char c = token.ptr[(*at)++];
    if (c == '~') {
        c = token.ptr[(*at)++] == '1' ? '/' : '~';
    }
    return c;
}

static bool token_is(struct arras_str token, struct arras_str name)
{
    size_t at = 0, i = 0;
    while (at < token.len && i < name.len && next_char(token, &at) == name.ptr[i]) {
        i++;
    }
    return at == token.len && i == name.len;
}

/* Longer ones with escapes are looked for one by one. */
enum { SHORT_TOKEN = 512 };

static const struct arras_value *find_member(const struct arras_value *object,
                                             struct arras_str token)
{
    if (ar_str_find_char(token, '~', 0) == AR_NOT_FOUND) {
        return ar_get(object, token);
    }
    if (token.len <= SHORT_TOKEN) {
        char name[SHORT_TOKEN];
        size_t len = 0;
        for (size_t at = 0; at < token.len;) {
            name[len++] = next_char(token, &at);
        }
        return ar_get(object, (struct arras_str){name, len});
    }
    for (uint32_t i = 0; i < object->count; i++) {
        if (token_is(token, ar_member_name(&object->members[i]))) {
            return &object->members[i].value;
        }
    }
    return NULL;
}

/* An array index: digits without leading zeros. RFC 6901 section 4. */
static bool index_of(struct arras_str token, size_t *ret)
{
    int64_t index;
    if (token.len == 0 || token.ptr[0] < '0' || token.ptr[0] > '9' ||
        (token.ptr[0] == '0' && token.len > 1) || !ar_str_int(token, &index)) {
        return false;
    }
    *ret = (size_t)index;
    return true;
}

const struct arras_value *ar_pointer_get(const struct arras_value *root, struct arras_str pointer)
{
    if (!ar_pointer_valid(pointer)) {
        return NULL;
    }
    while (root && pointer.len) {
        struct arras_str token = cut(&pointer);
        size_t index;
        if (ar_is(root, ARRAS_OBJECT)) {
            root = find_member(root, token);
        } else {
            root = index_of(token, &index) ? ar_item(root, index) : NULL;
        }
    }
    return root;
}

static bool unescape(struct arras_str token, struct ar_arena *arena, struct arras_str *ret)
{
    char *text = ar_arena_raw(arena, token.len + 1, 1);
    if (!text) {
        return false;
    }
    size_t len = 0;
    for (size_t at = 0; at < token.len;) {
        text[len++] = next_char(token, &at);
    }
    text[len] = '\0';
    *ret = (struct arras_str){text, len};
    return true;
}

bool ar_pointer_next(struct arras_str *rest, struct ar_arena *arena, struct arras_str *ret_token,
                     enum arras_status *ret_status)
{
    *ret_status = ARRAS_OK;
    if (rest->len == 0) {
        return false;
    }
    if (!ar_pointer_valid(*rest)) {
        *ret_status = ARRAS_SYNTAX;
        return false;
    }
    if (!unescape(cut(rest), arena, ret_token)) {
        *ret_status = ARRAS_NO_MEMORY;
        return false;
    }
    return true;
}

void ar_pointer_add(struct ar_buf *buf, struct arras_str token)
{
    ar_buf_add_char(buf, '/');
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] == '~') {
            ar_buf_add(buf, "~0", 2);
        } else if (token.ptr[i] == '/') {
            ar_buf_add(buf, "~1", 2);
        } else {
            ar_buf_add_char(buf, token.ptr[i]);
        }
    }
}

struct setter {
    struct ar_arena *arena;
    struct arras_value value;
    struct ar_seed seed;
};

static enum arras_status set(struct setter *setter, const struct arras_value *node,
                             struct arras_str rest, unsigned depth, struct arras_value *ret);

/* What stands at the token: the value to set, or a changed copy of what is there. */
static enum arras_status changed(struct setter *setter, const struct arras_value *there,
                                 struct arras_str rest, unsigned depth, struct arras_value *ret)
{
    if (rest.len == 0) {
        *ret = setter->value;
        return ARRAS_OK;
    }
    return there ? set(setter, there, rest, depth + 1, ret) : ARRAS_UNRESOLVED;
}

static enum arras_status set_item(struct setter *setter, const struct arras_value *array,
                                  struct arras_str token, struct arras_str rest, unsigned depth,
                                  struct arras_value *ret)
{
    size_t index = array->count;
    if (!ar_str_is(token, "-") && (!index_of(token, &index) || index > array->count)) {
        return ARRAS_UNRESOLVED;
    }
    struct arras_value item;
    enum arras_status status = changed(setter, ar_item(array, index), rest, depth, &item);
    if (status) {
        return status;
    }
    size_t count = array->count + (size_t)(index == array->count);
    struct arras_value *items = ar_new_array(setter->arena, struct arras_value, count);
    if (!items || count > UINT32_MAX) {
        return ARRAS_NO_MEMORY;
    }
    if (array->count) {
        memcpy(items, array->items, array->count * sizeof(*items));
    }
    items[index] = item;
    *ret = *array;
    ret->items = items;
    ret->count = (uint32_t)count;
    return ARRAS_OK;
}

static enum arras_status set_member(struct setter *setter, const struct arras_value *object,
                                    struct arras_str token, struct arras_str rest, unsigned depth,
                                    struct arras_value *ret)
{
    struct arras_value item;
    enum arras_status status = changed(setter, find_member(object, token), rest, depth, &item);
    if (status) {
        return status;
    }
    struct arras_str name;
    if (!unescape(token, setter->arena, &name)) {
        return ARRAS_NO_MEMORY;
    }
    struct ar_object copy;
    ar_object_init(&copy, setter->arena);
    bool made = true;
    for (uint32_t i = 0; i < object->count && made; i++) {
        bool duplicate;
        const struct ar_member *member = &object->members[i];
        made = ar_object_add(&copy, ar_member_name(member), member->at, member->value, &duplicate);
    }
    made = made && ar_object_set(&copy, name, item) && ar_object_value(&copy, ret);
    ret->at = object->at;
    return made ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static enum arras_status set(struct setter *setter, const struct arras_value *node,
                             struct arras_str rest, unsigned depth, struct arras_value *ret)
{
    if (depth > AR_NESTING_DEPTH) {
        return ARRAS_LIMIT;
    }
    struct arras_str token = cut(&rest);
    if (ar_is(node, ARRAS_OBJECT)) {
        return set_member(setter, node, token, rest, depth, ret);
    }
    if (ar_is(node, ARRAS_ARRAY)) {
        return set_item(setter, node, token, rest, depth, ret);
    }
    return ARRAS_UNRESOLVED;
}

enum arras_status ar_pointer_set(const struct arras_value *root, struct arras_str pointer,
                                 struct arras_value value, struct ar_arena *arena,
                                 struct arras_value *ret)
{
    if (!ar_pointer_valid(pointer)) {
        return ARRAS_UNRESOLVED;
    }
    struct setter setter = {.arena = arena, .value = value};
    struct arras_value made;
    enum arras_status status = changed(&setter, root, pointer, 0, &made);
    if (!status) {
        *ret = made;
    }
    return status;
}
