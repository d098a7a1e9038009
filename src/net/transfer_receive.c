/* What comes back, as libcurl hands it over. */
#include <errno.h>
#include "base/limits.h"
#include "net/transfer.h"

size_t ar_transfer_fail(struct ar_transfer *transfer, enum arras_status status, const char *format,
                        const char *why)
{
    transfer->format = format;
    transfer->failed = status;
    transfer->why = why;
    return 0; /* less than it was given: libcurl ends the transfer */
}

static bool is_saved(struct ar_transfer *transfer)
{
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return transfer->save.path && status >= 200 && status < 300;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct ar_transfer *transfer = context;
    enum arras_status status;
    transfer->body_begun = true;
    if (is_saved(transfer)) {
        status = ar_save_add(&transfer->save, bytes, size * count);
    } else {
        ar_buf_add(&transfer->body, bytes, size * count);
        status = ar_buf_status(&transfer->body);
    }
    if (status == ARRAS_IO) {
        return ar_transfer_fail(transfer, status, AR_CANNOT_SAVE, strerrordesc_np(errno));
    }
    return status ? ar_transfer_fail(transfer, status, NULL, "a larger body than is allowed")
                  : size * count;
}

/* RFC 9112 section 5.2: a line that begins with a space continues the one before. */
static size_t add_folded(struct ar_transfer *transfer, struct arras_str line)
{
    struct arras_str *value = &transfer->received.items[transfer->received.count - 1].value;
    if (!ar_str_printf(transfer->arena, value, "%.*s %.*s", AR_STR_ARG(*value),
                       AR_STR_ARG(ar_str_trim(line)))) {
        return ar_transfer_fail(transfer, ARRAS_NO_MEMORY, NULL, NULL);
    }
    return line.len;
}

static size_t add_header(struct ar_transfer *transfer, struct arras_str line)
{
    size_t colon = ar_str_find_char(line, ':', 0);
    if (colon == AR_NOT_FOUND) {
        return line.len;
    }
    struct ar_header header;
    if (!ar_str_copy(ar_str_sub(line, 0, colon), transfer->arena, &header.name) ||
        !ar_str_copy(ar_str_trim(ar_str_from(line, colon + 1)), transfer->arena, &header.value) ||
        !ar_vec_push(transfer->arena, &transfer->received, header)) {
        return ar_transfer_fail(transfer, ARRAS_NO_MEMORY, NULL, NULL);
    }
    return line.len;
}

/* Called with one line at a time, those of 1xx responses and trailers among them. */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct ar_transfer *transfer = context;
    struct arras_str line = {bytes, size * count};
    if (!transfer->body_begun && ar_str_starts(line, "HTTP/")) {
        transfer->received.count = 0;
        transfer->headers_done = false;
        return line.len;
    }
    if (transfer->headers_done) {
        return line.len;
    }
    if (ar_str_trim(line).len == 0) {
        transfer->headers_done = true;
        return line.len;
    }
    transfer->header_size += line.len;
    if (transfer->header_size > AR_HEADER_SIZE || transfer->received.count >= AR_RESPONSE_HEADERS) {
        return ar_transfer_fail(transfer, ARRAS_LIMIT, NULL, "more headers than are allowed");
    }
    bool folded = (line.ptr[0] == ' ' || line.ptr[0] == '\t') && transfer->received.count;
    return folded ? add_folded(transfer, line) : add_header(transfer, line);
}

/* Called before each time that the request is sent. libcurl sends again on a new connection when a
 * kept one breaks before any answer; a request that may have taken effect must not be (RFC 9110
 * section 9.2.2). */
static int on_attempt(void *context, char *remote, char *local, int remote_port, int local_port)
{
    (void)remote, (void)local, (void)remote_port, (void)local_port;
    struct ar_transfer *transfer = context;
    transfer->attempts++;
    bool answered = transfer->headers_done; /* with a challenge, which libcurl now meets */
    transfer->headers_done = false;
    if (transfer->attempts > 1 && !transfer->idempotent && !answered) {
        transfer->failed = ARRAS_NETWORK;
        return CURL_PREREQFUNC_ABORT;
    }
    return CURL_PREREQFUNC_OK;
}

CURLcode ar_transfer_set_receiver(struct ar_transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_attempt);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    return bad;
}
