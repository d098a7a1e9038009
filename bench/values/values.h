/* One library's turn in bench_values.py: each is a program of its own, as json-c and jansson export
 * the same names. measure.c has main; a library implements the rest. */
#ifndef AR_BENCH_VALUES_H
#define AR_BENCH_VALUES_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads the text; NULL when it cannot. It is NUL-terminated, and outlives the document. */
void *bench_read(const char *text, size_t len);
/* Writes the document in its compact form, and gives the length; 0 where the library cannot. */
size_t bench_write(void *document);
void bench_free(void *document);

#ifdef __cplusplus
}
#endif

#endif
