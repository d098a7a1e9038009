/* libxml2, opened when the first XPath expression is evaluated and not linked: with ICU and the C++
 * runtime behind it, its loading alone took 1.7 ms and 2.4 MiB (x86-64, Debian 12), in every run of
 * a program that seldom needs it. */
#ifndef AR_QUERY_XML_LIBRARY_H
#define AR_QUERY_XML_LIBRARY_H

#include "base/diag.h"
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

/* The functions and variables of libxml2 that are used. The __xml... are what its macros
 * xmlGenericError and so on stand for: the thread's own variables. */
#define AR_XML_SYMBOLS(X)                                                                          \
    X(__xmlGenericError)                                                                           \
    X(__xmlGenericErrorContext)                                                                    \
    X(__xmlStructuredError)                                                                        \
    X(__xmlStructuredErrorContext)                                                                 \
    X(xmlBufferContent)                                                                            \
    X(xmlBufferCreate)                                                                             \
    X(xmlBufferEmpty)                                                                              \
    X(xmlBufferFree)                                                                               \
    X(xmlBufferLength)                                                                             \
    X(xmlDocGetRootElement)                                                                        \
    X(xmlEncodeSpecialChars)                                                                       \
    X(xmlFree)                                                                                     \
    X(xmlFreeDoc)                                                                                  \
    X(xmlNodeDump)                                                                                 \
    X(xmlNodeSetContent)                                                                           \
    X(xmlReadMemory)                                                                               \
    X(xmlSetGenericErrorFunc)                                                                      \
    X(xmlSetStructuredErrorFunc)                                                                   \
    X(xmlXPathCastNodeToString)                                                                    \
    X(xmlXPathCastToBoolean)                                                                       \
    X(xmlXPathCompiledEval)                                                                        \
    X(xmlXPathCtxtCompile)                                                                         \
    X(xmlXPathFreeCompExpr)                                                                        \
    X(xmlXPathFreeContext)                                                                         \
    X(xmlXPathFreeObject)                                                                          \
    X(xmlXPathNewContext)                                                                          \
    X(xmlXPathNodeSetSort)                                                                         \
    X(xmlXPathRegisterNs)

/* The address of each, under its own name. */
struct ar_xml_library {
#define AR_XML_MEMBER(name) __typeof__(name) *name;
    AR_XML_SYMBOLS(AR_XML_MEMBER)
#undef AR_XML_MEMBER
};

/* Opens the library, the first time on any thread; it stays open until the process ends.
 * ARRAS_UNSUPPORTED, with a diagnostic, where it cannot be opened or is not the one that the
 * program was built for. */
enum arras_status ar_xml_library(struct ar_diags *diags,
                                 const struct ar_xml_library **ret) ARRAS_CHECKED;

#endif
