#include "unit/alloc_fail.h"
#include "unit/harness.h"

static bool armed, failed;
static size_t left;

static bool fails(void)
{
    if (!armed || left-- > 0) {
        return false;
    }
    armed = false;
    failed = true;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

void alloc_fail_at(size_t number)
{
    armed = true;
    failed = false;
    left = number;
}

bool alloc_fail_end(void)
{
    armed = false;
    return failed;
}

size_t alloc_fail_each(enum arras_status (*body)(void *context), void *context,
                       enum arras_status expected)
{
    for (size_t number = 0;; number++) {
        alloc_fail_at(number);
        enum arras_status status = body(context);
        if (!alloc_fail_end()) {
            assert_int_equal(status, expected);
            return number;
        }
        if (status != ARRAS_NO_MEMORY) {
            fail_msg("allocation %zu failed and the status is %s", number,
                     arras_status_name(status));
        }
    }
}
