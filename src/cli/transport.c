#include "transport.h"

static const char *variable(const char *lower, const char *upper)
{
    const char *value = getenv(lower);
    value = !value && upper ? getenv(upper) : value;
    return value && *value ? value : NULL;
}

/* As curl reads them: HTTP_PROXY in upper case is what a CGI program gets from a header "Proxy". */
static void set_proxies(struct arras_transport *transport, const char *given)
{
    if (given) {
        transport->http_proxy = transport->https_proxy = given;
        return;
    }
    const char *any = variable("all_proxy", "ALL_PROXY");
    const char *http = variable("http_proxy", NULL);
    const char *https = variable("https_proxy", "HTTPS_PROXY");
    transport->http_proxy = http ? http : any;
    transport->https_proxy = https ? https : any;
    transport->no_proxy = variable("no_proxy", "NO_PROXY");
}

/* HOST:PORT:ADDRESS; the second ':' outside brackets ends the name. */
static bool cut_resolve(const char *text, char **ret_name, const char **ret_address)
{
    const char *host_end = *text == '[' ? strchr(text, ']') : text;
    const char *port = host_end ? strchr(host_end, ':') : NULL;
    const char *address = port ? strchr(port + 1, ':') : NULL;
    if (!address || port == text || !address[1]) {
        return false;
    }
    *ret_name = ar_keep_copy(text, (size_t)(address - text));
    *ret_address = address + 1;
    return true;
}

int ar_transport_read(const struct ar_command *command,
                      const struct ar_transport_settings *settings, struct ar_transport *ret)
{
    *ret = (struct ar_transport){0};
    if (settings->key && !settings->certificate) {
        return ar_bad_usage(command, "--key goes with --cert only");
    }
    for (size_t i = 0; i < settings->resolve.count; i++) {
        char *name;
        const char *address;
        if (!cut_resolve(settings->resolve.items[i], &name, &address)) {
            return ar_bad_usage(command, "--resolve: '%s' is not HOST:PORT:ADDRESS",
                                settings->resolve.items[i]);
        }
        ar_setting_add(&ret->resolve, name, address);
    }
    ret->library = (struct arras_transport){.ca_file = settings->ca_file,
                                            .certificate = settings->certificate,
                                            .key = settings->key,
                                            .key_password = getenv("ARRAS_KEY_PASSWORD"),
                                            .insecure = settings->insecure,
                                            .http1_only = settings->http1,
                                            .resolve = ar_settings(&ret->resolve),
                                            .allow_hosts = settings->allow_hosts.items,
                                            .allow_host_count = settings->allow_hosts.count,
                                            .connect_seconds = settings->connect_timeout,
                                            .redirects = (unsigned)settings->redirects,
                                            .saved_bytes = settings->max_saved,
                                            .response_bytes = settings->max_response,
                                            .cookies = settings->cookies};
    set_proxies(&ret->library, settings->proxy);
    return 0;
}

void ar_transport_reach(struct ar_transport *transport, const char *host)
{
    struct ar_text text = {0};
    const char *others = transport->library.no_proxy;
    if (others && strcmp(others, "*") == 0) {
        return;
    }
    ar_text_printf(&text, "%s%s%s", host, others ? "," : "", others ? others : "");
    free(transport->no_proxy);
    transport->library.no_proxy = transport->no_proxy = text.ptr;
}

void ar_transport_release(struct ar_transport *transport)
{
    free(transport->no_proxy);
    free(transport->resolve.items);
}
