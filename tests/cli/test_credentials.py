#!/usr/bin/env python3
"""Credentials of `arras run` against servers that ask for them: digest, OAuth 2.0, discovery, a redirect elsewhere; and that nothing
of them is ever printed.

usage: test_credentials.py ARRAS
"""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

SECONDS = 60
USER, PASSWORD = 'joe', 'pa55: "wörd"'
SECRETS = {'key': 'key-4711/+', 'bearer': 'bearer-4712', 'client': 's3cret-4713', 'digest': PASSWORD, 'refresh': 'refresh-4714'}
TOKENS = ['token-4715-first', 'token-4716-second', 'token-4717-third']

DESCRIPTION = '''openapi: 3.1.0
info: {{title: Shop, version: "1"}}
servers: [{{url: "{url}"}}]
components:
  securitySchemes:
    key: {{type: apiKey, in: query, name: key}}
    bearer: {{type: http, scheme: bearer}}
    basic: {{type: http, scheme: basic}}
    digest: {{type: http, scheme: digest}}
    oauth: {{type: oauth2, flows: {{clientCredentials: {{tokenUrl: "{url}/token", scopes: {{}}}}}}}}
    openid: {{type: openIdConnect, openIdConnectUrl: "{url}/.well-known/openid-configuration"}}
paths:
'''
OPERATIONS = ['key', 'bearer', 'basic', 'digest', 'oauth', 'openid']
DOCUMENT = '''arazzo: 1.0.1
info: {title: Shop, version: "1"}
sourceDescriptions: [{name: shop, url: shop.yaml, type: openapi}]
workflows:
- workflowId: main
  steps:
'''


class Server(http.server.ThreadingHTTPServer):
    """Remembers what came; answers as its paths say, with all that it was told."""
    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.seen, self.tokens, self.elsewhere, self.keeps_query, self.says, self.tokens_at = [], 0, None, False, None, None
        self.url = f'http://127.0.0.1:{self.server_address[1]}'


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, value, **headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in dict(headers, Content_Type='application/json', Content_Length=len(body)).items():
            self.send_header(name.replace('_', '-'), str(text))
        self.end_headers()
        self.wfile.write(body)

    def digest(self, authorization):
        """RFC 7616, with SHA-256 and without a session."""
        if not authorization.startswith('Digest '):
            return False
        told = dict(part.strip().split('=', 1) for part in authorization[7:].split(', '))
        told = {name: value.strip('"') for name, value in told.items()}

        def hashed(*parts):
            return hashlib.sha256(':'.join(parts).encode()).hexdigest()
        expected = hashed(hashed(USER, 'shop', PASSWORD), told['nonce'], told['nc'], told['cnonce'], told['qop'],
                          hashed(self.command, self.path))
        return told['response'] == expected and told['username'] == USER

    def token(self, body):
        grant = urllib.parse.parse_qs(body)
        basic = base64.b64encode(f'id:{SECRETS["client"]}'.encode()).decode()
        if self.headers.get('Authorization') != f'Basic {basic}':
            return self.answer(401, {'error': 'invalid_client', 'error_description': f'told: {self.headers["Authorization"]}'})
        if 'refresh_token' in grant and grant['refresh_token'] != [SECRETS['refresh']]:
            return self.answer(400, {'error': 'invalid_grant'})
        self.server.tokens += 1
        return self.answer(200, {'access_token': TOKENS[self.server.tokens - 1], 'token_type': 'Bearer', 'expires_in': 3600,
                                 'refresh_token': SECRETS['refresh']})

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0)).decode()
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        authorization = self.headers.get('Authorization') or ''
        path = urllib.parse.urlsplit(self.path).path
        if path == '/token':
            self.token(body)
        elif path.startswith('/.well-known/'):
            self.answer(200, {'token_endpoint': (self.server.tokens_at or self.server.url) + '/token'})
        elif path == '/digest' and not self.digest(authorization):
            self.answer(401, {}, WWW_Authenticate='Digest realm="shop", nonce="abc", qop="auth", algorithm=SHA-256')
        elif path == '/oauth' and authorization == f'Bearer {TOKENS[0]}':
            self.answer(401, {'error': f'{TOKENS[0]} is not good any more'})
        elif self.server.elsewhere and self.server.keeps_query:
            self.answer(302, {}, Location=self.server.elsewhere + self.path)
        elif self.server.elsewhere:
            self.answer(307, {}, Location=self.server.elsewhere + '/elsewhere')
        else:
            self.answer(200, self.server.says or {'path': self.path, 'authorization': authorization})

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Credentials(unittest.TestCase):
    program = None  # set by main

    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        self.server = self.serve()
        operations = ''.join(f'  /{name}: {{get: {{operationId: {name}, security: [{{{name}: []}}]}}}}\n' for name in OPERATIONS)
        self.write('shop.yaml', DESCRIPTION.format(url=self.server.url) + operations)
        steps = ''.join(f'  - {{stepId: {name}, operationId: {name}, outputs: {{all: $response.body}}}}\n' for name in OPERATIONS)
        outputs = ', '.join(f'{name}: $steps.{name}.outputs.all' for name in OPERATIONS)
        self.write('shop.arazzo.yaml', DOCUMENT + steps + f'  outputs: {{{outputs}}}\n')

    def serve(self):
        server = Server()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def write(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text, encoding='utf-8')
        path.chmod(mode)

    def run_arras(self, *options, environment=None):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith('ARRAS_') and not name.lower().endswith('_proxy')}
        return subprocess.run([self.program, 'run', 'shop.arazzo.yaml', *options], cwd=self.folder, capture_output=True, text=True,
                              timeout=SECONDS, check=False, env=dict(kept, **(environment or {})))

    def assert_nothing_leaks(self, done):
        """In plain, as a URL, a form, JSON and base64 have it."""
        for secret in [*SECRETS.values(), *TOKENS]:
            basic = base64.b64encode(f'{USER}:{secret}'.encode()).decode()
            client = base64.b64encode(f'id:{secret}'.encode()).decode()
            for form in (secret, urllib.parse.quote(secret, safe=''), urllib.parse.quote_plus(secret), json.dumps(secret)[1:-1],
                         base64.b64encode(secret.encode()).decode().rstrip('='), basic, client):
                self.assertNotIn(form, done.stdout + done.stderr)

    def file_of_all(self):
        self.write('arras.credentials.yaml', f'''
other: {{key: {{env: NOT_SET}}}}
shop:
  key: {{file: key.txt}}
  bearer: {{env: SHOP_BEARER}}
  basic: {{username: {USER}, password: {json.dumps(PASSWORD)}}}
  digest: {json.dumps(USER + ':' + PASSWORD)}
  oauth: {{clientId: id, clientSecret: {SECRETS['client']}}}
  openid: {{clientId: id, clientSecret: {SECRETS['client']}, refreshToken: spent}}
''')
        self.write('key.txt', SECRETS['key'] + '\n')
        return {'SHOP_BEARER': SECRETS['bearer']}

    def test_all_schemes(self):
        done = self.run_arras('--json', '--verbose', environment=self.file_of_all())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_nothing_leaks(done)
        told = json.loads(done.stdout)
        self.assertEqual(told['warnings'], [])
        self.assertEqual([step['attempt'] for step in told['steps']], [1] * len(OPERATIONS))
        self.assertEqual(told['steps'][0]['request']['url'], self.server.url + '/key')
        sent = [(path, headers.get('Authorization')) for _, path, headers, _ in self.server.seen]
        basic = base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()
        client = base64.b64encode(f'id:{SECRETS["client"]}'.encode()).decode()
        self.assertEqual(sent[0], ('/key?key=' + urllib.parse.quote(SECRETS['key'], safe=''), None))
        self.assertEqual(sent[1:4], [('/bearer', 'Bearer ' + SECRETS['bearer']), ('/basic', 'Basic ' + basic), ('/digest', None)])
        self.assertTrue(sent[4][1].startswith('Digest '))
        self.assertEqual(sent[5:9], [('/token', 'Basic ' + client), ('/oauth', 'Bearer ' + TOKENS[0]), ('/token', 'Basic ' + client),
                                     ('/oauth', 'Bearer ' + TOKENS[1])])
        self.assertEqual([path for path, _ in sent[9:]], ['/.well-known/openid-configuration', '/token', '/token', '/openid'])
        self.assertIn('refresh_token=' + SECRETS['refresh'], self.server.seen[7][3])

    def test_a_dry_run_shows_that_credentials_go_along(self):
        done = self.run_arras('--dry-run', '--verbose', environment=self.file_of_all())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_nothing_leaks(done)
        self.assertEqual(self.server.seen, [])
        self.assertEqual((done.stdout + done.stderr).count('Authorization: ***'), 4)
        self.assertIn('/key?key=***', done.stdout + done.stderr)

    def test_a_refusal_tells_no_secret(self):
        self.write('secret', SECRETS['client'] + 'x')
        done = self.run_arras('--verbose', '--auth', 'shop.key=', '--auth', 'shop.bearer=', '--auth', 'shop.basic=', '--auth',
                              'shop.digest=' + USER + ':' + SECRETS['digest'], '--auth',
                              'shop.oauth:={"clientId": "id", "clientSecret": {"file": "secret"}}', '--auth', 'shop.openid=')
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assert_nothing_leaks(done)
        self.assertIn("no access token for 'shop.oauth': the token endpoint answered with status 401, invalid_client", done.stderr)

    def certificate(self, name):
        """A key and a certificate that it signed, in one file."""
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1',
                        '-subj', f'/CN={name}', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', f'{name}.key', '-out', f'{name}.crt'],
                       cwd=self.folder, check=True, capture_output=True, timeout=SECONDS)
        text = (self.folder / f'{name}.key').read_text() + (self.folder / f'{name}.crt').read_text()
        (self.folder / f'{name}.pem').write_text(text)

    def test_mutual_tls(self):
        self.certificate('server')
        self.certificate('client')
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / 'server.pem')
        context.load_verify_locations(self.folder / 'client.crt')
        context.verify_mode = ssl.CERT_REQUIRED
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        url = self.server.url.replace('http', 'https')
        self.write('shop.yaml', f'''openapi: 3.1.0
info: {{title: Shop, version: "1"}}
servers: [{{url: "{url}"}}]
components: {{securitySchemes: {{tls: {{type: mutualTLS}}}}}}
paths: {{/tls: {{get: {{operationId: tls, security: [{{tls: []}}]}}}}}}
''')
        self.write('shop.arazzo.yaml', DOCUMENT + '  - {stepId: tls, operationId: tls}\n')
        (self.folder / 'in').mkdir()
        self.write('in/own.yaml', 'shop: {tls: {certificate: ../client.crt, key: ../client.key}}')
        for options in (['--auth', 'tls=client.pem'], ['--auth', 'tls=client.crt:client.key'], ['--credentials', 'in/own.yaml']):
            done = self.run_arras('--cacert', 'server.crt', *options)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.run_arras('--cacert', 'server.crt').returncode, 3)

    def refused(self, *options, environment=None):
        done = self.run_arras(*options, environment=environment)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(self.server.seen, [])
        self.assert_nothing_leaks(done)
        return done.stderr

    def test_what_is_wrong_is_told_without_secrets(self):
        secret = SECRETS['client']
        for options, said in (
                (['--auth', f'shop.kye={secret}'], "--auth: the description of 'shop' knows no security scheme 'kye'; it knows: key, "
                                                   'bearer, basic, digest, oauth, openid'),
                (['--auth', f'shp.key={secret}'], "--auth: 'shp.key' is not SOURCE.SCHEME; the sources are: shop"),
                (['--auth', secret], '--auth: one is not SOURCE.SCHEME=VALUE'),
                (['--auth', f'key={secret}', '--auth', f'shop.key={secret}'], "--auth: 'shop.key' is given twice"),
                (['--auth', f'key:={secret}'], "--auth: what stands behind 'key:=' is not JSON"),
                (['--auth', 'key=@none'], "credentials: cannot read 'none': No such file or directory"),
                (['--auth', 'key:={"env": "NOT_SET"}'], "credentials: the environment has no variable 'NOT_SET'"),
                (['--auth', f'basic={secret}'], "the credential for 'shop.basic' is not of the form user:password"),
                (['--header', f'shp:X-Key={secret}'], "--header: the document has no source 'shp'"),
                (['--header', f'X-Key={secret}'], "--header: 'X-Key' is not SOURCE:NAME"),
                (['--header', f'shop:X Key={secret}'], "--header 'shop:X Key': this cannot be a header's name"),
                (['--credentials', 'none.yaml'], "--credentials: cannot read 'none.yaml'")):
            self.assertIn('error: ' + said, self.refused(*options))

    def test_a_file_that_others_can_read_is_refused(self):
        for mode in (0o640, 0o604, 0o620):
            self.write('arras.credentials.yaml', 'shop: {key: ' + SECRETS['key'] + '}\n', mode)
            self.assertIn(f"'arras.credentials.yaml' is open to other users (mode {mode:04o})", self.refused())

    def test_a_file_that_cannot_be_read_is_not_quoted(self):
        for text in ('shop: {key: "' + SECRETS['key'], 'shop: {key: ' + SECRETS['key'] + ', key: b}', '- ' + SECRETS['key'],
                     'shop: ' + SECRETS['key']):
            self.write('own.yaml', text)
            self.assertIn("'own.yaml'" if text.startswith(('-', 'shop: {')) else 'own.yaml: ',
                          self.refused('--credentials', 'own.yaml'))

    def test_a_name_in_the_file_that_nobody_knows(self):
        """A slip is told with its place, and never with its line, which may hold the secret."""
        secret = SECRETS['bearer']
        self.write('shop.arazzo.yaml', DOCUMENT + '  - {stepId: bearer, operationId: bearer}\n')
        self.write('arras.credentials.yaml', f'# of two shops\nother: {{bearer: {secret}}}\nshop:\n  key: {SECRETS["key"]}\n  baerer: {secret}\n')
        told = "the description of 'shop' knows no security scheme 'baerer'; it knows: key, bearer, basic, digest, oauth, openid"
        done = self.run_arras('--json')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_nothing_leaks(done)
        self.assertIn(f'warning: [credentials-unknown] {told}\n --> arras.credentials.yaml:5:11\n', done.stderr)
        warnings = {warning['code']: warning for warning in json.loads(done.stdout)['warnings']}
        self.assertEqual(sorted(warnings), ['credentials-outside', 'credentials-unknown'])
        self.assertEqual((warnings['credentials-unknown']['file'], warnings['credentials-unknown']['line']), ('arras.credentials.yaml', 5))
        self.assertEqual([request[2].get('Authorization') for request in self.server.seen], [None])
        self.server.seen.clear()
        self.assertIn(f'error: {told}\n --> arras.credentials.yaml:5:11\n', self.refused('--strict'))
        self.assertEqual(json.loads(self.run_arras('--strict', '--json').stdout)['error']['code'], 'credentials-unknown')
        # the file of other documents, which lies beside this one: nothing to say; named for this run: a slip
        self.write('arras.credentials.yaml', f'shp: {{bearer: {secret}}}\n')
        self.assertNotIn('credentials-unknown', self.run_arras().stderr)
        done = self.run_arras('--credentials', 'arras.credentials.yaml')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('warning: [credentials-unknown] the credentials are for other sources than those of the document: shop\n'
                      ' --> arras.credentials.yaml:1:1\n', done.stderr)
        self.assert_nothing_leaks(done)

    def test_a_reference_in_the_file_that_leads_nowhere_has_its_place(self):
        for value, said in (('{env: NOT_SET}', "credentials: the environment has no variable 'NOT_SET'"),
                            ('{file: none}', "credentials: cannot read './none': No such file or directory")):
            self.write('own.yaml', f'shop:\n  bearer: {SECRETS["bearer"]}\n  key: {value}\n')
            self.assertIn(f'error: ./own.yaml:3: {said}', self.refused('--credentials', './own.yaml'))

    def test_the_order_in_which_a_credential_is_looked_for(self):
        self.write('arras.credentials.yaml', 'shop: {bearer: of-the-file, key: of-the-file, basic: "a:of-the-file"}')
        self.run_arras('--auth', 'bearer=of-the-option', environment={'ARRAS_AUTH_SHOP_BEARER': 'of-the-environment',
                                                                     'ARRAS_AUTH_SHOP_KEY': 'of-the-environment'})
        sent = [(path, headers.get('Authorization')) for _, path, headers, _ in self.server.seen[:3]]
        basic = base64.b64encode(b'a:of-the-file').decode()
        self.assertEqual(sent, [('/key?key=of-the-environment', None), ('/bearer', 'Bearer of-the-option'), ('/basic', 'Basic ' + basic)])
        self.server.seen.clear()
        self.run_arras('--auth', 'bearer=of-the-option', '--header', 'shop:authorization=Of the header', '--header', ':Accept=text/plain')
        self.assertEqual([headers.get('authorization') for _, path, headers, _ in self.server.seen if path == '/bearer'],
                         ['Of the header'])
        self.assertEqual({headers['Accept'] for _, path, headers, _ in self.server.seen}, {'text/plain'})

    def test_a_redirect_elsewhere_takes_nothing_along(self):
        other = self.serve()
        self.server.elsewhere = other.url
        for more in ([], ['--allow-host', '127.0.0.1']):
            self.run_arras('--verbose', '--redirects', '5', *more, '--auth', 'shop.key=' + SECRETS['key'], '--auth', 'shop.bearer=' + SECRETS['bearer'], '--auth',
                           f'shop.basic={USER}:{PASSWORD}', '--header', 'shop:X-Extra=' + SECRETS['client'])
        self.assertTrue(other.seen)
        for _, path, headers, _ in other.seen:
            self.assertNotIn('Authorization', headers)
            self.assertNotIn('X-Extra', headers)
            self.assertNotIn('key=', path)

    def test_a_redirect_that_names_the_key_is_not_followed(self):
        other = self.serve()
        self.server.elsewhere, self.server.keeps_query = other.url, True
        self.write('shop.arazzo.yaml', DOCUMENT + '  - {stepId: key, operationId: key}\n')
        for secret in (SECRETS['key'], 'k7'):
            done = self.run_arras('--redirects', '5', '--auth', 'key=' + secret)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn('redirects to another origin with the credential in its URL', done.stderr)
        self.assertEqual(other.seen, [])
        self.assertEqual(self.run_arras('--redirects', '5', '--auth', 'key=').returncode, 0)
        self.assertEqual(len(other.seen), 1)

    def test_a_secret_as_the_name_of_a_member_is_hidden(self):
        self.server.says = {SECRETS['bearer']: {'of': [SECRETS['bearer']]}}
        self.write('shop.arazzo.yaml', DOCUMENT + '  - {stepId: bearer, operationId: bearer, outputs: {all: $response.body}}\n'
                   '  outputs: {all: $steps.bearer.outputs.all}\n')
        done = self.run_arras('--json', '--verbose', '--auth', 'bearer=' + SECRETS['bearer'])
        self.assertEqual(json.loads(done.stdout)['outputs'], {'all': {'***': {'of': ['***']}}})
        self.assert_nothing_leaks(done)

    def test_a_secret_across_the_end_of_what_is_shown_is_hidden(self):
        """--verbose cuts long bodies; of what stands there no part is shown."""
        secret = 'Zq9-hidden'
        self.write('shop.arazzo.yaml', DOCUMENT + '  - {stepId: bearer, operationId: bearer}\n')
        for before in range(8192 - len(secret) - 12, 8192 + 1, 2):
            self.server.says = {'a': 'x' * (before - 8) + secret + 'y' * 100}
            done = self.run_arras('--verbose', '--auth', 'bearer=' + secret)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn(secret[:2], done.stderr)

    def test_the_fence_holds_for_token_endpoints_before_anything_is_sent(self):
        other = self.serve()
        text = (self.folder / 'shop.yaml').read_text()
        self.write('shop.yaml', text.replace(f'"{self.server.url}/token"', f'"{other.url}/token"'))
        self.write('shop.arazzo.yaml', DOCUMENT + '  - {stepId: key, operationId: key}\n  - {stepId: oauth, operationId: oauth}\n')
        fence = ['--allow-host', self.server.url]
        said = self.refused(*fence, '--auth', 'key=abcd', '--auth', 'oauth=id:' + SECRETS['client'])
        self.assertIn(f"the token request for 'shop.oauth' sends to {other.url[7:]}, which is not among the hosts", said)
        self.assertEqual(other.seen, [])
        done = self.run_arras(*fence, '--auth', 'key=abcd', '--auth', 'oauth=a-token')
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_fence_holds_for_a_token_endpoint_that_was_discovered(self):
        other = self.serve()
        self.server.tokens_at = other.url
        self.write('shop.arazzo.yaml', DOCUMENT + '  - {stepId: openid, operationId: openid}\n')
        credential = ['--auth', 'openid=id:' + SECRETS['client']]
        done = self.run_arras('--verbose', '--allow-host', self.server.url, *credential)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f'the request to {other.url[7:]} cannot be sent (this host is not among those that are allowed)', done.stderr)
        self.assertEqual(other.seen, [])
        self.assert_nothing_leaks(done)
        done = self.run_arras('--allow-host', self.server.url, '--allow-host', other.url, *credential)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([(method, path) for method, path, _, _ in other.seen], [('POST', '/token')])

    def test_a_token_stays_with_the_server_that_its_credential_was_given_for(self):
        other = self.serve()
        text = (self.folder / 'shop.yaml').read_text()
        self.write('shop.yaml', text + f'  /away: {{servers: [{{url: "{other.url}"}}], get: {{operationId: away, security: [{{oauth: []}}]}}}}\n')
        self.write('shop.arazzo.yaml', DOCUMENT + '  - {stepId: oauth, operationId: oauth}\n  - {stepId: away, operationId: away}\n')
        self.write('arras.credentials.yaml', json.dumps({self.server.url: {'oauth': 'id:' + SECRETS['client']},
                                                         other.url: {'oauth': 'token-of-the-other'}}))
        done = self.run_arras()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([headers['Authorization'] for _, _, headers, _ in other.seen], ['Bearer token-of-the-other'])

    def test_a_token_endpoint_is_not_left(self):
        other = self.serve()
        self.write('shop.yaml', (self.folder / 'shop.yaml').read_text().replace('/token"', '/moved"'))
        self.server.elsewhere = other.url
        self.write('shop.arazzo.yaml', DOCUMENT + '  - {stepId: oauth, operationId: oauth}\n')
        done = self.run_arras('--verbose', '--redirects', '5', '--allow-host', '127.0.0.1', '--auth', 'oauth=id:' + SECRETS['client'])
        self.assert_nothing_leaks(done)
        self.assertEqual([(method, path) for method, path, _, _ in self.server.seen], [('POST', '/moved')])
        self.assertEqual(other.seen, [])
        self.assertIn('the token endpoint answered with status 307', done.stderr)


if __name__ == '__main__':
    Credentials.program = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
