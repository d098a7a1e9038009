/* Inputs that workflows have from each other. Those that a workflow depends on, and those that its
 * actions lead to, are given its inputs by name; none of them fails for what only another one of
 * them takes. */
#ifndef AR_RUN_INHERIT_H
#define AR_RUN_INHERIT_H

#include "arazzo/model.h"
#include "base/vec.h"

typedef AR_VEC(const struct ar_workflow *) ar_workflow_vec;

/* The workflow and all that may have its inputs, each once, the nearest first. ARRAS_NO_MEMORY. */
enum arras_status ar_inheriting(const struct ar_workflow *workflow, struct ar_arena *arena,
                                ar_workflow_vec *ret) ARRAS_CHECKED;

/* Of the inputs of another workflow those that this one is given: all, but where its schema allows
 * no others than it declares, these and what those declare that may have them from it. */
enum arras_status ar_inputs_inherit(const struct ar_workflow *workflow,
                                    const struct arras_value *inputs, struct ar_arena *arena,
                                    const struct arras_value **ret) ARRAS_CHECKED;
/* Of a workflow's inputs those that its own schema is asked about: all but what it does not
 * declare and one that may have them from it does. */
enum arras_status ar_inputs_own(const struct ar_workflow *workflow,
                                const struct arras_value *inputs, struct ar_arena *arena,
                                const struct arras_value **ret) ARRAS_CHECKED;

#endif
