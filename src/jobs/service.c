#include "jobs/service.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobs/data_directory.h"
#include "jobs/secret.h"

enum { HOST_LENGTH = 64, RANDOM_LENGTH = 6 };

bool ar_service_path(struct ar_service *service, const char *name, struct arras_str *ret)
{
    return ar_str_printf(&service->arena, ret, "%.*s/%s", AR_STR_ARG(service->data), name);
}

static enum arras_status make_data(struct ar_service *service, const char *data,
                                   const char *temporary, struct ar_diags *diags)
{
    if (!data) {
        enum arras_status status = ar_directory_temporary(temporary ? temporary : "/tmp",
                                                          &service->arena, diags, &service->data);
        service->temporary = status == ARRAS_OK;
        return status;
    }
    if (!ar_str_copy(ar_str_z(data), &service->arena, &service->data)) {
        return ar_no_memory(diags);
    }
    return ar_directory_make(service->data, diags);
}

/* Jobs that ran here when the process was killed go back into the queue, where the database is of
 * one process; where it is shared, when their leases run out. */
static enum arras_status open_store(struct ar_service *service, const char *database,
                                    struct ar_diags *diags)
{
    struct arras_str path;
    size_t recovered;
    if (!ar_service_path(service, "arras.db", &path)) {
        return ar_no_memory(diags);
    }
    enum arras_status status =
        ar_store_open(database ? database : path.ptr, diags, &service->store);
    if (status || ar_store_shared(service->store)) {
        return status;
    }
    return ar_store_job_recover(service->store, diags, &recovered);
}

/* Removes the directories of processes that are gone: their locks went with them. */
static void remove_abandoned(struct ar_service *service, struct arras_str all)
{
    DIR *directory = opendir(all.ptr);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        struct arras_str path;
        if (entry->d_name[0] == '.' ||
            !ar_str_printf(&service->arena, &path, "%.*s/%s", AR_STR_ARG(all), entry->d_name)) {
            continue;
        }
        int fd = open(path.ptr, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
            ar_directory_remove(path);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    if (directory) {
        closedir(directory);
    }
}

/* One for each process, so that several may share the data. */
static enum arras_status make_job_directory(struct ar_service *service, struct ar_diags *diags)
{
    struct arras_str all;
    if (!ar_service_path(service, "jobs", &all)) {
        return ar_no_memory(diags);
    }
    enum arras_status status = ar_directory_make(all, diags);
    if (status) {
        return status;
    }
    remove_abandoned(service, all);
    status = ar_directory_temporary(all.ptr, &service->arena, diags, &service->jobs);
    if (status) {
        return status;
    }
    service->jobs_fd = open(service->jobs.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (service->jobs_fd < 0 || flock(service->jobs_fd, LOCK_EX | LOCK_NB) < 0) {
        return ar_error(diags, ARRAS_IO, "server-data", NULL, 0, "directory %s: %s",
                        service->jobs.ptr, strerror(errno));
    }
    return ARRAS_OK;
}

/* wk-GROUP-NAME, and where other processes have the database open too, -RANDOM: no worker that ever
 * was may have the same name, or one could end what another was given. */
static enum arras_status make_name(struct ar_service *service,
                                   const struct arras_work_options *options, struct ar_diags *diags)
{
    char host[HOST_LENGTH + 1] = "";
    struct arras_str token;
    (void)gethostname(host, HOST_LENGTH);
    if (ar_token_new(&service->arena, &token)) {
        return ar_error(diags, ARRAS_IO, "worker", NULL, 0, "no random number for a name");
    }
    token.len = ar_store_shared(service->store) ? RANDOM_LENGTH : 0;
    return ar_str_printf(&service->arena, &service->name, "wk-%s-%s%s%.*s",
                         options->group ? options->group : "default",
                         options->name ? options->name : host, token.len ? "-" : "",
                         AR_STR_ARG(token))
               ? ARRAS_OK
               : ar_no_memory(diags);
}

static bool is_name(const char *text, const char *more)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t at = 0;
    while (text[at] && (strchr(letters, text[at]) || strchr(more, text[at]))) {
        at++;
    }
    return *text && !text[at];
}

static enum arras_status check_names(const struct arras_work_options *options,
                                     struct ar_diags *diags)
{
    const struct {
        const char *what, *text, *more;
    } names[] = {{"name", options->name, "-_."},
                 {"group", options->group, "-_."},
                 {"list of tags", options->tags, "-_.,:/"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (names[i].text && !is_name(names[i].text, names[i].more)) {
            return ar_error(diags, ARRAS_USAGE, "worker", NULL, 0,
                            "'%s' is no %s of a worker: letters, digits and %s", names[i].text,
                            names[i].what, names[i].more);
        }
    }
    return ARRAS_OK;
}

static enum arras_status make_queue(struct ar_service *service,
                                    const struct arras_work_options *options,
                                    struct ar_diags *diags)
{
    if (options->tags && !ar_str_printf(&service->arena, &service->tags, ",%s,", options->tags)) {
        return ar_no_memory(diags);
    }
    enum arras_status status = ar_queue_new(service->store, &service->queue);
    if (status) {
        return ar_no_memory(diags);
    }
    ar_queue_configure(service->queue, options->tags ? service->tags.ptr : NULL,
                       options->lease_seconds);
    ar_queue_observe(service->queue, &service->telemetry);
    return ar_retention_start(service->store, options->retention_days, &service->telemetry, diags,
                              &service->retention);
}

enum arras_status ar_service_open(struct ar_service *service, const char *data,
                                  const char *temporary, const struct arras_work_options *options,
                                  struct ar_diags *diags)
{
    *service = (struct ar_service){.jobs_fd = -1, .telemetry = {.log = options->log}};
    ar_arena_init(&service->arena, 0);
    enum arras_status status = check_names(options, diags);
    if (!status) {
        status = make_data(service, data, temporary, diags);
    }
    if (!status) {
        status = open_store(service, options->database, diags);
    }
    if (!status) {
        status = make_job_directory(service, diags);
    }
    if (!status) {
        status = make_name(service, options, diags);
    }
    return status ? status : make_queue(service, options, diags);
}

/* Its full path: jobs run elsewhere. */
static enum arras_status find_packages(struct ar_service *service, const char *path,
                                       struct ar_diags *diags, const char **ret)
{
    struct arras_str copy;
    char *full = path ? realpath(path, NULL) : NULL;
    if (path && !full) {
        return ar_error(diags, ARRAS_IO, "server-packages", NULL, 0, "the packages in '%s': %s",
                        path, strerror(errno));
    }
    bool copied = !full || ar_str_copy(ar_str_z(full), &service->arena, &copy);
    if (full && copied) {
        *ret = copy.ptr;
    }
    free(full);
    return copied ? ARRAS_OK : ar_no_memory(diags);
}

static enum arras_status join(struct ar_service *service, const struct arras_work_options *options,
                              unsigned count, struct ar_diags *diags)
{
    char host[HOST_LENGTH + 1] = "";
    (void)gethostname(host, HOST_LENGTH);
    service->process = (struct ar_worker_process){
        .name = service->name,
        .group = ar_str_z(options->group ? options->group : "default"),
        .tags = service->tags,
        .count = count,
        .started_at = ar_store_now(service->store),
    };
    return ar_str_copy(ar_str_z(host), &service->arena, &service->process.host)
               ? ar_queue_join(service->queue, &service->process, diags)
               : ar_no_memory(diags);
}

enum arras_status ar_service_work(struct ar_service *service,
                                  const struct arras_work_options *options, const char *base_url,
                                  void (*connect)(void *context, const void *owner, int fd),
                                  void *connect_context, struct ar_diags *diags)
{
    const char *packages = NULL;
    enum arras_status found = find_packages(service, options->packages, diags, &packages);
    if (found) {
        return found;
    }
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned count = options->workers ? options->workers
                           : processors > 0 ? (unsigned)processors
                                            : 1;
    const struct ar_workers_options workers = {
        .store = service->store,
        .queue = service->queue,
        .count = count,
        .name = service->name.ptr,
        .directory = service->jobs.ptr,
        .base_url = base_url,
        .key = service->key,
        .telemetry = &service->telemetry,
        .sandbox = !options->no_sandbox,
        .job_seconds = options->job_seconds,
        .packages = packages,
        .connect = connect,
        .connect_context = connect_context,
        .network = options->network == ARRAS_NETWORK_ALL     ? AR_JOB_NETWORK_ALL
                   : options->network == ARRAS_NETWORK_ASKED ? AR_JOB_NETWORK_ASKED
                                                             : AR_JOB_NETWORK_NONE,
        .memory = options->job_memory,
        .processes = options->job_processes,
        .log_size = options->job_log_size,
        .result_size = options->job_result_size,
        .spares = options->warm < 0   ? 0
                  : options->warm > 0 ? (unsigned)options->warm
                                      : count,
    };
    service->telemetry.workers = options->no_workers ? 0 : count;
    if (options->no_workers) {
        return ARRAS_OK;
    }
    enum arras_status joined = join(service, options, count, diags);
    return joined ? joined : ar_workers_start(&workers, diags, &service->workers);
}

void ar_service_stop_workers(struct ar_service *service, int64_t grace)
{
    ar_workers_stop(service->workers, grace);
    service->workers = NULL;
}

void ar_service_close(struct ar_service *service)
{
    ar_service_stop_workers(service, 0);
    ar_retention_stop(service->retention);
    if (service->queue) {
        ar_queue_free(service->queue);
    }
    if (service->store) {
        ar_store_close(service->store);
    }
    if (service->jobs_fd >= 0) {
        ar_directory_remove(service->jobs);
        close(service->jobs_fd);
    }
    if (service->temporary) {
        ar_directory_remove(service->data);
    }
    ar_arena_release(&service->arena);
}
