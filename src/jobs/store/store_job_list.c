#include "base/limits.h"
#include "jobs/store/db_functions.h"
#include "jobs/store/store_jobs.h"

/* One of the names of a list, or none of them. */
#define NAMES(list, negated, column)                                                               \
    " AND (" list " = '' OR CASE WHEN {instr}(" list ", ',' || " column                            \
    " || ',') > 0 THEN 1 ELSE 0 END <> " negated ")"
#define AFTER(parameter, column) " AND (" parameter " = 0 OR " column " > " parameter ")"
#define BEFORE(parameter, column)                                                                  \
    " AND (" parameter " = 0 OR (" column " > 0 AND " column " <= " parameter "))"
/* As NAMES, of patterns: `function` compares the column with them. */
#define PATTERNS(function, list, column, negated)                                                  \
    " AND (" list " = '' OR CASE WHEN " function "(" column ", " list                              \
    ") THEN 1 ELSE 0 END <> " negated ")"
#define YES(condition) "CASE WHEN " condition " THEN 1 ELSE 0 END"

/* What ar_job_filter says, in the order of bind_filter. `workspace` and `half` are conditions that
 * an index answers: that is why there is a text for each. */
/* clang-format off */
#define WHERE(workspace, half)                                                                     \
    " FROM job WHERE " workspace half                                                              \
    NAMES("$2", "$3", "script_path") NAMES("$4", "$5", "created_by") NAMES("$6", "$7", "worker")   \
    NAMES("$8", "$9", "tag") NAMES("$10", "$11", "kind") NAMES("$12", "$13", "CAST(state AS TEXT)") \
    " AND ($14 = '' OR script_hash = $14) AND ($15 = '' OR parent_job = $15)"                      \
    " AND ($16 = '' OR schedule_path = $16)"                                                       \
    " AND ($17 = 0 OR CASE schedule_path WHEN '' THEN -1 ELSE 1 END = $17)"                        \
    " AND ($18 = 0 OR parent_job = '')"                                                            \
    " AND ($19 < 0 OR state = $19) AND ($20 < 0 OR " YES("state > 1") " = $20)"                    \
    " AND ($21 < 0 OR (state > 1 AND " YES("state = 2") " = $21))"                                 \
    AFTER("$22", "created_at") BEFORE("$23", "created_at")                                         \
    AFTER("$24", "started_at") BEFORE("$25", "started_at")                                         \
    AFTER("$26", "completed_at") BEFORE("$27", "completed_at")                                     \
    " AND (state > 1 OR ($28 = 0 OR created_at > $28))"                                            \
    " AND (state > 1 OR ($29 = 0 OR created_at <= $29))"                                           \
    BEFORE("$30", "scheduled_for")                                                                 \
    " AND ($31 = 0 OR (state = 0 AND scheduled_for <= $31))"                                       \
    " AND ($32 = '' OR permissioned_as = 'u/' || $32 OR (hidden = 0"                               \
    " AND {instr}($33, ',' || substr(script_path, 1,"                                              \
    " 2 + {instr}(substr(script_path, 3), '/')) || ',') > 0))"                                     \
    PATTERNS(AR_DB_MATCHES, "$34", "script_path", "$35") PATTERNS(AR_DB_MATCHES, "$36", "worker", "$37")   \
    PATTERNS(AR_DB_MATCHES, "$38", "tag", "$39") PATTERNS(AR_DB_LABELLED, "$40", "labels", "$41")          \
    " AND ($42 = '' OR {instr}(lower(script_path || '\n' || tag || '\n' || schedule_path || '\n'"  \
    " || labels || CASE schedule_path WHEN '' THEN '' ELSE '\nschedule' END), $42) > 0)"    \
    " AND ($43 = 0 OR " AR_DB_CONTAINS "(args, $44))"                                              \
    " AND ($45 = 0 OR " AR_DB_CONTAINS "(result, $46))"
/* clang-format on */

static void bind_names(struct ar_query *query, const struct ar_job_names *names)
{
    ar_query_text(query, names->list);
    ar_query_int(query, names->negated);
}

static void bind_json(struct ar_query *query, struct arras_str json)
{
    ar_query_int(query, json.len > 0);
    ar_query_data(query, json);
}

static void bind_filter(struct ar_query *query, const struct ar_job_filter *f)
{
    const struct ar_job_names *const names[] = {&f->script_path, &f->created_by, &f->worker,
                                                &f->tag,         &f->kind,       &f->state};
    const struct ar_job_names *const patterns[] = {&f->like_script_path, &f->like_worker,
                                                   &f->like_tag, &f->like_label};
    const struct arras_str texts[] = {f->script_hash, f->parent_job, f->schedule_path};
    const int64_t numbers[] = {f->scheduled,       f->has_null_parent,  f->running,
                               f->completed,       f->success,          f->created_after,
                               f->created_before,  f->started_after,    f->started_before,
                               f->completed_after, f->completed_before, f->queued_after,
                               f->queued_before,   f->due_before,       f->position_before};
    ar_query_text(query, f->workspace);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        bind_names(query, names[i]);
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        ar_query_text(query, texts[i]);
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        ar_query_int(query, numbers[i]);
    }
    ar_query_text(query, f->viewer);
    ar_query_text(query, f->viewer_paths);
    for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
        bind_names(query, patterns[i]);
    }
    ar_query_text(query, f->anywhere);
    bind_json(query, f->args);
    bind_json(query, f->result);
}

#define ONE "workspace = $1"
#define ALL "$1 = ''"
#define OPEN " AND state <= 1"
#define ENDED " AND state > 1"
#define LIST(workspace, half, order)                                                               \
    "SELECT " AR_JOB_BRIEF WHERE(workspace, half) " ORDER BY " order " LIMIT $47 OFFSET $48"
#define LISTS(workspace, half, first)                                                              \
    {                                                                                              \
        LIST(workspace, half, first "created_at DESC, id DESC"),                                   \
            LIST(workspace, half, first "created_at, id")                                          \
    }

enum half { HALF_BOTH, HALF_OPEN, HALF_ENDED };

static enum half half_of(const struct ar_job_filter *filter)
{
    bool ended = filter->completed == 1 || filter->success >= 0 || filter->completed_after;
    bool open = filter->completed == 0 || filter->running >= 0 || filter->position_before;
    return ended ? HALF_ENDED : open ? HALF_OPEN : HALF_BOTH;
}

/* By workspace (one, all), half, and order (newest first, oldest first). */
static const char *const LIST_SQL[2][3][2] = {
    {LISTS(ONE, "", "(state > 1), "), LISTS(ONE, OPEN, ""), LISTS(ONE, ENDED, "")},
    {LISTS(ALL, "", "(state > 1), "), LISTS(ALL, OPEN, ""), LISTS(ALL, ENDED, "")},
};

#define COUNT(workspace, half) "SELECT count(*)" WHERE(workspace, half)

static const char *const COUNT_SQL[2][3] = {
    {COUNT(ONE, ""), COUNT(ONE, OPEN), COUNT(ONE, ENDED)},
    {COUNT(ALL, ""), COUNT(ALL, OPEN), COUNT(ALL, ENDED)},
};

enum arras_status ar_store_job_list(struct ar_store *store, const struct ar_job_filter *filter,
                                    struct ar_arena *arena, struct ar_diags *diags,
                                    struct ar_job_list *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    struct ar_job_list jobs = {0};
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   LIST_SQL[filter->workspace.len == 0][half_of(filter)][filter->oldest_first]);
    bind_filter(&query, filter);
    ar_query_int(&query,
                 (int64_t)(filter->limit < AR_JOB_LIST_MOST ? filter->limit : AR_JOB_LIST_MOST));
    ar_query_int(&query, filter->skip > INT64_MAX ? INT64_MAX : (int64_t)filter->skip);
    while (ar_query_row(&query)) {
        struct ar_job job = {0};
        ar_query_get_record(&query, ar_job_columns, AR_JOB_BRIEF_COUNT, arena, &job);
        if (!query.status && !ar_vec_push(arena, &jobs.list, job)) {
            query.status = ar_no_memory(diags);
        }
    }
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = jobs;
    }
    return status;
}

enum arras_status ar_store_job_count(struct ar_store *store, const struct ar_job_filter *filter,
                                     struct ar_diags *diags, int64_t *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx, COUNT_SQL[filter->workspace.len == 0][half_of(filter)]);
    bind_filter(&query, filter);
    int64_t count = ar_query_row(&query) ? ar_query_get_int(&query, 0) : 0;
    enum arras_status status = ar_tx_end(&tx, ar_query_end(&query));
    if (status == ARRAS_OK) {
        *ret = count;
    }
    return status;
}

/* Rows of a tag and a number. */
static enum arras_status take_counts(struct ar_tx *tx, struct ar_query *query,
                                     struct ar_arena *arena, struct ar_tag_counts *ret)
{
    struct ar_tag_counts counts = {0};
    while (ar_query_row(query)) {
        const struct ar_tag_count count = {ar_query_get_text(query, 0, arena),
                                           ar_query_get_int(query, 1)};
        if (!query->status && !ar_vec_push(arena, &counts.list, count)) {
            query->status = ar_no_memory(tx->diags);
        }
    }
    enum arras_status status = ar_tx_end(tx, ar_query_end(query));
    if (status == ARRAS_OK) {
        *ret = counts;
    }
    return status;
}

enum arras_status ar_store_job_count_by_tag(struct ar_store *store, struct arras_str workspace,
                                            int64_t since, struct ar_arena *arena,
                                            struct ar_diags *diags, struct ar_tag_counts *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   "SELECT tag, count(*) FROM job WHERE state > 1 AND completed_at > $1"
                   " AND ($2 = '' OR workspace = $2) GROUP BY tag ORDER BY tag");
    ar_query_int(&query, since);
    ar_query_text(&query, workspace);
    return take_counts(&tx, &query, arena, ret);
}

/* Of each an index holds the jobs. */
enum arras_status ar_store_job_count_open_by_tag(struct ar_store *store, bool running, int64_t now,
                                                 struct ar_arena *arena, struct ar_diags *diags,
                                                 struct ar_tag_counts *ret)
{
    struct ar_tx tx;
    struct ar_query query;
    ar_tx_once(&tx, store->db, AR_DB_READ, diags);
    ar_query_begin(&query, &tx,
                   running ? "SELECT tag, count(*) FROM job WHERE state = 1 AND started_at <= $1"
                             " GROUP BY tag ORDER BY tag"
                           : "SELECT tag, count(*) FROM job WHERE state = 0"
                             " AND scheduled_for <= $1 GROUP BY tag ORDER BY tag");
    ar_query_int(&query, running ? INT64_MAX : now);
    return take_counts(&tx, &query, arena, ret);
}

enum arras_status ar_store_job_label(struct ar_store *store, struct arras_str id,
                                     struct arras_str labels, struct ar_diags *diags)
{
    struct ar_tx tx;
    struct ar_query query;
    int changes = 0;
    ar_tx_once(&tx, store->db, AR_DB_FAST, diags);
    ar_query_begin(&query, &tx, "UPDATE job SET labels = $1 WHERE id = $2");
    ar_query_text(&query, labels);
    ar_query_text(&query, id);
    enum arras_status status = ar_query_finish(&query, &changes);
    return ar_tx_end(&tx, status || changes ? status : ARRAS_NOT_FOUND);
}
