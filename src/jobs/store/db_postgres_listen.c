#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/limits.h"
#include "jobs/store/db_postgres.h"

enum { FIRST_PAUSE = 100, LONGEST_PAUSE = 5000 }; /* milliseconds between tries to connect */

/* Until there is something to read; false when the listener is to end. Asks the server nothing. */
static bool wait_readable(struct ar_pg_listener *listener, int fd, int milliseconds)
{
    struct pollfd entries[] = {{.fd = listener->stop_fd, .events = POLLIN},
                               {.fd = fd, .events = POLLIN}};
    poll(entries, 2, milliseconds);
    return !entries[0].revents;
}

static void tell_all(struct ar_pg *db, PGconn *pg)
{
    PGnotify *note;
    while ((note = PQnotifies(pg))) {
        ar_db_tell(&db->base, ar_str_z(note->extra));
        PQfreemem(note);
    }
}

/* The lock says that this process lives, as long as the server has the connection: whose machine is
 * gone, it finds out by itself: by keepalives, or where notes are on the way, which keep those from
 * being sent, by the user timeout. Shared, since it may still have a connection that broke. */
static bool begin_listening(PGconn *pg, int64_t presence)
{
    char text[300];
    snprintf(text, sizeof(text),
             "SET tcp_keepalives_idle = 8; SET tcp_keepalives_interval = 4;"
             "SET tcp_keepalives_count = 2; SET tcp_user_timeout = 15000; LISTEN " AR_PG_CHANNEL
             "; SELECT pg_advisory_lock_shared(%lld)",
             (long long)presence);
    PGresult *result = PQsendQuery(pg, text) ? ar_pg_result(pg, AR_DB_PATIENCE_SECONDS) : NULL;
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    return good;
}

static void *listen_on(void *context)
{
    struct ar_pg_listener *listener = context;
    struct ar_pg *db = listener->db;
    int pause = 0;
    while (wait_readable(listener, -1, pause)) {
        PGconn *pg = NULL;
        pause = pause ? pause * 2 : FIRST_PAUSE;
        pause = pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
        if (ar_pg_connect(db, NULL, &pg)) {
            continue;
        }
        if (begin_listening(pg, ar_db_presence(&db->base))) {
            pause = 0;
            ar_db_tell(&db->base, AR_STR("")); /* what was noted before this is not known */
            tell_all(db, pg);
        }
        while (!pause && wait_readable(listener, PQsocket(pg), -1)) {
            if (!PQconsumeInput(pg)) {
                pause = FIRST_PAUSE;
            }
            tell_all(db, pg);
        }
        PQfinish(pg);
    }
    return NULL;
}

enum arras_status ar_pg_listen(struct ar_db *base, bool on, struct ar_diags *diags)
{
    struct ar_pg *db = (struct ar_pg *)base;
    struct ar_pg_listener *listener = &db->listener;
    if (!on) {
        if (listener->started) {
            eventfd_write(listener->stop_fd, 1);
            pthread_join(listener->thread, NULL);
            close(listener->stop_fd);
        }
        listener->started = false;
        return ARRAS_OK;
    }
    listener->db = db;
    listener->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int trouble = listener->stop_fd < 0 ? errno : 0;
    if (!trouble) {
        trouble = pthread_create(&listener->thread, NULL, listen_on, listener);
    }
    if (trouble) {
        return ar_error(diags, ARRAS_IO, "database", NULL, 0, "cannot wait for notes: %s",
                        strerror(trouble));
    }
    listener->started = true;
    return ARRAS_OK;
}
