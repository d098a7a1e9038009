#include "folders.h"
#include "text.h"

const char *ar_cache_directory(void)
{
    const char *folder = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct ar_text path = {0};
    if (folder && folder[0] == '/') { /* relative ones are invalid, the specification says */
        ar_text_printf(&path, "%s/arras", folder);
    } else if (home && *home) {
        ar_text_printf(&path, "%s/.cache/arras", home);
    } else {
        return NULL;
    }
    const char *kept = ar_keep_copy(ar_text_z(&path), path.len);
    ar_text_release(&path);
    return kept;
}
