/* Unicode properties as ECMA-262 names them (\p{...}), written as PCRE2 does. */
#include "query/regex_translate.h"

struct category {
    const char *shorter, *longer;
};

/* ECMA-262 table "Value aliases and canonical values for the Unicode property General_Category" */
static const struct category categories[] = {
    {"L&", "Cased_Letter"},
    {"L&", "LC"},
    {"Pe", "Close_Punctuation"},
    {"Pc", "Connector_Punctuation"},
    {"Cc", "Control"},
    {"Cc", "cntrl"},
    {"Sc", "Currency_Symbol"},
    {"Pd", "Dash_Punctuation"},
    {"Nd", "Decimal_Number"},
    {"Nd", "digit"},
    {"Me", "Enclosing_Mark"},
    {"Pf", "Final_Punctuation"},
    {"Cf", "Format"},
    {"Pi", "Initial_Punctuation"},
    {"L", "Letter"},
    {"Nl", "Letter_Number"},
    {"Zl", "Line_Separator"},
    {"Ll", "Lowercase_Letter"},
    {"M", "Mark"},
    {"M", "Combining_Mark"},
    {"Sm", "Math_Symbol"},
    {"Lm", "Modifier_Letter"},
    {"Sk", "Modifier_Symbol"},
    {"Mn", "Nonspacing_Mark"},
    {"N", "Number"},
    {"Ps", "Open_Punctuation"},
    {"C", "Other"},
    {"Lo", "Other_Letter"},
    {"No", "Other_Number"},
    {"Po", "Other_Punctuation"},
    {"So", "Other_Symbol"},
    {"Zp", "Paragraph_Separator"},
    {"Co", "Private_Use"},
    {"P", "Punctuation"},
    {"P", "punct"},
    {"Z", "Separator"},
    {"Zs", "Space_Separator"},
    {"Mc", "Spacing_Mark"},
    {"Cs", "Surrogate"},
    {"S", "Symbol"},
    {"Lt", "Titlecase_Letter"},
    {"Cn", "Unassigned"},
    {"Lu", "Uppercase_Letter"},
};

/* ECMA-262 table "Binary Unicode property aliases": both names of each. */
static const char *const binary_properties[] = {
    "ASCII",
    "ASCII_Hex_Digit",
    "AHex",
    "Alphabetic",
    "Alpha",
    "Bidi_Control",
    "Bidi_C",
    "Bidi_Mirrored",
    "Bidi_M",
    "Case_Ignorable",
    "CI",
    "Cased",
    "Changes_When_Casefolded",
    "CWCF",
    "Changes_When_Casemapped",
    "CWCM",
    "Changes_When_Lowercased",
    "CWL",
    "Changes_When_Titlecased",
    "CWT",
    "Changes_When_Uppercased",
    "CWU",
    "Dash",
    "Default_Ignorable_Code_Point",
    "DI",
    "Deprecated",
    "Dep",
    "Diacritic",
    "Dia",
    "Emoji",
    "Emoji_Component",
    "EComp",
    "Emoji_Modifier",
    "EMod",
    "Emoji_Modifier_Base",
    "EBase",
    "Emoji_Presentation",
    "EPres",
    "Extended_Pictographic",
    "ExtPict",
    "Extender",
    "Ext",
    "Grapheme_Base",
    "Gr_Base",
    "Grapheme_Extend",
    "Gr_Ext",
    "Hex_Digit",
    "Hex",
    "IDS_Binary_Operator",
    "IDSB",
    "IDS_Trinary_Operator",
    "IDST",
    "ID_Continue",
    "IDC",
    "ID_Start",
    "IDS",
    "Ideographic",
    "Ideo",
    "Join_Control",
    "Join_C",
    "Logical_Order_Exception",
    "LOE",
    "Lowercase",
    "Lower",
    "Math",
    "Noncharacter_Code_Point",
    "NChar",
    "Pattern_Syntax",
    "Pat_Syn",
    "Pattern_White_Space",
    "Pat_WS",
    "Quotation_Mark",
    "QMark",
    "Radical",
    "Regional_Indicator",
    "RI",
    "Sentence_Terminal",
    "STerm",
    "Soft_Dotted",
    "SD",
    "Terminal_Punctuation",
    "Term",
    "Unified_Ideograph",
    "UIdeo",
    "Uppercase",
    "Upper",
    "Variation_Selector",
    "VS",
    "White_Space",
    "space",
    "XID_Continue",
    "XIDC",
    "XID_Start",
    "XIDS",
};

/* PCRE2's name of a general category, or NULL. "L&" is PCRE2's own name and none of ECMA-262. */
static const char *find_category(struct arras_str name)
{
    for (size_t i = 0; i < sizeof(categories) / sizeof(*categories); i++) {
        bool shorter = ar_str_is(name, categories[i].shorter) && name.ptr[name.len - 1] != '&';
        if (shorter || ar_str_is(name, categories[i].longer)) {
            return categories[i].shorter;
        }
    }
    return NULL;
}

static bool is_binary(struct arras_str name)
{
    for (size_t i = 0; i < sizeof(binary_properties) / sizeof(*binary_properties); i++) {
        if (ar_str_is(name, binary_properties[i])) {
            return true;
        }
    }
    return false;
}

/* Scripts are many and grow with Unicode: PCRE2 knows which there are. */
static bool looks_like_script(struct arras_str name)
{
    if (name.len == 0 || name.len > 40 || name.ptr[0] < 'A' || name.ptr[0] > 'Z') {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')) {
            return false;
        }
    }
    return true;
}

static bool write_pair(struct ar_regex_reader *reader, char p, struct arras_str name,
                       struct arras_str value)
{
    if (ar_str_is(name, "General_Category") || ar_str_is(name, "gc")) {
        const char *category = find_category(value);
        if (category) {
            ar_buf_printf(reader->out, "\\%c{%s}", p, category);
        }
        return category != NULL;
    }
    bool extended = ar_str_is(name, "Script_Extensions") || ar_str_is(name, "scx");
    bool script = ar_str_is(name, "Script") || ar_str_is(name, "sc");
    if ((!extended && !script) || !looks_like_script(value)) {
        return false;
    }
    ar_buf_printf(reader->out, "\\%c{%s:%.*s}", p, extended ? "scx" : "sc", AR_STR_ARG(value));
    return true;
}

static bool write_lone(struct ar_regex_reader *reader, bool negated, struct arras_str name)
{
    char p = negated ? 'P' : 'p';
    const char *category = find_category(name);
    if (category) {
        ar_buf_printf(reader->out, "\\%c{%s}", p, category);
    } else if (ar_str_is(name, "Assigned")) {
        ar_buf_printf(reader->out, "\\%c{Cn}", negated ? 'p' : 'P');
    } else if (ar_str_is(name, "Any") || is_binary(name)) {
        ar_buf_printf(reader->out, "\\%c{%.*s}", p, AR_STR_ARG(name));
    } else {
        return false;
    }
    return true;
}

enum arras_status ar_regex_property(struct ar_regex_reader *reader, bool negated)
{
    size_t start = reader->at;
    struct arras_str rest = ar_str_from(reader->text, start);
    size_t end = ar_str_find_char(rest, '}', 0);
    if (!ar_str_starts(rest, "{") || end == AR_NOT_FOUND) {
        return ar_regex_wrong(reader, start, "expected a property in braces, such as \\p{Letter}");
    }
    struct arras_str value = ar_str_sub(rest, 1, end);
    bool pair = ar_str_find_char(value, '=', 0) != AR_NOT_FOUND;
    struct arras_str name = pair ? ar_str_cut(&value, '=') : value;
    reader->at += end + 1;
    bool known = pair ? write_pair(reader, negated ? 'P' : 'p', name, value)
                      : write_lone(reader, negated, name);
    return known ? ARRAS_OK
                 : ar_regex_wrong(reader, start + 1, "there is no such Unicode property");
}
