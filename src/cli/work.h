/* What `arras serve` and `arras worker` share: the settings of workers, and the file that tells
 * that they are ready. */
#ifndef AR_CLI_WORK_H
#define AR_CLI_WORK_H

#include "arras/server.h"
#include "options.h"
#include "text.h"

struct ar_work_settings {
    uint64_t workers, warm, grace; /* UINT64_MAX: not given */
    uint64_t job_seconds, job_memory, job_processes, job_log_size, job_result_size, lease;
    uint64_t retention; /* days */
    const char *database, *tags, *group, *name, *sandbox, *network, *packages, *ready_file;
    const char *log_format, *log_level;
};

#define AR_WORK_DEFAULTS                                                                           \
    {                                                                                              \
        .workers = UINT64_MAX, .warm = UINT64_MAX, .grace = UINT64_MAX, .retention = 30            \
    }

/* The entries of an option table, for the struct's member `work`. */
#define AR_WORK_OPTIONS(settings)                                                                  \
    {.name = "db",                                                                                 \
     .kind = AR_OPTION_TEXT,                                                                       \
     .argument = "URL",                                                                            \
     .help = "the PostgreSQL database that servers and workers on any number of machines share, "  \
             "postgres://USER@HOST:PORT/NAME; the password is best given by PGPASSWORD or "        \
             "~/.pgpass",                                                                          \
     .target = offsetof(settings, work.database)},                                                 \
        {.name = "tags",                                                                           \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "A,B",                                                                        \
         .help = "run only jobs with one of these tags, any unless given; a job's tag is its "     \
                 "script's, or its language",                                                      \
         .target = offsetof(settings, work.tags)},                                                 \
        {.name = "group",                                                                          \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "NAME",                                                                       \
         .help = "the group that the workers' names tell, default unless given",                   \
         .target = offsetof(settings, work.group)},                                                \
        {.name = "name",                                                                           \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "NAME",                                                                       \
         .help = "what the workers' names tell besides, the machine's name unless given",          \
         .target = offsetof(settings, work.name)},                                                 \
        {.name = "warm",                                                                           \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "N",                                                                          \
         .help = "sandboxes with an interpreter kept ready for each language that was used in "    \
                 "the last minute, one for each worker unless given; 0: none",                     \
         .target = offsetof(settings, work.warm),                                                  \
         .most = 64},                                                                              \
        {.name = "job-timeout",                                                                    \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "SECONDS",                                                                    \
         .help = "the longest that a job may run, seven days unless given",                        \
         .target = offsetof(settings, work.job_seconds),                                           \
         .least = 1,                                                                               \
         .most = 604800},                                                                          \
        {.name = "lease",                                                                          \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "SECONDS",                                                                    \
         .help = "with --db: how long a worker may give no sign of life before its jobs are run "  \
                 "again, 30 unless given",                                                         \
         .target = offsetof(settings, work.lease),                                                 \
         .least = 1,                                                                               \
         .most = 3600},                                                                            \
        {.name = "grace",                                                                          \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "SECONDS",                                                                    \
         .help = "how long stopping waits for jobs that run; they are ended and queued again "     \
                 "then",                                                                           \
         .target = offsetof(settings, work.grace),                                                 \
         .most = 604800},                                                                          \
        {.name = "log-format",                                                                     \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "text|json",                                                                  \
         .help = "how what happens is told on standard error: name=value (text, unless given) or " \
                 "a JSON object a line",                                                           \
         .target = offsetof(settings, work.log_format)},                                           \
        {.name = "log-level",                                                                      \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "debug|info|warning|error",                                                   \
         .help = "what is told: each request (debug), each job too (info), warnings unless given", \
         .target = offsetof(settings, work.log_level)},                                            \
        {.name = "retention",                                                                      \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "DAYS",                                                                       \
         .help = "after which completed jobs and their logs are deleted, 30 unless given; 0: "     \
                 "never",                                                                          \
         .target = offsetof(settings, work.retention),                                             \
         .most = 36500},                                                                           \
        {.name = "network",                                                                        \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "none|asked|all",                                                             \
         .help =                                                                                   \
             "which sandboxed jobs have this machine's network: none unless given (a job then "    \
             "reaches its server and nothing else), those whose script asks for it by a comment "  \
             "'arras: network' at its beginning, or all",                                          \
         .target = offsetof(settings, work.network)},                                              \
        {.name = "job-memory",                                                                     \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "MIB",                                                                        \
         .help = "the memory that each process of a job may take, 2048 unless given",              \
         .target = offsetof(settings, work.job_memory),                                            \
         .least = 64,                                                                              \
         .most = 1048576},                                                                         \
        {.name = "job-processes",                                                                  \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "N",                                                                          \
         .help = "the processes and threads that a job may have, 256 unless given",                \
         .target = offsetof(settings, work.job_processes),                                         \
         .least = 16,                                                                              \
         .most = 32768},                                                                           \
        {.name = "job-log-size",                                                                   \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "KIB",                                                                        \
         .help = "how much of what a job prints is kept, 10240 unless given",                      \
         .target = offsetof(settings, work.job_log_size),                                          \
         .least = 1,                                                                               \
         .most = 10240},                                                                           \
        {.name = "job-result-size",                                                                \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "KIB",                                                                        \
         .help = "the largest result of a job, 16384 unless given",                                \
         .target = offsetof(settings, work.job_result_size),                                       \
         .least = 1,                                                                               \
         .most = 16384},                                                                           \
        {.name = "packages",                                                                       \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "DIR",                                                                        \
         .help = "a folder with packages that scripts import: DIR/python for Python (pip install " \
                 "--target), DIR/node_modules for Node.js (npm install); what this machine has "   \
                 "unless "                                                                         \
                 "given",                                                                          \
         .target = offsetof(settings, work.packages)},                                             \
    {                                                                                              \
        .name = "sandbox", .kind = AR_OPTION_TEXT, .argument = "bwrap|none",                       \
        .help = "how jobs are kept apart from this machine: bwrap (bubblewrap, what is done "      \
                "unless given), or none: every job can do what this user can",                     \
        .target = offsetof(settings, work.sandbox)                                                 \
    }

/* `grace`: the seconds that stopping waits unless they are given. */
struct arras_work_options ar_work_options(const struct ar_work_settings *given, int64_t grace);
/* Says what a missing sandbox means. */
void ar_work_warn(const struct arras_work_options *options);
/* Removes the file of an earlier start: whoever waits must not read it. NULL: there is none. */
void ar_ready_remove(const char *path);
/* Writes `text`, readable by its owner only, under another name first, so that whoever waits never
 * reads half of it. False: it has been said what is wrong. */
bool ar_ready_write(const char *path, const struct ar_text *text);

#endif
