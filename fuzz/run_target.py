#!/usr/bin/env python3
"""Runs one fuzz target from its kept corpus; what it finds new stays in a temporary folder.

usage: run_target.py PROGRAM CORPUS [ARTIFACTS]

With FUZZ_SECONDS in the environment it explores for that long, each time elsewhere. Without, it makes the same tries in every run,
so that what a change is refused for can be seen again.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

RUNS = 10000
SECONDS = 20


def main():
    program, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
    artifacts = sys.argv[3] if len(sys.argv) > 3 else '.'
    seconds = int(os.environ.get('FUZZ_SECONDS', '0'))
    extent = [f'-max_total_time={seconds}'] if seconds else ['-seed=1', f'-runs={RUNS}', f'-max_total_time={SECONDS}']
    kept = [str(corpus)] if corpus.is_dir() else []
    with tempfile.TemporaryDirectory() as fresh:
        done = subprocess.run([program, *extent, '-timeout=10', '-rss_limit_mb=2048', '-max_len=65536',
                               '-print_final_stats=1', f'-artifact_prefix={artifacts}/{os.path.basename(program)}-',
                               fresh, *kept], stdin=subprocess.DEVNULL, timeout=max(seconds, SECONDS) + 120)
    return 1 if done.returncode else 0


if __name__ == '__main__':
    sys.exit(main())
