#include "jobs/api/route.h"
#include "base/clock.h"
#include "base/uri.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "jobs/api/rights.h"
#include "base/hash.h"
#include "jobs/secret.h"

/* Still encoded. */
struct capture {
    struct arras_str workspace, part, tail;
};

/* Both without their first '/'. */
static bool match(struct arras_str pattern, struct arras_str path, struct capture *ret)
{
    *ret = (struct capture){.tail = {NULL, 0}};
    for (;;) {
        if (ar_str_starts(pattern, "{*")) {
            ret->part = ret->tail;
            ret->tail = path;
            return path.len > 0;
        }
        bool last = ar_str_find_char(pattern, '/', 0) == AR_NOT_FOUND;
        if (last != (ar_str_find_char(path, '/', 0) == AR_NOT_FOUND)) {
            return false;
        }
        struct arras_str want = ar_str_cut(&pattern, '/');
        struct arras_str segment = ar_str_cut(&path, '/');
        if (ar_str_is(want, "{workspace}")) {
            ret->workspace = segment;
        } else if (ar_str_starts(want, "{")) {
            ret->part = ret->tail;
            ret->tail = segment;
        } else if (!ar_str_eq(want, segment)) {
            return false;
        }
        if (ar_str_starts(want, "{") && segment.len == 0) {
            return false;
        }
        if (last) {
            return true;
        }
    }
}

/* False, answered, where it is not text. */
static bool decode(struct ar_call *call, struct arras_str encoded, struct arras_str *ret)
{
    if (ar_uri_decode(encoded, call->arena, ret)) {
        ar_answer_failed(call, ARRAS_NO_MEMORY);
        return false;
    }
    if (ar_str_has_nul(*ret) || ar_utf8_valid(*ret) != ret->len) {
        ar_answer_text(call, 400, AR_STR("Bad request: the path is not UTF-8 text"));
        return false;
    }
    return true;
}

/* From a Cookie header (RFC 6265 section 4.2.1). */
static struct arras_str cookie_token(struct arras_str cookies)
{
    while (cookies.len) {
        struct arras_str value = ar_str_trim(ar_str_cut(&cookies, ';'));
        struct arras_str name = ar_str_cut(&value, '=');
        if (ar_str_is(name, "token")) {
            return value;
        }
    }
    return (struct arras_str){NULL, 0};
}

static bool find_token(struct ar_call *call, struct arras_str *ret)
{
    *ret = (struct arras_str){NULL, 0};
    const struct arras_str *header = ar_headers_find(&call->request->headers, "Authorization");
    if (header && ar_str_eq_nocase(ar_str_sub(*header, 0, 7), AR_STR("Bearer "))) {
        *ret = ar_str_trim(ar_str_from(*header, 7));
        return true;
    }
    const struct arras_str *cookies = ar_headers_find(&call->request->headers, "Cookie");
    if (cookies) {
        *ret = cookie_token(*cookies);
    }
    return ret->len > 0 || ar_param_text(call, "token", ret);
}

/* Tells the store, once in a while, that the token is in use. Nothing hangs on it: where the store
 * cannot keep it, the operation goes on. */
static void note_use(struct ar_call *call)
{
    if (call->now - call->user.last_used_at >= AR_API_TOKEN_USE_SECONDS * INT64_C(1000000)) {
        enum arras_status status =
            ar_store_token_touch(call->api->store, call->token, call->now, NULL);
        (void)status;
    }
}

/* Fills in call->user; false: answered. */
static bool authenticate(struct ar_call *call, enum ar_api_auth auth)
{
    struct arras_str token;
    if (auth == AR_AUTH_NONE) {
        return true;
    }
    if (!find_token(call, &token)) {
        return false;
    }
    if (token.len == 0 && auth == AR_AUTH_OPTIONAL) {
        ar_answer_text(call, 400,
                       AR_STR("Bad request: As a non logged in user, you can only see jobs ran by "
                              "anonymous users"));
        return false;
    }
    call->token_text = token;
    enum arras_status status =
        token.len ? ar_sha256_hex(token, call->arena, &call->token) : ARRAS_NOT_FOUND;
    if (!status) {
        struct ar_store *store = call->api->store;
        status = ar_store_token_find(store, call->token, call->now, call->arena, &call->diags,
                                     &call->user);
    }
    if (status == ARRAS_NOT_FOUND) {
        ar_tell_refused(call->api->telemetry, call->request->path);
        ar_answer_text(call, 401, AR_STR("Unauthorized"));
    } else if (status) {
        ar_answer_failed(call, status);
    } else {
        note_use(call);
    }
    return status == ARRAS_OK;
}

/* False, answered: there is no such workspace, or it is not the caller's. Who may not know which
 * exist is told the same in both cases. */
static bool refuse_workspace(struct ar_call *call, bool exists)
{
    if (call->user.superadmin && !exists) {
        ar_answer_textf(call, 404, "Not found: workspace not found at name %.*s",
                        AR_STR_ARG(call->workspace));
    } else {
        ar_answer_textf(call, 401, "Not authorized: %.*s is not a member of workspace %.*s",
                        AR_STR_ARG(call->user.email), AR_STR_ARG(call->workspace));
    }
    return false;
}

/* Windmill always has this workspace; there clients ask for what is of all workspaces. */
static bool reads_admins(const struct ar_call *call)
{
    return call->user.superadmin && ar_str_is(call->request->method, "GET") &&
           ar_str_is(call->workspace, "admins");
}

/* The caller as the member that it is of the workspace of the path. A super admin needs to be
 * none. */
static bool enter_workspace(struct ar_call *call)
{
    struct ar_user *user = &call->user;
    struct ar_membership member;
    if (user->workspace.len && !ar_str_eq(user->workspace, call->workspace)) {
        return refuse_workspace(call, true);
    }
    enum arras_status status = ar_store_membership(call->api->store, call->workspace, user->email,
                                                   call->arena, &call->diags, &member);
    if (status && status != ARRAS_NOT_FOUND) {
        ar_answer_failed(call, status);
        return false;
    }
    if (status && reads_admins(call)) {
        return true;
    }
    bool is_member = !status && member.username.len && !member.disabled;
    if (status || (!is_member && !user->admin)) {
        return refuse_workspace(call, !status);
    }
    if (member.workspace.archived && !user->superadmin) {
        ar_answer_textf(call, 400, "Bad request: workspace %.*s is archived",
                        AR_STR_ARG(call->workspace));
        return false;
    }
    if (is_member) {
        user->username = member.username;
        user->is_operator = member.is_operator && !member.admin && !user->admin;
        user->admin = user->admin || member.admin;
    }
    return true;
}

static bool load_access(struct ar_call *call)
{
    enum arras_status status = ar_access_load(call->api->store, &call->user, call->workspace,
                                              call->arena, &call->diags, &call->access);
    if (status) {
        ar_answer_failed(call, status);
    }
    return status == ARRAS_OK;
}

static bool starts_jobs(const struct ar_route *route)
{
    return strncmp(route->operation, "run", 3) == 0 ||
           strcmp(route->operation, "batchReRunJobs") == 0;
}

/* What runs scripts is of that kind, be its path known here or later; anything else that starts a
 * job needs the right to run any code. */
static struct ar_scope scope_of_run(const struct ar_call *call, struct arras_str path)
{
    struct ar_scope scope = {.domain = AR_STR("jobs"), .action = AR_STR("run")};
    if (ar_str_ends(path, "/p/{*path}")) {
        scope.kind = AR_STR("scripts");
        scope.path = call->tail;
    } else if (ar_str_ends(path, "/h/{hash}")) {
        scope.kind = AR_STR("scripts");
        scope.path_later = true;
    } else if (ar_str_find(path, AR_STR("/f/"), 0) != AR_NOT_FOUND ||
               ar_str_find(path, AR_STR("/fv/"), 0) != AR_NOT_FOUND) {
        scope.kind = AR_STR("flows");
    }
    return scope;
}

struct arras_str ar_route_domain(const struct ar_route *route)
{
    struct arras_str path = ar_str_z(route->path);
    struct arras_str rest =
        ar_str_from(path, ar_str_starts(path, "/w/") ? strlen("/w/{workspace}/") : strlen("/"));
    struct arras_str domain = ar_str_cut(&rest, '/');
    return ar_str_is(domain, "jobs_u") ? AR_STR("jobs") : domain;
}

/* What an operation needs of a token that is limited: by where it lies and whether it changes
 * something. */
static struct ar_scope scope_of(const struct ar_call *call, const struct ar_route *route)
{
    struct arras_str path = ar_str_z(route->path);
    if (starts_jobs(route)) {
        return scope_of_run(call, path);
    }
    bool reads = strcmp(route->method, "GET") == 0;
    return (struct ar_scope){
        .domain = ar_route_domain(route),
        .action = reads ? AR_STR("read") : AR_STR("write"),
        .path = ar_str_ends(path, "{*path}") ? call->tail : AR_STR(""),
        .path_later = ar_str_ends(path, "/create"),
    };
}

/* Anybody may ask who it is. */
static bool check_scopes(struct ar_call *call, const struct ar_route *route)
{
    call->scope = scope_of(call, route);
    if (call->user.scopes.len == 0 || ar_str_ends(ar_str_z(route->path), "/users/whoami") ||
        ar_scope_allows(call->user.scopes, &call->scope)) {
        return true;
    }
    return ar_call_scope_at(call, call->scope.path);
}

static void dispatch(struct ar_call *call, const struct ar_route *route,
                     const struct capture *capture)
{
    if (!decode(call, capture->workspace, &call->workspace) ||
        !decode(call, capture->part, &call->part) || !decode(call, capture->tail, &call->tail) ||
        !authenticate(call, route->auth)) {
        return;
    }
    if (capture->workspace.len && (!enter_workspace(call) || !load_access(call))) {
        return;
    }
    if (starts_jobs(route) && atomic_load(&call->api->stopping)) {
        ar_answer_text(call, 503, AR_STR("Service unavailable: this server is being stopped"));
        return;
    }
    if (route->auth == AR_AUTH_NONE || check_scopes(call, route)) {
        route->answer(call);
    }
}

static void metrics(struct ar_call *call)
{
    struct ar_api *api = call->api;
    if (!api->metrics_open && !authenticate(call, AR_AUTH_USER)) {
        return;
    }
    if (!api->metrics_open && (!call->user.superadmin || call->user.scopes.len)) {
        ar_answer_text(call, 403, AR_STR("Permission denied: metrics are for super admins"));
        return;
    }
    ar_api_metrics(call);
}

/* HEAD is answered as GET is, without the body; clients also ask it of the routes that start jobs,
 * where nothing must happen. */
static bool method_matches(const struct ar_route *route, struct arras_str method)
{
    return ar_str_is(method, route->method) ||
           (ar_str_is(method, "HEAD") &&
            (ar_str_is(ar_str_z(route->method), "GET") || starts_jobs(route)));
}

static void answer_unknown(struct ar_call *call, bool path_known)
{
    const struct ar_server_request *request = call->request;
    if (path_known) {
        ar_answer_textf(call, 405, "Method not allowed: %.*s %.*s", AR_STR_ARG(request->method),
                        AR_STR_ARG(ar_str_sub(request->path, 0, 200)));
    } else {
        ar_answer_textf(call, 404, "Not found: this server has no operation %.*s %.*s",
                        AR_STR_ARG(request->method), AR_STR_ARG(ar_str_sub(request->path, 0, 200)));
    }
}

static void find_route(struct ar_call *call)
{
    struct arras_str method = call->request->method;
    struct arras_str path = ar_str_from(call->request->path, strlen("/api/"));
    struct capture capture;
    bool path_known = false;
    for (size_t i = 0; ar_str_starts(call->request->path, "/api/") && i < ar_route_count; i++) {
        const struct ar_route *route = &ar_routes[i];
        if (!match(ar_str_z(route->path + 1), path, &capture)) {
            continue;
        }
        path_known = true;
        if (!method_matches(route, method)) {
            continue;
        }
        if (ar_str_is(method, "HEAD") && starts_jobs(route)) {
            call->response->status = 200;
            return;
        }
        dispatch(call, route, &capture);
        return;
    }
    answer_unknown(call, path_known);
}

/* Pages of any origin may call: what they may do hangs on the token that they must send. */
static struct ar_header cors[] = {
    {AR_STR_INIT("Access-Control-Allow-Origin"), AR_STR_INIT("*")},
    {AR_STR_INIT("Access-Control-Allow-Methods"), AR_STR_INIT("GET, POST")},
    {AR_STR_INIT("Access-Control-Allow-Headers"), AR_STR_INIT("content-type, authorization")},
};

/* An answer that comes later is counted when it comes. */
struct counted {
    struct ar_server_later later; /* the operation's */
    struct ar_telemetry *telemetry;
    const struct ar_server_request *request;
};

static bool answer_counted(void *context, bool stopping, int64_t *until,
                           struct ar_server_response *ret)
{
    const struct counted *c = context;
    bool answered = c->later.answer(c->later.context, stopping, until, ret);
    if (answered) {
        ar_tell_request(c->telemetry, c->request->method, c->request->path, ret->status);
    }
    return answered;
}

static void end_counted(void *context, bool complete)
{
    const struct counted *c = context;
    c->later.end(c->later.context, complete);
}

/* Now, or when it is answered. Without memory for that it is not counted. */
static void count_request(struct ar_telemetry *telemetry, const struct ar_server_request *request,
                          struct ar_server_response *response)
{
    if (!response->later.answer) {
        ar_tell_request(telemetry, request->method, request->path, response->status);
        return;
    }
    struct counted *c = ar_arena_alloc(request->arena, sizeof(*c));
    if (c) {
        *c = (struct counted){response->later, telemetry, request};
        response->later =
            (struct ar_server_later){.answer = answer_counted, .end = end_counted, .context = c};
    }
}

void ar_api_handle(void *context, const struct ar_server_request *request,
                   struct ar_server_response *ret)
{
    struct ar_call call = {
        .api = context,
        .request = request,
        .response = ret,
        .arena = request->arena,
        .now = ar_clock_wall(ar_clock_system()),
    };
    ar_diags_init(&call.diags, request->arena);
    bool preflight = ar_str_is(request->method, "OPTIONS");
    ret->headers = (struct ar_headers){cors, preflight ? 3 : 1};
    if (preflight) {
        ret->status = 200;
        return;
    }
    if (call.api->telemetry && ar_str_is(request->path, "/metrics") &&
        ar_str_is(request->method, "GET")) {
        metrics(&call);
    } else {
        find_route(&call);
    }
    count_request(call.api->telemetry, request, ret);
}
