/* Sending an open descriptor through a Unix socket, with one byte (unix(7), SCM_RIGHTS). In a
 * header alone, for the supervisor is a program of its own. */
#ifndef AR_JOBS_DESCRIPTOR_H
#define AR_JOBS_DESCRIPTOR_H

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

union ar_descriptor_control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* False with errno where it was not sent. */
static inline bool ar_descriptor_send(int socket, int fd)
{
    char byte = 'd';
    union ar_descriptor_control control;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    memset(&control, 0, sizeof(control));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

/* The descriptor, closed on exec; -1: none came. `flags` of recvmsg. */
static inline int ar_descriptor_receive(int socket, int flags)
{
    char byte;
    int fd = -1;
    union ar_descriptor_control control;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags) == 1 && CMSG_FIRSTHDR(&message)) {
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
    }
    return fd;
}

#endif
