/* What became of a transfer, in words. */
#include <stdio.h>
#include "base/clock.h"
#include "base/limits.h"
#include "net/transfer.h"

enum arras_status ar_transfer_status(const struct ar_transfer *transfer, CURLcode code)
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
static const char *detail(struct ar_transfer *transfer, CURLcode code, char *out, size_t size)
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

/* The formats are those of this folder: two %s. */
static bool print(struct ar_transfer *transfer, const char *format, const char *why,
                  struct arras_str *ret)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
    return ar_str_printf(transfer->arena, ret, format, transfer->peer, why);
#pragma GCC diagnostic pop
}

/* Whether it was the certificate of an https proxy that was refused, not the server's. */
static bool proxy_is_unverified(const struct ar_transfer *transfer)
{
    long refused = 0;
    return !curl_easy_getinfo(transfer->easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &refused) && refused;
}

static bool network_sentence(struct ar_transfer *transfer, CURLcode code, struct arras_str *ret)
{
    char words[CURL_ERROR_SIZE];
    const char *why = detail(transfer, code, words, sizeof(words));
    const char *format = "the connection to %s broke (%s)";
    if (transfer->failed) { /* on_attempt */
        format = "the connection to %s broke before any answer (not sent again: the request may "
                 "have taken effect)";
    } else if (code == CURLE_COULDNT_RESOLVE_HOST) {
        format = "cannot find the address of %s (%s)";
    } else if (code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY) {
        format = "cannot reach %s through the proxy (%s)";
    } else if (code == CURLE_COULDNT_CONNECT) {
        format = "cannot connect to %s (%s)";
    } else if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
               code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CIPHER) {
        format = proxy_is_unverified(transfer)
                     ? "no secure connection to the proxy on the way to %s (%s)"
                     : "no secure connection to %s (%s)";
    } else if (code == CURLE_UNSUPPORTED_PROTOCOL) {
        format = "%s does not answer in HTTP (%s)";
    } else if (code == CURLE_BAD_CONTENT_ENCODING || code == CURLE_WEIRD_SERVER_REPLY) {
        format = "%s sent a response that cannot be read (%s)";
    }
    return print(transfer, format, why, ret);
}

bool ar_transfer_sentence(struct ar_transfer *transfer, enum arras_status status, CURLcode code,
                          struct arras_str *ret)
{
    struct ar_arena *arena = transfer->arena;
    if (transfer->format) {
        return print(transfer, transfer->format, transfer->why, ret);
    }
    if (status == ARRAS_TIMEOUT && transfer->attempts == 0) {
        int64_t most = transfer->connect_timeout;
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
