/* The floor of the benchmark: the four requests of examples/windmill by libcurl and nothing else.
 * It looks for what it needs in the answers by their text, polls without a pause, and prints the
 * greeting that it got.
 *
 * usage: bare_curl API-URL WORKSPACE SCRIPT-PATH ARGS-JSON, with the token in ARRAS_TOKEN. */
#include <curl/curl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_SIZE = 1 << 20, URL_SIZE = 4096 };

struct answer {
    size_t len;
    char text[ANSWER_SIZE];
};

static size_t keep(char *bytes, size_t size, size_t count, void *context)
{
    struct answer *answer = context;
    if (size * count >= ANSWER_SIZE - answer->len) {
        return 0;
    }
    memcpy(answer->text + answer->len, bytes, size * count);
    answer->len += size * count;
    answer->text[answer->len] = '\0';
    return size * count;
}

/* One request; whether it was answered with `status`. A `body` makes it a POST. */
static bool send_request(CURL *curl, const char *url, const char *body, long status,
                         struct answer *answer)
{
    long got = 0;
    answer->len = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    } else {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &got);
    if (code || got != status) {
        fprintf(stderr, "%s: %s, status %ld\n%s\n", url, curl_easy_strerror(code), got,
                answer->text);
        return false;
    }
    return true;
}

/* Whether the text fits. */
__attribute__((format(printf, 3, 4))) static bool put(char *text, size_t size, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return len >= 0 && (size_t)len < size;
}

static bool run_and_erase(CURL *curl, char **words, struct answer *answer)
{
    char url[URL_SIZE], id[64];
    const char *api = words[1], *workspace = words[2];
    if (!put(url, sizeof(url), "%s/w/%s/jobs/run/p/%s", api, workspace, words[3]) ||
        !send_request(curl, url, words[4], 201, answer) ||
        !put(id, sizeof(id), "%s", answer->text) ||
        !put(url, sizeof(url), "%s/w/%s/jobs_u/completed/get_result_maybe/%s", api, workspace,
             id)) {
        return false;
    }
    do {
        if (!send_request(curl, url, NULL, 200, answer)) {
            return false;
        }
    } while (!strstr(answer->text, "\"completed\":true"));
    if (!put(url, sizeof(url), "%s/w/%s/jobs_u/completed/get/%s", api, workspace, id) ||
        !send_request(curl, url, NULL, 200, answer)) {
        return false;
    }
    const char *result = strstr(answer->text, "\"result\":");
    printf("%.60s\n", result ? result : "no result");
    return put(url, sizeof(url), "%s/w/%s/jobs/completed/delete/%s", api, workspace, id) &&
           send_request(curl, url, "", 200, answer);
}

int main(int count, char **words)
{
    static struct answer answer;
    char authorization[256];
    const char *token = getenv("ARRAS_TOKEN");
    if (count != 5 || !token) {
        fprintf(stderr,
                "usage: ARRAS_TOKEN=... bare_curl API-URL WORKSPACE SCRIPT-PATH ARGS-JSON\n");
        return 2;
    }
    if (!put(authorization, sizeof(authorization), "Authorization: Bearer %s", token)) {
        return 2;
    }
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, authorization);
    headers = headers ? curl_slist_append(headers, "Content-Type: application/json") : NULL;
    if (!curl || !headers) {
        return 1;
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    bool good = run_and_erase(curl, words, &answer);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return good ? 0 : 1;
}
