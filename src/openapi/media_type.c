#include "openapi/media_type.h"

struct arras_str ar_media_essence(struct arras_str type)
{
    return ar_str_trim(ar_str_sub(type, 0, ar_str_find_char(type, ';', 0)));
}

bool ar_media_is(struct arras_str type, const char *essence)
{
    return ar_str_is_nocase(ar_media_essence(type), essence);
}

static bool ends_nocase(struct arras_str s, const char *suffix)
{
    size_t len = strlen(suffix);
    return s.len > len && ar_str_is_nocase(ar_str_from(s, s.len - len), suffix);
}

bool ar_media_is_json(struct arras_str type)
{
    return ar_media_is(type, "application/json") || ar_media_is(type, "text/json") ||
           ends_nocase(ar_media_essence(type), "+json");
}

bool ar_media_is_xml(struct arras_str type)
{
    return ar_media_is(type, "application/xml") || ar_media_is(type, "text/xml") ||
           ends_nocase(ar_media_essence(type), "+xml");
}

bool ar_media_is_multipart(struct arras_str type)
{
    struct arras_str essence = ar_media_essence(type);
    return ar_str_is_nocase(ar_str_sub(essence, 0, strlen("multipart/")), "multipart/");
}

bool ar_media_is_json_seq(struct arras_str type)
{
    return ar_media_is(type, "application/json-seq") ||
           ends_nocase(ar_media_essence(type), "+json-seq");
}

bool ar_media_is_sequence(struct arras_str type)
{
    return ar_media_is_json_seq(type) || ar_media_is(type, "application/jsonl") ||
           ar_media_is(type, "application/x-ndjson");
}

bool ar_media_is_range(struct arras_str type)
{
    return ar_str_find_char(ar_media_essence(type), '*', 0) != AR_NOT_FOUND;
}

bool ar_media_matches(struct arras_str range, struct arras_str type)
{
    range = ar_media_essence(range);
    type = ar_media_essence(type);
    if (ar_str_is(range, "*/*") || ar_str_eq_nocase(range, type)) {
        return true;
    }
    return ar_str_ends(range, "/*") && ar_str_eq_nocase(ar_str_sub(range, 0, range.len - 1),
                                                        ar_str_sub(type, 0, range.len - 1));
}

struct arras_str ar_media_parameter(struct arras_str type, const char *name)
{
    size_t semicolon = ar_str_find_char(type, ';', 0);
    while (semicolon != AR_NOT_FOUND) {
        size_t next = ar_str_find_char(type, ';', semicolon + 1);
        struct arras_str one = ar_str_trim(ar_str_sub(type, semicolon + 1, next));
        size_t equals = ar_str_find_char(one, '=', 0);
        if (equals != AR_NOT_FOUND && ar_str_is_nocase(ar_str_sub(one, 0, equals), name)) {
            one = ar_str_from(one, equals + 1);
            bool quoted = one.len >= 2 && ar_str_starts(one, "\"") && ar_str_ends(one, "\"");
            return quoted ? ar_str_sub(one, 1, one.len - 1) : one;
        }
        semicolon = next;
    }
    return (struct arras_str){NULL, 0};
}
