/* A compiled JSONPath query, and what the files that make and run it ask of each other. */
#ifndef AR_QUERY_JSONPATH_AST_H
#define AR_QUERY_JSONPATH_AST_H

#include "query/jsonpath.h"
#include "query/regex.h"

struct ar_jp_expr;

enum ar_jp_selector_kind { AR_JP_NAME, AR_JP_WILDCARD, AR_JP_INDEX, AR_JP_SLICE, AR_JP_FILTER };

struct ar_jp_selector {
    enum ar_jp_selector_kind kind;
    bool has_start, has_end; /* of a slice */
    struct arras_str name;
    int64_t start; /* the index of AR_JP_INDEX */
    int64_t end, step;
    const struct ar_jp_expr *filter;
};

struct ar_jp_segment {
    bool descendant;
    AR_VEC(struct ar_jp_selector) selectors; /* at least one */
};

struct ar_jp_query {
    bool relative; /* begins with @ */
    bool singular;
    AR_VEC(struct ar_jp_segment) segments;
};

enum ar_jp_expr_kind {
    AR_JP_OR,      /* of `children` */
    AR_JP_AND,     /* of `children` */
    AR_JP_NOT,     /* of the one child */
    AR_JP_COMPARE, /* `op` between the two children */
    AR_JP_QUERY,   /* true where it selects something, or its one node's value */
    AR_JP_LITERAL,
    AR_JP_FUNCTION
};

enum ar_jp_op { AR_JP_EQ, AR_JP_NE, AR_JP_LT, AR_JP_LE, AR_JP_GT, AR_JP_GE };

enum ar_jp_function { AR_JP_LENGTH, AR_JP_COUNT, AR_JP_MATCH, AR_JP_SEARCH, AR_JP_VALUE };

struct ar_jp_expr {
    enum ar_jp_expr_kind kind;
    enum ar_jp_op op;
    enum ar_jp_function function;
    bool grouped;                      /* stood in parentheses: a logical expression and no more */
    size_t at;                         /* within the text */
    const struct ar_jp_expr *children; /* operands or arguments, in order by `next` */
    const struct ar_jp_expr *next;
    const struct ar_jp_query *query;
    struct arras_value literal;
    /* A pattern given as a literal; NULL where that is no I-Regexp, which matches nothing. */
    struct ar_regex *regex;
    struct ar_jp_expr *next_regex; /* all that have one, for releasing them */
};

struct ar_jsonpath {
    const struct ar_jp_query *query;
    struct ar_jp_expr *regexes;
};

/* Reads a text from `at` on. */
struct ar_jp_parser {
    struct ar_source source; /* valid UTF-8, living as long as `arena` */
    size_t at;
    unsigned depth;
    struct ar_arena *arena;
    struct ar_diags *diags;
    struct ar_jsonpath *owner; /* of the regular expressions */
};

/* The text as parser->source: copied, checked for length and UTF-8. */
enum arras_status ar_jp_parser_init(struct ar_jp_parser *parser, const char *name,
                                    struct arras_str text, struct ar_arena *arena,
                                    struct ar_diags *diags,
                                    struct ar_jsonpath *owner) ARRAS_CHECKED;

/* The next byte, 0 at the end (and for a NUL byte, which begins nothing). */
static inline char ar_jp_peek(const struct ar_jp_parser *parser)
{
    return parser->at < parser->source.text.len ? parser->source.text.ptr[parser->at] : '\0';
}

bool ar_jp_eat(struct ar_jp_parser *parser, const char *text);
void ar_jp_skip_space(struct ar_jp_parser *parser);
/* ARRAS_SYNTAX and ARRAS_INVALID with what is wrong at the place. */
enum arras_status ar_jp_wrong(struct ar_jp_parser *parser, size_t at,
                              const char *what) ARRAS_CHECKED;
enum arras_status ar_jp_ill_typed(struct ar_jp_parser *parser, size_t at,
                                  const char *what) ARRAS_CHECKED;
/* ARRAS_LIMIT where the nesting is too deep; else counts one in, which the caller counts out. */
enum arras_status ar_jp_enter(struct ar_jp_parser *parser) ARRAS_CHECKED;

/* A query from its `$` or `@` on, as far as it goes. */
enum arras_status ar_jp_parse_query(struct ar_jp_parser *parser,
                                    const struct ar_jp_query **ret) ARRAS_CHECKED;
/* RFC 9535 `logical-expr`. */
enum arras_status ar_jp_parse_logical(struct ar_jp_parser *parser,
                                      const struct ar_jp_expr **ret) ARRAS_CHECKED;
/* A comparison operator, when one stands next. */
bool ar_jp_parse_op(struct ar_jp_parser *parser, enum ar_jp_op *ret) ARRAS_CHECKED;
/* A quoted string, whose quote stands next. */
enum arras_status ar_jp_parse_string(struct ar_jp_parser *parser,
                                     struct arras_str *ret) ARRAS_CHECKED;
/* RFC 9535 `int`, within the range of I-JSON. */
enum arras_status ar_jp_parse_int(struct ar_jp_parser *parser, int64_t *ret) ARRAS_CHECKED;
/* Whether a literal begins here: a quote, a digit, a minus, or one of the three words. */
bool ar_jp_at_literal(const struct ar_jp_parser *parser);
enum arras_status ar_jp_parse_literal(struct ar_jp_parser *parser,
                                      struct arras_value *ret) ARRAS_CHECKED;

/* One evaluation. */
struct ar_jp_eval {
    const struct arras_value *root;
    size_t steps;
    unsigned depth;
    enum arras_status status; /* why it stopped before its end */
    /* The last pattern that came from the document. */
    struct ar_regex *regex;
    struct arras_str pattern;
    enum ar_jp_function pattern_for;
};

void ar_jp_eval_release(struct ar_jp_eval *eval);
/* Says what eval->status is about. Returns it. */
enum arras_status ar_jp_eval_status(const struct ar_jp_eval *eval, struct ar_diags *diags);

/* Counts work; false beyond AR_QUERY_STEPS, with the status set. Reading `bytes` of text counts
 * too, at a lower rate. */
bool ar_jp_step(struct ar_jp_eval *eval, size_t bytes) ARRAS_CHECKED;

/* How many nodes the query selects, counting no further than `most`; *ret_first is the first one's
 * value. Allocates nothing. `current` is what `@` means. */
size_t ar_jp_count(struct ar_jp_eval *eval, const struct ar_jp_query *query,
                   const struct arras_value *current, size_t most,
                   const struct arras_value **ret_first);
/* The value of a singular query's node, or NULL. */
const struct arras_value *ar_jp_single(struct ar_jp_eval *eval, const struct ar_jp_query *query,
                                       const struct arras_value *current);
/* All nodes, into `nodes`. */
void ar_jp_collect(struct ar_jp_eval *eval, const struct ar_jp_query *query, bool paths,
                   struct ar_arena *arena, struct ar_nodes *nodes);

/* Whether the filter's expression holds with `@` as `current`; false also when eval->status is set.
 */
bool ar_jp_holds(struct ar_jp_eval *eval, const struct ar_jp_expr *expr,
                 const struct arras_value *current);
/* As ar_value_equal, counting its work; absent values (NULL) equal each other. */
bool ar_jp_equal(struct ar_jp_eval *eval, const struct arras_value *a, const struct arras_value *b);
/* A value to compare: found in the document, or made for the comparison. */
struct ar_jp_operand {
    const struct arras_value *value; /* NULL: nothing */
    struct arras_value made;
    char digits[24];
};
void ar_jp_make_count(struct ar_jp_operand *ret, size_t count);
/* What length() says of a value: code points, items or members; nothing for other types. */
void ar_jp_make_length(struct ar_jp_eval *eval, const struct arras_value *value,
                       struct ar_jp_operand *ret);
/* Exact, quick for the plain integers that most numbers are. */
int ar_jp_compare_numbers(struct arras_str a, struct arras_str b);

#endif
