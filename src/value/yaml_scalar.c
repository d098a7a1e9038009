#include "value/yaml_scalar.h"
#include "base/limits.h"
#include "value/number.h"

static bool is_one_of(struct arras_str text, const char *a, const char *b, const char *c)
{
    return ar_str_is(text, a) || ar_str_is(text, b) || ar_str_is(text, c);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_digits(struct arras_str text, size_t i)
{
    while (i < text.len && is_digit(text.ptr[i])) {
        i++;
    }
    return i;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?, which has all integers too.
 */
static bool is_decimal(struct arras_str text)
{
    size_t i = text.len && (text.ptr[0] == '-' || text.ptr[0] == '+');
    size_t whole = skip_digits(text, i) - i;
    i += whole;
    size_t fraction = 0;
    if (i < text.len && text.ptr[i] == '.') {
        i++;
        fraction = skip_digits(text, i) - i;
        i += fraction;
    }
    if (whole + fraction == 0) {
        return false;
    }
    if (i < text.len && (text.ptr[i] == 'e' || text.ptr[i] == 'E')) {
        i++;
        i += i < text.len && (text.ptr[i] == '-' || text.ptr[i] == '+');
        size_t digits = skip_digits(text, i) - i;
        i = digits ? i + digits : text.len + 1;
    }
    return i == text.len;
}

/* The same number as JSON writes it: no plus, no leading zeros, digits on both sides of the point.
 */
static enum arras_status decimal(struct arras_str text, struct ar_arena *arena,
                                 struct arras_value *ret)
{
    if (ar_number_valid(text)) {
        *ret = ar_number_text(text);
        return ARRAS_OK;
    }
    char *out = ar_arena_raw(arena, text.len + 2, 1);
    if (!out) {
        return ARRAS_NO_MEMORY;
    }
    size_t len = 0, i = 0;
    if (text.ptr[0] == '-' || text.ptr[0] == '+') {
        if (text.ptr[i++] == '-') {
            out[len++] = '-';
        }
    }
    while (i + 1 < text.len && text.ptr[i] == '0' && is_digit(text.ptr[i + 1])) {
        i++;
    }
    if (text.ptr[i] == '.') {
        out[len++] = '0';
    }
    for (; i < text.len; i++) {
        bool bare_point = text.ptr[i] == '.' && (i + 1 == text.len || !is_digit(text.ptr[i + 1]));
        if (!bare_point) {
            out[len++] = text.ptr[i];
        }
    }
    *ret = ar_number_text((struct arras_str){out, len});
    return ARRAS_OK;
}

static int digit_of(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* 0o[0-7]+ or 0x[0-9a-fA-F]+ */
static int radix_of(struct arras_str text)
{
    if (text.len < 3 || text.ptr[0] != '0' || (text.ptr[1] != 'o' && text.ptr[1] != 'x')) {
        return 0;
    }
    int radix = text.ptr[1] == 'o' ? 8 : 16;
    for (size_t i = 2; i < text.len; i++) {
        if (digit_of(text.ptr[i]) >= radix) {
            return 0;
        }
    }
    return radix;
}

/* In decimal. Two decimal digits hold more than any digit of radix 16 adds. */
static enum arras_status convert(struct arras_str digits, int radix, struct ar_arena *arena,
                                 struct arras_value *ret)
{
    if (digits.len > AR_RADIX_DIGITS) {
        return ARRAS_LIMIT;
    }
    size_t size = digits.len * 2, len = 1; /* the number stands at the end of `out` */
    char *out = ar_arena_raw(arena, size, 1);
    if (!out) {
        return ARRAS_NO_MEMORY;
    }
    out[size - 1] = 0;
    for (size_t i = 0; i < digits.len; i++) {
        int carry = digit_of(digits.ptr[i]);
        for (size_t k = 1; k <= len || carry; k++) {
            int sum = (k <= len ? out[size - k] * radix : 0) + carry;
            out[size - k] = (char)(sum % 10);
            carry = sum / 10;
            len = k > len ? k : len;
        }
    }
    char *first = out + size - len;
    for (size_t i = 0; i < len; i++) {
        first[i] = (char)(first[i] + '0');
    }
    while (len > 1 && *first == '0') {
        first++;
        len--;
    }
    *ret = ar_number_text((struct arras_str){first, len});
    return ARRAS_OK;
}

static bool is_null(struct arras_str text)
{
    return text.len == 0 || ar_str_is(text, "~") || is_one_of(text, "null", "Null", "NULL");
}

static bool is_bool(struct arras_str text, bool *ret)
{
    *ret = is_one_of(text, "true", "True", "TRUE");
    return *ret || is_one_of(text, "false", "False", "FALSE");
}

static bool is_number(struct arras_str text)
{
    return is_decimal(text) || radix_of(text);
}

static enum arras_status number(struct arras_str text, struct ar_arena *arena,
                                struct arras_value *ret)
{
    int radix = radix_of(text);
    return radix ? convert(ar_str_from(text, 2), radix, arena, ret) : decimal(text, arena, ret);
}

enum arras_status ar_yaml_plain(struct arras_str text, struct ar_arena *arena,
                                struct arras_value *ret)
{
    bool boolean;
    char first = text.len ? text.ptr[0] : '~';
    *ret = ar_string(text);
    if (is_digit(first) || first == '-' || first == '+' || first == '.') {
        return is_number(text) ? number(text, arena, ret) : ARRAS_OK;
    }
    if (text.len > 5 || !strchr("~nNtTfF", first)) {
        return ARRAS_OK;
    }
    if (is_null(text)) {
        *ret = ar_null();
    } else if (is_bool(text, &boolean)) {
        *ret = ar_bool(boolean);
    }
    return ARRAS_OK;
}

static bool is_no_number(struct arras_str text)
{
    struct arras_str unsigned_text = text;
    if (text.len && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        unsigned_text = ar_str_from(text, 1);
    }
    return is_one_of(unsigned_text, ".inf", ".Inf", ".INF") ||
           is_one_of(text, ".nan", ".NaN", ".NAN");
}

#define CORE_TAG "tag:yaml.org,2002:"

bool ar_yaml_tag_known(struct arras_str tag)
{
    static const char *const names[] = {"!",
                                        CORE_TAG "map",
                                        CORE_TAG "seq",
                                        CORE_TAG "str",
                                        CORE_TAG "null",
                                        CORE_TAG "bool",
                                        CORE_TAG "int",
                                        CORE_TAG "float"};
    bool known = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        known = known || ar_str_is(tag, names[i]);
    }
    return known;
}

enum arras_status ar_yaml_tagged(struct arras_str tag, struct arras_str text, bool plain,
                                 struct ar_arena *arena, struct arras_value *ret)
{
    static const char core[] = CORE_TAG;
    struct arras_str type =
        ar_str_starts(tag, core) ? ar_str_from(tag, sizeof(core) - 1) : AR_STR("");
    bool boolean;
    *ret = ar_string(text);
    if (ar_str_is(tag, "!") || ar_str_is(type, "str")) {
        return ARRAS_OK;
    }
    if (ar_str_is(type, "null")) {
        *ret = ar_null();
        return is_null(text) ? ARRAS_OK : ARRAS_INVALID;
    }
    if (ar_str_is(type, "bool")) {
        bool valid = is_bool(text, &boolean);
        *ret = ar_bool(boolean);
        return valid ? ARRAS_OK : ARRAS_INVALID;
    }
    if (ar_str_is(type, "int") || ar_str_is(type, "float")) {
        if (ar_str_is(type, "float") && is_no_number(text)) {
            return ARRAS_OK;
        }
        enum arras_status status = is_number(text) ? number(text, arena, ret) : ARRAS_INVALID;
        bool whole = status || ar_str_is(type, "float") || ar_number_is_integer(ar_text(ret));
        return whole ? status : ARRAS_INVALID;
    }
    return plain ? ar_yaml_plain(text, arena, ret) : ARRAS_OK;
}
