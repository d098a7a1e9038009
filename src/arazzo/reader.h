/* What reading a document's objects needs, for the files that share the work. */
#ifndef AR_ARAZZO_READER_H
#define AR_ARAZZO_READER_H

#include "arazzo/fields.h"
#include "arazzo/model.h"

struct ar_reader {
    struct ar_arazzo *arazzo;
    struct ar_arena *arena;
    struct ar_diags *diags;       /* the document's, or the workflow's that is read */
    struct ar_workflow *workflow; /* that is read, NULL: none */
};

/* ARRAS_INVALID with the place of `at`. */
#define ar_invalid(reader, code, at, ...)                                                          \
    ar_error((reader)->diags, ARRAS_INVALID, (code), &(reader)->arazzo->document.source, (at),     \
             __VA_ARGS__)

/* The text of a member that must be a string. `required`: its absence is an error too; otherwise
 * *ret is then empty. `what`: "a step". */
enum arras_status ar_reader_string(struct ar_reader *reader, const struct arras_value *object,
                                   const char *name, bool required, const char *what,
                                   struct arras_str *ret) ARRAS_CHECKED;
/* A member that must be of the type where it is there; *ret NULL where it is not. */
enum arras_status ar_reader_member(struct ar_reader *reader, const struct arras_value *object,
                                   const char *name, enum arras_type type,
                                   const struct arras_value **ret) ARRAS_CHECKED;
/* ar_check_fields for the document that is read. */
enum arras_status ar_reader_fields(struct ar_reader *reader, const struct arras_value *object,
                                   enum ar_object_kind kind) ARRAS_CHECKED;
/* A Reusable Object (`reference: $components.KIND.name`) becomes what it refers to; anything else
 * is itself. */
enum arras_status ar_reader_reusable(struct ar_reader *reader, const struct arras_value *value,
                                     const char *kind,
                                     const struct arras_value **ret) ARRAS_CHECKED;

/* Success and Failure Actions: those of `value`, then those of `inherited` that no name overrides.
 */
enum arras_status ar_read_actions(struct ar_reader *reader, const struct arras_value *value,
                                  const struct arras_value *inherited, bool failure,
                                  struct ar_actions *ret) ARRAS_CHECKED;
/* Arazzo 1.1: what an action gives to the workflow that it goes to. */
enum arras_status ar_read_action_parameters(struct ar_reader *reader,
                                            const struct arras_value *object,
                                            struct ar_action *action) ARRAS_CHECKED;
enum arras_status ar_read_criteria(struct ar_reader *reader, const struct arras_value *value,
                                   struct ar_criteria *ret) ARRAS_CHECKED;
/* Everything of a step but its id and the names of its outputs, which are there already. */
enum arras_status ar_read_step(struct ar_reader *reader, const struct arras_value *value,
                               const struct arras_value *workflow,
                               struct ar_step *step) ARRAS_CHECKED;
/* ^[a-zA-Z0-9\.\-_]+$ */
bool ar_is_plain_name(struct arras_str name);
/* The names of an outputs map, and later their values. */
enum arras_status ar_read_output_names(struct ar_reader *reader, const struct arras_value *value,
                                       struct ar_outputs *ret) ARRAS_CHECKED;
enum arras_status ar_read_output_values(struct ar_reader *reader, const struct arras_value *value,
                                        struct ar_outputs *outputs) ARRAS_CHECKED;

/* Finds what a workflow's steps and actions refer to: operations, workflows, steps. */
enum arras_status ar_link_workflow(struct ar_reader *reader) ARRAS_CHECKED;

/* Puts the steps into an order that satisfies what they depend on (Arazzo 1.1, Step Object,
 * `dependsOn`), otherwise as written; before links are made. */
enum arras_status ar_flow_order(struct ar_reader *reader) ARRAS_CHECKED;
/* Finds references to outputs of steps that cannot have run by then; after links are made. */
enum arras_status ar_flow_check(struct ar_reader *reader) ARRAS_CHECKED;

/* A list of names. */
enum arras_status ar_reader_names(struct ar_reader *reader, const struct arras_value *object,
                                  const char *name, struct arras_str **ret,
                                  size_t *ret_count) ARRAS_CHECKED;

/* Whether the step's path parameters are just those of the template. */
bool ar_step_fits_path(const struct ar_step *step, struct arras_str path);
/* Of the operations of the id in one description, which has several: the one whose path the step's
 * path parameters fill, with a warning. ARRAS_INVALID where that is not just one, and when strict.
 */
enum arras_status ar_choose_duplicate(struct ar_reader *reader, const struct ar_step *step,
                                      struct arras_str id,
                                      const struct ar_source_description *source,
                                      const struct ar_operation **ret) ARRAS_CHECKED;
/* An operation that the step's sources lack but that a description file beside one of them has, or,
 * when lenient, one of these or of those under an id that is alike; told as a warning. *ret_source
 * is the source beside which it was found. *ret_operation NULL: none, or several that could be
 * meant. ARRAS_INVALID when strict and there is one; ARRAS_NO_MEMORY. */
enum arras_status ar_find_sibling(struct ar_reader *reader, const struct ar_step *step,
                                  struct arras_str id, const struct ar_source_description *only,
                                  const struct ar_operation **ret_operation,
                                  const struct ar_source_description **ret_source) ARRAS_CHECKED;
/* An operation of the step's sources whose id differs in case or punctuation only; NULL: none. */
enum arras_status ar_find_alike(struct ar_reader *reader, const struct ar_step *step,
                                struct arras_str id, const struct ar_source_description *only,
                                const struct ar_operation **ret) ARRAS_CHECKED;
/* Gives each parameter of the step that has no `in` the only place in which the operation declares
 * one of that name, told as a warning (parameter-in). ARRAS_INVALID where there is not just one, or
 * when strict; ARRAS_NO_MEMORY. */
enum arras_status ar_place_parameters(struct ar_reader *reader, struct ar_step *step) ARRAS_CHECKED;
/* The root of a document that a $ref of inputs leads to, read when first asked for; under the same
 * conditions as those of descriptions. NOT_FOUND; what reading it says. */
enum arras_status ar_schema_document_need(struct ar_reader *reader, struct arras_str location,
                                          const struct arras_value **ret) ARRAS_CHECKED;
/* How descriptions that the document names, or that lie beside those, read others. */
struct ar_description_options ar_source_options(struct ar_arazzo *arazzo);

/* The document of an arazzo source, read when first asked for. Documents that use each other in a
 * circle are refused. */
enum arras_status ar_source_arazzo_need(struct ar_reader *reader,
                                        struct ar_source_description *source) ARRAS_CHECKED;
/* Reads the document at source->location, a file or a URL, for `user`; the location becomes that
 * where it was found. ARRAS_UNRESOLVED where there is no such file. */
enum arras_status ar_source_read(const struct ar_arazzo *user, struct ar_source_description *source,
                                 struct ar_diags *diags, struct ar_document *ret) ARRAS_CHECKED;
/* Reads source->location into source->nested; its diagnostics go to source->diags. */
enum arras_status ar_arazzo_load_nested(struct ar_arazzo *user,
                                        struct ar_source_description *source) ARRAS_CHECKED;
/* The path without links and dots; as it is where the file is not there, and a URL. False: no
 * memory. */
bool ar_real_path(struct arras_str path, struct ar_arena *arena,
                  struct arras_str *ret) ARRAS_CHECKED;

/* The description of an openapi source, read when first asked for; its diagnostics are added to the
 * reader's. */
enum arras_status ar_source_description_need(struct ar_reader *reader,
                                             struct ar_source_description *source) ARRAS_CHECKED;

#endif
