#!/bin/sh
# Whether every C file is as clang-format 14 leaves it. Exit status 77: there is none here.
cd "$(dirname "$0")/.." || exit 2
command -v clang-format-14 >/dev/null 2>&1 || {
    echo "skipped: no clang-format-14"
    exit 77
}
find src include tests fuzz bench -name '*.[ch]' -print0 |
    xargs -0 -r clang-format-14 --dry-run --Werror
