/* Runs a command and prints how long it took, in seconds, and its peak memory, in KiB. A program of
 * its own because a process counts the memory of the one that started it until exec as its own
 * peak, and this one is small.
 *
 * usage: measure COMMAND [WORD...]. The command's standard output goes to /dev/null. Exits as the
 * command did. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int count, char **words)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;
    struct rusage usage;
    if (count < 2 || posix_spawn_file_actions_init(&actions) ||
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)) {
        fprintf(stderr, "usage: measure COMMAND [WORD...]\n");
        return 2;
    }
    double begun = now();
    if (posix_spawn(&child, words[1], &actions, NULL, words + 1, environ) ||
        wait4(child, &status, 0, &usage) != child) {
        perror(words[1]);
        return 2;
    }
    printf("%.6f %ld\n", now() - begun, usage.ru_maxrss);
    posix_spawn_file_actions_destroy(&actions);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
