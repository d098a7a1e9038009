#include "jobs/store/db_functions.h"
#include "jobs/store/json_contains.h"
#include "value/json.h"
#include "value/value.h"

static struct arras_str text_of(sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);
    return (struct arras_str){text, text ? (size_t)sqlite3_value_bytes(value) : 0};
}

/* False where it is no JSON, or memory runs out: *ret_status. */
static bool read_json(struct arras_str text, struct ar_arena *arena, struct arras_value *ret,
                      enum arras_status *ret_status)
{
    struct ar_source source = {AR_STR("the store"), text};
    enum arras_status status = text.len ? ar_json_read(&source, arena, NULL, ret) : ARRAS_INVALID;
    *ret_status = status == ARRAS_NO_MEMORY ? status : ARRAS_OK;
    return status == ARRAS_OK;
}

static void answer(sqlite3_context *context, enum arras_status status, bool yes)
{
    if (status) {
        sqlite3_result_error_nomem(context);
    } else {
        sqlite3_result_int(context, yes);
    }
}

static void sql_contains(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct ar_arena arena;
    struct arras_value value, part;
    enum arras_status status;
    (void)count;
    ar_arena_init(&arena, 0);
    bool yes = read_json(text_of(values[0]), &arena, &value, &status) &&
               read_json(text_of(values[1]), &arena, &part, &status) &&
               ar_json_contains(&value, &part);
    answer(context, status, yes);
    ar_arena_release(&arena);
}

/* LIKE with % alone. After a % only the next one can make what came before it right. */
static bool is_like(struct arras_str text, struct arras_str pattern)
{
    size_t at = 0, in = 0, star = AR_NOT_FOUND, from = 0;
    while (at < text.len || in < pattern.len) {
        bool any = in < pattern.len && pattern.ptr[in] == '%';
        size_t literal = in + (in + 1 < pattern.len && pattern.ptr[in] == '\\');
        if (any) {
            star = ++in;
            from = at;
        } else if (at < text.len && in < pattern.len && pattern.ptr[literal] == text.ptr[at]) {
            at++;
            in = literal + 1;
        } else if (star != AR_NOT_FOUND && from < text.len) {
            at = ++from;
            in = star;
        } else {
            return false;
        }
    }
    return true;
}

static bool matches(struct arras_str text, struct arras_str patterns)
{
    bool found = false;
    while (patterns.len && !found) {
        struct arras_str one = ar_str_cut(&patterns, ',');
        found = one.len && is_like(text, one);
    }
    return found;
}

static void sql_matches(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqlite3_result_int(context, matches(text_of(values[0]), text_of(values[1])));
}

static void sql_labelled(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct ar_arena arena;
    struct arras_value labels;
    struct arras_str patterns = text_of(values[1]);
    enum arras_status status;
    bool found = false;
    (void)count;
    ar_arena_init(&arena, 0);
    if (read_json(text_of(values[0]), &arena, &labels, &status)) {
        for (size_t i = 0; ar_item(&labels, i) && !found; i++) {
            found = matches(ar_text(ar_item(&labels, i)), patterns);
        }
    }
    answer(context, status, found);
    ar_arena_release(&arena);
}

int ar_db_functions_sqlite(sqlite3 *db)
{
    static const struct {
        const char *name;
        void (*call)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {AR_DB_CONTAINS, sql_contains},
        {AR_DB_MATCHES, sql_matches},
        {AR_DB_LABELLED, sql_labelled},
    };
    int code = SQLITE_OK;
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions) && code == SQLITE_OK; i++) {
        code =
            sqlite3_create_function_v2(db, functions[i].name, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                       NULL, functions[i].call, NULL, NULL, NULL);
    }
    return code;
}
