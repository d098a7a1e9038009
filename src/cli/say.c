#include "say.h"
#include <stdarg.h>
#include <unistd.h>
#include "arras/value.h"

static bool colours(void)
{
    static int known = -1;
    if (known < 0) {
        const char *no_color = getenv("NO_COLOR");
        const char *term = getenv("TERM");
        known =
            isatty(STDERR_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
    }
    return known;
}

const char *ar_colour(enum ar_colour colour)
{
    static const char *const sequences[] = {
        [AR_PLAIN] = "\033[0m",  [AR_BOLD] = "\033[1m",    [AR_RED] = "\033[1;31m",
        [AR_GREEN] = "\033[32m", [AR_YELLOW] = "\033[33m", [AR_DIM] = "\033[2m"};
    return colours() ? sequences[colour] : "";
}

/* U+0080 to U+009F are control characters too; in UTF-8 they begin with C2. */
static bool is_control(struct arras_str text, size_t i)
{
    unsigned char c = (unsigned char)text.ptr[i];
    if (c < 0x20 || c == 0x7F) {
        return true;
    }
    return c == 0xC2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xA0;
}

void ar_print_safe(FILE *file, struct arras_str text, bool lines)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_control(text, i) || c == '\t' || (lines && c == '\n')) {
            putc(c, file);
        } else {
            fprintf(file, "\\x%02x", (unsigned char)c);
        }
    }
}

static void label(enum ar_colour colour, const char *word)
{
    fprintf(stderr, "%s%s%s: ", ar_colour(colour), word, ar_colour(AR_PLAIN));
}

static void say(enum ar_colour colour, const char *word, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void say(enum ar_colour colour, const char *word, const char *format, va_list args)
{
    char *made = NULL;
    int len = vasprintf(&made, format, args);
    fflush(stdout);
    label(colour, word);
    if (len >= 0) {
        ar_print_safe(stderr, (struct arras_str){made, (size_t)len}, true);
        free(made);
    }
    putc('\n', stderr);
}

void ar_say_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(AR_RED, "error", format, args);
    va_end(args);
}

void ar_say_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(AR_YELLOW, "warning", format, args);
    va_end(args);
}

void ar_say_hint(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(AR_BOLD, "hint", format, args);
    va_end(args);
}

static void say_caret(const struct arras_diag *diag, int width)
{
    fprintf(stderr, " %*s | ", width, "");
    for (uint32_t i = 0; i < diag->caret && i < diag->excerpt.len; i++) {
        unsigned char c = (unsigned char)diag->excerpt.ptr[i];
        if ((c & 0xC0) != 0x80) {
            putc(c == '\t' ? '\t' : ' ', stderr);
        }
    }
    fprintf(stderr, "%s^%s\n", ar_colour(AR_RED), ar_colour(AR_PLAIN));
}

static void say_excerpt(const struct arras_diag *diag)
{
    fprintf(stderr, " %u | ", diag->line);
    ar_print_safe(stderr, diag->excerpt, false);
    putc('\n', stderr);
    say_caret(diag, snprintf(NULL, 0, "%u", diag->line));
}

static void say_place(const struct arras_diag *diag)
{
    fputs(" --> ", stderr);
    ar_print_safe(stderr, diag->file, false);
    if (diag->line) {
        fprintf(stderr, ":%u:%u", diag->line, diag->column);
    }
    putc('\n', stderr);
}

static void say_head(const struct arras_diag *diag)
{
    fflush(stdout);
    bool warning = diag->severity == ARRAS_WARNING;
    label(warning ? AR_YELLOW : AR_RED, warning ? "warning" : "error");
    if (warning && diag->code) {
        fprintf(stderr, "[%s] ", diag->code);
    }
    ar_print_safe(stderr, diag->message, true);
    putc('\n', stderr);
    if (diag->file.len) {
        say_place(diag);
    }
}

void ar_say_diag(const struct arras_diag *diag)
{
    say_head(diag);
    if (diag->file.len && diag->line && diag->excerpt.len) {
        say_excerpt(diag);
    }
    if (diag->hint.len) {
        label(AR_BOLD, "hint");
        ar_print_safe(stderr, diag->hint, true);
        putc('\n', stderr);
    }
}

static bool told_before(const struct arras_pool *pool, size_t index)
{
    const struct arras_diag *diag = arras_pool_diag(pool, index);
    for (size_t i = 0; i < index && diag->code; i++) {
        const struct arras_diag *earlier = arras_pool_diag(pool, i);
        if (earlier->severity == ARRAS_WARNING && earlier->code &&
            strcmp(earlier->code, diag->code) == 0) {
            return diag->severity == ARRAS_WARNING;
        }
    }
    return false;
}

void ar_say_pool_diag(const struct arras_pool *pool, size_t index)
{
    const struct arras_diag *diag = arras_pool_diag(pool, index);
    if (told_before(pool, index)) {
        say_head(diag);
    } else {
        ar_say_diag(diag);
    }
}

size_t ar_say_pool(const struct arras_pool *pool, size_t *next, bool errors_only)
{
    size_t errors = 0;
    for (const struct arras_diag *diag; (diag = arras_pool_diag(pool, *next)); ++*next) {
        errors += diag->severity == ARRAS_ERROR;
        if (diag->severity == ARRAS_ERROR || !errors_only) {
            ar_say_pool_diag(pool, *next);
        }
    }
    return errors;
}

void ar_say_failure(const struct arras_pool *pool, enum arras_status status)
{
    size_t next = 0;
    if (ar_say_pool(pool, &next, true) == 0) {
        ar_say_error("%s", arras_status_meaning(status));
    }
}

const struct arras_diag *ar_first_error(const struct arras_pool *pool, size_t index)
{
    const struct arras_diag *diag = arras_pool_diag(pool, index);
    while (diag && diag->severity != ARRAS_ERROR) {
        diag = arras_pool_diag(pool, ++index);
    }
    return diag;
}
