#include "net/origin.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/limits.h"
#include "base/uri.h"

/* In lower case, without the dot of a fully qualified name. False: too long or empty. */
static bool set_host(struct ar_origin *origin, struct arras_str host)
{
    if (ar_str_ends(host, ".")) {
        host.len--;
    }
    if (host.len == 0 || host.len >= sizeof(origin->host)) {
        return false;
    }
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        origin->host[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    origin->host[host.len] = '\0';
    return true;
}

static bool take_parts(CURLU *parts, struct ar_origin *ret)
{
    char *scheme = NULL, *host = NULL, *port = NULL;
    bool taken = !curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) &&
                 !curl_url_get(parts, CURLUPART_HOST, &host, 0) &&
                 !curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) &&
                 set_host(ret, ar_str_z(host));
    if (taken) {
        ret->https = strcmp(scheme, "https") == 0;
        ret->port = (unsigned)strtoul(port, NULL, 10);
        taken = ret->https || strcmp(scheme, "http") == 0;
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    return taken;
}

enum arras_status ar_origin_of(struct arras_str url, struct ar_origin *ret)
{
    /* libcurl reads "http:///a" as "http://a" */
    bool has_host = ar_uri_parse(url).authority.len > 0;
    if (!has_host || url.len > AR_URL_LENGTH || ar_str_has_nul(url)) {
        return ARRAS_INVALID;
    }
    char *text = strndup(url.ptr, url.len);
    CURLU *parts = curl_url();
    enum arras_status status = ARRAS_NO_MEMORY;
    if (text && parts) {
        CURLUcode code = curl_url_set(parts, CURLUPART_URL, text, 0);
        status = code == CURLUE_OUT_OF_MEMORY      ? ARRAS_NO_MEMORY
                 : !code && take_parts(parts, ret) ? ARRAS_OK
                                                   : ARRAS_INVALID;
    }
    curl_url_cleanup(parts);
    free(text);
    return status;
}

bool ar_origin_same(const struct ar_origin *a, const struct ar_origin *b)
{
    return a->https == b->https && a->port == b->port && strcmp(a->host, b->host) == 0;
}

/* An allowed host taken apart. */
struct allowed {
    struct arras_str scheme, host;
    bool below;   /* any name below `host`, not itself */
    int64_t port; /* 0: any */
};

static bool read_allowed(const char *pattern, struct allowed *ret)
{
    struct arras_str text = ar_str_z(pattern);
    *ret = (struct allowed){0};
    size_t slashes = ar_str_find(text, AR_STR("://"), 0);
    if (slashes != AR_NOT_FOUND) {
        ret->scheme = ar_str_sub(text, 0, slashes);
        text = ar_str_from(text, slashes + 3);
    }
    size_t colon = ar_str_find_last_char(text, ':');
    size_t bracket = ar_str_find_last_char(text, ']');
    ret->host = text;
    if (colon != AR_NOT_FOUND && (bracket == AR_NOT_FOUND || colon > bracket)) {
        ret->host = ar_str_sub(text, 0, colon);
        if (!ar_str_int(ar_str_from(text, colon + 1), &ret->port) || ret->port < 1 ||
            ret->port > 65535) {
            return false;
        }
    }
    ret->below = ar_str_starts(ret->host, "*.");
    ret->host = ar_str_from(ret->host, ret->below ? 2 : 0);
    if (ar_str_ends(ret->host, ".")) {
        ret->host.len--;
    }
    return ret->host.len > 0;
}

bool ar_allow_host_is_valid(const char *text)
{
    struct allowed allowed;
    bool read = read_allowed(text, &allowed);
    struct arras_str scheme = allowed.scheme, host = allowed.host;
    bool known =
        !scheme.ptr || ar_str_is_nocase(scheme, "http") || ar_str_is_nocase(scheme, "https");
    bool bracketed = ar_str_starts(host, "[") && ar_str_ends(host, "]");
    for (size_t i = 0; read && i < host.len; i++) {
        bool bad = (unsigned char)host.ptr[i] <= ' ' || strchr("/?#@*\\,", host.ptr[i]) ||
                   (!bracketed && strchr(":[]", host.ptr[i]));
        read = !bad;
    }
    return read && known;
}

static bool matches(const struct allowed *allowed, const struct ar_origin *origin)
{
    struct arras_str host = ar_str_z(origin->host);
    if (allowed->scheme.ptr &&
        !ar_str_is_nocase(allowed->scheme, origin->https ? "https" : "http")) {
        return false;
    }
    if (allowed->port && (unsigned)allowed->port != origin->port) {
        return false;
    }
    if (!allowed->below) {
        return ar_str_eq_nocase(allowed->host, host);
    }
    if (host.len < allowed->host.len + 2) {
        return false;
    }
    size_t dot = host.len - allowed->host.len - 1;
    return host.ptr[dot] == '.' && ar_str_eq_nocase(allowed->host, ar_str_from(host, dot + 1));
}

bool ar_origin_allowed(const struct ar_origin *origin, const struct arras_transport *transport)
{
    bool found = transport->allow_host_count == 0;
    for (size_t i = 0; i < transport->allow_host_count && !found; i++) {
        struct allowed allowed;
        found = read_allowed(transport->allow_hosts[i], &allowed) && matches(&allowed, origin);
    }
    return found;
}

bool ar_origin_allowed_plain(const struct ar_origin *origin,
                             const struct arras_transport *transport)
{
    bool found = false;
    for (size_t i = 0; i < transport->allow_host_count && !found; i++) {
        struct allowed allowed;
        found = read_allowed(transport->allow_hosts[i], &allowed) && allowed.scheme.ptr &&
                ar_str_is_nocase(allowed.scheme, "http") && matches(&allowed, origin);
    }
    return found;
}
