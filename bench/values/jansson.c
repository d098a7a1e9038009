#include "values.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

void *bench_read(const char *text, size_t len)
{
    return json_loadb(text, len, JSON_ALLOW_NUL, NULL);
}

size_t bench_write(void *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    size_t len = text ? strlen(text) : 0;
    free(text);
    return len;
}

void bench_free(void *document)
{
    json_decref(document);
}
