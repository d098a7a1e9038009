/* Parameter styles: OpenAPI 3.1.1 section 4.8.12 (Style Values, Style Examples), RFC 6570; Swagger
 * 2.0 collectionFormat. Inside src/openapi. What the specifications leave open is decided in
 * docs/requests.md. */
#ifndef AR_OPENAPI_SERIALIZE_H
#define AR_OPENAPI_SERIALIZE_H

#include "base/vec.h"
#include "openapi/request.h"

enum ar_style { AR_STYLE_SIMPLE, AR_STYLE_LABEL, AR_STYLE_MATRIX, AR_STYLE_FORM, AR_STYLE_DEEP };

enum ar_escape {
    AR_ESCAPE_ALL,      /* percent-encode all but unreserved characters (RFC 3986) */
    AR_ESCAPE_RESERVED, /* reserved ones and escapes stay (RFC 6570 section 3.2.3), '#' does not */
    AR_ESCAPE_PATH,     /* as RESERVED, but '?' does not stay either */
    AR_ESCAPE_FORM,     /* application/x-www-form-urlencoded: a space is '+' */
    AR_ESCAPE_COOKIE,   /* what RFC 6265 allows in a cookie's value stays */
    AR_ESCAPE_COOKIE_RESERVED, /* as RESERVED, but what no cookie can hold does not stay */
    AR_ESCAPE_NONE             /* headers, parts of multipart bodies */
};

/* Where the pairs of FORM and DEEP begin in the text, for those who send them apart. */
struct ar_pair_mark {
    size_t name, value;
};

struct ar_pair_marks {
    AR_VEC(struct ar_pair_mark) list;
    struct ar_arena *arena;
};

struct ar_serialization {
    enum ar_style style;
    bool explode;
    char delimiter; /* between the items of what is not exploded: ',' ' ' '|' or a tab */
    enum ar_escape escape;
    const char *between;         /* pairs of FORM and DEEP: "&", "; " */
    struct ar_pair_marks *marks; /* NULL: nobody asks */
};

/* How the parameter says, or NULL: as that place's parameters are by default. `object` is a
 * Parameter Object (Swagger's too), a Header Object or an Encoding Object. */
struct ar_serialization ar_serialization_of(const struct arras_value *object,
                                            enum ar_parameter_in in);

/* Appends the value. Names of parameters are escaped whole, whatever allowReserved says of values.
 * Null, an empty array and an empty object add nothing; FORM and DEEP add
 * name=value pairs, with `between` before them where `buf` has any text. */
void ar_serialize(struct ar_buf *buf, const struct ar_serialization *how, struct arras_str name,
                  const struct arras_value *value);

/* Null, and an array or object with nothing else in it (RFC 6570 section 2.3). */
bool ar_is_undefined(const struct arras_value *value);

void ar_escape_text(struct ar_buf *buf, struct arras_str text, enum ar_escape escape);
/* A scalar's text, JSON of anything else. */
void ar_plain_text(struct ar_buf *buf, const struct arras_value *value);

/* name=value, with what goes between pairs before it; for those who make the value. */
void ar_add_pair_name(struct ar_buf *buf, const struct ar_serialization *how,
                      struct arras_str name);

#endif
