#include "cmd.h"
#include "commands.h"

static const struct ar_term exits[] = {{"0", "always, but for bad usage"}, AR_EXIT_USAGE, {0}};

static int version(void *settings, struct ar_texts *words)
{
    (void)settings;
    (void)words;
    puts("arras " ARRAS_VERSION);
    return 0;
}

const struct ar_command ar_cmd_version = {.name = "version",
                                          .summary = "print the version",
                                          .prose = "Prints the program's name and version.",
                                          .exits = exits,
                                          .run = version};
