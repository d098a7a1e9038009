/* The functions of include/arras/value.h. */
#include "base/limits.h"
#include "value/document.h"
#include "value/json.h"
#include "value/pool.h"
#include <stdlib.h>

struct arras_pool *arras_pool_new(void)
{
    struct arras_pool *pool = malloc(sizeof(*pool));
    if (pool) {
        ar_arena_init(&pool->arena, 0);
        ar_diags_init(&pool->diags, &pool->arena);
        pool->newest = NULL;
    }
    return pool;
}

void arras_pool_free(struct arras_pool *pool)
{
    if (pool) {
        ar_arena_release(&pool->arena);
        free(pool);
    }
}

const struct arras_diag *arras_pool_diag(const struct arras_pool *pool, size_t index)
{
    return index < pool->diags.list.count ? &pool->diags.list.items[index] : NULL;
}

static enum arras_status keep(struct arras_pool *pool, const struct ar_document *document,
                              const struct arras_value **ret)
{
    const struct arras_value *value = ar_value_new(&pool->arena, document->root);
    struct ar_pool_text *text = ar_new(&pool->arena, struct ar_pool_text);
    if (!value || !text) {
        return ar_no_memory(&pool->diags);
    }
    *text = (struct ar_pool_text){value, document->source, pool->newest};
    pool->newest = text;
    *ret = value;
    return ARRAS_OK;
}

enum arras_status arras_read(struct arras_pool *pool, enum arras_format format, const char *name,
                             struct arras_str text, const struct arras_value **ret)
{
    struct arras_str own_name, own_text;
    if (!ar_str_copy(ar_str_z(name), &pool->arena, &own_name) ||
        !ar_str_copy(text, &pool->arena, &own_text)) {
        return ar_no_memory(&pool->diags);
    }
    struct ar_document document;
    enum arras_status status =
        ar_document_parse(own_name, own_text, format, &pool->arena, &pool->diags, &document);
    return status ? status : keep(pool, &document, ret);
}

enum arras_status arras_read_file(struct arras_pool *pool, enum arras_format format,
                                  const char *path, const struct arras_value **ret)
{
    struct ar_document document;
    enum arras_status status =
        ar_document_read(path, format, &pool->arena, &pool->diags, &document);
    return status ? status : keep(pool, &document, ret);
}

enum arras_type arras_type(const struct arras_value *value)
{
    return value ? (enum arras_type)value->type : ARRAS_NULL;
}

bool arras_bool(const struct arras_value *value)
{
    return ar_is(value, ARRAS_BOOL) && value->boolean;
}

struct arras_str arras_text(const struct arras_value *value)
{
    return ar_text(value);
}

size_t arras_count(const struct arras_value *value)
{
    return ar_is(value, ARRAS_ARRAY) || ar_is(value, ARRAS_OBJECT) ? value->count : 0;
}

const struct arras_value *arras_item(const struct arras_value *array, size_t index)
{
    return ar_item(array, index);
}

const struct arras_value *arras_member(const struct arras_value *object, const char *name)
{
    return ar_get_z(object, name);
}

const struct arras_value *arras_member_at(const struct arras_value *object, size_t index,
                                          struct arras_str *ret_name)
{
    if (!ar_is(object, ARRAS_OBJECT) || index >= object->count) {
        return NULL;
    }
    if (ret_name) {
        *ret_name = ar_member_name(&object->members[index]);
    }
    return &object->members[index].value;
}

enum arras_status arras_refuse(struct arras_pool *pool, const struct arras_value *root,
                               const struct arras_value *value, const char *message)
{
    return ar_error(&pool->diags, ARRAS_INVALID, "refused", ar_pool_source(pool, root),
                    value ? value->at : 0, "%s", message);
}

void arras_place(const struct arras_pool *pool, const struct arras_value *root,
                 const struct arras_value *value, uint32_t *ret_line, uint32_t *ret_column)
{
    const struct ar_source *source = ar_pool_source(pool, root);
    *ret_line = *ret_column = 0;
    if (source && value) {
        ar_source_place(source, value->at, ret_line, ret_column);
    }
}

enum arras_status arras_note(struct arras_pool *pool, const struct arras_diag *diag)
{
    struct ar_diags one;
    ar_diags_init(&one, &pool->arena);
    if (!ar_vec_push(&pool->arena, &one.list, *diag)) {
        return ar_no_memory(&pool->diags);
    }
    ar_diags_add(&pool->diags, &one);
    return pool->diags.lost ? ARRAS_NO_MEMORY : ARRAS_OK;
}

enum arras_status arras_write(struct arras_pool *pool, const struct arras_value *value, int flags,
                              struct arras_str *ret)
{
    return ar_json_text(value, flags, AR_ARENA_LIMIT, &pool->arena, ret);
}
