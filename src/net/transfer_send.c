/* A request as libcurl sends it. */
#include "base/clock.h"
#include "base/limits.h"
#include "net/transfer.h"

enum { TRANSFER_BUFFER = 256 * 1024 }; /* of bodies that go from or into files */

long ar_milliseconds(int64_t nanoseconds)
{
    int64_t ms = nanoseconds / AR_MILLISECOND + (nanoseconds % AR_MILLISECOND != 0);
    return ms > INT32_MAX ? INT32_MAX : (long)ms;
}

/* The body's length and the coding of the connection are the client's own business. */
static bool is_framing(struct arras_str name)
{
    return ar_str_is_nocase(name, "content-length") || ar_str_is_nocase(name, "transfer-encoding");
}

/* Those of the request and those that libcurl keeps go into one header (RFC 6265 section 5.4),
 * which libcurl makes. */
static bool is_cookie(const struct arras_transport *transport, struct arras_str name)
{
    return transport->cookies && ar_str_is_nocase(name, "Cookie");
}

static bool keeps(const struct ar_transfer *transfer, struct arras_str name)
{
    return !is_framing(name) && ar_redirect_keeps(&transfer->hop, name);
}

static CURLcode set_cookies(struct ar_transfer *transfer, const struct arras_transport *transport)
{
    const struct arras_str *cookies = ar_headers_find(&transfer->request.headers, "Cookie");
    if (!transport->cookies) {
        return CURLE_OK;
    }
    if (!cookies || !cookies->len || !keeps(transfer, AR_STR("Cookie"))) {
        return curl_easy_setopt(transfer->easy, CURLOPT_COOKIE, NULL);
    }
    struct ar_arena scratch;
    ar_arena_init(&scratch, 0);
    char *text = ar_str_to_z(*cookies, &scratch);
    CURLcode bad =
        text ? curl_easy_setopt(transfer->easy, CURLOPT_COOKIE, text) : CURLE_OUT_OF_MEMORY;
    ar_arena_release(&scratch);
    return bad;
}

static enum arras_status add_line(struct ar_transfer *transfer, struct arras_str name,
                                  const char *between, struct arras_str value)
{
    struct ar_buf line;
    ar_buf_init(&line, SIZE_MAX);
    ar_buf_add_str(&line, name);
    ar_buf_add_z(&line, between);
    ar_buf_add_str(&line, value);
    ar_buf_add_char(&line, '\0');
    struct curl_slist *longer =
        ar_buf_status(&line) ? NULL : curl_slist_append(transfer->headers, line.ptr);
    ar_buf_release(&line);
    if (!longer) {
        return ARRAS_NO_MEMORY;
    }
    transfer->headers = longer;
    return ARRAS_OK;
}

/* What libcurl would add of its own is taken away by a line "Name:", a header without value is
 * sent by a line "Name;". */
static enum arras_status add_lines(struct ar_transfer *transfer,
                                   const struct arras_transport *transport)
{
    const struct ar_http_request *request = &transfer->request;
    static const char *const uninvited[] = {"Accept", "Content-Type", "Expect"};
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < sizeof(uninvited) / sizeof(*uninvited) && !status; i++) {
        if (!ar_headers_find(&request->headers, uninvited[i]) ||
            !keeps(transfer, ar_str_z(uninvited[i]))) {
            status = add_line(transfer, ar_str_z(uninvited[i]), ":", AR_STR(""));
        }
    }
    for (size_t i = 0; i < request->headers.count && !status; i++) {
        const struct ar_header *header = &request->headers.items[i];
        bool empty = ar_str_trim(header->value).len == 0;
        if (keeps(transfer, header->name) && !is_cookie(transport, header->name)) {
            status = add_line(transfer, header->name, empty ? ";" : ": ",
                              empty ? AR_STR("") : header->value);
        }
    }
    return status;
}

static bool is_method(const char *method, const char *const names[])
{
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(method, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static size_t on_read(char *out, size_t size, size_t count, void *context)
{
    struct ar_transfer *transfer = context;
    size_t len = 0;
    const char *path = NULL;
    if (ar_upload_read(&transfer->upload, out, size * count, &len, &path)) {
        return len;
    }
    ar_transfer_fail(transfer, ARRAS_IO,
                     "the request to %s cannot be sent: the file '%s' cannot be read, or is not as "
                     "long as it was when the request was made",
                     path);
    return CURL_READFUNC_ABORT;
}

/* libcurl asks for the beginning only: it sends the request once more. */
static int on_seek(void *context, curl_off_t offset, int origin)
{
    struct ar_transfer *transfer = context;
    if (offset != 0 || origin != SEEK_SET) {
        return CURL_SEEKFUNC_CANTSEEK;
    }
    ar_upload_rewind(&transfer->upload);
    return CURL_SEEKFUNC_OK;
}

static CURLcode set_body(struct ar_transfer *transfer)
{
    CURL *easy = transfer->easy;
    const struct ar_http_request *request = &transfer->request;
    int64_t size = (int64_t)request->body.len;
    bool parts = request->part_count > 0;
    const char *bytes = request->body.len ? request->body.ptr : "";
    ar_upload_init(&transfer->upload, request->parts, request->part_count);
    if (parts && !ar_upload_size(&transfer->upload, &size)) {
        return CURLE_FILESIZE_EXCEEDED;
    }
    CURLcode bad = curl_easy_setopt(easy, CURLOPT_POST, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, parts ? NULL : bytes);
    bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    if (parts) {
        bad |= curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
        bad |= curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
        bad |= curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
        bad |= curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
        bad |= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)TRANSFER_BUFFER);
    }
    return bad;
}

static CURLcode set_method(struct ar_transfer *transfer, const char *method)
{
    static const char *const with_body[] = {"POST", "PUT", "PATCH", NULL};
    static const char *const idempotent[] = {"GET",     "HEAD",  "PUT",   "DELETE",
                                             "OPTIONS", "TRACE", "QUERY", NULL};
    CURL *easy = transfer->easy;
    CURLcode bad = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    transfer->idempotent = is_method(method, idempotent);
    if (strcmp(method, "HEAD") == 0) {
        bad |= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (transfer->hop.has_body || is_method(method, with_body)) {
        bad |= set_body(transfer);
    }
    bad |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    return bad;
}

/* RFC 9110 section 5.6.2. */
static bool is_token(struct arras_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= ' ' || c >= 0x7F || strchr("\"(),/:;<=>?@[\\]{}", c)) {
            return false;
        }
    }
    return s.len > 0;
}

const char *ar_request_unsendable(const struct ar_http_request *request)
{
    if (!is_token(request->method)) {
        return "the method is not a token";
    }
    if (ar_str_is(request->method, "HEAD") && request->has_body) {
        return "a HEAD request has no body";
    }
    if (request->url.len > AR_URL_LENGTH) {
        return "the URL is too long";
    }
    for (size_t i = 0; i < request->url.len; i++) {
        if ((unsigned char)request->url.ptr[i] <= ' ' || request->url.ptr[i] == 0x7F) {
            return "the URL holds a space or a control character";
        }
    }
    for (size_t i = 0; i < request->headers.count; i++) {
        struct arras_str value = request->headers.items[i].value;
        if (!is_token(request->headers.items[i].name)) {
            return "the name of a header is not a token";
        }
        if (ar_str_has_nul(value) || ar_str_find_char(value, '\r', 0) != AR_NOT_FOUND ||
            ar_str_find_char(value, '\n', 0) != AR_NOT_FOUND) {
            return "the value of a header holds a line end or NUL";
        }
    }
    return NULL;
}

enum arras_status ar_transfer_set_hop(struct ar_transfer *transfer,
                                      const struct arras_transport *transport, int64_t timeout)
{
    CURL *easy = transfer->easy;
    struct ar_arena scratch;
    ar_arena_init(&scratch, 0);
    char *url = ar_str_to_z(transfer->hop.url, &scratch);
    char *method = ar_str_to_z(transfer->hop.method, &scratch);
    CURLcode bad = url && method ? CURLE_OK : CURLE_OUT_OF_MEMORY;
    if (!bad) {
        bad = curl_easy_setopt(easy, CURLOPT_URL, url);
        bad = bad ? bad : set_method(transfer, method);
    }
    ar_arena_release(&scratch);
    if (bad == CURLE_FILESIZE_EXCEEDED) {
        return ARRAS_LIMIT;
    }
    bad |= ar_transport_set_request(easy, transport, transfer->hop.origin.https, transfer->hop.own,
                                    &transfer->request);
    bad |= set_cookies(transfer, transport);
    bad |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, ar_milliseconds(timeout));
    bad |= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE,
                            (long)(transfer->save.path ? TRANSFER_BUFFER : CURL_MAX_WRITE_SIZE));
    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
    if (bad || add_lines(transfer, transport)) {
        return ARRAS_NO_MEMORY;
    }
    bad = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    return bad ? ARRAS_NO_MEMORY : ARRAS_OK;
}
