#include "jobs/api/zip.h"
#include "base/limits.h"

enum {
    LOCAL_FILE = 0x04034b50, /* signatures */
    DIRECTORY_FILE = 0x02014b50,
    DIRECTORY_END = 0x06054b50,
    VERSION = 20,          /* of the format, that is enough to read it */
    UTF8_NAME = 1 << 11,   /* flag */
    FIRST_DAY = 1 << 5 | 1 /* 1980-01-01: the format knows no earlier one */
};

void ar_zip_init(struct ar_zip *zip)
{
    *zip = (struct ar_zip){0};
    ar_buf_init(&zip->files, AR_ZIP_SIZE);
    ar_buf_init(&zip->directory, AR_ZIP_SIZE);
}

void ar_zip_release(struct ar_zip *zip)
{
    ar_buf_release(&zip->files);
    ar_buf_release(&zip->directory);
}

/* Half a byte a step: a table of 16. */
uint32_t ar_crc32(struct arras_str bytes)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned char)bytes.ptr[i];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return ~crc;
}

static void put16(struct ar_buf *buf, uint32_t number)
{
    const unsigned char bytes[2] = {number & 0xff, number >> 8 & 0xff};
    ar_buf_add(buf, bytes, sizeof(bytes));
}

static void put32(struct ar_buf *buf, uint32_t number)
{
    put16(buf, number & 0xffff);
    put16(buf, number >> 16);
}

/* What the file's own header and its entry in the directory share. */
static void put_common(struct ar_buf *buf, struct arras_str name, struct arras_str content,
                       uint32_t crc)
{
    put16(buf, VERSION);
    put16(buf, UTF8_NAME);
    put16(buf, 0); /* stored */
    put16(buf, 0); /* midnight */
    put16(buf, FIRST_DAY);
    put32(buf, crc);
    put32(buf, (uint32_t)content.len);
    put32(buf, (uint32_t)content.len);
    put16(buf, (uint32_t)name.len);
    put16(buf, 0); /* extra field */
}

void ar_zip_add(struct ar_zip *zip, struct arras_str name, struct arras_str content)
{
    size_t offset = ar_buf_str(&zip->files).len;
    uint32_t crc = ar_crc32(content);
    if (zip->count == UINT16_MAX || name.len > UINT16_MAX || content.len > AR_ZIP_SIZE) {
        zip->status = ARRAS_LIMIT;
        return;
    }
    zip->count++;
    put32(&zip->files, LOCAL_FILE);
    put_common(&zip->files, name, content, crc);
    ar_buf_add_str(&zip->files, name);
    ar_buf_add_str(&zip->files, content);
    put32(&zip->directory, DIRECTORY_FILE);
    put16(&zip->directory, VERSION);
    put_common(&zip->directory, name, content, crc);
    put16(&zip->directory, 0); /* comment */
    put16(&zip->directory, 0); /* disk */
    put16(&zip->directory, 0); /* attributes, inside */
    put32(&zip->directory, 0); /* and outside */
    put32(&zip->directory, (uint32_t)offset);
    ar_buf_add_str(&zip->directory, name);
}

static void put_end(struct ar_zip *zip, uint32_t offset)
{
    put32(&zip->files, DIRECTORY_END);
    put16(&zip->files, 0); /* disk */
    put16(&zip->files, 0); /* disk of the directory */
    put16(&zip->files, zip->count);
    put16(&zip->files, zip->count);
    put32(&zip->files, (uint32_t)ar_buf_str(&zip->directory).len);
    put32(&zip->files, offset);
    put16(&zip->files, 0); /* comment */
}

enum arras_status ar_zip_finish(struct ar_zip *zip, struct ar_arena *arena, struct arras_str *ret)
{
    uint32_t offset = (uint32_t)ar_buf_str(&zip->files).len;
    enum arras_status status = zip->status ? zip->status : ar_buf_status(&zip->directory);
    if (status) {
        return status;
    }
    ar_buf_add_str(&zip->files, ar_buf_str(&zip->directory));
    put_end(zip, offset);
    return ar_buf_copy(&zip->files, arena, ret);
}
