/* A request and its response as text for a person (--verbose), secrets hidden. */
#ifndef AR_DRIVE_EXCHANGE_H
#define AR_DRIVE_EXCHANGE_H

#include "arras/run.h"
#include "net/http_client.h"
#include "run/secrets.h"

/* Gives both texts to observer->exchange. Bodies are cut, and not shown where they are no text; nor
 * that of a response which may hold a token (`own`). */
enum arras_status ar_exchange_request(const struct ar_secrets *secrets,
                                      const struct ar_http_request *request, struct ar_arena *arena,
                                      struct arras_str *ret) ARRAS_CHECKED;
enum arras_status ar_exchange_tell(const struct arras_observer *observer,
                                   const struct ar_secrets *secrets,
                                   const struct ar_http_request *request,
                                   const struct ar_http_result *result, bool own,
                                   struct ar_arena *arena) ARRAS_CHECKED;

#endif
