/* What the two files of the PostgreSQL driver share: a connection, for statements or for listening.
 */
#ifndef AR_JOBS_DB_POSTGRES_H
#define AR_JOBS_DB_POSTGRES_H

#include <libpq-fe.h>
#include "base/limits.h"
#include "jobs/store/db_driver.h"

/* The channel of LISTEN and NOTIFY. */
#define AR_PG_CHANNEL "arras"

struct ar_pg_connection {
    PGconn *pg; /* NULL: none now */
    bool used;
    bool fast; /* synchronous_commit is off */
    unsigned prepared;
    struct ar_db_kept kept[AR_DB_STATEMENTS]; /* statement: the number in its name */
};

/* The thread that waits for notes, on a connection of its own. */
struct ar_pg_listener {
    struct ar_pg *db;
    pthread_t thread;
    int stop_fd; /* readable: end */
    bool started;
};

struct ar_pg {
    struct ar_db base; /* MUST be first */
    char *url;
    pthread_mutex_t lock; /* of the pool and the clock's difference */
    pthread_cond_t idle;
    int64_t clock; /* the server's clock less the monotonic one here, microseconds */
    bool clock_known;
    struct ar_pg_connection connections[AR_DB_CONNECTIONS];
    struct ar_pg_listener listener;
};

/* One try. IO with a diagnostic. */
enum arras_status ar_pg_connect(struct ar_pg *db, struct ar_diags *diags,
                                PGconn **ret) ARRAS_CHECKED;
/* The result of what was sent, within `seconds`; NULL where the connection broke meanwhile (it
 * cannot be used any more then) or memory ran out. */
PGresult *ar_pg_result(PGconn *pg, int seconds);

enum arras_status ar_pg_listen(struct ar_db *base, bool on, struct ar_diags *diags);

#endif
