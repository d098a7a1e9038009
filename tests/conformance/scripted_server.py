"""An HTTP/1.1 server on loopback that expects the requests of a case, in order, and answers as the case says."""
import re
import socket
import threading
import time

LIMIT = 64 << 20


class Received:
    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body


class Connection:
    """Reads requests off one socket."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, b''

    def fill(self):
        piece = self.sock.recv(65536)
        if not piece or len(self.buffer) > LIMIT:
            raise ConnectionError('the client left')
        self.buffer += piece

    def line(self):
        while b'\r\n' not in self.buffer:
            self.fill()
        line, _, self.buffer = self.buffer.partition(b'\r\n')
        return line.decode('latin-1')

    def take(self, count):
        while len(self.buffer) < count:
            self.fill()
        piece, self.buffer = self.buffer[:count], self.buffer[count:]
        return piece

    def chunks(self):
        body = b''
        while True:
            size = int(self.line().split(';')[0], 16)
            if size == 0:
                while self.line():
                    pass
                return body
            body += self.take(size)
            self.line()

    def request(self):
        method, target, _ = self.line().split(' ', 2)
        headers = []
        while line := self.line():
            name, _, value = line.partition(':')
            headers.append((name, value.strip()))
        low = {name.lower(): value for name, value in headers}
        if low.get('expect', '').lower() == '100-continue':
            self.sock.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
        if 'chunked' in low.get('transfer-encoding', '').lower():
            body = self.chunks()
        else:
            body = self.take(int(low.get('content-length', '0')))
        return Received(method, target, headers, body)


def encode(response):
    """The bytes of a response. `Transfer-Encoding: chunked` in the case sends the body in two chunks."""
    lines = [f'HTTP/1.1 {response.status} Scripted'] + [f'{name}: {value}' for name, value in response.headers]
    names = {name.lower() for name, _ in response.headers}
    body = response.body
    if 'transfer-encoding' in names:
        half = len(body) // 2
        parts = [part for part in (body[:half], body[half:]) if part]
        body = b''.join(b'%x\r\n%s\r\n' % (len(part), part) for part in parts) + b'0\r\n\r\n'
    elif 'content-length' not in names and response.status not in (204, 304):
        lines.append(f'Content-Length: {len(body)}')
    return ('\r\n'.join(lines) + '\r\n\r\n').encode('utf-8') + (b'' if response.status in (204, 304) else body)


def boundaries_of(received):
    """The boundaries of a multipart request: its own, then those of multipart parts, in order."""
    types = [value for name, value in received.headers if name.lower() == 'content-type']
    return re.findall('boundary="?([^";\r\n]+)', '\n'.join(types + [received.body.decode('latin-1')]))


def with_boundaries(text, boundaries):
    for number, boundary in reversed(list(enumerate(boundaries, 1))):
        text = text.replace('${boundary}' if number == 1 else '${boundary%d}' % number, boundary)
    return text


def expected_body(body, boundaries):
    """The lines of a multipart body end with CRLF, the last one too."""
    if b'${boundary}' not in body:
        return body
    lines = body.decode('latin-1').replace('\n', '\r\n') + '\r\n'
    return with_boundaries(lines.replace('${lf}', '\n'), boundaries).encode('latin-1')


class ScriptedServer:
    """Use with `with`. `errors` holds what the client did wrong, in words."""

    def __init__(self, same_body):
        self.same_body = same_body  # whether two bodies are the same: (expected, got, headers got)
        self.exchange, self.errors = [], []
        self.next, self.last_answer = 0, None
        self.lock, self.ended = threading.Lock(), threading.Event()
        self.listener = socket.create_server(('127.0.0.1', 0))
        # Bound and never listening: a port where nobody answers.
        self.closed = socket.socket()
        self.closed.bind(('127.0.0.1', 0))
        self.sockets, self.threads = [], []

    @property
    def url(self):
        return f'http://127.0.0.1:{self.listener.getsockname()[1]}'

    @property
    def closed_url(self):
        return f'http://127.0.0.1:{self.closed.getsockname()[1]}'

    def __enter__(self):
        self.start(self.accept)
        return self

    def __exit__(self, *_):
        self.ended.set()
        for sock in [self.listener, self.closed, *self.sockets]:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
        for thread in self.threads:
            thread.join(5)

    def start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept(self):
        while not self.ended.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets.append(sock)
            self.start(self.serve, sock)

    def serve(self, sock):
        connection = Connection(sock)
        try:
            while not self.ended.is_set():
                received = connection.request()
                with self.lock:
                    response = self.answer_to(received)
                if not self.send(sock, received, response):
                    break
        except (OSError, ValueError):
            pass
        sock.close()

    def send(self, sock, received, response):
        """Whether the connection goes on."""
        if response is None:
            sock.sendall(b'HTTP/1.1 599 Not in the case\r\nContent-Length: 0\r\n\r\n')
            return True
        if response.status == 'silence':
            self.ended.wait(60)
            return False
        if response.delay:
            self.ended.wait(response.delay)
        self.last_answer = time.monotonic()
        if response.status == 'close':
            return False
        data = encode(response)
        sock.sendall(data.partition(b'\r\n\r\n')[0] + b'\r\n\r\n' if received.method == 'HEAD' else data)
        return True

    def answer_to(self, received):
        shown = f'request {self.next + 1}: {received.method} {received.target}'
        if self.next >= len(self.exchange):
            self.errors.append(f'{shown}: not in the case')
            return None
        expected, response = self.exchange[self.next]
        faults = list(self.compare(expected, received))
        self.errors += [f'{shown}: {fault}' for fault in faults]
        self.next += 1
        return None if faults else response

    def compare(self, expected, received):
        if (received.method, received.target) != (expected.method, expected.target):
            yield f'expected {expected.method} {expected.target}'
        boundaries = boundaries_of(received)
        wanted = expected_body(expected.body, boundaries)
        for name, value in expected.headers:
            value = with_boundaries(value, boundaries)
            got = [v for n, v in received.headers if n.lower() == name.lower()]
            if got != [value]:
                yield f'header {name} is {", ".join(map(repr, got)) or "absent"}, expected {value!r}'
        for name in expected.absent:
            got = [v for n, v in received.headers if n.lower() == name.lower()]
            if got:
                yield f'header {name} is {got[0]!r}, expected none'
        if not self.same_body(wanted, received.body, received.headers):
            yield f'body is {received.body!r}, expected {wanted!r}'
        waited = time.monotonic() - self.last_answer if self.last_answer is not None else 0.0
        if waited < expected.after:
            yield f'came {waited:.3f} s after the last response, expected no sooner than {expected.after}'

    def unfinished(self):
        """The requests that never came, in words."""
        return [f'request {number}: {request.method} {request.target}: did not come'
                for number, (request, _) in enumerate(self.exchange[self.next:], self.next + 1)]
