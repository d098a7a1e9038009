#include "options.h"
#include <errno.h>
#include <stdarg.h>
#include "config.h"
#include "say.h"

const struct ar_option ar_common_options[] = {
    {.name = "help", .letter = 'h', .kind = AR_OPTION_FLAG, .help = "show this help"}, {0}};

struct parse {
    const struct ar_command *command;
    char *settings;
    struct ar_texts *words;
    struct ar_texts seen; /* names of options that were given */
    struct ar_config_place place;
    struct ar_maybe *open; /* a plain --name with an optional argument that was just read */
    size_t words_extra;
    bool help;
};

/* Whether --json is among the arguments: bad usage is then reported there too. */
static bool json_wanted;

int ar_bad_usage(const struct ar_command *command, const char *format, ...)
{
    struct ar_text message = {0};
    char *made = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&made, format, args);
    va_end(args);
    ar_text_add(&message, made, len < 0 ? 0 : (size_t)len);
    ar_say_error("%s", ar_text_z(&message));
    ar_say_hint("'arras%s%s --help' tells more", command ? " " : "", command ? command->name : "");
    if (command && command->refused && json_wanted) {
        command->refused(ar_text_z(&message));
    }
    free(made);
    ar_text_release(&message);
    return 2;
}

bool ar_is_choice(const char *choices, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = choices; len && at; at = strchr(at, '|')) {
        at += *at == '|';
        if (strncmp(at, word, len) == 0 && (at[len] == '|' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

bool ar_cut_setting(const char *text, char **ret_name, const char **ret_value)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        return false;
    }
    *ret_name = ar_keep_copy(text, (size_t)(equals - text));
    *ret_value = equals + 1;
    return true;
}

static const struct ar_option *in_table(const struct ar_option *options, const char *name,
                                        size_t len, char letter)
{
    for (; options && options->name; options++) {
        bool same = letter ? options->letter == letter
                           : strlen(options->name) == len && !strncmp(options->name, name, len);
        if (same) {
            return options;
        }
    }
    return NULL;
}

static const struct ar_option *find(const struct parse *parse, const char *name, size_t len,
                                    char letter)
{
    const struct ar_option *option = in_table(parse->command->options, name, len, letter);
    return option ? option : in_table(ar_common_options, name, len, letter);
}

static bool unknown(const struct parse *parse, const char *name, size_t len)
{
    char *word = ar_need_copy(name, len);
    const char *best = NULL;
    for (const struct ar_option *o = parse->command->options; o && o->name; o++) {
        ar_nearest(word, o->name, &best);
    }
    if (best) {
        ar_bad_usage(parse->command, "unknown option '--%s', did you mean '--%s'?", word, best);
    } else {
        ar_bad_usage(parse->command, "unknown option '--%s'", word);
    }
    free(word);
    return false;
}

/* Says what is wrong with an option's argument, and where that came from; false. */
static bool wrong(const struct parse *parse, const struct ar_option *option, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

static bool wrong(const struct parse *parse, const struct ar_option *option, const char *format,
                  ...)
{
    char *made = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&made, format, args) < 0) {
        made = NULL;
    }
    va_end(args);
    if (parse->place.variable || parse->place.value) {
        ar_config_wrong(&parse->place, option, made ? made : "");
    } else {
        ar_bad_usage(parse->command, "--%s%s", option->name, made ? made : "");
    }
    free(made);
    return false;
}

static bool take_number(const struct parse *parse, const struct ar_option *option, const char *text)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    bool digits = *text >= '0' && *text <= '9' && *end == '\0';
    if (!digits || errno || number < option->least || number > option->most) {
        return wrong(parse, option, ": '%s' is not a whole number from %llu to %llu", text,
                     (unsigned long long)option->least, (unsigned long long)option->most);
    }
    *(uint64_t *)(void *)(parse->settings + option->target) = number;
    return true;
}

static bool take_seconds(const struct parse *parse, const struct ar_option *option,
                         const char *text)
{
    char *end;
    double seconds = strtod(text, &end);
    bool begins = (*text >= '0' && *text <= '9') || *text == '.';
    if (!begins || *end != '\0' || !(seconds > 0 && seconds < 1e9)) {
        return wrong(parse, option, ": '%s' is not a number of seconds more than 0", text);
    }
    *(double *)(void *)(parse->settings + option->target) = seconds;
    return true;
}

static bool was_given(const struct parse *parse, const struct ar_option *option)
{
    for (size_t i = 0; i < parse->seen.count; i++) {
        if (parse->seen.items[i] == option->name) {
            return true;
        }
    }
    return false;
}

static bool take_text(const struct parse *parse, const struct ar_option *option, const char *text)
{
    if (strchr(option->argument, '|') && !ar_is_choice(option->argument, text)) {
        return wrong(parse, option, ": '%s' is not one of %s", text, option->argument);
    }
    if (option->kind == AR_OPTION_TEXTS) {
        ar_texts_add((struct ar_texts *)(void *)(parse->settings + option->target), text);
        return true;
    }
    if (was_given(parse, option)) {
        return wrong(parse, option, " is given twice");
    }
    *(const char **)(void *)(parse->settings + option->target) = text;
    return true;
}

static bool take(struct parse *parse, const struct ar_option *option, const char *text)
{
    bool taken = option->kind == AR_OPTION_NUMBER    ? take_number(parse, option, text)
                 : option->kind == AR_OPTION_SECONDS ? take_seconds(parse, option, text)
                                                     : take_text(parse, option, text);
    ar_texts_add(&parse->seen, option->name);
    return taken;
}

static void take_plain(struct parse *parse, const struct ar_option *option)
{
    if (option == in_table(ar_common_options, "help", 4, 0)) {
        parse->help = true;
    } else if (option->kind == AR_OPTION_FLAG) {
        *(bool *)(void *)(parse->settings + option->target) = true;
        ar_texts_add(&parse->seen, option->name);
    } else {
        struct ar_maybe *maybe = (struct ar_maybe *)(void *)(parse->settings + option->target);
        *maybe = (struct ar_maybe){.given = true, .word = SIZE_MAX};
        parse->open = maybe;
    }
}

static bool no_argument(const struct parse *parse, const struct ar_option *option)
{
    ar_bad_usage(parse->command, "--%s needs %s", option->name, option->argument);
    return false;
}

/* `text` points at the name behind the dashes. */
static bool long_option(struct parse *parse, const char *text, char ***next)
{
    size_t len = strcspn(text, "=");
    const char *value = text[len] ? text + len + 1 : NULL;
    const struct ar_option *option = find(parse, text, len, 0);
    if (!option) {
        return unknown(parse, text, len);
    }
    if (option->kind == AR_OPTION_FLAG && value) {
        ar_bad_usage(parse->command, "--%s takes no argument", option->name);
        return false;
    }
    if (option->kind == AR_OPTION_MAYBE && value) {
        *(struct ar_maybe *)(void *)(parse->settings + option->target) =
            (struct ar_maybe){.given = true, .text = value, .word = SIZE_MAX};
        return true;
    }
    if (option->kind == AR_OPTION_FLAG || option->kind == AR_OPTION_MAYBE) {
        take_plain(parse, option);
        return true;
    }
    if (!value) {
        value = **next ? *(*next)++ : NULL;
    }
    return value ? take(parse, option, value) : no_argument(parse, option);
}

/* One or more letters: flags, the last of which may take an argument (-vi NAME=TEXT). */
static bool short_options(struct parse *parse, const char *letters, char ***next)
{
    for (; *letters; letters++) {
        const struct ar_option *option = find(parse, NULL, 0, *letters);
        if (!option) {
            ar_bad_usage(parse->command, "unknown option '-%c'", *letters);
            return false;
        }
        if (option->kind == AR_OPTION_FLAG || option->kind == AR_OPTION_MAYBE) {
            take_plain(parse, option);
            continue;
        }
        const char *value = letters[1] ? letters + 1 : **next ? *(*next)++ : NULL;
        return value ? take(parse, option, value) : no_argument(parse, option);
    }
    return true;
}

static bool count_words(const struct parse *parse)
{
    size_t least = 0, most = 0;
    for (const struct ar_operand *o = parse->command->operands; o && o->name; o++) {
        most++;
        least += !o->optional;
    }
    if (parse->words->count < least) {
        ar_bad_usage(parse->command, "%s is missing",
                     parse->command->operands[parse->words->count].name);
        return false;
    }
    if (parse->words->count > most + parse->words_extra) {
        ar_bad_usage(parse->command, "'%s' is one argument too many",
                     parse->words->items[most + parse->words_extra]);
        return false;
    }
    return true;
}

static void add_word(struct parse *parse, const char *word, struct ar_maybe *before)
{
    if (before) {
        before->word = parse->words->count;
        parse->words_extra++;
    }
    ar_texts_add(parse->words, word);
}

/* One argument, and with it perhaps the next. */
static bool parse_one(struct parse *parse, const char *word, char ***next)
{
    struct ar_maybe *before = parse->open;
    parse->open = NULL;
    if (strncmp(word, "--", 2) == 0) {
        return long_option(parse, word + 2, next);
    }
    if (word[0] == '-' && word[1]) {
        return short_options(parse, word + 1, next);
    }
    add_word(parse, word, before);
    return true;
}

static bool parse_all(struct parse *parse, char **next)
{
    while (*next && strcmp(*next, "--") != 0) {
        const char *word = *next++;
        if (!parse_one(parse, word, &next)) {
            return false;
        }
    }
    while (*next && *++next) {
        add_word(parse, *next, NULL);
    }
    return true;
}

/* One value of an option from the environment or the file. */
static bool take_configured(struct parse *parse, const struct ar_option *option, const char *text)
{
    if (option->kind != AR_OPTION_FLAG) {
        return take(parse, option, text);
    }
    if (!ar_is_choice("true|false", text)) {
        return wrong(parse, option, ": '%s' is not one of true|false", text);
    }
    *(bool *)(void *)(parse->settings + option->target) = strcmp(text, "true") == 0;
    return true;
}

static bool configure_option(struct parse *parse, struct ar_config *config,
                             const struct ar_option *option)
{
    const char *text;
    bool good = true;
    parse->place = (struct ar_config_place){.config = config};
    for (size_t i = 0; good && (text = ar_config_text(&parse->place, option, i)); i++) {
        good = i == 0 || option->kind == AR_OPTION_TEXTS
                   ? take_configured(parse, option, text)
                   : wrong(parse, option, ": has more than one value");
    }
    return good && !parse->place.failed;
}

/* What the arguments left open. */
static bool configure(struct parse *parse)
{
    const struct ar_option *options = parse->command->options;
    const struct ar_option *file = in_table(options, "config", strlen("config"), 0);
    struct ar_config config = {0};
    bool good = was_given(parse, file) || configure_option(parse, &config, file);
    good =
        good && ar_config_open(&config, *(const char **)(void *)(parse->settings + file->target));
    for (; good && options->name; options++) {
        good = was_given(parse, options) || configure_option(parse, &config, options);
    }
    ar_config_close(&config);
    return good;
}

enum ar_parsed ar_options_parse(const struct ar_command *command, char **argv, void *settings,
                                struct ar_texts *words)
{
    struct parse parse = {.command = command, .settings = settings, .words = words};
    for (char **word = argv; *word && strcmp(*word, "--") != 0; word++) {
        json_wanted = json_wanted || strcmp(*word, "--json") == 0;
    }
    bool good = parse_all(&parse, argv);
    good = good && (parse.help || !command->configured || configure(&parse));
    free(parse.seen.items);
    if (parse.help) {
        return AR_PARSED_HELP;
    }
    return good && count_words(&parse) ? AR_PARSED_RUN : AR_PARSED_BAD;
}

void ar_options_release(const struct ar_command *command, void *settings)
{
    for (const struct ar_option *option = command->options; option && option->name; option++) {
        if (option->kind == AR_OPTION_TEXTS) {
            free(((struct ar_texts *)(void *)((char *)settings + option->target))->items);
        }
    }
}
