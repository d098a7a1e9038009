#include "net/http_client.h"
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/vec.h"
#include "net/origin.h"
#include "net/transport.h"

enum { PEER_SHOWN = 200 }; /* of a URL that names no host */

/* One request under way, or resting with its easy handle until the next. */
struct transfer {
    struct ar_http_client *client;
    struct transfer *next, **link; /* in one of the client's lists; link: what points here */
    CURL *easy;
    struct curl_slist *headers;
    struct ar_buf sent, body;
    struct ar_arena *arena;
    void *token;
    char peer[300]; /* "host:port", for sentences */
    char error[CURL_ERROR_SIZE];
    int64_t begun, timeout;
    enum arras_status failed; /* what a callback found, or start */
    const char *why;          /* and its words, static */
    unsigned attempts;        /* how often libcurl began to send */
    bool idempotent, added, has_login;
    bool headers_done, body_begun;
    size_t header_size;
    AR_VEC(struct ar_header) received;
};

struct ar_http_client {
    CURLM *multi;
    int wake; /* an eventfd: writing to it is safe in a signal handler */
    struct transfer *busy, *refused, *resting;
    size_t in_flight, resting_count;
    const struct arras_transport *transport;
    struct curl_slist *resolve;
    CURLSH *jar; /* cookies, shared by all handles; NULL: none are kept */
    int64_t connect_timeout;
    char *user_agent;
};

static void list_add(struct transfer **list, struct transfer *transfer)
{
    transfer->next = *list;
    transfer->link = list;
    if (*list) {
        (*list)->link = &transfer->next;
    }
    *list = transfer;
}

static void list_remove(struct transfer *transfer)
{
    *transfer->link = transfer->next;
    if (transfer->next) {
        transfer->next->link = transfer->link;
    }
}

static void transfer_free(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    ar_buf_release(&transfer->sent);
    ar_buf_release(&transfer->body);
    free(transfer);
}

static size_t fail(struct transfer *transfer, enum arras_status status, const char *why)
{
    transfer->failed = status;
    transfer->why = why;
    return 0; /* less than it was given: libcurl ends the transfer */
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    transfer->body_begun = true;
    ar_buf_add(&transfer->body, bytes, size * count);
    enum arras_status status = ar_buf_status(&transfer->body);
    if (status) {
        return fail(transfer, status, "a larger body than is allowed");
    }
    return size * count;
}

/* RFC 9112 section 5.2: a line that begins with a space continues the one before. */
static size_t add_folded(struct transfer *transfer, struct arras_str line)
{
    struct arras_str *value = &transfer->received.items[transfer->received.count - 1].value;
    if (!ar_str_printf(transfer->arena, value, "%.*s %.*s", AR_STR_ARG(*value),
                       AR_STR_ARG(ar_str_trim(line)))) {
        return fail(transfer, ARRAS_NO_MEMORY, NULL);
    }
    return line.len;
}

static size_t add_header(struct transfer *transfer, struct arras_str line)
{
    size_t colon = ar_str_find_char(line, ':', 0);
    if (colon == AR_NOT_FOUND) {
        return line.len;
    }
    struct ar_header header;
    if (!ar_str_copy(ar_str_sub(line, 0, colon), transfer->arena, &header.name) ||
        !ar_str_copy(ar_str_trim(ar_str_from(line, colon + 1)), transfer->arena, &header.value) ||
        !ar_vec_push(transfer->arena, &transfer->received, header)) {
        return fail(transfer, ARRAS_NO_MEMORY, NULL);
    }
    return line.len;
}

/* Called with one line at a time, those of 1xx responses and trailers among them. */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
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
        return fail(transfer, ARRAS_LIMIT, "more headers than are allowed");
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
    struct transfer *transfer = context;
    transfer->attempts++;
    bool answered = transfer->headers_done; /* with a challenge, which libcurl now meets */
    transfer->headers_done = false;
    if (transfer->attempts > 1 && !transfer->idempotent && !answered) {
        transfer->failed = ARRAS_NETWORK;
        return CURL_PREREQFUNC_ABORT;
    }
    return CURL_PREREQFUNC_OK;
}

/* Rounded up: 0 would be libcurl's own default. */
static long milliseconds(int64_t nanoseconds)
{
    int64_t ms = nanoseconds / AR_MILLISECOND + (nanoseconds % AR_MILLISECOND != 0);
    return ms > INT32_MAX ? INT32_MAX : (long)ms;
}

/* What is the same for every request. */
static bool set_constants(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_attempt);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, transfer->client->user_agent);
    bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                            milliseconds(transfer->client->connect_timeout));
    bad |= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)AR_CLIENT_IDLE_SECONDS);
    bad |= ar_transport_set(easy, transfer->client->transport, transfer->client->resolve);
    if (transfer->client->jar) {
        bad |= curl_easy_setopt(easy, CURLOPT_SHARE, transfer->client->jar);
    }
    return bad == CURLE_OK;
}

static struct transfer *transfer_new(struct ar_http_client *client)
{
    struct transfer *transfer = calloc(1, sizeof(*transfer));
    if (!transfer) {
        return NULL;
    }
    transfer->client = client;
    size_t limit = client->transport->response_bytes;
    ar_buf_init(&transfer->body, limit ? limit : AR_RESPONSE_SIZE);
    ar_buf_init(&transfer->sent, SIZE_MAX);
    transfer->easy = curl_easy_init();
    if (!transfer->easy || !set_constants(transfer)) {
        transfer_free(transfer);
        return NULL;
    }
    return transfer;
}

static struct transfer *transfer_take(struct ar_http_client *client)
{
    struct transfer *transfer = client->resting;
    if (!transfer) {
        return transfer_new(client);
    }
    list_remove(transfer);
    client->resting_count--;
    return transfer;
}

/* Out of its list, with nothing kept but the handle. */
static void transfer_rest(struct transfer *transfer)
{
    struct ar_http_client *client = transfer->client;
    if (transfer->added) {
        curl_multi_remove_handle(client->multi, transfer->easy);
    }
    curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(transfer->headers);
    ar_buf_release(&transfer->sent);
    ar_buf_release(&transfer->body);
    struct transfer clean = {.client = client, .easy = transfer->easy};
    clean.sent = transfer->sent;
    clean.body = transfer->body;
    bool used_up = transfer->has_login; /* libcurl would remember the challenge */
    *transfer = clean;
    if (used_up || client->resting_count >= AR_CLIENT_HANDLES) {
        transfer_free(transfer);
        return;
    }
    list_add(&client->resting, transfer);
    client->resting_count++;
}

static void transfer_end(struct transfer *transfer)
{
    list_remove(transfer);
    transfer->client->in_flight--;
    transfer_rest(transfer);
}

/* Where it goes, and whether it may: *ret_why where not. */
static enum arras_status check_target(struct transfer *transfer, struct arras_str url,
                                      struct ar_origin *ret, const char **ret_why)
{
    enum arras_status status = ar_origin_of(url, ret);
    *ret_why = NULL;
    if (status == ARRAS_INVALID) {
        snprintf(transfer->peer, sizeof(transfer->peer), "'%.*s'",
                 (int)(url.len < PEER_SHOWN ? url.len : PEER_SHOWN), url.len ? url.ptr : "");
        *ret_why = "the URL is not an absolute http or https URL";
        return ARRAS_OK;
    }
    if (!status) {
        snprintf(transfer->peer, sizeof(transfer->peer), "%s:%u", ret->host, ret->port);
        if (!ar_origin_allowed(ret, transfer->client->transport)) {
            *ret_why = "this host is not among those that are allowed";
        }
    }
    return status;
}

/* The body's length and the coding of the connection are the client's own business. */
static bool is_framing(struct arras_str name)
{
    return ar_str_is_nocase(name, "content-length") || ar_str_is_nocase(name, "transfer-encoding");
}

static enum arras_status add_line(struct transfer *transfer, struct arras_str name,
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
static enum arras_status add_lines(struct transfer *transfer, const struct ar_http_request *request)
{
    static const char *const uninvited[] = {"Accept", "Content-Type", "Expect"};
    enum arras_status status = ARRAS_OK;
    for (size_t i = 0; i < sizeof(uninvited) / sizeof(*uninvited) && !status; i++) {
        if (!ar_headers_find(&request->headers, uninvited[i])) {
            status = add_line(transfer, ar_str_z(uninvited[i]), ":", AR_STR(""));
        }
    }
    for (size_t i = 0; i < request->headers.count && !status; i++) {
        const struct ar_header *header = &request->headers.items[i];
        bool empty = ar_str_trim(header->value).len == 0;
        if (!is_framing(header->name)) {
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

static CURLcode set_method(struct transfer *transfer, const struct ar_http_request *request,
                           const char *method)
{
    static const char *const with_body[] = {"POST", "PUT", "PATCH", NULL};
    static const char *const idempotent[] = {"GET",     "HEAD",  "PUT",   "DELETE",
                                             "OPTIONS", "TRACE", "QUERY", NULL};
    CURL *easy = transfer->easy;
    CURLcode bad = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    transfer->idempotent = is_method(method, idempotent);
    if (strcmp(method, "HEAD") == 0) {
        bad |= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request->has_body || is_method(method, with_body)) {
        ar_buf_add_str(&transfer->sent, request->body);
        bad |= ar_buf_status(&transfer->sent) ? CURLE_OUT_OF_MEMORY : CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
        bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                                transfer->sent.len ? transfer->sent.ptr : "");
        bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->sent.len);
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

/* What could not be sent as it is, in words, or NULL. */
static const char *unsendable(const struct ar_http_request *request)
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

static enum arras_status set_request(struct transfer *transfer,
                                     const struct ar_http_request *request, bool https,
                                     int64_t timeout)
{
    CURL *easy = transfer->easy;
    struct ar_arena scratch;
    ar_arena_init(&scratch, 0);
    char *url = ar_str_to_z(request->url, &scratch);
    char *method = ar_str_to_z(request->method, &scratch);
    CURLcode bad = url && method ? CURLE_OK : CURLE_OUT_OF_MEMORY;
    if (!bad) {
        bad |= curl_easy_setopt(easy, CURLOPT_URL, url);
        bad |= set_method(transfer, request, method);
    }
    ar_arena_release(&scratch);
    bad |= ar_transport_set_request(easy, transfer->client->transport, https, true, request);
    bad |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(timeout));
    if (bad || add_lines(transfer, request)) {
        return ARRAS_NO_MEMORY;
    }
    bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    return bad ? ARRAS_NO_MEMORY : ARRAS_OK;
}

enum arras_status ar_http_client_start(struct ar_http_client *client,
                                       const struct ar_http_request *request, int64_t timeout,
                                       struct ar_arena *arena, void *token)
{
    struct transfer *transfer = transfer_take(client);
    if (!transfer) {
        return ARRAS_NO_MEMORY;
    }
    transfer->arena = arena;
    transfer->token = token;
    transfer->begun = ar_clock_now(ar_clock_system());
    transfer->timeout = timeout > 0 ? timeout : AR_REQUEST_SECONDS * AR_SECOND;
    transfer->error[0] = '\0';
    transfer->has_login = request->login != NULL;
    struct ar_origin origin = {0};
    enum arras_status status = check_target(transfer, request->url, &origin, &transfer->why);
    const char *unfit = unsendable(request);
    transfer->why = unfit ? unfit : transfer->why;
    if (transfer->why && !status) {
        transfer->failed = ARRAS_INVALID;
        list_add(&client->refused, transfer);
        client->in_flight++;
        return ARRAS_OK;
    }
    if (!status) {
        status = set_request(transfer, request, origin.https, transfer->timeout);
    }
    if (!status && curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK) {
        status = ARRAS_NO_MEMORY;
    }
    if (status) {
        transfer_rest(transfer);
        return status;
    }
    transfer->added = true;
    list_add(&client->busy, transfer);
    client->in_flight++;
    return ARRAS_OK;
}

static enum arras_status status_of(const struct transfer *transfer, CURLcode code)
{
    if (transfer->failed) {
        return transfer->failed;
    }
    switch (code) {
    case CURLE_OK:
        return ARRAS_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return ARRAS_TIMEOUT;
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CERTPROBLEM:
        return ARRAS_INVALID;
    case CURLE_OUT_OF_MEMORY:
        /* also said of a header line longer than libcurl's own cap */
        return transfer->attempts && !transfer->headers_done ? ARRAS_LIMIT : ARRAS_NO_MEMORY;
    default:
        return ARRAS_NETWORK;
    }
}

/* libcurl's or the system's words for it, begun in lower case. */
static const char *detail(struct transfer *transfer, CURLcode code, char *out, size_t size)
{
    long number = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    if (code == CURLE_COULDNT_CONNECT && number) {
        snprintf(out, size, "%s", strerrordesc_np((int)number));
    } else {
        snprintf(out, size, "%s", transfer->error[0] ? transfer->error : curl_easy_strerror(code));
    }
    if (out[0] >= 'A' && out[0] <= 'Z' && !(out[1] >= 'A' && out[1] <= 'Z')) {
        out[0] = (char)(out[0] | 0x20);
    }
    return out;
}

static bool network_sentence(struct transfer *transfer, CURLcode code, struct arras_str *ret)
{
    char words[CURL_ERROR_SIZE];
    const char *why = detail(transfer, code, words, sizeof(words));
    const char *format = "the connection to %s broke (%s)";
    if (transfer->failed) { /* on_attempt */
        format = "the connection to %s broke before any answer (not sent again: the request may "
                 "have taken effect)";
    } else if (code == CURLE_COULDNT_RESOLVE_HOST) {
        format = "cannot find the address of %s (%s)";
    } else if (code == CURLE_COULDNT_CONNECT) {
        format = "cannot connect to %s (%s)";
    } else if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
               code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CIPHER) {
        format = "no secure connection to %s (%s)";
    } else if (code == CURLE_UNSUPPORTED_PROTOCOL) {
        format = "%s does not answer in HTTP (%s)";
    } else if (code == CURLE_BAD_CONTENT_ENCODING || code == CURLE_WEIRD_SERVER_REPLY) {
        format = "%s sent a response that cannot be read (%s)";
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
    return ar_str_printf(transfer->arena, ret, format, transfer->peer, why);
#pragma GCC diagnostic pop
}

static bool sentence(struct transfer *transfer, enum arras_status status, CURLcode code,
                     struct arras_str *ret)
{
    struct ar_arena *arena = transfer->arena;
    if (status == ARRAS_TIMEOUT && transfer->attempts == 0) {
        int64_t most = transfer->client->connect_timeout;
        most = most < transfer->timeout ? most : transfer->timeout;
        return ar_str_printf(arena, ret, "cannot connect to %s within %g s", transfer->peer,
                             (double)most / 1e9);
    }
    if (status == ARRAS_TIMEOUT) {
        return ar_str_printf(arena, ret, "no %s from %s within %g s",
                             transfer->headers_done ? "complete answer" : "answer", transfer->peer,
                             (double)transfer->timeout / 1e9);
    }
    if (status == ARRAS_LIMIT) {
        return ar_str_printf(arena, ret, "%s sent %s", transfer->peer,
                             transfer->why ? transfer->why : "a longer header than is allowed");
    }
    if (status == ARRAS_INVALID) {
        char words[CURL_ERROR_SIZE];
        return ar_str_printf(arena, ret, "the request to %s cannot be sent (%s)", transfer->peer,
                             transfer->why ? transfer->why
                                           : detail(transfer, code, words, sizeof(words)));
    }
    return network_sentence(transfer, code, ret);
}

static void make_result(struct transfer *transfer, CURLcode code, struct ar_http_result *ret)
{
    *ret = (struct ar_http_result){.token = transfer->token};
    ret->seconds_ns = ar_clock_now(ar_clock_system()) - transfer->begun;
    ret->status = status_of(transfer, code);
    if (!ret->status) {
        long number = 0;
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &number);
        ret->response.status = (int)number;
        ret->response.headers =
            (struct ar_headers){transfer->received.items, transfer->received.count};
        ret->status = ar_buf_copy(&transfer->body, transfer->arena, &ret->response.body);
    }
    if (ret->status == ARRAS_NO_MEMORY ||
        (ret->status && !sentence(transfer, ret->status, code, &ret->error))) {
        ret->status = ARRAS_NO_MEMORY;
        ret->error = AR_STR("memory ran out");
    }
}

/* A request that has ended, if there is one. */
static bool take_result(struct ar_http_client *client, struct ar_http_result *ret)
{
    struct transfer *transfer = client->refused;
    CURLcode code = CURLE_OK;
    if (!transfer) {
        int left;
        CURLMsg *message = curl_multi_info_read(client->multi, &left);
        while (message && message->msg != CURLMSG_DONE) {
            message = curl_multi_info_read(client->multi, &left);
        }
        if (!message) {
            return false;
        }
        code = message->data.result;
        char *private = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        transfer = (struct transfer *)(void *)private;
    }
    make_result(transfer, code, ret);
    transfer_end(transfer);
    return true;
}

/* True when woken, or when waiting is impossible. */
static bool wait_for_events(struct ar_http_client *client, int64_t wait)
{
    struct curl_waitfd wake = {.fd = client->wake, .events = CURL_WAIT_POLLIN};
    return curl_multi_poll(client->multi, &wake, 1, (int)milliseconds(wait), NULL) != CURLM_OK ||
           wake.revents != 0;
}

bool ar_http_client_next(struct ar_http_client *client, int64_t wait, struct ar_http_result *ret)
{
    const struct ar_clock *clock = ar_clock_system();
    int64_t now = ar_clock_now(clock);
    int64_t end = wait > INT64_MAX - now ? INT64_MAX : now + wait;
    bool woken = false;
    for (;;) {
        if (take_result(client, ret)) {
            return true;
        }
        int running;
        CURLMcode code = curl_multi_perform(client->multi, &running);
        if (take_result(client, ret)) {
            return true;
        }
        int64_t left = end - ar_clock_now(clock);
        if (woken || code != CURLM_OK || left <= 0) {
            break;
        }
        woken = wait_for_events(client, left);
    }
    if (woken) {
        uint64_t count;
        (void)!read(client->wake, &count, sizeof(count));
    }
    return false;
}

void ar_http_client_wake(struct ar_http_client *client)
{
    int saved = errno;
    uint64_t one = 1;
    (void)!write(client->wake, &one, sizeof(one));
    errno = saved;
}

static void cancel_in(struct transfer *list, const void *token, bool all)
{
    while (list) {
        struct transfer *next = list->next;
        if (all || list->token == token) {
            transfer_end(list);
        }
        list = next;
    }
}

void ar_http_client_cancel(struct ar_http_client *client, void *token)
{
    cancel_in(client->busy, token, false);
    cancel_in(client->refused, token, false);
}

size_t ar_http_client_in_flight(const struct ar_http_client *client)
{
    return client->in_flight;
}

void ar_http_client_free(struct ar_http_client *client)
{
    if (!client) {
        return;
    }
    cancel_in(client->busy, NULL, true);
    cancel_in(client->refused, NULL, true);
    for (struct transfer *next, *transfer = client->resting; transfer; transfer = next) {
        next = transfer->next;
        transfer_free(transfer);
    }
    curl_multi_cleanup(client->multi);
    curl_share_cleanup(client->jar);
    curl_slist_free_all(client->resolve);
    if (client->wake >= 0) {
        close(client->wake);
    }
    free(client->user_agent);
    free(client);
    curl_global_cleanup();
}

static int64_t nanoseconds(double seconds)
{
    double most = (double)INT32_MAX;
    seconds = seconds > 0 ? seconds : AR_CONNECT_SECONDS;
    return (int64_t)((seconds < most ? seconds : most) * (double)AR_SECOND);
}

/* What all requests share, besides connections. One thread uses it, so that no locks are needed. */
static enum arras_status set_shared(struct ar_http_client *client)
{
    if (client->transport->cookies) {
        client->jar = curl_share_init();
        if (!client->jar ||
            curl_share_setopt(client->jar, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE) != CURLSHE_OK) {
            return ARRAS_NO_MEMORY;
        }
    }
    return ar_transport_resolve(client->transport, &client->resolve);
}

enum arras_status ar_http_client_new(const struct ar_http_client_options *options,
                                     struct ar_http_client **ret)
{
    static const struct ar_http_client_options defaults;
    static const struct arras_transport plain;
    options = options ? options : &defaults;
    /* counted, and safe on several threads since libcurl 7.84 */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return ARRAS_NO_MEMORY;
    }
    struct ar_http_client *client = calloc(1, sizeof(*client));
    if (!client) {
        curl_global_cleanup();
        return ARRAS_NO_MEMORY;
    }
    client->transport = options->transport ? options->transport : &plain;
    client->connect_timeout = nanoseconds(client->transport->connect_seconds);
    client->user_agent = strdup(options->user_agent ? options->user_agent : "arras/" ARRAS_VERSION);
    client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    client->multi = curl_multi_init();
    enum arras_status status = client->wake < 0                        ? ARRAS_IO
                               : !client->user_agent || !client->multi ? ARRAS_NO_MEMORY
                                                                       : set_shared(client);
    if (status) {
        ar_http_client_free(client);
        return status;
    }
    curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)AR_CLIENT_CONNECTIONS);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)AR_CLIENT_CONNECTIONS);
    *ret = client;
    return ARRAS_OK;
}
