/* The options that say how requests travel, for every command that sends some. */
#ifndef AR_CLI_TRANSPORT_H
#define AR_CLI_TRANSPORT_H

#include "arras/transport.h"
#include "options.h"
#include "run_inputs.h"

/* A member of the settings of such a command. */
struct ar_transport_settings {
    const char *ca_file, *certificate, *key, *proxy;
    struct ar_texts resolve, allow_hosts;
    bool insecure, http1, cookies;
    double connect_timeout;
    uint64_t redirects, max_response, max_saved;
};

/* Those of the options that fill `member` of the settings `type` which say whom to believe and how
 * to get there: for the table of a command that talks to one server. */
#define AR_REACH_OPTIONS(type, member)                                                             \
    {.name = "cacert",                                                                             \
     .kind = AR_OPTION_TEXT,                                                                       \
     .argument = "FILE",                                                                           \
     .help = "trust the certificates in this PEM file, instead of the system's",                   \
     .target = offsetof(type, member.ca_file)},                                                    \
        {.name = "cert",                                                                           \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "FILE",                                                                       \
         .help = "the certificate to present to servers that ask for one, PEM or PKCS #12 "        \
                 "(.p12, .pfx); ARRAS_KEY_PASSWORD is the password of its key",                    \
         .target = offsetof(type, member.certificate)},                                            \
        {.name = "key",                                                                            \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "FILE",                                                                       \
         .help = "the private key of --cert, where it is not in the same file",                    \
         .target = offsetof(type, member.key)},                                                    \
        {.name = "insecure",                                                                       \
         .kind = AR_OPTION_FLAG,                                                                   \
         .help = "do not verify who servers are: everything sent can be read and changed on the "  \
                 "way. --cacert is nearly always what is needed instead",                          \
         .target = offsetof(type, member.insecure)},                                               \
        {.name = "proxy",                                                                          \
         .kind = AR_OPTION_TEXT,                                                                   \
         .argument = "URL",                                                                        \
         .help = "send everything through this proxy, http://, https:// or socks5://; \"\" uses "  \
                 "none, whatever the environment says",                                            \
         .target = offsetof(type, member.proxy)},                                                  \
    {                                                                                              \
        .name = "resolve", .kind = AR_OPTION_TEXTS, .argument = "HOST:PORT:ADDRESS",               \
        .help = "connect to this address for that host and port. May be repeated",                 \
        .target = offsetof(type, member.resolve)                                                   \
    }

/* All options that fill it. */
#define AR_TRANSPORT_OPTIONS(type, member)                                                         \
    AR_REACH_OPTIONS(type, member),                                                                \
        {.name = "allow-host",                                                                     \
         .kind = AR_OPTION_TEXTS,                                                                  \
         .argument = "HOST",                                                                       \
         .help = "send to no other host: HOST, *.HOST for all below it, with :PORT or https:// "   \
                 "where only that is meant. May be repeated",                                      \
         .target = offsetof(type, member.allow_hosts)},                                            \
        {.name = "redirects",                                                                      \
         .kind = AR_OPTION_NUMBER,                                                                 \
         .argument = "N",                                                                          \
         .help = "follow up to N redirects of a request, 10 at most; none unless given, so that "  \
                 "criteria see the 3xx. Credentials go to no other host; of requests with a body " \
                 "only 307 and 308 are followed",                                                  \
         .target = offsetof(type, member.redirects),                                               \
         .least = 0,                                                                               \
         .most = 10},                                                                              \
        {.name = "cookies",                                                                        \
         .kind = AR_OPTION_FLAG,                                                                   \
         .help =                                                                                   \
             "keep the cookies that servers set and send them back to the same hosts, for the "    \
             "length of the run",                                                                  \
         .target = offsetof(type, member.cookies)},                                                \
        {.name = "http1",                                                                          \
         .kind = AR_OPTION_FLAG,                                                                   \
         .help = "speak HTTP/1.1 only; else HTTP/2 with servers that offer it over TLS",           \
         .target = offsetof(type, member.http1)},                                                  \
        {.name = "connect-timeout",                                                                \
         .kind = AR_OPTION_SECONDS,                                                                \
         .argument = "SECONDS",                                                                    \
         .help = "the longest that connecting may take, 10 unless given",                          \
         .target = offsetof(type, member.connect_timeout)},                                        \
    {                                                                                              \
        .name = "max-response", .kind = AR_OPTION_NUMBER, .argument = "BYTES",                     \
        .help =                                                                                    \
            "the largest response body that is taken into memory, counted after decompression, "   \
            "67108864 unless given",                                                               \
        .target = offsetof(type, member.max_response), .least = 1, .most = (uint64_t)4 << 30       \
    }

/* What of the environment is read, for the command's list. */
#define AR_TRANSPORT_ENVIRONMENT                                                                   \
    {"http_proxy, HTTPS_PROXY, ALL_PROXY, NO_PROXY",                                               \
     "the proxies for http:// and https:// and the hosts that need none, as other programs read "  \
     "them (in lower case too; HTTP_PROXY only in lower case); --proxy overrides them"},           \
    {                                                                                              \
        "ARRAS_KEY_PASSWORD", "the password of the private key that goes with --cert"              \
    }

/* The settings as the library takes them; they must outlive it. */
struct ar_transport {
    struct arras_transport library;
    struct ar_setting_list resolve;
    char *no_proxy;
};

/* 0, or the exit status after bad usage was said. Release it in either case. */
int ar_transport_read(const struct ar_command *command,
                      const struct ar_transport_settings *settings, struct ar_transport *ret);
/* That host is asked without a proxy. */
void ar_transport_reach(struct ar_transport *transport, const char *host);
void ar_transport_release(struct ar_transport *transport);

#endif
