#include "jobs/embedded.h"
#include "jobs/language/language_wrapper.h"

static const char *const COMMAND[] = {
    "/usr/bin/python3",
    "-I", /* nothing from the environment or a user's folder */
    "-u", /* what is printed is in the log at once, in order with the errors */
    "-B", /* no compiled files */
    "python_main.py",
    NULL,
};

static enum arras_status open_python(struct ar_arena *arena, struct ar_diags *diags,
                                     struct ar_sandbox_opening *opening)
{
    const struct arras_str wrapper = {(const char *)ar_embedded_python_main,
                                      ar_embedded_python_main_size};
    return ar_wrapper_open(COMMAND, "python_main.py", wrapper, arena, diags, opening);
}

static enum arras_status prepare(const struct ar_job *job, const struct arras_value *args,
                                 struct ar_arena *arena, struct ar_diags *diags,
                                 struct ar_sandbox_task *task)
{
    (void)args;
    return ar_wrapper_prepare("main.py", job, arena, diags, task);
}

const struct ar_language ar_language_python = {
    .header = "\n\n--- PYTHON CODE EXECUTION ---\n",
    .run = "python run",
    .open = open_python,
    .prepare = prepare,
};
