/* usage: convert FILE. A YAML document as compact JSON. */
#include <stdio.h>
#include "arras/value.h"

int main(int argc, char **argv)
{
    struct arras_pool *pool = arras_pool_new();
    const struct arras_value *value;
    struct arras_str text;
    bool done = pool && argc > 1 && !arras_read_file(pool, ARRAS_FORMAT_YAML, argv[1], &value) &&
                !arras_write(pool, value, ARRAS_WRITE_COMPACT, &text) &&
                fwrite(text.ptr, 1, text.len, stdout) == text.len;
    arras_pool_free(pool);
    return done ? 0 : 1;
}
