/* Settings of long-running commands besides their arguments: every option NAME may also be given by
 * ARRAS_NAME in the environment (upper case, _ for -), and behind that by the member NAME of a YAML
 * or JSON file. */
#ifndef AR_CLI_CONFIG_H
#define AR_CLI_CONFIG_H

#include "arras/value.h"
#include "options.h"

/* The file; the zero value is none. */
struct ar_config {
    struct arras_pool *pool;
    const struct arras_value *root;
};

/* Reads it; NULL: there is none. False: it has been said what is wrong, which may be a member that
 * is an option of no command. */
bool ar_config_open(struct ar_config *config, const char *path);
void ar_config_close(struct ar_config *config);

/* Where an option's value was found. */
struct ar_config_place {
    const struct ar_config *config;
    char *variable;                  /* the name in the environment; NULL: not there */
    const struct arras_value *value; /* in the file */
    bool failed;                     /* it has been said that the file has no text there */
};

/* The value number `index` of an option, of which a file may have a list; NULL: no more. Lives as
 * long as the program. */
const char *ar_config_text(struct ar_config_place *place, const struct ar_option *option,
                           size_t index);
/* Says that the value found last is wrong: `message` goes behind its name. */
void ar_config_wrong(const struct ar_config_place *place, const struct ar_option *option,
                     const char *message);

#endif
