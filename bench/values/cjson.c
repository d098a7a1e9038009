#include "values.h"
#include <cjson/cJSON.h>
#include <string.h>

void *bench_read(const char *text, size_t len)
{
    return cJSON_ParseWithLength(text, len);
}

size_t bench_write(void *document)
{
    char *text = cJSON_PrintUnformatted(document);
    size_t len = text ? strlen(text) : 0;
    cJSON_free(text);
    return len;
}

void bench_free(void *document)
{
    cJSON_Delete(document);
}
