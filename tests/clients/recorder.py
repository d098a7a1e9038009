"""A proxy in front of a server that remembers what clients asked: they survive many an error without a word."""
import http.client
import http.server
import threading
import urllib.parse

import described

# What belongs to one connection.
HOP = {'connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length', 'accept-encoding'}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def carry(self):
        length = int(self.headers.get('Content-Length', 0))
        body = self.rfile.read(length) if length else None
        connection = http.client.HTTPConnection(self.server.target, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        path = urllib.parse.unquote(self.path.partition('?')[0])
        self.server.asked.append((self.command, path, answer.status, content))
        try:
            described.DESCRIPTION.check(self.command, self.path, answer.status, answer.headers['Content-Type'], content)
        except described.Wrong as wrong:
            self.server.wrong.append(str(wrong))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(content)

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = do_OPTIONS = carry

    def log_message(self, *_):
        pass


class Recorder:
    """`with Recorder('127.0.0.1:8000') as recorder`: `url` leads to that server, `asked` has what went through:
    method, path, status, content; `wrong` what was not as the operations are described."""

    def __init__(self, target):
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.server.target = target
        self.server.asked = self.asked = []
        self.server.wrong = self.wrong = []
        self.url = f'http://127.0.0.1:{self.server.server_port}'

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def unknown(self):
        """The operations that the server did not have: {'METHOD PATH'}."""
        return {f'{method} {path}' for method, path, status, content in self.asked
                if status in (404, 405) and (b'this server has no' in content or status == 405)}
