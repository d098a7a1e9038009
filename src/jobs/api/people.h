/* What the operations on people share. */
#ifndef AR_JOBS_API_PEOPLE_H
#define AR_JOBS_API_PEOPLE_H

#include "jobs/api/item.h"
#include "jobs/api/rights.h"

/* Names of users, groups, folders and workspaces: letters, digits, '_', '-', at most
 * AR_NAME_MOST. */
enum { AR_NAME_MOST = 50 };
bool ar_name_valid(struct arras_str name);
/* 400 where it is none; `what`: "user name". */
bool ar_people_name(struct ar_call *call, const char *what, struct arras_str name) ARRAS_CHECKED;
/* The name that an email suggests: what stands before its @. */
bool ar_people_name_of(struct ar_call *call, struct arras_str email,
                       struct arras_str *ret) ARRAS_CHECKED;
/* In lower case, as it is kept. */
bool ar_people_fold_email(struct ar_call *call, struct arras_str email,
                          struct arras_str *ret) ARRAS_CHECKED;
/* The same; 400 where it is none. */
bool ar_people_email(struct ar_call *call, struct arras_str email,
                     struct arras_str *ret) ARRAS_CHECKED;
/* The account of that email; 404. */
bool ar_people_account(struct ar_call *call, struct arras_str email,
                       struct ar_account *ret) ARRAS_CHECKED;
/* A name in JSON for each; a failure is remembered in the writer. */
void ar_people_put_names(struct ar_writer *w, const char *name, const struct arras_str *items,
                         size_t count);
/* Answers with an array of names. */
void ar_people_answer_names(struct ar_call *call, const struct arras_str *items, size_t count);
/* Makes a token for an account, of which `ret` is all that is ever told; the members that are not
 * hash, prefix and created_at are given. False: answered. */
bool ar_people_new_token(struct ar_call *call, struct ar_token *token,
                         struct arras_str *ret) ARRAS_CHECKED;
/* What the store said of a change: true where it was done, else answered: `none` (404) where
 * NOT_FOUND, `taken` (400) where CONFLICT. */
bool ar_people_done(struct ar_call *call, enum arras_status status, const char *none,
                    const char *taken) ARRAS_CHECKED;

#endif
