#!/usr/bin/env python3
"""Runs the program as its users do: each case is a command, what it reads, and exactly what must come out.

usage: run_cases.py PROGRAM FILE...    TAP on standard output. tests/cli/README.md describes the files.
"""
import http.server
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import threading

SECONDS = 60


class Case:
    def __init__(self, name, place):
        self.name, self.place = name, place
        self.files, self.exchange, self.environment = {}, [], {}
        self.command, self.stdin, self.status = None, '', 0
        self.stdout, self.stderr = [], []  # (is a pattern, text)
        self.result = None  # members that the JSON on standard output must have


def read_cases(path):
    """The cases of a file; every line says by its first characters what it is."""
    cases, target = [], None
    for number, line in enumerate(path.read_text().split('\n'), 1):
        mark, _, rest = line.partition(' ')
        if mark == '===':
            cases.append(Case(rest, f'{path}:{number}'))
        elif not line or mark == '#':
            pass
        elif mark == '+':
            cases[-1].files[rest] = target = []
        elif mark == '|':
            target.append(rest)
        elif mark == '<':
            cases[-1].stdin += rest + '\n'
        elif mark in ('@', '@~'):
            cases[-1].exchange.append((mark == '@~', rest))
        elif mark == '%':
            name, _, value = rest.partition('=')
            cases[-1].environment[name] = value
        elif mark == '$':
            cases[-1].command = rest
        elif mark == '?':
            cases[-1].status = int(rest)
        elif mark == '1{':
            cases[-1].result = json.loads(rest)
        elif mark in ('1>', '1~'):
            cases[-1].stdout.append((mark == '1~', rest))
        elif mark in ('2>', '2~'):
            cases[-1].stderr.append((mark == '2~', rest))
        else:
            sys.exit(f'{path}:{number}: not a line of a case: {line}')
    return cases


class Script(http.server.BaseHTTPRequestHandler):
    """Answers the exchange of a case, request by request, and keeps what did not fit."""
    protocol_version = 'HTTP/1.1'

    def answer(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0)).decode()
        got = f'{self.command} {self.path}' + (f' {body}' if body else '')
        pattern, line = self.server.exchange.pop(0) if self.server.exchange else (False, '')
        wanted, _, reply = line.partition(' -> ')
        if not (re.fullmatch(wanted, got) if pattern else wanted == got):
            self.server.misfits.append(f'request: {got}\n#    not: {wanted or "one more"}')
        status, _, text = (reply or '500 not in the script').partition(' ')
        self.send_response(int(status))
        kind = 'application/json' if text[:1] in ('{', '[', '"') else 'text/plain'
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, *_):
        pass


def serve(exchange):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Script)
    server.daemon_threads = True
    server.exchange, server.misfits = list(exchange), []
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def fits(wanted, text):
    """Whether the lines are the text, patterns being matched whole."""
    lines = text.split('\n')
    if lines and lines[-1] == '':
        lines.pop()
    return len(lines) == len(wanted) and all(
        re.fullmatch(want, line) if pattern else want == line for (pattern, want), line in zip(wanted, lines))


def holds(wanted, got):
    """Whether `got` has all that `wanted` names; "*" is anything that is there."""
    if isinstance(wanted, dict) and wanted:
        return isinstance(got, dict) and all(name in got and holds(value, got[name]) for name, value in wanted.items())
    return wanted in ('*', got)


def result_of(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def differences(case, got, filled):
    if got.returncode != case.status:
        yield f'exit status {got.returncode}, not {case.status}'
    if case.result is not None and not holds(case.result, result_of(got.stdout)):
        yield f'stdout is\n{got.stdout}\nbut should hold\n{json.dumps(case.result)}'
    for name, lines, text in (('stdout', case.stdout, got.stdout), ('stderr', case.stderr, got.stderr)):
        wanted = [(pattern, filled(want)) for pattern, want in lines]
        if not fits(wanted, text) and not (name == 'stdout' and case.result is not None):
            yield f'{name} is\n{text}\nbut should be\n' + '\n'.join(want for _, want in wanted)


def run(program, case, folder):
    """What is wrong, as a list of texts."""
    server = serve(case.exchange) if case.exchange else None
    address = f'http://127.0.0.1:{server.server_address[1]}' if server else ''

    def filled(text):
        return text.replace('{server}', address).replace('{folder}', folder)

    for name, lines in case.files.items():
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled('\n'.join(lines)) + '\n')
    environment = {'PATH': os.environ['PATH'], 'HOME': folder, 'LC_ALL': 'C.UTF-8'}
    environment.update({name: value for name, value in os.environ.items() if name.endswith('SAN_OPTIONS')})
    environment.update({name: filled(value) for name, value in case.environment.items()})
    words = shlex.split(filled(case.command))
    assert words[0] == 'arras', case.place
    got = subprocess.run([program] + words[1:], input=case.stdin, capture_output=True, text=True, cwd=folder,
                         env=environment, timeout=SECONDS, check=False)
    wrong = list(differences(case, got, filled))
    if server:
        server.shutdown()
        server.server_close()
        wrong += server.misfits
        wrong += [f'never asked: {line}' for _, line in server.exchange]
    return wrong


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    cases = [case for path in sys.argv[2:] for case in read_cases(pathlib.Path(path))]
    print(f'1..{len(cases)}')
    for number, case in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                wrong = run(program, case, folder)
            except subprocess.TimeoutExpired:
                wrong = [f'not done after {SECONDS} seconds']
        print('not ok' if wrong else 'ok', number, '-', case.name.replace('#', ''), flush=True)
        for text in [case.place] * bool(wrong) + wrong:
            print('\n'.join('# ' + line for line in text.split('\n')))


if __name__ == '__main__':
    main()
