#include "value/number.h"
#include <locale.h>
#include <math.h>
#include <stdlib.h>

enum {
    DOUBLE_DIGITS = 780,     /* more than decide between two doubles */
    DIVISOR_DIGITS = 2048,   /* of a divisor divided by exactly */
    DIVISION_STEPS = 8000000 /* digits of dividend times digits of divisor */
};
#define EXPONENT_MOST INT64_C(100000000000000000) /* far above any length of text */

/* A number taken apart: its value is 0.DDD * 10^(point + exponent), D the digits from `first` up to
 * `last` (a '.' may stand among them), neither the first nor the last of them a zero. */
struct parts {
    bool negative, zero;
    const char *first, *last; /* inclusive */
    size_t digits;            /* from first to last, without the '.' */
    int64_t point;
    bool exponent_negative;
    struct arras_str exponent; /* its digits */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p)) {
        p++;
    }
    return p;
}

bool ar_number_valid(struct arras_str text)
{
    if (text.len == 0) {
        return false;
    }
    const char *p = text.ptr, *end = text.ptr + text.len;
    p += *p == '-';
    const char *digits = p;
    p = skip_digits(p, end);
    if (p == digits || (*digits == '0' && p - digits > 1)) {
        return false;
    }
    if (p < end && *p == '.') {
        digits = ++p;
        p = skip_digits(p, end);
        if (p == digits) {
            return false;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        digits = p;
        p = skip_digits(p, end);
        if (p == digits) {
            return false;
        }
    }
    return p == end;
}

static void take_exponent(struct parts *parts, const char *p, const char *end)
{
    if (p < end) {
        p++; /* e */
        parts->exponent_negative = *p == '-';
        p += *p == '-' || *p == '+';
        while (p < end && *p == '0') {
            p++;
        }
        parts->exponent = (struct arras_str){p, (size_t)(end - p)};
    }
}

static struct parts take_apart(struct arras_str text)
{
    struct parts parts = {.negative = text.ptr[0] == '-'};
    const char *p = text.ptr + parts.negative, *end = text.ptr + text.len;
    const char *whole_end = skip_digits(p, end);
    const char *mantissa_end = whole_end;
    if (whole_end < end && *whole_end == '.') {
        mantissa_end = skip_digits(whole_end + 1, end);
    }
    take_exponent(&parts, mantissa_end, end);
    while (p < mantissa_end && (*p == '0' || *p == '.')) {
        p++;
    }
    parts.zero = p == mantissa_end;
    if (parts.zero) {
        return parts;
    }
    parts.first = p;
    parts.point = whole_end - p;
    parts.point += parts.point < 0; /* the '.' is no digit */
    parts.last = mantissa_end - 1;
    while (*parts.last == '0' || *parts.last == '.') {
        parts.last--;
    }
    bool dot_within = parts.first < whole_end && parts.last > whole_end;
    parts.digits = (size_t)(parts.last - parts.first) + 1 - dot_within;
    return parts;
}

/* The digit of the exponent that stands `place` digits from its end, with its sign. */
static int exponent_digit(const struct parts *parts, size_t place)
{
    if (place >= parts->exponent.len) {
        return 0;
    }
    int digit = parts->exponent.ptr[parts->exponent.len - 1 - place] - '0';
    return parts->exponent_negative ? -digit : digit;
}

/* (a's exponent) - (b's), exact while it is small, else about EXPONENT_MOST with its sign: from
 * there the digits that follow cannot turn it around. */
static int64_t exponent_difference(const struct parts *a, const struct parts *b)
{
    size_t place = a->exponent.len > b->exponent.len ? a->exponent.len : b->exponent.len;
    int64_t difference = 0;
    while (place > 0) {
        place--;
        difference = difference * 10 + exponent_digit(a, place) - exponent_digit(b, place);
        if (difference > EXPONENT_MOST || difference < -EXPONENT_MOST) {
            return difference > 0 ? EXPONENT_MOST : -EXPONENT_MOST;
        }
    }
    return difference;
}

/* Of 0.DDD * 10^x, the x; cut to about EXPONENT_MOST. */
static int64_t magnitude(const struct parts *parts)
{
    static const struct parts none = {0};
    return exponent_difference(parts, &none) + parts->point;
}

static const char *next_digit(const char *p)
{
    p++;
    return *p == '.' ? p + 1 : p;
}

static int compare_digits(const struct parts *a, const struct parts *b)
{
    const char *p = a->first, *q = b->first;
    for (;;) {
        if (*p != *q) {
            return *p < *q ? -1 : 1;
        }
        if (p == a->last || q == b->last) {
            return (q == b->last) - (p == a->last);
        }
        p = next_digit(p);
        q = next_digit(q);
    }
}

int ar_number_compare(struct arras_str a_text, struct arras_str b_text)
{
    if (ar_str_eq(a_text, b_text)) {
        return 0;
    }
    struct parts a = take_apart(a_text), b = take_apart(b_text);
    int a_sign = a.zero ? 0 : a.negative ? -1 : 1;
    int b_sign = b.zero ? 0 : b.negative ? -1 : 1;
    if (a_sign != b_sign || a_sign == 0) {
        return (a_sign > b_sign) - (a_sign < b_sign);
    }
    int64_t difference = exponent_difference(&a, &b) + a.point - b.point;
    int order = (difference > 0) - (difference < 0);
    return a_sign * (order ? order : compare_digits(&a, &b));
}

bool ar_number_is_integer(struct arras_str text)
{
    struct parts parts = take_apart(text);
    return parts.zero || magnitude(&parts) >= (int64_t)parts.digits;
}

bool ar_number_to_int64(struct arras_str text, int64_t *ret)
{
    struct parts parts = take_apart(text);
    int64_t size = parts.zero ? 0 : magnitude(&parts);
    if (!parts.zero && (size < (int64_t)parts.digits || size > 19)) {
        return false;
    }
    int64_t number = 0; /* counted downward: the negative range is the larger one */
    const char *p = parts.first;
    for (int64_t i = 0; i < size; i++) {
        bool given = i < (int64_t)parts.digits;
        int digit = given ? *p - '0' : 0;
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_sub_overflow(number, digit, &number)) {
            return false;
        }
        if (i + 1 < (int64_t)parts.digits) {
            p = next_digit(p);
        }
    }
    if (!parts.negative && number == INT64_MIN) {
        return false;
    }
    *ret = parts.negative ? number : -number;
    return true;
}

/* strtod as in the C locale, whatever the program's is. */
static double read_double(const char *z)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* static in glibc */
    double number = c_locale ? strtod_l(z, NULL, c_locale) : (double)NAN;
    if (c_locale) {
        freelocale(c_locale);
    }
    return number;
}

double ar_number_to_double(struct arras_str text)
{
    char z[DOUBLE_DIGITS + 64];
    if (text.len < 64) {
        memcpy(z, text.ptr, text.len);
        z[text.len] = '\0';
        return read_double(z);
    }
    struct parts parts = take_apart(text);
    if (parts.zero) {
        return parts.negative ? -0.0 : 0.0;
    }
    size_t len = 0, kept = parts.digits < DOUBLE_DIGITS ? parts.digits : DOUBLE_DIGITS;
    const char *p = parts.first;
    for (size_t i = 0; i < kept; i++, p = i < kept ? next_digit(p) : p) {
        z[len++] = *p;
    }
    if (kept < parts.digits) {
        z[len++] = '1'; /* what is cut off only tells that the value is above the kept digits */
    }
    int64_t exponent = magnitude(&parts);
    exponent = exponent > 100000 ? 100000 : exponent < -100000 ? -100000 : exponent;
    snprintf(z + len, sizeof(z) - len, "e%lld", (long long)(exponent - (int64_t)len));
    double number = read_double(z);
    return parts.negative ? -number : number;
}

/* Calculating with digit strings, most significant digit first, for ar_number_is_multiple. */

static size_t copy_digits(const struct parts *parts, unsigned char *out)
{
    const char *p = parts->first;
    for (size_t i = 0; i < parts->digits; i++, p = i < parts->digits ? next_digit(p) : p) {
        out[i] = (unsigned char)(*p - '0');
    }
    return parts->digits;
}

struct remainder {
    unsigned char digits[DIVISOR_DIGITS + 1]; /* one more than the divisor has */
    unsigned char divisor[DIVISOR_DIGITS + 1];
    size_t len;
};

static bool subtract_once(struct remainder *r)
{
    if (memcmp(r->digits, r->divisor, r->len) < 0) {
        return false;
    }
    int borrow = 0;
    for (size_t i = r->len; i-- > 0;) {
        int digit = r->digits[i] - r->divisor[i] - borrow;
        borrow = digit < 0;
        r->digits[i] = (unsigned char)(digit + (borrow ? 10 : 0));
    }
    return true;
}

static void bring_down(struct remainder *r, unsigned char digit)
{
    memmove(r->digits, r->digits + 1, r->len - 1);
    r->digits[r->len - 1] = digit;
    while (subtract_once(r)) {
    }
}

static bool is_zero(const struct remainder *r)
{
    for (size_t i = 0; i < r->len; i++) {
        if (r->digits[i]) {
            return false;
        }
    }
    return true;
}

/* Whether a's digits followed by `zeros` zeros are a multiple of b's digits. */
static bool divides(const struct parts *a, size_t zeros, const struct parts *b)
{
    struct remainder r = {.len = b->digits + 1};
    copy_digits(b, r.divisor + 1);
    const char *p = a->first;
    for (size_t i = 0; i < a->digits; i++, p = i < a->digits ? next_digit(p) : p) {
        bring_down(&r, (unsigned char)(*p - '0'));
    }
    for (size_t i = 0; i < zeros && !is_zero(&r); i++) {
        bring_down(&r, 0);
    }
    return is_zero(&r);
}

bool ar_number_is_multiple(struct arras_str a_text, struct arras_str b_text)
{
    struct parts a = take_apart(a_text), b = take_apart(b_text);
    if (a.zero || b.zero) {
        return a.zero;
    }
    /* as whole numbers without zeros at the end, times 10^x each: of the difference of the x */
    int64_t shift =
        exponent_difference(&a, &b) + (a.point - (int64_t)a.digits) - (b.point - (int64_t)b.digits);
    if (shift < 0) {
        return false; /* a's last digit stands below b's */
    }
    /* a divisor of n digits holds neither 2 nor 5 more than 4n times: more tens change nothing */
    uint64_t zeros = (uint64_t)shift < 4 * (uint64_t)b.digits ? (uint64_t)shift : 4 * b.digits;
    if (b.digits > DIVISOR_DIGITS || (a.digits + zeros) > DIVISION_STEPS / b.digits) {
        return fmod(ar_number_to_double(a_text), ar_number_to_double(b_text)) == 0;
    }
    return divides(&a, (size_t)zeros, &b);
}
