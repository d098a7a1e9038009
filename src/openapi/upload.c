#include "openapi/upload.h"
#include "base/limits.h"
#include "base/vec.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct collector {
    struct ar_arena *arena;
    struct ar_uploads *uploads;
    struct ar_buf path; /* of the value that is looked at */
};

static enum arras_status add(struct collector *collector, struct arras_str text)
{
    struct ar_upload *upload;
    if (!ar_str_starts(text, "@") || ar_map_get(&collector->uploads->by_value, text)) {
        return ARRAS_OK;
    }
    upload = ar_new(collector->arena, struct ar_upload);
    if (!upload || ar_buf_copy(&collector->path, collector->arena, &upload->input)) {
        return ARRAS_NO_MEMORY;
    }
    upload->value = text;
    return ar_map_set(&collector->uploads->by_value, collector->arena, text, upload)
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

static enum arras_status collect(struct collector *collector, const struct arras_value *value,
                                 unsigned depth)
{
    if (depth > AR_NESTING_DEPTH) {
        return ARRAS_LIMIT;
    }
    if (value->type == ARRAS_STRING) {
        return add(collector, ar_text(value));
    }
    size_t len = collector->path.len;
    bool array = value->type == ARRAS_ARRAY;
    enum arras_status status = ARRAS_OK;
    for (uint32_t i = 0; (array || value->type == ARRAS_OBJECT) && i < value->count && !status;
         i++) {
        ar_buf_add_z(&collector->path, len ? "." : "");
        if (array) {
            ar_buf_printf(&collector->path, "%u", (unsigned)i);
        } else {
            ar_buf_add_str(&collector->path, ar_member_name(&value->members[i]));
        }
        status = collect(collector, array ? &value->items[i] : &value->members[i].value, depth + 1);
        ar_buf_cut(&collector->path, len);
    }
    return status;
}

enum arras_status ar_uploads_collect(const struct arras_value *inputs, struct ar_arena *arena,
                                     struct ar_uploads *ret)
{
    struct collector collector = {.arena = arena, .uploads = ret};
    *ret = (struct ar_uploads){0};
    ar_buf_init(&collector.path, AR_DOCUMENT_SIZE);
    enum arras_status status = collect(&collector, inputs, 0);
    ar_buf_release(&collector.path);
    return status;
}

const struct ar_upload *ar_uploads_find(const struct ar_uploads *uploads,
                                        const struct arras_value *value)
{
    return uploads && value->type == ARRAS_STRING ? ar_map_get(&uploads->by_value, ar_text(value))
                                                  : NULL;
}

bool ar_upload_is_file(const struct ar_upload *upload)
{
    return !ar_str_starts(upload->value, "@@");
}

/* Looks at the file as it will be read; NULL: fine. */
static const char *look(const char *path, uint64_t *ret_size)
{
    struct stat about;
    const char *wrong = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not make it wait */
    if (fd < 0) {
        return errno == ENOENT || errno == ENOTDIR ? "there is no such file"
               : errno == EACCES                   ? "it may not be read"
                                                   : "it cannot be read";
    }
    if (fstat(fd, &about) || !S_ISREG(about.st_mode)) {
        wrong = "that is no regular file";
    } else {
        *ret_size = (uint64_t)about.st_size;
    }
    close(fd);
    return wrong;
}

enum arras_status ar_upload_open(const struct ar_upload *upload, const struct ar_source *source,
                                 size_t at, struct ar_arena *arena, struct ar_diags *diags,
                                 struct ar_body_part *ret)
{
    struct arras_str path = ar_str_from(upload->value, 1);
    struct ar_body_part part = {.path = ar_str_to_z(path, arena)};
    if (!part.path && !ar_str_has_nul(path)) {
        return ar_no_memory(diags);
    }
    const char *wrong = part.path ? look(part.path, &part.size) : "there is no such file";
    if (!wrong) {
        *ret = part;
        return ARRAS_OK;
    }
    ar_error(diags, ARRAS_INVALID, "upload", source, at,
             "the input '%.*s' names the file '%.*s': %s", AR_STR_ARG(upload->input),
             AR_STR_ARG(path), wrong);
    ar_hint(diags, "a text that begins with @ is given as @@");
    return ARRAS_INVALID;
}

struct arras_str ar_upload_name(const struct ar_upload *upload)
{
    struct arras_str path = ar_str_from(upload->value, 1);
    size_t slash = ar_str_find_last_char(path, '/');
    return slash == AR_NOT_FOUND ? path : ar_str_from(path, slash + 1);
}

static const struct {
    const char *ending, *type;
} types[] = {{".csv", "text/csv"},          {".gif", "image/gif"},      {".gz", "application/gzip"},
             {".html", "text/html"},        {".jpeg", "image/jpeg"},    {".jpg", "image/jpeg"},
             {".json", "application/json"}, {".mp3", "audio/mpeg"},     {".mp4", "video/mp4"},
             {".pdf", "application/pdf"},   {".png", "image/png"},      {".svg", "image/svg+xml"},
             {".txt", "text/plain"},        {".wav", "audio/wav"},      {".webp", "image/webp"},
             {".xml", "application/xml"},   {".zip", "application/zip"}};

struct arras_str ar_upload_type(const struct ar_upload *upload)
{
    struct arras_str name = ar_upload_name(upload);
    size_t dot = ar_str_find_last_char(name, '.');
    struct arras_str ending = dot == AR_NOT_FOUND ? AR_STR("") : ar_str_from(name, dot);
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (ar_str_is_nocase(ending, types[i].ending)) {
            return ar_str_z(types[i].type);
        }
    }
    return (struct arras_str){NULL, 0};
}
