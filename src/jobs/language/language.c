#include "jobs/language/language.h"

const struct ar_language *ar_language_find(struct arras_str name)
{
    static const struct {
        const char *name;
        const struct ar_language *language;
    } all[] = {
        {"bash", &ar_language_bash},     {"python3", &ar_language_python},
        {"bun", &ar_language_node},      {"bunnative", &ar_language_node},
        {"nativets", &ar_language_node}, {"deno", &ar_language_node},
        {"nodejs", &ar_language_node},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (ar_str_is(name, all[i].name)) {
            return all[i].language;
        }
    }
    return NULL;
}
