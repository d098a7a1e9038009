/* One validation, as the files schema_*.c share it; nobody else includes this.
 *
 * It first runs without collecting anything, up to the first mismatch. Only an instance that is not
 * valid is gone through again, with lists of errors. */
#ifndef AR_QUERY_SCHEMA_RUN_H
#define AR_QUERY_SCHEMA_RUN_H

#include "query/schema_node.h"

/* A step of the way into the instance or the schema. Lives on the stack. */
enum ar_schema_step {
    AR_STEP_MEMBER,
    AR_STEP_ITEM,
    AR_STEP_NAME /* the name of a member itself */
};

struct ar_schema_path {
    const struct ar_schema_path *parent; /* NULL: this is the root's */
    enum ar_schema_step step;
    struct arras_str name;
    size_t index;
};

/* The resources that were entered on the way here: the dynamic scope (core 7.1). */
struct ar_schema_scope {
    const struct ar_schema_scope *parent;
    const struct ar_schema_resource *resource;
};

/* Which members or items of one instance have been evaluated; what unevaluated... asks. */
struct ar_schema_seen {
    uint64_t few;   /* of up to 64 */
    uint64_t *many; /* of more */
    size_t count;
};

/* How telling an error is: the kinds in the order in which they are shown. */
enum ar_schema_rank {
    AR_RANK_PLAIN,   /* a value that is not what was asked for, a missing member */
    AR_RANK_SURPLUS, /* a member or item that should not be there */
    AR_RANK_SUMMARY  /* that none of several alternatives fits, which they told themselves */
};

struct ar_schema_problem {
    struct ar_schema_error error;
    enum ar_schema_rank rank;
    enum ar_schema_keyword_id keyword;
    unsigned types; /* of a type error: what was expected */
    unsigned depth; /* steps into the instance */
};

struct ar_schema_problems {
    AR_VEC(struct ar_schema_problem) list;
};

struct ar_schema_run {
    const struct ar_schema *schema;
    struct ar_arena *arena;   /* of errors */
    struct ar_arena *scratch; /* of bitmaps and tables */
    enum arras_status status; /* other than ARRAS_OK: everything unwinds */
    uint64_t steps;
    size_t made; /* errors, wanted or not, against AR_SCHEMA_PROBLEMS */
};

/* One application of a schema to a value. */
struct ar_schema_site {
    const struct ar_schema_node *node;
    const struct arras_value *instance;
    const struct ar_schema_path *instance_path; /* NULL at the root */
    const struct ar_schema_path *schema_path;
    const struct ar_schema_scope *scope;
    struct ar_schema_seen *seen;         /* NULL: nobody asks */
    struct ar_schema_problems *problems; /* NULL: only whether it is valid */
    const struct ar_schema_site *parent; /* the application that this is part of */
    unsigned depth;
};

/* Whether the instance is valid; false also where run->status was set. */
bool ar_schema_apply(struct ar_schema_run *run, const struct ar_schema_site *site);

/* One for each keyword: whether the instance conforms; problems have been noted where not. */
#define AR_KEYWORD_FUNCTION(id, function, name, vocabulary, types)                                 \
    bool ar_schema_check_##function(struct ar_schema_run *run, const struct ar_schema_site *site,  \
                                    const struct ar_schema_keyword *keyword);
AR_SCHEMA_KEYWORDS(AR_KEYWORD_FUNCTION)
#undef AR_KEYWORD_FUNCTION

/* Counts work done; false, with run->status set, where it is too much. */
bool ar_schema_spend(struct ar_schema_run *run, uint64_t steps);

/* Whether the pattern is found in the text; false also where run->status was set. */
bool ar_schema_matches(struct ar_schema_run *run, const struct ar_regex *regex,
                       struct arras_str text);

/* Members or items evaluated. A NULL set takes everything and holds nothing. */
bool ar_schema_seen_init(struct ar_schema_run *run, struct ar_schema_seen *seen,
                         const struct arras_value *instance) ARRAS_CHECKED;
void ar_schema_seen_add(struct ar_schema_seen *seen, size_t index);
bool ar_schema_seen_has(const struct ar_schema_seen *seen, size_t index);
void ar_schema_seen_merge(struct ar_schema_seen *into, const struct ar_schema_seen *from);

/* schema_message.c */

/* Notes a problem where problems are collected. The message is what follows the name of the place:
 * "must be at least 18". `found`: ", it is 3" is added. Always returns false. */
bool ar_schema_note(struct ar_schema_run *run, const struct ar_schema_site *site,
                    const struct ar_schema_keyword *keyword, enum ar_schema_rank rank, bool found,
                    const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Notes that the value is not of any of the types. */
bool ar_schema_note_types(struct ar_schema_run *run, const struct ar_schema_site *site,
                          const struct ar_schema_keyword *keyword, unsigned types);
/* Notes that the member `name` of the instance is missing; `because` of another one where given. */
bool ar_schema_note_missing(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword, struct arras_str name,
                            const struct arras_str *because);
/* Notes that nothing may stand at `path` (where a member or an item stands now). */
bool ar_schema_note_surplus(struct ar_schema_run *run, const struct ar_schema_site *site,
                            const struct ar_schema_keyword *keyword,
                            const struct ar_schema_path *path, const struct arras_value *value);
/* The value in a few words, into `out`, NUL-terminated. */
void ar_schema_render(const struct arras_value *value, char *out, size_t size);

/* Takes over what the alternatives of anyOf or oneOf told: the problems of the one that came
 * closest, or one about all types that would have done; then a summary. */
bool ar_schema_note_alternatives(struct ar_schema_run *run, const struct ar_schema_site *site,
                                 const struct ar_schema_keyword *keyword,
                                 const struct ar_schema_problems *alternatives);
/* The problems as errors, the most telling first. */
enum arras_status ar_schema_report(struct ar_schema_run *run,
                                   const struct ar_schema_problems *problems,
                                   struct ar_schema_result *ret) ARRAS_CHECKED;

#endif
