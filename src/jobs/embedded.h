/* Files that are part of the library, made into arrays when it is built (embed.py). */
#ifndef AR_JOBS_EMBEDDED_H
#define AR_JOBS_EMBEDDED_H

#include <stddef.h>

/* The program of supervise.c. */
extern const unsigned char ar_embedded_supervise[];
extern const size_t ar_embedded_supervise_size;
/* python_main.py */
extern const unsigned char ar_embedded_python_main[];
extern const size_t ar_embedded_python_main_size;
/* node_main.mjs */
extern const unsigned char ar_embedded_node_main[];
extern const size_t ar_embedded_node_main_size;
/* The OpenAPI description of the API, which describe.py makes of operations.json. */
extern const unsigned char ar_embedded_openapi[];
extern const size_t ar_embedded_openapi_size;

#endif
