#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "unit/jobs/workers_fixture.h"

static pid_t program; /* of the test, also in its children */

static void prints_are_the_log_in_order(void **state)
{
    struct jobs_fixture *t = *state;
    struct ar_job job = jobs_run(t, "python3",
                                 "import sys\ndef main():\n    print('1')\n"
                                 "    print('2', file=sys.stderr)\n    print('3')",
                                 "{}");
    assert_str(jobs_log(t, job.id), "\n\n--- PYTHON CODE EXECUTION ---\n1\n2\n3\n");
    job = jobs_run(t, "bash", "echo 1; echo 2 >&2; echo 3", "{}");
    assert_str(jobs_log(t, job.id), "\n\n--- BASH CODE EXECUTION ---\n1\n2\n3\n");
}

static void a_log_can_be_read_while_the_job_runs(void **state)
{
    struct jobs_fixture *t = *state;
    struct arras_str id = jobs_submit(t, jobs_script("bash", "echo early; sleep 60", "{}"));
    jobs_wait_for_log(t, id, "early\n");
    assert_int_equal(
        ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("me"), AR_STR("enough"), NULL), ARRAS_OK);
    struct ar_job job = jobs_wait(t, id);
    assert_int_equal(job.state, AR_JOB_CANCELED);
    assert_str(job.canceled_by, "me");
    assert_str(job.result,
               "{\"error\":{\"message\":\"Job canceled: enough by me\",\"name\":\"Canceled\","
               "\"reason\":\"enough\",\"canceler\":\"me\"}}");
}

static void a_log_flood_is_cut_and_the_job_goes_on(void **state)
{
    struct jobs_fixture *t = *state;
    struct ar_job job =
        jobs_run(t, "bash", "yes 0123456789 | head -c 30000000; echo; echo done", "{}");
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_str(job.result, "\"done\"");
    struct arras_str log = jobs_log(t, job.id);
    assert_true(log.len > AR_JOB_LOG_SIZE && log.len < AR_JOB_LOG_SIZE + 1000);
    assert_true(ar_str_ends(log, "[the log is cut here, at 10485760 bytes]\n"));
}

static void a_log_flood_without_an_end_is_canceled_at_once(void **state)
{
    struct jobs_fixture *t = *state;
    struct arras_str id = jobs_submit(t, jobs_script("bash", "echo started; exec yes", "{}"));
    jobs_wait_for_log(t, id, "[the log is cut here");
    assert_str(jobs_run(t, "bash", "echo beside", "{}").result, "\"beside\"");
    int64_t asked = ar_clock_wall(ar_clock_system());
    assert_int_equal(ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("me"), AR_STR("x"), NULL),
                     ARRAS_OK);
    struct ar_job job = jobs_wait(t, id);
    assert_int_equal(job.state, AR_JOB_CANCELED);
    assert_true(job.completed_at - asked < 2 * 1000000); /* half a second, and a busy machine */
    assert_true(jobs_log(t, id).len < AR_JOB_LOG_SIZE + 1000);
}

static void a_job_that_takes_too_long_is_ended_even_when_it_does_not_want_to(void **state)
{
    struct jobs_fixture *t = *state;
    struct ar_job job =
        jobs_script("bash", "trap '' TERM; echo started; while :; do sleep 60; done", "{}");
    job.timeout = 1;
    job = jobs_wait(t, jobs_submit(t, job));
    assert_int_equal(job.state, AR_JOB_CANCELED);
    assert_str(job.canceled_by, "timeout");
    assert_str(job.canceled_reason, "duration > 1");
    assert_holds(job.result, "job process terminated due to timeout after exceeding 1 seconds");
    assert_true(job.completed_at - job.started_at < 20 * 1000000);
}

static void a_timeout_beyond_the_limit_is_not_granted_and_said(void **state)
{
    struct jobs_fixture *t = *state;
    struct ar_job job = jobs_script("bash", "echo x", "{}");
    job.timeout = 1000;
    job = jobs_wait(t, jobs_submit(t, job));
    assert_int_equal(job.state, AR_JOB_SUCCESS);
    assert_holds(jobs_log(t, job.id), "WARNING: the timeout of 1000 s");
}

/* Seconds that no other test's processes sleep: how those of this one are told. */
static long long sleep_seconds(int which)
{
    return 1000000000 + (long long)program * 4 + which;
}

/* How many processes of this machine run `sleep` for that long. */
static int count_sleepers(int which)
{
    char wanted[64];
    int count = 0;
    size_t len = 1 + (size_t)snprintf(wanted, sizeof(wanted), "sleep_%lld", sleep_seconds(which));
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    wanted[strlen("sleep")] = '\0';
    for (struct dirent *entry; (entry = readdir(proc));) {
        char path[300], command[64];
        snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
        int fd = open(path, O_RDONLY);
        ssize_t got = fd < 0 ? 0 : read(fd, command, sizeof(command));
        count += got == (ssize_t)len && memcmp(command, wanted, len) == 0;
        close(fd);
    }
    closedir(proc);
    return count;
}

/* The processes that this one's threads or `parent` started and that have not ended. */
static int find_children(pid_t parent, pid_t *list, int most)
{
    int count = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (struct dirent *entry; (entry = readdir(proc));) {
        char path[300], stat[512], state;
        int of;
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        int fd = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? open(path, O_RDONLY) : -1;
        ssize_t got = fd < 0 ? 0 : read(fd, stat, sizeof(stat) - 1);
        stat[got > 0 ? got : 0] = '\0';
        close(fd);
        const char *after = strrchr(stat, ')');
        if (after && sscanf(after, ") %c %d", &state, &of) == 2 && of == parent && state != 'Z' &&
            count < most) {
            list[count++] = (pid_t)strtol(entry->d_name, NULL, 10);
        }
    }
    closedir(proc);
    return count;
}

/* Waits until so many are there; one of them. */
static pid_t wait_for_children(int count)
{
    pid_t list[64] = {0};
    int64_t until = ar_clock_now(ar_clock_system()) + PATIENCE_SECONDS * AR_SECOND;
    while (find_children(getpid(), list, 64) != count) {
        assert_true(ar_clock_now(ar_clock_system()) < until);
        poll(NULL, 0, 5);
    }
    return list[0];
}

static void wait_for_sleepers(int which, int count)
{
    int64_t until = ar_clock_now(ar_clock_system()) + PATIENCE_SECONDS * AR_SECOND;
    while (count_sleepers(which) != count) {
        assert_true(ar_clock_now(ar_clock_system()) < until);
        poll(NULL, 0, 5);
    }
}

/* A job in bash; N in the code is the seconds to sleep. */
static struct ar_job sleeper(struct jobs_fixture *t, const char *code, int which)
{
    struct ar_job job = jobs_script("bash", "", "{}");
    struct ar_buf buf;
    struct arras_str rest = ar_str_z(code);
    ar_buf_init(&buf, 4096);
    while (rest.len) {
        size_t at = ar_str_find(rest, AR_STR("N"), 0);
        ar_buf_add_str(&buf, ar_str_sub(rest, 0, at));
        if (at != AR_NOT_FOUND) {
            ar_buf_printf(&buf, "%lld", sleep_seconds(which));
        }
        rest = ar_str_from(rest, at == AR_NOT_FOUND ? rest.len : at + 1);
    }
    assert_int_equal(ar_buf_copy(&buf, &t->arena, &job.code), ARRAS_OK);
    ar_buf_release(&buf);
    return job;
}

static void nothing_of_a_job_is_left_running(void **state)
{
    struct jobs_fixture *t = *state;
    struct ar_job job = sleeper(t,
                                "sleep N & (setsid sleep N &)\n"
                                "nohup sleep N >/dev/null 2>&1 &\necho done",
                                0);
    job = jobs_wait(t, jobs_submit(t, job));
    assert_str(job.result, "\"done\"");
    assert_int_equal(count_sleepers(0), 0);
    struct arras_str id =
        jobs_submit(t, sleeper(t, "trap '' TERM\nsleep N & (setsid sleep N &)\nsleep N", 1));
    wait_for_sleepers(1, 3);
    int64_t asked = ar_clock_wall(ar_clock_system());
    assert_int_equal(ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("me"), AR_STR("x"), NULL),
                     ARRAS_OK);
    job = jobs_wait(t, id);
    assert_int_equal(count_sleepers(1), 0);
    assert_true(job.completed_at - asked < 2 * 1000000); /* half a second, and a busy machine */
}

static void a_job_that_heeds_sigterm_ends_in_its_own_way(void **state)
{
    struct jobs_fixture *t = *state;
    struct arras_str id = jobs_submit(
        t, jobs_script("bash", "trap 'echo tidied; exit 0' TERM\necho started\nsleep 60 & wait",
                       "{}"));
    jobs_wait_for_log(t, id, "started");
    assert_int_equal(ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("me"), AR_STR("x"), NULL),
                     ARRAS_OK);
    struct ar_job job = jobs_wait(t, id);
    assert_int_equal(job.state, AR_JOB_CANCELED);
    assert_holds(jobs_log(t, id), "tidied\ncanceled by me: (force cancel: false)\n");
}

/* Signals a process and all that it started. */
static void signal_tree(pid_t pid, int number)
{
    pid_t list[64];
    kill(pid, number);
    for (int i = find_children(pid, list, 64); i > 0; i--) {
        signal_tree(list[i - 1], number);
    }
}

/* So many interpreters that have begun to wait: the supervisor of each has started one. */
static void wait_for_interpreters(int count)
{
    int64_t until = ar_clock_now(ar_clock_system()) + PATIENCE_SECONDS * AR_SECOND;
    for (int ready = 0; ready < count; poll(NULL, 0, 5)) {
        pid_t list[64], own = wait_for_children(count);
        ready = 0;
        for (int i = find_children(getpid(), list, 64); i > 0; i--) {
            int depth = 0; /* bubblewrap and the namespaces' first process stand between */
            for (own = list[i - 1]; find_children(own, &own, 1) == 1;) {
                depth++;
            }
            ready += depth == (jobs_sandboxed ? 3 : 1);
        }
        assert_true(ar_clock_now(ar_clock_system()) < until);
    }
}

static void interpreters_wait_for_the_next_job(void **state)
{
    /* in hundredths of a second since the machine was started, as the kernel counts */
    static const char started[] =
        "def main(): return int(open('/proc/self/stat').read().rsplit(')', 1)[1].split()[19])";
    struct jobs_fixture *t = *state;
    struct timespec now;
    int64_t ticks = 0;
    assert_int_equal(find_children(getpid(), (pid_t[1]){0}, 1), 0); /* before it is asked for */
    jobs_run(t, "python3", "def main(): pass", "{}");
    wait_for_interpreters(2);
    poll(NULL, 0, 20);
    clock_gettime(CLOCK_BOOTTIME, &now);
    struct ar_job job = jobs_run(t, "python3", started, "{}");
    assert_true(ar_str_int(job.result, &ticks));
    assert_true(ticks <= now.tv_sec * 100 + now.tv_nsec / 10000000);
    wait_for_children(2);
}

/* The kernel may end them when memory runs out. One that dies as it is given a job, before it has
 * read it, has done nothing of it. */
static void interpreters_that_die_while_they_wait_cost_no_job(void **state)
{
    struct jobs_fixture *t = *state;
    pid_t list[2];
    jobs_run(t, "python3", "def main(): pass", "{}");
    wait_for_interpreters(2);
    assert_int_equal(find_children(getpid(), list, 2), 2);
    for (int i = 0; i < 2; i++) {
        signal_tree(list[i], SIGSTOP);
    }
    struct arras_str id = jobs_submit(t, jobs_script("python3", "def main(): return 1", "{}"));
    jobs_wait_for_log(t, id, "PYTHON CODE EXECUTION"); /* it was given to one of them */
    for (int i = 0; i < 2; i++) {
        kill(list[i], SIGKILL);
    }
    struct ar_job job = jobs_wait(t, id);
    assert_str(job.result, "1");
    assert_int_equal(job.attempt, 1);
    for (int i = 0; i < 3; i++) {
        pid_t waiting = wait_for_children(2);
        signal_tree(waiting, SIGSTOP); /* it reads nothing on its way to the end */
        kill(waiting, SIGKILL);
        job = jobs_run(t, "python3", "def main(): return 1", "{}");
        assert_str(job.result, "1");
    }
    assert_str(jobs_log(t, job.id), "\n\n--- PYTHON CODE EXECUTION ---\n");
}

static void interpreters_that_nobody_asks_for_go(void **state)
{
    struct jobs_fixture *t = *state;
    char path[64];
    jobs_close(t);
    jobs_next_database();
    jobs_database_path(path);
    jobs_spare_seconds = 1;
    jobs_open(t, path, 1);
    jobs_spare_seconds = 60;
    jobs_run(t, "bash", "true", "{}");
    wait_for_children(2);
    wait_for_children(0);
    struct ar_job job = jobs_run(t, "bash", "echo again", "{}");
    assert_str(job.result, "\"again\"");
    wait_for_children(2);
    ar_workers_stop(t->workers, 0);
    t->workers = NULL;
    assert_int_equal(find_children(getpid(), (pid_t[1]){0}, 1), 0);
}

static void the_environment_is_the_jobs_and_nothing_else(void **state)
{
    struct jobs_fixture *t = *state;
    setenv("SECRET_OF_THE_SERVER", "x", 1);
    struct ar_job job = jobs_run(t, "bash", "env | sort; echo \"$WM_JOB_ID\"", "{}");
    struct arras_str log = jobs_log(t, job.id);
    assert_false(holds(log, "SECRET_OF_THE_SERVER"));
    assert_holds(log, "WM_WORKSPACE=w\n");
    assert_holds(log, "WM_BASE_URL=http://127.0.0.1:1\n");
    assert_holds(log, "WM_JOB_PATH=u/admin/hello\n");
    assert_true(ar_str_eq(ar_str_sub(job.result, 1, job.result.len - 1), job.id));
    if (jobs_sandboxed) {
        assert_holds(log, "HOME=/tmp/job\n");
    }
}

static void a_script_adds_to_the_environment(void **state)
{
    static const char *const languages[][2] = {
        {"bash", "echo \"$MINE|$EMPTY|$LANG|$(env | grep -c ^LANG=)|$WM_WORKSPACE\""},
        {"python3", "import os\ndef main():\n    e = os.environ\n"
                    "    return f\"{e['MINE']}|{e['EMPTY']}|{e['LANG']}|1|{e['WM_WORKSPACE']}\""},
    };
    struct jobs_fixture *t = *state;
    for (size_t i = 0; i < 2; i++) {
        struct ar_job job = jobs_script(languages[i][0], languages[i][1], "{}");
        job.envs = AR_STR("[\"MINE=a=b c\",\"EMPTY\",\"LANG=C\"]");
        job = jobs_wait(t, jobs_submit(t, job));
        assert_str(job.result, "\"a=b c||C|1|w\"");
    }
}

static void the_peak_of_memory_is_measured(void **state)
{
    struct ar_job job =
        jobs_run(*state, "python3", "def main(): return len(b'x' * 100000000)", "{}");
    assert_str(job.result, "100000000");
    assert_true(job.memory_peak > 97000 && job.memory_peak < 400000);
}

static void a_memory_hog_fails_and_the_server_lives(void **state)
{
    struct ar_job job =
        jobs_run(*state, "python3", "def main(): return len(b'x' * (3 << 30))", "{}");
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "MemoryError");
}

static void a_language_that_is_not_here_is_a_failure_that_says_so(void **state)
{
    CHECK(*state, {"cobol", "x", "{}", AR_JOB_FAILURE,
                   "{\"error\":{\"message\":\"execution error:\\nthis server runs no scripts in "
                   "'cobol'\",\"name\":\"ExecutionErr\"}}"});
}

static void arguments_too_long_for_a_command_are_a_failure_that_says_so(void **state)
{
    struct jobs_fixture *t = *state;
    char *args = malloc(300001);
    assert_non_null(args);
    memset(args, 'x', 300000);
    memcpy(args, "{\"a\":\"", 6);
    memcpy(args + 299998, "\"}", 3);
    struct ar_job job = jobs_run(t, "bash", "a=\"$1\"\necho \"${#a}\"", args);
    assert_int_equal(job.state, AR_JOB_FAILURE);
    assert_holds(job.result, "Argument list too long");
    job = jobs_run(t, "python3", "def main(a): return len(a)", args);
    assert_str(job.result, "299992");
    free(args);
}

static void stopping_puts_running_jobs_back(void **state)
{
    struct jobs_fixture *t = *state;
    struct arras_str id = jobs_submit(t, jobs_script("bash", "echo started; sleep 60", "{}"));
    struct ar_job job;
    jobs_wait_for_log(t, id, "started");
    ar_workers_stop(t->workers, 0);
    t->workers = NULL;
    assert_int_equal(ar_store_job_get(t->store, AR_STR("w"), id, &t->arena, NULL, &job), ARRAS_OK);
    assert_int_equal(job.state, AR_JOB_QUEUED);
    assert_int_equal(job.attempt, 1);
}

/* A server of its own: submits jobs, one of which runs until the end, and tells when it does. */
static void serve_until_killed(int ready)
{
    struct jobs_fixture t;
    char path[64];
    jobs_database_path(path);
    jobs_open(&t, path, 1);
    jobs_wait(&t, jobs_submit(&t, jobs_script("bash", "echo first", "{}")));
    jobs_submit(&t, sleeper(&t, "sleep N & (setsid sleep N &)\nsleep N", 2));
    jobs_submit(&t, jobs_script("bash", "echo second", "{}"));
    wait_for_sleepers(2, 3);
    assert_int_equal(write(ready, "x", 1), 1);
    pause();
}

static void jobs_survive_the_death_of_the_server(void **state)
{
    struct jobs_fixture t;
    char path[64], byte;
    int ready[2];
    (void)state;
    jobs_next_database();
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        serve_until_killed(ready[1]);
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    assert_int_equal(count_sleepers(2), 3);
    pid_t children[64];
    int child_count = find_children(pid, children, 64);
    assert_true(child_count >= 2); /* the job, and one that waits for the next */
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    wait_for_sleepers(2, 0); /* the kernel ends them in its own time */
    for (int i = 0; i < child_count; i++) {
        while (kill(children[i], 0) == 0) {
            poll(NULL, 0, 5);
        }
    }
    jobs_database_path(path);
    jobs_open(&t, path, 0);
    size_t count = 0;
    struct ar_job_list jobs;
    const struct ar_job_filter all = {
        .workspace = AR_STR("w"), .running = -1, .completed = -1, .success = -1, .limit = 10};
    assert_int_equal(ar_store_job_recover(t.store, NULL, &count), ARRAS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(ar_store_job_list(t.store, &all, &t.arena, NULL, &jobs), ARRAS_OK);
    assert_int_equal(jobs.list.count, 3);
    assert_int_equal(jobs.list.items[0].state, AR_JOB_QUEUED);
    assert_int_equal(jobs.list.items[0].attempt, 0);
    assert_int_equal(jobs.list.items[1].state, AR_JOB_QUEUED);
    assert_int_equal(jobs.list.items[1].attempt, 1);
    assert_int_equal(jobs.list.items[2].state, AR_JOB_SUCCESS);
    jobs_close(&t);
}

static void a_sandboxed_job_sees_nothing_of_the_machine(void **state)
{
    struct jobs_fixture *t = *state;
    char code[512], path[64];
    jobs_database_path(path);
    snprintf(code, sizeof(code),
             "for f in %s %s /root /home /var /etc/shadow /sys /boot; do\n"
             "  if ls $f >/dev/null 2>&1; then echo seen $f; fi\ndone\n"
             "for f in / /usr /etc /dev /proc/sys/kernel; do\n"
             "  if (touch $f/x) 2>/dev/null; then echo written $f; fi\ndone\n"
             "ls /proc | grep -c '^[0-9]'",
             jobs_directory, path);
    struct ar_job job = jobs_run(t, "bash", code, "{}");
    struct arras_str log = jobs_log(t, job.id);
    assert_false(holds(log, "seen"));
    assert_false(holds(log, "written"));
    assert_true(job.result.len == 3 && job.result.ptr[1] >= '3' && job.result.ptr[1] <= '7');
}

static void a_sandboxed_job_reaches_no_network(void **state)
{
    CHECK(*state, BASH("cat /proc/net/dev | grep -c :", "{}", SUCCESS, "\"1\""),
          PYTHON("import socket\ndef main():\n    s = socket.socket()\n    try:\n"
                 "        s.connect(('1.1.1.1', 53))\n    except OSError as e:\n"
                 "        return e.strerror",
                 "{}", SUCCESS, "\"Network is unreachable\""));
}

static void a_sandboxed_job_has_no_sockets_that_namespaces_do_not_hold(void **state)
{
    CHECK(*state,
          PYTHON("import errno, socket\ndef main():\n    got = []\n"
                 "    for family in (socket.AF_VSOCK, socket.AF_ALG, socket.AF_BLUETOOTH, 9, 3):\n"
                 "        try:\n            socket.socket(family, socket.SOCK_SEQPACKET)\n"
                 "        except OSError as e:\n            got.append(errno.errorcode[e.errno])\n"
                 "    return got",
                 "{}", SUCCESS,
                 "[\"EAFNOSUPPORT\",\"EAFNOSUPPORT\",\"EAFNOSUPPORT\",\"EAFNOSUPPORT\","
                 "\"EAFNOSUPPORT\"]"),
          PYTHON("import socket\ndef main():\n    a, b = socket.socketpair()\n    a.send(b'x')\n"
                 "    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):\n"
                 "        socket.socket(family)\n"
                 "    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)\n"
                 "    return b.recv(1)[0]",
                 "{}", SUCCESS, "120"));
}

static void a_sandboxed_job_has_no_rights(void **state)
{
    CHECK(*state,
          BASH("id -u; grep -E '^Cap(Eff|Prm|Bnd)' /proc/self/status | tr -d '\\t\\n'", "{}",
               SUCCESS,
               "\"CapPrm:0000000000000000CapEff:0000000000000000CapBnd:0000000000000000\""),
          BASH("unshare -U true 2>&1 | grep -o 'Operation not permitted'", "{}", SUCCESS,
               "\"Operation not permitted\""),
          BASH("mount -t tmpfs x /tmp 2>/dev/null || echo refused", "{}", SUCCESS, "\"refused\""),
          PYTHON("import ctypes\ndef main():\n    c = ctypes.CDLL(None, use_errno=True)\n"
                 "    return [c.ptrace(0, 0, 0, 0), ctypes.get_errno(),\n"
                 "            c.unshare(0x10000000), ctypes.get_errno(),\n"
                 "            c.syscall(250, 0, 0, 0), ctypes.get_errno()]",
                 "{}", SUCCESS, "[-1,1,-1,1,-1,1]"));
}

static void sandboxed_jobs_do_not_see_each_other(void **state)
{
    struct jobs_fixture *t = *state;
    struct arras_str id = jobs_submit(
        t, jobs_script("bash", "echo secret >/tmp/secret; echo started; sleep 60", "{}"));
    jobs_wait_for_log(t, id, "started");
    struct ar_job job =
        jobs_run(t, "bash",
                 "cat /tmp/secret /tmp/job/secret /proc/*/root/tmp/secret 2>/dev/null | "
                 "wc -l; ls /tmp | wc -l; cat /proc/[0-9]*/cmdline | grep -c 'sl[e]ep' || true",
                 "{}");
    assert_str(jobs_log(t, job.id), "\n\n--- BASH CODE EXECUTION ---\n0\n1\n0\n");
    assert_int_equal(ar_queue_cancel(t->queue, AR_STR("w"), id, AR_STR("me"), AR_STR("x"), NULL),
                     ARRAS_OK);
    jobs_wait(t, id);
}

/* Other jobs run beside it. */
static void a_fork_bomb_ends_with_its_job(void **state)
{
    struct jobs_fixture *t = *state;
    if (!jobs_sandboxed && geteuid() == 0) {
        skip(); /* root's processes are not counted */
    }
    struct ar_job job = jobs_script("python3",
                                    "import os\ndef main():\n    print('started')\n"
                                    "    while True:\n        try:\n            os.fork()\n"
                                    "        except OSError:\n            pass",
                                    "{}");
    job.timeout = 3;
    struct arras_str id = jobs_submit(t, job);
    jobs_wait_for_log(t, id, "started");
    if (jobs_sandboxed) {
        job = jobs_run(t, "bash", "echo $(echo beside)", "{}");
        assert_str(job.result, "\"beside\"");
    }
    job = jobs_wait(t, id);
    assert_int_equal(job.state, AR_JOB_CANCELED);
    job = jobs_run(t, "bash", "echo $(echo alive)", "{}");
    assert_str(job.result, "\"alive\"");
}

static void a_job_has_so_many_processes_and_so_much_room(void **state)
{
    CHECK(*state,
          PYTHON("import os, time\ndef main():\n    n = 0\n    try:\n        while n < 1000:\n"
                 "            if os.fork() == 0:\n                time.sleep(60)\n"
                 "            n += 1\n    except OSError:\n        pass\n    return 200 < n < 257",
                 "{}", SUCCESS, "true"),
          BASH("for i in 1 2 3 4; do head -c 400000000 /dev/zero >big$i 2>/dev/null || "
               "echo full; done; rm -f big*; echo ok",
               "{}", SUCCESS, "\"ok\""));
}

/* Kinds of job that steps of flows have, and that a preview may have. */
static void jobs_without_code_end_at_once(void **state)
{
    struct jobs_fixture *t = *state;
    const struct {
        const char *kind, *args, *result;
    } rows[] = {
        {AR_KIND_IDENTITY, "{\"previous_result\":[1,2]}", "[1,2]"},
        {AR_KIND_IDENTITY, "{\"a\":1}", "{}"},
        {AR_KIND_NOOP, "{\"a\":1}", "null"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct ar_job job = jobs_script("", "", rows[i].args);
        job.kind = ar_str_z(rows[i].kind);
        job = jobs_wait(t, jobs_submit(t, job));
        assert_int_equal(job.state, AR_JOB_SUCCESS);
        assert_true(ar_str_is(job.result, rows[i].result));
    }
}

static const struct CMUnitTest everywhere[] = {
    TEST(jobs_without_code_end_at_once),
    TEST(prints_are_the_log_in_order),
    TEST(a_log_can_be_read_while_the_job_runs),
    TEST(a_log_flood_is_cut_and_the_job_goes_on),
    TEST(a_log_flood_without_an_end_is_canceled_at_once),
    TEST(a_fork_bomb_ends_with_its_job),
    TEST(a_job_that_takes_too_long_is_ended_even_when_it_does_not_want_to),
    TEST(a_timeout_beyond_the_limit_is_not_granted_and_said),
    TEST(nothing_of_a_job_is_left_running),
    TEST(a_job_that_heeds_sigterm_ends_in_its_own_way),
    TEST(interpreters_wait_for_the_next_job),
    TEST(interpreters_that_die_while_they_wait_cost_no_job),
    TEST(interpreters_that_nobody_asks_for_go),
    TEST(the_environment_is_the_jobs_and_nothing_else),
    TEST(a_script_adds_to_the_environment),
    TEST(the_peak_of_memory_is_measured),
    TEST(a_memory_hog_fails_and_the_server_lives),
    TEST(a_language_that_is_not_here_is_a_failure_that_says_so),
    TEST(arguments_too_long_for_a_command_are_a_failure_that_says_so),
    TEST(stopping_puts_running_jobs_back),
    cmocka_unit_test(jobs_survive_the_death_of_the_server),
};

static const struct CMUnitTest in_sandbox[] = {
    TEST(a_sandboxed_job_sees_nothing_of_the_machine),
    TEST(a_sandboxed_job_reaches_no_network),
    TEST(a_sandboxed_job_has_no_sockets_that_namespaces_do_not_hold),
    TEST(a_sandboxed_job_has_no_rights),
    TEST(sandboxed_jobs_do_not_see_each_other),
    TEST(a_job_has_so_many_processes_and_so_much_room),
};

static int run_everywhere(void)
{
    return cmocka_run_group_tests_name("workers", everywhere, NULL, NULL);
}

static int run_in_sandbox(void)
{
    return cmocka_run_group_tests_name("sandbox", in_sandbox, NULL, NULL);
}

/* With the argument "none": the tests that hold without a sandbox too. */
int main(int argc, char **argv)
{
    program = getpid();
    return jobs_test_main(argc, argv, run_everywhere, run_in_sandbox);
}
