/* The functions of include/arras/query.h. */
#include "arras/query.h"
#include "base/limits.h"
#include "query/jsonpath.h"
#include "query/schema.h"
#include "query/xpath.h"
#include "value/document.h"
#include "value/pointer.h"
#include "value/pool.h"

static enum arras_status keep(struct arras_pool *pool, struct arras_value value,
                              const struct arras_value **ret)
{
    const struct arras_value *kept = ar_value_new(&pool->arena, value);
    if (!kept) {
        return ar_no_memory(&pool->diags);
    }
    *ret = kept;
    return ARRAS_OK;
}

static bool push_path(struct ar_list *list, const struct ar_node *node, struct ar_buf *buf)
{
    struct arras_str text;
    ar_buf_clear(buf);
    ar_node_path(node, buf);
    return ar_buf_copy(buf, list->arena, &text) == ARRAS_OK && ar_list_push(list, ar_string(text));
}

static enum arras_status list_nodes(struct arras_pool *pool, const struct ar_nodes *nodes,
                                    bool paths, const struct arras_value **ret)
{
    struct ar_list list;
    struct ar_buf buf;
    bool good = true;
    ar_list_init(&list, &pool->arena);
    ar_buf_init(&buf, AR_DOCUMENT_SIZE);
    for (size_t i = 0; good && i < nodes->list.count; i++) {
        const struct ar_node *node = &nodes->list.items[i];
        good = paths ? push_path(&list, node, &buf) : ar_list_push(&list, *node->value);
    }
    ar_buf_release(&buf);
    return good ? keep(pool, ar_list_value(&list), ret) : ar_no_memory(&pool->diags);
}

enum arras_status arras_query_jsonpath(struct arras_pool *pool, const struct arras_value *root,
                                       struct arras_str expression, bool paths,
                                       const struct arras_value **ret)
{
    struct ar_jsonpath *path;
    struct arras_str own; /* excerpts of it outlive the caller's */
    if (!ar_str_copy(expression, &pool->arena, &own)) {
        return ar_no_memory(&pool->diags);
    }
    enum arras_status status = ar_jsonpath_compile(own, &pool->arena, &pool->diags, &path);
    if (status) {
        return status;
    }
    struct ar_nodes nodes = {0};
    const struct arras_value null = ar_null();
    status = ar_jsonpath_eval(path, root ? root : &null, paths, &pool->arena, &pool->diags, &nodes);
    if (!status) {
        status = list_nodes(pool, &nodes, paths, ret);
    }
    ar_jsonpath_release(path);
    return status;
}

enum arras_status arras_query_pointer(struct arras_pool *pool, const struct arras_value *root,
                                      struct arras_str pointer, const struct arras_value **ret)
{
    if (!ar_pointer_valid(pointer)) {
        ar_error(&pool->diags, ARRAS_SYNTAX, "pointer", NULL, 0, "'%.*s' is not a JSON Pointer",
                 AR_STR_ARG(pointer));
        ar_hint(&pool->diags, "a pointer is empty, or each name in it begins with '/', with ~ "
                              "written as ~0 and / as ~1");
        return ARRAS_SYNTAX;
    }
    const struct arras_value *found = ar_pointer_get(root, pointer);
    if (!found) {
        return ar_error(&pool->diags, ARRAS_NOT_FOUND, "nothing", NULL, 0,
                        "there is nothing at '%.*s'", AR_STR_ARG(pointer));
    }
    *ret = found;
    return ARRAS_OK;
}

enum arras_status arras_query_xpath(struct arras_pool *pool, const struct arras_value *xml,
                                    struct arras_str expression, const struct arras_value **ret)
{
    if (!ar_is(xml, ARRAS_STRING)) {
        return ar_error(&pool->diags, ARRAS_INVALID, "xml", NULL, 0,
                        "XPath looks into XML text, and this is a value of type %s",
                        ar_type_name(xml));
    }
    struct arras_value value;
    struct arras_str own; /* excerpts of it outlive the caller's */
    bool truth;
    if (!ar_str_copy(expression, &pool->arena, &own)) {
        return ar_no_memory(&pool->diags);
    }
    enum arras_status status =
        ar_xpath_eval(own, ar_text(xml), &pool->arena, &pool->diags, &value, &truth);
    return status ? status : keep(pool, value, ret);
}

struct remotes {
    struct arras_pool *pool;
    const char *folder;
};

/* Finds what http://localhost:1234/ has in the folder that stands for it. */
static enum arras_status load_remote(void *context, struct arras_str uri, struct ar_arena *arena,
                                     const struct arras_value **ret)
{
    static const char base[] = "http://localhost:1234/";
    const struct remotes *remotes = context;
    struct arras_str path;
    if (!ar_str_starts(uri, base) || ar_str_find(uri, AR_STR(".."), 0) != AR_NOT_FOUND ||
        ar_str_has_nul(uri)) {
        return ARRAS_NOT_FOUND;
    }
    struct arras_str below = ar_str_from(uri, sizeof(base) - 1);
    if (!ar_str_printf(arena, &path, "%s/%.*s", remotes->folder, AR_STR_ARG(below))) {
        return ARRAS_NO_MEMORY;
    }
    struct ar_document document;
    enum arras_status status =
        ar_document_read(path.ptr, ARRAS_FORMAT_GUESS, arena, &remotes->pool->diags, &document);
    if (status) {
        return status;
    }
    *ret = ar_value_new(arena, document.root);
    return *ret ? ARRAS_OK : ARRAS_NO_MEMORY;
}

static bool push_error(struct ar_list *list, const struct ar_schema_error *error)
{
    struct ar_object object;
    struct arras_value value;
    ar_object_init(&object, list->arena);
    return ar_object_set_z(&object, "instancePath", ar_string(error->instance_path)) &&
           ar_object_set_z(&object, "schemaPath", ar_string(error->schema_path)) &&
           ar_object_set_z(&object, "message", ar_string(error->message)) &&
           ar_object_value(&object, &value) && ar_list_push(list, value);
}

static enum arras_status list_errors(struct arras_pool *pool, const struct ar_schema_result *result,
                                     const struct arras_value **ret)
{
    struct ar_list list;
    ar_list_init(&list, &pool->arena);
    for (size_t i = 0; i < result->errors.count; i++) {
        if (!push_error(&list, &result->errors.items[i])) {
            return ar_no_memory(&pool->diags);
        }
    }
    return keep(pool, ar_list_value(&list), ret);
}

enum arras_status arras_query_schema(struct arras_pool *pool, const struct arras_value *schema,
                                     const struct arras_value *instance,
                                     const struct arras_schema_options *options,
                                     const struct arras_value **ret)
{
    struct remotes remotes = {.pool = pool, .folder = options ? options->remotes : NULL};
    struct ar_schema_options inner = {
        .dialect = AR_SCHEMA_2020_12,
        .assert_format = options && options->assert_format ? AR_FORMATS_ALL : AR_FORMATS_NONE,
        .load = remotes.folder ? load_remote : NULL,
        .context = &remotes};
    struct ar_schema *compiled;
    enum arras_status status = ar_schema_compile(schema, schema, ar_pool_source(pool, schema),
                                                 &inner, &pool->arena, &pool->diags, &compiled);
    if (status) {
        return status;
    }
    struct ar_schema_result result = {0};
    status = ar_schema_validate(compiled, instance, &pool->arena, &pool->diags, &result);
    if (!status) {
        status = list_errors(pool, &result, ret);
    }
    ar_schema_release(compiled);
    return status;
}
