/* The table of a sub-command: options, operands, and what else a person wants to know of it.
 * Parsing,
 * --help, the man pages and the shell completion all derive from it. */
#ifndef AR_CLI_OPTIONS_H
#define AR_CLI_OPTIONS_H

#include <stdint.h>
#include "text.h"

/* What an option writes to its target in the command's settings. */
enum ar_option_kind {
    AR_OPTION_FLAG,    /* bool */
    AR_OPTION_TEXT,    /* const char *; given once at most */
    AR_OPTION_TEXTS,   /* struct ar_texts; may be repeated */
    AR_OPTION_NUMBER,  /* uint64_t, from least to most */
    AR_OPTION_SECONDS, /* double, more than 0 */
    AR_OPTION_MAYBE    /* struct ar_maybe: the argument may be left out */
};

/* An option whose argument may be left out takes it as --name=TEXT. The word behind a plain --name
 * is an operand; which one is kept here, so that the command can take it back. */
struct ar_maybe {
    bool given;
    const char *text;
    size_t word; /* index among the operands; SIZE_MAX: none followed */
};

struct ar_option {
    const char *name; /* without the dashes; NULL ends a table */
    char letter;      /* its short form, 0: none */
    enum ar_option_kind kind;
    const char *argument; /* "FILE"; words joined by '|' are the only ones allowed; NULL: a flag */
    const char *help;     /* one sentence, small first letter, no full stop */
    size_t target;        /* offset within the settings */
    uint64_t least, most; /* of AR_OPTION_NUMBER */
};

struct ar_operand {
    const char *name; /* NULL ends a table */
    bool optional;
    const char *help;
};

/* A name and what it means: environment variables, exit statuses, examples. NULL ends a table. */
struct ar_term {
    const char *name, *text;
};

struct ar_command {
    const char *name;    /* "serve"; "job list" belongs to the group "job" */
    const char *summary; /* one sentence, small first letter, no full stop */
    const char *prose;   /* paragraphs, parted by empty lines */
    const struct ar_option *options;
    const struct ar_operand *operands; /* NULL: none */
    const struct ar_term *environment; /* NULL: none */
    const struct ar_term *exits, *examples;
    size_t settings_size;
    const void *defaults; /* settings to begin with; NULL: all zero */
    /* The exit status. */
    int (*run)(void *settings, struct ar_texts *words);
    /* What the arguments leave open may be set by ARRAS_NAME in the environment, and behind that by
     * the file that its option `config` names (config.h). */
    bool configured;
    /* MAY: told of bad usage after it was said, where --json is among the arguments. */
    void (*refused)(const char *message);
};

/* Options that every command has, behind its own. */
extern const struct ar_option ar_common_options[];

enum ar_parsed { AR_PARSED_RUN, AR_PARSED_HELP, AR_PARSED_BAD };

/* Reads the arguments behind the command's name, up to NULL. AR_PARSED_BAD: it has been said what
 * is wrong. */
enum ar_parsed ar_options_parse(const struct ar_command *command, char **argv, void *settings,
                                struct ar_texts *words);
/* Gives back the memory of repeated options. */
void ar_options_release(const struct ar_command *command, void *settings);
/* Says `error: ...` and where help is; returns the exit status for bad usage, 2. */
int ar_bad_usage(const struct ar_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Whether `word` is one of the words that `choices` joins by '|'. */
bool ar_is_choice(const char *choices, const char *word);
/* NAME=VALUE at the first '='; false where there is none or the name is empty. The name lives as
 * long as the program. */
bool ar_cut_setting(const char *text, char **ret_name, const char **ret_value);

#endif
