/* The HTTP server over real connections on the loopback interface. */
#include "unit/harness.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/limits.h"
#include "net/http_server.h"
#include "unit/net/raw_client.h"

/* Answers with what it was sent: "METHOD|path|query|X-Test|body". */
static void echo(void *context, const struct ar_server_request *request,
                 struct ar_server_response *ret)
{
    (void)context;
    struct arras_str value = AR_STR("-");
    for (size_t i = 0; i < request->headers.count; i++) {
        if (ar_str_is_nocase(request->headers.items[i].name, "x-test")) {
            value = request->headers.items[i].value;
        }
    }
    ret->status = 201;
    ret->content_type = "text/plain; charset=utf-8";
    if (!ar_str_printf(request->arena, &ret->body, "%.*s|%.*s|%.*s|%.*s|%.*s",
                       AR_STR_ARG(request->method), AR_STR_ARG(request->path),
                       AR_STR_ARG(request->query), AR_STR_ARG(value), AR_STR_ARG(request->body))) {
        ret->status = 500;
    }
}

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool entered, open;
};

static void gate_set(struct gate *gate, bool *flag)
{
    pthread_mutex_lock(&gate->mutex);
    *flag = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

static void gate_wait(struct gate *gate, const bool *flag)
{
    pthread_mutex_lock(&gate->mutex);
    while (!*flag) {
        pthread_cond_wait(&gate->changed, &gate->mutex);
    }
    pthread_mutex_unlock(&gate->mutex);
}

/* Answers once the test lets it. */
static void wait_at_gate(void *context, const struct ar_server_request *request,
                         struct ar_server_response *ret)
{
    (void)request;
    struct gate *gate = context;
    gate_set(gate, &gate->entered);
    gate_wait(gate, &gate->open);
    ret->status = 200;
    ret->body = AR_STR("late");
}

struct fixture {
    struct ar_arena arena;
    struct ar_diags diags;
    struct ar_http_server *server;
};

static void start(struct fixture *f, const char *address, ar_http_handler *handle, void *context)
{
    ar_arena_init(&f->arena, 0);
    ar_diags_init(&f->diags, &f->arena);
    struct ar_http_server_options options = {
        .address = address, .handle = handle, .context = context};
    assert_int_equal(ar_http_server_start(&options, &f->diags, &f->server), ARRAS_OK);
    assert_true(ar_http_server_port(f->server) > 0);
}

static void stop(struct fixture *f)
{
    ar_http_server_stop(f->server);
    ar_arena_release(&f->arena);
}

/* One request on its own connection; the whole answer. */
static void exchange(const struct fixture *f, const char *request, char *buffer, size_t cap)
{
    int fd = connect_to(ar_http_server_port(f->server));
    send_text(fd, request, strlen(request));
    receive(fd, buffer, cap, NULL);
    close(fd);
}

static void gives_the_request_as_sent(void **state)
{
    (void)state;
    struct fixture f;
    char answer[4096];
    start(&f, "127.0.0.1", echo, NULL);
    exchange(&f,
             "POST /a%2Fb/c?x=%41+1&y HTTP/1.1\r\nHost: h\r\nX-TEST: yes\r\nContent-Length: 5\r\n"
             "Connection: close\r\n\r\nhello",
             answer, sizeof(answer));
    assert_non_null(strstr(answer, "HTTP/1.1 201 Created\r\n"));
    assert_non_null(strstr(answer, "Content-Type: text/plain; charset=utf-8\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\nPOST|/a%2Fb/c|x=%41+1&y|yes|hello"));
    assert_non_null(strstr(answer, "Date: "));
    assert_null(strstr(answer, "Server: "));
    stop(&f);
}

static void reads_a_chunked_body_and_an_absolute_target(void **state)
{
    (void)state;
    struct fixture f;
    char answer[4096];
    start(&f, "127.0.0.1", echo, NULL);
    exchange(&f,
             "PUT http://h:1/p?q HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
             "Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
             answer, sizeof(answer));
    assert_non_null(strstr(answer, "\r\n\r\nPUT|/p|q|-|abcde"));
    stop(&f);
}

static void answers_head_without_a_body(void **state)
{
    (void)state;
    struct fixture f;
    char answer[4096];
    start(&f, "127.0.0.1", echo, NULL);
    exchange(&f, "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", answer, sizeof(answer));
    assert_non_null(strstr(answer, "201 Created"));
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
    stop(&f);
}

static void refuses_a_body_that_is_announced_too_large(void **state)
{
    (void)state;
    struct fixture f;
    char request[256], answer[4096];
    start(&f, "127.0.0.1", echo, NULL);
    snprintf(request, sizeof(request),
             "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: %zu\r\n\r\n",
             AR_SERVER_BODY + 1);
    exchange(&f, request, answer, sizeof(answer));
    assert_non_null(strstr(answer, "HTTP/1.1 413 "));
    assert_null(strstr(answer, "100 Continue"));
    stop(&f);
}

static void refuses_a_chunked_body_that_grows_too_large(void **state)
{
    (void)state;
    struct fixture f;
    char answer[4096];
    size_t chunk = (size_t)1 << 20;
    char *bytes = malloc(chunk);
    assert_non_null(bytes);
    memset(bytes, 'x', chunk);
    start(&f, "127.0.0.1", echo, NULL);
    int fd = connect_to(ar_http_server_port(f.server));
    const char *head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    send_text(fd, head, strlen(head));
    for (size_t sent = 0; sent <= AR_SERVER_BODY; sent += chunk) {
        send_text(fd, "100000\r\n", 8);
        send_text(fd, bytes, chunk);
        send_text(fd, "\r\n", 2);
    }
    send_text(fd, "0\r\n\r\n", 5);
    receive(fd, answer, sizeof(answer), NULL);
    close(fd);
    free(bytes);
    assert_non_null(strstr(answer, "HTTP/1.1 413 "));
    stop(&f);
}

static void refuses_headers_that_are_too_large(void **state)
{
    (void)state;
    struct fixture f;
    size_t len = AR_HEADER_SIZE + 1024;
    char *request = malloc(len + 64);
    char answer[4096];
    assert_non_null(request);
    start(&f, "127.0.0.1", echo, NULL);
    int head = snprintf(request, 64, "GET / HTTP/1.1\r\nHost: h\r\nX-Test: ");
    memset(request + head, 'a', len);
    int fd = connect_to(ar_http_server_port(f.server));
    send(fd, request, (size_t)head + len, MSG_NOSIGNAL);
    receive(fd, answer, sizeof(answer), "\r\n");
    assert_non_null(strstr(answer, "HTTP/1.1 431 "));
    close(fd);
    free(request);
    stop(&f);
}

static void refuses_a_request_without_host(void **state)
{
    (void)state;
    struct fixture f;
    char answer[4096];
    start(&f, "127.0.0.1", echo, NULL);
    exchange(&f, "GET / HTTP/1.1\r\n\r\n", answer, sizeof(answer));
    assert_non_null(strstr(answer, "HTTP/1.1 400 "));
    stop(&f);
}

/* A delayed acknowledgement against Nagle's algorithm costs 40 ms a request: 200 of them would
 * need 8 seconds. */
static void keeps_connections_and_does_not_delay_answers(void **state)
{
    (void)state;
    struct fixture f;
    char answer[4096];
    start(&f, "127.0.0.1", echo, NULL);
    int fd = connect_to(ar_http_server_port(f.server));
    const char *request = "GET /end HTTP/1.1\r\nHost: h\r\n\r\n";
    int64_t before = ar_clock_now(ar_clock_system());
    for (int i = 0; i < 200; i++) {
        send_text(fd, request, strlen(request));
        receive(fd, answer, sizeof(answer), "GET|/end||-|");
        assert_non_null(strstr(answer, "201 Created"));
    }
    int64_t each = (ar_clock_now(ar_clock_system()) - before) / 200;
    close(fd);
    print_message("%lld us a request\n", (long long)(each / 1000));
    assert_true(each < 20 * AR_MILLISECOND);
    stop(&f);
}

static void listens_on_ipv6(void **state)
{
    (void)state;
    struct fixture f;
    char answer[4096];
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address))) {
        print_message("no IPv6 loopback here\n");
        if (fd >= 0) {
            close(fd);
        }
        skip();
    }
    close(fd);
    start(&f, "::1", echo, NULL);
    fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin6_port = htons(ar_http_server_port(f.server));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    const char *request = "GET /six HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    send_text(fd, request, strlen(request));
    receive(fd, answer, sizeof(answer), NULL);
    close(fd);
    assert_non_null(strstr(answer, "GET|/six||-|"));
    stop(&f);
}

static void says_which_address_is_taken(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "127.0.0.1", echo, NULL);
    struct ar_http_server_options options = {
        .address = "127.0.0.1", .port = ar_http_server_port(f.server), .handle = echo};
    struct ar_http_server *second = NULL;
    assert_int_equal(ar_http_server_start(&options, &f.diags, &second), ARRAS_IO);
    assert_null(second);
    char expected[128], got[256];
    snprintf(expected, sizeof(expected),
             "cannot listen on 127.0.0.1 port %u: Address already in use", (unsigned)options.port);
    const struct arras_diag *diag = ar_diags_first_error(&f.diags);
    assert_non_null(diag);
    snprintf(got, sizeof(got), "%.*s", AR_STR_ARG(diag->message));
    assert_string_equal(got, expected);
    assert_true(diag->hint.len > 0);

    options.address = "localhost:1";
    assert_int_equal(ar_http_server_start(&options, &f.diags, &second), ARRAS_USAGE);
    stop(&f);
}

static void *stop_on_thread(void *context)
{
    ar_http_server_stop(context);
    return NULL;
}

static void stopping_waits_for_an_answer_under_way(void **state)
{
    (void)state;
    struct fixture f;
    char answer[4096];
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    start(&f, "127.0.0.1", wait_at_gate, &gate);
    int fd = connect_to(ar_http_server_port(f.server));
    const char *request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    send_text(fd, request, strlen(request));
    gate_wait(&gate, &gate.entered);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, stop_on_thread, f.server), 0);
    gate_set(&gate, &gate.open);
    receive(fd, answer, sizeof(answer), NULL);
    assert_non_null(strstr(answer, "\r\n\r\nlate"));
    pthread_join(thread, NULL);
    close(fd);
    ar_arena_release(&f.arena);
}

static void finds_and_decodes_query_parameters(void **state)
{
    (void)state;
    struct ar_arena arena;
    ar_arena_init(&arena, 0);
    struct arras_str query = AR_STR("a=1+2%2B&a=9&b%20c=%C3%A9&empty=&flag&=x");
    struct arras_str value;
    bool found;
    assert_int_equal(ar_query_find(query, "a", &arena, &value, &found), ARRAS_OK);
    assert_true(found);
    assert_str(value, "1 2+");
    assert_int_equal(ar_query_find(query, "b c", &arena, &value, &found), ARRAS_OK);
    assert_true(found);
    assert_str(value, "\xc3\xa9");
    assert_int_equal(ar_query_find(query, "flag", &arena, &value, &found), ARRAS_OK);
    assert_true(found);
    assert_str(value, "");
    assert_int_equal(ar_query_find(query, "none", &arena, &value, &found), ARRAS_OK);
    assert_false(found);
    ar_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_request_as_sent),
        cmocka_unit_test(reads_a_chunked_body_and_an_absolute_target),
        cmocka_unit_test(answers_head_without_a_body),
        cmocka_unit_test(refuses_a_body_that_is_announced_too_large),
        cmocka_unit_test(refuses_a_chunked_body_that_grows_too_large),
        cmocka_unit_test(refuses_headers_that_are_too_large),
        cmocka_unit_test(refuses_a_request_without_host),
        cmocka_unit_test(keeps_connections_and_does_not_delay_answers),
        cmocka_unit_test(listens_on_ipv6),
        cmocka_unit_test(says_which_address_is_taken),
        cmocka_unit_test(stopping_waits_for_an_answer_under_way),
        cmocka_unit_test(finds_and_decodes_query_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
