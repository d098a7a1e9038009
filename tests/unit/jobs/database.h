/* Where a test's data is: on SQLite in a file; on PostgreSQL, where ARRAS_TEST_POSTGRES has the URL
 * of a database (tests/jobs/postgres.py), in a schema. The same tests run on both. */
#ifndef AR_TEST_DATABASE_H
#define AR_TEST_DATABASE_H

#include <libpq-fe.h>
#include <stdio.h>
#include "unit/harness.h"

enum { TEST_DATABASE_LENGTH = 256 };

static inline bool test_on_postgres(void)
{
    return getenv("ARRAS_TEST_POSTGRES") != NULL;
}

/* Statements in the database of all the tests. */
static inline void test_postgres_run(const char *sql)
{
    PGconn *pg = PQconnectdb(getenv("ARRAS_TEST_POSTGRES"));
    PQclear(PQexec(pg, "SET client_min_messages = error"));
    PGresult *result = PQexec(pg, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(pg));
    }
    PQclear(result);
    PQfinish(pg);
}

/* A new, empty one for ar_store_open: a file in `directory`, or a schema. */
static inline void test_database_new(const char *directory, char name[TEST_DATABASE_LENGTH])
{
    static int number;
    char sql[64];
    number++;
    if (!test_on_postgres()) {
        snprintf(name, TEST_DATABASE_LENGTH, "%s/%d.db", directory, number);
        return;
    }
    snprintf(sql, sizeof(sql), "CREATE SCHEMA t%d", number);
    test_postgres_run(sql);
    snprintf(name, TEST_DATABASE_LENGTH, "%s?options=-csearch_path%%3Dt%d",
             getenv("ARRAS_TEST_POSTGRES"), number);
}

#endif
