/* The scopes that a token may have, as clients offer them: by what the operations are about. */
#include "jobs/api/route.h"

/* Adds {"value", "label", "requires_resource_path"}. */
static void add_scope(struct ar_list *scopes, struct ar_writer *w, struct arras_str value,
                      const char *label, bool has_paths)
{
    struct ar_writer scope;
    struct arras_value made = ar_null();
    ar_writer_init(&scope, w->arena);
    ar_put_text(&scope, "value", value);
    ar_put_text(&scope, "label", ar_str_z(label));
    ar_put_bool(&scope, "requires_resource_path", has_paths);
    enum arras_status status = ar_writer_value(&scope, &made);
    if (!status && !ar_list_push(scopes, made)) {
        status = ARRAS_NO_MEMORY;
    }
    w->status = w->status ? w->status : status;
}

static void add_action(struct ar_list *scopes, struct ar_writer *w, struct arras_str domain,
                       const char *action, const char *label)
{
    struct arras_str value = {NULL, 0};
    if (!ar_str_printf(w->arena, &value, "%.*s:%s", AR_STR_ARG(domain), action)) {
        w->status = ARRAS_NO_MEMORY;
    }
    add_scope(scopes, w, value, label, false);
}

static enum arras_status write_domain(struct ar_call *call, struct arras_str domain,
                                      struct arras_value *ret)
{
    struct ar_writer w;
    struct ar_list scopes;
    ar_writer_init(&w, call->arena);
    ar_list_init(&scopes, call->arena);
    add_action(&scopes, &w, domain, "read", "Read");
    add_action(&scopes, &w, domain, "write", "Read and write");
    if (ar_str_is(domain, "jobs")) {
        add_scope(&scopes, &w, AR_STR("jobs:run"), "Run anything", false);
        add_scope(&scopes, &w, AR_STR("jobs:run:scripts"), "Run scripts", true);
    }
    ar_put_text(&w, "name", domain);
    ar_put(&w, "scopes", ar_list_value(&scopes));
    return ar_writer_value(&w, ret);
}

static bool is_first(size_t index)
{
    struct arras_str domain = ar_route_domain(&ar_routes[index]);
    for (size_t i = 0; i < index; i++) {
        if (ar_routes[i].auth != AR_AUTH_NONE &&
            ar_str_eq(ar_route_domain(&ar_routes[i]), domain)) {
            return false;
        }
    }
    return ar_routes[index].auth != AR_AUTH_NONE;
}

void ar_api_list_scopes(struct ar_call *call)
{
    struct ar_list list;
    enum arras_status status = ARRAS_OK;
    ar_list_init(&list, call->arena);
    for (size_t i = 0; !status && i < ar_route_count; i++) {
        struct arras_value domain;
        if (!is_first(i)) {
            continue;
        }
        status = write_domain(call, ar_route_domain(&ar_routes[i]), &domain);
        if (!status && !ar_list_push(&list, domain)) {
            status = ARRAS_NO_MEMORY;
        }
    }
    if (status) {
        ar_answer_failed(call, status);
        return;
    }
    struct arras_value value = ar_list_value(&list);
    ar_answer_json(call, 200, &value);
}
