#include "commands.h"
#include "say.h"

int main(int argc, char **argv)
{
    /* a write for each line, not for each character; half lines that must be seen are flushed */
    setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    int status = ar_dispatch(argc > 0 ? argv + 1 : argv);
    /* A result that could not be written is no result: a full disk, a closed pipe. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        ar_say_error("cannot write to standard output");
        return status ? status : 2;
    }
    return status;
}
