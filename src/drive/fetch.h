/* Documents by HTTP: who may be asked, redirects, and what is kept on disk between programs. */
#ifndef AR_DRIVE_FETCH_H
#define AR_DRIVE_FETCH_H

#include "net/http_client.h"
#include "value/fetch.h"

struct ar_fetcher;

struct ar_fetcher_options {
    bool all; /* any URL may be read, not only those of allowed origins */
    const struct arras_transport *transport; /* NULL: all zero. Its redirects, cookies and
                                                response_bytes are not looked at */
    const char *cache_folder;                /* NULL or empty: nothing is kept */
    const volatile int *interrupted;         /* looked at often; not 0: stop. May be NULL */
};

/* `arena`: of the texts and all else; it must outlive the fetcher, as must the options' strings.
 * One thread at a time. */
enum arras_status ar_fetcher_new(const struct ar_fetcher_options *options, struct ar_arena *arena,
                                 struct ar_fetcher **ret) ARRAS_CHECKED;
/* Gives back what the arena does not. What was fetched can still be asked for, nothing else is
 * fetched any more. NULL is allowed. */
void ar_fetcher_close(struct ar_fetcher *fetcher);

/* A person named this URL: what has its origin (scheme, host and port) may be read. Nothing where
 * it is no http or https URL. */
enum arras_status ar_fetcher_allow(struct ar_fetcher *fetcher, struct arras_str url) ARRAS_CHECKED;

/* As the layers that read documents see it; lives as long as the fetcher. */
const struct ar_fetch *ar_fetcher_fetch(const struct ar_fetcher *fetcher);

#endif
