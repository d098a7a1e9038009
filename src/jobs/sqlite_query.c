#include "jobs/sqlite.h"

void ar_sqlite_lock(struct ar_sqlite *db)
{
    pthread_mutex_lock(&db->lock);
}

enum arras_status ar_sqlite_unlock(struct ar_sqlite *db, enum arras_status status)
{
    pthread_mutex_unlock(&db->lock);
    return status;
}

enum arras_status ar_sqlite_error(struct ar_sqlite *db, int code, struct ar_diags *diags)
{
    if (code == SQLITE_NOMEM) {
        return ar_no_memory(diags);
    }
    if ((code & 0xff) == SQLITE_CONSTRAINT) {
        return ARRAS_CONFLICT;
    }
    return ar_error(diags, ARRAS_IO, "database", NULL, 0, "the database '%s': %s", db->path,
                    sqlite3_errmsg(db->db));
}

enum arras_status ar_sqlite_run(struct ar_sqlite *db, const char *sql, struct ar_diags *diags)
{
    int code = sqlite3_exec(db->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? ARRAS_OK : ar_sqlite_error(db, code, diags);
}

enum arras_status ar_sqlite_finish(struct ar_sqlite *db, enum arras_status status,
                                   struct ar_diags *diags)
{
    if (status == ARRAS_OK) {
        status = ar_sqlite_run(db, "COMMIT", diags);
    }
    if (status && !sqlite3_get_autocommit(db->db)) {
        sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

enum arras_status ar_sqlite_durable(struct ar_sqlite *db, bool durable, struct ar_diags *diags)
{
    if (db->durable == durable) {
        return ARRAS_OK;
    }
    enum arras_status status =
        ar_sqlite_run(db, durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", diags);
    if (status == ARRAS_OK) {
        db->durable = durable;
    }
    return status;
}

static void fail(struct ar_query *query, int code)
{
    if (!query->status) {
        query->status = ar_sqlite_error(query->db, code, query->diags);
    }
}

void ar_query_begin(struct ar_query *query, struct ar_sqlite *db, const char *sql,
                    struct ar_diags *diags)
{
    *query = (struct ar_query){.db = db, .diags = diags};
    size_t i = 0;
    while (i < AR_SQLITE_STATEMENTS && db->kept[i].sql && db->kept[i].sql != sql) {
        i++;
    }
    if (i == AR_SQLITE_STATEMENTS) {
        query->status = ar_error(diags, ARRAS_LIMIT, "database", NULL, 0,
                                 "more than %d kinds of statement", AR_SQLITE_STATEMENTS);
        return;
    }
    if (!db->kept[i].sql) {
        int code = sqlite3_prepare_v3(db->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                      &db->kept[i].statement, NULL);
        if (code != SQLITE_OK) {
            fail(query, code);
            return;
        }
        db->kept[i].sql = sql;
    }
    query->statement = db->kept[i].statement;
}

static void check_bound(struct ar_query *query, int code)
{
    if (code != SQLITE_OK) {
        fail(query, code);
    }
}

void ar_query_text(struct ar_query *query, struct arras_str text)
{
    if (!query->status) {
        check_bound(query,
                    sqlite3_bind_text64(query->statement, ++query->bound, text.len ? text.ptr : "",
                                        text.len, SQLITE_STATIC, SQLITE_UTF8));
    }
}

void ar_query_blob(struct ar_query *query, struct arras_str bytes)
{
    if (!query->status) {
        check_bound(query,
                    sqlite3_bind_blob64(query->statement, ++query->bound,
                                        bytes.len ? bytes.ptr : "", bytes.len, SQLITE_STATIC));
    }
}

void ar_query_int(struct ar_query *query, int64_t number)
{
    if (!query->status) {
        check_bound(query, sqlite3_bind_int64(query->statement, ++query->bound, number));
    }
}

bool ar_query_row(struct ar_query *query)
{
    if (query->status) {
        return false;
    }
    int code = sqlite3_step(query->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        fail(query, code);
    }
    return code == SQLITE_ROW;
}

int64_t ar_query_get_int(struct ar_query *query, int column)
{
    return query->status ? 0 : sqlite3_column_int64(query->statement, column);
}

struct arras_str ar_query_get_text(struct ar_query *query, int column, struct ar_arena *arena)
{
    struct arras_str text = {NULL, 0};
    if (query->status) {
        return text;
    }
    const void *bytes = sqlite3_column_blob(query->statement, column);
    text = (struct arras_str){bytes, (size_t)sqlite3_column_bytes(query->statement, column)};
    if (text.len == 0) {
        text.ptr = NULL;
    } else if (!bytes || !ar_str_copy(text, arena, &text)) {
        query->status = ar_no_memory(query->diags);
        text = (struct arras_str){NULL, 0};
    }
    return text;
}

enum arras_status ar_query_end(struct ar_query *query)
{
    if (query->statement) {
        int code = sqlite3_reset(query->statement); /* the commit's own failure shows here */
        if (code != SQLITE_OK) {
            fail(query, code);
        }
        sqlite3_clear_bindings(query->statement);
    }
    return query->status;
}

enum arras_status ar_query_finish(struct ar_query *query, int *ret_changes)
{
    while (ar_query_row(query)) {
    }
    enum arras_status status = ar_query_end(query);
    if (ret_changes) {
        *ret_changes = status ? 0 : sqlite3_changes(query->db->db);
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
