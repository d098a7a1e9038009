#include "jobs/language.h"

const struct ar_language *ar_language_find(struct arras_str name)
{
    static const struct ar_language *const all[] = {&ar_language_bash, &ar_language_python};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (ar_str_is(name, all[i]->name)) {
            return all[i];
        }
    }
    return NULL;
}
