#include "value/fetch.h"

bool ar_fetch_may(const struct ar_fetch *fetch, struct arras_str url)
{
    return fetch && fetch->may(fetch->context, url);
}

enum arras_status ar_fetch_get(const struct ar_fetch *fetch, struct arras_str url,
                               struct ar_asker asker, struct ar_diags *diags,
                               struct ar_fetched *ret)
{
    if (!fetch) {
        return ar_error(diags, ARRAS_UNSUPPORTED, "remote-document", asker.source, asker.at,
                        "'%.*s' is not read: only files are", AR_STR_ARG(url));
    }
    return fetch->get(fetch->context, url, asker, diags, ret);
}

enum arras_status ar_document_fetch(const struct ar_fetch *fetch, struct arras_str url,
                                    struct ar_asker asker, struct ar_arena *arena,
                                    struct ar_diags *diags, struct arras_str *ret_url,
                                    struct ar_document *ret)
{
    struct ar_fetched fetched;
    enum arras_status status = ar_fetch_get(fetch, url, asker, diags, &fetched);
    if (status) {
        return status;
    }
    *ret_url = fetched.url;
    return ar_document_parse(fetched.url, fetched.text, fetched.format, arena, diags, ret);
}
