/* The members of createScript that say how a script is to be run (windmill-api.md section 4.4),
 * apart from its timeout and tag. Each is known here: those that this server does not honour are
 * refused where they are set to something that matters, or stand in the differences of
 * operations.json. */
#ifndef AR_JOBS_API_SCRIPT_SETTINGS_H
#define AR_JOBS_API_SCRIPT_SETTINGS_H

#include "jobs/api/call.h"

/* Those that are set, as a JSON object; empty: none. False: answered. */
bool ar_script_settings_read(struct ar_call *call, const struct arras_value *body,
                             struct arras_str *ret) ARRAS_CHECKED;
/* Adds them to a script's members, is_template always. */
void ar_script_settings_write(struct arras_str settings, struct ar_writer *writer);
/* Whether that setting is true. */
bool ar_script_settings_has(struct ar_call *call, struct arras_str settings, const char *name);

#endif
