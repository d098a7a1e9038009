/* The table of operations: which function answers which method and path. */
#ifndef AR_JOBS_API_ROUTE_H
#define AR_JOBS_API_ROUTE_H

#include "jobs/api/call.h"

/* What a caller needs before the operation is called. */
enum ar_api_auth {
    AR_AUTH_NONE,
    AR_AUTH_USER,    /* a token; a member of the workspace where the path has one */
    AR_AUTH_OPTIONAL /* Windmill's jobs_u routes: as above, but told differently what is missing */
};

struct ar_route {
    const char *method;
    const char *path; /* below /api; {workspace}, one segment {name}, or a tail {*name} */
    const char *operation;
    enum ar_api_auth auth;
    void (*answer)(struct ar_call *call);
};

/* routes.c, in the order of operations.json. */
extern const struct ar_route ar_routes[];
extern const size_t ar_route_count;
/* What scopes call what the operation is about: "jobs". */
struct arras_str ar_route_domain(const struct ar_route *route);

/* jobs_run.c */
void ar_api_run_script_by_path(struct ar_call *call);
void ar_api_run_script_by_hash(struct ar_call *call);
void ar_api_run_preview(struct ar_call *call);
/* jobs_wait.c */
void ar_api_wait_script_by_path(struct ar_call *call);
void ar_api_wait_script_by_hash(struct ar_call *call);
void ar_api_wait_preview(struct ar_call *call);
/* jobs_update.c */
void ar_api_get_updates(struct ar_call *call);
void ar_api_stream_updates(struct ar_call *call);
void ar_api_stream_script_by_path(struct ar_call *call);
void ar_api_stream_script_by_hash(struct ar_call *call);
/* dependencies.c */
void ar_api_run_dependencies(struct ar_call *call);
void ar_api_run_dependencies_async(struct ar_call *call);
/* flows.c */
void ar_api_no_flows(struct ar_call *call);
void ar_api_no_bundles(struct ar_call *call);
void ar_api_no_log_files(struct ar_call *call);
/* jobs_read.c */
void ar_api_get_job(struct ar_call *call);
void ar_api_get_completed_job(struct ar_call *call);
void ar_api_get_result(struct ar_call *call);
void ar_api_get_result_maybe(struct ar_call *call);
void ar_api_get_logs(struct ar_call *call);
void ar_api_get_args(struct ar_call *call);
void ar_api_get_root_job_id(struct ar_call *call);
void ar_api_get_logs_tail(struct ar_call *call);
void ar_api_get_timing(struct ar_call *call);
void ar_api_get_started_at(struct ar_call *call);
/* jobs_list.c */
void ar_api_list_jobs(struct ar_call *call);
void ar_api_list_queue(struct ar_call *call);
void ar_api_list_completed(struct ar_call *call);
void ar_api_list_job_ids(struct ar_call *call);
void ar_api_list_queue_ids(struct ar_call *call);
void ar_api_count_queue(struct ar_call *call);
void ar_api_count_completed(struct ar_call *call);
void ar_api_count_completed_jobs(struct ar_call *call);
void ar_api_count_by_tag(struct ar_call *call);
void ar_api_queue_position(struct ar_call *call);
void ar_api_queue_scheduled_for(struct ar_call *call);
/* jobs_again.c */
void ar_api_rerun_jobs(struct ar_call *call);
/* jobs_batch.c */
void ar_api_add_batch(struct ar_call *call);
/* jobs_move.c */
void ar_api_export_completed(struct ar_call *call);
void ar_api_export_queued(struct ar_call *call);
void ar_api_import_completed(struct ar_call *call);
void ar_api_import_queued(struct ar_call *call);
void ar_api_delete_jobs(struct ar_call *call);
/* job_progress.c */
void ar_api_set_progress(struct ar_call *call);
void ar_api_get_progress(struct ar_call *call);
/* jobs_end.c */
void ar_api_cancel_job(struct ar_call *call);
void ar_api_force_cancel_job(struct ar_call *call);
void ar_api_cancel_selection(struct ar_call *call);
void ar_api_cancel_persistent(struct ar_call *call);
void ar_api_delete_job(struct ar_call *call);
/* scripts.c */
void ar_api_create_script(struct ar_call *call);
/* scripts_read.c */
void ar_api_get_script_by_path(struct ar_call *call);
void ar_api_get_script_by_hash(struct ar_call *call);
void ar_api_exists_script(struct ar_call *call);
void ar_api_raw_script(struct ar_call *call);
void ar_api_raw_script_by_hash(struct ar_call *call);
void ar_api_script_deployment_status(struct ar_call *call);
void ar_api_script_history(struct ar_call *call);
void ar_api_script_latest_version(struct ar_call *call);
void ar_api_no_drafts(struct ar_call *call);
void ar_api_no_favorites(struct ar_call *call);
/* scripts_compare.c */
void ar_api_hash_script(struct ar_call *call);
void ar_api_compare_scripts(struct ar_call *call);
/* scripts_list.c */
void ar_api_list_scripts(struct ar_call *call);
void ar_api_list_script_paths(struct ar_call *call);
void ar_api_list_search_scripts(struct ar_call *call);
/* scripts_end.c */
void ar_api_archive_script_by_path(struct ar_call *call);
void ar_api_archive_script_by_hash(struct ar_call *call);
void ar_api_delete_script_by_path(struct ar_call *call);
void ar_api_delete_script_by_hash(struct ar_call *call);
void ar_api_delete_scripts(struct ar_call *call);
void ar_api_update_script_history(struct ar_call *call);
/* variables.c */
void ar_api_create_variable(struct ar_call *call);
void ar_api_update_variable(struct ar_call *call);
void ar_api_delete_variable(struct ar_call *call);
void ar_api_encrypt_value(struct ar_call *call);
/* variables_read.c */
void ar_api_get_variable(struct ar_call *call);
void ar_api_get_variable_value(struct ar_call *call);
void ar_api_exists_variable(struct ar_call *call);
void ar_api_list_variables(struct ar_call *call);
/* resources.c */
void ar_api_create_resource(struct ar_call *call);
void ar_api_update_resource(struct ar_call *call);
void ar_api_update_resource_value(struct ar_call *call);
void ar_api_delete_resource(struct ar_call *call);
/* resources_read.c */
void ar_api_get_resource(struct ar_call *call);
void ar_api_get_resource_value(struct ar_call *call);
void ar_api_get_resource_value_interpolated(struct ar_call *call);
void ar_api_exists_resource(struct ar_call *call);
void ar_api_list_resources(struct ar_call *call);
void ar_api_list_search_resources(struct ar_call *call);
void ar_api_list_resource_names(struct ar_call *call);
/* resource_types.c */
void ar_api_create_resource_type(struct ar_call *call);
void ar_api_update_resource_type(struct ar_call *call);
void ar_api_delete_resource_type(struct ar_call *call);
void ar_api_get_resource_type(struct ar_call *call);
void ar_api_exists_resource_type(struct ar_call *call);
void ar_api_list_resource_types(struct ar_call *call);
void ar_api_list_resource_type_names(struct ar_call *call);
void ar_api_resource_type_extensions(struct ar_call *call);
/* schedules.c */
void ar_api_create_schedule(struct ar_call *call);
void ar_api_update_schedule(struct ar_call *call);
void ar_api_set_schedule_enabled(struct ar_call *call);
void ar_api_delete_schedule(struct ar_call *call);
/* schedule_handler.c */
void ar_api_set_schedule_handler(struct ar_call *call);
/* schedules_read.c */
void ar_api_get_schedule(struct ar_call *call);
void ar_api_exists_schedule(struct ar_call *call);
void ar_api_list_schedules(struct ar_call *call);
void ar_api_list_schedules_with_jobs(struct ar_call *call);
void ar_api_preview_schedule(struct ar_call *call);
/* users.c */
void ar_api_whoami(struct ar_call *call);
/* auth.c */
void ar_api_login(struct ar_call *call);
void ar_api_logout(struct ar_call *call);
void ar_api_refresh_token(struct ar_call *call);
/* tokens.c */
void ar_api_create_token(struct ar_call *call);
void ar_api_list_tokens(struct ar_call *call);
void ar_api_delete_token(struct ar_call *call);
void ar_api_impersonate(struct ar_call *call);
void ar_api_update_token_scopes(struct ar_call *call);
/* scopes.c */
void ar_api_list_scopes(struct ar_call *call);
/* workers.c */
void ar_api_list_workers(struct ar_call *call);
void ar_api_health(struct ar_call *call);
void ar_api_workers_with_tags(struct ar_call *call);
void ar_api_queue_counts(struct ar_call *call);
void ar_api_running_counts(struct ar_call *call);
void ar_api_queue_metrics(struct ar_call *call);
void ar_api_default_tags(struct ar_call *call);
/* constants.c */
void ar_api_none(struct ar_call *call);
void ar_api_false(struct ar_call *call);
/* bulk.c */
void ar_api_delete_variables(struct ar_call *call);
void ar_api_delete_resources(struct ar_call *call);
/* contextual.c */
void ar_api_list_contextual_variables(struct ar_call *call);
/* accounts.c */
void ar_api_global_whoami(struct ar_call *call);
void ar_api_email(struct ar_call *call);
void ar_api_create_account(struct ar_call *call);
void ar_api_set_password(struct ar_call *call);
void ar_api_set_password_of(struct ar_call *call);
void ar_api_update_account(struct ar_call *call);
void ar_api_delete_account(struct ar_call *call);
void ar_api_exists_account(struct ar_call *call);
void ar_api_username_info(struct ar_call *call);
void ar_api_list_accounts(struct ar_call *call);
/* workspaces.c */
void ar_api_list_user_workspaces(struct ar_call *call);
void ar_api_exists_workspace(struct ar_call *call);
void ar_api_workspace_name(struct ar_call *call);
/* tarball.c */
void ar_api_tarball(struct ar_call *call);
/* metrics.c; at /metrics, beside /api */
void ar_api_metrics(struct ar_call *call);
void ar_api_global_setting(struct ar_call *call);
void ar_api_create_workspace(struct ar_call *call);
void ar_api_list_workspaces(struct ar_call *call);
void ar_api_list_all_workspaces(struct ar_call *call);
void ar_api_exists_username(struct ar_call *call);
void ar_api_unarchive_workspace(struct ar_call *call);
void ar_api_delete_workspace(struct ar_call *call);
void ar_api_archive_workspace(struct ar_call *call);
void ar_api_change_workspace_name(struct ar_call *call);
void ar_api_change_workspace_color(struct ar_call *call);
void ar_api_workspace_settings(struct ar_call *call);
void ar_api_no_workspace_key(struct ar_call *call);
/* users.c */
void ar_api_whoami(struct ar_call *call);
void ar_api_add_user(struct ar_call *call);
void ar_api_leave_workspace(struct ar_call *call);
void ar_api_list_users(struct ar_call *call);
void ar_api_list_usernames(struct ar_call *call);
void ar_api_get_user(struct ar_call *call);
void ar_api_username_to_email(struct ar_call *call);
void ar_api_is_owner(struct ar_call *call);
void ar_api_update_user(struct ar_call *call);
void ar_api_delete_user(struct ar_call *call);
/* folders.c */
void ar_api_list_folders(struct ar_call *call);
void ar_api_list_folder_names(struct ar_call *call);
void ar_api_get_folder(struct ar_call *call);
void ar_api_exists_folder(struct ar_call *call);
void ar_api_folder_usage(struct ar_call *call);
void ar_api_create_folder(struct ar_call *call);
void ar_api_update_folder(struct ar_call *call);
void ar_api_delete_folder(struct ar_call *call);
void ar_api_add_folder_owner(struct ar_call *call);
void ar_api_remove_folder_owner(struct ar_call *call);
/* groups.c */
void ar_api_list_groups(struct ar_call *call);
void ar_api_list_group_names(struct ar_call *call);
void ar_api_get_group(struct ar_call *call);
void ar_api_create_group(struct ar_call *call);
void ar_api_update_group(struct ar_call *call);
void ar_api_delete_group(struct ar_call *call);
void ar_api_add_to_group(struct ar_call *call);
void ar_api_remove_from_group(struct ar_call *call);
/* acls.c */
void ar_api_get_acls(struct ar_call *call);
void ar_api_add_acls(struct ar_call *call);
void ar_api_remove_acls(struct ar_call *call);
/* audit.c */
void ar_api_list_audit(struct ar_call *call);
void ar_api_get_audit(struct ar_call *call);
/* misc.c */
void ar_api_version(struct ar_call *call);
void ar_api_clock(struct ar_call *call);
void ar_api_description(struct ar_call *call);
void ar_api_description_text(struct ar_call *call);

#endif
