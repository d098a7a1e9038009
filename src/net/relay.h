/* Passes connections that were accepted elsewhere on to one server, bytes both ways. One thread
 * waits for all of them; while there are none, it sleeps. */
#ifndef AR_NET_RELAY_H
#define AR_NET_RELAY_H

#include "base/diag.h"

struct ar_relay;

/* To the server of an http:// URL, whose host is looked up now. ARRAS_INVALID: no such URL, or
 * https; ARRAS_NETWORK: the host has no address. ARRAS_IO, ARRAS_NO_MEMORY. */
enum arras_status ar_relay_start(const char *url, struct ar_diags *diags,
                                 struct ar_relay **ret) ARRAS_CHECKED;
/* Takes over a connection: a stream socket that does not block, which is the relay's from then on.
 * Of one owner (any address) at most AR_JOB_CONNECTIONS are open at a time, of all
 * AR_RELAY_CONNECTIONS: further ones are closed. Where the server is out of reach, the answer is a
 * 502. Any thread, before ar_relay_stop. */
void ar_relay_take(struct ar_relay *relay, const void *owner, int fd);
/* Closes all connections. NULL is allowed. */
void ar_relay_stop(struct ar_relay *relay);

#endif
