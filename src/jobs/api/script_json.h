/* Deploying scripts: reading what a client sends, and a script's identity. */
#ifndef AR_JOBS_API_SCRIPT_JSON_H
#define AR_JOBS_API_SCRIPT_JSON_H

#include "jobs/api/call.h"

/* What createScript takes (windmill-api.md section 4.4); members that this server does not know
 * are ignored, as Windmill does. */
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
/* The script as getScriptByPath shows it. */
void ar_script_write(const struct ar_script *script, bool with_content, struct ar_writer *writer);

#endif
