/* A client that sends bytes as they are and reads what comes, with patience of 20 seconds. */
#ifndef AR_TEST_RAW_CLIENT_H
#define AR_TEST_RAW_CLIENT_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "unit/harness.h"

static inline int connect_to(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &address.sin_addr), 1);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct timeval patience = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static inline void send_text(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);
        assert_true(sent > 0);
        text += sent;
        len -= (size_t)sent;
    }
}

/* Reads until `until` has come, or the end of the connection. */
static inline size_t receive(int fd, char *buffer, size_t cap, const char *until)
{
    size_t len = 0;
    for (;;) {
        ssize_t got = recv(fd, buffer + len, cap - 1 - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
        buffer[len] = '\0';
        if (until && strstr(buffer, until)) {
            break;
        }
    }
    buffer[len] = '\0';
    return len;
}

#endif
