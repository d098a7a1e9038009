/* Every cap in one place. What outside data can drive stops at one of these; a flag or a setting
 * moves those that a user would want to move, and says so here. Sizes in bytes. */
#ifndef AR_BASE_LIMITS_H
#define AR_BASE_LIMITS_H

/* memory of one lifetime (a document, a run, a request) */
#define AR_ARENA_LIMIT ((size_t)4 << 30)

/* documents */
#define AR_DOCUMENT_SIZE ((size_t)64 << 20) /* an Arazzo or OpenAPI file, any JSON or YAML text */
#define AR_NESTING_DEPTH 512                /* of a JSON or YAML text, and of every walk over one */
#define AR_ALIAS_NODES 1000000              /* values that YAML aliases of one document may add */
#define AR_RADIX_DIGITS 128                 /* of a hexadecimal or octal number in YAML */
#define AR_YAML_INDICATORS 250000 /* [ ] { } , : ? & * ! on one line: libfyaml keeps them all */
#define AR_YAML_MENDS 100         /* empty items of unindented sequences, see yaml.c */
#define AR_YAML_MEND_WORK ((size_t)64 << 20) /* bytes read again because of them */
#define AR_OBJECT_INDEX 16                   /* members above which an object gets a hash index */
#define AR_SOURCE_CANDIDATES 4096            /* directory entries looked at for a moved source */
#define AR_SOURCE_DIRECTORY_DEPTH 4          /* and how far below it is looked for */
#define AR_SOURCE_SHOWN 5                    /* of several files found, those that are named */
#define AR_FETCH_COUNT 500       /* documents and redirects that one loading reads by HTTP */
#define AR_FETCH_SECONDS 120     /* and the time it may take for them all */
#define AR_FETCH_CACHE_FILES 500 /* kept on disk; beyond it the oldest is removed */

/* diagnostics */
#define AR_DIAG_COUNT 1000  /* more of one reading or run are counted, not kept */
#define AR_DIAG_EXCERPT 160 /* bytes of a source line shown */

/* workflows */
#define AR_REPLACEMENT_PLACES 1000 /* of one payload replacement, by JSONPath */
#define AR_INPUT_PARTS 256         /* schemas that one of inputs is made of, by allOf and $ref */

/* queries */
#define AR_QUERY_LENGTH ((size_t)1 << 20) /* of a JSONPath, XPath or expression text */
#define AR_QUERY_DEPTH 128                /* nesting within one */
#define AR_QUERY_STEPS 10000000           /* nodes visited by one evaluation */
#define AR_QUERY_NODES 1000000            /* nodes kept by one evaluation */
#define AR_XPATH_LENGTH 8192              /* of an XPath expression */
#define AR_XML_NODES 1000000              /* elements, attributes and the rest of an XML text */
#define AR_XML_ATTRIBUTES 1000            /* of one element */
#define AR_CONDITION_LENGTH 8192          /* of a simple condition; bounds its nesting too */
#define AR_REGEX_LENGTH 65536
#define AR_REGEX_MATCH_LIMIT 1000000 /* PCRE2's own units */
#define AR_REGEX_DEPTH_LIMIT 10000
#define AR_REGEX_HEAP_KIB 20000
#define AR_SCHEMA_DEPTH 256     /* schema applications within each other */
#define AR_SCHEMA_ERRORS 100    /* kept of one validation */
#define AR_SCHEMA_PROBLEMS 2000 /* worded on the way there, those of alternatives included */
#define AR_SCHEMA_STEPS 20000000
#define AR_SCHEMA_DOCUMENTS 1000   /* loaded for the references of one schema */
#define AR_SCHEMA_DEFAULTS 1000000 /* values filled in by one call */
#define AR_REF_CHAIN 100           /* $ref to $ref */

#define AR_WORKFLOW_STEPS 2000 /* of one workflow, as written */

/* runs: --max-steps, --timeout, --deadline move the first three */
#define AR_RUN_STEPS 10000
#define AR_REQUEST_SECONDS 30
#define AR_CONNECT_SECONDS 10
#define AR_RUN_DEPTH 32 /* workflows within workflows */
#define AR_RETRY_LIMIT 10000
#define AR_TOKEN_REQUESTS 16       /* for the credentials of one attempt at a step */
#define AR_TOKEN_MARGIN_SECONDS 30 /* before it expires a token is not used any more */
#define AR_TOKEN_SECONDS (10L * 365 * 24 * 3600) /* the longest that one is taken to last */
#define AR_RESPONSE_SIZE ((size_t)64 << 20)
#define AR_SAVED_SIZE ((uint64_t)64 << 30) /* of a response that goes to a file */
#define AR_RESPONSE_HEADERS 256
#define AR_HEADER_SIZE 65536
#define AR_REDIRECTS 10
#define AR_URL_LENGTH 65536
#define AR_REQUEST_BODY ((size_t)64 << 20) /* what is in memory of it; files are not */
#define AR_MULTIPART_DEPTH 4               /* multipart bodies within each other */

/* HTTP client */
#define AR_CLIENT_CONNECTIONS 512 /* open at once; further requests wait for one */
#define AR_CLIENT_HANDLES 64      /* kept for reuse */
#define AR_CLIENT_IDLE_SECONDS                                                                     \
    4 /* an older one is not reused: common servers close theirs at 5                              \
       */

/* HTTP server */
#define AR_SERVER_BODY ((size_t)64 << 20)
#define AR_SERVER_CONNECTIONS 1000
#define AR_SERVER_IDLE_SECONDS 60
#define AR_SERVER_BODIES ((size_t)512 << 20) /* bodies of all requests that are being received */
#define AR_SERVER_REQUEST_MEMORY ((size_t)1 << 30) /* what answering one request may take */
#define AR_SERVER_STREAM_BLOCK 16384
#define AR_SERVER_STOP_SECONDS 5 /* how long stopping waits for clients to take their answers */

/* jobs: settings of the job server move these */
#define AR_JOB_SECONDS (7 * 24 * 3600) /* the longest a job may run */
#define AR_JOB_MEMORY ((size_t)2 << 30)
#define AR_JOB_PROCESSES 256
#define AR_JOB_SPARES 64        /* sandboxes that wait for a job, for each language */
#define AR_JOB_SPARE_SECONDS 60 /* without a job of a language, after which none waits */
#define AR_JOB_FILES 1024       /* open files */
#define AR_JOB_FILE_SIZE ((size_t)1 << 30)
#define AR_JOB_DIRECTORY_SIZE ((size_t)1 << 30) /* a job's directory and /tmp, in memory */
#define AR_JOB_LOG_SIZE ((size_t)10 << 20)
#define AR_JOB_RESULT_SIZE ((size_t)16 << 20)
#define AR_JOB_KILL_MILLISECONDS 500 /* between asking a process group to end and making it */
#define AR_JOB_CONNECTIONS 16        /* to the server, of one job at a time */
#define AR_RELAY_CONNECTIONS 1024    /* of all jobs of a worker, to a server elsewhere */
#define AR_RELAY_BUFFER 16384        /* for each direction of one */
#define AR_RELAY_IDLE_SECONDS 900    /* that one is kept without a byte: longer than an answer */
#define AR_RELAY_LINGER_SECONDS 5    /* until the job has read the end of an answer */
#define AR_JOB_TOKEN_SECONDS 60      /* that a token is good beyond the time that its job may run */
#define AR_JOB_LOG_BATCH 65536       /* bytes of log after which they are stored */
#define AR_JOB_LOG_MILLISECONDS 250  /* and the time after which fewer are */
#define AR_JOB_ATTEMPTS 5 /* starts of a job that the machine cannot run, before it fails */
#define AR_JOB_LOST 3     /* times that a job's worker dies before the job fails */
#define AR_JOB_LEASE_SECONDS                                                                       \
    30 /* without a sign of life, after which a worker is taken for dead                           \
        */
#define AR_JOB_LIST_MOST 10000
#define AR_TAG_ARGUMENT_MOST 255  /* bytes of an argument that is part of a tag */
#define AR_JOB_LABELS_SIZE 4096   /* all of a job's labels together, as JSON */
#define AR_JOB_ANCESTORS 500      /* how far a job's line of parents is followed */
#define AR_JOB_RESTART_SECONDS 10 /* between the starts of a perpetual script's runs */
#define AR_JOB_AWAITED_SECONDS 60 /* that a result which goes at once is kept for who awaits it */
#define AR_REDACTION_BATCH 100    /* jobs that are redacted before it is asked for more */
#define AR_REDACTION_RETRY_SECONDS 10 /* where the database says no */

/* the HTTP API of jobs */
#define AR_API_WAIT_SECONDS 600        /* how long run_wait_result waits */
#define AR_API_STREAM_SECONDS 60       /* how long a stream of updates lasts: clients come again */
#define AR_API_PING_SECONDS 5          /* and how long it is silent */
#define AR_API_TOKEN_USE_SECONDS 60    /* between two notes of when a token was used */
#define AR_API_LOGIN_MILLISECONDS 1000 /* until a login that failed is answered */
#define AR_API_LOGIN_COUNTERS 1024
#define AR_API_LOGIN_FAILURES 20               /* of an account, in a minute */
#define AR_API_SESSION_SECONDS (3 * 24 * 3600) /* how long a login lasts */
#define AR_SCRIPT_HASH_LENGTH 16               /* hexadecimal digits */
#define AR_SCRIPT_ANCESTORS 100                /* earlier versions that are named with one */
#define AR_PRIORITY_MOST 100                   /* of a script's jobs */
#define AR_SCRIPT_SEARCH_SIZE                                                                      \
    ((size_t)64 << 20) /* of the contents of all scripts that list_search gives */
#define AR_SCRIPT_SIZE ((size_t)4 << 20)
#define AR_ZIP_SIZE ((size_t)512 << 20) /* a workspace as one archive */
#define AR_DB_CONNECTIONS 8      /* of one process to a PostgreSQL server, and one that listens */
#define AR_DB_SECONDS 30         /* one statement */
#define AR_DB_PATIENCE_SECONDS 5 /* how long a connection is tried before that is an error */
#define AR_DB_REPEATS 3          /* of what may be done twice, after the connection broke */
#define AR_SQL_SIZE 65536        /* one statement, or the schema of one version */

/* schedules */
#define AR_ZONE_NAME 64           /* characters of a time zone's name */
#define AR_ZONE_SIZE (256 * 1024) /* of its file */
#define AR_CRON_LENGTH 256        /* of a cron expression */
#define AR_CRON_YEARS 100         /* looked ahead for the next time */
#define AR_SCHEDULE_LEFT_OUT                                                                       \
    1000                       /* times that passed during one run, as far as they are counted     \
                                */
#define AR_RETRY_ATTEMPTS 1000 /* of what a schedule runs and fails */
#define AR_RETRY_SECONDS (6 * 3600)    /* between two of them */
#define AR_WORKERS_LISTED 10000        /* processes */
#define AR_WORKERS_COUNT_SECONDS 5     /* between two times that one says what it has done */
#define AR_WORKERS_FORGET_SECONDS 3600 /* what is known of one that is gone */
#define AR_TELL_TIMES 1000             /* runs that went alike before someone is told */
#define AR_SCHEDULE_REPAIR_SECONDS 60  /* between looking for schedules without an occurrence */
#define AR_RETENTION_BATCH 200         /* jobs that are thrown away in one step */
#define AR_AUDIT_DAYS 365              /* that an entry of the audit log is kept */
#define AR_SCHEDULE_JOBS 20            /* shown with each schedule */
#define AR_SCHEDULE_PREVIEW 5          /* next times that are shown */

#endif
