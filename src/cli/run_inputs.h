/* The inputs of a run, from --input, --inputs and the environment. */
#ifndef AR_CLI_RUN_INPUTS_H
#define AR_CLI_RUN_INPUTS_H

#include "arras/run.h"
#include "text.h"

/* A growing list of NAME=VALUE; borrows the texts. */
struct ar_setting_list {
    struct arras_setting *items;
    size_t count;
};

void ar_setting_add(struct ar_setting_list *list, const char *name, const char *value);
struct arras_settings ar_settings(const struct ar_setting_list *list);

struct ar_inputs {
    const struct arras_value *values; /* of --inputs and NAME:=JSON: an object, or NULL */
    struct ar_setting_list texts;     /* of NAME=TEXT */
    struct ar_setting_list fallbacks; /* of ARRAS_INPUT_NAME */
};

/* `given`: what stands behind each --input; `file`: of --inputs, or NULL. Where it fails, *ret_why
 * is what is wrong with the usage, or NULL where the pool's diagnostics tell. */
enum arras_status ar_inputs_read(struct arras_pool *pool, const struct ar_texts *given,
                                 const char *file, struct ar_inputs *ret,
                                 char **ret_why) ARRAS_CHECKED;

#endif
