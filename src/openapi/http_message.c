#include "openapi/http_message.h"

const struct arras_str *ar_headers_find(const struct ar_headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (ar_str_is_nocase(headers->items[i].name, name)) {
            return &headers->items[i].value;
        }
    }
    return NULL;
}
