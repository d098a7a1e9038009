/* A compiled condition: made by condition.c, run by condition_eval.c. */
#ifndef AR_QUERY_CONDITION_AST_H
#define AR_QUERY_CONDITION_AST_H

#include "query/condition.h"
#include "query/jsonpath_ast.h"

enum ar_cond_operand_kind { AR_COND_LITERAL, AR_COND_QUERY, AR_COND_EXPRESSION };

struct ar_cond_operand {
    enum ar_cond_operand_kind kind;
    size_t at;
    struct arras_str text; /* of a query or an expression, as written */
    struct arras_value literal;
    const struct ar_jp_query *query;
    const struct ar_jp_query *measured; /* the query without its `.length`; NULL without one */
};

enum ar_cond_kind { AR_COND_OR, AR_COND_AND, AR_COND_COMPARE, AR_COND_TEST };

struct ar_cond_node {
    enum ar_cond_kind kind;
    bool negated;
    enum ar_jp_op op;                    /* of AR_COND_COMPARE */
    struct ar_cond_operand left, right;  /* AR_COND_TEST has only `left` */
    const struct ar_cond_node *children; /* of AR_COND_OR and AR_COND_AND, in order by `next` */
    const struct ar_cond_node *next;
};

struct ar_condition {
    struct ar_jsonpath regexes; /* owns those of the queries' filters */
    const struct ar_cond_node *root;
};

#endif
