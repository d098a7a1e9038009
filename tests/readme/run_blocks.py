#!/usr/bin/env python3
"""Runs the examples of a Markdown file, so that they are never wrong.

usage: run_blocks.py PROGRAM FILE

A block of `sh` behind the line `<!-- tested -->` is run; the blocks of a file are one bash session that stops at the first command
that fails. `<!-- wait FILE -->` waits until that file is there. The session runs in a folder of its own with the project's examples,
with PROGRAM as `arras` in its path, and on a free port wherever the text says 8000.
"""
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SECONDS = 60
PIECE = re.compile(r'^<!-- wait (\S+) -->$|^<!-- tested -->\n```sh\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


def session_of(text):
    """The shell text of a file's examples, and how many there are."""
    lines, count = ['set -eu', 'trap \'kill $(jobs -p) 2>/dev/null; wait\' EXIT'], 0
    for waited, block in PIECE.findall(text):
        if waited:
            lines.append(f'until [ -s {shlex.quote(waited)} ]; do kill -0 $! || exit 1; sleep 0.02; done')
        else:
            lines.append(block)
            count += 1
    return '\n'.join(lines), count


def can_sandbox():
    return subprocess.run(['bwrap', '--unshare-all', '--ro-bind', '/', '/', 'true'], capture_output=True).returncode == 0


def run(session, program, folder):
    """(exit status, output) of the session."""
    home = pathlib.Path(folder)
    (home / 'build/release').mkdir(parents=True)
    (home / 'build/release/arras').symlink_to(pathlib.Path(program).resolve())
    (home / 'examples').symlink_to(ROOT / 'examples')
    environment = {name: value for name, value in os.environ.items() if not name.startswith('ARRAS_')}
    output = home / 'output'
    with output.open('wb') as file:
        started = subprocess.Popen(['bash', '-c', session], cwd=home, stdout=file, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL, env=dict(environment, HOME=str(home)), start_new_session=True)
    try:
        status = started.wait(SECONDS)
    except subprocess.TimeoutExpired:
        status = f'none within {SECONDS} s'
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    return status, output.read_text(errors='replace')


def main():
    program, page = sys.argv[1:]
    session, count = session_of(pathlib.Path(page).read_text(encoding='utf-8'))
    if not count:
        print(f'{page}: no examples to run')
        return 1
    session = session.replace('8000', str(free_port()))
    if not can_sandbox():
        print('no sandbox on this machine: jobs run without one')
        session = session.replace('arras serve ', 'arras serve --sandbox none ').replace(' --local ', ' --sandbox none --local ')
    with tempfile.TemporaryDirectory(prefix='arras-readme-') as folder:
        status, output = run(session, program, folder)
    print(output)
    print(f'{count} examples, exit status {status}')
    return 1 if status or 'Sanitizer' in output else 0


if __name__ == '__main__':
    sys.exit(main())
