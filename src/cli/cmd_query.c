#include "arras/query.h"
#include "cmd.h"
#include "commands.h"
#include "print.h"
#include "say.h"

struct query_settings {
    const char *jsonpath, *pointer, *xpath, *schema, *format, *remotes;
    bool paths, assert_format, json, compact;
};

static const struct ar_option options[] = {
    {.name = "jsonpath",
     .kind = AR_OPTION_TEXT,
     .argument = "EXPRESSION",
     .help = "print the array of the values that a JSONPath expression (RFC 9535) finds",
     .target = offsetof(struct query_settings, jsonpath)},
    {.name = "paths",
     .kind = AR_OPTION_FLAG,
     .help = "with --jsonpath: print the normalized paths of the values instead",
     .target = offsetof(struct query_settings, paths)},
    {.name = "pointer",
     .kind = AR_OPTION_TEXT,
     .argument = "POINTER",
     .help = "print the value that a JSON Pointer (RFC 6901) leads to",
     .target = offsetof(struct query_settings, pointer)},
    {.name = "xpath",
     .kind = AR_OPTION_TEXT,
     .argument = "EXPRESSION",
     .help = "print what an XPath 1.0 expression finds in XML: an array of nodes as their text, or "
             "a string, number or boolean",
     .target = offsetof(struct query_settings, xpath)},
    {.name = "schema",
     .kind = AR_OPTION_TEXT,
     .argument = "SCHEMA",
     .help = "check against the JSON Schema (2020-12) in the file SCHEMA; prints nothing where the "
             "input is valid",
     .target = offsetof(struct query_settings, schema)},
    {.name = "assert-format",
     .kind = AR_OPTION_FLAG,
     .help = "with --schema: the keyword format must hold too",
     .target = offsetof(struct query_settings, assert_format)},
    {.name = "remotes",
     .kind = AR_OPTION_TEXT,
     .argument = "DIR",
     .help = "with --schema: the folder that stands for http://localhost:1234/ in references; "
             "nothing is ever fetched",
     .target = offsetof(struct query_settings, remotes)},
    {.name = "json",
     .kind = AR_OPTION_FLAG,
     .help = "with --schema: print the errors to standard output, as a JSON array",
     .target = offsetof(struct query_settings, json)},
    {.name = "input-format",
     .kind = AR_OPTION_TEXT,
     .argument = "json|yaml|xml",
     .help = "what the input is; known by the file's ending or its text unless given",
     .target = offsetof(struct query_settings, format)},
    {.name = "compact",
     .letter = 'c',
     .kind = AR_OPTION_FLAG,
     .help = "print the result on one line, without spaces",
     .target = offsetof(struct query_settings, compact)},
    {0}};

static const struct ar_operand operands[] = {
    {"FILE", true, "JSON, YAML or XML; standard input where it is - or left out"}, {0}};

static const struct ar_term exits[] = {{"0", "something was found, or the input is valid"},
                                       {"1", "nothing was found, or the input is not valid"},
                                       {"2", "bad usage, a bad expression, schema or input"},
                                       {"4", "the query was stopped by a limit, or memory ran out"},
                                       {0}};

static const struct ar_term examples[] = {
    {"arras query --jsonpath '$.items[?@.price < 10].name' shop.json",
     "the names of all items that cost less than 10"},
    {"curl -s https://api.example.com/pets | arras query --pointer /0/name",
     "the name of the first pet"},
    {"arras query --schema pet.schema.yaml pet.yaml", "whether pet.yaml is as the schema wants it"},
    {0}};

/* What is asked for by exactly one option, NULL after it was said what is wrong. */
static const char *what(const struct query_settings *given)
{
    const char *asked[] = {given->jsonpath, given->pointer, given->xpath, given->schema};
    static const char *const names[] = {"--jsonpath", "--pointer", "--xpath", "--schema"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
        if (asked[i] && found) {
            ar_bad_usage(&ar_cmd_query, "%s and %s cannot be combined", found, names[i]);
            return NULL;
        }
        found = asked[i] ? names[i] : found;
    }
    if (!found) {
        ar_bad_usage(&ar_cmd_query, "give one of --jsonpath, --pointer, --xpath, --schema");
    }
    return found;
}

/* Whether no option says nothing, for lack of the one it belongs to, and each has its own input. */
static bool fits(const struct query_settings *given, const char *file)
{
    const char *stray = NULL, *wanted = "--schema";
    if (given->paths && !given->jsonpath) {
        stray = "--paths";
        wanted = "--jsonpath";
    } else if (!given->schema) {
        stray = given->assert_format ? "--assert-format"
                : given->remotes     ? "--remotes"
                : given->json        ? "--json"
                                     : NULL;
    }
    if (stray) {
        ar_bad_usage(&ar_cmd_query, "%s goes with %s only", stray, wanted);
        return false;
    }
    if (given->schema && strcmp(given->schema, "-") == 0 && strcmp(file, "-") == 0) {
        ar_bad_usage(&ar_cmd_query, "standard input cannot be both the schema and what it checks");
        return false;
    }
    return true;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text), more = strlen(ending);
    return len >= more && strcmp(text + len - more, ending) == 0;
}

static enum arras_format format_of(const struct query_settings *given, const char *file)
{
    const char *format = given->format ? given->format : "";
    if (strcmp(format, "json") == 0) {
        return ARRAS_FORMAT_JSON;
    }
    if (strcmp(format, "yaml") == 0) {
        return ARRAS_FORMAT_YAML;
    }
    bool xml = strcmp(format, "xml") == 0 || given->xpath || ends_with(file, ".xml");
    return xml ? ARRAS_FORMAT_XML : ARRAS_FORMAT_GUESS;
}

/* What was odd in what was read. */
static void say_warnings(const struct arras_pool *pool)
{
    size_t next = 0;
    ar_say_pool(pool, &next, false);
}

static void say_schema_errors(const struct arras_value *errors, const char *file)
{
    for (size_t i = 0; i < arras_count(errors); i++) {
        const struct arras_value *error = arras_item(errors, i);
        struct arras_str path = arras_text(arras_member(error, "instancePath"));
        struct arras_str message = arras_text(arras_member(error, "message"));
        struct arras_str schema = arras_text(arras_member(error, "schemaPath"));
        ar_say_error("%s: at '%.*s': %.*s (schema: %.*s)", file, (int)path.len,
                     path.len ? path.ptr : "", (int)message.len, message.len ? message.ptr : "",
                     (int)schema.len, schema.len ? schema.ptr : "");
    }
}

static int check(const struct query_settings *given, struct arras_pool *pool,
                 const struct arras_value *input, const char *file)
{
    const struct arras_value *schema, *errors;
    struct arras_schema_options schema_options = {.assert_format = given->assert_format,
                                                  .remotes = given->remotes};
    enum arras_status status = arras_read_file(pool, ARRAS_FORMAT_GUESS, given->schema, &schema);
    if (!status) {
        say_warnings(pool);
        status = arras_query_schema(pool, schema, input, &schema_options, &errors);
    }
    if (status) {
        ar_say_failure(pool, status);
        return status == ARRAS_LIMIT || status == ARRAS_NO_MEMORY ? 4 : 2;
    }
    int invalid = arras_count(errors) ? 1 : 0;
    if (given->json) {
        int failed = ar_print_value(pool, errors, given->compact ? 0 : ARRAS_WRITE_INDENT);
        return failed ? failed : invalid;
    }
    say_schema_errors(errors, strcmp(file, "-") == 0 ? "<stdin>" : file);
    return invalid;
}

static int find(const struct query_settings *given, struct arras_pool *pool,
                const struct arras_value *input)
{
    const struct arras_value *found = NULL;
    enum arras_status status;
    if (given->jsonpath) {
        status = arras_query_jsonpath(pool, input, ar_z(given->jsonpath), given->paths, &found);
    } else if (given->pointer) {
        status = arras_query_pointer(pool, input, ar_z(given->pointer), &found);
    } else {
        status = arras_query_xpath(pool, input, ar_z(given->xpath), &found);
    }
    if (status) {
        ar_say_failure(pool, status);
        return status == ARRAS_NOT_FOUND                            ? 1
               : status == ARRAS_LIMIT || status == ARRAS_NO_MEMORY ? 4
                                                                    : 2;
    }
    int failed = ar_print_value(pool, found, given->compact ? 0 : ARRAS_WRITE_INDENT);
    bool nothing = !given->pointer && arras_type(found) == ARRAS_ARRAY && !arras_count(found);
    return failed ? failed : nothing;
}

static int query(void *settings, struct ar_texts *words)
{
    const struct query_settings *given = settings;
    const char *file = words->count ? words->items[0] : "-";
    if (!what(given) || !fits(given, file)) {
        return 2;
    }
    struct arras_pool *pool = arras_pool_new();
    if (!pool) {
        ar_say_error("memory ran out");
        return 4;
    }
    const struct arras_value *input;
    enum arras_status status = arras_read_file(pool, format_of(given, file), file, &input);
    int result = 2;
    if (status) {
        ar_say_failure(pool, status);
    } else if (given->schema) {
        result = check(given, pool, input, file);
    } else {
        say_warnings(pool);
        result = find(given, pool, input);
    }
    arras_pool_free(pool);
    return result;
}

const struct ar_command ar_cmd_query = {
    .name = "query",
    .summary = "find values in JSON, YAML or XML, or check against a schema",
    .prose = "Reads a file or standard input and prints, as JSON, what a query finds in it. With "
             "--schema, checks it instead and prints each error with its place in the input.\n\n"
             "These are the query languages of workflows, so that a criterion or a schema can be "
             "tried out on an answer.",
    .options = options,
    .operands = operands,
    .exits = exits,
    .examples = examples,
    .settings_size = sizeof(struct query_settings),
    .run = query};
