#include "unit/run/fixture.h"
#include "run/inputs.h"
#include "value/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char description[] =
    "openapi: 3.1.0\n"
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
    "      parameters: [{name: id, in: path, required: true}]\n"
    "    delete: {operationId: deleteThing}\n";

static void write_file(const struct fixture *fixture, const char *name, const char *head,
                       const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", fixture->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s%s", head, text);
    assert_int_equal(fclose(file), 0);
}

static int64_t fake_now(void *context)
{
    return ((struct fixture *)context)->now;
}

static int64_t fake_wall(void *context)
{
    return INT64_C(784111777000000) + ((struct fixture *)context)->now / 1000;
}

static void show(const struct fixture *fixture)
{
    for (size_t i = 0; i < fixture->diags.list.count; i++) {
        const struct arras_diag *diag = &fixture->diags.list.items[i];
        print_message("# %s: %.*s (line %u)\n", diag->code, AR_STR_ARG(diag->message), diag->line);
    }
}

void fixture_load(struct fixture *fixture, const char *workflows)
{
    fixture_load_described(fixture, description, workflows);
}

void fixture_load_described(struct fixture *fixture, const char *described, const char *workflows)
{
    *fixture = (struct fixture){.directory = "/tmp/arras-test-XXXXXX"};
    fixture->clock = (struct ar_clock){fake_now, fake_wall, fixture};
    ar_arena_init(&fixture->arena, 0);
    ar_diags_init(&fixture->diags, &fixture->arena);
    assert_non_null(mkdtemp(fixture->directory));
    write_file(fixture, "things.yaml", "", described);
    write_file(
        fixture, "doc.yaml",
        "arazzo: 1.0.1\ninfo: {title: t, version: '1'}\n"
        "sourceDescriptions: [{name: things, url: things.yaml, type: openapi}]\nworkflows:\n",
        workflows);
    char path[128];
    snprintf(path, sizeof(path), "%s/doc.yaml", fixture->directory);
    struct arras_load_options options = {0};
    enum arras_status status =
        ar_arazzo_load(path, &options, NULL, &fixture->arena, &fixture->diags, &fixture->arazzo);
    show(fixture);
    assert_int_equal(status, ARRAS_OK);
}

enum arras_status fixture_start(struct fixture *fixture, const char *inputs, uint64_t max_steps)
{
    struct ar_source source = {AR_STR("inputs"), ar_str_z(inputs)};
    struct arras_value value;
    struct ar_run_settings settings = {.workflow = &fixture->arazzo->workflows[0],
                                       .max_steps = max_steps,
                                       .clock = &fixture->clock,
                                       .arena = &fixture->arena,
                                       .diags = &fixture->diags};
    struct ar_given_inputs given = {0};
    struct arras_value credentials;
    if (fixture->credentials) {
        struct ar_source text = {AR_STR("credentials"), ar_str_z(fixture->credentials)};
        assert_int_equal(ar_json_read(&text, &fixture->arena, NULL, &credentials), ARRAS_OK);
        settings.credentials = &credentials;
    }
    if (inputs) {
        assert_int_equal(ar_json_read(&source, &fixture->arena, NULL, &value), ARRAS_OK);
        given.values = &value;
    }
    enum arras_status status =
        ar_inputs_prepare(settings.workflow, &given, &fixture->arena, &fixture->diags,
                          &settings.inputs, &settings.uploads);
    status = status ? status : ar_run_new(&settings, &fixture->run);
    if (status) {
        show(fixture);
    }
    return status;
}

/* The next effect must be this request. */
static void expect(struct fixture *fixture, const char *request)
{
    static const char server[] = "http://test.example/v1";
    struct ar_effect effect;
    char seen[1024];
    assert_int_equal(ar_run_next(fixture->run, &effect), ARRAS_OK);
    if (effect.type != AR_SEND) {
        show(fixture);
    }
    assert_int_equal(effect.type, AR_SEND);
    struct arras_str url = effect.request->url;
    assert_true(ar_str_starts(url, server));
    url = ar_str_from(url, strlen(server));
    snprintf(seen, sizeof(seen), "%.*s %.*s", AR_STR_ARG(effect.request->method), AR_STR_ARG(url));
    assert_string_equal(seen, request);
}

void fixture_breaks(struct fixture *fixture, const char *request, enum arras_status status,
                    const char *message)
{
    expect(fixture, request);
    assert_int_equal(ar_run_failure(fixture->run, status, ar_str_z(message), 0.5), ARRAS_OK);
}

struct arras_str fixture_body(struct fixture *fixture)
{
    struct ar_effect effect;
    assert_int_equal(ar_run_next(fixture->run, &effect), ARRAS_OK);
    assert_int_equal(effect.type, AR_SEND);
    return effect.request->body;
}

void fixture_answer(struct fixture *fixture, const char *request, int status, const char *body,
                    const char *header)
{
    expect(fixture, request);
    struct ar_header headers[2] = {{AR_STR("Content-Type"), AR_STR("application/json")}};
    struct ar_http_response response = {
        .status = status, .headers = {headers, 1}, .body = ar_str_z(body)};
    if (header) {
        struct arras_str rest = ar_str_z(header);
        headers[1].name = ar_str_cut(&rest, ':');
        headers[1].value = ar_str_trim(rest);
        response.headers.count = 2;
    }
    /* in the attempt's arena, as the driver makes it */
    struct ar_arena *arena = ar_run_attempt_arena(fixture->run);
    struct ar_http_response *made = ar_new(arena, struct ar_http_response);
    struct ar_header *kept = ar_new_array(arena, struct ar_header, 2);
    assert_true(made && kept && ar_str_copy(response.body, arena, &response.body));
    memcpy(kept, headers, sizeof(headers));
    *made = response;
    made->headers.items = kept;
    assert_int_equal(ar_run_response(fixture->run, made, 0.001), ARRAS_OK);
}

void fixture_passes(struct fixture *fixture, int64_t milliseconds)
{
    struct ar_effect effect;
    assert_int_equal(ar_run_next(fixture->run, &effect), ARRAS_OK);
    assert_int_equal(effect.type, AR_WAIT);
    assert_int_equal(effect.until - fixture->now, milliseconds * AR_MILLISECOND);
    fixture->now = effect.until;
}

void fixture_ends(struct fixture *fixture, enum arras_status status, const char *outputs)
{
    struct ar_effect effect;
    struct ar_buf buf;
    assert_int_equal(ar_run_next(fixture->run, &effect), ARRAS_OK);
    if (effect.type != AR_DONE || ar_run_status(fixture->run) != status) {
        show(fixture);
    }
    assert_int_equal(effect.type, AR_DONE);
    assert_int_equal(ar_run_status(fixture->run), status);
    ar_buf_init(&buf, 65536);
    ar_json_write(&buf, ar_run_outputs(fixture->run), ARRAS_WRITE_COMPACT);
    ar_buf_add_char(&buf, '\0');
    assert_string_equal(buf.ptr, outputs);
    ar_buf_release(&buf);
}

size_t fixture_times_told(const struct fixture *fixture, const char *code)
{
    size_t times = 0;
    for (size_t i = 0; i < fixture->diags.list.count; i++) {
        times += strcmp(fixture->diags.list.items[i].code, code) == 0;
    }
    return times;
}

bool fixture_told(const struct fixture *fixture, const char *code)
{
    return fixture_times_told(fixture, code) > 0;
}

void fixture_release(struct fixture *fixture)
{
    char path[128];
    ar_run_release(fixture->run);
    ar_arazzo_release(fixture->arazzo);
    ar_arena_release(&fixture->arena);
    snprintf(path, sizeof(path), "%s/doc.yaml", fixture->directory);
    unlink(path);
    snprintf(path, sizeof(path), "%s/things.yaml", fixture->directory);
    unlink(path);
    rmdir(fixture->directory);
}
