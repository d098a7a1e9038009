#include "log.h"
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "text.h"

static const char *const LEVELS[] = {"debug", "info", "warning", "error"};

static void add_time(struct ar_text *text)
{
    struct timespec now;
    struct tm parts;
    char date[32];
    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &parts) &&
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts) > 0) {
        ar_text_printf(text, "%s.%03ldZ", date, now.tv_nsec / 1000000);
    }
}

/* Without quotes where nothing in it needs them. */
static void add_value(struct ar_text *text, struct arras_str value)
{
    bool plain = value.len > 0;
    for (size_t i = 0; plain && i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        plain = c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
    }
    if (plain) {
        ar_text_add(text, value.ptr, value.len);
    } else {
        ar_text_add_json(text, value);
    }
}

static void put(const struct ar_text *text)
{
    /* one write, so that lines of several threads stay whole; nobody is told when it fails */
    ssize_t written = write(STDERR_FILENO, text->ptr, text->len);
    (void)written;
}

static void write_text(void *context, enum arras_log_level level, const char *event,
                       const struct arras_log_field *fields, size_t count)
{
    struct ar_text text = {0};
    (void)context;
    ar_text_printf(&text, "time=");
    add_time(&text);
    ar_text_printf(&text, " level=%s event=%s", LEVELS[level], event);
    for (size_t i = 0; i < count; i++) {
        ar_text_printf(&text, " %s=", fields[i].name);
        add_value(&text, fields[i].text);
    }
    ar_text_printf(&text, "\n");
    put(&text);
    ar_text_release(&text);
}

static void write_json(void *context, enum arras_log_level level, const char *event,
                       const struct arras_log_field *fields, size_t count)
{
    struct ar_text text = {0};
    (void)context;
    ar_text_printf(&text, "{\"time\": \"");
    add_time(&text);
    ar_text_printf(&text, "\", \"level\": \"%s\", \"event\": \"%s\"", LEVELS[level], event);
    for (size_t i = 0; i < count; i++) {
        ar_text_printf(&text, ", \"%s\": ", fields[i].name);
        ar_text_add_json(&text, fields[i].text);
    }
    ar_text_printf(&text, "}\n");
    put(&text);
    ar_text_release(&text);
}

struct arras_log ar_log_sink(const char *format, const char *level)
{
    struct arras_log log = {.write =
                                format && strcmp(format, "json") == 0 ? write_json : write_text,
                            .least = ARRAS_LOG_WARNING};
    for (size_t i = 0; level && i < sizeof(LEVELS) / sizeof(*LEVELS); i++) {
        if (strcmp(level, LEVELS[i]) == 0) {
            log.least = (enum arras_log_level)i;
        }
    }
    return log;
}
