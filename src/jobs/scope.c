#include "jobs/scope.h"
#include "value/json.h"

bool ar_scope_read(struct arras_str text, struct ar_scope *ret)
{
    struct ar_scope scope = {.path_later = false};
    if (ar_str_starts(text, "run:")) {
        struct arras_str path = ar_str_from(text, strlen("run:"));
        struct arras_str kind = ar_str_cut(&path, '/');
        scope.kind = ar_str_is(kind, "script") ? AR_STR("scripts") : AR_STR("flows");
        *ret = (struct ar_scope){AR_STR("jobs"), AR_STR("run"), scope.kind, path, false};
        return path.len > 0 && (ar_str_is(kind, "script") || ar_str_is(kind, "flow"));
    }
    bool limited = text.len > 0 && text.ptr[text.len - 1] == ':';
    scope.domain = ar_str_cut(&text, ':');
    scope.action = ar_str_cut(&text, ':');
    if (ar_str_is(scope.domain, "jobs") && ar_str_is(scope.action, "run")) {
        scope.kind = ar_str_cut(&text, ':');
    }
    scope.path = text;
    *ret = scope;
    return scope.domain.len && scope.action.len && !limited &&
           ar_str_find_char(text, ':', 0) == AR_NOT_FOUND;
}

/* One of the paths of a scope. */
static bool path_matches(struct arras_str pattern, struct arras_str path)
{
    if (ar_str_is(pattern, "*") || ar_str_eq(pattern, path)) {
        return true;
    }
    if (!ar_str_ends(pattern, "/*")) {
        return false;
    }
    struct arras_str below = ar_str_sub(pattern, 0, pattern.len - 1);
    return path.len > below.len && ar_str_eq(ar_str_sub(path, 0, below.len), below);
}

static bool paths_match(struct arras_str paths, const struct ar_scope *wanted)
{
    if (paths.len == 0 || wanted->path_later) {
        return true;
    }
    bool matches = false;
    while (paths.len && wanted->path.len) {
        matches = path_matches(ar_str_cut(&paths, ','), wanted->path) || matches;
    }
    return matches;
}

static bool grants(struct arras_str text, const struct ar_scope *wanted)
{
    struct ar_scope scope;
    if (!ar_scope_read(text, &scope) || !ar_str_eq(scope.domain, wanted->domain)) {
        return false;
    }
    bool action = ar_str_eq(scope.action, wanted->action) ||
                  (ar_str_is(scope.action, "write") && ar_str_is(wanted->action, "read"));
    bool kind = scope.kind.len == 0 || ar_str_eq(scope.kind, wanted->kind);
    return action && kind && paths_match(scope.path, wanted);
}

bool ar_scope_allows(struct arras_str scopes, const struct ar_scope *wanted)
{
    struct ar_source source = {AR_STR("the store"), scopes};
    struct ar_arena arena;
    struct arras_value list;
    bool allows = false;
    if (scopes.len == 0) {
        return true;
    }
    ar_arena_init(&arena, 0);
    if (ar_json_read(&source, &arena, NULL, &list) == ARRAS_OK && ar_is(&list, ARRAS_ARRAY)) {
        for (uint32_t i = 0; i < list.count && !allows; i++) {
            allows = grants(ar_text(&list.items[i]), wanted);
        }
    }
    ar_arena_release(&arena);
    return allows;
}

bool ar_scope_name(const struct ar_scope *scope, struct ar_arena *arena, struct arras_str *ret)
{
    return ar_str_printf(arena, ret, "%.*s:%.*s%s%.*s%s%.*s", AR_STR_ARG(scope->domain),
                         AR_STR_ARG(scope->action), scope->kind.len ? ":" : "",
                         AR_STR_ARG(scope->kind), scope->path.len ? ":" : "",
                         AR_STR_ARG(scope->path));
}
