#include "query/xpath.h"

/* XPath 1.0 section 4. */
static const char *const functions[] = {"last",
                                        "position",
                                        "count",
                                        "id",
                                        "local-name",
                                        "namespace-uri",
                                        "name",
                                        "string",
                                        "concat",
                                        "starts-with",
                                        "contains",
                                        "substring-before",
                                        "substring-after",
                                        "substring",
                                        "string-length",
                                        "normalize-space",
                                        "translate",
                                        "boolean",
                                        "not",
                                        "true",
                                        "false",
                                        "lang",
                                        "number",
                                        "sum",
                                        "floor",
                                        "ceiling",
                                        "round"};

/* What stands before a parenthesis without being a function: node types and operators. */
static const char *const others[] = {"node", "text", "comment", "processing-instruction",
                                     "and",  "or",   "div",     "mod"};

static bool is_listed(struct arras_str name, const char *const *list, size_t count)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found = found || ar_str_is(name, list[i]);
    }
    return found;
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-_.:", c)) || (c & 0x80);
}

static size_t name_end(struct arras_str text, size_t from)
{
    while (from < text.len && is_name_character(text.ptr[from])) {
        from++;
    }
    return from;
}

static bool opens(struct arras_str text, size_t from)
{
    return ar_str_starts(ar_str_trim(ar_str_from(text, from)), "(");
}

struct arras_str ar_xpath_unknown_function(struct arras_str text)
{
    const size_t function_count = sizeof(functions) / sizeof(*functions);
    const size_t other_count = sizeof(others) / sizeof(*others);
    size_t i = 0;
    while (i < text.len) {
        char c = text.ptr[i];
        size_t end = name_end(text, i);
        if (c == '\'' || c == '"') {
            end = ar_str_find_char(text, c, i + 1);
            end = end == AR_NOT_FOUND ? text.len : end + 1;
        } else if (end > i) {
            struct arras_str name = ar_str_sub(text, i, end);
            size_t axis = ar_str_find(name, AR_STR("::"), 0);
            name = axis == AR_NOT_FOUND ? name : ar_str_from(name, axis + 2);
            if (name.len && opens(text, end) && !is_listed(name, functions, function_count) &&
                !is_listed(name, others, other_count)) {
                return name;
            }
        }
        i = end > i ? end : i + 1;
    }
    return (struct arras_str){NULL, 0};
}
