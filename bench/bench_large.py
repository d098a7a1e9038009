#!/usr/bin/env python3
"""Peak memory of `arras run` that sends and saves one large body, beside a run that sends and saves a few bytes.

usage: bench_large.py ARRAS [MEBIBYTES]    1024 unless given. Needs twice as much room in the temporary folder.
"""
import http.server
import json
import os
import pathlib
import socketserver
import sys
import tempfile
import threading
import time

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


def run(program, folder, server, step, size, *words):
    begun = time.monotonic()
    with open(os.devnull, 'wb') as nowhere:
        pid = os.posix_spawn(program, [program, 'run', str(folder / 'w.json'), step, '--quiet', '--timeout', '600',
                                       '--server', f'http://127.0.0.1:{server.server_address[1]}', *words], os.environ,
                             file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)])
        _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit(f'{step} of {size} bytes failed')
    return used.ru_maxrss, time.monotonic() - begun


def main():
    program, size = os.path.abspath(sys.argv[1]), int((sys.argv[2:] or ['1024'])[0]) * MEBIBYTE
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
                peaks.append(run(program, folder, server, workflow, length, *words))
            (small, _), (large, seconds) = peaks
            print(f'{workflow} of {size // MEBIBYTE} MiB: {seconds:.2f} s, peak {large} KiB; of 3 bytes: {small} KiB; '
                  f'ratio {large / small:.2f}')


if __name__ == '__main__':
    main()
