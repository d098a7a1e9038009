#include "print.h"
#include "say.h"

int ar_print_value(struct arras_pool *pool, const struct arras_value *value, int flags)
{
    struct arras_str text;
    if (arras_write(pool, value, flags, &text)) {
        ar_say_error("memory ran out");
        return 4;
    }
    fwrite(text.ptr, 1, text.len, stdout);
    putchar('\n');
    return 0;
}
