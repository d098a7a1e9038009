#include "net/http_client.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/limits.h"
#include "net/transfer.h"

enum { PEER_SHOWN = 200 }; /* of a URL that names no host */

struct ar_http_client {
    CURLM *multi;
    int wake; /* an eventfd: writing to it is safe in a signal handler */
    struct ar_transfer *busy, *refused, *resting;
    size_t in_flight, resting_count;
    const struct arras_transport *transport;
    struct curl_slist *resolve;
    CURLSH *jar; /* cookies, shared by all handles; NULL: none are kept */
    int64_t connect_timeout;
    char *user_agent;
};

static void list_add(struct ar_transfer **list, struct ar_transfer *transfer)
{
    transfer->next = *list;
    transfer->link = list;
    if (*list) {
        (*list)->link = &transfer->next;
    }
    *list = transfer;
}

static void list_remove(struct ar_transfer *transfer)
{
    *transfer->link = transfer->next;
    if (transfer->next) {
        transfer->next->link = transfer->link;
    }
}

static void transfer_free(struct ar_transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    ar_buf_release(&transfer->body);
    free(transfer);
}

/* What is the same for every request. */
static bool set_constants(struct ar_transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    bad |= ar_transfer_set_receiver(transfer);
    bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, transfer->client->user_agent);
    bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                            ar_milliseconds(transfer->client->connect_timeout));
    bad |= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)AR_CLIENT_IDLE_SECONDS);
    bad |= ar_transport_set(easy, transfer->client->transport, transfer->client->resolve);
    if (transfer->client->jar) {
        bad |= curl_easy_setopt(easy, CURLOPT_SHARE, transfer->client->jar);
    }
    return bad == CURLE_OK;
}

static struct ar_transfer *transfer_new(struct ar_http_client *client)
{
    struct ar_transfer *transfer = calloc(1, sizeof(*transfer));
    if (!transfer) {
        return NULL;
    }
    transfer->client = client;
    size_t limit = client->transport->response_bytes;
    ar_buf_init(&transfer->body, limit ? limit : AR_RESPONSE_SIZE);
    transfer->upload.file = transfer->save.file = -1;
    transfer->easy = curl_easy_init();
    if (!transfer->easy || !set_constants(transfer)) {
        transfer_free(transfer);
        return NULL;
    }
    return transfer;
}

static struct ar_transfer *transfer_take(struct ar_http_client *client)
{
    struct ar_transfer *transfer = client->resting;
    if (!transfer) {
        return transfer_new(client);
    }
    list_remove(transfer);
    client->resting_count--;
    return transfer;
}

/* Out of its list, with nothing kept but the handle. */
static void transfer_rest(struct ar_transfer *transfer)
{
    struct ar_http_client *client = transfer->client;
    if (transfer->added) {
        curl_multi_remove_handle(client->multi, transfer->easy);
    }
    curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(transfer->headers);
    ar_buf_release(&transfer->body);
    ar_upload_release(&transfer->upload);
    ar_save_release(&transfer->save);
    struct ar_transfer clean = {.client = client, .easy = transfer->easy, .body = transfer->body};
    clean.upload = transfer->upload;
    clean.save = transfer->save;
    bool used_up = transfer->request.login != NULL; /* libcurl would remember the challenge */
    *transfer = clean;
    if (used_up || client->resting_count >= AR_CLIENT_HANDLES) {
        transfer_free(transfer);
        return;
    }
    list_add(&client->resting, transfer);
    client->resting_count++;
}

static void transfer_end(struct ar_transfer *transfer)
{
    list_remove(transfer);
    transfer->client->in_flight--;
    transfer_rest(transfer);
}

static void set_peer(struct ar_transfer *transfer)
{
    const struct ar_origin *origin = &transfer->hop.origin;
    snprintf(transfer->peer, sizeof(transfer->peer), "%s:%u", origin->host, origin->port);
}

/* Where it goes, and whether it may: *ret_why where not. */
static enum arras_status check_target(struct ar_transfer *transfer, struct arras_str url,
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
        set_peer(transfer);
        if (!ar_origin_allowed(ret, transfer->client->transport)) {
            *ret_why = "this host is not among those that are allowed";
        }
    }
    return status;
}

/* Sends the hop that the transfer stands at. */
static enum arras_status send_hop(struct ar_transfer *transfer)
{
    struct ar_http_client *client = transfer->client;
    int64_t left = transfer->timeout - (ar_clock_now(ar_clock_system()) - transfer->begun);
    enum arras_status status =
        ar_transfer_set_hop(transfer, client->transport, left > 1 ? left : 1);
    if (!status && curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK) {
        status = ARRAS_NO_MEMORY;
    }
    transfer->added = !status;
    return status;
}

/* Takes in the request, and finds out whether it can be sent at all: transfer->failed. */
static enum arras_status take_request(struct ar_transfer *transfer,
                                      const struct ar_http_request *request)
{
    struct ar_hop *hop = &transfer->hop;
    const struct arras_transport *transport = transfer->client->transport;
    transfer->request = *request;
    *hop = (struct ar_hop){.method = request->method, .url = request->url, .own = true};
    hop->has_body = request->has_body || request->part_count > 0;
    hop->stays = request->stays;
    if (request->secrets_at) {
        hop->secrets = ar_str_from(request->url, request->secrets_at);
    }
    enum arras_status status = check_target(transfer, request->url, &hop->origin, &transfer->why);
    const char *unfit = ar_request_unsendable(request);
    transfer->why = unfit ? unfit : transfer->why;
    transfer->failed = transfer->why ? ARRAS_INVALID : ARRAS_OK;
    if (!status && !transfer->failed && request->save) {
        uint64_t limit = transport->saved_bytes ? transport->saved_bytes : AR_SAVED_SIZE;
        status = ar_save_open(&transfer->save, request->save, limit);
        if (status == ARRAS_IO) {
            ar_transfer_fail(transfer, status, AR_CANNOT_SAVE, strerrordesc_np(errno));
            status = ARRAS_OK;
        }
    }
    return status;
}

enum arras_status ar_http_client_start(struct ar_http_client *client,
                                       const struct ar_http_request *request, int64_t timeout,
                                       struct ar_arena *arena, void *token)
{
    struct ar_transfer *transfer = transfer_take(client);
    if (!transfer) {
        return ARRAS_NO_MEMORY;
    }
    transfer->arena = arena;
    transfer->token = token;
    transfer->begun = ar_clock_now(ar_clock_system());
    transfer->timeout = timeout > 0 ? timeout : AR_REQUEST_SECONDS * AR_SECOND;
    transfer->connect_timeout = client->connect_timeout;
    transfer->error[0] = '\0';
    enum arras_status status = take_request(transfer, request);
    if (!status && !transfer->failed) {
        status = send_hop(transfer);
    }
    if (status) {
        transfer_rest(transfer);
        return status;
    }
    list_add(transfer->failed ? &client->refused : &client->busy, transfer);
    client->in_flight++;
    return ARRAS_OK;
}

/* Forgets the response of a redirect. */
static void forget_response(struct ar_transfer *transfer)
{
    curl_multi_remove_handle(transfer->client->multi, transfer->easy);
    transfer->added = false;
    ar_buf_clear(&transfer->body);
    transfer->received.count = 0;
    transfer->header_size = 0;
    transfer->attempts = 0;
    transfer->headers_done = transfer->body_begun = false;
    transfer->error[0] = '\0';
}

/* True where a transfer that ended well goes on, since its response is a redirect to be followed.
 */
static bool goes_on(struct ar_transfer *transfer)
{
    struct ar_hop next;
    bool follow = false;
    long number = 0;
    const char *why = NULL;
    struct ar_headers headers = {transfer->received.items, transfer->received.count};
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &number);
    enum arras_status status =
        ar_redirect_next(&transfer->hop, (int)number, &headers, transfer->client->transport,
                         transfer->arena, &next, &follow, &why);
    if (!status && !follow) {
        return false;
    }
    if (!status) {
        transfer->hop = next;
        set_peer(transfer);
        forget_response(transfer);
        status = send_hop(transfer);
    }
    if (status) {
        ar_transfer_fail(transfer, status, "%s %s", why);
    }
    return !status;
}

static enum arras_status take_response(struct ar_transfer *transfer, struct ar_http_response *ret)
{
    long number = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &number);
    ret->status = (int)number;
    ret->headers = (struct ar_headers){transfer->received.items, transfer->received.count};
    ret->url = transfer->hop.count ? transfer->hop.url : (struct arras_str){0};
    if (transfer->save.path && number >= 200 && number < 300) {
        ret->saved = transfer->request.save;
        ret->saved_bytes = transfer->save.bytes;
        enum arras_status status = ar_save_finish(&transfer->save);
        if (status) {
            ar_transfer_fail(transfer, status, AR_CANNOT_SAVE, strerrordesc_np(errno));
        }
        return status;
    }
    return ar_buf_copy(&transfer->body, transfer->arena, &ret->body);
}

static void make_result(struct ar_transfer *transfer, CURLcode code, struct ar_http_result *ret)
{
    *ret = (struct ar_http_result){.token = transfer->token};
    ret->seconds_ns = ar_clock_now(ar_clock_system()) - transfer->begun;
    ret->status = ar_transfer_status(transfer, code);
    if (!ret->status) {
        ret->status = take_response(transfer, &ret->response);
    }
    if (ret->status == ARRAS_NO_MEMORY ||
        (ret->status && !ar_transfer_sentence(transfer, ret->status, code, &ret->error))) {
        ret->status = ARRAS_NO_MEMORY;
        ret->error = AR_STR("memory ran out");
    }
}

/* The next transfer that libcurl is done with, NULL: none. */
static struct ar_transfer *take_done(struct ar_http_client *client, CURLcode *ret_code)
{
    int left;
    CURLMsg *message = curl_multi_info_read(client->multi, &left);
    while (message && message->msg != CURLMSG_DONE) {
        message = curl_multi_info_read(client->multi, &left);
    }
    if (!message) {
        return NULL;
    }
    *ret_code = message->data.result;
    char *private = NULL;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
    return (struct ar_transfer *)(void *)private;
}

/* A request that has ended, if there is one. */
static bool take_result(struct ar_http_client *client, struct ar_http_result *ret)
{
    struct ar_transfer *transfer = client->refused;
    CURLcode code = CURLE_OK;
    while (!transfer) {
        transfer = take_done(client, &code);
        if (!transfer) {
            return false;
        }
        if (!ar_transfer_status(transfer, code) && goes_on(transfer)) {
            transfer = NULL;
        }
    }
    make_result(transfer, code, ret);
    transfer_end(transfer);
    return true;
}

/* True when woken, or when waiting is impossible. */
static bool wait_for_events(struct ar_http_client *client, int64_t wait)
{
    struct curl_waitfd wake = {.fd = client->wake, .events = CURL_WAIT_POLLIN};
    return curl_multi_poll(client->multi, &wake, 1, (int)ar_milliseconds(wait), NULL) != CURLM_OK ||
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

static void cancel_in(struct ar_transfer *list, const void *token, bool all)
{
    while (list) {
        struct ar_transfer *next = list->next;
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
    for (struct ar_transfer *next, *transfer = client->resting; transfer; transfer = next) {
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
