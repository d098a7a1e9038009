/* What the job server knows: scripts, jobs, users. Plain data, as it goes between the store, the
 * workers and the API. Strings live in the arena they were asked for in. Times are microseconds
 * since 1970-01-01T00:00:00Z, 0 where there is none. */
#ifndef AR_JOBS_MODEL_H
#define AR_JOBS_MODEL_H

#include "base/str.h"

enum ar_job_state {
    AR_JOB_QUEUED, /* also when it is scheduled for later */
    AR_JOB_RUNNING,
    AR_JOB_SUCCESS,
    AR_JOB_FAILURE,
    AR_JOB_CANCELED
};

struct ar_script {
    struct arras_str workspace, path, hash; /* 16 hex digits */
    struct arras_str parent_hash;           /* empty: the first version */
    struct arras_str summary, description, content, language, kind;
    struct arras_str schema; /* JSON, empty: none */
    struct arras_str lock;   /* empty where the language has none */
    struct arras_str tag;
    struct arras_str extra_perms; /* JSON object (access.h) */
    struct arras_str created_by;
    int64_t created_at;
    int64_t timeout; /* seconds, 0: the server's */
    bool archived, deleted;
    struct arras_str settings; /* JSON object of what else it says (script_job.h); empty: nothing */
    struct arras_str labels;   /* JSON array; empty: none */
    struct arras_str message;  /* what was said when it was deployed */
    struct arras_str ancestors; /* hashes from the parent back, a comma behind each, as far as they
                                   are known and at most AR_SCRIPT_ANCESTORS; the store's own */
};

/* What a list of scripts is to hold; empty: any. */
struct ar_script_filter {
    struct arras_str workspace; /* MUST */
    struct arras_str path, path_start, created_by, parent_hash;
    struct arras_str kinds, languages; /* ",a,b,": one of them */
    bool archived;                     /* those of which no version is live, else those of which
                                          one is */
    bool oldest_first;
};

/* A job that makes a script's lock: no language has one here, so it has nothing to run. */
#define AR_KIND_DEPENDENCIES "dependencies"
#define AR_DEPENDENCIES_RESULT "{\"lock\":\"\"}"
/* Jobs without code: the result is the argument `previous_result` ({} without it), or null. */
#define AR_KIND_IDENTITY "identity"
#define AR_KIND_NOOP "noop"

struct ar_job {
    struct arras_str id; /* UUID, ordered by time */
    struct arras_str workspace;
    struct arras_str kind; /* "script", "preview", or one of the above */
    struct arras_str script_path, script_hash;
    struct arras_str language, code; /* as they were when the job was submitted */
    struct arras_str args;           /* JSON object; empty once deleted */
    struct arras_str envs;           /* JSON array of NAME=VALUE, from the script; empty: none */
    struct arras_str created_by, permissioned_as, email;
    struct arras_str tag;
    struct arras_str parent_job;
    struct arras_str root_job;      /* as the submission says; empty: it does not */
    struct arras_str entrypoint;    /* the function to run in place of `main`; empty: that */
    struct arras_str labels;        /* JSON array of strings, from the result; empty: none */
    bool hidden;                    /* from the script's owner */
    struct arras_str cache_key;     /* of what is run with which arguments; empty: not cached */
    int64_t cache_ttl;              /* seconds */
    struct arras_str schedule_path; /* of the schedule that this is an occurrence of */
    int64_t timeout;                /* seconds, 0: the server's */
    int64_t created_at, scheduled_for, started_at, completed_at;
    enum ar_job_state state;
    struct arras_str worker;
    int64_t priority;      /* higher ones are run first */
    int64_t lease_until;   /* of a running one: its worker is taken for dead then; 0: never */
    int lost;              /* how often its worker died */
    int failures;          /* tries that failed and were followed by another one */
    int attempt;           /* how often it was started */
    bool cancel_requested; /* of a running one: the worker is to end it */
    struct arras_str canceled_by, canceled_reason;
    struct arras_str result; /* JSON; empty: none (not completed, or deleted) */
    int64_t memory_peak;     /* KiB */
    bool deleted;
    int64_t redact_after; /* microseconds from its end until its arguments, result and log go, at
                             least 1: at once; 0: they stay */
    bool awaited;      /* by who submitted it, who is to have the result before it goes at once */
    bool preprocess;   /* its arguments are an `event`, from which the script's function
                          `preprocessor` makes those of `main` */
    bool restarts;     /* its script is perpetual: another run follows unless it is canceled */
    int64_t redact_at; /* when they go; AR_JOB_REDACTED: they have gone */
};

#define AR_JOB_REDACTED INT64_C(-1)

/* A named value: a password, a setting. */
struct ar_variable {
    struct arras_str workspace, path;
    struct arras_str value; /* sealed (secret.h) where it is secret */
    bool secret;
    struct arras_str description;
    struct arras_str extra_perms; /* JSON object (access.h) */
    struct arras_str labels;      /* JSON array; empty: none */
    int64_t expires_at;
    struct arras_str edited_by;
    int64_t edited_at;
};

/* A JSON value of some type: an account of a database, the state of a script. */
struct ar_resource {
    struct arras_str workspace, path;
    struct arras_str value; /* JSON; empty: none */
    struct arras_str type, description;
    struct arras_str extra_perms, labels; /* as a variable's */
    struct arras_str created_by;
    int64_t created_at, edited_at;
};

struct ar_resource_type {
    struct arras_str workspace, name;
    struct arras_str schema; /* JSON; empty: none */
    struct arras_str description, format_extension, created_by;
    bool fileset;
    int64_t edited_at;
};

/* A script that is run again and again, at the times of a cron expression. */
struct ar_schedule {
    struct arras_str workspace, path;
    struct arras_str cron, cron_version; /* "v1", "v2" */
    struct arras_str timezone, script_path;
    struct arras_str args; /* JSON object */
    struct arras_str tag;  /* empty: the script's */
    bool enabled;
    int64_t paused_until; /* nothing is run before */
    struct arras_str summary, description;
    struct arras_str retry; /* JSON object (store_follow.h); empty: what fails is not tried again */
    struct arras_str on_failure;      /* script that is told of failures; empty: none */
    struct arras_str on_failure_args; /* JSON object: what it is given beside; empty: nothing */
    int64_t failure_times; /* how many failures in a row it takes; 0: nothing was said, so one */
    bool failure_exact;    /* and is told of that one only */
    struct arras_str on_recovery, on_recovery_args; /* as on_failure: of a success after those */
    int64_t recovery_times;                         /* how many successes it takes, as above */
    struct arras_str on_success, on_success_args;   /* of each success */
    bool no_flow_overlap, errors_muted;   /* kept for clients: neither makes a difference here */
    struct arras_str extra_perms, labels; /* as a variable's */
    struct arras_str edited_by, email, permissioned_as; /* as whom its jobs run */
    int64_t edited_at;
    struct arras_str error; /* why there is no next occurrence; empty: there is */
};

/* What a list is to hold; empty: any. */
struct ar_item_filter {
    struct arras_str workspace;                            /* MUST */
    struct arras_str path, path_start, description, value; /* value: of what is not secret */
    struct arras_str type, not_type;                       /* resources: one of "a,b" */
};

/* Who takes a job, and which. */
struct ar_claim {
    struct arras_str worker; /* not empty; no other worker of the database has this name */
    struct arras_str tags;   /* ",bash,python3,": only jobs with one of these; empty: any */
    int64_t now;
    int64_t lease; /* microseconds; 0: it has no end */
};

/* A process that runs jobs, as others see it. */
struct ar_worker_process {
    struct arras_str name;        /* its workers' begins so, -1, -2 ... follow */
    struct arras_str group, tags; /* ",a,b,"; empty: any */
    struct arras_str host;
    int64_t count; /* of its workers */
    int64_t started_at;
    int64_t ended; /* how many jobs have ended there */
};

/* Who asks, by a token. */
struct ar_user {
    struct arras_str email, username; /* the account's; in a workspace, the member's */
    struct arras_str workspace;       /* the one the token is bound to; empty: all */
    bool admin;                       /* of the workspace */
    bool superadmin;                  /* of the server; never by a token that is bound */
    bool is_operator;                 /* may run what there is, no more */
    struct arras_str prefix, label;   /* the token's */
    struct arras_str scopes;          /* JSON array (scope.h); empty: no limits */
    int64_t last_used_at;             /* the token, before now */
};

/* Names of which one is (or, negated, none is) what a job has; empty: any. */
struct ar_job_names {
    struct arras_str list; /* ",a,b,": none of the names holds a comma */
    bool negated;
};

struct ar_job_filter {
    struct arras_str workspace; /* empty: all */
    struct ar_job_names script_path, created_by, worker, tag, kind;
    struct ar_job_names state; /* numbers of enum ar_job_state */
    /* Patterns (db_functions.h). */
    struct ar_job_names like_script_path, like_worker, like_tag, like_label;
    struct arras_str script_hash, parent_job;
    struct arras_str args, result; /* JSON that they hold */
    struct arras_str anywhere;     /* part of script, tag, schedule, labels or trigger, whatever the
                                      case     of ASCII letters there; in lower case */
    bool has_null_parent;          /* only those without */
    int running;                   /* 1 running, 0 queued, -1 any; so are the following */
    int completed;                 /* 1 completed only, 0 queue only */
    int success;                   /* restricts to completed */
    int64_t created_after, created_before;     /* 0: any; so are the following */
    int64_t started_after, started_before;     /* those that never started are out */
    int64_t completed_after, completed_before; /* restrict to completed */
    int64_t queued_after, queued_before;       /* when created; hold for those not completed only */
    int64_t due_before;                        /* scheduled for then at the latest */
    int64_t position_before;                   /* scheduled for then, and queued */
    struct arras_str schedule_path;            /* of the schedule that it is an occurrence of */
    int scheduled;                             /* 1 only those of schedules, -1 only others */
    /* Only jobs of this user, and those not hidden whose script lies in one of the paths
     * (",u/me/,f/folder/,"); empty: all */
    struct arras_str viewer, viewer_paths;
    bool oldest_first;
    size_t skip, limit;
};

#endif
