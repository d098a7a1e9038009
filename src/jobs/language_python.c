#include "jobs/embedded.h"
#include "jobs/language.h"

static const char *const COMMAND[] = {
    "/usr/bin/python3",
    "-I", /* nothing from the environment or a user's folder */
    "-u", /* what is printed is in the log at once, in order with the errors */
    "-B", /* no compiled files */
    "python_main.py",
};

static enum arras_status prepare(const struct ar_job *job, const struct arras_value *args,
                                 struct ar_arena *arena, struct ar_diags *diags,
                                 struct ar_sandbox_task *task)
{
    (void)args;
    const struct arras_str wrapper = {(const char *)ar_embedded_python_main,
                                      ar_embedded_python_main_size};
    const struct arras_str given = job->args.len ? job->args : AR_STR("{}");
    bool done =
        ar_vec_push(arena, &task->files, (struct ar_sandbox_file){"python_main.py", wrapper}) &&
        ar_vec_push(arena, &task->files, (struct ar_sandbox_file){"main.py", job->code}) &&
        ar_vec_push(arena, &task->files, (struct ar_sandbox_file){"args.json", given});
    for (size_t i = 0; done && i < sizeof(COMMAND) / sizeof(*COMMAND); i++) {
        done = ar_vec_push(arena, &task->argv, ar_str_z(COMMAND[i]));
    }
    task->json_result = "main_result.json"; /* as python_main.py says */
    task->text_result = "";
    return done ? ARRAS_OK : ar_no_memory(diags);
}

const struct ar_language ar_language_python = {
    .header = "\n\n--- PYTHON CODE EXECUTION ---\n",
    .run = "python run",
    .prepare = prepare,
};
