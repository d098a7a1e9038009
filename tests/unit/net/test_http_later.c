/* Answers of the HTTP server that come later, or in pieces. */
#include "unit/harness.h"
#include <pthread.h>
#include "base/clock.h"
#include "net/http_server.h"
#include "unit/net/raw_client.h"

/* What the handler's answer waits for; one request at a time. */
struct news {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    const struct ar_server_request *request; /* set while one waits */
    int asked, news, read, ended;            /* how often */
    bool complete, last, stopping;
    int64_t until; /* 0: none */
};

static bool take_news(struct news *n, bool stopping, int64_t *until)
{
    pthread_mutex_lock(&n->mutex);
    bool some = n->news > n->read;
    n->read += some;
    n->asked++;
    n->stopping = stopping;
    if (n->until) {
        *until = n->until;
    }
    pthread_cond_broadcast(&n->changed);
    pthread_mutex_unlock(&n->mutex);
    return some;
}

static bool answer(void *context, bool stopping, int64_t *until, struct ar_server_response *ret)
{
    struct news *n = context;
    bool some = take_news(n, stopping, until);
    if (some || (n->until && ar_clock_now(ar_clock_system()) >= n->until)) {
        ret->status = 200;
        ret->body = some ? AR_STR("news") : AR_STR("time is up");
        return true;
    }
    return false;
}

static bool stream(void *context, bool stopping, int64_t *until, struct ar_buf *piece)
{
    struct news *n = context;
    if (take_news(n, stopping, until)) {
        ar_buf_add_z(piece, "piece\n");
    }
    return n->last;
}

static void end(void *context, bool complete)
{
    struct news *n = context;
    pthread_mutex_lock(&n->mutex);
    n->ended++;
    n->complete = complete;
    n->request = NULL;
    pthread_cond_broadcast(&n->changed);
    pthread_mutex_unlock(&n->mutex);
}

static void handle(void *context, const struct ar_server_request *request,
                   struct ar_server_response *ret)
{
    struct news *n = context;
    bool pieces = ar_str_is(request->path, "/stream");
    ret->status = 200;
    ret->content_type = "text/plain";
    ret->later = (struct ar_server_later){
        .answer = pieces ? NULL : answer, .stream = pieces ? stream : NULL, .end = end, context};
    pthread_mutex_lock(&n->mutex);
    n->request = request;
    pthread_mutex_unlock(&n->mutex);
}

/* Until *count is at least that. */
static void wait_for(struct news *n, const int *count, int least)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock(&n->mutex);
    while (*count < least) {
        assert_int_equal(pthread_cond_timedwait(&n->changed, &n->mutex, &until), 0);
    }
    pthread_mutex_unlock(&n->mutex);
}

static void tell(struct news *n, bool last)
{
    pthread_mutex_lock(&n->mutex);
    n->news++;
    n->last = last;
    n->request->wake(n->request->wake_context);
    pthread_mutex_unlock(&n->mutex);
}

struct fixture {
    struct news news;
    struct ar_http_server *server;
    int client;
};

static void start(struct fixture *f, const char *request)
{
    *f = (struct fixture){
        .news = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER}};
    const struct ar_http_server_options options = {
        .address = "127.0.0.1", .threads = 1, .handle = handle, .context = &f->news};
    assert_int_equal(ar_http_server_start(&options, NULL, &f->server), ARRAS_OK);
    f->client = connect_to(ar_http_server_port(f->server));
    send_text(f->client, request, strlen(request));
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static void an_answer_waits_for_news(void **state)
{
    (void)state;
    struct fixture f;
    char text[4096];
    start(&f, GET("/answer"));
    wait_for(&f.news, &f.news.asked, 1);
    tell(&f.news, true);
    receive(f.client, text, sizeof(text), "news");
    assert_non_null(strstr(text, "\r\n\r\nnews"));
    wait_for(&f.news, &f.news.ended, 1);
    assert_true(f.news.complete);
    send_text(f.client, GET("/answer"), strlen(GET("/answer"))); /* the connection goes on */
    wait_for(&f.news, &f.news.asked, 3);
    tell(&f.news, true);
    receive(f.client, text, sizeof(text), "news");
    assert_non_null(strstr(text, "\r\n\r\nnews"));
    close(f.client);
    ar_http_server_stop(f.server);
    assert_int_equal(f.news.ended, 2);
}

static void an_answer_is_asked_for_when_its_time_has_come(void **state)
{
    (void)state;
    struct fixture f;
    char text[4096];
    start(&f, GET("/answer"));
    wait_for(&f.news, &f.news.asked, 1);
    pthread_mutex_lock(&f.news.mutex);
    f.news.until = ar_clock_now(ar_clock_system()) + 50 * AR_MILLISECOND;
    f.news.request->wake(f.news.request->wake_context);
    pthread_mutex_unlock(&f.news.mutex);
    receive(f.client, text, sizeof(text), "time is up");
    assert_non_null(strstr(text, "time is up"));
    assert_true(ar_clock_now(ar_clock_system()) >= f.news.until);
    close(f.client);
    ar_http_server_stop(f.server);
}

static void a_client_that_goes_is_noticed_while_its_answer_waits(void **state)
{
    (void)state;
    static const char *const requests[] = {GET("/answer"), GET("/stream")};
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        start(&f, requests[i]);
        wait_for(&f.news, &f.news.asked, 1);
        close(f.client);
        wait_for(&f.news, &f.news.ended, 1);
        assert_false(f.news.complete);
        ar_http_server_stop(f.server);
    }
}

static void a_stream_sends_its_pieces_as_they_come(void **state)
{
    (void)state;
    struct fixture f;
    char text[4096];
    start(&f, GET("/stream"));
    for (int i = 0; i < 3; i++) {
        wait_for(&f.news, &f.news.asked, 1);
        tell(&f.news, i == 2);
        receive(f.client, text, sizeof(text), "piece\n");
        assert_non_null(strstr(text, "piece\n"));
    }
    wait_for(&f.news, &f.news.ended, 1);
    assert_true(f.news.complete);
    close(f.client);
    ar_http_server_stop(f.server);
}

/* One server thread, a connection that waits, and another that is answered. */
static void what_waits_holds_no_thread(void **state)
{
    (void)state;
    struct fixture f;
    char text[4096];
    start(&f, GET("/answer"));
    wait_for(&f.news, &f.news.asked, 1);
    int other = connect_to(ar_http_server_port(f.server));
    const char *refused = "GET / HTTP/1.1\r\n\r\n"; /* without Host */
    send_text(other, refused, strlen(refused));
    receive(other, text, sizeof(text), "\r\n");
    assert_non_null(strstr(text, "HTTP/1.1 400 "));
    close(other);
    close(f.client);
    ar_http_server_stop(f.server);
}

static void stopping_ends_what_waits(void **state)
{
    (void)state;
    struct fixture f;
    char text[4096];
    start(&f, GET("/answer"));
    wait_for(&f.news, &f.news.asked, 1);
    int64_t before = ar_clock_now(ar_clock_system());
    ar_http_server_stop(f.server);
    assert_true(ar_clock_now(ar_clock_system()) - before < 4 * AR_SECOND);
    receive(f.client, text, sizeof(text), NULL);
    assert_non_null(strstr(text, "HTTP/1.1 503 "));
    assert_true(f.news.stopping && f.news.ended == 1 && !f.news.complete);
    close(f.client);

    start(&f, GET("/stream"));
    wait_for(&f.news, &f.news.asked, 1);
    ar_http_server_stop(f.server);
    receive(f.client, text, sizeof(text), NULL);
    assert_non_null(strstr(text, "HTTP/1.1 200 "));
    assert_non_null(strstr(text, "\r\n0\r\n"));
    close(f.client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_waits_for_news),
        cmocka_unit_test(an_answer_is_asked_for_when_its_time_has_come),
        cmocka_unit_test(a_client_that_goes_is_noticed_while_its_answer_waits),
        cmocka_unit_test(a_stream_sends_its_pieces_as_they_come),
        cmocka_unit_test(what_waits_holds_no_thread),
        cmocka_unit_test(stopping_ends_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
