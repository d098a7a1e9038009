#include "jobs/store/store_schema.h"

/* One text for each version that the schema ever had: a database of version n gets those from n
 * on. A text that was released never changes; what is new is appended. Words in braces:
 * db_driver.h. {data} for what users write, {text} for names and what is compared. */
static const char *const MIGRATIONS[] = {
    "CREATE TABLE setting (name {text} PRIMARY KEY, value {text} NOT NULL) {keyed};"
    "CREATE TABLE workspace (id {text} PRIMARY KEY) {keyed};"
    "CREATE TABLE token (hash {text} PRIMARY KEY, email {text} NOT NULL, username {text} NOT NULL,"
    " workspace {text} NOT NULL, admin {int} NOT NULL, superadmin {int} NOT NULL,"
    " expires_at {int} NOT NULL) {keyed};"
    "CREATE TABLE script (number {serial},"
    " workspace {text} NOT NULL REFERENCES workspace (id), path {text} NOT NULL,"
    " hash {text} NOT NULL, parent_hash {text} NOT NULL, summary {data} NOT NULL,"
    " description {data} NOT NULL, content {data} NOT NULL, language {text} NOT NULL,"
    " kind {text} NOT NULL, schema {data} NOT NULL,"
    " lock {data} NOT NULL, tag {text} NOT NULL, created_by {text} NOT NULL,"
    " created_at {int} NOT NULL, timeout {int} NOT NULL, archived {int} NOT NULL,"
    " deleted {int} NOT NULL, UNIQUE (workspace, hash)) {table};"
    "CREATE INDEX script_path ON script (workspace, path, number);"
    "CREATE TABLE job (id {text} PRIMARY KEY, workspace {text} NOT NULL REFERENCES workspace (id),"
    " kind {text} NOT NULL, script_path {text} NOT NULL, script_hash {text} NOT NULL,"
    " language {text} NOT NULL, code {data} NOT NULL, args {data} NOT NULL,"
    " created_by {text} NOT NULL, permissioned_as {text} NOT NULL, email {text} NOT NULL,"
    " tag {text} NOT NULL, parent_job {text} NOT NULL, timeout {int} NOT NULL,"
    " created_at {int} NOT NULL, scheduled_for {int} NOT NULL, started_at {int} NOT NULL,"
    " completed_at {int} NOT NULL, state {int} NOT NULL, worker {text} NOT NULL,"
    " attempt {int} NOT NULL, cancel_requested {int} NOT NULL, canceled_by {text} NOT NULL,"
    " canceled_reason {data} NOT NULL, result {data} NOT NULL, memory_peak {int} NOT NULL,"
    " deleted {int} NOT NULL) {table};"
    "CREATE INDEX job_queue ON job (scheduled_for, id) WHERE state = 0;"
    "CREATE INDEX job_running ON job (id) WHERE state = 1;"
    "CREATE INDEX job_list ON job (workspace, (state > 1), created_at DESC, id DESC);"
    "CREATE TABLE log (job {text} NOT NULL REFERENCES job (id), start {int} NOT NULL,"
    " text {blob} NOT NULL, PRIMARY KEY (job, start)) {keyed};",

    "CREATE TABLE variable (workspace {text} NOT NULL REFERENCES workspace (id),"
    " path {text} NOT NULL, value {data} NOT NULL, secret {int} NOT NULL,"
    " description {data} NOT NULL, extra_perms {data} NOT NULL, labels {data} NOT NULL,"
    " expires_at {int} NOT NULL, edited_by {text} NOT NULL, edited_at {int} NOT NULL,"
    " PRIMARY KEY (workspace, path)) {keyed};"
    "CREATE TABLE resource (workspace {text} NOT NULL REFERENCES workspace (id),"
    " path {text} NOT NULL, value {data} NOT NULL, type {text} NOT NULL,"
    " description {data} NOT NULL, extra_perms {data} NOT NULL, labels {data} NOT NULL,"
    " created_by {text} NOT NULL, created_at {int} NOT NULL, edited_at {int} NOT NULL,"
    " PRIMARY KEY (workspace, path)) {keyed};"
    "CREATE TABLE resource_type (workspace {text} NOT NULL REFERENCES workspace (id),"
    " name {text} NOT NULL, schema {data} NOT NULL, description {data} NOT NULL,"
    " format_extension {text} NOT NULL, created_by {text} NOT NULL, fileset {int} NOT NULL,"
    " edited_at {int} NOT NULL, PRIMARY KEY (workspace, name)) {keyed};",

    /* many machines: priorities, leases; and lists of one half need not pass the other */
    "ALTER TABLE job ADD COLUMN priority {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN lease_until {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN lost {int} NOT NULL DEFAULT 0;"
    "DROP INDEX job_queue;"
    "DROP INDEX job_running;"
    "CREATE INDEX job_queue ON job (priority DESC, scheduled_for, id, tag) WHERE state = 0;"
    "CREATE INDEX job_due ON job (scheduled_for) WHERE state = 0;"
    "CREATE INDEX job_running ON job (lease_until, id) WHERE state = 1;"
    "CREATE INDEX job_open ON job (workspace, created_at DESC, id DESC) WHERE state <= 1;"
    "CREATE INDEX job_ended ON job (workspace, created_at DESC, id DESC) WHERE state > 1;",

    /* what a submission may say, and labels; results that are used again */
    "ALTER TABLE job ADD COLUMN root_job {text} NOT NULL DEFAULT '';"
    "ALTER TABLE job ADD COLUMN entrypoint {text} NOT NULL DEFAULT '';"
    "ALTER TABLE job ADD COLUMN labels {text} NOT NULL DEFAULT '';"
    "ALTER TABLE job ADD COLUMN hidden {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN cache_key {text} NOT NULL DEFAULT '';"
    "ALTER TABLE job ADD COLUMN cache_ttl {int} NOT NULL DEFAULT 0;"
    "CREATE TABLE cache (key {text} PRIMARY KEY, result {data} NOT NULL, expires_at {int} NOT NULL)"
    " {keyed};"
    "CREATE INDEX cache_expires ON cache (expires_at);",

    /* schedules; of each at most one occurrence waits or runs */
    "CREATE TABLE schedule (workspace {text} NOT NULL REFERENCES workspace (id),"
    " path {text} NOT NULL, cron {text} NOT NULL, cron_version {text} NOT NULL,"
    " timezone {text} NOT NULL, script_path {text} NOT NULL, args {data} NOT NULL,"
    " tag {text} NOT NULL, enabled {int} NOT NULL, paused_until {int} NOT NULL,"
    " summary {data} NOT NULL, description {data} NOT NULL, no_flow_overlap {int} NOT NULL,"
    " errors_muted {int} NOT NULL, extra_perms {data} NOT NULL, labels {data} NOT NULL,"
    " edited_by {text} NOT NULL, email {text} NOT NULL, permissioned_as {text} NOT NULL,"
    " edited_at {int} NOT NULL, error {data} NOT NULL, PRIMARY KEY (workspace, path)) {keyed};"
    "ALTER TABLE job ADD COLUMN schedule_path {text} NOT NULL DEFAULT '';"
    "CREATE UNIQUE INDEX job_occurrence ON job (workspace, schedule_path)"
    " WHERE schedule_path <> '' AND state <= 1;"
    "CREATE INDEX job_schedule ON job (workspace, schedule_path, created_at DESC, id DESC)"
    " WHERE schedule_path <> '';",

    /* what is old is found without passing the rest */
    "CREATE INDEX job_completed ON job (completed_at, id) WHERE state > 1;",

    /* people: accounts, members of workspaces, tokens with labels and scopes, folders, groups; the
     * record of who did what. Who had a token is made an account. */
    "CREATE TABLE account (email {text} PRIMARY KEY, password {text} NOT NULL,"
    " username {text} NOT NULL, name {data} NOT NULL, company {data} NOT NULL,"
    " superadmin {int} NOT NULL, disabled {int} NOT NULL, created_at {int} NOT NULL) {keyed};"
    "CREATE TABLE member (workspace {text} NOT NULL REFERENCES workspace (id),"
    " username {text} NOT NULL, email {text} NOT NULL, admin {int} NOT NULL,"
    " operator {int} NOT NULL, disabled {int} NOT NULL, created_at {int} NOT NULL,"
    " PRIMARY KEY (workspace, username), UNIQUE (workspace, email)) {keyed};"
    "INSERT INTO account (email, password, username, name, company, superadmin, disabled,"
    " created_at) SELECT email, '', min(username), '', '', max(superadmin), 0, 0 FROM token"
    " GROUP BY email;"
    "INSERT INTO member (workspace, username, email, admin, operator, disabled, created_at)"
    " SELECT workspace.id, min(token.username), token.email, max(token.admin), 0, 0, 0"
    " FROM token JOIN workspace ON token.workspace = '' OR token.workspace = workspace.id"
    " GROUP BY workspace.id, token.email;"
    "ALTER TABLE token DROP COLUMN username;"
    "ALTER TABLE token DROP COLUMN admin;"
    "ALTER TABLE token DROP COLUMN superadmin;"
    "ALTER TABLE token ADD COLUMN prefix {text} NOT NULL DEFAULT '';"
    "ALTER TABLE token ADD COLUMN label {text} NOT NULL DEFAULT '';"
    "ALTER TABLE token ADD COLUMN scopes {text} NOT NULL DEFAULT '';"
    "ALTER TABLE token ADD COLUMN created_at {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE token ADD COLUMN last_used_at {int} NOT NULL DEFAULT 0;"
    "CREATE INDEX token_owner ON token (email, created_at);"
    "CREATE INDEX token_expires ON token (expires_at) WHERE expires_at > 0;"
    "ALTER TABLE workspace ADD COLUMN name {text} NOT NULL DEFAULT '';"
    "ALTER TABLE workspace ADD COLUMN owner {text} NOT NULL DEFAULT '';"
    "ALTER TABLE workspace ADD COLUMN color {text} NOT NULL DEFAULT '';"
    "ALTER TABLE workspace ADD COLUMN archived {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE workspace ADD COLUMN created_at {int} NOT NULL DEFAULT 0;"
    "UPDATE workspace SET name = id;"
    "CREATE TABLE folder (workspace {text} NOT NULL REFERENCES workspace (id),"
    " name {text} NOT NULL, summary {data} NOT NULL, owners {data} NOT NULL,"
    " extra_perms {data} NOT NULL, created_by {text} NOT NULL, edited_at {int} NOT NULL,"
    " PRIMARY KEY (workspace, name)) {keyed};"
    "CREATE TABLE user_group (workspace {text} NOT NULL REFERENCES workspace (id),"
    " name {text} NOT NULL, summary {data} NOT NULL, extra_perms {data} NOT NULL,"
    " PRIMARY KEY (workspace, name)) {keyed};"
    "CREATE TABLE group_member (workspace {text} NOT NULL, name {text} NOT NULL,"
    " username {text} NOT NULL, PRIMARY KEY (workspace, name, username),"
    " FOREIGN KEY (workspace, name) REFERENCES user_group (workspace, name)) {keyed};"
    "CREATE INDEX group_member_user ON group_member (workspace, username);"
    "INSERT INTO user_group (workspace, name, summary, extra_perms)"
    " SELECT id, 'all', 'The group that always contains all users of this workspace', ''"
    " FROM workspace;"
    "CREATE TABLE audit (number {serial}, workspace {text} NOT NULL, at {int} NOT NULL,"
    " username {text} NOT NULL, operation {text} NOT NULL, kind {text} NOT NULL,"
    " resource {text} NOT NULL, parameters {data} NOT NULL) {table};"
    "CREATE INDEX audit_list ON audit (workspace, number);"
    "CREATE INDEX audit_age ON audit (at);"
    "ALTER TABLE script ADD COLUMN extra_perms {data} NOT NULL DEFAULT '';",

    /* what scripts say beside their code */
    "ALTER TABLE script ADD COLUMN settings {data} NOT NULL DEFAULT '';"
    "ALTER TABLE script ADD COLUMN labels {data} NOT NULL DEFAULT '';"
    "ALTER TABLE script ADD COLUMN message {data} NOT NULL DEFAULT '';",

    /* parts of logs are asked for by characters (of older logs, bytes stand for them); what a
     * running job says of its progress; jobs that other jobs started are found */
    "ALTER TABLE log ADD COLUMN first_char {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE log ADD COLUMN chars {int} NOT NULL DEFAULT 0;"
    "UPDATE log SET first_char = start, chars = length(text);"
    "ALTER TABLE job ADD COLUMN progress {int} NOT NULL DEFAULT 0;"
    "CREATE INDEX job_children ON job (parent_job) WHERE state <= 1 AND parent_job <> '';",

    /* jobs whose arguments, results and logs are not kept */
    "ALTER TABLE job ADD COLUMN redact_after {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN awaited {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN redact_at {int} NOT NULL DEFAULT 0;"
    "CREATE INDEX job_redact ON job (redact_at) WHERE redact_at > 0;",

    /* results that come in pieces while the job runs; as a log, and gone with the job */
    "CREATE TABLE result_stream (job {text} NOT NULL REFERENCES job (id) ON DELETE CASCADE,"
    " start {int} NOT NULL, text {blob} NOT NULL, first_char {int} NOT NULL, chars {int} NOT NULL,"
    " PRIMARY KEY (job, start)) {keyed};",

    /* the environment that scripts give to their jobs */
    "ALTER TABLE job ADD COLUMN envs {data} NOT NULL DEFAULT '';",

    /* perpetual scripts */
    "ALTER TABLE job ADD COLUMN restarts {int} NOT NULL DEFAULT 0;",

    /* what schedules do about failures */
    "ALTER TABLE schedule ADD COLUMN retry {data} NOT NULL DEFAULT '';"
    "ALTER TABLE schedule ADD COLUMN on_failure {text} NOT NULL DEFAULT '';"
    "ALTER TABLE schedule ADD COLUMN on_failure_args {data} NOT NULL DEFAULT '';"
    "ALTER TABLE job ADD COLUMN failures {int} NOT NULL DEFAULT 0;",

    /* all earlier versions of a script, with each */
    "ALTER TABLE script ADD COLUMN ancestors {text} NOT NULL DEFAULT '';",

    /* what schedules tell of their runs */
    "ALTER TABLE schedule ADD COLUMN failure_times {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE schedule ADD COLUMN failure_exact {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE schedule ADD COLUMN on_recovery {text} NOT NULL DEFAULT '';"
    "ALTER TABLE schedule ADD COLUMN on_recovery_args {data} NOT NULL DEFAULT '';"
    "ALTER TABLE schedule ADD COLUMN recovery_times {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE schedule ADD COLUMN on_success {text} NOT NULL DEFAULT '';"
    "ALTER TABLE schedule ADD COLUMN on_success_args {data} NOT NULL DEFAULT '';",

    /* the processes that run jobs */
    "CREATE TABLE worker_process (name {text} PRIMARY KEY, worker_group {text} NOT NULL,"
    " tags {text} NOT NULL, host {text} NOT NULL, count {int} NOT NULL, started_at {int} NOT NULL,"
    " ended {int} NOT NULL, presence {int} NOT NULL) {keyed};",

    /* jobs are looked for by their arguments, results and labels */
    "{functions}",

    /* scripts that make their arguments from a request */
    "ALTER TABLE job ADD COLUMN preprocess {int} NOT NULL DEFAULT 0;",
};

enum { VERSION = sizeof(MIGRATIONS) / sizeof(*MIGRATIONS) };

enum arras_status ar_store_migrate(struct ar_db *db, struct ar_diags *diags)
{
    return ar_db_migrate(db, MIGRATIONS, VERSION, diags);
}

int ar_store_newest_schema(void)
{
    return VERSION;
}
