/* Any text as JSON. */
#include "value_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_reader(ar_json_read, data, size);
    return 0;
}
