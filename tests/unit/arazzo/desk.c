#include "unit/arazzo/desk.h"
#include "value/json.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char things[] = "openapi: 3.1.0\n"
                             "info: {title: things, version: '1'}\n"
                             "servers: [{url: 'http://test.example/v1'}]\n"
                             "paths:\n"
                             "  /things:\n"
                             "    get:\n"
                             "      operationId: listThings\n"
                             "      parameters: [{name: q, in: query, schema: {type: string}}]\n"
                             "    post: {operationId: addThing}\n"
                             "  /things/{id}:\n"
                             "    get:\n"
                             "      operationId: getThing\n"
                             "      parameters: [{name: id, in: path, required: true}]\n";

void desk_init(struct desk *desk)
{
    *desk = (struct desk){.directory = "/tmp/arras-test-XXXXXX"};
    ar_arena_init(&desk->arena, 0);
    ar_diags_init(&desk->diags, &desk->arena);
    assert_non_null(mkdtemp(desk->directory));
}

const char *desk_path(struct desk *desk, const char *name)
{
    snprintf(desk->path, sizeof(desk->path), "%s/%s", desk->directory, name);
    return desk->path;
}

void desk_write(struct desk *desk, const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof(path), "%s", desk_path(desk, name));
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

enum arras_status desk_load(struct desk *desk, const char *name, enum arras_strictness strictness,
                            const struct arras_settings *sources)
{
    struct arras_load_options options = {.strictness = strictness};
    if (sources) {
        options.sources = *sources;
    }
    ar_arazzo_release(desk->arazzo);
    desk->arazzo = NULL;
    enum arras_status status = ar_arazzo_load(desk_path(desk, name), &options, NULL, &desk->arena,
                                              &desk->diags, &desk->arazzo);
    for (size_t i = 0; !status && i < desk->arazzo->workflow_count; i++) {
        ar_diags_add(&desk->diags, &desk->arazzo->workflows[i].diags);
    }
    return status;
}

enum arras_status desk_workflows(struct desk *desk, enum arras_strictness strictness,
                                 const char *workflows)
{
    struct arras_str text;
    assert_true(ar_str_printf(
        &desk->arena, &text,
        "arazzo: 1.0.1\ninfo: {title: t, version: '1'}\n"
        "sourceDescriptions: [{name: things, url: things.yaml, type: openapi}]\nworkflows:\n%s",
        workflows));
    desk_write(desk, "things.yaml", things);
    desk_write(desk, "doc.yaml", text.ptr);
    enum arras_status status = desk_load(desk, "doc.yaml", strictness, NULL);
    for (size_t i = 0; !status && i < desk->arazzo->workflow_count; i++) {
        status = desk->arazzo->workflows[i].status;
    }
    return status;
}

enum arras_status desk_step(struct desk *desk, enum arras_strictness strictness,
                            const char *members)
{
    struct arras_str text;
    assert_true(ar_str_printf(&desk->arena, &text,
                              "- workflowId: w\n  steps:\n  - stepId: s\n"
                              "    operationId: listThings\n%s",
                              members));
    return desk_workflows(desk, strictness, text.ptr);
}

bool desk_told(const struct desk *desk, const char *code, const char *message)
{
    for (size_t i = 0; i < desk->diags.list.count; i++) {
        const struct arras_diag *diag = &desk->diags.list.items[i];
        if (strcmp(diag->code, code) == 0 &&
            (!message || ar_str_find(diag->message, ar_str_z(message), 0) != AR_NOT_FOUND)) {
            return true;
        }
    }
    for (size_t i = 0; i < desk->diags.list.count; i++) {
        const struct arras_diag *diag = &desk->diags.list.items[i];
        print_message("# told %s: %.*s (line %u)\n", diag->code, AR_STR_ARG(diag->message),
                      diag->line);
    }
    return false;
}

const struct arras_value *desk_json(struct desk *desk, const char *json)
{
    struct ar_source *source = ar_new(&desk->arena, struct ar_source);
    struct arras_value value;
    assert_non_null(source);
    *source = (struct ar_source){AR_STR("json"), ar_str_z(json)};
    assert_int_equal(ar_json_read(source, &desk->arena, NULL, &value), ARRAS_OK);
    return ar_value_new(&desk->arena, value);
}

const char *desk_text(struct desk *desk, const struct arras_value *value)
{
    struct ar_buf buf;
    struct arras_str text;
    if (!value) {
        return "(nothing)";
    }
    ar_buf_init(&buf, 65536);
    ar_json_write(&buf, value, ARRAS_WRITE_COMPACT);
    assert_int_equal(ar_buf_copy(&buf, &desk->arena, &text), ARRAS_OK);
    ar_buf_release(&buf);
    return text.ptr;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

void desk_release(struct desk *desk)
{
    ar_arazzo_release(desk->arazzo);
    ar_arena_release(&desk->arena);
    nftw(desk->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
