/* The job server of `arras run --local`: there for the length of one run. */
#ifndef AR_CLI_RUN_LOCAL_H
#define AR_CLI_RUN_LOCAL_H

#include "arras/server.h"
#include "arras/value.h"
#include "run_credentials.h"

struct ar_local {
    struct arras_server *server;
    char *api; /* the base URL of its API */
};

/* Starts it with data that go with it, and deploys `scripts` (PATH=FILE each). What is wrong is in
 * the pool's diagnostics, or in *ret_why where it is the usage. Stop it in either case. */
enum arras_status ar_local_start(struct arras_pool *pool, bool no_sandbox,
                                 const struct ar_texts *scripts, struct ar_local *ret,
                                 char **ret_why) ARRAS_CHECKED;
void ar_local_stop(struct ar_local *local);
/* Adds its token and workspace to what inputs fall back to. */
void ar_local_inputs(const struct ar_local *local, struct ar_setting_list *fallbacks);
/* Its token is the credential for Windmill's security schemes of that source, whatever else was
 * given for them: another server's would be refused, and is none of its business. */
void ar_local_credentials(const struct ar_local *local, const struct arras_document *document,
                          const char *source, struct ar_credential_list *credentials);

#endif
