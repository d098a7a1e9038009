/* XPath 1.0 over XML text, by libxml2: no network, no entities, no DTDs. */
#ifndef AR_QUERY_XPATH_H
#define AR_QUERY_XPATH_H

#include "base/diag.h"
#include "value/value.h"

/* The result as a value: a node set becomes the array of its nodes in document order (elements as
 * their XML text, attributes and text nodes as their text), a number, string or boolean is itself;
 * XPath's NaN and infinities are null. *ret_truth is its boolean value as XPath's boolean() has it.
 * Prefixes mean what the root element declares. The XML must be UTF-8 and have no document type.
 * Nothing is written on standard error; the thread's libxml2 error handlers are as before.
 *
 * ARRAS_SYNTAX (the expression), ARRAS_INVALID (the XML), ARRAS_LIMIT (size, nodes, work),
 * ARRAS_UNSUPPORTED (libxml2 is not there), ARRAS_NO_MEMORY. The expression and the results are
 * copied into `arena`. */
enum arras_status ar_xpath_eval(struct arras_str expression, struct arras_str xml,
                                struct ar_arena *arena, struct ar_diags *diags,
                                struct arras_value *ret, bool *ret_truth) ARRAS_CHECKED;

/* Whether it can be read as XPath 1.0, as far as that can be told without XML: its form, and that
 * each function is one of XPath 1.0, which later versions have more of. What its prefixes mean the
 * XML says. ARRAS_SYNTAX, with what is wrong; ARRAS_LIMIT, ARRAS_UNSUPPORTED, ARRAS_NO_MEMORY. */
enum arras_status ar_xpath_check(struct arras_str expression, struct ar_arena *arena,
                                 struct ar_diags *diags) ARRAS_CHECKED;
/* The first name in the expression that is called as a function and is none of XPath 1.0; empty:
 * there is none. */
struct arras_str ar_xpath_unknown_function(struct arras_str expression);

/* The XML with the content of every node that the expression selects replaced by `text`, which is
 * escaped. What stands before the root element is kept. *ret_found: whether it selects any.
 * Otherwise as above; an expression that selects no nodes but gives another value is ARRAS_INVALID.
 */
enum arras_status ar_xpath_replace(struct arras_str expression, struct arras_str xml,
                                   struct arras_str text, struct ar_arena *arena,
                                   struct ar_diags *diags, struct arras_str *ret,
                                   bool *ret_found) ARRAS_CHECKED;

#endif
