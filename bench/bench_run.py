#!/usr/bin/env python3
"""What a workflow run costs beside the same requests by bare libcurl: whole processes, time and peak memory.

usage: bench_run.py ARRAS BARE-CURL MEASURE [--runs N]

A server of its own answers at once (a job is over when it is first asked about), so that neither a queue nor an interpreter
is in the figures. The two programs take turns in one go; the figure is the ratio of the medians.
"""
import argparse
import http.server
import json
import os
import pathlib
import statistics
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / 'examples/windmill/run-script-and-cleanup-job.arazzo.yaml'
ID = '0190f2a4-7d61-7c52-b3f1-2f54c6a1d0aa'


class Answers(http.server.BaseHTTPRequestHandler):
    """The four operations, with no job behind them."""
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def answer(self, status, kind, text):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self):
        self.rfile.read(int(self.headers.get('Content-Length', 0)))
        if '/jobs/run/p/' in self.path:
            self.answer(201, 'text/plain', ID)
        else:
            self.answer(200, 'application/json', json.dumps({'id': ID, 'success': True, 'deleted': True}))

    def do_GET(self):
        if '/get_result_maybe/' in self.path:
            self.answer(200, 'application/json', '{"started":true,"success":true,"completed":true,"result":"Hello"}')
        else:
            self.answer(200, 'application/json', '{"id":"%s","success":true,"result":"Hello","logs":"x"}' % ID)

    def log_message(self, *_):
        pass


def measure(meter, command, environment):
    """(seconds, peak KiB) of one process, from start to its end."""
    done = subprocess.run([meter, *command], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f'{command[0]} ended with {done.returncode}: {done.stderr}')
    seconds, memory = done.stdout.split()
    return float(seconds), int(memory)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    arguments.add_argument('arras')
    arguments.add_argument('bare_curl')
    arguments.add_argument('measure')
    arguments.add_argument('--runs', type=int, default=50)
    options = arguments.parse_args()

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    api = f'http://127.0.0.1:{server.server_port}/api'
    environment = dict(os.environ, ARRAS_TOKEN='t', ARRAS_INPUT_TOKEN='t')
    commands = {
        'arras': [options.arras, 'run', str(WORKFLOW), '--json', '--server', f'windmillApi={api}', '--input', 'workspace=w',
                  '--input', 'path=u/a/b', '--input', 'args:={"name":"Ada"}'],
        'bare libcurl': [options.bare_curl, api, 'w', 'u/a/b', '{"name":"Ada"}']}
    found = {name: [] for name in commands}
    for turn in range(options.runs + 1):
        for name, command in commands.items():
            figures = measure(options.measure, command, environment)
            if turn:  # the first only warms the caches
                found[name].append(figures)
    medians = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in found.items()}
    for name, (seconds, memory) in medians.items():
        print(f'{name:14} {seconds * 1000:7.2f} ms  {memory / 1024:6.1f} MiB peak   (medians of {options.runs})')
    (ours, our_memory), (theirs, their_memory) = medians['arras'], medians['bare libcurl']
    print(f'ratio          {ours / theirs:7.2f}     {our_memory / their_memory:6.2f}')


if __name__ == '__main__':
    main()
