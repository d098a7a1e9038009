/* Where scripts, jobs, logs, users and settings are kept. Plain functions over db.h: SQL stands
 * only in store_*.c, once for SQLite and PostgreSQL. The rules of jobs (what may be cancelled, who
 * is woken) are queue.h's; the store does single steps, each whole or not at all, safe on any
 * thread.
 *
 * Failures: ARRAS_NOT_FOUND, ARRAS_CONFLICT, ARRAS_INVALID (a NUL character in a name), ARRAS_IO
 * (with a diagnostic that names the database and says what it said), ARRAS_NO_MEMORY.
 *
 * A new table: append its CREATE TABLE as a new text to the migrations in store_schema.c (a text
 * that was released never changes); declare its functions here, by what they do; write them in a
 * file store_THING.c of their own after the example in db.h, with a record's columns as a table. */
#ifndef AR_JOBS_STORE_H
#define AR_JOBS_STORE_H

#include "base/diag.h"
#include "base/vec.h"
#include "jobs/model.h"

struct ar_db;

struct ar_store {
    struct ar_db *db; /* for store_*.c */
};

struct ar_job_list {
    AR_VEC(struct ar_job) list;
};

struct ar_tag_count {
    struct arras_str tag;
    int64_t count;
};

struct ar_tag_counts {
    AR_VEC(struct ar_tag_count) list;
};

struct ar_script_list {
    AR_VEC(struct ar_script) list;
};

/* Opens (and creates, and brings to the newest schema) a database: PostgreSQL's by its URL,
 * postgres://..., else the SQLite file of that name (CONFLICT where another server has it open).
 *
 * What was added, completed, canceled or deleted is on the disk when the function returns; a claim
 * and the newest log lines may be lost with the power (not with the process), as if the claim had
 * not been made. On PostgreSQL, whose workers do not die with it, only log lines. */
enum arras_status ar_store_open(const char *where, struct ar_diags *diags,
                                struct ar_store **ret) ARRAS_CHECKED;
void ar_store_close(struct ar_store *store);
/* Whether other processes may have it open too. */
bool ar_store_shared(const struct ar_store *store);
/* The clock that all of them go by, microseconds since 1970. */
int64_t ar_store_now(struct ar_store *store);
/* Now, for a job that ends; no sooner than it began, whatever the clock did meanwhile. */
int64_t ar_store_end_time(struct ar_store *store, const struct ar_job *job);

/* Settings: small named texts (the workspace, the server's secrets). NOT_FOUND. */
enum arras_status ar_store_setting_get(struct ar_store *store, const char *name,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct arras_str *ret) ARRAS_CHECKED;
enum arras_status ar_store_setting_set(struct ar_store *store, const char *name,
                                       struct arras_str value,
                                       struct ar_diags *diags) ARRAS_CHECKED;

/* The first one stays: CONFLICT where there is one of this name. */
enum arras_status ar_store_setting_add(struct ar_store *store, const char *name,
                                       struct arras_str value,
                                       struct ar_diags *diags) ARRAS_CHECKED;
#define AR_SETTING_URL "url"           /* of the server that started last */
#define AR_SETTING_TOKEN "admin_token" /* sealed */

/* Workspaces: one with nothing but its id, and whether there is one. More of them, and people:
 * store_people.h. */
enum arras_status ar_store_workspace_add(struct ar_store *store, struct arras_str id,
                                         struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_workspace_exists(struct ar_store *store, struct arras_str id,
                                            struct ar_diags *diags, bool *ret) ARRAS_CHECKED;

/* Scripts. add: archives the parent in the same step (NOT_FOUND where there is none of that hash);
 * CONFLICT where the hash exists or the workspace does not. by_path: the newest that is neither
 * archived nor deleted. */
enum arras_status ar_store_script_add(struct ar_store *store, const struct ar_script *script,
                                      struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_script_by_path(struct ar_store *store, struct arras_str workspace,
                                          struct arras_str path, struct ar_arena *arena,
                                          struct ar_diags *diags,
                                          struct ar_script *ret) ARRAS_CHECKED;
enum arras_status ar_store_script_by_hash(struct ar_store *store, struct arras_str workspace,
                                          struct arras_str hash, struct ar_arena *arena,
                                          struct ar_diags *diags,
                                          struct ar_script *ret) ARRAS_CHECKED;
/* Newest version of each path, newest first; `take` gets each, without content (of which a whole
 * workspace may have much) or with no more than that, hash, path and permissions, and may end the
 * list by returning false. */
typedef bool ar_script_taker(void *context, const struct ar_script *script);
enum arras_status ar_store_script_list(struct ar_store *store,
                                       const struct ar_script_filter *filter,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       ar_script_taker *take, void *context) ARRAS_CHECKED;
enum arras_status ar_store_script_contents(struct ar_store *store, struct arras_str workspace,
                                           struct ar_arena *arena, struct ar_diags *diags,
                                           ar_script_taker *take, void *context) ARRAS_CHECKED;
/* All versions of a path, newest first; without content. */
enum arras_status ar_store_script_versions(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str path, struct ar_arena *arena,
                                           struct ar_diags *diags,
                                           struct ar_script_list *ret) ARRAS_CHECKED;
/* Archives one version; NOT_FOUND. */
enum arras_status ar_store_script_archive(struct ar_store *store, struct arras_str workspace,
                                          struct arras_str hash,
                                          struct ar_diags *diags) ARRAS_CHECKED;
/* Blanks what one version holds, keeps its row; NOT_FOUND. */
enum arras_status ar_store_script_blank(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str hash,
                                        struct ar_diags *diags) ARRAS_CHECKED;
/* Removes all versions of a path; NOT_FOUND. Nothing of what was blanked or removed is left in the
 * files of SQLite. */
enum arras_status ar_store_script_remove(struct ar_store *store, struct arras_str workspace,
                                         struct arras_str path,
                                         struct ar_diags *diags) ARRAS_CHECKED;
/* Sets the message of one version; NOT_FOUND. */
enum arras_status ar_store_script_message(struct ar_store *store, struct arras_str workspace,
                                          struct arras_str path, struct arras_str hash,
                                          struct arras_str message,
                                          struct ar_diags *diags) ARRAS_CHECKED;

/* Variables, resources and their types: add: CONFLICT where there is one of that path (name) or no
 * such workspace; update: of what lies at `path`, the path too (CONFLICT where the new one is
 * taken); NOT_FOUND. Lists are in the order of paths; `take` gets each and may end the list by
 * returning false. */
enum arras_status ar_store_variable_add(struct ar_store *store, const struct ar_variable *variable,
                                        struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_variable_update(struct ar_store *store, struct arras_str path,
                                           const struct ar_variable *variable,
                                           struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_variable_get(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str path, struct ar_arena *arena,
                                        struct ar_diags *diags,
                                        struct ar_variable *ret) ARRAS_CHECKED;
typedef bool ar_variable_taker(void *context, const struct ar_variable *variable);
enum arras_status ar_store_variable_list(struct ar_store *store,
                                         const struct ar_item_filter *filter,
                                         struct ar_arena *arena, struct ar_diags *diags,
                                         ar_variable_taker *take, void *context) ARRAS_CHECKED;
/* The resource at the same path goes too, and the reverse. */
enum arras_status ar_store_variable_delete(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str path,
                                           struct ar_diags *diags) ARRAS_CHECKED;

enum arras_status ar_store_resource_add(struct ar_store *store, const struct ar_resource *resource,
                                        struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_resource_update(struct ar_store *store, struct arras_str path,
                                           const struct ar_resource *resource,
                                           struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_resource_get(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str path, struct ar_arena *arena,
                                        struct ar_diags *diags,
                                        struct ar_resource *ret) ARRAS_CHECKED;
typedef bool ar_resource_taker(void *context, const struct ar_resource *resource);
enum arras_status ar_store_resource_list(struct ar_store *store,
                                         const struct ar_item_filter *filter,
                                         struct ar_arena *arena, struct ar_diags *diags,
                                         ar_resource_taker *take, void *context) ARRAS_CHECKED;
enum arras_status ar_store_resource_delete(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str path,
                                           struct ar_diags *diags) ARRAS_CHECKED;

enum arras_status ar_store_resource_type_add(struct ar_store *store,
                                             const struct ar_resource_type *type,
                                             struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_resource_type_update(struct ar_store *store,
                                                const struct ar_resource_type *type,
                                                struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_resource_type_get(struct ar_store *store, struct arras_str workspace,
                                             struct arras_str name, struct ar_arena *arena,
                                             struct ar_diags *diags,
                                             struct ar_resource_type *ret) ARRAS_CHECKED;
typedef bool ar_resource_type_taker(void *context, const struct ar_resource_type *type);
enum arras_status ar_store_resource_type_list(struct ar_store *store, struct arras_str workspace,
                                              struct ar_arena *arena, struct ar_diags *diags,
                                              ar_resource_type_taker *take,
                                              void *context) ARRAS_CHECKED;
enum arras_status ar_store_resource_type_delete(struct ar_store *store, struct arras_str workspace,
                                                struct arras_str name,
                                                struct ar_diags *diags) ARRAS_CHECKED;

/* Schedules. Whatever changes one changes its occurrence in the same step: the job that waits for
 * its next time (store_occurrences.h), from `edited_at` on. update: all but path, script_path and
 * enabled of the schedule at schedule->path; enable: enabled and who edited it. CONFLICT, NOT_FOUND
 * as above. */
enum arras_status ar_store_schedule_add(struct ar_store *store, const struct ar_schedule *schedule,
                                        struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_schedule_update(struct ar_store *store,
                                           const struct ar_schedule *schedule,
                                           struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_schedule_enable(struct ar_store *store,
                                           const struct ar_schedule *schedule,
                                           struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_schedule_get(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str path, struct ar_arena *arena,
                                        struct ar_diags *diags,
                                        struct ar_schedule *ret) ARRAS_CHECKED;
typedef bool ar_schedule_taker(void *context, const struct ar_schedule *schedule);
/* filter->path: the script's; filter->description, value: nothing. */
enum arras_status ar_store_schedule_list(struct ar_store *store,
                                         const struct ar_item_filter *filter,
                                         struct ar_arena *arena, struct ar_diags *diags,
                                         ar_schedule_taker *take, void *context) ARRAS_CHECKED;
/* An occurrence that runs goes on. */
enum arras_status ar_store_schedule_delete(struct ar_store *store, struct arras_str workspace,
                                           struct arras_str path,
                                           struct ar_diags *diags) ARRAS_CHECKED;
/* The newest AR_SCHEDULE_JOBS that have ended, newest first; as ar_store_job_list. */
enum arras_status ar_store_schedule_jobs(struct ar_store *store, struct arras_str workspace,
                                         struct arras_str path, struct ar_arena *arena,
                                         struct ar_diags *diags,
                                         struct ar_job_list *ret) ARRAS_CHECKED;
/* Gives an occurrence to every enabled schedule that has none, which can only be for a reason that
 * stood in its way: no such script, no such time zone on this machine. *ret_without: how many still
 * have none. */
enum arras_status ar_store_schedules_repair(struct ar_store *store, int64_t now,
                                            struct ar_diags *diags,
                                            size_t *ret_without) ARRAS_CHECKED;

/* Gives all schedules of a workspace what `schedule` says of one handler. */
enum ar_schedule_handler { AR_HANDLER_FAILURE, AR_HANDLER_RECOVERY, AR_HANDLER_SUCCESS };
enum arras_status ar_store_schedules_set_handler(struct ar_store *store,
                                                 const struct ar_schedule *schedule,
                                                 enum ar_schedule_handler which,
                                                 struct ar_diags *diags) ARRAS_CHECKED;

/* Several jobs in one step, with the logs that they have (NULL: none): all, or none and CONFLICT
 * where one is there. remove: rows and logs, but for those that run and occurrences that wait. */
enum arras_status ar_store_jobs_add(struct ar_store *store, const struct ar_job *jobs,
                                    const struct arras_str *logs, size_t count,
                                    struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_jobs_remove(struct ar_store *store, struct arras_str workspace,
                                       const struct arras_str *ids, size_t count,
                                       struct ar_diags *diags, size_t *ret_count) ARRAS_CHECKED;

/* Jobs. add: CONFLICT where the id exists or the workspace does not. */
enum arras_status ar_store_job_add(struct ar_store *store, const struct ar_job *job,
                                   struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_job_get(struct ar_store *store, struct arras_str workspace,
                                   struct arras_str id, struct ar_arena *arena,
                                   struct ar_diags *diags, struct ar_job *ret) ARRAS_CHECKED;
/* Takes the job that is next in line at claim->now and marks it running: by priority, scheduled
 * time, then id. NOT_FOUND where none waits; *ret_next is then when the next becomes due, 0 for
 * never. */
enum arras_status ar_store_job_claim(struct ar_store *store, const struct ar_claim *claim,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_job *ret, int64_t *ret_next) ARRAS_CHECKED;
/* Ends a job: job->state, result, completed_at, canceled_by, canceled_reason (these two stay as
 * they are where empty), memory_peak. Only where it is still as `job` was read or claimed, by its
 * worker (empty: it was queued) and attempt: CONFLICT where it has ended, was claimed or was put
 * back since. So each job ends exactly once. */
enum arras_status ar_store_job_complete(struct ar_store *store, const struct ar_job *job,
                                        struct ar_diags *diags) ARRAS_CHECKED;
/* Puts a running job back into the queue; the same conditions. */
enum arras_status ar_store_job_requeue(struct ar_store *store, const struct ar_job *job,
                                       struct ar_diags *diags) ARRAS_CHECKED;
/* Asks a running job's worker to end it; CONFLICT where it does not run. */
enum arras_status ar_store_job_request_cancel(struct ar_store *store, struct arras_str workspace,
                                              struct arras_str id, struct arras_str by,
                                              struct arras_str reason,
                                              struct ar_diags *diags) ARRAS_CHECKED;
/* Blanks args, result, code and logs of a completed job, keeps the row; nothing of them is left in
 * the files of SQLite. NOT_FOUND where it is not completed. */
enum arras_status ar_store_job_delete(struct ar_store *store, struct arras_str workspace,
                                      struct arras_str id, struct ar_diags *diags) ARRAS_CHECKED;
/* Takes from a job that has ended what it was given and what it left: args and result become {},
 * the log says ##DELETED## and takes no more; nothing of them is left in the files of SQLite.
 * NOT_FOUND where it has not ended, was redacted or was deleted. */
enum arras_status ar_store_job_redact(struct ar_store *store, struct arras_str id,
                                      struct ar_diags *diags) ARRAS_CHECKED;
/* That, of at most AR_REDACTION_BATCH jobs whose time has come; *ret_count: how many were due. */
enum arras_status ar_store_jobs_redact(struct ar_store *store, int64_t now, struct ar_diags *diags,
                                       size_t *ret_count) ARRAS_CHECKED;
/* When the next one's time comes; 0: there is none. */
enum arras_status ar_store_redact_next(struct ar_store *store, struct ar_diags *diags,
                                       int64_t *ret) ARRAS_CHECKED;
/* Queued (and running) ones first, then completed ones, newest first. At most filter->limit and at
 * most AR_JOB_LIST_MOST. Without args, code and result. */
enum arras_status ar_store_job_list(struct ar_store *store, const struct ar_job_filter *filter,
                                    struct ar_arena *arena, struct ar_diags *diags,
                                    struct ar_job_list *ret) ARRAS_CHECKED;
/* How many there are in all. */
enum arras_status ar_store_job_count(struct ar_store *store, const struct ar_job_filter *filter,
                                     struct ar_diags *diags, int64_t *ret) ARRAS_CHECKED;
/* How many were completed since, for each tag, by tag; of all
 * workspaces where `workspace` is empty. */
enum arras_status ar_store_job_count_by_tag(struct ar_store *store, struct arras_str workspace,
                                            int64_t since, struct ar_arena *arena,
                                            struct ar_diags *diags,
                                            struct ar_tag_counts *ret) ARRAS_CHECKED;
/* How many run, or wait and are due, for each tag that has some, by tag; of all workspaces. */
enum arras_status ar_store_job_count_open_by_tag(struct ar_store *store, bool running, int64_t now,
                                                 struct ar_arena *arena, struct ar_diags *diags,
                                                 struct ar_tag_counts *ret) ARRAS_CHECKED;
/* Percent that a job which waits or runs says it has done, 1 to 100; 0: it says nothing. set:
 * NOT_FOUND where it has ended. */
enum arras_status ar_store_job_progress_set(struct ar_store *store, struct arras_str workspace,
                                            struct arras_str id, int64_t percent,
                                            struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_job_progress(struct ar_store *store, struct arras_str id,
                                        struct ar_diags *diags, int64_t *ret) ARRAS_CHECKED;
/* The ids of the jobs that wait or run whose parent the job is, and of theirs, AR_JOB_ANCESTORS
 * deep; at most AR_JOB_LIST_MOST. */
enum arras_status ar_store_job_children(struct ar_store *store, struct arras_str workspace,
                                        struct arras_str id, struct ar_arena *arena,
                                        struct ar_diags *diags,
                                        struct ar_job_list *ret) ARRAS_CHECKED;
/* Sets the labels of a job. */
enum arras_status ar_store_job_label(struct ar_store *store, struct arras_str id,
                                     struct arras_str labels, struct ar_diags *diags) ARRAS_CHECKED;

/* Results that may be used again, by key, until they expire. put: removes what has expired. get:
 * NOT_FOUND. */
enum arras_status ar_store_cache_put(struct ar_store *store, struct arras_str key,
                                     struct arras_str result, int64_t expires_at, int64_t now,
                                     struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_cache_get(struct ar_store *store, struct arras_str key, int64_t now,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct arras_str *ret) ARRAS_CHECKED;
/* Puts every running job back into the queue (its worker is gone); how many. Those whose
 * cancellation was requested end, canceled. What a restarted server does first. */
enum arras_status ar_store_job_recover(struct ar_store *store, struct ar_diags *diags,
                                       size_t *ret_count) ARRAS_CHECKED;

/* Of all workspaces: jobs that wait and are due, that are due later, that run. */
enum arras_status ar_store_job_gauges(struct ar_store *store, int64_t now, struct ar_diags *diags,
                                      int64_t *ret_due, int64_t *ret_scheduled,
                                      int64_t *ret_running) ARRAS_CHECKED;
/* Deletes at most `most` jobs that ended before then, the oldest first, with their logs. */
enum arras_status ar_store_jobs_forget(struct ar_store *store, int64_t before, int64_t most,
                                       struct ar_diags *diags, int *ret_count) ARRAS_CHECKED;

/* Leases of running jobs. renew: of those that `held` names, each as `ID ATTEMPT WORKER`, with a
 * comma before, between and after; *ret has those that still are theirs (id, attempt,
 * cancel_requested), the others were given to someone else. */
enum arras_status ar_store_lease_renew(struct ar_store *store, struct arras_str held, int64_t until,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct ar_job_list *ret) ARRAS_CHECKED;
/* Deals with one job whose lease ran out before `now`, NOT_FOUND where there is none: it is queued
 * again, or ends where its end was asked for, or where it was lost AR_JOB_LOST times. */
enum arras_status ar_store_lease_expire(struct ar_store *store, int64_t now,
                                        struct ar_diags *diags) ARRAS_CHECKED;
/* When the first lease runs out, and when the first queued job becomes due; 0 where there is none.
 */
enum arras_status ar_store_lease_next(struct ar_store *store, struct ar_diags *diags,
                                      int64_t *ret_lease, int64_t *ret_due) ARRAS_CHECKED;

/* Calls `listener` with notes, see db.h; one listener a store. NULL ends it, which cannot fail.
 * What is noted to every process that has the database open (db.h, ar_tx_notify): `q`: a job was
 * queued; `e` and an id: that job has ended; `c` and an id: its cancellation was requested; `r`:
 * one has ended that is to be redacted later. */
enum arras_status ar_store_listen(struct ar_store *store,
                                  void (*listener)(void *context, struct arras_str note),
                                  void *context);

/* Logs: appended in pieces (NOT_FOUND where there is no such job, or it was deleted; NETWORK: it
 * may have been appended), read from an offset in bytes. get of a job without logs: empty.
 * append_end says where the piece ends. */
enum arras_status ar_store_log_append_end(struct ar_store *store, struct arras_str job,
                                          struct arras_str text, struct ar_diags *diags,
                                          size_t *ret_end) ARRAS_CHECKED;
enum arras_status ar_store_log_append(struct ar_store *store, struct arras_str job,
                                      struct arras_str text, struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_log_get(struct ar_store *store, struct arras_str job, size_t from,
                                   struct ar_arena *arena, struct ar_diags *diags,
                                   struct arras_str *ret) ARRAS_CHECKED;
/* What stands behind the first `from` characters; where that is negative, the last -from
 * characters. No more than that is read. *ret_end: how many characters the log has. */
enum arras_status ar_store_log_part(struct ar_store *store, struct arras_str job, int64_t from,
                                    struct ar_arena *arena, struct ar_diags *diags,
                                    struct arras_str *ret, int64_t *ret_end) ARRAS_CHECKED;
/* The stream of a job's result, as its log; nothing is negative. */
enum arras_status ar_store_stream_append(struct ar_store *store, struct arras_str job,
                                         struct arras_str text,
                                         struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_stream_part(struct ar_store *store, struct arras_str job, int64_t from,
                                       struct ar_arena *arena, struct ar_diags *diags,
                                       struct arras_str *ret, int64_t *ret_end) ARRAS_CHECKED;

/* The processes that run jobs, where the database is shared: each says once that it does, and now
 * and then how many have ended; those that live are listed, by name. */
struct ar_worker_process_list {
    AR_VEC(struct ar_worker_process) list;
};
enum arras_status ar_store_workers_join(struct ar_store *store,
                                        const struct ar_worker_process *process,
                                        struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_workers_count(struct ar_store *store, struct arras_str name,
                                         int64_t ended, struct ar_diags *diags) ARRAS_CHECKED;
enum arras_status ar_store_workers_list(struct ar_store *store, struct ar_arena *arena,
                                        struct ar_diags *diags,
                                        struct ar_worker_process_list *ret) ARRAS_CHECKED;

#endif
