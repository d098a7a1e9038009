#include "jobs/api/uuid.h"

bool ar_uuid_read(struct arras_str text, struct ar_arena *arena, struct arras_str *ret,
                  bool *ret_valid)
{
    *ret_valid = false;
    if (text.len != 36) {
        return true;
    }
    char *id = ar_arena_raw(arena, text.len + 1, 1);
    if (!id) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        c = (char)(c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (hyphen ? c != '-' : !digit) {
            return true;
        }
        id[i] = c;
    }
    id[text.len] = '\0';
    *ret = (struct arras_str){id, text.len};
    *ret_valid = true;
    return true;
}
