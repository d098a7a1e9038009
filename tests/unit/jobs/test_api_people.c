/* Accounts, tokens, workspaces, folders, groups, and who may do what: windmill-api.md sections 3,
 * 4.6 and 6.7. */
#include <unistd.h>
#include "base/clock.h"
#include "jobs/scope.h"
#include "jobs/store/store_people.h"
#include "unit/jobs/api_fixture.h"

#define W "/api/w/main"
#define ANN "ann-token"
#define OPERATOR "operator-token"

static struct api_answer post(struct api_fixture *f, const char *operation, const char *target,
                              const char *body)
{
    return api_ask(f, operation, "POST", target, body);
}

static struct api_answer get(struct api_fixture *f, const char *operation, const char *target)
{
    return api_ask(f, operation, "GET", target, NULL);
}

static struct arras_str text_of(const struct api_answer *answer, const char *name)
{
    return ar_text(ar_get_z(&answer->value, name));
}

/* Two members: ann, who develops, and otto, who operates. */
static void add_people(struct api_fixture *f)
{
    api_add_person(f, "ann", false, false, false);
    api_add_person(f, "otto", false, false, true);
    api_add_token(f, ANN, "ann@localhost", "", "session", "");
    api_add_token(f, OPERATOR, "otto@localhost", "", "session", "");
}

static int deploy(struct api_fixture *f, const char *path)
{
    struct arras_str body;
    assert_true(ar_str_printf(&f->arena, &body,
                              "{\"path\":\"%s\",\"content\":\"echo\",\"language\":\"bash\","
                              "\"auto_parent\":true,\"summary\":\"of %s\"}",
                              path, f->token));
    return post(f, "createScript", W "/scripts/create", body.ptr).status;
}

static int run(struct api_fixture *f, const char *path)
{
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, W "/jobs/run/p/%s", path));
    return post(f, "runScriptByPath", target.ptr, "{}").status;
}

static struct api_answer log_in(struct api_fixture *f, const char *email, const char *password)
{
    struct arras_str body;
    f->token = NULL;
    assert_true(
        ar_str_printf(&f->arena, &body, "{\"email\":\"%s\",\"password\":\"%s\"}", email, password));
    struct api_answer answer = post(f, "login", "/api/auth/login", body.ptr);
    for (int i = 0; answer.status == 0 && i < 100; i++) {
        usleep(2000);
        answer = api_proceed(f, false);
    }
    return answer;
}

static void an_account_logs_in_and_out(void **state)
{
    struct api_fixture *f = *state;
    assert_str(post(f, "createUserGlobally", "/api/users/create",
                    "{\"email\":\"Eve@x.y\",\"password\":\"hunter22\",\"super_admin\":false}")
                   .body,
               "email eve@x.y created");
    struct ar_account account;
    assert_int_equal(
        ar_store_account_get(f->api.store, AR_STR("eve@x.y"), &f->arena, NULL, &account), 0);
    assert_true(ar_str_starts(account.password, "scrypt$16384$"));
    f->api.login_milliseconds = 50;
    int64_t before = ar_clock_now(ar_clock_system());
    api_assert_error(log_in(f, "eve@x.y", "hunter23"), 400, "Bad request: Invalid login");
    assert_true(ar_clock_now(ar_clock_system()) - before >= 50 * AR_MILLISECOND);
    f->api.login_milliseconds = 1;
    api_assert_error(log_in(f, "nobody@x.y", "hunter22"), 400, "Bad request: Invalid login");
    api_assert_error(log_in(f, "nobody", "hunter22"), 400, "Bad request: Invalid login");
    struct api_answer session = log_in(f, "eve@x.y", "hunter22");
    assert_int_equal(session.status, 200);
    const struct arras_str *cookie = ar_headers_find(&f->response.headers, "Set-Cookie");
    assert_true(ar_str_find(*cookie, AR_STR("HttpOnly; SameSite=Lax"), 0) != AR_NOT_FOUND);
    f->token = session.body.ptr;
    struct api_answer me = get(f, "globalWhoami", "/api/users/whoami");
    assert_str(text_of(&me, "email"), "eve@x.y");
    assert_int_equal(get(f, "whoami", W "/users/whoami").status, 401); /* no member */
    assert_int_equal(
        post(f, "setPassword", "/api/users/setpassword", "{\"password\":\"123\"}").status, 400);
    assert_int_equal(
        post(f, "setPassword", "/api/users/setpassword", "{\"password\":\"another\"}").status, 200);
    assert_int_equal(post(f, "logout", "/api/auth/logout", NULL).status, 200);
    assert_int_equal(get(f, "globalWhoami", "/api/users/whoami").status, 401);
    assert_int_equal(log_in(f, "eve@x.y", "hunter22").status, 400);
    assert_int_equal(log_in(f, "eve@x.y", "another").status, 200);
}

static void guessing_passwords_ends(void **state)
{
    struct api_fixture *f = *state;
    assert_int_equal(post(f, "createUserGlobally", "/api/users/create",
                          "{\"email\":\"eve@x.y\",\"password\":\"hunter22\",\"super_admin\":false}")
                         .status,
                     201);
    int64_t minute = ar_clock_wall(ar_clock_system()) / 60000000;
    for (int i = 0; i < AR_API_LOGIN_FAILURES; i++) {
        assert_int_equal(log_in(f, "eve@x.y", "wrong").status, 400);
    }
    int right = log_in(f, "eve@x.y", "hunter22").status;
    if (ar_clock_wall(ar_clock_system()) / 60000000 == minute) {
        assert_int_equal(right, 400);
    }
    f->token = ADMIN;
    struct api_answer failures =
        get(f, "listAuditLogs", W "/audit/list?all_workspaces=true&operation=users.login_failure");
    assert_int_equal(failures.value.count, AR_API_LOGIN_FAILURES);
}

static void accounts_are_for_super_admins(void **state)
{
    struct api_fixture *f = *state;
    static const char *const targets[] = {"/api/users/create", "/api/users/set_password_of/x",
                                          "/api/users/update/x", "/api/workspaces/create"};
    static const char *const operations[] = {"createUserGlobally", "setPasswordForUser",
                                             "globalUserUpdate", "createWorkspace"};
    add_people(f);
    f->token = ANN;
    for (size_t i = 0; i < 4; i++) {
        api_assert_error(post(f, operations[i], targets[i], "{}"), 403,
                         "Require Admin privileges for ann");
    }
    f->token = ADMIN;
    assert_int_equal(
        post(f, "globalUserUpdate", "/api/users/update/ann@localhost", "{\"disabled\":true}")
            .status,
        200);
    f->token = ANN;
    assert_int_equal(get(f, "globalWhoami", "/api/users/whoami").status, 401);
    f->token = ADMIN;
    api_assert_error(
        post(f, "globalUserUpdate", "/api/users/update/admin@localhost", "{\"disabled\":true}"),
        400, "Bad request: you cannot demote yourself");
    assert_int_equal(get(f, "listUsersAsSuperAdmin", "/api/users/list_as_super_admin").value.count,
                     4);
    assert_str(get(f, "existsEmail", "/api/users/exists/ann@localhost").body, "true");
    get(f, "globalUsernameInfo", "/api/users/username_info/ann@localhost");
    api_ask(f, "globalUserDelete", "DELETE", "/api/users/delete/ann@localhost", NULL);
    assert_str(get(f, "existsEmail", "/api/users/exists/ann@localhost").body, "false");
}

static void sessions_are_refreshed(void **state)
{
    struct api_fixture *f = *state;
    struct api_answer first = get(f, "refreshUserToken", "/api/users/refresh_token");
    assert_int_equal(first.status, 200);
    f->token = ar_str_to_z(first.body, &f->arena);
    assert_int_equal(get(f, "globalWhoami", "/api/users/whoami").status, 200);
    /* it lasts for three days */
    struct api_answer same =
        get(f, "refreshUserToken", "/api/users/refresh_token?if_expiring_in_less_than_s=9");
    assert_true(ar_str_eq(same.body, first.body));
    struct api_answer next =
        get(f, "refreshUserToken", "/api/users/refresh_token?if_expiring_in_less_than_s=300000");
    assert_int_equal(next.status, 200);
    assert_false(ar_str_eq(next.body, first.body));
    /* what was given for less does not become more */
    api_add_token(f, "hook-token", "admin@localhost", "", "hook", "");
    f->token = "hook-token";
    api_assert_error(get(f, "refreshUserToken", "/api/users/refresh_token"), 400,
                     "Bad request: only the token of a login is refreshed");
    f->token = MEMBER;
    api_assert_error(get(f, "refreshUserToken", "/api/users/refresh_token"), 400,
                     "Bad request: only the token of a login is refreshed");
}

static void super_admins_make_tokens_of_others(void **state)
{
    struct api_fixture *f = *state;
    static const char url[] = "/api/users/tokens/impersonate";
    add_people(f);
    struct api_answer made = post(f, "createTokenImpersonate", url,
                                  "{\"impersonate_email\":\"ann@localhost\",\"label\":\"help\","
                                  "\"workspace_id\":\"main\"}");
    assert_int_equal(made.status, 201);
    f->token = ar_str_to_z(made.body, &f->arena);
    struct api_answer who = get(f, "whoami", W "/users/whoami");
    assert_str(ar_text(ar_get_z(&who.value, "username")), "ann");
    f->token = ADMIN;
    struct api_answer log =
        get(f, "listAuditLogs", W "/audit/list?all_workspaces=true&operation=users.impersonate");
    assert_int_equal(log.value.count, 1);
    assert_str(ar_text(ar_get_z(ar_item(&log.value, 0), "resource")), "ann@localhost");
    api_assert_error(post(f, "createTokenImpersonate", url,
                          "{\"impersonate_email\":\"ann@localhost\",\"workspace_id\":\"other\"}"),
                     400, "Bad request: ann@localhost is not a member of workspace other");
    assert_int_equal(
        post(f, "createTokenImpersonate", url, "{\"impersonate_email\":\"x@localhost\"}").status,
        404);
    f->token = ANN;
    api_assert_error(
        post(f, "createTokenImpersonate", url, "{\"impersonate_email\":\"admin@localhost\"}"), 403,
        "Require Admin privileges for ann");
}

static void a_group_changes_and_goes(void **state)
{
    struct api_fixture *f = *state;
    add_people(f);
    f->token = ANN;
    assert_int_equal(post(f, "createGroup", W "/groups/create", "{\"name\":\"devs\"}").status, 200);
    assert_int_equal(
        post(f, "addUserToGroup", W "/groups/adduser/devs", "{\"username\":\"member\"}").status,
        200);
    assert_int_equal(
        post(f, "updateGroup", W "/groups/update/devs", "{\"summary\":\"who writes\"}").status,
        200);
    struct api_answer group = get(f, "getGroup", W "/groups/get/devs");
    assert_str(ar_text(ar_get_z(&group.value, "summary")), "who writes");
    assert_int_equal(ar_get_z(&group.value, "members")->count, 2);
    f->token = MEMBER;
    assert_int_equal(post(f, "updateGroup", W "/groups/update/devs", "{\"summary\":\"\"}").status,
                     403);
    assert_int_equal(api_ask(f, "deleteGroup", "DELETE", W "/groups/delete/devs", NULL).status,
                     403);
    f->token = ANN;
    assert_int_equal(
        post(f, "removeUserToGroup", W "/groups/removeuser/devs", "{\"username\":\"member\"}")
            .status,
        200);
    group = get(f, "getGroup", W "/groups/get/devs");
    assert_int_equal(ar_get_z(&group.value, "members")->count, 1);
    assert_int_equal(api_ask(f, "deleteGroup", "DELETE", W "/groups/delete/devs", NULL).status,
                     200);
    assert_int_equal(get(f, "getGroup", W "/groups/get/devs").status, 404);
}

static void a_member_leaves(void **state)
{
    struct api_fixture *f = *state;
    add_people(f);
    assert_int_equal(post(f, "changeWorkspaceColor", W "/workspaces/change_workspace_color",
                          "{\"color\":\"#00ff00\"}")
                         .status,
                     200);
    struct api_answer ann = get(f, "getUser", W "/users/get/ann");
    assert_str(ar_text(ar_get_z(&ann.value, "email")), "ann@localhost");
    f->token = ANN;
    struct api_answer where = get(f, "listUserWorkspaces", "/api/workspaces/users");
    assert_str(ar_text(ar_get_z(ar_item(ar_get_z(&where.value, "workspaces"), 0), "color")),
               "#00ff00");
    assert_int_equal(post(f, "leaveWorkspace", W "/workspaces/leave", NULL).status, 200);
    assert_int_equal(get(f, "whoami", W "/users/whoami").status, 401);
    f->token = ADMIN;
    assert_int_equal(get(f, "getUser", W "/users/get/ann").status, 404);
}

static void tokens_are_told_once(void **state)
{
    struct api_fixture *f = *state;
    add_people(f);
    f->token = ANN;
    struct arras_str token = post(f, "createToken", "/api/users/tokens/create",
                                  "{\"label\":\"webhook-x\",\"scopes\":[\"jobs:read\"]}")
                                 .body;
    assert_int_equal(token.len, 30);
    struct api_answer list = get(f, "listTokens", "/api/users/tokens/list?exclude_ephemeral=true");
    assert_int_equal(list.value.count, 2);
    assert_true(ar_str_find(list.body, token, 0) == AR_NOT_FOUND);
    assert_str(ar_text(ar_get_z(ar_item(&list.value, 1), "label")), "webhook-x");
    api_assert_error(post(f, "createToken", "/api/users/tokens/create", "{\"scopes\":[\"all\"]}"),
                     400,
                     "Bad request: 'all' is not a scope: expected DOMAIN:ACTION or "
                     "DOMAIN:ACTION:PATHS, such as jobs:run:scripts:f/folder/script");
    api_assert_error(post(f, "createToken", "/api/users/tokens/create",
                          "{\"expiration\":\"2001-01-01T00:00:00Z\"}"),
                     400, "Bad request: expiration: that time is over");
    f->token = ADMIN; /* not one's own */
    struct arras_str target;
    assert_true(ar_str_printf(&f->arena, &target, "/api/users/tokens/delete/%.*s", 10, token.ptr));
    assert_int_equal(api_ask(f, "deleteToken", "DELETE", target.ptr, NULL).status, 404);
    f->token = ANN;
    assert_int_equal(api_ask(f, "deleteToken", "DELETE", target.ptr, NULL).status, 200);
    f->token = token.ptr;
    assert_int_equal(get(f, "globalWhoami", "/api/users/whoami").status, 401);
}

static void scopes_limit_a_token(void **state)
{
    struct api_fixture *f = *state;
    api_deploy(f, "f/a/b");
    struct arras_str hash = api_deploy(f, "f/a/c");
    api_add_token(f, "scoped", "admin@localhost", "", "hook", "[\"jobs:run:scripts:f/a/b\"]");
    api_add_token(f, "reader", "admin@localhost", "", "", "[\"scripts:read:f/a/*\",\"nonsense\"]");
    f->token = "scoped";
    assert_int_equal(run(f, "f/a/b"), 201);
    api_assert_error(post(f, "runScriptByPath", W "/jobs/run/p/f/a/c", "{}"), 403,
                     "Permission denied: Access denied. Required scope: jobs:run:scripts:f/a/c");
    api_assert_error(api_ask_of(f, "runScriptByHash", "POST", "jobs/run/h/", hash, ""), 403,
                     "Permission denied: Access denied. Required scope: jobs:run:scripts:f/a/c");
    api_assert_error(post(f, "runScriptPreview", W "/jobs/run/preview", "{}"), 403,
                     "Permission denied: Access denied. Required scope: jobs:run");
    api_assert_error(get(f, "listJobs", W "/jobs/list"), 403,
                     "Permission denied: Access denied. Required scope: jobs:read");
    assert_int_equal(get(f, "whoami", W "/users/whoami").status, 200);
    assert_int_equal(post(f, "createToken", "/api/users/tokens/create", "{}").status, 403);
    assert_int_equal(
        post(f, "setPassword", "/api/users/setpassword", "{\"password\":\"abcdef\"}").status, 403);
    f->token = "reader";
    assert_int_equal(get(f, "getScriptByPath", W "/scripts/get/p/f/a/b").status, 200);
    assert_int_equal(get(f, "getScriptByPath", W "/scripts/get/p/f/ab/b").status, 403);
    assert_int_equal(run(f, "f/a/b"), 403);
    assert_int_equal(deploy(f, "f/a/d"), 403);
    f->token = ADMIN;
    struct api_answer jobs = get(f, "listJobs", W "/jobs/list");
    assert_str(ar_text(ar_get_z(ar_item(&jobs.value, 0), "created_by")), "label-hook");
    assert_str(ar_text(ar_get_z(ar_item(&jobs.value, 0), "permissioned_as")), "u/admin");
}

static bool allows(const char *scope, const char *domain, const char *action, const char *kind,
                   const char *path)
{
    char scopes[200];
    snprintf(scopes, sizeof(scopes), "[\"%s\"]", scope);
    const struct ar_scope wanted = {ar_str_z(domain), ar_str_z(action), ar_str_z(kind),
                                    ar_str_z(path), false};
    return ar_scope_allows(ar_str_z(scopes), &wanted);
}

static void the_scopes_of_a_token_change(void **state)
{
    struct api_fixture *f = *state;
    struct arras_str target;
    add_people(f);
    f->token = ANN;
    struct api_answer made = post(f, "createToken", "/api/users/tokens/create", "{}");
    assert_true(ar_str_printf(&f->arena, &target, "/api/users/tokens/update_scopes/%.*s", 10,
                              made.body.ptr));
    const char *limit = "{\"scopes\":[\"jobs:read\"]}";
    assert_int_equal(post(f, "updateTokenScopes", target.ptr, limit).status, 200);
    f->token = ar_str_to_z(made.body, &f->arena);
    assert_int_equal(get(f, "listJobs", W "/jobs/list").status, 200);
    assert_int_equal(get(f, "listScripts", W "/scripts/list").status, 403);
    assert_int_equal(post(f, "updateTokenScopes", target.ptr, "{}").status, 403);
    f->token = ADMIN; /* not one's own */
    assert_int_equal(post(f, "updateTokenScopes", target.ptr, "{}").status, 404);
    f->token = ANN;
    assert_int_equal(post(f, "updateTokenScopes", target.ptr, "{\"scopes\":[\"all\"]}").status,
                     400);
    assert_int_equal(post(f, "updateTokenScopes", target.ptr, "{\"scopes\":null}").status, 200);
    f->token = ar_str_to_z(made.body, &f->arena);
    assert_int_equal(get(f, "listScripts", W "/scripts/list").status, 200);
    /* every scope that is offered is one */
    struct api_answer offered = get(f, "ListAvailableScopes", "/api/tokens/list/scopes");
    assert_true(offered.value.count > 10);
    for (uint32_t i = 0; i < offered.value.count; i++) {
        const struct arras_value *scopes = ar_get_z(ar_item(&offered.value, i), "scopes");
        for (uint32_t k = 0; k < scopes->count; k++) {
            struct ar_scope scope;
            assert_true(ar_scope_read(ar_text(ar_get_z(ar_item(scopes, k), "value")), &scope));
        }
    }
}

static void scopes_grant_what_they_say(void **state)
{
    (void)state;
    assert_true(allows("jobs:read", "jobs", "read", "", ""));
    assert_true(allows("jobs:write", "jobs", "read", "", ""));
    assert_false(allows("jobs:write", "jobs", "run", "scripts", "f/a/b"));
    assert_false(allows("jobs:read", "jobs", "write", "", ""));
    assert_true(allows("jobs:run", "jobs", "run", "", ""));
    assert_true(allows("jobs:run:scripts", "jobs", "run", "scripts", "f/a/b"));
    assert_false(allows("jobs:run:scripts", "jobs", "run", "flows", "f/a/b"));
    assert_true(allows("run:script/f/a/b", "jobs", "run", "scripts", "f/a/b"));
    assert_false(allows("run:script/f/a/b", "jobs", "run", "scripts", "f/a/c"));
    assert_true(allows("scripts:read:f/a/*,u/x/y", "scripts", "read", "", "u/x/y"));
    assert_false(allows("scripts:read:f/a/*", "scripts", "read", "", "f/a"));
    assert_false(allows("scripts:read:f/a/*", "scripts", "read", "", ""));
    assert_false(allows("scripts:read:", "scripts", "read", "", "f/a/b"));
    assert_false(allows("*", "scripts", "read", "", "f/a/b"));
    assert_false(allows("a:b:c:d", "a", "b", "", "c"));
}

static void folders_say_who_uses_what(void **state)
{
    struct api_fixture *f = *state;
    add_people(f);
    f->token = ANN;
    assert_int_equal(deploy(f, "f/none/x"), 403); /* no such folder */
    assert_int_equal(deploy(f, "u/member/x"), 403);
    assert_int_equal(deploy(f, "u/ann/x"), 201);
    assert_str(post(f, "createFolder", W "/folders/create", "{\"name\":\"team\"}").body,
               "Created folder team");
    assert_int_equal(post(f, "createFolder", W "/folders/create", "{\"name\":\"team\"}").status,
                     400);
    assert_int_equal(deploy(f, "f/team/x"), 201);
    struct api_answer me = get(f, "whoami", W "/users/whoami");
    assert_str(ar_text(ar_item(ar_get_z(&me.value, "folders_owners"), 0)), "team");

    f->token = MEMBER;
    api_assert_error(get(f, "getScriptByPath", W "/scripts/get/p/f/team/x"), 404,
                     "Not found: Script not found at name f/team/x");
    assert_int_equal(run(f, "f/team/x"), 404);
    assert_int_equal(get(f, "listScripts", W "/scripts/list").value.count, 0);
    assert_int_equal(get(f, "getFolder", W "/folders/get/team").status, 404);

    f->token = ANN;
    assert_int_equal(post(f, "createGroup", W "/groups/create", "{\"name\":\"devs\"}").status, 200);
    assert_int_equal(
        post(f, "addUserToGroup", W "/groups/adduser/devs", "{\"username\":\"member\"}").status,
        200);
    assert_int_equal(post(f, "addGranularAcls", W "/acls/add/folder/team",
                          "{\"owner\":\"g/devs\",\"write\":false}")
                         .status,
                     200);
    f->token = MEMBER;
    assert_int_equal(run(f, "f/team/x"), 201);
    assert_int_equal(deploy(f, "f/team/x"), 403);
    assert_int_equal(
        post(f, "addOwnerToFolder", W "/folders/addowner/team", "{\"owner\":\"u/member\"}").status,
        403);
    f->token = ANN;
    assert_int_equal(
        post(f, "addOwnerToFolder", W "/folders/addowner/team", "{\"owner\":\"g/devs\"}").status,
        200);
    f->token = MEMBER;
    assert_int_equal(deploy(f, "f/team/x"), 201);
    assert_str(get(f, "isOwnerOfPath", W "/users/is_owner/f/team/x").body, "true");
    struct api_answer usage = get(f, "getFolderUsage", W "/folders/getusage/team");
    assert_str(text_of(&usage, "scripts"), "1");
    f->token = ANN;
    assert_int_equal(
        post(f, "removeOwnerToFolder", W "/folders/removeowner/team", "{\"owner\":\"g/devs\"}")
            .status,
        200);
    f->token = MEMBER;
    assert_int_equal(run(f, "f/team/x"), 404);
    assert_int_equal(api_ask(f, "deleteFolder", "DELETE", W "/folders/delete/team", NULL).status,
                     404);
    f->token = ANN;
    assert_int_equal(
        post(f, "updateFolder", W "/folders/update/team", "{\"summary\":\"s\"}").status, 200);
    assert_str(get(f, "existsFolder", W "/folders/exists/team").body, "true");
    assert_int_equal(get(f, "listFolders", W "/folders/list").value.count, 4);
    assert_int_equal(get(f, "listFolderNames", W "/folders/listnames").value.count, 4);
    assert_int_equal(api_ask(f, "deleteFolder", "DELETE", W "/folders/delete/team", NULL).status,
                     200);
    assert_int_equal(deploy(f, "f/team/x"), 403);
}

static void one_thing_is_shared(void **state)
{
    struct api_fixture *f = *state;
    add_people(f);
    f->token = ANN;
    assert_int_equal(deploy(f, "u/ann/x"), 201);
    assert_int_equal(post(f, "createVariable", W "/variables/create",
                          "{\"path\":\"u/ann/v\",\"value\":\"1\",\"is_secret\":false}")
                         .status,
                     201);
    f->token = MEMBER;
    assert_int_equal(
        post(f, "addGranularAcls", W "/acls/add/script/u/ann/x", "{\"owner\":\"u/member\"}").status,
        404);
    f->token = ANN;
    assert_int_equal(post(f, "addGranularAcls", W "/acls/add/script/u/ann/x",
                          "{\"owner\":\"u/member\",\"write\":true}")
                         .status,
                     200);
    assert_int_equal(
        post(f, "addGranularAcls", W "/acls/add/variable/u/ann/v", "{\"owner\":\"g/all\"}").status,
        200);
    f->token = MEMBER;
    assert_int_equal(deploy(f, "u/ann/x"), 201);
    /* a new version keeps what was said of the old one */
    assert_str(get(f, "getGranularAcls", W "/acls/get/script/u/ann/x").body, "{\"u/member\":true}");
    assert_int_equal(get(f, "getVariableValue", W "/variables/get_value/u/ann/v").status, 200);
    f->token = ANN;
    assert_int_equal(
        post(f, "removeGranularAcls", W "/acls/remove/script/u/ann/x", "{\"owner\":\"u/member\"}")
            .status,
        200);
    f->token = MEMBER;
    assert_int_equal(run(f, "u/ann/x"), 404);
    assert_int_equal(get(f, "getGranularAcls", W "/acls/get/app/u/ann/x").status, 400);
}

static void jobs_are_seen_by_whom_they_concern(void **state)
{
    struct api_fixture *f = *state;
    add_people(f);
    f->token = ANN;
    assert_int_equal(deploy(f, "u/ann/x"), 201);
    struct arras_str id = post(f, "runScriptByPath", W "/jobs/run/p/u/ann/x", "{}").body;
    struct arras_str expected;
    assert_true(ar_str_printf(&f->arena, &expected,
                              "Permission denied: You do not have access to run %.*s. Ask a user "
                              "who has to share what you need of it",
                              AR_STR_ARG(id)));
    f->token = MEMBER;
    api_assert_error(api_ask_of(f, "getJob", "GET", "jobs_u/get/", id, ""), 403, expected.ptr);
    api_assert_error(api_ask_of(f, "getJobUpdates", "GET", "jobs_u/getupdate/", id, ""), 403,
                     expected.ptr);
    api_assert_error(api_ask_of(f, "cancelQueuedJob", "POST", "jobs_u/queue/cancel/", id, ""), 403,
                     expected.ptr);
    assert_int_equal(get(f, "listJobs", W "/jobs/list").value.count, 0);
    struct arras_str body;
    assert_true(ar_str_printf(&f->arena, &body, "[\"%.*s\"]", AR_STR_ARG(id)));
    assert_int_equal(
        post(f, "cancelSelection", W "/jobs/queue/cancel_selection", body.ptr).value.count, 0);
    f->token = ADMIN;
    assert_int_equal(api_ask_of(f, "getJob", "GET", "jobs_u/get/", id, "").status, 200);
    f->token = ANN;
    assert_int_equal(get(f, "listJobs", W "/jobs/list").value.count, 1);
    assert_int_equal(
        api_ask_of(f, "cancelQueuedJob", "POST", "jobs_u/queue/cancel/", id, "").status, 200);
}

static void operators_run_and_no_more(void **state)
{
    struct api_fixture *f = *state;
    add_people(f);
    api_deploy(f, "u/demo/hello");
    assert_int_equal(ar_store_perms_set(f->api.store, "script", AR_STR("main"),
                                        AR_STR("u/demo/hello"), AR_STR("{\"g/all\":false}"), NULL),
                     ARRAS_OK);
    f->token = OPERATOR;
    assert_int_equal(run(f, "u/demo/hello"), 201);
    api_assert_error(post(f, "runScriptPreview", W "/jobs/run/preview",
                          "{\"content\":\"echo\",\"language\":\"bash\"}"),
                     401, "Not authorized: Operators cannot run preview jobs for security reasons");
    assert_int_equal(deploy(f, "u/otto/x"), 401);
    assert_int_equal(post(f, "createFolder", W "/folders/create", "{\"name\":\"x\"}").status, 401);
    assert_int_equal(post(f, "createGroup", W "/groups/create", "{\"name\":\"x\"}").status, 401);
}

static void a_workspace_comes_and_goes(void **state)
{
    struct api_fixture *f = *state;
    assert_str(get(f, "getGlobal", "/api/settings/global/automate_username_creation").body, "true");
    assert_str(post(f, "createWorkspace", "/api/workspaces/create",
                    "{\"id\":\"team\",\"name\":\"The team\",\"username\":null}")
                   .body,
               "Created workspace team");
    api_assert_error(post(f, "createWorkspace", "/api/workspaces/create",
                          "{\"id\":\"team\",\"name\":\"The team\"}"),
                     400, "Bad request: a workspace of that id already exists");
    assert_int_equal(
        post(f, "createWorkspace", "/api/workspaces/create", "{\"id\":\"a/b\",\"name\":\"x\"}")
            .status,
        400);
    assert_str(get(f, "getWorkspaceName", "/api/w/team/workspaces/get_workspace_name").body,
               "The team");
    struct api_answer me = get(f, "whoami", "/api/w/team/users/whoami");
    assert_str(text_of(&me, "username"), "admin");
    assert_int_equal(get(f, "listGroups", "/api/w/team/groups/list").value.count, 2);
    assert_int_equal(get(f, "listFolders", "/api/w/team/folders/list").value.count, 3);
    assert_int_equal(get(f, "getSettings", "/api/w/team/workspaces/get_settings").status, 200);
    assert_int_equal(
        get(f, "getWorkspaceEncryptionKey", "/api/w/team/workspaces/encryption_key").status, 501);
    assert_int_equal(post(f, "changeWorkspaceName", "/api/w/team/workspaces/change_workspace_name",
                          "{\"new_name\":\"Us\"}")
                         .status,
                     200);
    assert_int_equal(post(f, "addUser", "/api/w/team/workspaces/add_user",
                          "{\"email\":\"member@localhost\",\"is_admin\":false,\"operator\":true}")
                         .status,
                     200);
    assert_int_equal(get(f, "listUsers", "/api/w/team/users/list").value.count, 2);
    assert_str(get(f, "usernameToEmail", "/api/w/team/users/username_to_email/member").body,
               "member@localhost");
    assert_str(post(f, "existsUsername", "/api/workspaces/exists_username",
                    "{\"id\":\"team\",\"username\":\"member\"}")
                   .body,
               "true");
    assert_int_equal(post(f, "updateUser", "/api/w/team/users/update/member",
                          "{\"operator\":false,\"is_admin\":true}")
                         .status,
                     200);
    struct api_answer member = get(f, "whois", "/api/w/team/users/whois/member");
    assert_true(ar_get_z(&member.value, "is_admin")->boolean);
    assert_int_equal(
        api_ask(f, "deleteUser", "DELETE", "/api/w/team/users/delete/member", NULL).status, 200);
    assert_int_equal(
        get(f, "listWorkspacesAsSuperAdmin", "/api/workspaces/list_as_superadmin").value.count, 3);
    assert_int_equal(get(f, "listWorkspaces", "/api/workspaces/list").value.count, 2);
    assert_int_equal(post(f, "archiveWorkspace", "/api/w/team/workspaces/archive", NULL).status,
                     200);
    assert_int_equal(get(f, "listWorkspaces", "/api/workspaces/list").value.count, 1);
    assert_int_equal(post(f, "unarchiveWorkspace", "/api/workspaces/unarchive/team", NULL).status,
                     200);
    assert_int_equal(
        api_ask(f, "deleteWorkspace", "DELETE", "/api/workspaces/delete/team", NULL).status, 200);
    assert_str(post(f, "existsWorkspace", "/api/workspaces/exists", "{\"id\":\"team\"}").body,
               "false");
    api_assert_error(api_ask(f, "deleteWorkspace", "DELETE", "/api/workspaces/delete/main", NULL),
                     400, "Bad request: workspace main is this server's own");
}

static void what_is_done_is_on_record(void **state)
{
    struct api_fixture *f = *state;
    add_people(f);
    f->token = ANN;
    assert_int_equal(deploy(f, "u/ann/x"), 201);
    struct arras_str id = post(f, "runScriptByPath", W "/jobs/run/p/u/ann/x", "{}").body;
    assert_int_equal(post(f, "createVariable", W "/variables/create",
                          "{\"path\":\"u/ann/v\",\"value\":\"hunter2\",\"is_secret\":true}")
                         .status,
                     201);
    get(f, "getVariableValue", W "/variables/get_value/u/ann/v");
    f->token = ADMIN;
    struct api_answer list = get(f, "listAuditLogs", W "/audit/list?per_page=30");
    static const char *const operations[] = {"variables.decrypt_secret", "variables.create",
                                             "jobs.run.script", "scripts.create"};
    assert_int_equal(list.value.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(
            ar_str_is(ar_text(ar_get_z(ar_item(&list.value, i), "operation")), operations[i]));
        assert_str(ar_text(ar_get_z(ar_item(&list.value, i), "username")), "ann");
    }
    const struct arras_value *ran = ar_item(&list.value, 2);
    assert_true(ar_str_eq(ar_text(ar_get_z(ar_get_z(ran, "parameters"), "uuid")), id));
    assert_true(ar_str_find(list.body, AR_STR("hunter2"), 0) == AR_NOT_FOUND);
    assert_int_equal(get(f, "listAuditLogs", W "/audit/list?action_kind=Create").value.count, 2);
    assert_int_equal(
        get(f, "listAuditLogs", W "/audit/list?resource=u/ann/v&per_page=1&page=2").value.count, 1);
    assert_int_equal(
        get(f, "listAuditLogs", W "/audit/list?exclude_operations=jobs.run.script").value.count, 3);
    struct arras_str number = ar_text(ar_get_z(ran, "id"));
    assert_int_equal(api_ask_of(f, "getAuditLog", "GET", "audit/get/", number, "").status, 200);
    f->token = MEMBER; /* who did none of it */
    assert_int_equal(get(f, "listAuditLogs", W "/audit/list").value.count, 0);
    assert_int_equal(api_ask_of(f, "getAuditLog", "GET", "audit/get/", number, "").status, 404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_set_up, api_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_account_logs_in_and_out),    TEST(guessing_passwords_ends),
        TEST(accounts_are_for_super_admins), TEST(tokens_are_told_once),
        TEST(a_group_changes_and_goes),      TEST(a_member_leaves),
        TEST(sessions_are_refreshed),        TEST(super_admins_make_tokens_of_others),
        TEST(scopes_limit_a_token),          TEST(the_scopes_of_a_token_change),
        TEST(scopes_grant_what_they_say),    TEST(folders_say_who_uses_what),
        TEST(one_thing_is_shared),           TEST(jobs_are_seen_by_whom_they_concern),
        TEST(operators_run_and_no_more),     TEST(a_workspace_comes_and_goes),
        TEST(what_is_done_is_on_record),
    };
    return cmocka_run_group_tests(tests, api_make_directory, api_remove_directory);
}
