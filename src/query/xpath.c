#include "query/xpath.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "query/xml_library.h"

/* The first error that libxml2 reports; it must not write on standard error. */
struct trouble {
    int code, line, at; /* `at`: offset within an expression */
    char message[200];
};

/* One evaluation: what must be freed at its end, and whose error handlers to put back. */
struct session {
    const struct ar_xml_library *xml;
    struct ar_arena *arena;
    struct ar_diags *diags;
    struct ar_source expression;
    struct trouble trouble;
    xmlStructuredErrorFunc outer_handler;
    void *outer_context;
    xmlGenericErrorFunc outer_printer;
    void *outer_printer_context;
    xmlDoc *doc;
    xmlXPathContext *context;
    xmlXPathCompExpr *compiled;
    xmlXPathObject *result;
    xmlBuffer *text;
    size_t written; /* bytes of the result */
};

static void remember(void *context, xmlError *error)
{
    struct trouble *trouble = context;
    if (trouble->code || !error) {
        return;
    }
    trouble->code = error->code;
    trouble->line = error->line;
    trouble->at = error->domain == XML_FROM_XPATH ? error->int1 : 0;
    struct arras_str message = ar_str_trim(ar_str_z(error->message));
    size_t len =
        message.len < sizeof(trouble->message) ? message.len : sizeof(trouble->message) - 1;
    memcpy(trouble->message, len ? message.ptr : "", len);
    trouble->message[len] = '\0';
}

/* Some of libxml2's messages come only as text. */
static void print_nothing(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

static void begin(struct session *session)
{
    const struct ar_xml_library *xml = session->xml;
    session->outer_printer = *xml->__xmlGenericError();
    session->outer_printer_context = *xml->__xmlGenericErrorContext();
    xml->xmlSetGenericErrorFunc(NULL, print_nothing);
    session->outer_handler = *xml->__xmlStructuredError();
    session->outer_context = *xml->__xmlStructuredErrorContext();
    xml->xmlSetStructuredErrorFunc(&session->trouble, remember);
}

static void end(struct session *session)
{
    const struct ar_xml_library *xml = session->xml;
    if (session->text) {
        xml->xmlBufferFree(session->text);
    }
    xml->xmlXPathFreeObject(session->result);
    xml->xmlXPathFreeCompExpr(session->compiled);
    xml->xmlXPathFreeContext(session->context);
    xml->xmlFreeDoc(session->doc);
    xml->xmlSetStructuredErrorFunc(session->outer_context, session->outer_handler);
    xml->xmlSetGenericErrorFunc(session->outer_printer_context, session->outer_printer);
}

static enum arras_status invalid(struct session *session, const char *what)
{
    return ar_error(session->diags, ARRAS_INVALID, "xpath", NULL, 0, "%s", what);
}

static enum arras_status too_much(struct session *session, const char *what)
{
    return ar_error(session->diags, ARRAS_LIMIT, "xpath", NULL, 0, "%s", what);
}

/* Where a construct that begins at `at` ends: behind `close`, or at the end of the text. */
static size_t skip_to(struct arras_str xml, size_t at, struct arras_str close)
{
    size_t found = ar_str_find(xml, close, at);
    return found == AR_NOT_FOUND ? xml.len : found + close.len;
}

/* A tag from its `<` on; *ret_attributes is how many it has. */
static size_t skip_tag(struct arras_str xml, size_t at, size_t *ret_attributes)
{
    *ret_attributes = 0;
    for (; at < xml.len && xml.ptr[at] != '>'; at++) {
        char c = xml.ptr[at];
        if (c == '"' || c == '\'') {
            at = ar_str_find_char(xml, c, at + 1);
            if (at == AR_NOT_FOUND) {
                return xml.len;
            }
        }
        *ret_attributes += c == '=';
    }
    return at;
}

/* Looks through the text before libxml2 does: no DOCTYPE, so no entities and no DTDs; a number of
 * nodes that memory can hold; a number of attributes whose square libxml2 can compare. */
static enum arras_status check_xml(struct session *session, struct arras_str xml)
{
    size_t nodes = 0, attributes = 0, at = 0;
    if (ar_utf8_valid(xml) < xml.len) {
        return invalid(session, "the XML is not UTF-8");
    }
    while ((at = ar_str_find_char(xml, '<', at)) != AR_NOT_FOUND) {
        struct arras_str rest = ar_str_from(xml, at);
        attributes = 0;
        if (ar_str_starts(rest, "<!--")) {
            at = skip_to(xml, at + strlen("<!--"), AR_STR("-->"));
        } else if (ar_str_starts(rest, "<![CDATA[")) {
            at = skip_to(xml, at, AR_STR("]]>"));
        } else if (ar_str_starts(rest, "<?")) {
            at = skip_to(xml, at, AR_STR("?>"));
        } else if (ar_str_starts(rest, "<!")) {
            return invalid(session, "the XML has a document type, which is not allowed");
        } else {
            at = skip_tag(xml, at, &attributes);
        }
        nodes += 1 + attributes;
        if (nodes > AR_XML_NODES || attributes > AR_XML_ATTRIBUTES) {
            return too_much(session, "the XML has more nodes or attributes than the limits allow");
        }
    }
    return ARRAS_OK;
}

static enum arras_status read_xml(struct session *session, struct arras_str xml)
{
    if (xml.len > AR_DOCUMENT_SIZE) {
        return too_much(session, "the XML is larger than the limits allow");
    }
    enum arras_status status = check_xml(session, xml);
    if (status) {
        return status;
    }
    /* the encoding is known, so that what was looked through is what is read */
    session->doc =
        session->xml->xmlReadMemory(xml.len ? xml.ptr : "", (int)xml.len, NULL, "UTF-8",
                                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (session->trouble.code == XML_ERR_NO_MEMORY) {
        return ar_no_memory(session->diags);
    }
    if (!session->doc) {
        const struct trouble *trouble = &session->trouble;
        if (!trouble->line) { /* nothing was there to be read */
            return invalid(session, "the XML is empty");
        }
        return ar_error(session->diags, ARRAS_INVALID, "xpath", NULL, 0,
                        "the XML is not well formed at line %d: %s", trouble->line,
                        trouble->message);
    }
    /* a warning, such as one about a relative namespace, is none of the expression's */
    session->trouble.code = 0;
    return session->doc->intSubset ? invalid(session, "the XML has a document type") : ARRAS_OK;
}

/* The prefixes that the root element declares mean in the expression what they mean there. */
static enum arras_status declare_prefixes(struct session *session)
{
    const xmlNode *root = session->xml->xmlDocGetRootElement(session->doc);
    for (const xmlNs *ns = root ? root->nsDef : NULL; ns; ns = ns->next) {
        if (ns->prefix &&
            session->xml->xmlXPathRegisterNs(session->context, ns->prefix, ns->href)) {
            return ar_no_memory(session->diags);
        }
    }
    return ARRAS_OK;
}

/* Why libxml2 could not compile or evaluate the expression. */
static enum arras_status refused(struct session *session)
{
    const struct trouble *trouble = &session->trouble;
    int code = trouble->code - XML_XPATH_EXPRESSION_OK + XPATH_EXPRESSION_OK;
    if (trouble->code == XML_ERR_NO_MEMORY || code == XPATH_MEMORY_ERROR) {
        return ar_no_memory(session->diags);
    }
    if (code == XPATH_OP_LIMIT_EXCEEDED || code == XPATH_RECURSION_LIMIT_EXCEEDED) {
        return too_much(session, "the XPath expression needs more work or depth than the limits "
                                 "allow");
    }
    if (!trouble->code) {
        return ar_no_memory(session->diags);
    }
    return ar_error(session->diags, ARRAS_SYNTAX, "xpath", &session->expression,
                    trouble->at > 0 ? (size_t)trouble->at : 0, "XPath: %s", trouble->message);
}

static enum arras_status run_expression(struct session *session, const char *expression)
{
    session->context = session->xml->xmlXPathNewContext(session->doc);
    if (!session->context) {
        return ar_no_memory(session->diags);
    }
    session->context->opLimit = AR_QUERY_STEPS;
    enum arras_status status = declare_prefixes(session);
    if (status) {
        return status;
    }
    session->compiled =
        session->xml->xmlXPathCtxtCompile(session->context, (const xmlChar *)expression);
    if (session->compiled) {
        session->result = session->xml->xmlXPathCompiledEval(session->compiled, session->context);
    }
    return session->result ? ARRAS_OK : refused(session);
}

/* Takes the bytes into the arena, within what a result may hold. */
static enum arras_status take_text(struct session *session, const xmlChar *text, size_t len,
                                   struct arras_value *ret)
{
    struct arras_str copy;
    session->written += len;
    if (session->written > AR_RESPONSE_SIZE) {
        return too_much(session, "the XPath expression selects more text than the limits allow");
    }
    if (!ar_str_copy((struct arras_str){(const char *)text, len}, session->arena, &copy)) {
        return ar_no_memory(session->diags);
    }
    *ret = ar_string(copy);
    return ARRAS_OK;
}

static enum arras_status take_element(struct session *session, xmlNode *node,
                                      struct arras_value *ret)
{
    session->xml->xmlBufferEmpty(session->text);
    if (session->xml->xmlNodeDump(session->text, session->doc, node, 0, 0) < 0) {
        return ar_no_memory(session->diags);
    }
    return take_text(session, session->xml->xmlBufferContent(session->text),
                     (size_t)session->xml->xmlBufferLength(session->text), ret);
}

static enum arras_status take_node(struct session *session, xmlNode *node, struct arras_value *ret)
{
    if (node->type == XML_DOCUMENT_NODE) {
        node = session->xml->xmlDocGetRootElement(session->doc);
    }
    if (node->type == XML_ELEMENT_NODE) {
        return take_element(session, node, ret);
    }
    xmlChar *text = session->xml->xmlXPathCastNodeToString(node);
    if (!text) {
        return ar_no_memory(session->diags);
    }
    enum arras_status status = take_text(session, text, strlen((const char *)text), ret);
    (*session->xml->xmlFree)(text);
    return status;
}

static enum arras_status take_nodes(struct session *session, struct arras_value *ret)
{
    xmlNodeSet *set = session->result->nodesetval;
    struct ar_list list;
    ar_list_init(&list, session->arena);
    session->text = session->xml->xmlBufferCreate();
    if (!session->text) {
        return ar_no_memory(session->diags);
    }
    session->xml->xmlXPathNodeSetSort(set);
    for (int i = 0; set && i < set->nodeNr; i++) {
        struct arras_value item;
        enum arras_status status = take_node(session, set->nodeTab[i], &item);
        if (status) {
            return status;
        }
        if (!ar_list_push(&list, item)) {
            return ar_no_memory(session->diags);
        }
    }
    *ret = ar_list_value(&list);
    return ARRAS_OK;
}

static enum arras_status take_result(struct session *session, struct arras_value *ret)
{
    const xmlXPathObject *result = session->result;
    switch (result->type) {
    case XPATH_BOOLEAN:
        *ret = ar_bool(result->boolval);
        return ARRAS_OK;
    case XPATH_NUMBER:
        return ar_double(session->arena, result->floatval, ret) ? ARRAS_OK
                                                                : ar_no_memory(session->diags);
    case XPATH_STRING:
        return take_text(session, result->stringval, strlen((const char *)result->stringval), ret);
    default:
        return take_nodes(session, ret);
    }
}

static enum arras_status check_expression(struct session *session, struct arras_str expression)
{
    if (expression.len > AR_XPATH_LENGTH) {
        return ar_error(session->diags, ARRAS_LIMIT, "xpath", NULL, 0,
                        "the XPath expression is longer than %d bytes", AR_XPATH_LENGTH);
    }
    struct arras_str text;
    if (!ar_str_copy(expression, session->arena, &text)) {
        return ar_no_memory(session->diags);
    }
    session->expression = (struct ar_source){AR_STR("XPath expression"), text};
    if (ar_str_has_nul(text) || ar_utf8_valid(text) < text.len) {
        return ar_error(session->diags, ARRAS_SYNTAX, "xpath", NULL, 0,
                        "the XPath expression is not UTF-8 text");
    }
    return ARRAS_OK;
}

/* Reads both and evaluates; `end` is due where the session has begun. */
static enum arras_status open_session(struct session *session, struct arras_str expression,
                                      struct arras_str xml)
{
    enum arras_status status = check_expression(session, expression);
    status = status ? status : ar_xml_library(session->diags, &session->xml);
    if (status) {
        session->xml = NULL;
        return status;
    }
    begin(session);
    status = read_xml(session, xml);
    return status ? status : run_expression(session, session->expression.text.ptr);
}

static enum arras_status compile_only(struct session *session)
{
    const struct ar_xml_library *xml = session->xml;
    session->context = xml->xmlXPathNewContext(NULL);
    if (!session->context) {
        return ar_no_memory(session->diags);
    }
    session->compiled =
        xml->xmlXPathCtxtCompile(session->context, (const xmlChar *)session->expression.text.ptr);
    return session->compiled ? ARRAS_OK : refused(session);
}

enum arras_status ar_xpath_check(struct arras_str expression, struct ar_arena *arena,
                                 struct ar_diags *diags)
{
    struct session session = {.arena = arena, .diags = diags};
    enum arras_status status = check_expression(&session, expression);
    status = status ? status : ar_xml_library(diags, &session.xml);
    if (status) {
        return status;
    }
    begin(&session);
    status = compile_only(&session);
    end(&session);
    struct arras_str name = ar_xpath_unknown_function(expression);
    return status || !name.len ? status
                               : ar_error(diags, ARRAS_SYNTAX, "xpath", NULL, 0,
                                          "XPath 1.0 has no function '%.*s'", AR_STR_ARG(name));
}

static void close_session(struct session *session)
{
    if (session->xml) {
        end(session);
    }
}

enum arras_status ar_xpath_eval(struct arras_str expression, struct arras_str xml,
                                struct ar_arena *arena, struct ar_diags *diags,
                                struct arras_value *ret, bool *ret_truth)
{
    struct session session = {.arena = arena, .diags = diags};
    struct arras_value value;
    enum arras_status status = open_session(&session, expression, xml);
    status = status ? status : take_result(&session, &value);
    if (!status) {
        *ret_truth = session.xml->xmlXPathCastToBoolean(session.result);
        *ret = value;
    }
    close_session(&session);
    return status;
}

/* Content of elements and attributes is read for entities, so it is escaped before; text is not. */
static enum arras_status set_content(struct session *session, xmlNode *node, const char *text)
{
    const struct ar_xml_library *xml = session->xml;
    if (node->type != XML_ELEMENT_NODE && node->type != XML_ATTRIBUTE_NODE) {
        xml->xmlNodeSetContent(node, (const xmlChar *)text);
        return ARRAS_OK;
    }
    xmlChar *escaped = xml->xmlEncodeSpecialChars(session->doc, (const xmlChar *)text);
    if (!escaped) {
        return ar_no_memory(session->diags);
    }
    xml->xmlNodeSetContent(node, escaped);
    (*xml->xmlFree)(escaped);
    return ARRAS_OK;
}

/* The nodes in document order, out of the set, which would look at them when it is freed.
 * Namespaces stay: they are the set's own, and have no content. */
static enum arras_status take_out(struct session *session, xmlNodeSet *set, xmlNode ***ret,
                                  size_t *ret_count)
{
    size_t all = set ? (size_t)set->nodeNr : 0;
    xmlNode **nodes = ar_new_array(session->arena, xmlNode *, all);
    int kept = 0;
    if (all && !nodes) {
        return ar_no_memory(session->diags);
    }
    session->xml->xmlXPathNodeSetSort(set);
    for (size_t i = 0; i < all; i++) {
        xmlNode *node = set->nodeTab[i];
        if (node->type == XML_NAMESPACE_DECL) {
            set->nodeTab[kept++] = node;
        } else {
            nodes[(*ret_count)++] = node;
        }
    }
    if (set) {
        set->nodeNr = kept;
    }
    *ret = nodes;
    return ARRAS_OK;
}

/* Where the root element begins: behind the declaration, comments and space. */
static size_t root_start(struct arras_str xml)
{
    size_t at = 0;
    while ((at = ar_str_find_char(xml, '<', at)) != AR_NOT_FOUND) {
        struct arras_str rest = ar_str_from(xml, at);
        bool comment = ar_str_starts(rest, "<!--");
        if (!comment && !ar_str_starts(rest, "<?")) {
            return at;
        }
        at = ar_str_find(xml, comment ? AR_STR("-->") : AR_STR("?>"), at);
        at = at == AR_NOT_FOUND ? xml.len : at;
    }
    return 0;
}

static enum arras_status write_root(struct session *session, struct arras_str before,
                                    struct arras_str *ret)
{
    const struct ar_xml_library *xml = session->xml;
    session->text = xml->xmlBufferCreate();
    xmlNode *root = xml->xmlDocGetRootElement(session->doc);
    if (!session->text || xml->xmlNodeDump(session->text, session->doc, root, 0, 0) < 0) {
        return ar_no_memory(session->diags);
    }
    return ar_str_printf(session->arena, ret, "%.*s%s", AR_STR_ARG(before),
                         (const char *)xml->xmlBufferContent(session->text))
               ? ARRAS_OK
               : ar_no_memory(session->diags);
}

enum arras_status ar_xpath_replace(struct arras_str expression, struct arras_str xml,
                                   struct arras_str text, struct ar_arena *arena,
                                   struct ar_diags *diags, struct arras_str *ret, bool *ret_found)
{
    struct session session = {.arena = arena, .diags = diags};
    char *content = ar_str_to_z(text, arena);
    if (!content) {
        return ar_str_has_nul(text) ? ar_error(diags, ARRAS_INVALID, "xpath", NULL, 0,
                                               "a NUL byte cannot stand in XML")
                                    : ar_no_memory(diags);
    }
    enum arras_status status = open_session(&session, expression, xml);
    xmlNodeSet *set = status ? NULL : session.result->nodesetval;
    if (!status && session.result->type != XPATH_NODESET) {
        status = ar_error(diags, ARRAS_INVALID, "xpath", NULL, 0,
                          "the XPath expression '%.*s' selects no nodes", AR_STR_ARG(expression));
    }
    size_t count = 0;
    xmlNode **nodes = NULL;
    if (!status) {
        *ret_found = set && set->nodeNr > 0;
        status = take_out(&session, set, &nodes, &count);
    }
    /* from the last to the first: what is set takes the nodes below it away */
    while (count > 0 && !status) {
        status = set_content(&session, nodes[--count], content);
    }
    if (!status) {
        status = write_root(&session, ar_str_sub(xml, 0, root_start(xml)), ret);
    }
    close_session(&session);
    return status;
}
