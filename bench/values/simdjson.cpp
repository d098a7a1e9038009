// The DOM, which like ours holds the whole document; a parser of its own for each, as one document needs.
#include "values.h"
#include <simdjson.h>

void *bench_read(const char *text, size_t len)
{
    auto *parser = new simdjson::dom::parser;
    simdjson::dom::element root;
    if (parser->parse(text, len, false).get(root)) { // measure.c leaves the room that it needs
        delete parser;
        return nullptr;
    }
    return parser;
}

size_t bench_write(void *document)
{
    auto *parser = static_cast<simdjson::dom::parser *>(document);
    return simdjson::minify(parser->doc.root()).size();
}

void bench_free(void *document)
{
    delete static_cast<simdjson::dom::parser *>(document);
}
