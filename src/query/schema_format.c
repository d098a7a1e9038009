/* The formats that are asserted on request. JSON Schema validation 2020-12 section 7.3; int32,
 * int64, float and double from OpenAPI's registry. */
#include "query/schema_node.h"
#include <float.h>
#include <math.h>
#include "base/uri.h"
#include "value/number.h"
#include "value/pointer.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* Dates and times: RFC 3339 section 5.6 */

/* Cuts a number of exactly `digits` digits off. */
static bool take_number(struct arras_str *rest, size_t digits, int *ret)
{
    int number = 0;
    for (size_t i = 0; i < digits; i++) {
        if (i >= rest->len || !is_digit(rest->ptr[i])) {
            return false;
        }
        number = number * 10 + (rest->ptr[i] - '0');
    }
    *rest = ar_str_from(*rest, digits);
    *ret = number;
    return true;
}

static bool take_char(struct arras_str *rest, const char *set)
{
    if (rest->len == 0 || !is_one_of(rest->ptr[0], set)) {
        return false;
    }
    *rest = ar_str_from(*rest, 1);
    return true;
}

static bool take_date(struct arras_str *rest)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!take_number(rest, 4, &year) || !take_char(rest, "-") || !take_number(rest, 2, &month) ||
        !take_char(rest, "-") || !take_number(rest, 2, &day) || month < 1 || month > 12) {
        return false;
    }
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

/* The offset in minutes. */
static bool take_offset(struct arras_str *rest, int *ret)
{
    int hour, minute;
    *ret = 0;
    if (take_char(rest, "zZ")) {
        return true;
    }
    bool west = rest->len && rest->ptr[0] == '-';
    if (!take_char(rest, "+-") || !take_number(rest, 2, &hour) || !take_char(rest, ":") ||
        !take_number(rest, 2, &minute) || hour > 23 || minute > 59) {
        return false;
    }
    *ret = west ? -(hour * 60 + minute) : hour * 60 + minute;
    return true;
}

static bool take_time(struct arras_str *rest)
{
    int hour, minute, second, offset, digit;
    if (!take_number(rest, 2, &hour) || !take_char(rest, ":") || !take_number(rest, 2, &minute) ||
        !take_char(rest, ":") || !take_number(rest, 2, &second)) {
        return false;
    }
    if (take_char(rest, ".")) {
        if (!take_number(rest, 1, &digit)) {
            return false;
        }
        while (take_number(rest, 1, &digit)) {
        }
    }
    if (!take_offset(rest, &offset) || hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    /* a leap second ends a day of UTC */
    int utc = ((hour * 60 + minute - offset) % 1440 + 1440) % 1440;
    return second < 60 || utc == 1439;
}

static bool check_date(struct arras_str text)
{
    return take_date(&text) && text.len == 0;
}

static bool check_time(struct arras_str text)
{
    return take_time(&text) && text.len == 0;
}

static bool check_date_time(struct arras_str text)
{
    return take_date(&text) && take_char(&text, "tT") && take_time(&text) && text.len == 0;
}

/* Cuts off 1*DIGIT and one of the units; which one, or -1. */
static int take_unit(struct arras_str *rest, const char *units)
{
    size_t digits = 0;
    while (digits < rest->len && is_digit(rest->ptr[digits])) {
        digits++;
    }
    if (digits == 0 || digits == rest->len || !is_one_of(rest->ptr[digits], units)) {
        return -1;
    }
    int unit = (int)(strchr(units, rest->ptr[digits]) - units);
    *rest = ar_str_from(*rest, digits + 1);
    return unit;
}

/* Units in order, none left out in between. */
static bool take_units(struct arras_str *rest, const char *units, char end)
{
    int last = take_unit(rest, units);
    while (last >= 0 && rest->len && rest->ptr[0] != end) {
        int next = take_unit(rest, units);
        if (next != last + 1) {
            return false;
        }
        last = next;
    }
    return last >= 0;
}

/* RFC 3339 appendix A */
static bool check_duration(struct arras_str text)
{
    if (!take_char(&text, "P")) {
        return false;
    }
    struct arras_str weeks = text;
    if (take_unit(&weeks, "W") == 0) {
        return weeks.len == 0;
    }
    if (text.len && text.ptr[0] != 'T' && !take_units(&text, "YMD", 'T')) {
        return false;
    }
    if (take_char(&text, "T")) {
        return take_units(&text, "HMS", '\0') && text.len == 0;
    }
    return text.len == 0 && weeks.len != 0;
}

/* Addresses and names */

static bool check_ipv4(struct arras_str text)
{
    for (int part = 0; part < 4; part++) {
        struct arras_str byte = part < 3 ? ar_str_cut(&text, '.') : text;
        int number = 0;
        if (byte.len < 1 || byte.len > 3 || (byte.len > 1 && byte.ptr[0] == '0')) {
            return false;
        }
        for (size_t i = 0; i < byte.len; i++) {
            if (!is_digit(byte.ptr[i])) {
                return false;
            }
            number = number * 10 + (byte.ptr[i] - '0');
        }
        if (number > 255) {
            return false;
        }
    }
    return true;
}

static bool is_group(struct arras_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_hex(text.ptr[i])) {
            return false;
        }
    }
    return text.len >= 1 && text.len <= 4;
}

/* Groups between single colons; how many, or -1. An IPv4 address may be the last and counts as two.
 */
static int count_groups(struct arras_str text, bool ends)
{
    int groups = 0;
    while (text.len) {
        size_t colon = ar_str_find_char(text, ':', 0);
        struct arras_str group = ar_str_sub(text, 0, colon);
        bool last = colon == AR_NOT_FOUND;
        if (last && ends && ar_str_find_char(group, '.', 0) != AR_NOT_FOUND) {
            return check_ipv4(group) ? groups + 2 : -1;
        }
        if (!is_group(group) || (!last && colon + 1 == text.len) || groups == 8) {
            return -1;
        }
        groups++;
        text = last ? (struct arras_str){NULL, 0} : ar_str_from(text, colon + 1);
    }
    return groups;
}

/* RFC 4291 section 2.2 */
static bool check_ipv6(struct arras_str text)
{
    size_t gap = ar_str_find(text, AR_STR("::"), 0);
    if (gap == AR_NOT_FOUND) {
        return count_groups(text, true) == 8;
    }
    int before = count_groups(ar_str_sub(text, 0, gap), false);
    int behind = count_groups(ar_str_from(text, gap + 2), true);
    return before >= 0 && behind >= 0 && before + behind <= 7;
}

/* RFC 1123 section 2.1; what stands behind xn-- is not decoded. */
static bool check_hostname(struct arras_str text)
{
    size_t label = 0;
    if (text.len == 0 || text.len > 253) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool edge = label == 0 || i + 1 == text.len || text.ptr[i + 1] == '.';
        if (c == '.' && label > 0 && i + 1 < text.len) {
            label = 0;
            continue;
        }
        if (!(is_alpha(c) || is_digit(c) || (c == '-' && !edge)) || ++label > 63) {
            return false;
        }
    }
    return true;
}

/* RFC 5321 section 4.1.2 */
static bool is_quoted_local(struct arras_str text)
{
    if (text.len < 2 || text.ptr[0] != '"' || text.ptr[text.len - 1] != '"') {
        return false;
    }
    for (size_t i = 1; i + 1 < text.len; i++) {
        char c = text.ptr[i];
        if (c < ' ' || c > '~' || c == '"' || (c == '\\' && ++i + 1 >= text.len)) {
            return false;
        }
    }
    return true;
}

static bool is_dotted_local(struct arras_str text)
{
    char before = '.';
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(is_alpha(c) || is_digit(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~") ||
              (c == '.' && before != '.'))) {
            return false;
        }
        before = c;
    }
    return before != '.';
}

static bool check_email(struct arras_str text)
{
    size_t at = ar_str_find_last_char(text, '@');
    if (at == AR_NOT_FOUND) {
        return false;
    }
    struct arras_str local = ar_str_sub(text, 0, at), domain = ar_str_from(text, at + 1);
    if (!is_quoted_local(local) && !is_dotted_local(local)) {
        return false;
    }
    if (domain.len > 2 && domain.ptr[0] == '[' && domain.ptr[domain.len - 1] == ']') {
        struct arras_str literal = ar_str_sub(domain, 1, domain.len - 1);
        bool six = literal.len > 5 && ar_str_is_nocase(ar_str_sub(literal, 0, 5), "IPv6:");
        return six ? check_ipv6(ar_str_from(literal, 5)) : check_ipv4(literal);
    }
    return check_hostname(domain);
}

/* URIs: RFC 3986 appendix A */

/* Only unreserved, percent-encoded, sub-delims and what is in `also`. */
static bool has_only(struct arras_str text, const char *also)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            if (i + 2 >= text.len || !is_hex(text.ptr[i + 1]) || !is_hex(text.ptr[i + 2])) {
                return false;
            }
            i += 2;
        } else if (!is_alpha(c) && !is_digit(c) && !is_one_of(c, "-._~!$&'()*+,;=") &&
                   !is_one_of(c, also)) {
            return false;
        }
    }
    return true;
}

static bool is_port(struct arras_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* IPv6address / "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) */
static bool is_ip_literal(struct arras_str text)
{
    if (text.len == 0 || !is_one_of(text.ptr[0], "vV")) {
        return check_ipv6(text);
    }
    text = ar_str_from(text, 1);
    struct arras_str version = ar_str_cut(&text, '.');
    for (size_t i = 0; i < version.len; i++) {
        if (!is_hex(version.ptr[i])) {
            return false;
        }
    }
    return version.len && text.len && has_only(text, ":") &&
           ar_str_find_char(text, '%', 0) == AR_NOT_FOUND;
}

static bool is_authority(struct arras_str text)
{
    size_t at = ar_str_find_char(text, '@', 0);
    if (at != AR_NOT_FOUND) {
        if (!has_only(ar_str_sub(text, 0, at), ":")) {
            return false;
        }
        text = ar_str_from(text, at + 1);
    }
    if (text.len && text.ptr[0] == '[') {
        size_t end = ar_str_find_char(text, ']', 0);
        struct arras_str rest = ar_str_from(text, end == AR_NOT_FOUND ? text.len : end + 1);
        return end != AR_NOT_FOUND && is_ip_literal(ar_str_sub(text, 1, end)) &&
               (rest.len == 0 || (rest.ptr[0] == ':' && is_port(ar_str_from(rest, 1))));
    }
    struct arras_str host = ar_str_cut(&text, ':');
    return has_only(host, "") && is_port(text);
}

static bool is_scheme(struct arras_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_alpha(c) && (i == 0 || (!is_digit(c) && !is_one_of(c, "+-.")))) {
            return false;
        }
    }
    return text.len > 0;
}

static bool check_uri_reference(struct arras_str text)
{
    struct ar_uri uri = ar_uri_parse(text);
    if (text.len && text.ptr[0] == ':') {
        return false;
    }
    return (!uri.has_scheme || is_scheme(uri.scheme)) &&
           (!uri.has_authority || is_authority(uri.authority)) && has_only(uri.path, ":@/") &&
           has_only(uri.query, ":@/?") && has_only(uri.fragment, ":@/?");
}

static bool check_uri(struct arras_str text)
{
    return ar_uri_parse(text).has_scheme && check_uri_reference(text);
}

/* The others */

static bool check_uuid(struct arras_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.ptr[i] != '-' : !is_hex(text.ptr[i])) {
            return false;
        }
    }
    return text.len == 36;
}

static bool check_relative_json_pointer(struct arras_str text)
{
    size_t digits = 0;
    while (digits < text.len && is_digit(text.ptr[digits])) {
        digits++;
    }
    struct arras_str rest = ar_str_from(text, digits);
    return digits && (digits == 1 || text.ptr[0] != '0') &&
           (ar_str_is(rest, "#") || ar_pointer_valid(rest));
}

static enum arras_status check_regex(struct arras_str text, bool *ret)
{
    struct ar_regex *regex;
    enum arras_status status = ar_regex_new(text, AR_REGEX_ECMA, 0, NULL, &regex);
    *ret = !status;
    if (!status) {
        ar_regex_free(regex);
    }
    return status == ARRAS_NO_MEMORY ? status : ARRAS_OK;
}

static bool is_integer_of(struct arras_str number, int64_t least, int64_t most)
{
    int64_t value;
    return ar_number_to_int64(number, &value) && value >= least && value <= most;
}

static const struct {
    const char *name;
    bool (*check)(struct arras_str text); /* NULL: see ar_schema_format_check */
} formats[] = {
    {"", NULL}, /* number 0 is none */
    {"int32", NULL},
    {"int64", NULL},
    {"float", NULL},
    {"double", NULL},
    {"regex", NULL},
    {"date-time", check_date_time},
    {"date", check_date},
    {"time", check_time},
    {"duration", check_duration},
    {"email", check_email},
    {"hostname", check_hostname},
    {"ipv4", check_ipv4},
    {"ipv6", check_ipv6},
    {"uri", check_uri},
    {"uri-reference", check_uri_reference},
    {"uuid", check_uuid},
    {"json-pointer", ar_pointer_valid},
    {"relative-json-pointer", check_relative_json_pointer},
};

enum { FORMAT_INT32 = 1, FORMAT_INT64, FORMAT_FLOAT, FORMAT_DOUBLE, FORMAT_REGEX };

bool ar_schema_format_is_of_numbers(int format)
{
    return format >= FORMAT_INT32 && format <= FORMAT_DOUBLE;
}

static bool is_number_of(int format, struct arras_str text)
{
    double size = fabs(ar_number_to_double(text));
    switch (format) {
    case FORMAT_INT32:
        return is_integer_of(text, INT32_MIN, INT32_MAX);
    case FORMAT_INT64:
        return is_integer_of(text, INT64_MIN, INT64_MAX);
    case FORMAT_FLOAT:
        return size <= (double)FLT_MAX;
    case FORMAT_DOUBLE:
        return size <= DBL_MAX;
    default:
        return true;
    }
}

int ar_schema_format_find(struct arras_str name)
{
    for (int i = 1; i < (int)(sizeof(formats) / sizeof(*formats)); i++) {
        if (ar_str_is(name, formats[i].name)) {
            return i;
        }
    }
    return 0;
}

enum arras_status ar_schema_format_check(int format, const struct arras_value *instance, bool *ret)
{
    struct arras_str text = ar_text(instance);
    *ret = true;
    if (instance->type == ARRAS_NUMBER) {
        *ret = is_number_of(format, text);
    } else if (format == FORMAT_REGEX) {
        return check_regex(text, ret);
    } else if (formats[format].check) {
        *ret = formats[format].check(text);
    }
    return ARRAS_OK;
}
