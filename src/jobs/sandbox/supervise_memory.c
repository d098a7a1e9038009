#include "jobs/sandbox/supervise_memory.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROCESSES_MOST = 8192, TEXT_SIZE = 4096 };

struct process {
    long pid, parent;
    bool ours;
};

static struct process processes[PROCESSES_MOST];
static size_t count;

/* A file of a process as text, cut where it is long; empty where it cannot be read. */
static const char *read_file(long pid, const char *name, char *text)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, TEXT_SIZE - 1);
    text[len > 0 ? len : 0] = '\0';
    if (fd >= 0) {
        close(fd);
    }
    return text;
}

static void list_processes(void)
{
    DIR *proc = opendir("/proc");
    count = 0;
    for (struct dirent *entry; proc && count < PROCESSES_MOST && (entry = readdir(proc));) {
        char text[TEXT_SIZE], *end;
        struct process *process = &processes[count];
        *process = (struct process){.pid = strtol(entry->d_name, &end, 10)};
        if (process->pid <= 0 || *end) {
            continue;
        }
        const char *after =
            strrchr(read_file(process->pid, "stat", text), ')'); /* "1 (name) S 0" */
        count += after && sscanf(after, ") %*c %ld", &process->parent) == 1;
    }
    if (proc) {
        closedir(proc);
    }
}

static bool is_ours(long pid)
{
    for (size_t i = 0; i < count; i++) {
        if (processes[i].pid == pid) {
            return processes[i].ours;
        }
    }
    return false;
}

/* What a process of ours starts is ours. */
static size_t mark_ours(void)
{
    size_t marked = 0;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            struct process *process = &processes[i];
            if (!process->ours && (process->parent == getpid() || is_ours(process->parent))) {
                process->ours = more = true;
                marked++;
            }
        }
    }
    return marked;
}

/* Bytes that no file backs; what a fork shares counts for each. */
static unsigned long long own_memory(long pid)
{
    char text[TEXT_SIZE];
    unsigned long long resident = 0, shared = 0;
    if (sscanf(read_file(pid, "statm", text), "%*u %llu %llu", &resident, &shared) != 2 ||
        resident < shared) {
        return 0;
    }
    return (resident - shared) * (unsigned long long)sysconf(_SC_PAGESIZE);
}

/* The same, with each one's part of what several share: exact, and slow. */
static unsigned long long shared_out(long pid)
{
    char text[TEXT_SIZE];
    unsigned long long kilobytes = 0;
    const char *at = strstr(read_file(pid, "smaps_rollup", text), "\nPss_Anon:");
    return at && sscanf(at, "\nPss_Anon: %llu", &kilobytes) == 1 ? kilobytes * 1024
                                                                 : own_memory(pid);
}

static unsigned long long sum(unsigned long long (*memory)(long pid))
{
    unsigned long long all = 0;
    for (size_t i = 0; i < count; i++) {
        all += processes[i].ours ? memory(processes[i].pid) : 0;
    }
    return all;
}

bool ar_supervise_takes_more(unsigned long long most)
{
    list_processes();
    /* one alone is held by its limits */
    return mark_ours() > 1 && sum(own_memory) > most && sum(shared_out) > most;
}
