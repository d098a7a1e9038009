/* Whether a filter's expression holds (RFC 9535 section 2.3.5.2) and what its functions say
 * (section 2.4). Nothing here allocates, but for a pattern that comes from the document. */
#include "base/limits.h"
#include "base/utf8.h"
#include "query/jsonpath_ast.h"
#include "value/number.h"
#include <stdio.h>

/* A whole number of at most 18 digits, written plainly. */
static bool read_plain(struct arras_str text, int64_t *ret)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    size_t len = text.len - negative;
    int64_t number = 0;
    if (len == 0 || len > 18) {
        return false;
    }
    for (size_t i = negative; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        number = number * 10 + (text.ptr[i] - '0');
    }
    *ret = negative ? -number : number;
    return true;
}

int ar_jp_compare_numbers(struct arras_str a, struct arras_str b)
{
    int64_t x, y;
    if (read_plain(a, &x) && read_plain(b, &y)) {
        return (x > y) - (x < y);
    }
    return ar_number_compare(a, b);
}

static bool equal_within(struct ar_jp_eval *eval, const struct arras_value *a,
                         const struct arras_value *b, unsigned depth);

static bool equal_members(struct ar_jp_eval *eval, const struct arras_value *a,
                          const struct arras_value *b, unsigned depth)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct arras_value *other = ar_get(b, ar_member_name(&a->members[i]));
        if (!other || !equal_within(eval, &a->members[i].value, other, depth)) {
            return false;
        }
    }
    return true;
}

static bool equal_items(struct ar_jp_eval *eval, const struct arras_value *a,
                        const struct arras_value *b, unsigned depth)
{
    for (size_t i = 0; i < a->count; i++) {
        if (!equal_within(eval, &a->items[i], &b->items[i], depth)) {
            return false;
        }
    }
    return true;
}

static bool equal_within(struct ar_jp_eval *eval, const struct arras_value *a,
                         const struct arras_value *b, unsigned depth)
{
    if (a->type != b->type || !ar_jp_step(eval, ar_text(a).len)) {
        return false;
    }
    switch (a->type) {
    case ARRAS_NULL:
        return true;
    case ARRAS_BOOL:
        return a->boolean == b->boolean;
    case ARRAS_NUMBER:
        return ar_jp_compare_numbers(ar_text(a), ar_text(b)) == 0;
    case ARRAS_STRING:
        return ar_str_eq(ar_text(a), ar_text(b));
    default:
        break;
    }
    if (a->count != b->count) {
        return false;
    }
    if (depth >= AR_NESTING_DEPTH) {
        eval->status = ARRAS_LIMIT;
        return false;
    }
    return a->type == ARRAS_OBJECT ? equal_members(eval, a, b, depth + 1)
                                   : equal_items(eval, a, b, depth + 1);
}

bool ar_jp_equal(struct ar_jp_eval *eval, const struct arras_value *a, const struct arras_value *b)
{
    return a && b ? equal_within(eval, a, b, 0) : a == b;
}

/* Only numbers and strings have an order; the latter by code points, which is the order of UTF-8's
 * bytes. */
static bool less(struct ar_jp_eval *eval, const struct arras_value *a, const struct arras_value *b)
{
    if (!a || !b || a->type != b->type || !ar_jp_step(eval, ar_text(a).len)) {
        return false;
    }
    if (a->type == ARRAS_NUMBER) {
        return ar_jp_compare_numbers(ar_text(a), ar_text(b)) < 0;
    }
    return a->type == ARRAS_STRING && ar_str_compare(ar_text(a), ar_text(b)) < 0;
}

void ar_jp_make_count(struct ar_jp_operand *ret, size_t count)
{
    int len = snprintf(ret->digits, sizeof(ret->digits), "%zu", count);
    ret->made = ar_number_text((struct arras_str){ret->digits, (size_t)len});
    ret->value = &ret->made;
}

static void find_operand(struct ar_jp_eval *eval, const struct ar_jp_expr *expr,
                         const struct arras_value *current, struct ar_jp_operand *ret);

void ar_jp_make_length(struct ar_jp_eval *eval, const struct arras_value *value,
                       struct ar_jp_operand *ret)
{
    ret->value = NULL;
    if (ar_is(value, ARRAS_STRING) && ar_jp_step(eval, value->count)) {
        ar_jp_make_count(ret, ar_utf8_count(ar_text(value)));
    } else if (ar_is(value, ARRAS_ARRAY) || ar_is(value, ARRAS_OBJECT)) {
        ar_jp_make_count(ret, value->count);
    }
}

/* A function whose result is a value. */
static void apply_function(struct ar_jp_eval *eval, const struct ar_jp_expr *expr,
                           const struct arras_value *current, struct ar_jp_operand *ret)
{
    const struct arras_value *first;
    if (expr->function == AR_JP_COUNT) {
        ar_jp_make_count(ret, ar_jp_count(eval, expr->children->query, current, SIZE_MAX, &first));
    } else if (expr->function == AR_JP_VALUE) {
        bool one = ar_jp_count(eval, expr->children->query, current, 2, &first) == 1;
        ret->value = one ? first : NULL;
    } else {
        find_operand(eval, expr->children, current, ret);
        ar_jp_make_length(eval, ret->value, ret);
    }
}

static void find_operand(struct ar_jp_eval *eval, const struct ar_jp_expr *expr,
                         const struct arras_value *current, struct ar_jp_operand *ret)
{
    switch (expr->kind) {
    case AR_JP_LITERAL:
        ret->value = &expr->literal;
        return;
    case AR_JP_QUERY:
        ret->value = ar_jp_single(eval, expr->query, current);
        return;
    default:
        apply_function(eval, expr, current, ret);
    }
}

/* A pattern from the document, compiled unless it is the one before; NULL: it matches nothing. */
static const struct ar_regex *find_regex(struct ar_jp_eval *eval, const struct ar_jp_expr *expr,
                                         struct arras_str pattern)
{
    if (eval->pattern.ptr && eval->pattern_for == expr->function &&
        ar_str_eq(eval->pattern, pattern)) {
        return eval->regex;
    }
    ar_jp_eval_release(eval);
    eval->pattern = pattern;
    eval->pattern_for = expr->function;
    enum arras_status status =
        ar_regex_new(pattern, AR_REGEX_IREGEXP, expr->function == AR_JP_MATCH ? AR_REGEX_WHOLE : 0,
                     NULL, &eval->regex);
    if (status == ARRAS_NO_MEMORY) {
        eval->status = status;
    }
    return status ? NULL : eval->regex;
}

/* match() and search() */
static bool matches(struct ar_jp_eval *eval, const struct ar_jp_expr *expr,
                    const struct arras_value *current)
{
    struct ar_jp_operand subject, pattern;
    find_operand(eval, expr->children, current, &subject);
    find_operand(eval, expr->children->next, current, &pattern);
    if (eval->status || !ar_is(subject.value, ARRAS_STRING) ||
        !ar_is(pattern.value, ARRAS_STRING)) {
        return false;
    }
    const struct ar_regex *regex = expr->regex;
    if (!regex && expr->children->next->kind != AR_JP_LITERAL) {
        regex = ar_jp_step(eval, 16 * (size_t)pattern.value->count)
                    ? find_regex(eval, expr, ar_text(pattern.value))
                    : NULL;
    }
    if (!regex || !ar_jp_step(eval, subject.value->count)) {
        return false;
    }
    bool found = false;
    enum arras_status status = ar_regex_match(regex, ar_text(subject.value), &found);
    if (status) {
        eval->status = status;
    }
    return !status && found;
}

static bool compares(struct ar_jp_eval *eval, const struct ar_jp_expr *expr,
                     const struct arras_value *current)
{
    struct ar_jp_operand left, right;
    find_operand(eval, expr->children, current, &left);
    find_operand(eval, expr->children->next, current, &right);
    const struct arras_value *a = left.value, *b = right.value;
    switch (expr->op) {
    case AR_JP_EQ:
        return ar_jp_equal(eval, a, b);
    case AR_JP_NE:
        return !ar_jp_equal(eval, a, b);
    case AR_JP_LT:
        return less(eval, a, b);
    case AR_JP_GT:
        return less(eval, b, a);
    case AR_JP_LE:
        return less(eval, a, b) || ar_jp_equal(eval, a, b);
    case AR_JP_GE:
        return less(eval, b, a) || ar_jp_equal(eval, a, b);
    }
    return false;
}

bool ar_jp_holds(struct ar_jp_eval *eval, const struct ar_jp_expr *expr,
                 const struct arras_value *current)
{
    const struct arras_value *first;
    switch (expr->kind) {
    case AR_JP_OR:
    case AR_JP_AND: {
        bool decided = expr->kind == AR_JP_OR; /* one operand of this value settles it */
        const struct ar_jp_expr *child = expr->children;
        while (child && !eval->status && ar_jp_holds(eval, child, current) != decided) {
            child = child->next;
        }
        return !eval->status && (child != NULL) == decided;
    }
    case AR_JP_NOT:
        return !ar_jp_holds(eval, expr->children, current) && !eval->status;
    case AR_JP_COMPARE:
        return compares(eval, expr, current) && !eval->status;
    case AR_JP_QUERY:
        return ar_jp_count(eval, expr->query, current, 1, &first) > 0 && !eval->status;
    case AR_JP_FUNCTION: /* the parser lets only match() and search() stand alone */
        return matches(eval, expr, current);
    case AR_JP_LITERAL:
        break;
    }
    return false;
}
