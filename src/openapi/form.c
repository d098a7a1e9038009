/* application/x-www-form-urlencoded: OpenAPI 3.1.1 section 4.8.15 (Encoding Object), Appendix E. */
#include "base/limits.h"
#include "openapi/body.h"
#include "openapi/media_type.h"
#include "openapi/serialize.h"

bool ar_encoding_has_style(const struct arras_value *encoding)
{
    return ar_get_z(encoding, "style") || ar_get_z(encoding, "explode") ||
           ar_get_z(encoding, "allowReserved");
}

static bool is_compound(const struct arras_value *value)
{
    return value->type == ARRAS_ARRAY || value->type == ARRAS_OBJECT;
}

static bool is_nested(const struct arras_value *value)
{
    bool nested = value->type == ARRAS_OBJECT;
    for (uint32_t i = 0; value->type == ARRAS_ARRAY && i < value->count && !nested; i++) {
        nested = is_compound(&value->items[i]);
    }
    return nested;
}

/* name=value, the value as its media type has it, escaped. */
static enum arras_status add_typed(const struct ar_body_context *context,
                                   const struct ar_content *content, struct arras_str name,
                                   struct ar_buf *buf)
{
    struct ar_serialization how = ar_serialization_of(NULL, AR_IN_QUERY);
    struct ar_body_context within = *context;
    struct ar_buf text;
    how.escape = AR_ESCAPE_FORM;
    within.files = NULL;
    ar_buf_init(&text, AR_REQUEST_BODY);
    enum arras_status status = ar_content_write(&within, content, &text, NULL);
    ar_add_pair_name(buf, &how, name);
    ar_escape_text(buf, ar_buf_str(&text), how.escape);
    if (ar_buf_status(&text)) {
        buf->status = ar_buf_status(&text);
    }
    ar_buf_release(&text);
    return status;
}

/* By contentType: a pair for each item of an array, one for any other value. */
static enum arras_status add_by_type(const struct ar_body_context *context,
                                     const struct ar_content *form, const struct ar_member *member,
                                     struct arras_str type, struct ar_buf *buf)
{
    struct arras_str name = ar_member_name(member);
    bool array = member->value.type == ARRAS_ARRAY;
    const struct arras_value *schema = ar_content_property(context, form->schema, name);
    const struct arras_value *items = ar_get_z(ar_content_schema(context, schema), "items");
    enum arras_status status = ARRAS_OK;
    for (uint32_t i = 0; i < (array ? member->value.count : 1) && !status; i++) {
        const struct arras_value *value = array ? &member->value.items[i] : &member->value;
        struct ar_content content = {
            .value = value, .type = type, .schema = array ? items : schema};
        if (value->type == ARRAS_NULL) {
            continue;
        }
        if (!type.len) {
            content.type = is_compound(value) ? AR_STR("application/json") : AR_STR("text/plain");
        }
        status = add_typed(context, &content, name, buf);
    }
    return status;
}

/* How a member is written where its media type does not say: by its style; else by OpenAPI's
 * default for what is flat, the brackets that servers understand for what is nested. */
static struct ar_serialization style_of(const struct arras_value *value,
                                        const struct arras_value *encoding,
                                        const struct arras_value *parameter)
{
    bool styled = ar_encoding_has_style(encoding);
    struct ar_serialization how = ar_serialization_of(styled ? encoding : parameter, AR_IN_QUERY);
    if (!styled) {
        how.escape = AR_ESCAPE_FORM;
        how.style = is_nested(value) ? AR_STYLE_DEEP : how.style;
    }
    return how;
}

enum arras_status ar_body_form(const struct ar_body_context *context,
                               const struct ar_content *content, struct ar_buf *buf)
{
    const struct arras_value *encodings = ar_get_z(content->described, "encoding");
    enum arras_status status = ARRAS_OK;
    for (uint32_t i = 0; i < content->value->count && !status; i++) {
        const struct ar_member *member = &content->value->members[i];
        struct arras_str name = ar_member_name(member);
        const struct arras_value *encoding = ar_get(encodings, name);
        const struct arras_value *parameter = ar_get(content->form, name);
        struct arras_str type = ar_content_first_type(encoding);
        bool by_letter = context->call->strict && is_nested(&member->value) && !content->form;
        if (!ar_encoding_has_style(encoding) && (type.len || by_letter)) {
            status = add_by_type(context, content, member, type, buf);
        } else {
            struct ar_serialization how = style_of(&member->value, encoding, parameter);
            ar_serialize(buf, &how, name, &member->value);
        }
    }
    return status;
}
