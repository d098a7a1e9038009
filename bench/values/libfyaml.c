/* The floor for YAML: libfyaml's events, one after the other, each scalar's text asked for. */
#include "values.h"
#include <libfyaml.h>

void *bench_read(const char *text, size_t len)
{
    static size_t seen;
    struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_DISABLE_DEPTH_LIMIT};
    struct fy_parser *parser = fy_parser_create(&config);
    if (!parser || fy_parser_set_string(parser, text, len)) {
        return NULL;
    }
    struct fy_event *event;
    while ((event = fy_parser_parse(parser))) {
        size_t text_len = 0;
        if (event->type == FYET_SCALAR && event->scalar.value) {
            fy_token_get_text(event->scalar.value, &text_len);
        }
        seen += text_len;
        fy_parser_event_free(parser, event);
    }
    fy_parser_destroy(parser);
    return &seen;
}

size_t bench_write(void *document)
{
    (void)document;
    return 0;
}

void bench_free(void *document)
{
    (void)document;
}
