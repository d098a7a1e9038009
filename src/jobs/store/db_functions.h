/* What SQL texts ask of JSON and of patterns: functions that PostgreSQL gets by a migration and
 * SQLite from here.
 *
 * {contains}(value, part), both {data}: JSON that holds the other one: of an object its members, of
 * an array its items, in whatever order; what is neither is equal. {matches}(text, patterns): one
 * of ",a,b," is like the text; % is any text, \ takes the next character as it is.
 * {labelled}(labels, patterns): {matches} of one in a JSON array of strings ('' is an empty one).
 */
#ifndef AR_JOBS_DB_FUNCTIONS_H
#define AR_JOBS_DB_FUNCTIONS_H

#include <sqlite3.h>

#define AR_DB_CONTAINS "arras_contains"
#define AR_DB_MATCHES "arras_matches"
#define AR_DB_LABELLED "arras_labelled"

/* jsonb has no \u0000, which is U+FFFD here. What jsonb cannot hold contains nothing. */
#define AR_DB_FUNCTIONS_POSTGRES                                                                   \
    "CREATE FUNCTION " AR_DB_CONTAINS "(value bytea, part bytea) RETURNS boolean"                  \
    " LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN"                                                     \
    " RETURN replace(convert_from(value, 'UTF8'), '\\u0000', '\\ufffd')::jsonb @>"                 \
    " replace(convert_from(part, 'UTF8'), '\\u0000', '\\ufffd')::jsonb;"                           \
    " EXCEPTION WHEN data_exception THEN RETURN false; END $f$;"                                   \
    "CREATE FUNCTION " AR_DB_MATCHES "(value text, patterns text) RETURNS boolean"                 \
    " LANGUAGE sql IMMUTABLE AS $f$"                                                               \
    " SELECT value LIKE ANY (string_to_array(trim(BOTH ',' FROM patterns), ',')) $f$;"             \
    "CREATE FUNCTION " AR_DB_LABELLED "(labels text, patterns text) RETURNS boolean"               \
    " LANGUAGE sql IMMUTABLE AS $f$ SELECT EXISTS (SELECT 1 FROM jsonb_array_elements_text("       \
    "replace(CASE labels WHEN '' THEN '[]' ELSE labels END, '\\u0000', '\\ufffd')::jsonb)"         \
    " AS one (label) WHERE label LIKE ANY (string_to_array(trim(BOTH ',' FROM patterns), ',')))"   \
    " $f$;"

/* A code of SQLite. */
int ar_db_functions_sqlite(sqlite3 *db);

#endif
