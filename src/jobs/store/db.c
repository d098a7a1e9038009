#include "jobs/store/db.h"
#include <sys/random.h>
#include "base/limits.h"
#include "jobs/store/db_driver.h"

void ar_db_close(struct ar_db *db)
{
    if (db) {
        db->driver->close(db);
    }
}

const char *ar_db_name(const struct ar_db *db)
{
    return db->name;
}

bool ar_db_shared(const struct ar_db *db)
{
    return db->driver->shared;
}

enum arras_status ar_db_erase_deleted(struct ar_db *db, struct ar_diags *diags)
{
    return db->driver->erase_deleted(db, diags);
}

int64_t ar_db_presence(const struct ar_db *db)
{
    return db->presence;
}

int64_t ar_db_now(struct ar_db *db)
{
    return db->driver->now(db);
}

enum arras_status ar_db_init(struct ar_db *db, const struct ar_db_driver *driver, const char *name)
{
    uint32_t random[2] = {0};
    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        return ARRAS_IO;
    }
    *db = (struct ar_db){.driver = driver,
                         .name = strdup(name),
                         .presence = (int64_t)(random[0] >> 2) << 32 | random[1]};
    if (!db->name || pthread_rwlock_init(&db->listening, NULL) != 0) {
        free(db->name);
        return ARRAS_NO_MEMORY;
    }
    return ARRAS_OK;
}

void ar_db_release(struct ar_db *db)
{
    pthread_rwlock_destroy(&db->listening);
    free(db->name);
}

void ar_db_tell(struct ar_db *db, struct arras_str note)
{
    pthread_rwlock_rdlock(&db->listening);
    if (db->listener) {
        db->listener(db->listener_context, note);
    }
    pthread_rwlock_unlock(&db->listening);
}

enum arras_status ar_db_listen(struct ar_db *db, ar_db_listener listener, void *context,
                               struct ar_diags *diags)
{
    pthread_rwlock_wrlock(&db->listening);
    bool begins = listener && !db->listener, ends = !listener && db->listener;
    db->listener = listener;
    db->listener_context = context;
    pthread_rwlock_unlock(&db->listening);
    return begins || ends ? db->driver->listen(db, begins, diags) : ARRAS_OK;
}

bool ar_db_again(enum arras_status status, int *times)
{
    return status == ARRAS_NETWORK && (*times)++ < AR_DB_REPEATS;
}

struct ar_db_kept *ar_db_kept_find(struct ar_db_kept *kept, const char *sql)
{
    size_t start = ((uintptr_t)sql >> 3) * 2654435761U % AR_DB_STATEMENTS;
    for (size_t i = 0; i < AR_DB_STATEMENTS; i++) {
        struct ar_db_kept *place = &kept[(start + i) % AR_DB_STATEMENTS];
        if (!place->sql || place->sql == sql) {
            return place;
        }
    }
    return NULL;
}

static const char *find_word(const struct ar_db_driver *driver, const char *word, size_t len)
{
    for (size_t i = 0; i < AR_DB_WORDS; i++) {
        const struct ar_db_word *known = &driver->words[i];
        if (strlen(known->word) == len && memcmp(known->word, word, len) == 0) {
            return known->sql;
        }
    }
    return NULL;
}

enum arras_status ar_db_expand(const struct ar_db_driver *driver, const char *sql,
                               struct ar_buf *buf, struct ar_diags *diags)
{
    for (const char *at = sql; *at;) {
        size_t plain = strcspn(at, "{$");
        ar_buf_add(buf, at, plain);
        at += plain;
        if (*at == '$') {
            ar_buf_add_char(buf, driver->parameter);
            at++;
        } else if (*at == '{') {
            size_t len = strcspn(at + 1, "}");
            const char *word = find_word(driver, at + 1, len);
            if (!word) {
                return ar_error(diags, ARRAS_INVALID, "database", NULL, 0, "no word '%.*s' for SQL",
                                (int)len, at + 1);
            }
            ar_buf_add_z(buf, word);
            at += len + 2;
        }
    }
    ar_buf_add_char(buf, '\0');
    enum arras_status status = ar_buf_status(buf);
    return status ? ar_error(diags, status, "database", NULL, 0, "a statement is too long")
                  : status;
}

static void tx_start(struct ar_tx *tx, struct ar_db *db, enum ar_db_mode mode, bool whole,
                     struct ar_diags *diags)
{
    tx->db = db;
    tx->connection = NULL;
    tx->mode = mode;
    tx->whole = whole;
    tx->diags = diags;
    tx->seconds = AR_DB_SECONDS;
    tx->noted = 0;
    tx->status = db->driver->begin(tx);
}

void ar_tx_begin(struct ar_tx *tx, struct ar_db *db, enum ar_db_mode mode, struct ar_diags *diags)
{
    tx_start(tx, db, mode, true, diags);
}

void ar_tx_once(struct ar_tx *tx, struct ar_db *db, enum ar_db_mode mode, struct ar_diags *diags)
{
    tx_start(tx, db, mode, false, diags);
}

enum arras_status ar_tx_end(struct ar_tx *tx, enum arras_status status)
{
    if (!status) {
        status = tx->status;
    }
    if (tx->connection) {
        status = tx->db->driver->end(tx, status);
    }
    for (size_t i = 0; i < tx->noted && !status && !tx->db->driver->shared; i++) {
        ar_db_tell(tx->db, ar_str_z(tx->notes[i]));
    }
    return status;
}

void ar_tx_notify(struct ar_tx *tx, char kind, struct arras_str id)
{
    if (tx->noted < AR_DB_NOTES) {
        size_t most = AR_DB_NOTE_SIZE - 2, len = id.len < most ? id.len : most;
        snprintf(tx->notes[tx->noted++], AR_DB_NOTE_SIZE, "%c%.*s", kind, (int)len, id.ptr);
    }
}

enum arras_status ar_tx_run(struct ar_tx *tx, const char *sql)
{
    if (tx->status) {
        return tx->status;
    }
    struct ar_buf buf;
    ar_buf_init(&buf, AR_SQL_SIZE);
    tx->status = ar_db_expand(tx->db->driver, sql, &buf, tx->diags);
    if (!tx->status) {
        tx->status = tx->db->driver->run(tx, buf.ptr);
    }
    ar_buf_release(&buf);
    return tx->status;
}

static void fail(struct ar_query *query, enum arras_status status)
{
    if (status && !query->status) {
        query->status = status;
        query->tx->status = status;
    }
}

void ar_query_begin(struct ar_query *query, struct ar_tx *tx, const char *sql)
{
    query->tx = tx;
    query->sql = sql;
    query->status = tx->status;
    query->started = false;
    query->bound = 0;
    query->statement = NULL;
    query->row = query->rows = 0;
}

static void bind(struct ar_query *query, struct ar_parameter parameter)
{
    if (query->status) {
        return;
    }
    if (query->bound == AR_QUERY_PARAMETERS) {
        fail(query, ar_error(query->tx->diags, ARRAS_LIMIT, "database", NULL, 0,
                             "more than %d parameters in a statement", AR_QUERY_PARAMETERS));
        return;
    }
    if (parameter.bytes.len == 0) {
        parameter.bytes.ptr = "";
    }
    query->parameters[query->bound++] = parameter;
}

void ar_query_text(struct ar_query *query, struct arras_str text)
{
    if (!query->status && ar_str_find_char(text, '\0', 0) != AR_NOT_FOUND) {
        fail(query, ar_error(query->tx->diags, ARRAS_INVALID, "database", NULL, 0,
                             "a NUL character in a text that is a name"));
    }
    bind(query, (struct ar_parameter){.type = AR_PARAMETER_TEXT, .bytes = text});
}

void ar_query_data(struct ar_query *query, struct arras_str text)
{
    bind(query, (struct ar_parameter){.type = AR_PARAMETER_DATA, .bytes = text});
}

void ar_query_blob(struct ar_query *query, struct arras_str bytes)
{
    bind(query, (struct ar_parameter){.type = AR_PARAMETER_BLOB, .bytes = bytes});
}

void ar_query_int(struct ar_query *query, int64_t number)
{
    bind(query, (struct ar_parameter){.type = AR_PARAMETER_INT, .number = number});
}

bool ar_query_row(struct ar_query *query)
{
    const struct ar_db_driver *driver = query->tx->db->driver;
    if (!query->status && !query->started) {
        query->started = true;
        fail(query, driver->start(query));
    }
    if (query->status) {
        return false;
    }
    enum arras_status status = driver->row(query);
    if (status == ARRAS_NOT_FOUND) {
        return false;
    }
    fail(query, status);
    return status == ARRAS_OK;
}

int64_t ar_query_get_int(struct ar_query *query, int column)
{
    return query->status ? 0 : query->tx->db->driver->get_int(query, column);
}

struct arras_str ar_query_get_bytes(struct ar_query *query, int column)
{
    return query->status ? (struct arras_str){NULL, 0}
                         : query->tx->db->driver->get_bytes(query, column);
}

struct arras_str ar_query_get_text(struct ar_query *query, int column, struct ar_arena *arena)
{
    struct arras_str bytes = ar_query_get_bytes(query, column), text = {NULL, 0};
    if (bytes.len && (!bytes.ptr || !ar_str_copy(bytes, arena, &text))) {
        fail(query, ar_no_memory(query->tx->diags));
        return (struct arras_str){NULL, 0};
    }
    return text;
}

static enum arras_status end(struct ar_query *query, int *ret_changes)
{
    if (query->started) {
        fail(query, query->tx->db->driver->finish(query, ret_changes));
        query->started = false;
    }
    return query->status;
}

enum arras_status ar_query_end(struct ar_query *query)
{
    int changes;
    return end(query, &changes);
}

enum arras_status ar_query_finish(struct ar_query *query, int *ret_changes)
{
    int changes = 0;
    while (ar_query_row(query)) {
    }
    enum arras_status status = end(query, &changes);
    if (ret_changes) {
        *ret_changes = status ? 0 : changes;
    }
    return status;
}

void ar_query_bind_record(struct ar_query *query, const struct ar_column *columns, size_t count,
                          const void *record)
{
    for (size_t i = 0; i < count; i++) {
        const char *field = (const char *)record + columns[i].offset;
        switch (columns[i].type) {
        case AR_COLUMN_TEXT:
            ar_query_text(query, *(const struct arras_str *)field);
            break;
        case AR_COLUMN_DATA:
            ar_query_data(query, *(const struct arras_str *)field);
            break;
        case AR_COLUMN_INT64:
            ar_query_int(query, *(const int64_t *)field);
            break;
        case AR_COLUMN_INT:
            ar_query_int(query, *(const int *)field);
            break;
        case AR_COLUMN_BOOL:
            ar_query_int(query, *(const bool *)field);
            break;
        }
    }
}

void ar_query_get_record(struct ar_query *query, const struct ar_column *columns, size_t count,
                         struct ar_arena *arena, void *ret)
{
    for (size_t i = 0; i < count; i++) {
        char *field = (char *)ret + columns[i].offset;
        switch (columns[i].type) {
        case AR_COLUMN_TEXT:
        case AR_COLUMN_DATA:
            *(struct arras_str *)field = ar_query_get_text(query, (int)i, arena);
            break;
        case AR_COLUMN_INT64:
            *(int64_t *)field = ar_query_get_int(query, (int)i);
            break;
        case AR_COLUMN_INT:
            *(int *)field = (int)ar_query_get_int(query, (int)i);
            break;
        case AR_COLUMN_BOOL:
            *(bool *)field = ar_query_get_int(query, (int)i) != 0;
            break;
        }
    }
}

enum arras_status ar_query_one(struct ar_query *query, const struct ar_column *columns,
                               size_t count, struct ar_arena *arena, void *ret)
{
    bool found = ar_query_row(query);
    if (found) {
        ar_query_get_record(query, columns, count, arena, ret);
    }
    enum arras_status status = ar_query_end(query);
    return status || found ? status : ARRAS_NOT_FOUND;
}

static enum arras_status migrate(struct ar_db *db, const char *const *migrations, int count,
                                 struct ar_diags *diags)
{
    struct ar_tx tx;
    int64_t version = 0;
    ar_tx_begin(&tx, db, AR_DB_DURABLE, diags);
    enum arras_status status = tx.status;
    if (!status) {
        status = db->driver->begin_migration(&tx, &version);
    }
    if (!status && version > count) {
        status =
            ar_error(diags, ARRAS_UNSUPPORTED, "database", NULL, 0,
                     "the database '%s' was written by a newer version of this program (schema "
                     "%lld, known up to %d)",
                     db->name, (long long)version, count);
    }
    for (int64_t i = version; i < count && !status; i++) {
        status = ar_tx_run(&tx, migrations[i]);
    }
    if (!status && version < count) {
        status = db->driver->set_version(&tx, count);
    }
    return ar_tx_end(&tx, status);
}

/* Again where the connection broke: what was migrated by then is found so. */
enum arras_status ar_db_migrate(struct ar_db *db, const char *const *migrations, int count,
                                struct ar_diags *diags)
{
    enum arras_status status;
    int times = 0;
    do {
        status = migrate(db, migrations, count, diags);
    } while (ar_db_again(status, &times));
    return status;
}
