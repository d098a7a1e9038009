/* Writing ZIP archives (APPNOTE 6.3.9) in memory: files stored as they are, names in UTF-8, no
 * ZIP64. What is written depends on the files alone, so that equal contents are equal archives. */
#ifndef AR_JOBS_API_ZIP_H
#define AR_JOBS_API_ZIP_H

#include "base/buf.h"

struct ar_zip {
    struct ar_buf files;
    struct ar_buf directory;
    uint32_t count;
    enum arras_status status;
};

void ar_zip_init(struct ar_zip *zip);
void ar_zip_release(struct ar_zip *zip);
/* A failure is remembered for ar_zip_finish: ARRAS_LIMIT where the archive becomes larger than
 * AR_ZIP_SIZE or has more files than the format can count. */
void ar_zip_add(struct ar_zip *zip, struct arras_str name, struct arras_str content);
/* The archive, in arena. */
enum arras_status ar_zip_finish(struct ar_zip *zip, struct ar_arena *arena,
                                struct arras_str *ret) ARRAS_CHECKED;
/* CRC-32 as ZIP, PNG and Ethernet have it. */
uint32_t ar_crc32(struct arras_str bytes);

#endif
