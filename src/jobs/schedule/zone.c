#include "jobs/schedule/zone.h"
#include "base/calendar.h"
#include "base/file.h"
#include "base/limits.h"
#include "jobs/schedule/zone_rule.h"

static const char DIRECTORY[] = "/usr/share/zoneinfo/";

struct ar_zone {
    const int64_t *starts;    /* of the spans but the first, ascending */
    const int64_t *offsets;   /* one more than starts: the first is that of the time before */
    size_t count;             /* of starts */
    struct ar_zone_rule rule; /* for the time after the last start */
};

static bool plausible(struct arras_str name)
{
    bool clean = name.len > 0 && name.len <= AR_ZONE_NAME && name.ptr[0] != '/' &&
                 ar_str_find(name, AR_STR(".."), 0) == AR_NOT_FOUND;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        clean = clean && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || strchr("_+-/", c));
    }
    return clean;
}

enum arras_status ar_zone_open(struct arras_str name, struct ar_arena *arena,
                               struct ar_diags *diags, struct ar_zone **ret)
{
    struct arras_str path, bytes;
    enum arras_status status = ARRAS_INVALID;
    if (plausible(name)) {
        if (!ar_str_printf(arena, &path, "%s%.*s", DIRECTORY, AR_STR_ARG(name))) {
            return ar_no_memory(diags);
        }
        status = ar_file_read(path.ptr, AR_ZONE_SIZE, arena, NULL, &bytes);
        status = status ? status : ar_zone_read(bytes, arena, ret);
    }
    if (status == ARRAS_NO_MEMORY) {
        return ar_no_memory(diags);
    }
    return status ? ar_error(diags, ARRAS_INVALID, "time-zone", NULL, 0,
                             "the time zone '%.*s' is not known on this machine", AR_STR_ARG(name))
                  : ARRAS_OK;
}

static int64_t big_endian(const char *bytes, size_t size)
{
    uint64_t number = (bytes[0] & 0x80) ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++) {
        number = number << 8 | (unsigned char)bytes[i];
    }
    return (int64_t)number;
}

/* RFC 8536 section 3.1: a header, and how long its data block is. */
struct header {
    size_t transitions, types, data; /* data: bytes in all */
    char version;
};

enum { HEADER = 44 };

static bool read_header(struct arras_str bytes, size_t time_size, struct header *ret)
{
    if (bytes.len < HEADER || !ar_str_starts(bytes, "TZif")) {
        return false;
    }
    size_t counts[6]; /* isut, isstd, leap, transitions, types, characters */
    for (size_t i = 0; i < 6; i++) {
        int64_t count = big_endian(bytes.ptr + 20 + 4 * i, 4);
        if (count < 0 || count > AR_ZONE_SIZE) {
            return false;
        }
        counts[i] = (size_t)count;
    }
    ret->version = bytes.ptr[4];
    ret->transitions = counts[3];
    ret->types = counts[4];
    ret->data = counts[3] * (time_size + 1) + counts[4] * 6 + counts[5] +
                counts[2] * (time_size + 4) + counts[1] + counts[0];
    return ret->types > 0 && HEADER + ret->data <= bytes.len;
}

static bool read_transitions(struct arras_str block, const struct header *header, int64_t *starts,
                             int64_t *offsets)
{
    const char *times = block.ptr, *indexes = times + 8 * header->transitions;
    const char *types = indexes + header->transitions;
    offsets[0] = big_endian(types, 4);
    for (size_t i = 0; i < header->transitions; i++) {
        size_t type = (unsigned char)indexes[i];
        starts[i] = big_endian(times + 8 * i, 8);
        if (type >= header->types || (i > 0 && starts[i] <= starts[i - 1])) {
            return false;
        }
        offsets[i + 1] = big_endian(types + 6 * type, 4);
    }
    return true;
}

enum arras_status ar_zone_read(struct arras_str bytes, struct ar_arena *arena, struct ar_zone **ret)
{
    struct header header;
    /* the first block has 32-bit times; the second, of version 2, is the one that counts */
    if (!read_header(bytes, 4, &header) || header.version < '2') {
        return ARRAS_INVALID;
    }
    bytes = ar_str_from(bytes, HEADER + header.data);
    if (!read_header(bytes, 8, &header)) {
        return ARRAS_INVALID;
    }
    struct ar_zone *zone = ar_new(arena, struct ar_zone);
    int64_t *starts = ar_new_array(arena, int64_t, header.transitions + 1);
    int64_t *offsets = ar_new_array(arena, int64_t, header.transitions + 1);
    if (!zone || !starts || !offsets) {
        return ARRAS_NO_MEMORY;
    }
    if (!read_transitions(ar_str_from(bytes, HEADER), &header, starts, offsets)) {
        return ARRAS_INVALID;
    }
    *zone = (struct ar_zone){.starts = starts, .offsets = offsets, .count = header.transitions};
    struct arras_str footer = ar_str_trim(ar_str_from(bytes, HEADER + header.data));
    if (footer.len == 0) {
        zone->rule = (struct ar_zone_rule){.offset = offsets[header.transitions]};
    } else if (!ar_zone_rule_parse(footer, &zone->rule)) {
        return ARRAS_INVALID;
    }
    *ret = zone;
    return ARRAS_OK;
}

struct ar_zone_span ar_zone_span(const struct ar_zone *zone, int64_t time)
{
    size_t low = 0, high = zone->count; /* how many starts are at or before `time` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->starts[middle] <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < zone->count) {
        return (struct ar_zone_span){.start = low ? zone->starts[low - 1] : INT64_MIN,
                                     .end = zone->starts[low],
                                     .offset = zone->offsets[low]};
    }
    struct ar_zone_span span = ar_zone_rule_span(&zone->rule, time);
    if (low && span.start < zone->starts[low - 1]) {
        span.start = zone->starts[low - 1];
    }
    return span;
}
