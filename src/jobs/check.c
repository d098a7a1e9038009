/* Whether a server could start here, without starting it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "arras/server.h"
#include "jobs/secret.h"
#include "jobs/store/store.h"
#include "jobs/store/store_schema.h"
#include "jobs/sandbox/sandbox.h"
#include "jobs/worker/workers.h"
#include "jobs/schedule/zone.h"
#include "value/pool.h"

struct check {
    const struct arras_server_options *options;
    struct ar_arena arena;
    struct ar_diags diags;
    arras_check_teller *tell;
    void *context;
    bool good;
};

static void tell(struct check *check, bool good, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void tell(struct check *check, bool good, const char *what, const char *format, ...)
{
    struct arras_str text;
    va_list args;
    va_start(args, format);
    if (!ar_str_vprintf(&check->arena, &text, format, args)) {
        text = AR_STR("memory ran out");
        good = false;
    }
    va_end(args);
    check->good = check->good && good;
    check->tell(check->context, good, what, text);
}

static void tell_error(struct check *check, const char *what, enum arras_status status)
{
    const struct arras_diag *error = ar_diags_first_error(&check->diags);
    const struct arras_str text = error ? error->message : ar_str_z(arras_status_meaning(status));
    tell(check, false, what, "%.*s", AR_STR_ARG(text));
    ar_diags_init(&check->diags, &check->arena);
}

static void check_directory(struct check *check)
{
    const char *path = check->options->data;
    struct stat st;
    if (!path) {
        tell(check, true, "data", "a temporary directory");
    } else if (stat(path, &st) < 0 && errno == ENOENT) {
        tell(check, true, "data", "%s will be made", path);
    } else if (stat(path, &st) < 0 || access(path, R_OK | W_OK | X_OK) < 0) {
        tell(check, false, "data", "%s: %s", path, strerror(errno));
    } else if (!S_ISDIR(st.st_mode)) {
        tell(check, false, "data", "%s is no directory", path);
    } else {
        tell(check, true, "data", "%s", path);
    }
}

static void tell_version(struct check *check, const char *name, int64_t version)
{
    const int newest = ar_store_newest_schema();
    tell(check, version <= newest, "database", "%s, schema %lld%s", name, (long long)version,
         version > newest   ? ": a newer version of this program made it"
         : version < newest ? ", will be brought up to date"
                            : "");
}

/* The file with the key; NULL: that of the temporary directory. False: memory ran out. */
static bool key_path(struct check *check, const char **ret)
{
    struct arras_str path = {check->options->key_file, 0};
    bool made = path.ptr || !check->options->data ||
                ar_str_printf(&check->arena, &path, "%s/key", check->options->data);
    *ret = path.ptr;
    return made;
}

/* What the database holds that was sealed with the key of its servers; NOT_FOUND: nothing yet. */
static enum arras_status read_sealed(struct check *check, struct ar_db *db, struct arras_str *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, db, AR_DB_READ, &check->diags);
    ar_query_begin(&query, &tx, "SELECT value FROM setting WHERE name = $1");
    ar_query_text(&query, AR_STR(AR_SETTING_TOKEN));
    bool found = ar_query_row(&query);
    if (found) {
        *ret = ar_query_get_text(&query, 0, &check->arena);
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    return status || found ? status : ARRAS_NOT_FOUND;
}

/* `sealed`: what the key has to open; empty: nothing. */
static void check_key(struct check *check, struct arras_str sealed)
{
    const char *path;
    struct ar_secret_key key;
    struct arras_str text;
    if (!key_path(check, &path)) {
        tell_error(check, "key", ARRAS_NO_MEMORY);
        return;
    }
    if (!path || (access(path, F_OK) && errno == ENOENT)) {
        tell(check, !sealed.len, "key", "%s %s", path ? path : "one",
             sealed.len ? "is missing: copy that of the database's other servers" : "will be made");
        return;
    }
    enum arras_status status = ar_secret_key_load(path, &check->diags, &key);
    if (status) {
        tell_error(check, "key", status);
        return;
    }
    if (sealed.len) {
        status = ar_secret_open(&key, AR_STR(AR_SETTING_TOKEN), sealed, &check->arena, &text);
    }
    explicit_bzero(&key, sizeof(key));
    tell(check, !status, "key", "%s%s", path,
         status       ? " is not that of the database's other servers"
         : sealed.len ? " is that of the database"
                      : "");
}

/* SQLite's own place of the number, in the head of the file: opening it could change files. */
static void check_sqlite(struct check *check)
{
    enum { HEAD = 100, VERSION_AT = 60 };
    unsigned char head[HEAD];
    struct arras_str path;
    if (!check->options->data) {
        tell(check, true, "database", "a new one");
        return;
    }
    if (!ar_str_printf(&check->arena, &path, "%s/arras.db", check->options->data)) {
        tell_error(check, "database", ARRAS_NO_MEMORY);
        return;
    }
    int fd = open(path.ptr, O_RDONLY | O_CLOEXEC);
    int trouble = errno;
    ssize_t len = fd >= 0 ? read(fd, head, HEAD) : -1;
    if (fd >= 0) {
        close(fd);
    }
    if (fd < 0 && trouble == ENOENT) {
        tell(check, true, "database", "%s will be made", path.ptr);
    } else if (fd < 0) {
        tell(check, false, "database", "%s: %s", path.ptr, strerror(trouble));
    } else if (len != 0 && (len < HEAD || memcmp(head, "SQLite format 3", 16) != 0)) {
        tell(check, false, "database", "%s is no SQLite database", path.ptr);
    } else {
        const unsigned char *at = head + VERSION_AT;
        tell_version(check, path.ptr,
                     len ? (int64_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3] : 0);
    }
}

static enum arras_status read_number(struct ar_db *db, const char *sql, struct ar_diags *diags,
                                     int64_t *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, sql);
    *ret = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    return ar_tx_end(&tx, ar_query_end(&query));
}

/* The version of its schema, 0: none yet, and what the key is tried with. */
static enum arras_status read_postgres(struct check *check, struct ar_db *db, int64_t *ret_version,
                                       struct arras_str *ret_sealed)
{
    int64_t tables = 0;
    enum arras_status status =
        read_number(db,
                    "SELECT CAST(count(*) AS BIGINT) FROM pg_class WHERE oid ="
                    " to_regclass('arras_schema')",
                    &check->diags, &tables);
    if (status || !tables) {
        return status;
    }
    status = read_number(db, "SELECT coalesce(max(version), 0) FROM arras_schema", &check->diags,
                         ret_version);
    if (!status) {
        status = read_sealed(check, db, ret_sealed);
    }
    return status == ARRAS_NOT_FOUND ? ARRAS_OK : status;
}

static void check_postgres(struct check *check)
{
    struct ar_db *db;
    int64_t version = 0;
    struct arras_str sealed = AR_STR("");
    enum arras_status status =
        ar_db_open_postgres(check->options->work.database, &check->diags, &db);
    if (status) {
        tell_error(check, "database", status);
        return;
    }
    status = read_postgres(check, db, &version, &sealed);
    if (status) {
        tell_error(check, "database", status);
    } else {
        tell_version(check, ar_db_name(db), version);
        check_key(check, sealed);
    }
    ar_db_close(db);
}

static void check_sandbox(struct check *check)
{
    const struct arras_work_options *work = &check->options->work;
    enum arras_status status = work->no_sandbox || work->no_workers
                                   ? ARRAS_OK
                                   : ar_sandbox_check(work->packages, &check->diags);
    if (status) {
        tell_error(check, "sandbox", status);
    } else {
        tell(check, true, "sandbox", "%s",
             work->no_workers   ? "not needed: no workers"
             : work->no_sandbox ? "none: jobs can do what this user can"
                                : "works");
    }
}

static void check_languages(struct check *check)
{
    static const struct {
        const char *language, *places[2];
    } all[] = {
        {"bash", {"/usr/bin/bash", "/bin/bash"}},
        {"python3", {"/usr/bin/python3", NULL}},
        {"bun, deno, nodejs", {"/usr/bin/node", "/usr/local/bin/node"}},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        const char *const *places = all[i].places;
        const char *found = access(places[0], X_OK) == 0                ? places[0]
                            : places[1] && access(places[1], X_OK) == 0 ? places[1]
                                                                        : NULL;
        /* a server without one of them serves the others */
        tell(check, true, "language", "%s: %s%s", all[i].language, found ? "" : "not here, no ",
             found ? found : places[0]);
    }
}

static void check_zones(struct check *check)
{
    struct ar_zone *zone;
    enum arras_status status =
        ar_zone_open(AR_STR("Europe/Berlin"), &check->arena, &check->diags, &zone);
    if (status) {
        tell_error(check, "time zones", status);
    } else {
        tell(check, true, "time zones", "of this machine");
    }
}

bool arras_server_check(const struct arras_server_options *options, arras_check_teller *teller,
                        void *context)
{
    struct check check = {.options = options, .tell = teller, .context = context, .good = true};
    ar_arena_init(&check.arena, 0);
    ar_diags_init(&check.diags, &check.arena);
    check_directory(&check);
    if (options->work.database) {
        check_postgres(&check);
    } else {
        check_sqlite(&check);
        check_key(&check, AR_STR(""));
    }
    check_sandbox(&check);
    check_languages(&check);
    check_zones(&check);
    ar_arena_release(&check.arena);
    return check.good;
}
