/* Access tokens: requests to token endpoints (RFC 6749 sections 4.3, 4.4 and 6) and the discovery
 * of these (OpenID Connect Discovery 1.0 section 4, RFC 8414), as effects of the run machine. */
#ifndef AR_RUN_TOKEN_H
#define AR_RUN_TOKEN_H

#include "run/machine.h"

/* Whether it can be had (again) from the token endpoint. */
bool ar_token_renewable(const struct ar_credential *credential);
/* Whether it is there and has not expired. */
bool ar_token_usable(const struct ar_run *run, const struct ar_credential *credential);
/* Makes run->errand the next request on the way to the credential's token. */
enum arras_status ar_token_ask(struct ar_run *run, struct ar_credential *credential,
                               struct ar_verdict *verdict) ARRAS_CHECKED;
/* What came back for run->errand. */
enum arras_status ar_token_answer(struct ar_run *run, const struct ar_http_response *response,
                                  struct ar_verdict *verdict) ARRAS_CHECKED;
/* Where secrets may be sent: https, http on this machine, and http where it is allowed. */
bool ar_token_endpoint_safe(struct arras_str url, bool allow_http);

#endif
