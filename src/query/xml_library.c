#include "query/xml_library.h"
#include <dlfcn.h>
#include <pthread.h>

/* The name changes with the binary interface, which the headers decide. */
#if LIBXML_VERSION >= 21400
#define LIBRARY "libxml2.so.16"
#else
#define LIBRARY "libxml2.so.2"
#endif

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct ar_xml_library library;
static bool complete;

static void open_library(void)
{
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    complete = handle != NULL;
#define FIND(name) complete = complete && (library.name = dlsym(handle, #name)) != NULL;
    AR_XML_SYMBOLS(FIND)
#undef FIND
}

enum arras_status ar_xml_library(struct ar_diags *diags, const struct ar_xml_library **ret)
{
    pthread_once(&once, open_library);
    if (!complete) {
        return ar_error(diags, ARRAS_UNSUPPORTED, "xpath", NULL, 0,
                        "XPath needs the library " LIBRARY " (libxml2), which cannot be opened");
    }
    *ret = &library;
    return ARRAS_OK;
}
