#!/usr/bin/env python3
"""How requests travel: TLS, HTTP/2, kept connections, redirects, proxies, addresses, cookies, fences, files.

usage: test_transport.py PROGRAM    Servers listen on loopback, on ports that the system picks.
"""
import ctypes
import gzip
import http.server
import json
import os
import pathlib
import select
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zlib

PROGRAM = os.path.abspath(sys.argv.pop(1))
MEGABYTE = 1 << 20
DOCUMENT = {'arazzo': '1.0.1', 'info': {'title': 'T', 'version': '1'},
            'sourceDescriptions': [{'name': 'api', 'url': 'api.json', 'type': 'openapi'}]}


def openssl(*words):
    subprocess.run(['openssl', *words], check=True, capture_output=True)


def brotli(text):
    library = ctypes.CDLL('libbrotlienc.so.1')
    size = ctypes.c_size_t(len(text) + 1024)
    packed = ctypes.create_string_buffer(size.value)
    if not library.BrotliEncoderCompress(5, 22, 0, ctypes.c_size_t(len(text)), text, ctypes.byref(size), packed):
        raise OSError('brotli failed')
    return packed.raw[:size.value]


def zstd(text):
    library = ctypes.CDLL('libzstd.so.1')
    library.ZSTD_compress.restype = ctypes.c_size_t
    packed = ctypes.create_string_buffer(len(text) + 1024)
    size = library.ZSTD_compress(packed, ctypes.c_size_t(len(packed)), text, ctypes.c_size_t(len(text)), 3)
    return packed.raw[:size]


class Certificates:
    """A throw-away authority and what it signed."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = folder / 'ca.pem'
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
                '-keyout', str(folder / 'ca.key'), '-out', str(self.ca), '-subj', '/CN=throw-away')

    def make(self, name, host, days='2'):
        key, request, pem, extra = (self.folder / f'{name}.{end}' for end in ('key', 'csr', 'pem', 'ext'))
        extra.write_text(f'subjectAltName=DNS:{host}\n')
        openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                '-keyout', str(key), '-out', str(request), '-subj', f'/CN={name}')
        openssl('x509', '-req', '-in', str(request), '-CA', str(self.ca), '-CAkey', str(self.folder / 'ca.key'),
                '-days', days, '-extfile', str(extra), '-out', str(pem), '-set_serial', str(abs(hash(name)) % 10**9))
        return pem, key


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def setup(self):
        super().setup()
        self.server.connections += 1

    def answer(self):
        left = int(self.headers.get('Content-Length') or 0)
        received, first = left, b''
        while left:
            piece = self.rfile.read(min(left, MEGABYTE))
            first = first or piece[:1000]
            left -= len(piece)
        self.server.seen.append({'method': self.command, 'path': self.path, 'headers': dict(self.headers.items()),
                                 'cookies': self.headers.get_all('Cookie', []),
                                 'body': first.decode('latin-1'), 'length': received})
        status, headers, body = self.server.script(self)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        length = sum(len(piece) for piece in body) if isinstance(body, list) else len(body)
        if 'Content-Length' not in headers:
            self.send_header('Content-Length', str(length))
        self.end_headers()
        for piece in body if isinstance(body, list) else [body]:
            try:
                self.wfile.write(piece)
            except OSError:
                break

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

    def log_message(self, *words):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, script, tls=None, ca=None):
        super().__init__(('127.0.0.1', 0), Handler)
        self.seen, self.connections, self.script = [], 0, script
        self.tls = None
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*map(str, tls))
            if ca:
                self.tls.load_verify_locations(str(ca))
                self.tls.verify_mode = ssl.CERT_REQUIRED
        threading.Thread(target=self.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()

    def get_request(self):
        connection, address = super().get_request()
        connection.settimeout(20)
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True)
        return connection, address

    def handle_error(self, request, address):
        pass

    @property
    def port(self):
        return self.server_address[1]


def ok(_):
    return 200, {'Content-Type': 'application/json'}, b'{"a": 1}'


class Proxy(socketserver.ThreadingTCPServer):
    """Passes on what it is given: CONNECT, and requests with a whole URL."""
    daemon_threads = True

    class Pass(socketserver.StreamRequestHandler):
        def handle(self):
            head = b''
            while not head.endswith(b'\r\n\r\n'):
                line = self.rfile.readline()
                if not line:
                    return
                head += line
            method, target, _ = head.split(b'\r\n')[0].decode().split(' ')
            self.server.seen.append((method, target, head.decode()))
            place = target if method == 'CONNECT' else target.split('/')[2]
            other = socket.create_connection(('127.0.0.1', int(place.rsplit(':', 1)[1])), 10)
            if method == 'CONNECT':
                self.wfile.write(b'HTTP/1.1 200 OK\r\n\r\n')
            else:
                other.sendall(head)
            if self.server.tls:
                self.take_turns(other)
                return
            threading.Thread(target=self.copy, args=(self.connection, other), daemon=True).start()
            self.copy(other, self.connection)

        def take_turns(self, other):
            """In one thread: a TLS connection is not to be read and written at the same time."""
            targets = {self.connection: other, other: self.connection}
            try:
                while True:
                    ready = [self.connection] if self.connection.pending() else select.select(list(targets), [], [], 20)[0]
                    for source in ready:
                        piece = source.recv(65536)
                        targets[source].sendall(piece)
                        if not piece:
                            return
                    if not ready:
                        return
            except OSError:
                pass
            finally:
                other.close()

        @staticmethod
        def copy(source, target):
            try:
                while True:
                    piece = source.recv(65536)
                    if not piece:
                        break
                    target.sendall(piece)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def __init__(self, tls=None):
        super().__init__(('127.0.0.1', 0), self.Pass)
        self.seen, self.tls = [], None
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*map(str, tls))
        threading.Thread(target=self.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()


    def get_request(self):
        connection, address = super().get_request()
        connection.settimeout(20)
        return self.tls.wrap_socket(connection, server_side=True) if self.tls else connection, address

    def handle_error(self, request, address):
        pass


class Socks(Proxy):
    """SOCKS 5 without authentication (RFC 1928): connects to loopback, whatever the host."""

    class Pass(Proxy.Pass):
        def handle(self):
            _, count = self.rfile.read(2)
            self.rfile.read(count)
            self.wfile.write(b'\x05\x00')
            _, _, _, kind = self.rfile.read(4)
            host = self.rfile.read(4 if kind == 1 else self.rfile.read(1)[0])
            port = int.from_bytes(self.rfile.read(2), 'big')
            self.server.seen.append((host, port))
            other = socket.create_connection(('127.0.0.1', port), 10)
            self.wfile.write(b'\x05\x00\x00\x01' + bytes(6))
            threading.Thread(target=self.copy, args=(self.connection, other), daemon=True).start()
            self.copy(other, self.connection)

    def __init__(self):
        socketserver.ThreadingTCPServer.__init__(self, ('127.0.0.1', 0), self.Pass)
        self.seen, self.tls = [], None
        threading.Thread(target=self.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()


class Transport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='arras-transport-'))
        cls.certificates = Certificates(cls.folder)
        cls.good = cls.certificates.make('good', 'localhost')

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def serve(self, script, **settings):
        server = Server(script, **settings)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def run_steps(self, server, steps, *words, environment=None, outputs=None):
        """Runs a workflow of [(method, path, more)...]; more: members of the step."""
        paths, made = {}, []
        for number, (method, path, more) in enumerate(steps):
            step = {'stepId': f's{number}', 'operationId': f'o{number}', **more}
            made.append(step)
            paths.setdefault(path, {})[method] = {'operationId': f'o{number}', 'responses': {'default': {'description': 'any'}}}
        (self.folder / 'api.json').write_text(json.dumps(
            {'openapi': '3.1.0', 'info': {'title': 'A', 'version': '1'}, 'paths': paths}))
        (self.folder / 'w.json').write_text(json.dumps(
            {**DOCUMENT, 'workflows': [{'workflowId': 'w', 'steps': made, 'outputs': outputs or {}}]}))
        out, said = (open(self.folder / name, 'w+') for name in ('stdout', 'stderr'))
        with out, said:
            run = subprocess.Popen([PROGRAM, 'run', 'w.json', '--json', '--server', server, *words], stdout=out, stderr=said,
                                   cwd=self.folder, env={'PATH': os.environ['PATH'], **(environment or {})})
            late = threading.Timer(60, run.kill)
            late.start()
            _, status, used = os.wait4(run.pid, 0)
            late.cancel()
            run.returncode, self.memory = os.waitstatus_to_exitcode(status), used.ru_maxrss
            out.seek(0)
            said.seek(0)
            report, told = out.read(), said.read()
        self.assertNotIn('Sanitizer', told)
        return run.returncode, json.loads(report), told

    def get(self, server, *words, **more):
        return self.run_steps(server, [('get', '/a', {})], *words, **more)

    def refused(self, server, *words):
        code, outcome, _ = self.get(server, *words)
        return code, outcome['error']['message']

    # TLS

    def test_an_unknown_authority_is_refused_and_cacert_makes_it_known(self):
        server = self.serve(ok, tls=self.good)
        url = f'https://localhost:{server.port}'
        code, message = self.refused(url)
        self.assertEqual(code, 3)
        self.assertIn('no secure connection to localhost', message)
        self.assertEqual(server.seen, [])
        self.assertEqual(self.get(url, '--cacert', 'ca.pem')[0], 0)
        code, message = self.refused(url, '--cacert', 'missing.pem')
        self.assertEqual((code, message), (2, "the file of trusted certificates 'missing.pem' cannot be read"))

    def test_another_hosts_certificate_and_an_expired_one_are_refused(self):
        for name, host, days in (('other', 'elsewhere.example', '2'), ('expired', 'localhost', '-1')):
            server = self.serve(ok, tls=self.certificates.make(name, host, days))
            code, message = self.refused(f'https://localhost:{server.port}', '--cacert', 'ca.pem')
            self.assertEqual(code, 3, name)
            self.assertIn('no secure connection', message)
            self.assertEqual(server.seen, [])

    def test_insecure_believes_everyone_and_says_so(self):
        server = self.serve(ok, tls=self.good)
        for words in ([], ['--quiet']):
            code, outcome, said = self.get(f'https://localhost:{server.port}', '--insecure', *words)
            self.assertEqual(code, 0)
            self.assertEqual([warning['code'] for warning in outcome['warnings']], ['tls-unverified'])
            self.assertEqual(said.count('[tls-unverified]'), 1)

    def test_a_client_certificate_is_presented(self):
        server = self.serve(ok, tls=self.good, ca=self.certificates.ca)
        url = f'https://localhost:{server.port}'
        self.certificates.make('client', 'client')
        self.assertEqual(self.get(url, '--cacert', 'ca.pem')[0], 3)
        self.assertEqual(self.get(url, '--cacert', 'ca.pem', '--cert', 'client.pem', '--key', 'client.key')[0], 0)
        self.assertEqual(len(server.seen), 1)
        self.assertEqual(self.get(url, '--key', 'client.key')[0], 2)

    def test_who_the_client_is_belongs_to_the_request(self):
        """Steps that present different certificates, and one that presents none, share no connection."""
        def who(handler):
            subject = (handler.connection.getpeercert() or {}).get('subject') or [[('', 'nobody')]]
            return 200, {'Content-Type': 'application/json'}, json.dumps(subject[0][0][1]).encode()
        server = self.serve(who, tls=self.good, ca=self.certificates.ca)
        server.tls.verify_mode = ssl.CERT_OPTIONAL
        for name in ('ada', 'bob'):
            self.certificates.make(name, name)
        order = ['ada', 'bob', 'none', 'ada']
        schemes = {name: {'type': 'mutualTLS'} for name in ('ada', 'bob')}
        (self.folder / 'api.json').write_text(json.dumps({
            'openapi': '3.1.0', 'info': {'title': 'A', 'version': '1'}, 'components': {'securitySchemes': schemes},
            'servers': [{'url': f'https://localhost:{server.port}'}],
            'paths': {f'/{name}': {'get': {'operationId': name, 'security': [{name: []}] if name in schemes else []}}
                      for name in set(order)}}))
        steps = [{'stepId': f's{i}', 'operationId': name, 'outputs': {'who': '$response.body'}} for i, name in enumerate(order)]
        outputs = {f's{i}': f'$steps.s{i}.outputs.who' for i in range(len(order))}
        (self.folder / 'w.json').write_text(json.dumps(
            {**DOCUMENT, 'workflows': [{'workflowId': 'w', 'steps': steps, 'outputs': outputs}]}))
        done = subprocess.run([PROGRAM, 'run', 'w.json', '--cacert', 'ca.pem', '--auth', 'ada=ada.pem:ada.key', '--auth',
                               'bob=bob.pem:bob.key'], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(list(json.loads(done.stdout).values()), ['ada', 'bob', 'nobody', 'ada'])

    def test_commands_for_job_servers_verify_whom_they_talk_to(self):
        def script(handler):
            known = handler.headers.get('Authorization') == 'Bearer hidden-token'
            return (200, {'Content-Type': 'application/json'}, b'[]') if known else (401, {}, b'')
        server = self.serve(script, tls=self.good)

        def jobs(*words):
            return subprocess.run([PROGRAM, 'job', 'list', '--json', '--workspace', 'main', *words], cwd=self.folder,
                                  env={'PATH': os.environ['PATH'], 'ARRAS_TOKEN': 'hidden-token',
                                       'ARRAS_SERVER': f'https://localhost:{server.port}'},
                                  capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(jobs().returncode, 3)
        self.assertEqual(jobs('--cacert', 'missing.pem').returncode, 2)
        self.assertEqual(jobs('--key', 'good.key').returncode, 2)
        self.assertEqual(server.seen, [])
        trusted = jobs('--cacert', 'ca.pem')
        self.assertEqual((trusted.returncode, json.loads(trusted.stdout), trusted.stderr), (0, [], ''))
        blind = jobs('--insecure')
        self.assertEqual(blind.returncode, 0)
        self.assertEqual(blind.stderr.count('[tls-unverified]'), 1)

    def test_a_key_with_a_password(self):
        server = self.serve(ok, tls=self.good, ca=self.certificates.ca)
        self.certificates.make('client', 'client')
        openssl('ec', '-in', str(self.folder / 'client.key'), '-aes128', '-passout', 'pass:hidden word',
                '-out', str(self.folder / 'locked.key'))
        words = ('--cacert', 'ca.pem', '--cert', 'client.pem', '--key', 'locked.key')
        url = f'https://localhost:{server.port}'
        self.assertEqual(self.get(url, *words, environment={'ARRAS_KEY_PASSWORD': 'hidden word'})[0], 0)
        code, outcome, said = self.get(url, *words, environment={'ARRAS_KEY_PASSWORD': 'wrong word'})
        self.assertNotEqual(code, 0)
        self.assertNotIn('wrong word', json.dumps(outcome) + said)

    # connections

    def test_one_connection_carries_all_steps(self):
        server = self.serve(ok)
        code, _, _ = self.run_steps(f'http://127.0.0.1:{server.port}', [('get', f'/{i}', {}) for i in range(5)])
        self.assertEqual((code, len(server.seen), server.connections), (0, 5, 1))

    @unittest.skipUnless(shutil.which('nginx') or os.path.exists('/usr/sbin/nginx'), 'nginx is not installed')
    def test_http2_is_spoken_where_tls_offers_it(self):
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        place = self.folder / 'nginx'
        place.mkdir()
        log = place / 'access.log'
        (place / 'nginx.conf').write_text(f'''
daemon off; master_process off; pid {place}/pid; error_log {place}/error.log;
events {{ worker_connections 64; }}
http {{
  log_format protocol "$server_protocol $request_uri $connection"; access_log {log} protocol;
  client_body_temp_path {place}/b; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f;
  uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;
  server {{
    listen 127.0.0.1:{port} ssl http2; ssl_certificate {self.good[0]}; ssl_certificate_key {self.good[1]};
    location / {{ default_type application/json; return 200 '{{"a": 2}}'; }}
  }}
}}
''')
        nginx = subprocess.Popen([shutil.which('nginx') or '/usr/sbin/nginx', '-p', str(place), '-c', str(place / 'nginx.conf')],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        for _ in range(200):
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        url = f'https://localhost:{port}'
        steps = [('get', f'/{i}', {'outputs': {'a': '$response.body#/a'}}) for i in range(3)]
        code, outcome, _ = self.run_steps(url, steps, '--cacert', 'ca.pem', outputs={'a': '$steps.s2.outputs.a'})
        self.assertEqual((code, outcome['outputs']), (0, {'a': 2}))
        self.assertEqual(self.get(url, '--cacert', 'ca.pem', '--http1')[0], 0)
        lines = [line.split() for line in log.read_text().splitlines()]
        self.assertEqual([line[0] for line in lines], ['HTTP/2.0'] * 3 + ['HTTP/1.1'])
        self.assertEqual(len({line[2] for line in lines[:3]}), 1, 'one connection for three steps')

    def test_connecting_has_a_time_of_its_own(self):
        with socket.socket() as deaf:  # its queue is full: no further connection is accepted
            deaf.bind(('127.0.0.1', 0))
            deaf.listen(0)
            port = deaf.getsockname()[1]
            fillers = []
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(('127.0.0.1', port))
                fillers.append(filler)
            begun = time.monotonic()
            code, message = self.refused(f'http://127.0.0.1:{port}', '--connect-timeout', '0.3')
            self.assertEqual(code, 3)
            self.assertIn('cannot connect to 127.0.0.1', message)
            self.assertLess(time.monotonic() - begun, 10)
            for filler in fillers:
                filler.close()

    def test_resolve_gives_a_host_its_address(self):
        server = self.serve(ok)
        url = f'http://api.example.com:{server.port}'
        self.assertEqual(self.get(url, '--resolve', f'api.example.com:{server.port}:127.0.0.1')[0], 0)
        self.assertEqual(server.seen[0]['headers']['Host'], f'api.example.com:{server.port}')
        self.assertEqual(self.get(url, '--resolve', 'api.example.com')[0], 2)

    def test_a_proxy_carries_everything_and_the_environment_names_one(self):
        plain, secure, proxy = self.serve(ok), self.serve(ok, tls=self.good), Proxy()
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        address = f'http://user:hidden@127.0.0.1:{proxy.server_address[1]}'
        one, two = f'http://localhost:{plain.port}', f'https://localhost:{secure.port}'
        self.assertEqual(self.get(one, '--proxy', address)[0], 0)
        self.assertEqual(self.get(two, '--proxy', address, '--cacert', 'ca.pem')[0], 0)
        self.assertEqual([seen[:2] for seen in proxy.seen],
                         [('GET', f'{one}/a'), ('CONNECT', f'localhost:{secure.port}')])
        self.assertIn('Proxy-Authorization: Basic', proxy.seen[0][2])
        self.assertEqual(self.get(one, environment={'http_proxy': address})[0], 0)
        self.assertEqual(self.get(one, environment={'HTTP_PROXY': address})[0], 0)
        self.assertEqual(self.get(one, environment={'ALL_PROXY': address, 'NO_PROXY': 'localhost'})[0], 0)
        self.assertEqual(self.get(one, '--proxy', '', environment={'http_proxy': address})[0], 0)
        self.assertEqual(len(proxy.seen), 3)
        code, outcome, said = self.get(one, '--proxy', 'gopher://user:hidden@h')
        self.assertEqual(code, 2)
        self.assertNotIn('hidden', json.dumps(outcome) + said)

    # redirects

    def test_a_socks_proxy_carries_everything(self):
        proxy = Socks()
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        server, secure = self.serve(ok), self.serve(ok, tls=self.good)
        words = ('--cacert', 'ca.pem', '--proxy', f'socks5h://127.0.0.1:{proxy.server_address[1]}')
        self.assertEqual(self.get(f'http://api.invalid:{server.port}', *words)[0], 0)
        self.assertEqual(self.get(f'https://localhost:{secure.port}', *words)[0], 0)
        self.assertEqual(proxy.seen, [(b'api.invalid', server.port), (b'localhost', secure.port)])

    def test_a_deflated_body_is_unpacked(self):
        def script(_):
            return 200, {'Content-Type': 'application/json', 'Content-Encoding': 'deflate'}, zlib.compress(b'{"a": "deflated"}')
        step = ('get', '/a', {'outputs': {'a': '$response.body#/a'}})
        code, outcome, _ = self.run_steps(f'http://localhost:{self.serve(script).port}', [step], outputs={'a': '$steps.s0.outputs.a'})
        self.assertEqual((code, outcome['outputs']), (0, {'a': 'deflated'}))

    def test_an_https_proxy_is_verified_as_servers_are(self):
        plain, secure, proxy = self.serve(ok), self.serve(ok, tls=self.good), Proxy(tls=self.good)
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        one, two = f'http://localhost:{plain.port}', f'https://localhost:{secure.port}'
        through = ('--proxy', f'https://user:hidden@localhost:{proxy.server_address[1]}')
        code, message = self.refused(one, *through)
        self.assertEqual(code, 3)
        self.assertIn('no secure connection to the proxy', message)
        self.assertEqual(proxy.seen, [])
        for words in (('--cacert', 'ca.pem'), ('--insecure',)):
            proxy.seen.clear()
            for url in (one, two):
                code, _, said = self.get(url, *through, *words)
                self.assertEqual(code, 0, said)
                self.assertNotIn('hidden', said)
            self.assertEqual([seen[:2] for seen in proxy.seen], [('GET', f'{one}/a'), ('CONNECT', f'localhost:{secure.port}')])
        self.assertEqual(self.get(one, '--cacert', 'ca.pem', environment={'http_proxy': through[1]})[0], 0)

    def test_bodies_by_brotli_and_zstd(self):
        """Compressed by the libraries that libcurl has them unpacked by; Python's own has neither."""
        text, bomb = b'{"a": "unpacked"}', b'[' + b' ' * (8 * MEGABYTE) + b']'
        for name, pack in (('br', brotli), ('zstd', zstd)):
            with self.subTest(name):
                server = self.serve(lambda r, name=name, pack=pack: (
                    200, {'Content-Type': 'application/json', 'Content-Encoding': name}, pack(bomb if r.path == '/bomb' else text)))
                url = f'http://localhost:{server.port}'
                step = ('get', '/a', {'outputs': {'a': '$response.body#/a'}})
                code, outcome, _ = self.run_steps(url, [step], outputs={'a': '$steps.s0.outputs.a'})
                self.assertEqual((code, outcome['outputs']), (0, {'a': 'unpacked'}))
                self.assertIn(name, server.seen[0]['headers']['Accept-Encoding'])
                self.assertLess(len(pack(bomb)), 10000)
                code, outcome, _ = self.run_steps(url, [('get', '/bomb', {})], '--max-response', '1000000')
                self.assertEqual(code, 4)
                self.assertIn('a larger body than is allowed', outcome['error']['message'])

    def test_redirects_are_answers_unless_asked_for(self):
        server = self.serve(lambda r: (302, {'Location': '/b'}, b'') if r.path == '/a' else ok(r))
        url = f'http://127.0.0.1:{server.port}'
        code, outcome, _ = self.get(url)
        self.assertEqual((code, outcome['steps'][0]['response']['status']), (1, 302))
        self.assertIn('--redirects', outcome['error']['message'])
        code, outcome, _ = self.get(url, '--redirects', '1')
        self.assertEqual((code, outcome['steps'][0]['response']['status']), (0, 200))
        self.assertEqual([seen['path'] for seen in server.seen], ['/a', '/a', '/b'])

    def test_too_many_redirects_are_a_limit(self):
        server = self.serve(lambda r: (302, {'Location': '/a'}, b''))
        code, message = self.refused(f'http://127.0.0.1:{server.port}', '--redirects', '3')
        self.assertEqual(code, 4)
        self.assertIn('redirects more often than is allowed', message)
        self.assertEqual(len(server.seen), 4)

    def test_what_becomes_of_the_method_and_the_body(self):
        for status, method, then in ((301, 'post', None), (302, 'post', None), (303, 'post', None), (307, 'post', 'POST'),
                                     (308, 'put', 'PUT'), (301, 'delete', 'DELETE'), (303, 'delete', 'GET'),
                                     (303, 'head', 'HEAD'), (300, 'get', None), (304, 'get', None)):
            with self.subTest(status=status, method=method):
                server = self.serve(lambda r, s=status: (s, {'Location': '/b'}, b'') if r.path == '/a' else ok(r))
                body = {'requestBody': {'contentType': 'text/plain', 'payload': 'text'}} if method in ('post', 'put') else {}
                self.run_steps(f'http://127.0.0.1:{server.port}', [(method, '/a', body)], '--redirects', '5')
                self.assertEqual([seen['method'] for seen in server.seen[1:]], [then] if then else [])
                if then in ('POST', 'PUT'):
                    self.assertEqual(server.seen[1]['body'], 'text')
                    self.assertEqual(server.seen[1]['headers']['Content-Type'], 'text/plain')

    def test_credentials_stay_with_their_host(self):
        other = self.serve(ok)
        server = self.serve(lambda r: (307, {'Location': f'http://localhost:{other.port}/b'}, b''))
        parameters = [{'name': name, 'in': 'header', 'value': 'hidden'}
                      for name in ('Authorization', 'X-API-Key', 'Cookie', 'X-Anything')]
        parameters.append({'name': 'Accept-Language', 'in': 'header', 'value': 'it'})
        url = f'http://127.0.0.1:{server.port}'
        code, _, _ = self.run_steps(url, [('get', '/a', {'parameters': parameters})], '--redirects', '5')
        self.assertEqual(code, 0)
        self.assertEqual(server.seen[0]['headers']['X-API-Key'], 'hidden')
        self.assertEqual(other.seen[0]['headers'].get('Accept-Language'), 'it')
        self.assertEqual(other.seen[0]['headers']['Host'], f'localhost:{other.port}')
        self.assertNotIn('hidden', json.dumps(other.seen))

    def test_a_body_goes_to_another_host_only_where_it_is_allowed(self):
        other = self.serve(ok)
        server = self.serve(lambda r: (307, {'Location': f'http://localhost:{other.port}/b'}, b''))
        steps = [('post', '/a', {'requestBody': {'contentType': 'text/plain', 'payload': 'text'}})]
        url = f'http://127.0.0.1:{server.port}'
        code, outcome, _ = self.run_steps(url, steps, '--redirects', '5')
        self.assertEqual((code, other.seen), (1, []))
        self.assertIn('another host', outcome['error']['message'])
        code, _, _ = self.run_steps(url, steps, '--redirects', '5', '--allow-host', '127.0.0.1', '--allow-host', 'localhost')
        self.assertEqual((code, other.seen[0]['body']), (0, 'text'))

    def test_https_is_not_left_for_http(self):
        plain = self.serve(ok)
        server = self.serve(lambda r: (302, {'Location': f'http://localhost:{plain.port}/b'}, b''), tls=self.good)
        words = (f'https://localhost:{server.port}', '--cacert', 'ca.pem', '--redirects', '5')
        code, outcome, _ = self.get(*words)
        self.assertEqual((code, plain.seen), (1, []))
        self.assertIn('from https to http', outcome['error']['message'])
        self.assertEqual(self.get(*words, '--allow-host', 'localhost')[0], 1)
        self.assertEqual(self.get(*words, '--allow-host', 'localhost', '--allow-host', 'http://localhost')[0], 0)

    # fences

    def test_nothing_is_sent_to_a_host_that_is_not_allowed(self):
        server, other = self.serve(ok), self.serve(ok)
        url = f'http://127.0.0.1:{server.port}'
        code, outcome, _ = self.get(url, '--allow-host', 'example.com')
        self.assertEqual((code, outcome['error']['code'], server.seen), (2, 'host-not-allowed', []))
        self.assertEqual(self.get(url, '--allow-host', '127.0.0.1:1')[0], 2)
        self.assertEqual(self.get(url, '--allow-host', 'https://127.0.0.1')[0], 2)
        self.assertEqual(self.get(url, '--allow-host', 'example.com', '--allow-host', f'127.0.0.1:{server.port}')[0], 0)
        resolve = f'a.example.com:{server.port}:127.0.0.1'
        below = f'http://a.example.com:{server.port}'
        self.assertEqual(self.get(below, '--resolve', resolve, '--allow-host', '*.example.com')[0], 0)
        self.assertEqual(self.get(f'http://example.com:{server.port}', '--allow-host', '*.example.com')[0], 2)
        self.assertEqual(self.get(f'http://evilexample.com:{server.port}', '--allow-host', '*.example.com')[0], 2)
        self.assertEqual(self.get(url, '--allow-host', 'http://a/b')[0], 2)
        server.script = lambda r: (302, {'Location': f'http://localhost:{other.port}/'}, b'')
        code, outcome, _ = self.get(url, '--redirects', '5', '--allow-host', '127.0.0.1')
        self.assertEqual((code, other.seen), (1, []))
        self.assertIn('not among those that are allowed', outcome['error']['message'])

    # bodies

    def test_a_compressed_body_is_counted_as_it_unfolds(self):
        bomb = gzip.compress(bytes(64 * MEGABYTE))
        small = gzip.compress(b'{"a": 7}')
        server = self.serve(lambda r: (200, {'Content-Type': 'application/json', 'Content-Encoding': 'gzip'},
                                       bomb if r.path == '/bomb' else small))
        url = f'http://127.0.0.1:{server.port}'
        steps = [('get', '/a', {'outputs': {'a': '$response.body#/a'}})]
        code, outcome, _ = self.run_steps(url, steps, outputs={'a': '$steps.s0.outputs.a'})
        self.assertEqual((code, outcome['outputs']), (0, {'a': 7}))
        code, outcome, _ = self.run_steps(url, [('get', '/bomb', {})], '--max-response', '1000000')
        self.assertEqual(code, 4)
        self.assertIn('a larger body than is allowed', outcome['error']['message'])

    def test_cookies_are_kept_where_asked_and_only_for_their_host(self):
        server = self.serve(lambda r: (200, {'Set-Cookie': 'session=hidden; Path=/'}, b''))
        other = self.serve(ok)
        url = f'http://127.0.0.1:{server.port}'
        steps = [('get', '/a', {}), ('get', '/b', {})]
        self.run_steps(url, steps)
        self.assertNotIn('Cookie', server.seen[1]['headers'])
        self.run_steps(url, steps, '--cookies')
        self.assertEqual(server.seen[3]['headers']['Cookie'], 'session=hidden')
        own = {'parameters': [{'name': 'own', 'in': 'cookie', 'value': 'mine'}]}
        self.run_steps(url, [('get', '/a', own), ('get', '/b', own), ('get', '/c', {})], '--cookies')
        self.assertEqual([sorted(seen['cookies'][0].split('; ')) for seen in server.seen[4:]],
                         [['own=mine'], ['own=mine', 'session=hidden'], ['session=hidden']])
        self.assertEqual({len(seen['cookies']) for seen in server.seen[4:]}, {1})
        server.script = lambda r: (302, {'Location': f'http://localhost:{other.port}/', 'Set-Cookie': 'a=b'}, b'')
        self.assertEqual(self.get(url, '--cookies', '--redirects', '1')[0], 0)
        self.assertNotIn('Cookie', other.seen[0]['headers'])

    def test_a_body_is_saved_whole_or_not_at_all(self):
        size = 96 * MEGABYTE
        piece = os.urandom(MEGABYTE)
        server = self.serve(lambda r: (404 if r.path == '/no' else 200, {'Content-Type': 'application/json'},
                                       b'{"no": 1}' if r.path == '/no' else [piece] * 96))
        url = f'http://127.0.0.1:{server.port}'
        steps = [('get', '/a', {'outputs': {'file': '$response.body'}})]
        code, _, _ = self.run_steps(url, [('get', '/no', {'successCriteria': [{'condition': '$statusCode == 404'}]})])
        self.assertEqual(code, 0)
        before = self.memory
        code, outcome, _ = self.run_steps(url, steps, '--save', 's0=out.bin', outputs={'file': '$steps.s0.outputs.file'})
        self.assertEqual((code, outcome['outputs']), (0, {'file': 'out.bin'}))
        self.assertEqual((self.folder / 'out.bin').stat().st_size, size)
        self.assertLess(self.memory - before, 32 * 1024, 'KiB more than for a few bytes')
        kept = (self.folder / 'out.bin').stat().st_mtime_ns
        code, outcome, _ = self.run_steps(url, steps, '--save', 'w.s0=out.bin', '--max-saved', '1000000')
        self.assertEqual(code, 4)
        server.script = lambda r: (200, {'Content-Length': '1000'}, b'half')
        self.assertEqual(self.run_steps(url, steps, '--save', 's0=out.bin', '--timeout', '1')[0], 3)
        server.script = lambda r: (404, {}, b'no')
        self.assertEqual(self.run_steps(url, steps, '--save', 's0=out.bin')[0], 1)
        self.assertEqual((self.folder / 'out.bin').stat().st_mtime_ns, kept)
        self.assertEqual(list(self.folder.glob('*.part')), [])
        seen = len(server.seen)
        self.assertEqual(self.run_steps(url, steps, '--save', 'nothing=out.bin')[0], 2)
        self.assertEqual(self.run_steps(url, steps, '--save', 's0=no-folder/out.bin')[0], 1)
        self.assertEqual(len(server.seen), seen)

    def test_a_file_is_sent_without_being_read_whole(self):
        size = 96 * MEGABYTE
        with open(self.folder / 'large.bin', 'wb') as large:
            large.truncate(size)
        (self.folder / 'small.bin').write_bytes(b'few')
        server = self.serve(lambda r: (307, {'Location': '/b'}, b'') if r.path == '/a' else ok(r))
        url = f'http://127.0.0.1:{server.port}'
        steps = [('post', '/a', {'requestBody': {'contentType': 'application/octet-stream', 'payload': '$inputs.file'}})]
        memory = []
        for name in ('small.bin', 'large.bin'):
            code, outcome, _ = self.run_steps(url, steps, '--redirects', '1', '--input', f'file=@{name}')
            self.assertEqual(code, 0, outcome)
            memory.append(self.memory)
        self.assertEqual([(seen['path'], seen['length']) for seen in server.seen],
                         [('/a', 3), ('/b', 3), ('/a', size), ('/b', size)])
        self.assertLess(memory[1] - memory[0], 32 * 1024, 'KiB more than for a few bytes')


if __name__ == '__main__':
    unittest.main()
