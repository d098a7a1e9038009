/* The job server: Windmill's HTTP API, a queue and sandboxed workers, inside this process. */
#ifndef ARRAS_SERVER_H
#define ARRAS_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include "arras/diag.h"

struct arras_server;

enum arras_network {
    ARRAS_NETWORK_NONE,  /* jobs reach their server and nothing else */
    ARRAS_NETWORK_ASKED, /* those that say "arras: network" have the machine's */
    ARRAS_NETWORK_ALL
};

/* What happens, for who operates a server. `event` and the names of fields are static text of
 * letters and '_'; the texts are borrowed for the call. Nothing secret is told. */
enum arras_log_level { ARRAS_LOG_DEBUG, ARRAS_LOG_INFO, ARRAS_LOG_WARNING, ARRAS_LOG_ERROR };

struct arras_log_field {
    const char *name;
    struct arras_str text;
};

struct arras_log {
    /* On any thread, also several at once. NULL: nothing is told. */
    void (*write)(void *context, enum arras_log_level level, const char *event,
                  const struct arras_log_field *fields, size_t count);
    void *context;
    enum arras_log_level least; /* what is below is not told */
};

/* How a process works: on which database, and on what of it. */
struct arras_work_options {
    const char *database;  /* postgres://..., shared with other processes; NULL: an SQLite file in
                              the data directory, for this process alone */
    unsigned workers;      /* 0: one for each processor */
    bool no_workers;       /* none at all: others run the jobs */
    const char *tags;      /* "a,b": takes only jobs with one of these tags; NULL: any */
    const char *group;     /* names that the workers' names are made of; NULL: "default" */
    const char *name;      /* NULL: the machine's */
    bool no_sandbox;       /* jobs run with this process's rights; the caller has been told */
    int64_t job_seconds;   /* the longest a job may run; 0: the default */
    int64_t lease_seconds; /* without a sign of life, after which a worker is taken for dead, where
                              the database is shared; 0: 30 */
    int64_t
        grace_seconds; /* how long stopping waits for jobs that run; they are queued again then */
    struct arras_log log;
    int64_t retention_days; /* after which jobs that have ended are thrown away; 0: never */
    int warm; /* sandboxes with an interpreter kept ready for each language that was used in the
                 last minute; 0: one for each worker, at most 64; negative: none */
    enum arras_network network; /* of sandboxed jobs */
    size_t job_memory;          /* bytes of each process, and of all together; 0: 2 GiB */
    size_t job_processes;       /* 0: 256 */
    size_t job_log_size;        /* bytes, at most 10 MiB; 0: that */
    size_t job_result_size;     /* bytes, at most 16 MiB; 0: that */
    const char *packages; /* a directory whose `python` and `node_modules` scripts import from;
                             NULL: what the system has */
};

struct arras_server_options {
    struct arras_work_options work;
    const char *data;      /* directory for the database and job directories, made where missing;
                              NULL: a temporary one, removed at the end */
    const char *temporary; /* the directory in which a temporary one is made; NULL: "/tmp" */
    const char *key_file;  /* NULL: `key` in the data directory; made where missing. The servers of
                              one database have the same */
    const char *workspace; /* made where missing; NULL: the one of the data, "main" at first */
    const char *address;   /* NULL: "127.0.0.1" */
    uint16_t port;         /* 0: the system picks one */
    bool metrics_open;     /* /metrics needs no token */
};

/* What the data directory holds, readable by its owner only: the database `arras.db` and what
 * stands beside it, `jobs/` for running jobs, and `key`. The database knows tokens by their
 * SHA-256; the administrator's is there also encrypted with `key` (AES-256-GCM), so that it can be
 * told again at the next start. Who has the database alone has no token; without `key` a new one is
 * made. */

/* What a client needs. Strings live as long as the server. */
struct arras_server_access {
    const char *url; /* "http://127.0.0.1:8000", the API is below /api */
    const char *workspace;
    const char *token; /* of an administrator; kept for the next start of the same data */
};

struct arras_pool;

/* What went wrong is told by diagnostics in `pool` (arras/value.h). ARRAS_UNSUPPORTED: no sandbox
 * on this machine. ARRAS_CONFLICT: the data is in use by another server. ARRAS_IO, ARRAS_NO_MEMORY.
 */
enum arras_status arras_server_start(const struct arras_server_options *options,
                                     struct arras_pool *pool,
                                     struct arras_server **ret) ARRAS_CHECKED;
/* Whether a server could start with these options, changing nothing: tells of one thing after
 * another, whether it is as it must be, in one line of text. True: all are. */
typedef void arras_check_teller(void *context, bool good, const char *what, struct arras_str text);
bool arras_server_check(const struct arras_server_options *options, arras_check_teller *tell,
                        void *context);
struct arras_server_access arras_server_access(const struct arras_server *server);
/* Takes no more requests, ends running jobs (they are queued again), closes the database. */
void arras_server_stop(struct arras_server *server);

/* Workers without a server, for the jobs of a shared database. */
struct arras_worker;

struct arras_worker_options {
    struct arras_work_options work; /* database MUST be given */
    const char *temporary;          /* where jobs' files are kept while they run; NULL: "/tmp" */
    const char *key_file; /* of the servers; NULL: jobs whose arguments refer to secret variables
                             fail here */
    const char *server;   /* "http://HOST:PORT" of a server of the database, which sandboxed jobs
                             are passed on to; NULL: they do not reach the API */
    const char *base_url; /* of the API, for jobs; NULL: `server`, or of the server that started
                             last */
};

enum arras_status arras_worker_start(const struct arras_worker_options *options,
                                     struct arras_pool *pool,
                                     struct arras_worker **ret) ARRAS_CHECKED;
/* What the workers' names begin with; lives as long as the worker. */
const char *arras_worker_name(const struct arras_worker *worker);
void arras_worker_stop(struct arras_worker *worker);

#endif
