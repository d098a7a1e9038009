/* Any text as YAML. */
#include "value_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses a buffer of its own where it refuses a quoted scalar without an end that
 * holds many escapes (corpus/yaml/unclosed.yaml). */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_reader(ar_yaml_read, data, size);
    return 0;
}
