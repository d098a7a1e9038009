/* What every cmocka test includes, in the order that cmocka wants. */
#ifndef AR_TEST_HARNESS_H
#define AR_TEST_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/str.h"

/* The string's bytes against a literal, both shown when they differ. */
#define assert_str(s, literal)                                                                     \
    do {                                                                                           \
        struct arras_str got_ = (s);                                                               \
        char text_[4096];                                                                          \
        assert_true(got_.len < sizeof(text_));                                                     \
        memcpy(text_, got_.len ? got_.ptr : "", got_.len);                                         \
        text_[got_.len] = '\0';                                                                    \
        assert_string_equal(text_, literal);                                                       \
        assert_int_equal(got_.len, sizeof(literal) - 1);                                           \
    } while (0)

#endif
