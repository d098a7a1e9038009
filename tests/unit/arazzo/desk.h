/* A folder with documents in it, one of them loaded, and what its expressions see. */
#ifndef AR_TEST_DESK_H
#define AR_TEST_DESK_H

#include "unit/harness.h"
#include "arazzo/expression.h"

struct desk {
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_arazzo *arazzo;
    char directory[32];
    char path[160]; /* of the last file asked for */
};

/* Makes the folder. */
void desk_init(struct desk *desk);
/* The path of a file in the folder; until the next call. */
const char *desk_path(struct desk *desk, const char *name);
/* Writes a file, with the folders on the way to it. */
void desk_write(struct desk *desk, const char *name, const char *text);
/* Loads a document of the folder; *desk->diags have what was told, the workflows' too. */
enum arras_status desk_load(struct desk *desk, const char *name, enum arras_strictness strictness,
                            const struct arras_settings *sources);
/* A document with one source `things` (things.yaml, written too) and these workflows (the YAML
 * below "workflows:"), loaded; its status, or that of the first workflow that cannot run. */
enum arras_status desk_workflows(struct desk *desk, enum arras_strictness strictness,
                                 const char *workflows);
/* A workflow `w` with one step `s` and this YAML among its members, indented by four spaces. */
enum arras_status desk_step(struct desk *desk, enum arras_strictness strictness,
                            const char *members);
/* Whether a diagnostic of this code was told, whose message contains the text (NULL: any). */
bool desk_told(const struct desk *desk, const char *code, const char *message);
/* A value given as JSON; it lives as long as the folder. */
const struct arras_value *desk_json(struct desk *desk, const char *json);
/* The value as JSON, "(nothing)" for NULL; it lives as long as the folder. */
const char *desk_text(struct desk *desk, const struct arras_value *value);
/* Removes the folder and gives back the rest. */
void desk_release(struct desk *desk);

#endif
