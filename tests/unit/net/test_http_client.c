/* The HTTP client against a scripted server: what goes over the wire, how each kind of end is told.
 */
#include "unit/harness.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "net/http_client.h"
#include "net/origin.h"
#include "script_server.h"

#define ANSWER(text) "HTTP/1.1 200 OK\r\nContent-Length: " text

struct fixture {
    struct script_server server;
    struct arras_transport transport;
    struct ar_http_client *client;
    struct ar_arena arena;
    char url[64];
};

static void open_fixture(struct fixture *f, const struct script_answer *answers, size_t count,
                         size_t response_limit)
{
    *f = (struct fixture){0};
    script_start(&f->server, answers, count);
    f->transport.response_bytes = response_limit;
    struct ar_http_client_options options = {.transport = &f->transport, .user_agent = "test"};
    assert_int_equal(ar_http_client_new(&options, &f->client), ARRAS_OK);
    ar_arena_init(&f->arena, 0);
    snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%u/a", (unsigned)f->server.port);
}

static void close_fixture(struct fixture *f)
{
    ar_http_client_free(f->client);
    script_stop(&f->server);
    ar_arena_release(&f->arena);
}

static struct ar_http_request get(struct fixture *f)
{
    return (struct ar_http_request){.method = AR_STR("GET"), .url = ar_str_z(f->url)};
}

static void start(struct fixture *f, const struct ar_http_request *request, int64_t timeout,
                  void *token)
{
    assert_int_equal(ar_http_client_start(f->client, request, timeout, &f->arena, token), ARRAS_OK);
}

static struct ar_http_result fetch(struct fixture *f, const struct ar_http_request *request,
                                   int64_t timeout)
{
    struct ar_http_result result;
    start(f, request, timeout, f);
    assert_true(ar_http_client_next(f->client, 20 * AR_SECOND, &result));
    assert_ptr_equal(result.token, f);
    assert_int_equal(ar_http_client_in_flight(f->client), 0);
    return result;
}

/* The error with the server's port written as PORT. */
static struct arras_str without_port(struct fixture *f, struct arras_str error)
{
    char port[8];
    snprintf(port, sizeof(port), "%u", (unsigned)f->server.port);
    size_t at = ar_str_find(error, ar_str_z(port), 0);
    assert_true(at != AR_NOT_FOUND);
    struct arras_str ret;
    assert_true(ar_str_printf(&f->arena, &ret, "%.*sPORT%.*s", (int)at, error.ptr,
                              AR_STR_ARG(ar_str_from(error, at + strlen(port)))));
    return ret;
}

static void request_goes_out_byte_for_byte(void **state)
{
    (void)state;
    static const struct script_answer answers[] = {{ANSWER("2\r\nX-One: a\r\n\r\n{}"), 0, 0}};
    struct fixture f;
    open_fixture(&f, answers, 1, 0);
    struct ar_header headers[] = {{AR_STR("X-B"), AR_STR("2")},
                                  {AR_STR("Content-Length"), AR_STR("999")},
                                  {AR_STR("X-Empty"), AR_STR("")},
                                  {AR_STR("X-A"), AR_STR("1, \"x\"")}};
    struct ar_http_request request = {
        .method = AR_STR("POST"), .headers = {headers, 4}, .body = {"a\0b", 3}, .has_body = true};
    assert_true(ar_str_printf(&f.arena, &request.url, "http://127.0.0.1:%u/x/../%%7Ey//z?q='a'",
                              (unsigned)f.server.port));
    struct ar_http_result result = fetch(&f, &request, 0);
    assert_int_equal(result.status, ARRAS_OK);
    assert_int_equal(result.response.status, 200);
    assert_str(result.response.body, "{}");
    assert_str(*ar_headers_find(&result.response.headers, "x-one"), "a");
    assert_true(result.seconds_ns > 0);

    struct arras_str seen = ar_buf_str(&f.server.seen);
    assert_true(ar_str_starts(seen, "POST /x/../%7Ey//z?q='a' HTTP/1.1\r\nHost: 127.0.0.1:"));
    assert_true(ar_str_find(seen, AR_STR("\r\nUser-Agent: test\r\n"), 0) != AR_NOT_FOUND);
    size_t own = ar_str_find(seen, AR_STR("\r\nX-B: 2\r\nX-Empty:\r\nX-A: 1, \"x\"\r\n"), 0);
    assert_true(own != AR_NOT_FOUND);
    assert_true(ar_str_find(seen, AR_STR("\r\nContent-Length: 3\r\n"), 0) != AR_NOT_FOUND);
    assert_true(ar_str_find(seen, AR_STR("\r\nAccept:"), 0) == AR_NOT_FOUND);
    assert_true(ar_str_find(seen, AR_STR("\r\nContent-Type:"), 0) == AR_NOT_FOUND);
    assert_true(ar_str_find(seen, AR_STR("\r\nExpect:"), 0) == AR_NOT_FOUND);
    assert_memory_equal(seen.ptr + seen.len - 5,
                        "\r\n"
                        "a\0b",
                        5);
    close_fixture(&f);
}

static void methods_have_the_bodies_they_should(void **state)
{
    (void)state;
    static const struct {
        const char *method, *body, *wanted;
    } cases[] = {{"DELETE", NULL, NULL},
                 {"DELETE", "x", "Content-Length: 1\r\n"},
                 {"GET", "", "Content-Length: 0\r\n"},
                 {"POST", NULL, "Content-Length: 0\r\n"},
                 {"PATCH", "yy", "Content-Length: 2\r\n"},
                 {"QUERY", "q", "Content-Length: 1\r\n"},
                 {"OPTIONS", NULL, NULL}};
    static const struct script_answer answers[] = {{"HTTP/1.1 204 No Content\r\n\r\n", 0, 0}};
    struct fixture f;
    open_fixture(&f, answers, 1, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct ar_http_request request = get(&f);
        request.method = ar_str_z(cases[i].method);
        request.body = ar_str_z(cases[i].body);
        request.has_body = cases[i].body != NULL;
        size_t before = f.server.seen.len;
        struct ar_http_result result = fetch(&f, &request, 0);
        assert_int_equal(result.response.status, 204);
        struct arras_str seen = ar_str_from(ar_buf_str(&f.server.seen), before);
        assert_true(ar_str_starts(seen, cases[i].method));
        const char *wanted = cases[i].wanted ? cases[i].wanted : "Content-Length";
        bool there = ar_str_find(seen, ar_str_z(wanted), 0) != AR_NOT_FOUND;
        assert_true(there == (cases[i].wanted != NULL));
        assert_true(ar_str_ends(seen, cases[i].body ? cases[i].body : "\r\n\r\n"));
    }
    assert_int_equal(f.server.connection_count, 1); /* kept and reused */
    close_fixture(&f);
}

static void head_has_headers_and_no_body(void **state)
{
    (void)state;
    static const struct script_answer answers[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", 0, 0}};
    struct fixture f;
    open_fixture(&f, answers, 1, 0);
    struct ar_http_request request = get(&f);
    request.method = AR_STR("HEAD");
    struct ar_http_result result = fetch(&f, &request, 2 * AR_SECOND);
    assert_int_equal(result.status, ARRAS_OK);
    assert_str(*ar_headers_find(&result.response.headers, "Content-Length"), "10");
    assert_int_equal(result.response.body.len, 0);
    close_fixture(&f);
}

static void responses_are_read_whole(void **state)
{
    (void)state;
    /* "hello, hello, hello" by gzip */
    static const char gzipped[] =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 29\r\n\r\n"
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xd7"
        "\x51\xc8\x40\xa2\x00\x9f\xa1\xca\x09\x13\x00\x00\x00";
    static const struct script_answer answers[] = {
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: "
         "y\r\n\r\n3\r\nabc\r\n2;e=1\r\nde\r\n0\r\n"
         "X-Trailer: late\r\n\r\n",
         0, 0},
        {"HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 404 No\r\nX-Folded: a\r\n"
         "  b\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 3\r\n\r\nno!",
         0, 0},
        {"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", 0, 0},
        {gzipped, sizeof(gzipped) - 1, 0},
        {ANSWER("3\r\n\r\n\0\xff\0"), sizeof(ANSWER("3\r\n\r\n\0\xff\0")) - 1, 0},
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", 0, SCRIPT_CLOSE}};
    struct fixture f;
    open_fixture(&f, answers, 6, 0);
    struct ar_http_request request = get(&f);

    struct ar_http_result result = fetch(&f, &request, 0);
    assert_str(result.response.body, "abcde");
    assert_null(ar_headers_find(&result.response.headers, "X-Trailer"));

    result = fetch(&f, &request, 0);
    assert_int_equal(result.response.status, 404);
    assert_null(ar_headers_find(&result.response.headers, "X-Early"));
    assert_str(*ar_headers_find(&result.response.headers, "X-Folded"), "a b");
    assert_int_equal(result.response.headers.count, 4);
    assert_str(result.response.headers.items[2].value, "b=2");
    assert_str(result.response.body, "no!");

    result = fetch(&f, &request, 0);
    assert_int_equal(result.response.status, 302);
    assert_str(*ar_headers_find(&result.response.headers, "location"), "/elsewhere");

    result = fetch(&f, &request, 0);
    assert_int_equal(result.status, ARRAS_OK);
    assert_str(result.response.body, "hello, hello, hello");

    result = fetch(&f, &request, 0);
    assert_int_equal(result.response.body.len, 3);
    assert_memory_equal(result.response.body.ptr, "\0\xff", 3);

    result = fetch(&f, &request, 0);
    assert_str(result.response.body, "until the end");
    assert_int_equal(f.server.request_count, 6); /* the redirect was not followed */
    close_fixture(&f);
}

static void refused_connection_is_a_network_error(void **state)
{
    (void)state;
    struct fixture f;
    static const struct script_answer answers[] = {{"", 0, SCRIPT_CLOSE}};
    open_fixture(&f, answers, 1, 0);
    /* a port that is bound but not listened on refuses */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof(address);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    char url[64], wanted[96];
    snprintf(url, sizeof(url), "http://u:p@127.0.0.1:%u/", ntohs(address.sin_port));
    snprintf(wanted, sizeof(wanted), "cannot connect to 127.0.0.1:%u (connection refused)",
             ntohs(address.sin_port));
    struct ar_http_request request = {.method = AR_STR("GET"), .url = ar_str_z(url)};
    struct ar_http_result result = fetch(&f, &request, 0);
    assert_int_equal(result.status, ARRAS_NETWORK);
    assert_true(ar_str_is(result.error, wanted));
    close(fd);

    request.url = AR_STR("http://nowhere.invalid/");
    result = fetch(&f, &request, 0);
    assert_int_equal(result.status, ARRAS_NETWORK);
    assert_true(ar_str_starts(result.error, "cannot find the address of nowhere.invalid:80 ("));
    close_fixture(&f);
}

static void broken_connections_are_network_errors(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *error;
    } cases[] = {
        {"", "the connection to 127.0.0.1:PORT broke (empty reply from server)"},
        {ANSWER("10\r\n\r\nabc"),
         "the connection to 127.0.0.1:PORT broke (transfer closed with 7 bytes remaining to read)"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
         "the connection to 127.0.0.1:PORT broke (transfer closed with outstanding read data "
         "remaining)"},
        {"SSH-2.0-x\r\n", "127.0.0.1:PORT does not answer in HTTP (received HTTP/0.9 when not "
                          "allowed)"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
         "127.0.0.1:PORT sent a response that cannot be read (error while processing content "
         "unencoding: incorrect header check)"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct script_answer answer = {cases[i].answer, 0, SCRIPT_CLOSE};
        struct fixture f;
        open_fixture(&f, &answer, 1, 0);
        struct ar_http_request request = get(&f);
        struct ar_http_result result = fetch(&f, &request, 0);
        assert_int_equal(result.status, ARRAS_NETWORK);
        struct arras_str error = without_port(&f, result.error);
        assert_string_equal(error.ptr, cases[i].error);
        assert_int_equal(f.server.request_count, 1);
        close_fixture(&f);
    }
}

static void reused_connection_that_breaks_is_tried_again_only_when_safe(void **state)
{
    (void)state;
    static const struct script_answer answers[] = {{ANSWER("1\r\n\r\na"), 0, SCRIPT_KEEP},
                                                   {"", 0, SCRIPT_CLOSE},
                                                   {ANSWER("1\r\n\r\nb"), 0, 0}};
    struct fixture f;
    open_fixture(&f, answers, 3, 0);
    struct ar_http_request request = get(&f);
    assert_str(fetch(&f, &request, 0).response.body, "a");
    assert_str(fetch(&f, &request, 0).response.body, "b");
    assert_int_equal(f.server.request_count, 3);
    close_fixture(&f);

    open_fixture(&f, answers, 3, 0);
    request = get(&f);
    assert_str(fetch(&f, &request, 0).response.body, "a");
    request.method = AR_STR("POST");
    struct ar_http_result result = fetch(&f, &request, 0);
    assert_int_equal(result.status, ARRAS_NETWORK);
    assert_str(without_port(&f, result.error),
               "the connection to 127.0.0.1:PORT broke before any answer (not sent again: the "
               "request may have taken effect)");
    assert_int_equal(f.server.request_count, 2);
    close_fixture(&f);
}

static void timeout_is_told(void **state)
{
    (void)state;
    static const struct script_answer answers[] = {{"", 0, SCRIPT_HOLD},
                                                   {ANSWER("3\r\n\r\na"), 0, SCRIPT_HOLD}};
    struct fixture f;
    open_fixture(&f, answers, 2, 0);
    struct ar_http_request request = get(&f);
    struct ar_http_result result = fetch(&f, &request, 50 * AR_MILLISECOND);
    assert_int_equal(result.status, ARRAS_TIMEOUT);
    assert_str(without_port(&f, result.error), "no answer from 127.0.0.1:PORT within 0.05 s");
    result = fetch(&f, &request, 50 * AR_MILLISECOND);
    assert_int_equal(result.status, ARRAS_TIMEOUT);
    assert_str(without_port(&f, result.error),
               "no complete answer from 127.0.0.1:PORT within 0.05 s");
    close_fixture(&f);
}

static void too_large_responses_end_at_the_limit(void **state)
{
    (void)state;
    static char many[40000] = "HTTP/1.1 200 OK\r\n";
    for (size_t i = 0; i < 300; i++) {
        size_t len = strlen(many);
        snprintf(many + len, sizeof(many) - len, "X-%zu: y\r\n", i);
    }
    static char longer[150000];
    memset(longer, 'x', sizeof(longer) - 1);
    memcpy(longer, "HTTP/1.1 200 OK\r\nX: ", 20);
    static const struct {
        const char *answer, *error;
    } cases[] = {{ANSWER("5\r\n\r\nabcde"), "127.0.0.1:PORT sent a larger body than is allowed"},
                 {many, "127.0.0.1:PORT sent more headers than are allowed"},
                 {longer, "127.0.0.1:PORT sent a longer header than is allowed"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct script_answer answer = {cases[i].answer, 0, SCRIPT_HOLD};
        struct fixture f;
        open_fixture(&f, &answer, 1, 4);
        struct ar_http_request request = get(&f);
        struct ar_http_result result = fetch(&f, &request, 0);
        assert_int_equal(result.status, ARRAS_LIMIT);
        assert_string_equal(without_port(&f, result.error).ptr, cases[i].error);
        close_fixture(&f);
    }
    struct fixture f;
    struct script_answer fits = {ANSWER("4\r\n\r\nabcd"), 0, 0};
    open_fixture(&f, &fits, 1, 4);
    struct ar_http_request request = get(&f);
    assert_str(fetch(&f, &request, 0).response.body, "abcd");
    close_fixture(&f);
}

static void what_cannot_be_sent_is_invalid(void **state)
{
    (void)state;
    static const struct {
        const char *method, *url;
        struct ar_header header;
        const char *error;
    } cases[] = {
        {"GET", "/a", {AR_STR_INIT("A"), AR_STR_INIT("b")}, "not an absolute http or https URL"},
        {"GET", "ftp://h/", {AR_STR_INIT("A"), AR_STR_INIT("b")}, "not an absolute http or https"},
        {"GET", "http:///a", {AR_STR_INIT("A"), AR_STR_INIT("b")}, "not an absolute http or https"},
        {"GET", "http://h/a b", {AR_STR_INIT("A"), AR_STR_INIT("b")}, "holds a space"},
        {"GET",
         "http://h:99999/",
         {AR_STR_INIT("A"), AR_STR_INIT("b")},
         "not an absolute http or https"},
        {"G T", "http://h/", {AR_STR_INIT("A"), AR_STR_INIT("b")}, "the method is not a token"},
        {"GET", "http://h/", {AR_STR_INIT("A b"), AR_STR_INIT("b")}, "name of a header"},
        {"GET", "http://h/", {AR_STR_INIT("A"), AR_STR_INIT("b\r\nC: d")}, "value of a header"},
        {"GET", "http://h/", {AR_STR_INIT("A"), AR_STR_INIT("b\0c")}, "value of a header"}};
    struct fixture f;
    static const struct script_answer answers[] = {{"", 0, SCRIPT_CLOSE}};
    open_fixture(&f, answers, 1, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct ar_header header = cases[i].header;
        struct ar_http_request request = {.method = ar_str_z(cases[i].method),
                                          .url = ar_str_z(cases[i].url),
                                          .headers = {&header, 1}};
        struct ar_http_result result = fetch(&f, &request, 0);
        assert_int_equal(result.status, ARRAS_INVALID);
        assert_non_null(strstr(result.error.ptr, cases[i].error));
    }
    close_fixture(&f);
}

/* Writes a file for a part, and returns the part. */
static struct ar_body_part file_part(char *path, const char *text)
{
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    return (struct ar_body_part){.path = path, .size = strlen(text)};
}

static void parts_are_the_body_and_are_sent_again_after_a_challenge(void **state)
{
    (void)state;
    static const struct script_answer answers[] = {
        {"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
         "qop=\"auth\"\r\nContent-Length: 2\r\n\r\nno",
         0, SCRIPT_KEEP},
        {ANSWER("2\r\n\r\nok"), 0, SCRIPT_KEEP}};
    struct fixture f;
    char path[] = "/tmp/arras-part-XXXXXX";
    open_fixture(&f, answers, 2, 0);
    struct ar_body_part parts[] = {
        {.bytes = AR_STR("<")}, file_part(path, "from a file"), {.bytes = AR_STR(">")}};
    struct ar_http_login login = {"ann", "secret"};
    struct ar_http_request request = get(&f);
    request.method = AR_STR("POST");
    request.has_body = true;
    request.parts = parts;
    request.part_count = 3;
    request.login = &login;
    struct ar_http_result result = fetch(&f, &request, 0);
    assert_int_equal(result.status, ARRAS_OK);
    assert_int_equal(result.response.status, 200);
    assert_str(result.response.body, "ok");
    struct arras_str seen = ar_buf_str(&f.server.seen);
    assert_true(ar_str_find(seen, AR_STR("Authorization: Digest username=\"ann\""), 0) !=
                AR_NOT_FOUND);
    assert_true(ar_str_find(seen, AR_STR("secret"), 0) == AR_NOT_FOUND);
    assert_true(ar_str_find(seen, AR_STR("\r\nContent-Length: 13\r\n"), 0) != AR_NOT_FOUND);
    assert_true(ar_str_ends(seen, "\r\n\r\n<from a file>"));
    unlink(path);
    close_fixture(&f);
}

static void file_that_changed_is_not_sent(void **state)
{
    (void)state;
    static const struct script_answer answers[] = {{ANSWER("2\r\n\r\nok"), 0, SCRIPT_KEEP}};
    struct fixture f;
    char path[] = "/tmp/arras-part-XXXXXX";
    open_fixture(&f, answers, 1, 0);
    struct ar_body_part part = file_part(path, "from a file");
    struct ar_http_request request = get(&f);
    request.method = AR_STR("PUT");
    request.has_body = true;
    request.parts = &part;
    request.part_count = 1;
    for (int i = 0; i < 2; i++) {
        if (i == 0) {
            part.size--; /* it has grown */
        } else {
            unlink(path);
        }
        struct ar_http_result result = fetch(&f, &request, 0);
        assert_int_equal(result.status, ARRAS_IO);
        assert_non_null(strstr(result.error.ptr, path));
    }
    close_fixture(&f);
}

static void allowed_hosts_are_matched_by_the_whole_name(void **state)
{
    (void)state;
    static const struct {
        const char *allowed, *url;
        bool matches;
    } cases[] = {{"h.example", "http://h.example/", true},
                 {"h.example", "http://H.EXAMPLE.:81/", true},
                 {"h.example", "http://h.example@evil/", false},
                 {"h.example", "http://evil/?h.example", false},
                 {"h.example", "http://xh.example/", false},
                 {"*.example", "https://a.b.example/", true},
                 {"*.example", "https://example/", false},
                 {"h:443", "https://h/", true},
                 {"h:443", "http://h/", false},
                 {"https://h", "http://h/", false},
                 {"[::1]:80", "http://[::1]/", true},
                 {"127.0.0.1", "http://0x7f.1/", true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arras_transport transport = {.allow_hosts = &cases[i].allowed,
                                            .allow_host_count = 1};
        struct ar_origin origin;
        assert_true(ar_allow_host_is_valid(cases[i].allowed));
        assert_int_equal(ar_origin_of(ar_str_z(cases[i].url), &origin), ARRAS_OK);
        assert_int_equal(ar_origin_allowed(&origin, &transport), cases[i].matches);
    }
    assert_false(ar_allow_host_is_valid("ftp://h"));
    assert_false(ar_allow_host_is_valid("h:0"));
    assert_false(ar_allow_host_is_valid("a.*.b"));
    assert_false(ar_allow_host_is_valid(""));
}

static void many_requests_are_in_flight_at_once(void **state)
{
    (void)state;
    enum { MANY = 100 };
    static const struct script_answer answers[] = {{ANSWER("2\r\n\r\nok"), 0, 0}};
    struct fixture f;
    open_fixture(&f, answers, 1, 0);
    int tokens[MANY] = {0};
    struct ar_http_request request = get(&f);
    for (size_t i = 0; i < MANY; i++) {
        start(&f, &request, 0, &tokens[i]);
    }
    assert_int_equal(ar_http_client_in_flight(f.client), MANY);
    struct ar_http_result result;
    for (size_t i = 0; i < MANY; i++) {
        assert_true(ar_http_client_next(f.client, 20 * AR_SECOND, &result));
        assert_str(result.response.body, "ok");
        ++*(int *)result.token;
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(tokens[i], 1);
    }
    assert_false(ar_http_client_next(f.client, 0, &result));
    close_fixture(&f);
}

static void cancelled_requests_have_no_result(void **state)
{
    (void)state;
    static const struct script_answer answers[] = {{"", 0, SCRIPT_HOLD}};
    struct fixture f;
    open_fixture(&f, answers, 1, 0);
    struct ar_http_request request = get(&f);
    int gone, kept;
    start(&f, &request, 0, &gone);
    start(&f, &request, 100 * AR_MILLISECOND, &kept);
    request.url = AR_STR("not a URL");
    start(&f, &request, 0, &gone);
    struct ar_http_result result;
    ar_http_client_cancel(f.client, &gone);
    assert_int_equal(ar_http_client_in_flight(f.client), 1);
    assert_true(ar_http_client_next(f.client, 20 * AR_SECOND, &result));
    assert_ptr_equal(result.token, &kept);
    assert_false(ar_http_client_next(f.client, 0, &result));

    request = get(&f);
    start(&f, &request, 0, &gone); /* ended by close_fixture */
    assert_false(ar_http_client_next(f.client, AR_MILLISECOND, &result));
    close_fixture(&f);
}

static void *wake_it(void *client)
{
    ar_http_client_wake(client);
    return NULL;
}

static void wake_ends_a_wait(void **state)
{
    (void)state;
    struct fixture f;
    static const struct script_answer answers[] = {{"", 0, SCRIPT_CLOSE}};
    open_fixture(&f, answers, 1, 0);
    int64_t begun = ar_clock_now(ar_clock_system());
    struct ar_http_result result;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake_it, f.client), 0);
    assert_false(ar_http_client_next(f.client, 60 * AR_SECOND, &result));
    pthread_join(thread, NULL);
    assert_true(ar_clock_now(ar_clock_system()) - begun < 30 * AR_SECOND);

    ar_http_client_wake(f.client); /* before the wait begins: not lost */
    assert_false(ar_http_client_next(f.client, 60 * AR_SECOND, &result));
    begun = ar_clock_now(ar_clock_system());
    assert_false(ar_http_client_next(f.client, 20 * AR_MILLISECOND, &result)); /* and used up */
    assert_true(ar_clock_now(ar_clock_system()) - begun >= 20 * AR_MILLISECOND);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_goes_out_byte_for_byte),
        cmocka_unit_test(methods_have_the_bodies_they_should),
        cmocka_unit_test(head_has_headers_and_no_body),
        cmocka_unit_test(responses_are_read_whole),
        cmocka_unit_test(refused_connection_is_a_network_error),
        cmocka_unit_test(broken_connections_are_network_errors),
        cmocka_unit_test(reused_connection_that_breaks_is_tried_again_only_when_safe),
        cmocka_unit_test(timeout_is_told),
        cmocka_unit_test(too_large_responses_end_at_the_limit),
        cmocka_unit_test(what_cannot_be_sent_is_invalid),
        cmocka_unit_test(parts_are_the_body_and_are_sent_again_after_a_challenge),
        cmocka_unit_test(file_that_changed_is_not_sent),
        cmocka_unit_test(allowed_hosts_are_matched_by_the_whole_name),
        cmocka_unit_test(many_requests_are_in_flight_at_once),
        cmocka_unit_test(cancelled_requests_have_no_result),
        cmocka_unit_test(wake_ends_a_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
