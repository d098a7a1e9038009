/* URI references: taking apart, resolving (RFC 3986 section 5), percent-encoding. */
#ifndef AR_BASE_URI_H
#define AR_BASE_URI_H

#include "base/buf.h"

struct ar_uri {
    struct arras_str scheme, authority, path, query, fragment; /* without their delimiters */
    bool has_scheme, has_authority, has_query, has_fragment;
};

/* RFC 3986 appendix B: every string is one; parts are borrowed. */
struct ar_uri ar_uri_parse(struct arras_str text);
/* Whether it is an absolute http or https URL with a host. */
bool ar_uri_is_web(struct arras_str text);
/* The path that a file: URL of this machine names (RFC 8089), percent-decoded; any other text as it
 * is. ARRAS_NO_MEMORY. */
enum arras_status ar_uri_file_path(struct arras_str text, struct ar_arena *arena,
                                   struct arras_str *ret) ARRAS_CHECKED;
/* RFC 3986 sections 5.2.2 to 5.3, strict; `base` is absolute, or the name of a file as it is.
 * ARRAS_NO_MEMORY. */
enum arras_status ar_uri_resolve(struct arras_str base, struct arras_str reference,
                                 struct ar_arena *arena, struct arras_str *ret) ARRAS_CHECKED;

/* Appends with every byte percent-encoded that is not unreserved (RFC 3986 section 2.3) and not in
 * `also`. */
void ar_uri_encode(struct ar_buf *buf, struct arras_str text, const char *also);
/* Percent-decoded copy; a % that begins no escape stays as it is. */
enum arras_status ar_uri_decode(struct arras_str text, struct ar_arena *arena,
                                struct arras_str *ret) ARRAS_CHECKED;

#endif
