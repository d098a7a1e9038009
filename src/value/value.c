#include "value/value.h"
#include "base/vec.h"
#include "value/number.h"
#include <float.h>
#include <locale.h>
#include <math.h>

const char *ar_type_name(const struct arras_value *value)
{
    static const char *const names[] = {"null", "boolean", "number", "string", "array", "object"};
    return value ? names[value->type] : "nothing";
}

const struct arras_value *ar_item(const struct arras_value *array, size_t index)
{
    return ar_is(array, ARRAS_ARRAY) && index < array->count ? &array->items[index] : NULL;
}

struct arras_value ar_null(void)
{
    return (struct arras_value){.type = ARRAS_NULL};
}

struct arras_value ar_bool(bool boolean)
{
    return (struct arras_value){.type = ARRAS_BOOL, .boolean = boolean};
}

struct arras_value ar_string(struct arras_str text)
{
    return (struct arras_value){
        .type = ARRAS_STRING, .count = (uint32_t)text.len, .text = text.ptr};
}

struct arras_value ar_number_text(struct arras_str text)
{
    return (struct arras_value){
        .type = ARRAS_NUMBER, .count = (uint32_t)text.len, .text = text.ptr};
}

bool ar_int(struct ar_arena *arena, int64_t number, struct arras_value *ret)
{
    struct arras_str text;
    if (!ar_str_printf(arena, &text, "%lld", (long long)number)) {
        return false;
    }
    *ret = ar_number_text(text);
    return true;
}

/* Fifteen digits name any normal double that has a name that short, seventeen name all. */
static size_t shortest(double number, char text[40])
{
    int precision = fabs(number) < DBL_MIN ? 1 : DBL_DIG;
    size_t len;
    do {
        int written = snprintf(text, 40, "%.*g", precision, number);
        len = written > 0 ? (size_t)written : 0;
    } while (precision++ < DBL_DECIMAL_DIG &&
             ar_number_to_double((struct arras_str){text, len}) != number);
    return len;
}

bool ar_double(struct ar_arena *arena, double number, struct arras_value *ret)
{
    if (!isfinite(number)) {
        *ret = ar_null();
        return true;
    }
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c_locale) {
        return false;
    }
    char text[40];
    locale_t old = uselocale(c_locale);
    struct arras_str s = {text, shortest(number, text)};
    uselocale(old);
    freelocale(c_locale);
    if (!ar_str_copy(s, arena, &s)) {
        return false;
    }
    *ret = ar_number_text(s);
    return true;
}

const struct arras_value *ar_value_new(struct ar_arena *arena, struct arras_value value)
{
    struct arras_value *made = ar_new(arena, struct arras_value);
    if (made) {
        *made = value;
    }
    return made;
}

void ar_list_init(struct ar_list *list, struct ar_arena *arena)
{
    *list = (struct ar_list){.arena = arena};
}

bool ar_list_push(struct ar_list *list, struct arras_value item)
{
    if (list->count == UINT32_MAX ||
        (list->count == list->cap &&
         !ar_vec_grow(list->arena, (void **)&list->items, &list->cap, sizeof(item)))) {
        return false;
    }
    list->items[list->count++] = item;
    return true;
}

struct arras_value ar_list_value(const struct ar_list *list)
{
    return (struct arras_value){
        .type = ARRAS_ARRAY, .count = (uint32_t)list->count, .items = list->items};
}
