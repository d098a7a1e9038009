#!/usr/bin/env python3
"""What a person sees on a terminal: a line that is rewritten while a poll waits, and colours unless NO_COLOR says no.

usage: test_terminal.py ARRAS
"""
import http.server
import os
import pty
import select
import subprocess
import sys
import tempfile
import threading
import time

DOCUMENT = """
arazzo: 1.0.1
info: {title: Poll, version: '1'}
sourceDescriptions: [{name: api, url: api.yaml, type: openapi}]
workflows:
- workflowId: poll
  steps:
  - stepId: ask
    operationId: ask
    onSuccess:
    - {name: again, type: goto, stepId: ask, x-arras-poll: 0.2, criteria: [{condition: '$response.body#/done == false'}]}
"""
DESCRIPTION = """
openapi: 3.1.0
info: {title: API, version: '1'}
paths:
  /ask:
    get: {operationId: ask, responses: {'200': {description: ok}}}
"""
SECONDS = 30


class Server(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self):
        Server.asked += 1
        body = b'{"done": true}' if Server.asked % 3 == 0 else b'{"done": false}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def run(arras, folder, url, environment):
    """The exit status, and what came on a terminal that is standard error."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([arras, "run", "poll.yaml", "--server", url], cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=follower, env=environment)
    os.close(follower)
    seen, end = b"", time.monotonic() + SECONDS
    while time.monotonic() < end:
        if not select.select([leader], [], [], 1)[0]:
            continue
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(leader)
    process.kill() if process.poll() is None and time.monotonic() >= end else None
    return process.wait(SECONDS), seen.decode()


def main():
    arras = os.path.abspath(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = "http://127.0.0.1:%d" % server.server_port
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("poll.yaml", DOCUMENT), ("api.yaml", DESCRIPTION)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        plain = {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        for colours, environment in ((True, plain), (False, dict(plain, NO_COLOR="1"))):
            status, seen = run(arras, folder, url, environment)
            checks = (
                ("ends well", status == 0),
                ("tells what waits and for how long", "ask again in 200 ms" in seen),
                ("rewrites the line", "\r\x1b[K" in seen),
                ("ends with one line for all attempts", "ask  200" in seen and "3 attempts\r\n" in seen),
                ("colours" if colours else "no colours", ("\x1b[32m" in seen) == colours),
            )
            failures += [(name, seen) for name, good in checks if not good]
    server.shutdown()
    for name, seen in failures:
        print("failed: %s: %r" % (name, seen))
    print("%d failed" % len(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
