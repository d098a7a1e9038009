/* Media types, RFC 9110 section 8.3.1. Inside src/openapi. */
#ifndef AR_OPENAPI_MEDIA_TYPE_H
#define AR_OPENAPI_MEDIA_TYPE_H

#include "base/str.h"

/* "application/json" of "application/json; charset=utf-8". */
struct arras_str ar_media_essence(struct arras_str type);
bool ar_media_is(struct arras_str type, const char *essence);
/* application/json, text/json and what ends in +json. */
bool ar_media_is_json(struct arras_str type);
/* application/xml, text/xml and what ends in +xml. */
bool ar_media_is_xml(struct arras_str type);
bool ar_media_is_multipart(struct arras_str type);
/* application/json-seq and what ends in +json-seq (RFC 7464, RFC 8091). */
bool ar_media_is_json_seq(struct arras_str type);
/* Those and JSON Lines: application/jsonl, application/x-ndjson. */
bool ar_media_is_sequence(struct arras_str type);
/* Whether one of the types or ranges, their parameters aside, takes in the type. */
bool ar_media_matches(struct arras_str range, struct arras_str type);
bool ar_media_is_range(struct arras_str type);
/* The value of a parameter, without its quotes; empty where it is absent. */
struct arras_str ar_media_parameter(struct arras_str type, const char *name);

#endif
