#include "drive/fetch.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/uri.h"
#include "drive/fetch_cache.h"
#include "net/origin.h"
#include "net/transport.h"
#include <openssl/evp.h>

#define ACCEPT                                                                                     \
    "application/vnd.oai.openapi+json, application/vnd.oai.openapi, application/json, "            \
    "application/yaml, text/yaml;q=0.9, */*;q=0.5"

/* How long to wait before the interrupt flag is looked at again. */
#define SLICE (100 * AR_MILLISECOND)

/* Scheme, host and port that may be asked. */
struct origin {
    struct ar_origin origin;
    struct arras_str authorization; /* "Basic ..." where the URL had a user; else empty */
};

/* What a URL gave: a text, or why there is none. */
struct answer {
    struct arras_str asked;
    enum arras_status status;
    const char *code;
    struct arras_str message, hint;
    struct ar_fetched fetched;
};

struct ar_fetcher {
    struct ar_fetcher_options options;
    struct arras_transport transport;
    struct ar_fetch fetch;
    struct ar_arena *arena;
    struct ar_http_client *client; /* made when it is first needed */
    bool closed;
    size_t requests;
    int64_t until; /* of the clock */
    AR_VEC(struct origin) origins;
    AR_VEC(struct answer *) answers;
};

/* One document on its way. */
struct trip {
    struct ar_fetcher *fetcher;
    struct answer *answer;
    struct ar_diags *diags;
    struct ar_asker asker;
    struct arras_str url; /* that is asked now */
    struct arras_str authorization;
    bool private; /* the answer may be for who asks only: nothing is kept on disk */
    struct ar_cached cached;
    bool is_cached;
};

static enum arras_status no_text(struct answer *answer, struct ar_arena *arena,
                                 enum arras_status status, const char *code, const char *format,
                                 ...) __attribute__((format(printf, 5, 6)));

static enum arras_status no_text(struct answer *answer, struct ar_arena *arena,
                                 enum arras_status status, const char *code, const char *format,
                                 ...)
{
    va_list args;
    va_start(args, format);
    bool made = ar_str_vprintf(arena, &answer->message, format, args);
    va_end(args);
    answer->status = status;
    answer->code = code;
    return made ? status : ARRAS_NO_MEMORY;
}

static struct origin *find_origin(const struct ar_fetcher *fetcher, struct arras_str url)
{
    struct ar_origin wanted;
    bool known = ar_uri_is_web(url) && !ar_origin_of(url, &wanted);
    for (size_t i = 0; known && i < fetcher->origins.count; i++) {
        struct origin *origin = &fetcher->origins.items[i];
        if (ar_origin_same(&origin->origin, &wanted)) {
            return origin;
        }
    }
    return NULL;
}

static enum arras_status basic(struct arras_str user, struct ar_arena *arena, struct arras_str *ret)
{
    struct arras_str plain;
    enum arras_status status = ar_uri_decode(user, arena, &plain);
    char *encoded = status || plain.len > AR_URL_LENGTH
                        ? NULL
                        : ar_arena_raw(arena, 4 * ((plain.len + 2) / 3) + 1, 1);
    if (!encoded) {
        return ARRAS_NO_MEMORY;
    }
    EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)plain.ptr, (int)plain.len);
    return ar_str_printf(arena, ret, "Basic %s", encoded) ? ARRAS_OK : ARRAS_NO_MEMORY;
}

/* The URL without fragment, and without the user, whose password nobody is to see. */
static enum arras_status clean(struct arras_str url, struct ar_arena *arena, struct arras_str *ret,
                               struct arras_str *ret_user)
{
    struct ar_uri uri = ar_uri_parse(url);
    size_t at = ar_str_find_last_char(uri.authority, '@');
    *ret_user = at == AR_NOT_FOUND ? AR_STR("") : ar_str_sub(uri.authority, 0, at);
    struct arras_str host = at == AR_NOT_FOUND ? uri.authority : ar_str_from(uri.authority, at + 1);
    return ar_str_printf(arena, ret, "%.*s://%.*s%.*s%s%.*s", AR_STR_ARG(uri.scheme),
                         AR_STR_ARG(host), AR_STR_ARG(uri.path.len ? uri.path : AR_STR("/")),
                         uri.has_query ? "?" : "", AR_STR_ARG(uri.query))
               ? ARRAS_OK
               : ARRAS_NO_MEMORY;
}

static enum arras_status add_origin(struct ar_fetcher *fetcher, struct arras_str url,
                                    struct arras_str user)
{
    struct origin *origin = find_origin(fetcher, url), fresh = {0};
    if (!origin) {
        enum arras_status status = ar_origin_of(url, &fresh.origin);
        if (status) { /* asking for it will tell what is wrong with it */
            return status == ARRAS_INVALID ? ARRAS_OK : status;
        }
        if (!ar_vec_push(fetcher->arena, &fetcher->origins, fresh)) {
            return ARRAS_NO_MEMORY;
        }
        origin = &fetcher->origins.items[fetcher->origins.count - 1];
    }
    return user.len ? basic(user, fetcher->arena, &origin->authorization) : ARRAS_OK;
}

enum arras_status ar_fetcher_allow(struct ar_fetcher *fetcher, struct arras_str url)
{
    struct arras_str own, user;
    if (!ar_uri_is_web(url)) {
        return ARRAS_OK;
    }
    enum arras_status status = clean(url, fetcher->arena, &own, &user);
    return status ? status : add_origin(fetcher, own, user);
}

static bool may(void *context, struct arras_str url)
{
    const struct ar_fetcher *fetcher = context;
    return ar_uri_is_web(url) && (fetcher->options.all || find_origin(fetcher, url));
}

static enum arras_status refuse(struct trip *trip, struct arras_str url)
{
    struct answer *answer = trip->answer;
    bool redirected = !ar_str_eq(answer->asked, url);
    enum arras_status status =
        no_text(answer, trip->fetcher->arena, ARRAS_UNSUPPORTED, "remote-document",
                "'%.*s'%s%.*s is not read: nobody allowed to read from there by HTTP",
                AR_STR_ARG(answer->asked), redirected ? ", which leads to " : "",
                AR_STR_ARG(redirected ? url : AR_STR("")));
    answer->hint = AR_STR("allow it with --allow-remote, or save it as a file and name that");
    return status;
}

static bool is_same_host(struct arras_str a, struct arras_str b)
{
    struct ar_origin first, second;
    return !ar_origin_of(a, &first) && !ar_origin_of(b, &second) &&
           strcmp(first.host, second.host) == 0;
}

/* To another origin only where all may be read, but for the same host by https. */
static enum arras_status redirect(struct trip *trip, struct arras_str location)
{
    struct arras_str to, user;
    enum arras_status status = ar_uri_resolve(trip->url, location, trip->fetcher->arena, &to);
    if (!status && !ar_uri_is_web(to)) {
        return no_text(trip->answer, trip->fetcher->arena, ARRAS_NETWORK, "remote-document",
                       "'%.*s' leads to '%.*s', which is not http or https", AR_STR_ARG(trip->url),
                       AR_STR_ARG(to));
    }
    status = status ? status : clean(to, trip->fetcher->arena, &to, &user);
    if (status) {
        return status;
    }
    struct ar_uri from = ar_uri_parse(trip->url), target = ar_uri_parse(to);
    bool safe = ar_str_is_nocase(target.scheme, "https");
    if (!safe && ar_str_is_nocase(from.scheme, "https")) {
        return no_text(trip->answer, trip->fetcher->arena, ARRAS_NETWORK, "remote-document",
                       "'%.*s' leads from https to http", AR_STR_ARG(trip->answer->asked));
    }
    if (!may(trip->fetcher, to)) {
        if (!safe || !is_same_host(trip->url, to)) {
            return refuse(trip, to);
        }
        status = add_origin(trip->fetcher, to, AR_STR(""));
    }
    trip->url = to;
    return status;
}

static enum arras_format format_of(struct arras_str type, struct arras_str url)
{
    struct arras_str path = ar_uri_parse(url).path, media = ar_str_trim(ar_str_cut(&type, ';'));
    bool json = ar_str_ends(path, ".json");
    bool yaml = ar_str_ends(path, ".yaml") || ar_str_ends(path, ".yml");
    json = json || ar_str_ends(media, "/json") || ar_str_ends(media, "+json");
    yaml = yaml || ar_str_ends(media, "yaml");
    return json == yaml ? ARRAS_FORMAT_GUESS : json ? ARRAS_FORMAT_JSON : ARRAS_FORMAT_YAML;
}

static void arrive(struct trip *trip, struct arras_str type, struct arras_str text)
{
    trip->answer->fetched = (struct ar_fetched){trip->url, text, format_of(type, trip->url)};
}

static struct arras_str header(const struct ar_http_response *response, const char *name)
{
    const struct arras_str *value = ar_headers_find(&response->headers, name);
    return value ? *value : AR_STR("");
}

/* RFC 9111 section 3: not what must not be stored, nor what only some may see. */
static void keep(const struct trip *trip, const struct ar_http_response *response)
{
    const char *folder = trip->fetcher->options.cache_folder;
    struct arras_str control = header(response, "Cache-Control");
    bool leads_on = response->status != 200, no_store = trip->private;
    struct ar_cached cached = {.etag = header(response, "ETag"),
                               .modified = header(response, "Last-Modified"),
                               .type = header(response, "Content-Type"),
                               .body = response->body};
    while (control.len) {
        no_store = no_store || ar_str_is_nocase(ar_str_trim(ar_str_cut(&control, ',')), "no-store");
    }
    if (leads_on) {
        cached = (struct ar_cached){.location = header(response, "Location")};
    }
    if (no_store || !(cached.etag.len || cached.modified.len || leads_on)) {
        ar_cache_remove(folder, trip->url);
    } else {
        ar_cache_write(folder, trip->url, &cached);
    }
}

static enum arras_status make_client(struct trip *trip)
{
    struct ar_fetcher *fetcher = trip->fetcher;
    struct ar_http_client_options options = {.transport = &fetcher->transport};
    struct ar_diags diags;
    if (fetcher->client) {
        return ARRAS_OK;
    }
    ar_diags_init(&diags, fetcher->arena);
    enum arras_status status = ar_transport_check(&fetcher->transport, &diags);
    const struct arras_diag *error = ar_diags_first_error(&diags);
    if (status && error) {
        return no_text(trip->answer, fetcher->arena, status, error->code, "%.*s",
                       AR_STR_ARG(error->message));
    }
    fetcher->until = ar_clock_now(ar_clock_system()) + AR_FETCH_SECONDS * AR_SECOND;
    return status ? status : ar_http_client_new(&options, &fetcher->client);
}

/* The result is that of the client, or of a limit. */
static enum arras_status exchange(struct trip *trip, const struct ar_http_request *request,
                                  struct ar_http_result *ret)
{
    struct ar_fetcher *fetcher = trip->fetcher;
    enum arras_status status = make_client(trip);
    int64_t left = fetcher->until - ar_clock_now(ar_clock_system());
    if (!status && (left <= 0 || fetcher->requests++ >= AR_FETCH_COUNT)) {
        return no_text(trip->answer, fetcher->arena, ARRAS_LIMIT, "remote-limit",
                       "'%.*s' is not read: reading by HTTP took %d documents or %d seconds "
                       "already",
                       AR_STR_ARG(trip->answer->asked), AR_FETCH_COUNT, AR_FETCH_SECONDS);
    }
    int64_t most = (int64_t)AR_REQUEST_SECONDS * AR_SECOND;
    status = status ? status
                    : ar_http_client_start(fetcher->client, request, left < most ? left : most,
                                           fetcher->arena, trip);
    const volatile int *interrupted = fetcher->options.interrupted;
    while (!status && !ar_http_client_next(fetcher->client, SLICE, ret)) {
        if (interrupted && *interrupted) {
            ar_http_client_cancel(fetcher->client, trip);
            status = no_text(trip->answer, fetcher->arena, ARRAS_INTERRUPTED, "interrupted",
                             "reading '%.*s' was interrupted", AR_STR_ARG(trip->answer->asked));
        }
    }
    return status;
}

static enum arras_status ask(struct trip *trip, struct ar_http_result *ret)
{
    struct ar_header headers[4] = {{AR_STR("Accept"), AR_STR(ACCEPT)}};
    size_t count = 1;
    if (trip->authorization.len) {
        headers[count++] = (struct ar_header){AR_STR("Authorization"), trip->authorization};
    }
    if (trip->is_cached && trip->cached.etag.len) {
        headers[count++] = (struct ar_header){AR_STR("If-None-Match"), trip->cached.etag};
    }
    if (trip->is_cached && trip->cached.modified.len) {
        headers[count++] = (struct ar_header){AR_STR("If-Modified-Since"), trip->cached.modified};
    }
    struct ar_http_request request = {
        .method = AR_STR("GET"), .url = trip->url, .headers = {headers, count}};
    return exchange(trip, &request, ret);
}

/* The server cannot be asked: what it said last, with a warning. */
static enum arras_status without_server(struct trip *trip, const struct ar_http_result *result)
{
    bool unreachable = result->status == ARRAS_NETWORK || result->status == ARRAS_TIMEOUT;
    if (!unreachable || !trip->is_cached) {
        return no_text(trip->answer, trip->fetcher->arena,
                       result->status == ARRAS_NO_MEMORY ? ARRAS_NO_MEMORY : ARRAS_NETWORK,
                       "remote-document", "'%.*s' cannot be read: %.*s",
                       AR_STR_ARG(trip->answer->asked), AR_STR_ARG(result->error));
    }
    ar_warning(trip->diags, "source-stale", trip->asker.source, trip->asker.at,
               "'%.*s' cannot be read (%.*s); the copy that was kept of it is taken",
               AR_STR_ARG(trip->answer->asked), AR_STR_ARG(result->error));
    ar_hint(trip->diags, "it may be out of date");
    arrive(trip, trip->cached.type, trip->cached.body);
    return ARRAS_OK;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* One request; *ret_done: there is a text. */
static enum arras_status hop(struct trip *trip, bool *ret_done)
{
    struct ar_fetcher *fetcher = trip->fetcher;
    const struct origin *origin = find_origin(fetcher, trip->url);
    struct ar_http_result result = {0};
    trip->authorization = origin ? origin->authorization : AR_STR("");
    trip->private = trip->authorization.len || fetcher->transport.certificate;
    trip->is_cached = !trip->private && ar_cache_read(fetcher->options.cache_folder, trip->url,
                                                      fetcher->arena, &trip->cached);
    bool leads_on = trip->is_cached && trip->cached.location.len; /* of use without a server only */
    trip->is_cached = trip->is_cached && !leads_on;
    enum arras_status status = ask(trip, &result);
    const struct ar_http_response *response = &result.response;
    struct arras_str location = status || result.status ? AR_STR("") : header(response, "Location");
    if (status) {
        return status;
    }
    if (leads_on && (result.status == ARRAS_NETWORK || result.status == ARRAS_TIMEOUT)) {
        return redirect(trip, trip->cached.location);
    }
    if (!result.status && is_redirect(response->status) && location.len) {
        keep(trip, response);
        return redirect(trip, location);
    }
    *ret_done = true;
    if (result.status) {
        return without_server(trip, &result);
    }
    if (response->status == 304 && trip->is_cached) {
        arrive(trip, trip->cached.type, trip->cached.body);
        return ARRAS_OK;
    }
    if (response->status != 200) {
        return no_text(trip->answer, fetcher->arena, ARRAS_NETWORK, "remote-document",
                       "'%.*s' cannot be read: the server answers %d",
                       AR_STR_ARG(trip->answer->asked), response->status);
    }
    arrive(trip, header(response, "Content-Type"), response->body);
    keep(trip, response);
    return ARRAS_OK;
}

static enum arras_status travel(struct trip *trip)
{
    bool done = false;
    enum arras_status status = ARRAS_OK;
    for (int hops = 0; !done && !status && hops <= AR_REDIRECTS; hops++) {
        status = hop(trip, &done);
    }
    return done || status
               ? status
               : no_text(trip->answer, trip->fetcher->arena, ARRAS_NETWORK, "remote-document",
                         "'%.*s' leads through more than %d redirects",
                         AR_STR_ARG(trip->answer->asked), AR_REDIRECTS);
}

static struct answer *find_answer(const struct ar_fetcher *fetcher, struct arras_str url)
{
    for (size_t i = 0; i < fetcher->answers.count; i++) {
        struct answer *answer = fetcher->answers.items[i];
        if (ar_str_eq(answer->asked, url) ||
            (!answer->status && ar_str_eq(answer->fetched.url, url))) {
            return answer;
        }
    }
    return NULL;
}

/* Finds or makes the answer; its status tells of it. */
static enum arras_status find_or_fetch(struct ar_fetcher *fetcher, struct arras_str url,
                                       struct ar_asker asker, struct ar_diags *diags,
                                       struct answer **ret)
{
    struct arras_str own, user;
    enum arras_status status = clean(url, fetcher->arena, &own, &user);
    *ret = status ? NULL : find_answer(fetcher, own);
    if (status || *ret) {
        return status;
    }
    struct answer *answer = ar_new(fetcher->arena, struct answer);
    struct trip trip = {
        .fetcher = fetcher, .answer = answer, .diags = diags, .asker = asker, .url = own};
    if (!answer || !ar_vec_push(fetcher->arena, &fetcher->answers, answer)) {
        return ARRAS_NO_MEMORY;
    }
    *ret = answer;
    answer->asked = own;
    if (!may(fetcher, own)) {
        status = refuse(&trip, own);
    } else if (fetcher->closed) {
        status = no_text(answer, fetcher->arena, ARRAS_NETWORK, "remote-document",
                         "'%.*s' was not read when the document was loaded", AR_STR_ARG(own));
    } else {
        status = user.len ? add_origin(fetcher, own, user) : ARRAS_OK;
        status = status ? status : travel(&trip);
    }
    answer->status = status;
    return status == ARRAS_NO_MEMORY ? status : ARRAS_OK;
}

static enum arras_status get(void *context, struct arras_str url, struct ar_asker asker,
                             struct ar_diags *diags, struct ar_fetched *ret)
{
    struct answer *answer = NULL;
    if (find_or_fetch(context, url, asker, diags, &answer)) {
        return ar_no_memory(diags);
    }
    if (answer->status) {
        ar_error(diags, answer->status, answer->code, asker.source, asker.at, "%.*s",
                 AR_STR_ARG(answer->message));
        if (answer->hint.len) {
            ar_hint(diags, "%.*s", AR_STR_ARG(answer->hint));
        }
        return answer->status;
    }
    *ret = answer->fetched;
    return ARRAS_OK;
}

enum arras_status ar_fetcher_new(const struct ar_fetcher_options *options, struct ar_arena *arena,
                                 struct ar_fetcher **ret)
{
    struct ar_fetcher *fetcher = ar_new(arena, struct ar_fetcher);
    if (!fetcher) {
        return ARRAS_NO_MEMORY;
    }
    fetcher->options = *options;
    if (options->transport) {
        fetcher->transport = *options->transport;
    }
    fetcher->transport.response_bytes = AR_DOCUMENT_SIZE;
    fetcher->transport.cookies = false;
    fetcher->transport.redirects = 0; /* they are looked at here */
    fetcher->arena = arena;
    fetcher->fetch = (struct ar_fetch){get, may, fetcher};
    *ret = fetcher;
    return ARRAS_OK;
}

void ar_fetcher_close(struct ar_fetcher *fetcher)
{
    if (fetcher && fetcher->client) {
        ar_http_client_free(fetcher->client);
        fetcher->client = NULL;
    }
    if (fetcher) {
        fetcher->closed = true;
    }
}

const struct ar_fetch *ar_fetcher_fetch(const struct ar_fetcher *fetcher)
{
    return &fetcher->fetch;
}
