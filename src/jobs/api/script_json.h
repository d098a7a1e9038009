/* Deploying scripts: reading what a client sends, and a script's identity. */
#ifndef AR_JOBS_API_SCRIPT_JSON_H
#define AR_JOBS_API_SCRIPT_JSON_H

#include "jobs/api/call.h"

/* What createScript takes (windmill-api.md section 4.4); settings are script_settings.h's, and what
 * is no member of Windmill's is ignored, as it does. */
struct ar_new_script {
    struct ar_script script; /* without hash */
    bool auto_parent;        /* the parent is whatever is live */
};

/* Reads and checks the body; false: answered. */
bool ar_call_new_script(struct ar_call *call, struct ar_new_script *ret) ARRAS_CHECKED;
/* 16 hex digits of a SHA-256 over all that the client may set. */
enum arras_status ar_script_hash(const struct ar_script *script, struct ar_arena *arena,
                                 struct arras_str *ret) ARRAS_CHECKED;
/* Whether a client would get the same script, the versions' order aside. */
bool ar_script_same(const struct ar_script *a, const struct ar_script *b);
enum ar_script_shown {
    AR_SCRIPT_CONTENT = 1,
    AR_SCRIPT_MESSAGE = 2, /* what was said when it was deployed */
    AR_SCRIPT_NO_DESCRIPTION = 4
};
/* The script as the API shows it; `shown` of enum ar_script_shown. */
void ar_script_write(const struct ar_script *script, int shown, struct ar_writer *writer);
/* Answers 200 with the whole script. */
void ar_answer_script(struct ar_call *call, const struct ar_script *script);
/* The live script at call->tail, and one version; what the caller may not read is not there. False:
 * answered. */
bool ar_call_script_at_path(struct ar_call *call, struct ar_script *ret) ARRAS_CHECKED;
bool ar_call_script_version(struct ar_call *call, struct arras_str hash,
                            struct ar_script *ret) ARRAS_CHECKED;
/* The answer where there is no such script, or the store failed. */
void ar_answer_no_script(struct ar_call *call, enum arras_status status);

#endif
