#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobs/sandbox/plan.h"

static const char PREFIX[] = "job-";

struct none {
    struct ar_sandbox sandbox; /* MUST be first */
    char *directory;
    int supervisor;
};

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    remove(path);
    return 0;
}

/* Does not follow links; goes on past what it cannot remove. */
static void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static enum arras_status none_open(struct ar_sandbox *sandbox,
                                   const struct ar_sandbox_opening *opening, struct ar_diags *diags,
                                   struct ar_sandbox_process *ret)
{
    const struct none *none = (const struct none *)sandbox;
    char *directory = NULL;
    if (asprintf(&directory, "%s/%sXXXXXX", none->directory, PREFIX) < 0) {
        return ar_no_memory(diags);
    }
    if (!mkdtemp(directory)) {
        enum arras_status status =
            ar_error(diags, ARRAS_IO, "sandbox", NULL, 0, "cannot make a directory '%s': %s",
                     directory, strerror(errno));
        free(directory);
        return status;
    }
    char *const argv[] = {"arras-supervise", NULL}, *const env[] = {NULL};
    struct ar_launch launch = {.path = "/proc/self/fd/5",
                               .argv = argv,
                               .env = env,
                               .session = true,
                               .death_signal = SIGUSR1}; /* the supervisor ends the job then */
    for (int i = 0; i < AR_LAUNCH_FDS; i++) {
        launch.fds[i] = -1;
    }
    enum arras_status status =
        ar_plan_launch(&launch, opening, directory, none->supervisor, diags, ret);
    if (status) {
        remove_tree(directory);
        free(directory);
        return status;
    }
    ret->directory = directory;
    return ARRAS_OK;
}

static void none_signal(struct ar_sandbox *sandbox, struct ar_sandbox_process *process,
                        enum ar_sandbox_signal signal)
{
    (void)sandbox;
    if (signal == AR_SANDBOX_ASK) {
        kill(-process->pid, SIGTERM);
    } else {
        kill(process->pid, SIGUSR1); /* the supervisor ends all that descends from it */
    }
}

static void none_finish(struct ar_sandbox *sandbox, struct ar_sandbox_process *process)
{
    (void)sandbox;
    kill(-process->pid, SIGKILL); /* where the job ended its own supervisor; not reaped yet */
    waitpid(process->pid, NULL, 0);
}

static void none_release(struct ar_sandbox *sandbox, struct ar_sandbox_process *process)
{
    (void)sandbox;
    ar_plan_close(process);
    if (process->directory) {
        remove_tree(process->directory);
        free(process->directory);
        process->directory = NULL;
    }
}

static void none_free(struct ar_sandbox *sandbox)
{
    struct none *none = (struct none *)sandbox;
    if (none->supervisor >= 0) {
        close(none->supervisor);
    }
    free(none->directory);
    free(none);
}

static const struct ar_sandbox_functions FUNCTIONS = {
    .open = none_open,
    .signal = none_signal,
    .finish = none_finish,
    .release = none_release,
    .free = none_free,
};

/* What a server that was killed left behind. */
static enum arras_status remove_leftovers(const char *directory, struct ar_diags *diags)
{
    DIR *dir = opendir(directory);
    if (!dir) {
        return ar_error(diags, ARRAS_IO, "sandbox", NULL, 0, "cannot read the directory '%s': %s",
                        directory, strerror(errno));
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        char *path = NULL;
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0) {
            continue;
        }
        if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0) {
            closedir(dir);
            return ar_no_memory(diags);
        }
        remove_tree(path);
        free(path);
    }
    closedir(dir);
    return ARRAS_OK;
}

enum arras_status ar_sandbox_none_new(const char *directory, struct ar_diags *diags,
                                      struct ar_sandbox **ret)
{
    struct none *none = calloc(1, sizeof(*none));
    /* absolute: the job's own HOME and working directory derive from it */
    char *copy = none ? realpath(directory, NULL) : NULL;
    if (!copy) {
        enum arras_status status =
            none && errno != ENOMEM ? ar_error(diags, ARRAS_IO, "sandbox", NULL, 0,
                                               "the directory '%s': %s", directory, strerror(errno))
                                    : ar_no_memory(diags);
        free(none);
        return status;
    }
    none->sandbox.functions = &FUNCTIONS;
    none->directory = copy;
    none->supervisor = -1;
    enum arras_status status = remove_leftovers(copy, diags);
    if (status == ARRAS_OK) {
        status = ar_plan_supervisor(diags, &none->supervisor);
    }
    if (status) {
        none_free(&none->sandbox);
        return status;
    }
    *ret = &none->sandbox;
    return ARRAS_OK;
}
