#include "base/diag.h"
#include "base/limits.h"
#include "base/utf8.h"

const char *arras_status_name(enum arras_status status)
{
    static const char *const names[] = {
#define NAME(constant, name, meaning) [ARRAS_##constant] = name,
        ARRAS_STATUS_MAP(NAME)
#undef NAME
    };
    size_t number = (size_t)status;
    return number < sizeof(names) / sizeof(*names) ? names[number] : "unknown";
}

const char *arras_status_meaning(enum arras_status status)
{
    static const char *const meanings[] = {
#define MEANING(constant, name, meaning) [ARRAS_##constant] = meaning,
        ARRAS_STATUS_MAP(MEANING)
#undef MEANING
    };
    size_t number = (size_t)status;
    return number < sizeof(meanings) / sizeof(*meanings) ? meanings[number] : "unknown";
}

void ar_diags_init(struct ar_diags *diags, struct ar_arena *arena)
{
    *diags = (struct ar_diags){.arena = arena};
}

static size_t line_start(struct arras_str text, size_t at)
{
    size_t newline = ar_str_find_last_char(ar_str_sub(text, 0, at), '\n');
    return newline == AR_NOT_FOUND ? 0 : newline + 1;
}

void ar_source_place(const struct ar_source *source, size_t at, uint32_t *ret_line,
                     uint32_t *ret_column)
{
    struct arras_str before = ar_str_sub(source->text, 0, at);
    size_t start = line_start(before, before.len);
    uint32_t line = 1;
    for (size_t i = 0; i < start; i++) {
        line += before.ptr[i] == '\n';
    }
    *ret_line = line;
    *ret_column = (uint32_t)ar_utf8_count(ar_str_from(before, start)) + 1;
}

/* The line that holds the place; of a very long one, the part around it. */
static void place(struct arras_diag *diag, const struct ar_source *source, size_t at)
{
    struct arras_str text = source->text;
    if (at > text.len) {
        at = text.len;
    }
    ar_source_place(source, at, &diag->line, &diag->column);
    size_t start = line_start(text, at);
    size_t end = ar_str_find_char(text, '\n', at);
    if (end == AR_NOT_FOUND) {
        end = text.len;
    }
    if (end > start && text.ptr[end - 1] == '\r' && end - 1 >= at) {
        end--;
    }
    if (at - start > AR_DIAG_EXCERPT / 2) {
        start = at - AR_DIAG_EXCERPT / 2;
        while (start < at && ((unsigned char)text.ptr[start] & 0xC0) == 0x80) {
            start++;
        }
    }
    if (end - start > AR_DIAG_EXCERPT) {
        end = start + AR_DIAG_EXCERPT;
        while (end > at && ((unsigned char)text.ptr[end] & 0xC0) == 0x80) {
            end--;
        }
    }
    diag->file = source->name;
    diag->excerpt = ar_str_sub(text, start, end);
    diag->caret = (uint32_t)(at - start);
}

__attribute__((format(printf, 5, 0))) static void add(struct ar_diags *diags,
                                                      struct arras_diag diag,
                                                      const struct ar_source *source, size_t at,
                                                      const char *format, va_list args)
{
    if (!diags) {
        return;
    }
    size_t *counter = diag.severity == ARRAS_ERROR ? &diags->errors : &diags->warnings;
    ++*counter;
    if (diags->list.count >= AR_DIAG_COUNT) {
        return;
    }
    if (source) {
        place(&diag, source, at);
    }
    if (!ar_str_vprintf(diags->arena, &diag.message, format, args) ||
        !ar_vec_push(diags->arena, &diags->list, diag)) {
        diags->lost = true;
    }
}

enum arras_status ar_error(struct ar_diags *diags, enum arras_status status, const char *code,
                           const struct ar_source *source, size_t at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(diags, (struct arras_diag){.severity = ARRAS_ERROR, .status = status, .code = code}, source,
        at, format, args);
    va_end(args);
    return status;
}

void ar_warning(struct ar_diags *diags, const char *code, const struct ar_source *source, size_t at,
                const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(diags, (struct arras_diag){.severity = ARRAS_WARNING, .code = code}, source, at, format,
        args);
    va_end(args);
}

enum arras_status ar_deviation(struct ar_diags *diags, bool strict, const char *code,
                               const struct ar_source *source, size_t at, const char *format, ...)
{
    struct arras_diag diag = {.severity = strict ? ARRAS_ERROR : ARRAS_WARNING,
                              .status = strict ? ARRAS_INVALID : ARRAS_OK,
                              .code = code};
    va_list args;
    va_start(args, format);
    add(diags, diag, source, at, format, args);
    va_end(args);
    return diag.status;
}

void ar_hint(struct ar_diags *diags, const char *format, ...)
{
    /* beyond the cap the newest kept one is not the one meant */
    if (!diags || diags->list.count == 0 || diags->errors + diags->warnings > diags->list.count) {
        return;
    }
    va_list args;
    va_start(args, format);
    struct arras_str hint;
    if (ar_str_vprintf(diags->arena, &hint, format, args)) {
        diags->list.items[diags->list.count - 1].hint = hint;
    } else {
        diags->lost = true;
    }
    va_end(args);
}

static bool is_same(const struct arras_diag *a, const struct arras_diag *b)
{
    return a->severity == b->severity && a->line == b->line && a->column == b->column &&
           ar_str_eq(a->file, b->file) && ar_str_eq(a->message, b->message);
}

static bool copy_into(struct ar_diags *diags, const struct arras_diag *from)
{
    struct arras_diag copy = *from;
    return ar_str_copy(from->message, diags->arena, &copy.message) &&
           ar_str_copy(from->hint, diags->arena, &copy.hint) &&
           ar_str_copy(from->file, diags->arena, &copy.file) &&
           ar_str_copy(from->excerpt, diags->arena, &copy.excerpt) &&
           ar_vec_push(diags->arena, &diags->list, copy);
}

void ar_diags_add(struct ar_diags *diags, const struct ar_diags *from)
{
    diags->lost = diags->lost || from->lost;
    for (size_t i = 0; i < from->list.count; i++) {
        const struct arras_diag *diag = &from->list.items[i];
        bool known = false;
        for (size_t j = 0; j < diags->list.count && !known; j++) {
            known = is_same(&diags->list.items[j], diag);
        }
        if (known) {
            continue;
        }
        size_t *counter = diag->severity == ARRAS_ERROR ? &diags->errors : &diags->warnings;
        ++*counter;
        if (diags->list.count < AR_DIAG_COUNT && !copy_into(diags, diag)) {
            diags->lost = true;
        }
    }
    diags->errors += from->lost && from->errors > 0 && diags->errors == 0;
}

enum arras_status ar_no_memory(struct ar_diags *diags)
{
    if (diags) {
        diags->errors++;
        diags->lost = true;
    }
    return ARRAS_NO_MEMORY;
}

const struct arras_diag *ar_diags_first_error(const struct ar_diags *diags)
{
    static const struct arras_diag no_memory = {.severity = ARRAS_ERROR,
                                                .status = ARRAS_NO_MEMORY,
                                                .code = "no-memory",
                                                .message = AR_STR_INIT("memory ran out")};
    for (size_t i = 0; i < diags->list.count; i++) {
        if (diags->list.items[i].severity == ARRAS_ERROR) {
            return &diags->list.items[i];
        }
    }
    return diags->errors ? &no_memory : NULL;
}
