#include "values.h"
#include <json-c/json.h>

void *bench_read(const char *text, size_t len)
{
    struct json_tokener *tokener = json_tokener_new_ex(2000);
    struct json_object *document = json_tokener_parse_ex(tokener, text, (int)len + 1);
    json_tokener_free(tokener);
    return document;
}

size_t bench_write(void *document)
{
    size_t len = 0;
    json_object_to_json_string_length(document, JSON_C_TO_STRING_PLAIN, &len);
    return len;
}

void bench_free(void *document)
{
    json_object_put(document);
}
