/* What variables, resources and other things at paths have in common: their members, who may see
 * and change them, and lists of them. */
#ifndef AR_JOBS_API_ITEM_H
#define AR_JOBS_API_ITEM_H

#include "jobs/access.h"
#include "jobs/api/call.h"

/* The body, which must be an object; false: answered. */
bool ar_item_body(struct ar_call *call, struct arras_value *ret) ARRAS_CHECKED;
/* Whether all these members are there, null too; a list that ends with NULL. 422 else. */
bool ar_item_has(struct ar_call *call, const struct arras_value *body,
                 const char *const *names) ARRAS_CHECKED;
/* Members; absent ones leave *ret as it is, null too but for JSON. 422 for another type. */
bool ar_item_bool(struct ar_call *call, const struct arras_value *body, const char *name,
                  bool *ret) ARRAS_CHECKED;
/* Any value as its text; null is kept as "null". */
bool ar_item_json(struct ar_call *call, const struct arras_value *body, const char *name,
                  struct arras_str *ret) ARRAS_CHECKED;
/* Strings in an array, as JSON. */
bool ar_item_labels(struct ar_call *call, const struct arras_value *body,
                    struct arras_str *ret) ARRAS_CHECKED;
bool ar_item_time(struct ar_call *call, const struct arras_value *body, const char *name,
                  int64_t *ret) ARRAS_CHECKED;
/* Whether a new thing may be at that path: 400 where it is none, 403 where the caller may not write
 * there. */
bool ar_item_path(struct ar_call *call, struct arras_str path) ARRAS_CHECKED;
/* Whether the caller may use a thing that is there: 401 to who may not read it, else 403. `kind`:
 * "Variable". */
bool ar_item_allowed(struct ar_call *call, const char *kind, struct arras_str path,
                     struct arras_str extra_perms, enum ar_right right) ARRAS_CHECKED;

/* A page of a list of what the caller may read. */
struct ar_item_page {
    struct ar_call *call;
    size_t skip, limit;
    struct arras_str label; /* only what has it; empty: all */
    struct ar_list list;
    enum arras_status status;
};
/* Reads page, per_page, label and the filter from the query. */
bool ar_item_page_begin(struct ar_item_page *page, struct ar_call *call,
                        struct ar_item_filter *filter) ARRAS_CHECKED;
/* Whether the thing belongs to the page; *ret_more: whether another one may. */
bool ar_item_page_wants(struct ar_item_page *page, struct arras_str path,
                        struct arras_str extra_perms, struct arras_str labels, bool *ret_more);
/* The same of what needs no rights: by page and per_page alone. */
bool ar_item_page_takes(struct ar_item_page *page);
void ar_item_page_add(struct ar_item_page *page, struct ar_writer *writer);
/* Answers with the page; `status` is the store's. */
void ar_item_page_answer(struct ar_item_page *page, enum arras_status status);

/* The members that all of them have. */
void ar_item_put_perms(struct ar_writer *writer, struct arras_str extra_perms,
                       struct arras_str labels);

#endif
