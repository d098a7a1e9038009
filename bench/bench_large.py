#!/usr/bin/env python3
"""Peak memory of `arras run` that sends and saves one large body, beside a run that sends and saves a few bytes.

usage: bench_large.py ARRAS MEASURE [MEBIBYTES]    1024 unless given. Needs twice as much room in the temporary folder.
"""
import http.server
import json
import os
import pathlib
import socketserver
import subprocess
import sys
import tempfile
import threading

MEBIBYTE = 1 << 20
PIECE = bytes(MEBIBYTE)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        left = int(self.headers['Content-Length'])
        while left:
            left -= len(self.rfile.read(min(left, MEBIBYTE)))
        self.send_response(204)
        self.end_headers()

    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(self.server.size))
        self.end_headers()
        for at in range(0, self.server.size, MEBIBYTE):
            self.wfile.write(PIECE[:self.server.size - at])

    def log_message(self, *words):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


def run(program, meter, folder, server, step, size, *words):
    """(peak KiB, seconds); by a small program, since a process counts the memory of the one that started it."""
    done = subprocess.run([meter, program, 'run', str(folder / 'w.json'), step, '--quiet', '--timeout', '600', '--server',
                           f'http://127.0.0.1:{server.server_address[1]}', *words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f'{step} of {size} bytes failed: {done.stderr}')
    seconds, memory = done.stdout.split()
    return int(memory), float(seconds)


def main():
    program, meter = map(os.path.abspath, sys.argv[1:3])
    size = int((sys.argv[3:] or ['1024'])[0]) * MEBIBYTE
    server = Server(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix='arras-bench-') as name:
        folder = pathlib.Path(name)
        any_response = {'responses': {'default': {'description': 'any'}}}
        (folder / 'api.json').write_text(json.dumps({
            'openapi': '3.1.0', 'info': {'title': 'A', 'version': '1'},
            'paths': {'/': {'get': {'operationId': 'down', **any_response}, 'post': {'operationId': 'up', **any_response}}}}))
        body = {'contentType': 'application/octet-stream', 'payload': '$inputs.file'}
        steps = {'download': [{'stepId': 's', 'operationId': 'down'}],
                 'upload': [{'stepId': 's', 'operationId': 'up', 'requestBody': body}]}
        (folder / 'w.json').write_text(json.dumps({
            'arazzo': '1.0.1', 'info': {'title': 'W', 'version': '1'},
            'sourceDescriptions': [{'name': 'api', 'url': 'api.json', 'type': 'openapi'}],
            'workflows': [{'workflowId': key, 'steps': value} for key, value in steps.items()]}))
        for workflow in ('download', 'upload'):
            peaks = []
            for length in (3, size):
                server.size = length
                with open(folder / 'sent', 'wb') as sent:
                    sent.truncate(length)
                words = ['--save', f's={folder}/got'] if workflow == 'download' else ['--input', f'file=@{folder}/sent']
                peaks.append(run(program, meter, folder, server, workflow, length, *words))
            (small, _), (large, seconds) = peaks
            print(f'{workflow} of {size // MEBIBYTE} MiB: {seconds:.2f} s, peak {large} KiB; of 3 bytes: {small} KiB; '
                  f'ratio {large / small:.2f}')


if __name__ == '__main__':
    main()
