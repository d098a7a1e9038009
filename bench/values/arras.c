/* Ours. BENCH_FORMAT is the format to read. */
#include "values.h"
#include "base/limits.h"
#include "value/document.h"
#include "value/json.h"

struct document {
    struct ar_arena arena;
    struct ar_document read;
};

void *bench_read(const char *text, size_t len)
{
    struct document *document = malloc(sizeof(*document));
    if (!document) {
        return NULL;
    }
    ar_arena_init(&document->arena, 0);
    if (ar_document_parse(AR_STR("bench"), (struct arras_str){text, len}, BENCH_FORMAT,
                          &document->arena, NULL, &document->read)) {
        bench_free(document);
        return NULL;
    }
    return document;
}

size_t bench_write(void *document)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_ARENA_LIMIT);
    ar_json_write(&buf, &((struct document *)document)->read.root, ARRAS_WRITE_COMPACT);
    size_t len = ar_buf_status(&buf) ? 0 : buf.len;
    ar_buf_release(&buf);
    return len;
}

void bench_free(void *document)
{
    if (document) {
        ar_arena_release(&((struct document *)document)->arena);
        free(document);
    }
}
