#include "jobs/language/language_wrapper.h"

enum arras_status ar_wrapper_open(const char *const *command, const char *file,
                                  struct arras_str content, struct ar_arena *arena,
                                  struct ar_diags *diags, struct ar_sandbox_opening *opening)
{
    bool done =
        ar_vec_push(arena, &opening->command.files, (struct ar_sandbox_file){file, content});
    for (; done && *command; command++) {
        done = ar_vec_push(arena, &opening->command.argv, ar_str_z(*command));
    }
    return done ? ARRAS_OK : ar_no_memory(diags);
}

enum arras_status ar_wrapper_prepare(const char *script, const struct ar_job *job,
                                     struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_sandbox_task *task)
{
    const struct ar_sandbox_file code = {script, job->code};
    const struct ar_sandbox_file args = {"args.json", job->args.len ? job->args : AR_STR("{}")};
    task->json_result = "main_result.json";
    task->text_result = "";
    return ar_vec_push(arena, &task->command.files, code) &&
                   ar_vec_push(arena, &task->command.files, args)
               ? ARRAS_OK
               : ar_no_memory(diags);
}
