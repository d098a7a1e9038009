/* Where scripts, jobs, logs, users and settings are kept. One table of functions for each backend
 * (SQLite; PostgreSQL); SQL stands only there. The rules of jobs (what may be cancelled, who is
 * woken) are queue.h's; the store does single steps, each whole or not at all, safe on any thread.
 *
 * All functions MUST be there. Failures: ARRAS_NOT_FOUND, ARRAS_CONFLICT, ARRAS_IO (with a
 * diagnostic that names the database and says what it said), ARRAS_NO_MEMORY. */
#ifndef AR_JOBS_STORE_H
#define AR_JOBS_STORE_H

#include "base/diag.h"
#include "base/vec.h"
#include "jobs/model.h"

struct ar_store;

struct ar_job_list {
    AR_VEC(struct ar_job) list;
};

struct ar_script_list {
    AR_VEC(struct ar_script) list;
};

struct ar_store_functions {
    void (*close)(struct ar_store *);

    /* Settings: small named texts (the workspace, the server's secrets). NOT_FOUND. */
    enum arras_status (*setting_get)(struct ar_store *, const char *name, struct ar_arena *,
                                     struct ar_diags *, struct arras_str *ret);
    enum arras_status (*setting_set)(struct ar_store *, const char *name, struct arras_str value,
                                     struct ar_diags *);

    /* Workspaces and tokens; a token is known only by its SHA-256 (hex). NOT_FOUND. */
    enum arras_status (*workspace_add)(struct ar_store *, struct arras_str id, struct ar_diags *);
    enum arras_status (*workspace_exists)(struct ar_store *, struct arras_str id, struct ar_diags *,
                                          bool *ret);
    enum arras_status (*token_add)(struct ar_store *, struct arras_str token_hash,
                                   const struct ar_user *, int64_t expires_at, struct ar_diags *);
    enum arras_status (*token_find)(struct ar_store *, struct arras_str token_hash, int64_t now,
                                    struct ar_arena *, struct ar_diags *, struct ar_user *ret);
    enum arras_status (*token_remove)(struct ar_store *, struct arras_str token_hash,
                                      struct ar_diags *);

    /* Scripts. add: archives the parent in the same step (NOT_FOUND where there is none of that
     * hash); CONFLICT where the hash exists or the workspace does not. get by
     * path: the newest that is neither archived nor deleted. */
    enum arras_status (*script_add)(struct ar_store *, const struct ar_script *, struct ar_diags *);
    enum arras_status (*script_by_path)(struct ar_store *, struct arras_str workspace,
                                        struct arras_str path, struct ar_arena *, struct ar_diags *,
                                        struct ar_script *ret);
    enum arras_status (*script_by_hash)(struct ar_store *, struct arras_str workspace,
                                        struct arras_str hash, struct ar_arena *, struct ar_diags *,
                                        struct ar_script *ret);
    /* Newest version of each path, by path; without content. */
    enum arras_status (*script_list)(struct ar_store *, struct arras_str workspace,
                                     bool archived_too, size_t skip, size_t limit,
                                     struct ar_arena *, struct ar_diags *,
                                     struct ar_script_list *ret);

    /* Jobs. add: CONFLICT where the id exists or the workspace does not. */
    enum arras_status (*job_add)(struct ar_store *, const struct ar_job *, struct ar_diags *);
    enum arras_status (*job_get)(struct ar_store *, struct arras_str workspace, struct arras_str id,
                                 struct ar_arena *, struct ar_diags *, struct ar_job *ret);
    /* Takes the job that is next in line at `now` and marks it running: by scheduled time, then id.
     * NOT_FOUND where none waits; *ret_next is then when the next becomes due, 0 for never. */
    enum arras_status (*job_claim)(struct ar_store *, struct arras_str worker, int64_t now,
                                   struct ar_arena *, struct ar_diags *, struct ar_job *ret,
                                   int64_t *ret_next);
    /* Ends a job: job->state, result, completed_at, canceled_by, canceled_reason (these two stay as
     * they are where empty), memory_peak. Only where it is still as `job` was read or claimed, by
     * its worker (empty: it was queued) and attempt: CONFLICT where it has ended, was claimed or
     * was put back since. So each job ends exactly once. */
    enum arras_status (*job_complete)(struct ar_store *, const struct ar_job *, struct ar_diags *);
    /* Puts a running job back into the queue; the same conditions. */
    enum arras_status (*job_requeue)(struct ar_store *, const struct ar_job *, struct ar_diags *);
    /* Asks a running job's worker to end it; CONFLICT where it does not run. */
    enum arras_status (*job_request_cancel)(struct ar_store *, struct arras_str workspace,
                                            struct arras_str id, struct arras_str by,
                                            struct arras_str reason, struct ar_diags *);
    /* Blanks args, result, code and logs of a completed job, keeps the row; nothing of them is left
     * in the store's files. NOT_FOUND where it is not completed. */
    enum arras_status (*job_delete)(struct ar_store *, struct arras_str workspace,
                                    struct arras_str id, struct ar_diags *);
    /* Queued (and running) ones first, then completed ones, newest first. At most filter->limit and
     * at most AR_JOB_LIST_MOST. Without args, code and result. */
    enum arras_status (*job_list)(struct ar_store *, const struct ar_job_filter *,
                                  struct ar_arena *, struct ar_diags *, struct ar_job_list *ret);
    /* Puts every running job back into the queue (its worker is gone); how many. Those whose
     * cancellation was requested end, canceled. What a restarted server does first. */
    enum arras_status (*job_recover)(struct ar_store *, struct ar_diags *, size_t *ret_count);

    /* Logs: appended in pieces (NOT_FOUND where there is no such job, or it was deleted), read from
     * an offset in bytes. get of a job without logs: empty. */
    enum arras_status (*log_append)(struct ar_store *, struct arras_str job, struct arras_str text,
                                    struct ar_diags *);
    enum arras_status (*log_get)(struct ar_store *, struct arras_str job, size_t from,
                                 struct ar_arena *, struct ar_diags *, struct arras_str *ret);
};

/* A backend's store begins with this. */
struct ar_store {
    const struct ar_store_functions *functions;
};

/* Opens (and creates, and brings to the newest schema) the database at `path`. CONFLICT where
 * another server has it open: a lock is held on the file `path`.lock, which stays behind.
 *
 * What was added, completed, canceled or deleted is on the disk when the function returns; a claim
 * and the newest log lines may be lost with the power (not with the process), as if the claim had
 * not been made. */
enum arras_status ar_store_open_sqlite(const char *path, struct ar_diags *diags,
                                       struct ar_store **ret) ARRAS_CHECKED;

#endif
