#include "script_server.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "unit/harness.h"

struct connection {
    struct script_server *server;
    int fd;
};

/* Offset behind the first whole request in the text, 0: not there yet. */
static size_t request_end(struct arras_str text)
{
    size_t blank = ar_str_find(text, AR_STR("\r\n\r\n"), 0);
    if (blank == AR_NOT_FOUND) {
        return 0;
    }
    size_t at = ar_str_find(text, AR_STR("Content-Length: "), 0);
    size_t body = at < blank ? strtoul(text.ptr + at + 16, NULL, 10) : 0;
    return text.len >= blank + 4 + body ? blank + 4 + body : 0;
}

static bool read_more(int fd, struct ar_buf *buf)
{
    char *room = ar_buf_reserve(buf, 65536);
    ssize_t got = room ? read(fd, room, 65535) : -1;
    if (got > 0) {
        buf->len += (size_t)got;
        buf->ptr[buf->len] = '\0';
    }
    return got > 0;
}

/* Reads one request into the server's list and tells its number; false: the client closed. */
static bool take_request(struct connection *connection, struct ar_buf *buf, size_t *ret_number)
{
    size_t end;
    while ((end = request_end(ar_buf_str(buf))) == 0) {
        if (!read_more(connection->fd, buf)) {
            return false;
        }
    }
    pthread_mutex_lock(&connection->server->lock);
    ar_buf_add(&connection->server->seen, buf->ptr, end);
    *ret_number = connection->server->request_count++;
    pthread_mutex_unlock(&connection->server->lock);
    memmove(buf->ptr, buf->ptr + end, buf->len - end);
    buf->len -= end;
    return true;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static void *serve_connection(void *context)
{
    struct connection *connection = context;
    struct script_server *server = connection->server;
    struct ar_buf buf;
    ar_buf_init(&buf, 64 << 20);
    enum script_end end = SCRIPT_KEEP;
    size_t number;
    while (end == SCRIPT_KEEP && take_request(connection, &buf, &number)) {
        size_t at = number < server->answer_count ? number : server->answer_count - 1;
        const struct script_answer *answer = &server->answers[at];
        if (!send_all(connection->fd, answer->bytes,
                      answer->len ? answer->len : strlen(answer->bytes))) {
            break;
        }
        end = answer->end;
    }
    while (end == SCRIPT_HOLD && read_more(connection->fd, &buf)) {
    }
    close(connection->fd);
    ar_buf_release(&buf);
    free(connection);
    return NULL;
}

static void *serve(void *context)
{
    struct script_server *server = context;
    for (;;) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0) {
            return NULL;
        }
        struct connection *connection = malloc(sizeof(*connection));
        assert_true(connection && server->connection_count < SCRIPT_CONNECTIONS);
        *connection = (struct connection){server, fd};
        assert_int_equal(pthread_create(&server->threads[server->connection_count], NULL,
                                        serve_connection, connection),
                         0);
        pthread_mutex_lock(&server->lock);
        server->connection_count++;
        pthread_mutex_unlock(&server->lock);
    }
}

void script_start(struct script_server *server, const struct script_answer *answers, size_t count)
{
    *server = (struct script_server){.answers = answers, .answer_count = count};
    ar_buf_init(&server->seen, 64 << 20);
    pthread_mutex_init(&server->lock, NULL);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof(address);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server->listener >= 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(server->listener, SCRIPT_CONNECTIONS), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

void script_stop(struct script_server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    for (size_t i = 0; i < server->connection_count; i++) {
        pthread_join(server->threads[i], NULL);
    }
    pthread_mutex_destroy(&server->lock);
    ar_buf_release(&server->seen);
}
