/* How texts come that are no files. The layers that read documents know no network; who joins them
 * to one gives them this. */
#ifndef AR_VALUE_FETCH_H
#define AR_VALUE_FETCH_H

#include "value/document.h"

/* Who asks for a URL: the place in a document that names it. `source` NULL: a person does. */
struct ar_asker {
    const struct ar_source *source;
    size_t at;
};

/* A text that came by HTTP. Its strings live as long as what fetched it. */
struct ar_fetched {
    struct arras_str url; /* where it was found in the end: what it refers to is relative to that */
    struct arras_str text;
    enum arras_format format; /* as the answer's Content-Type and the URL have it */
};

struct ar_fetch {
    /* MUST: the text at an http or https URL; the same answer for the same URL. A URL that may not
     * be read is ARRAS_UNSUPPORTED, and no connection is made. Errors tell the asker's place. */
    enum arras_status (*get)(void *context, struct arras_str url, struct ar_asker asker,
                             struct ar_diags *diags, struct ar_fetched *ret);
    /* MUST: whether `get` would try. */
    bool (*may)(void *context, struct arras_str url);
    void *context;
};

/* `fetch` may be NULL: no URL may be read. */
bool ar_fetch_may(const struct ar_fetch *fetch, struct arras_str url);
enum arras_status ar_fetch_get(const struct ar_fetch *fetch, struct arras_str url,
                               struct ar_asker asker, struct ar_diags *diags,
                               struct ar_fetched *ret) ARRAS_CHECKED;
/* Fetches and reads a document; it is called by the URL where it was found, which is *ret_url. */
enum arras_status ar_document_fetch(const struct ar_fetch *fetch, struct arras_str url,
                                    struct ar_asker asker, struct ar_arena *arena,
                                    struct ar_diags *diags, struct arras_str *ret_url,
                                    struct ar_document *ret) ARRAS_CHECKED;

#endif
