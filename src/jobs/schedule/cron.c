#include "jobs/schedule/cron.h"
#include "base/limits.h"

struct field {
    const char *name;
    int least, most;
    const char *names; /* three letters each, for `least` and on; NULL: none */
};

enum { SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

static const struct field FIELD[FIELDS] = {
    [SECOND] = {"second", 0, 59, NULL},
    [MINUTE] = {"minute", 0, 59, NULL},
    [HOUR] = {"hour", 0, 23, NULL},
    [DAY] = {"day of month", 1, 31, NULL},
    [MONTH] = {"month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
    [WEEKDAY] = {"day of week", 0, 7, "SUNMONTUEWEDTHUFRISAT"},
};

static const struct {
    const char *name, *text;
} NICKNAMES[] = {
    {"@yearly", "0 0 0 1 1 *"}, {"@annually", "0 0 0 1 1 *"}, {"@monthly", "0 0 0 1 * *"},
    {"@weekly", "0 0 0 * * 0"}, {"@daily", "0 0 0 * * *"},    {"@midnight", "0 0 0 * * *"},
    {"@hourly", "0 0 * * * *"},
};

struct reader {
    struct ar_cron *cron;
    enum ar_cron_version version;
    int field;
    uint64_t set; /* of the field being read */
};

/* A number or a name; weekdays with Sunday as 0. */
static bool read_value(const struct reader *reader, struct arras_str text, int *ret)
{
    const struct field *field = &FIELD[reader->field];
    int64_t number;
    for (size_t i = 0; field->names && text.len == 3 && i < strlen(field->names); i += 3) {
        if (ar_str_eq_nocase(text, (struct arras_str){field->names + i, 3})) {
            *ret = field->least + (int)(i / 3);
            return true;
        }
    }
    bool read = text.len > 0 && text.len <= 2 && text.ptr[0] >= '0' && text.ptr[0] <= '9' &&
                ar_str_int(text, &number);
    if (!read) {
        return false;
    }
    if (reader->field == WEEKDAY && reader->version == AR_CRON_V1) {
        number--; /* 1 is Sunday */
        read = number <= 6;
    }
    *ret = (int)number;
    return read && number >= field->least && number <= field->most;
}

/* What "*" reaches to: a day of the week is there once. */
static int most(const struct reader *reader)
{
    return reader->field == WEEKDAY ? 6 : FIELD[reader->field].most;
}

static bool read_range(const struct reader *reader, struct arras_str text, int *ret_from,
                       int *ret_to)
{
    if (ar_str_is(text, "*") || ar_str_is(text, "?")) {
        *ret_from = FIELD[reader->field].least;
        *ret_to = most(reader);
        return true;
    }
    bool range = ar_str_find_char(text, '-', 0) != AR_NOT_FOUND;
    bool read = read_value(reader, ar_str_cut(&text, '-'), ret_from);
    *ret_to = *ret_from;
    read = read && (!range || read_value(reader, text, ret_to));
    if (read && reader->field == WEEKDAY && *ret_to == 0 && *ret_from > 0) {
        *ret_to = 7; /* SAT-SUN */
    }
    return read && *ret_from <= *ret_to;
}

/* "5#2", "5#L", "5L" */
static bool read_weekday_of_month(struct reader *reader, struct arras_str text)
{
    struct ar_cron *cron = reader->cron;
    int day, nth = 0;
    bool last = false;
    if (ar_str_find_char(text, '#', 0) != AR_NOT_FOUND) {
        struct arras_str value = ar_str_cut(&text, '#');
        if (!read_value(reader, value, &day)) {
            return false;
        }
        last = ar_str_is_nocase(text, "L");
        nth = text.len == 1 ? text.ptr[0] - '0' : 0;
    } else {
        last = true;
        if (!read_value(reader, ar_str_sub(text, 0, text.len - 1), &day)) {
            return false;
        }
    }
    uint8_t bit = (uint8_t)(1U << day % 7);
    if (last) {
        cron->last |= bit;
    } else if (nth >= 1 && nth <= 5) {
        cron->nth[nth - 1] |= bit;
    }
    return last || (nth >= 1 && nth <= 5);
}

/* "L", "LW", "15W" */
static bool read_special_day(struct reader *reader, struct arras_str text)
{
    int day;
    if (ar_str_is_nocase(text, "L")) {
        reader->cron->last_day = true;
        return true;
    }
    if (ar_str_is_nocase(text, "LW")) {
        reader->cron->last_weekday = true;
        return true;
    }
    bool read = read_value(reader, ar_str_sub(text, 0, text.len - 1), &day);
    reader->cron->near |= read ? UINT32_C(1) << day : 0;
    return read;
}

static bool is_special(const struct reader *reader, struct arras_str text)
{
    char end = text.len ? text.ptr[text.len - 1] : '\0';
    bool last = end == 'L' || end == 'l', near = end == 'W' || end == 'w';
    return (reader->field == DAY && (last || near)) ||
           (reader->field == WEEKDAY && text.len > 1 &&
            (last || ar_str_find_char(text, '#', 0) != AR_NOT_FOUND));
}

static bool read_item(struct reader *reader, struct arras_str text)
{
    if (is_special(reader, text)) {
        return reader->field == DAY ? read_special_day(reader, text)
                                    : read_weekday_of_month(reader, text);
    }
    bool stepped = ar_str_find_char(text, '/', 0) != AR_NOT_FOUND;
    struct arras_str range = ar_str_cut(&text, '/');
    int from, to;
    int64_t step = 1;
    if (!read_range(reader, range, &from, &to) ||
        (stepped && (text.len > 2 || !ar_str_int(text, &step) || step < 1))) {
        return false;
    }
    bool single = ar_str_find_char(range, '-', 0) == AR_NOT_FOUND;
    to = stepped && single ? most(reader) : to; /* "5/15" goes on to the end */
    for (int64_t at = from; at <= to; at += step) {
        int64_t bit = reader->field == WEEKDAY ? at % 7 : at;
        reader->set |= UINT64_C(1) << bit;
    }
    return true;
}

static void keep_field(struct reader *reader, struct arras_str text)
{
    struct ar_cron *cron = reader->cron;
    bool any = ar_str_is(text, "*") || ar_str_is(text, "?");
    switch (reader->field) {
    case SECOND:
        cron->seconds = reader->set;
        break;
    case MINUTE:
        cron->minutes = reader->set;
        break;
    case HOUR:
        cron->hours = (uint32_t)reader->set;
        cron->any_hour = ar_str_starts(text, "*");
        break;
    case DAY:
        cron->days = (uint32_t)reader->set;
        cron->any_day = any;
        break;
    case MONTH:
        cron->months = (uint16_t)reader->set;
        break;
    default:
        cron->weekdays = (uint8_t)reader->set;
        cron->any_weekday = any;
    }
}

static enum arras_status read_field(struct reader *reader, struct arras_str text,
                                    struct ar_diags *diags)
{
    reader->set = 0;
    struct arras_str rest = text;
    bool more = true;
    while (more) {
        more = ar_str_find_char(rest, ',', 0) != AR_NOT_FOUND;
        struct arras_str item = ar_str_cut(&rest, ',');
        if (!read_item(reader, item)) {
            return ar_error(diags, ARRAS_INVALID, "cron", NULL, 0,
                            "cron: '%.*s' is no %s (%d to %d)", AR_STR_ARG(item),
                            FIELD[reader->field].name, FIELD[reader->field].least,
                            FIELD[reader->field].most);
        }
    }
    keep_field(reader, text);
    return ARRAS_OK;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static struct arras_str next_word(struct arras_str *rest)
{
    size_t start = 0;
    while (start < rest->len && is_space(rest->ptr[start])) {
        start++;
    }
    size_t end = start;
    while (end < rest->len && !is_space(rest->ptr[end])) {
        end++;
    }
    struct arras_str word = ar_str_sub(*rest, start, end);
    *rest = ar_str_from(*rest, end);
    return word;
}

enum arras_status ar_cron_parse(struct arras_str text, enum ar_cron_version version,
                                struct ar_diags *diags, struct ar_cron *ret)
{
    struct ar_cron cron = {.both = version == AR_CRON_V1};
    struct reader reader = {.cron = &cron, .version = version};
    struct arras_str words[FIELDS + 1], rest = ar_str_trim(text);
    for (size_t i = 0; i < sizeof(NICKNAMES) / sizeof(*NICKNAMES); i++) {
        if (ar_str_is_nocase(rest, NICKNAMES[i].name)) {
            rest = ar_str_z(NICKNAMES[i].text);
            reader.version = AR_CRON_V2;
        }
    }
    int count = 0;
    while (count <= FIELDS && rest.len && text.len <= AR_CRON_LENGTH) {
        words[count++] = next_word(&rest);
    }
    if (count != FIELDS) {
        return ar_error(diags, ARRAS_INVALID, "cron", NULL, 0,
                        "cron: '%.*s' has not six fields: second, minute, hour, day of month, "
                        "month, day of week",
                        AR_STR_ARG(ar_str_sub(text, 0, AR_CRON_LENGTH)));
    }
    for (reader.field = 0; reader.field < FIELDS; reader.field++) {
        enum arras_status status = read_field(&reader, words[reader.field], diags);
        if (status) {
            return status;
        }
    }
    *ret = cron;
    return ARRAS_OK;
}
