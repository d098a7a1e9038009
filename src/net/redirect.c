#include "net/redirect.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/uri.h"

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* The methods whose meaning is their content, be it empty. */
static bool carries_content(const struct ar_hop *hop)
{
    return hop->has_body || ar_str_is(hop->method, "POST") || ar_str_is(hop->method, "PUT") ||
           ar_str_is(hop->method, "PATCH");
}

/* The target without its fragment, what a URL cannot hold percent-encoded, as browsers do. */
static enum arras_status resolve(struct arras_str base, struct arras_str location,
                                 struct ar_arena *arena, struct arras_str *ret)
{
    struct ar_buf buf;
    ar_buf_init(&buf, AR_URL_LENGTH);
    location = ar_str_cut(&location, '#');
    for (size_t i = 0; i < location.len; i++) {
        unsigned char c = (unsigned char)location.ptr[i];
        if (c <= ' ' || c >= 0x7F) {
            ar_buf_printf(&buf, "%%%02X", c);
        } else {
            ar_buf_add_char(&buf, (char)c);
        }
    }
    struct arras_str reference;
    enum arras_status status = ar_buf_copy(&buf, arena, &reference);
    ar_buf_release(&buf);
    return status ? status : ar_uri_resolve(base, reference, arena, ret);
}

/* Whether a URL holds one of the values, however it is encoded. A pair of which the value is short
 * counts as a whole: "1" stands in most URLs. */
static enum arras_status holds_secret(struct arras_str url, struct arras_str secrets,
                                      struct ar_arena *arena, bool *ret)
{
    enum { VALUE_LEAST = 4 };
    struct arras_str plain;
    enum arras_status status = ar_uri_decode(url, arena, &plain);
    while (secrets.len > 1 && !status) {
        secrets = ar_str_from(secrets, 1);
        size_t end = ar_str_find_char(secrets, '&', 0);
        struct arras_str pair = ar_str_sub(secrets, 0, end == AR_NOT_FOUND ? secrets.len : end);
        secrets = ar_str_from(secrets, pair.len);
        struct arras_str value = pair, decoded;
        ar_str_cut(&value, '=');
        status = ar_uri_decode(value.len < VALUE_LEAST ? pair : value, arena, &decoded);
        *ret = *ret || (!status && ar_str_find(plain, decoded, 0) != AR_NOT_FOUND);
    }
    return status;
}

/* Why the next hop may not be followed, or NULL. */
static const char *refusal(const struct ar_hop *hop, const struct ar_hop *next,
                           const struct arras_transport *transport)
{
    if (hop->origin.https && !next->origin.https &&
        !ar_origin_allowed_plain(&next->origin, transport)) {
        return "redirects from https to http, which --allow-host http://HOST allows";
    }
    if (!ar_origin_allowed(&next->origin, transport)) {
        return "redirects to a host that is not among those that are allowed";
    }
    if (!next->own && next->has_body && transport->allow_host_count == 0) {
        return "redirects a request with a body to another host, which --allow-host HOST allows";
    }
    return NULL;
}

enum arras_status ar_redirect_next(const struct ar_hop *hop, int status,
                                   const struct ar_headers *headers,
                                   const struct arras_transport *transport, struct ar_arena *arena,
                                   struct ar_hop *ret, bool *ret_follow, const char **ret_why)
{
    const struct arras_str *location = ar_headers_find(headers, "Location");
    bool keeps_method = status == 307 || status == 308;
    *ret_follow = transport->redirects > 0 && !hop->stays && is_redirect(status) && location &&
                  (keeps_method || !carries_content(hop));
    if (!*ret_follow) {
        return ARRAS_OK;
    }
    *ret = *hop;
    ret->count++;
    if (ret->count > transport->redirects || ret->count > AR_REDIRECTS) {
        *ret_why = "redirects more often than is allowed";
        return ARRAS_LIMIT;
    }
    if (status == 303 && !ar_str_is(hop->method, "HEAD")) {
        ret->method = AR_STR("GET");
    }
    enum arras_status made = resolve(hop->url, *location, arena, &ret->url);
    made = made ? made : ar_origin_of(ret->url, &ret->origin);
    if (made == ARRAS_NO_MEMORY) {
        return made;
    }
    if (made) {
        *ret_why = "redirects to what is no http or https URL";
        return ARRAS_INVALID;
    }
    ret->own = hop->own && ar_origin_same(&hop->origin, &ret->origin);
    *ret_why = refusal(hop, ret, transport);
    bool told = false;
    if (!ret->own && !*ret_why && holds_secret(ret->url, hop->secrets, arena, &told)) {
        return ARRAS_NO_MEMORY;
    }
    *ret_why = told ? "redirects to another origin with the credential in its URL" : *ret_why;
    return *ret_why ? ARRAS_INVALID : ARRAS_OK;
}

bool ar_redirect_keeps(const struct ar_hop *hop, struct arras_str header)
{
    static const char *const harmless[] = {"Accept",       "Accept-Encoding",  "Accept-Language",
                                           "Content-Type", "Content-Language", "Content-Encoding",
                                           "User-Agent"};
    if (hop->own) {
        /* a Host of the user's own names the server that was asked first */
        return hop->count == 0 || !ar_str_is_nocase(header, "Host");
    }
    for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
        if (ar_str_is_nocase(header, harmless[i])) {
            return true;
        }
    }
    return false;
}
