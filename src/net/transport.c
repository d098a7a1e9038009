#include "net/transport.h"
#include <stdio.h>
#include <unistd.h>
#include "base/limits.h"
#include "net/origin.h"

static enum arras_status check_file(const char *path, const char *what, struct ar_diags *diags)
{
    if (!path || access(path, R_OK) == 0) {
        return ARRAS_OK;
    }
    return ar_error(diags, ARRAS_INVALID, "transport-file", NULL, 0, "%s '%s' cannot be read", what,
                    path);
}

/* The URL itself is not told: it may hold a password. */
static enum arras_status check_proxy(const char *proxy, struct ar_diags *diags)
{
    static const char *const schemes[] = {"http://",    "https://",  "socks4://",
                                          "socks4a://", "socks5://", "socks5h://"};
    if (!proxy || !*proxy) {
        return ARRAS_OK;
    }
    struct arras_str text = ar_str_z(proxy);
    size_t slashes = ar_str_find(text, AR_STR("://"), 0);
    bool known = slashes == AR_NOT_FOUND; /* HOST:PORT is http */
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes) && !known; i++) {
        known = ar_str_is_nocase(ar_str_sub(text, 0, slashes + 3), schemes[i]);
    }
    if (known && text.len > (slashes == AR_NOT_FOUND ? 0 : slashes + 3)) {
        return ARRAS_OK;
    }
    enum arras_status status = ar_error(diags, ARRAS_INVALID, "proxy", NULL, 0,
                                        "the proxy is not a URL of a kind that is known");
    ar_hint(diags, "give http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT");
    return status;
}

static enum arras_status check_resolve(const struct arras_setting *setting, struct ar_diags *diags)
{
    struct arras_str name = ar_str_z(setting->name);
    size_t colon = ar_str_find_last_char(name, ':');
    int64_t port = 0;
    bool good = colon != AR_NOT_FOUND && colon > 0 && *setting->value &&
                ar_str_int(ar_str_from(name, colon + 1), &port) && port > 0 && port < 65536;
    return good ? ARRAS_OK
                : ar_error(diags, ARRAS_INVALID, "resolve", NULL, 0,
                           "the address '%s:%s' is not of the form HOST:PORT:ADDRESS",
                           setting->name, setting->value);
}

static enum arras_status check_hosts(const struct arras_transport *transport,
                                     struct ar_diags *diags)
{
    for (size_t i = 0; i < transport->allow_host_count; i++) {
        if (!ar_allow_host_is_valid(transport->allow_hosts[i])) {
            enum arras_status status =
                ar_error(diags, ARRAS_INVALID, "allow-host", NULL, 0,
                         "'%s' is no host to be allowed", transport->allow_hosts[i]);
            ar_hint(diags, "give HOST, *.HOST, HOST:PORT or https://HOST");
            return status;
        }
    }
    return ARRAS_OK;
}

enum arras_status ar_transport_check(const struct arras_transport *transport,
                                     struct ar_diags *diags)
{
    if (!transport) {
        return ARRAS_OK;
    }
    enum arras_status status =
        check_file(transport->ca_file, "the file of trusted certificates", diags);
    status = status ? status : check_file(transport->certificate, "the certificate", diags);
    status = status ? status : check_file(transport->key, "the private key", diags);
    if (!status && transport->key && !transport->certificate) {
        status = ar_error(diags, ARRAS_INVALID, "transport-file", NULL, 0,
                          "a private key is given, but no certificate that goes with it");
    }
    status = status ? status : check_proxy(transport->http_proxy, diags);
    status = status ? status : check_proxy(transport->https_proxy, diags);
    for (size_t i = 0; i < transport->resolve.count && !status; i++) {
        status = check_resolve(&transport->resolve.items[i], diags);
    }
    status = status ? status : check_hosts(transport, diags);
    if (!status && transport->insecure) {
        ar_warning(diags, "tls-unverified", NULL, 0,
                   "certificates of servers are NOT verified: whoever sits between can read and "
                   "change everything that is sent, credentials included");
    }
    return status;
}

static CURLcode set_identity(CURL *easy, const char *certificate, const char *key,
                             const char *password)
{
    struct arras_str file = ar_str_z(certificate);
    bool pkcs12 = ar_str_ends(file, ".p12") || ar_str_ends(file, ".pfx");
    CURLcode bad = curl_easy_setopt(easy, CURLOPT_SSLCERT, certificate);
    bad |= curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, pkcs12 ? "P12" : "PEM");
    bad |= curl_easy_setopt(easy, CURLOPT_SSLKEY, key);
    /* an empty one, so that OpenSSL never asks on the terminal */
    bad |= curl_easy_setopt(easy, CURLOPT_KEYPASSWD, certificate && !password ? "" : password);
    return bad;
}

static CURLcode set_login(CURL *easy, const struct ar_http_login *login)
{
    CURLcode bad = curl_easy_setopt(easy, CURLOPT_USERNAME, login ? login->user : NULL);
    bad |= curl_easy_setopt(easy, CURLOPT_PASSWORD, login ? login->password : NULL);
    bad |=
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)(login ? CURLAUTH_DIGEST : CURLAUTH_BASIC));
    return bad;
}

CURLcode ar_transport_set_request(CURL *easy, const struct arras_transport *transport, bool https,
                                  bool own, const struct ar_http_request *request)
{
    const struct ar_http_identity *identity = own ? request->identity : NULL;
    const char *proxy = https ? transport->https_proxy : transport->http_proxy;
    CURLcode bad = curl_easy_setopt(easy, CURLOPT_PROXY, proxy ? proxy : "");
    bad |= set_login(easy, own ? request->login : NULL);
    if (identity) {
        bad |= set_identity(easy, identity->certificate, identity->key, identity->key_password);
    } else if (own) {
        bad |= set_identity(easy, transport->certificate, transport->key, transport->key_password);
    } else {
        bad |= set_identity(easy, NULL, NULL, NULL);
    }
    bool http2 = https && !transport->http1_only;
    bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                            (long)(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    /* wait for a connection that could be shared, where there may be one */
    bad |= curl_easy_setopt(easy, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);
    return bad;
}

CURLcode ar_transport_set(CURL *easy, const struct arras_transport *transport,
                          struct curl_slist *resolve)
{
    /* set even where empty: libcurl would read the environment */
    const char *no_proxy = transport->no_proxy ? transport->no_proxy : "";
    long verify = transport->insecure ? 0L : 1L;
    CURLcode bad = curl_easy_setopt(easy, CURLOPT_NOPROXY, no_proxy);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    bad |= curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, verify);
    bad |= curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, verify ? 2L : 0L);
    if (transport->ca_file) {
        bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, transport->ca_file);
        bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        bad |= curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, transport->ca_file);
        bad |= curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    }
    if (resolve) {
        bad |= curl_easy_setopt(easy, CURLOPT_RESOLVE, resolve);
    }
    if (transport->cookies) {
        bad |= curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
    }
    return bad;
}

enum arras_status ar_transport_resolve(const struct arras_transport *transport,
                                       struct curl_slist **ret)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < transport->resolve.count; i++) {
        const struct arras_setting *setting = &transport->resolve.items[i];
        char *line = NULL;
        struct curl_slist *longer = NULL;
        if (asprintf(&line, "%s:%s", setting->name, setting->value) >= 0) {
            longer = curl_slist_append(list, line);
            free(line);
        }
        if (!longer) {
            curl_slist_free_all(list);
            return ARRAS_NO_MEMORY;
        }
        list = longer;
    }
    *ret = list;
    return ARRAS_OK;
}
