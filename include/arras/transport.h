/* How requests travel: what is trusted, where they may go, through what, and how much may come
 * back. All zero is a good setting. Strings are borrowed for as long as what they are given to. */
#ifndef ARRAS_TRANSPORT_H
#define ARRAS_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>
#include "arras/status.h"

/* NAME=VALUE as a user gives it. */
struct arras_setting {
    const char *name;
    const char *value;
};

struct arras_settings {
    const struct arras_setting *items;
    size_t count;
};

struct arras_transport {
    /* TLS. Certificates of servers are verified unless `insecure`. */
    const char *ca_file;      /* PEM: trusted instead of the system's; NULL: the system's */
    const char *certificate;  /* the client's own, PEM, or PKCS #12 (.p12, .pfx); NULL: none */
    const char *key;          /* its private key; NULL: in the same file */
    const char *key_password; /* of the key; NULL: none */
    bool insecure;            /* believe every server */
    bool http1_only;          /* else HTTP/2 where TLS negotiates it */

    /* URLs of proxies: http, https, socks4, socks4a, socks5, socks5h. NULL or "": none. */
    const char *http_proxy;  /* for http:// */
    const char *https_proxy; /* for https:// */
    const char *no_proxy;    /* hosts that need none: "localhost,.example.com", "*" */

    struct arras_settings resolve;  /* HOST:PORT -> the address, instead of asking DNS */
    const char *const *allow_hosts; /* where requests may go: "HOST", "*.HOST", with ":PORT",
                                       and "http://" or "https://" in front */
    size_t allow_host_count;        /* 0: anywhere */

    /* How many redirects of one request are followed, at most 10; 0: none. Only those that keep a
     * request's body, or of requests without one. Credentials go to no other origin; plain HTTP
     * after HTTPS, and a body to another origin, only where allow_hosts says so. */
    unsigned redirects;

    double connect_seconds; /* for one connection; 0: 10 */
    size_t response_bytes;  /* the most of a response's body, after decoding; 0: 64 MiB */
    uint64_t saved_bytes;   /* the same of one that goes to a file; 0: 64 GiB */
    bool cookies;           /* keep those that servers set, and send them again */
};

#endif
