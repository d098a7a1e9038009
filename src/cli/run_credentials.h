/* Credentials for a run, as --auth, --header, the environment and arras.credentials.yaml give them
 * (docs/credentials.md). */
#ifndef AR_CLI_RUN_CREDENTIALS_H
#define AR_CLI_RUN_CREDENTIALS_H

#include "arras/run.h"
#include "run_inputs.h"

/* One credential: its value as JSON. */
struct ar_credential_entry {
    const char *source, *scheme;
    char *json;
};

struct ar_credential_list {
    struct arras_pool *pool; /* of what was read: never shown */
    struct ar_credential_entry *items;
    size_t count;
    struct ar_setting_list headers;
};

/* What the command line says of credentials. */
struct ar_credentials_given {
    const struct ar_texts *auths, *headers;
    const char
        *file;   /* NULL: arras.credentials.yaml in the working folder or beside the document */
    bool strict; /* what the file gives to nobody is an error */
};

/* Gathers what was given: --auth before the environment before the file. False: *ret_why, to be
 * freed, says in one sentence what is wrong, without any secret. Entries of the file that no
 * description knows are told in `told`, each with its place, but without its line. */
bool ar_credentials_gather(const struct arras_document *document, const char *document_path,
                           const struct ar_credentials_given *given, struct arras_pool *told,
                           struct ar_credential_list *ret, char **ret_why);
/* Replaces whatever was given for a scheme of a source, where the source has that scheme. */
void ar_credentials_set(struct ar_credential_list *list, const struct arras_document *document,
                        const char *source, const char *scheme, const char *text);
/* All of them as the library takes them; NULL where there are none. */
enum arras_status ar_credentials_value(struct ar_credential_list *list,
                                       const struct arras_value **ret);
void ar_credentials_release(struct ar_credential_list *list);

#endif
