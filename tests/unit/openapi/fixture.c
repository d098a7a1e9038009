#include "fixture.h"
#include "unit/harness.h"
#include "value/json.h"

void fixture_open(struct fixture *f, const char *location, const char *text,
                  const struct ar_description_options *options)
{
    *f = (struct fixture){0};
    ar_arena_init(&f->arena, 0);
    ar_diags_init(&f->diags, &f->arena);
    assert_int_equal(ar_document_parse(AR_STR("api.yaml"), ar_str_z(text), ARRAS_FORMAT_YAML,
                                       &f->arena, &f->diags, &f->document),
                     ARRAS_OK);
    assert_int_equal(ar_description_new(&f->document, ar_str_z(location), options, &f->arena,
                                        &f->diags, &f->description),
                     ARRAS_OK);
}

void fixture_close(struct fixture *f)
{
    ar_arena_release(&f->arena);
}

const struct arras_value *fixture_value(struct fixture *f, const char *json)
{
    struct ar_source source = {AR_STR("value"), ar_str_z(json)};
    struct arras_value value;
    if (ar_json_read(&source, &f->arena, &f->diags, &value)) {
        fail_msg("not JSON: %s", json);
    }
    return ar_value_new(&f->arena, value);
}

const struct ar_operation *fixture_operation(struct fixture *f, const char *id)
{
    const struct ar_operation *operation = ar_operation_by_id(f->description, ar_str_z(id), NULL);
    if (!operation) {
        fail_msg("no operation %s", id);
    }
    return operation;
}

static enum ar_parameter_in place(struct arras_str name)
{
    static const char *const names[] = {"path", "query", "header", "cookie", "querystring"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (ar_str_is(name, names[i])) {
            return (enum ar_parameter_in)i;
        }
    }
    fail_msg("no place %.*s", AR_STR_ARG(name));
    return AR_IN_PATH;
}

static const char *show(struct fixture *f, const struct ar_http_request *request)
{
    struct ar_buf buf;
    ar_buf_init(&buf, 1 << 20);
    if (request) {
        ar_buf_printf(&buf, "%.*s %.*s\n", AR_STR_ARG(request->method), AR_STR_ARG(request->url));
        for (size_t i = 0; i < request->headers.count; i++) {
            ar_buf_printf(&buf, "%.*s: %.*s\n", AR_STR_ARG(request->headers.items[i].name),
                          AR_STR_ARG(request->headers.items[i].value));
        }
        for (size_t i = 0; i < request->part_count; i++) {
            const struct ar_body_part *part = &request->parts[i];
            ar_buf_add_z(&buf, i ? "" : "\n");
            if (part->path) {
                ar_buf_printf(&buf, "(%llu bytes of %s)", (unsigned long long)part->size,
                              part->path);
            }
            ar_buf_add_str(&buf, part->bytes);
        }
        if (request->has_body) {
            ar_buf_printf(&buf, "%s%.*s\n", request->part_count ? "" : "\n",
                          AR_STR_ARG(request->body));
        }
    }
    for (size_t i = 0; i < f->diags.list.count; i++) {
        const struct arras_diag *diag = &f->diags.list.items[i];
        ar_buf_printf(&buf, "%s %s: %.*s\n",
                      diag->severity == ARRAS_ERROR ? arras_status_name(diag->status) : "warning",
                      diag->code, AR_STR_ARG(diag->message));
    }
    struct arras_str text;
    assert_int_equal(ar_buf_copy(&buf, &f->arena, &text), ARRAS_OK);
    ar_buf_release(&buf);
    return text.ptr;
}

const char *fixture_request(struct fixture *f, const char *operation, const char *arguments,
                            const char *payload, const char *type, bool strict)
{
    struct ar_argument list[16];
    const struct arras_value *given = fixture_value(f, arguments ? arguments : "[]");
    assert_true(given->count <= 16);
    for (uint32_t i = 0; i < given->count; i++) {
        const struct arras_value *one = &given->items[i];
        list[i] = (struct ar_argument){.name = ar_text(ar_item(one, 1)),
                                       .in = place(ar_text(ar_item(one, 0))),
                                       .value = ar_item(one, 2)};
    }
    struct ar_source source = {AR_STR("flow.yaml"), AR_STR("")};
    struct ar_call call = {.operation = fixture_operation(f, operation),
                           .server = AR_STR("http://h"),
                           .arguments = list,
                           .argument_count = given->count,
                           .uploads = f->uploads,
                           .payload = payload ? fixture_value(f, payload) : NULL,
                           .content_type = ar_str_z(type),
                           .source = &source,
                           .strict = strict};
    struct ar_http_request request;
    ar_diags_init(&f->diags, &f->arena);
    enum arras_status status = ar_request_build(&call, &f->arena, &f->diags, &request);
    assert_int_equal(status != ARRAS_OK, f->diags.errors > 0);
    return show(f, status ? NULL : &request);
}
