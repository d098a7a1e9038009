#!/usr/bin/env python3
"""Documents read by HTTP: what may be read, redirects, limits, and what is kept on disk. Loopback only.

usage: test_remote.py PROGRAM
"""
import contextlib
import http.server
import json
import os
import pathlib
import sys
import threading
import types

import served

WORKFLOW = '''arazzo: 1.1.0
info: {title: Remote, version: 1.0.0}
sourceDescriptions: [{name: api, url: %s, type: openapi}]
workflows:
- workflowId: main
  steps: [{stepId: a, operationId: getA}]
'''
DESCRIPTION = '''openapi: 3.1.0
info: {title: API, version: 1.0.0}
paths: {/a: {get: {operationId: getA, responses: {'200': {description: ok}}}}}
'''


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by the server's table: path -> (status, headers, body) or a function of the request that gives them."""
    protocol_version = 'HTTP/1.1'

    def do_GET(self):  # the base class's name
        self.server.seen.append(types.SimpleNamespace(path=self.path, headers=self.headers))
        found = self.server.table.get(self.path, (404, {}, ''))
        status, headers, body = found(self) if callable(found) else found
        body = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Site(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, **table):
        super().__init__(('127.0.0.1', 0), Handler)
        self.table, self.seen = {'/a': (200, {}, '{}')}, []
        self.url = f'http://127.0.0.1:{self.server_address[1]}'
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def paths(self):
        return [request.path for request in self.seen]

    def close(self):
        self.shutdown()
        self.server_close()


class Remote(served.Case):
    def setUp(self):
        super().setUp()
        self.site = self.new_site()
        self.environment = dict(os.environ, HOME=self.folder)
        self.environment.pop('XDG_CACHE_HOME', None)

    def new_site(self):
        site = Site()
        self.addCleanup(site.close)
        return site

    def run_arras(self, *words, environment=None):
        return super().run_arras(*words, environment=environment or self.environment)

    def check(self, done, status=0, says=''):
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(says, done.stderr)

    def kept(self):
        return sorted(pathlib.Path(self.folder, '.cache', 'arras').glob('*'))

    def test_what_is_not_allowed_is_not_asked_for(self):
        self.site.table['/api.yaml'] = (200, {}, DESCRIPTION)
        path = self.write('w.yaml', WORKFLOW % f'{self.site.url}/api.yaml')
        self.check(self.run_arras('run', path), 2, '--allow-remote')
        self.assertEqual(self.site.paths(), [])
        self.check(self.run_arras('run', path, '--allow-remote'))
        self.assertEqual(self.site.paths(), ['/api.yaml', '/a'])

    def test_json_tells_what_is_not_allowed(self):
        path = self.write('w.yaml', WORKFLOW % f'{self.site.url}/api.yaml')
        done = self.run_arras('run', '--json', path)
        error = json.loads(done.stdout)['error']
        self.assertEqual((done.returncode, error['code'], error['line']), (2, 'remote-document', 3))

    def test_a_source_by_url_is_allowed(self):
        self.site.table['/d/api.yaml'] = (200, {}, DESCRIPTION)
        path = self.write('w.yaml', WORKFLOW % 'gone.yaml')
        self.check(self.run_arras('run', path, '--source', f'api={self.site.url}/d/api.yaml'))
        self.assertEqual(self.site.paths(), ['/d/api.yaml', '/a'])

    def test_a_document_by_url_brings_what_stands_beside_it(self):
        self.site.table['/flows/w.yaml?v=2'] = (200, {}, WORKFLOW % '../api/openapi.json')
        self.site.table['/api/openapi.json'] = (200, {'Content-Type': 'application/json'}, json.dumps({
            'openapi': '3.1.0', 'info': {'title': 'A', 'version': '1'}, 'servers': [{'url': '.'}],
            'paths': {'/a': {'$ref': 'parts/a.yaml#/item'}}}))
        self.site.table['/api/parts/a.yaml'] = (200, {}, '''item:
  get:
    operationId: getA
    parameters: [{$ref: '../common.yaml#/q'}]
''')
        self.site.table['/api/common.yaml'] = (200, {}, '''q: {$ref: 'parts/a.yaml#/item/get/x'}
''')
        self.site.table['/api/a'] = (200, {}, '{}')
        self.check(self.run_arras('run', f'{self.site.url}/flows/w.yaml?v=2'))
        self.assertEqual(self.site.paths(), ['/flows/w.yaml?v=2', '/api/openapi.json', '/api/parts/a.yaml',
                                             '/api/common.yaml', '/api/a'])

    def test_a_document_names_no_other_server_and_no_files(self):
        other = self.new_site()
        other.table['/api.yaml'] = (200, {}, DESCRIPTION)
        self.site.table['/w.yaml'] = (200, {}, WORKFLOW % f'{other.url}/api.yaml')
        self.check(self.run_arras('run', f'{self.site.url}/w.yaml'), 2, '--allow-remote')
        self.assertEqual(other.paths(), [])
        secret = self.write('secret.yaml', 'get: {operationId: getA}')
        self.site.table['/w.yaml'] = (200, {}, WORKFLOW % 'api.yaml')
        self.site.table['/api.yaml'] = (200, {}, DESCRIPTION.replace('{get:', f"{{$ref: 'file://{secret}', x:"))
        self.check(self.run_arras('run', f'{self.site.url}/w.yaml', '--allow-remote'), 2, 'came by HTTP')

    def test_references_to_other_servers(self):
        other = self.new_site()
        other.table['/p.yaml'] = (200, {}, '{name: q, in: query, schema: {type: string}}')
        self.write('api.yaml', DESCRIPTION.replace(
            'operationId: getA', f"operationId: getA, parameters: [{{$ref: '{other.url}/p.yaml'}}]"))
        path = self.write('w.yaml', WORKFLOW % 'api.yaml')
        server = ('--server', self.site.url)
        self.check(self.run_arras('run', path, *server), 2, '--allow-remote')
        self.assertEqual(other.paths() + self.site.paths(), [])
        self.check(self.run_arras('run', path, *server, '--allow-remote'))
        other.table.clear()
        self.check(self.run_arras('run', path, *server, '--allow-remote'), 2, 'the server answers 404')
        # what lies deeper matters when it is needed
        self.write('api.yaml', DESCRIPTION.replace(
            'operationId: getA', f"operationId: getA, parameters: [{{name: p, in: query, schema: "
                                 f"{{$ref: '{other.url}/p.yaml'}}}}]"))
        self.check(self.run_arras('run', path, *server))

    def test_path_items_that_cannot_be_read_are_told(self):
        self.write('api.yaml', DESCRIPTION.replace('{get:', f"{{$ref: '{self.site.url}/a.yaml', x:"))
        path = self.write('w.yaml', WORKFLOW % 'api.yaml')
        self.check(self.run_arras('run', path), 2, '--allow-remote')
        self.assertEqual(self.site.paths(), [])

    def test_two_remote_documents_that_refer_to_each_other(self):
        self.site.table['/w.yaml'] = (200, {}, WORKFLOW % 'api.yaml')
        self.site.table['/api.yaml'] = (200, {}, DESCRIPTION.replace('{get:', "{$ref: 'b.yaml#/x', x:") + "y: {$ref: 'b.yaml#/x'}\n")
        self.site.table['/b.yaml'] = (200, {}, "x: {$ref: 'api.yaml#/y'}\n")
        self.check(self.run_arras('run', f'{self.site.url}/w.yaml'), 2, 'leads in a circle')
        self.assertEqual(self.site.paths(), ['/w.yaml', '/api.yaml', '/b.yaml'])

    def test_workflow_documents_that_use_each_other(self):
        text = '''arazzo: 1.0.1
info: {title: Remote, version: 1.0.0}
sourceDescriptions: [{name: other, url: %s, type: arazzo}]
workflows: [{workflowId: %s, steps: [{stepId: a, workflowId: $sourceDescriptions.other.%s}]}]
'''
        self.site.table['/one.yaml'] = (200, {}, text % ('two.yaml', 'one', 'two'))
        self.site.table['/two.yaml'] = (302, {'Location': '/2.yaml'}, '')
        self.site.table['/2.yaml'] = (200, {}, text % ('one.yaml', 'two', 'one'))
        self.check(self.run_arras('run', f'{self.site.url}/one.yaml'), 2, 'is a document that uses this one')
        self.assertEqual(self.site.paths(), ['/one.yaml', '/two.yaml', '/2.yaml'])
        self.site.table['/2.yaml'] = (200, {}, (WORKFLOW % 'api.yaml').replace('main', 'two'))
        self.site.table['/api.yaml'] = (200, {}, DESCRIPTION)
        self.check(self.run_arras('run', f'{self.site.url}/one.yaml'))

    def test_redirects(self):
        other = self.new_site()
        other.table['/deep/api.yaml'] = (200, {}, DESCRIPTION.replace('{get:', "{$ref: 'a.yaml', x:"))
        other.table['/deep/a.yaml'] = (200, {}, 'get: {operationId: getA}')
        self.site.table['/api'] = (301, {'Location': '/there'}, '')
        self.site.table['/there'] = (307, {'Location': f'{other.url}/deep/api.yaml'}, '')
        path = self.write('w.yaml', WORKFLOW % 'x')
        source = ('--source', f'api={self.site.url}/api', '--server', self.site.url)
        self.check(self.run_arras('run', path, *source), 2, '--allow-remote')
        self.check(self.run_arras('run', path, *source, '--redirects', '5'), 2, '--allow-remote')
        self.assertEqual(other.paths(), [])
        self.check(self.run_arras('run', path, *source, '--allow-remote'))
        self.assertEqual(other.paths(), ['/deep/api.yaml', '/deep/a.yaml'])
        self.site.table['/there'] = (302, {'Location': '/api'}, '')
        self.check(self.run_arras('run', path, *source), 2, 'more than 10 redirects')
        self.site.table['/there'] = (302, {'Location': 'file:///etc/passwd'}, '')
        self.check(self.run_arras('run', path, *source, '--allow-remote'), 2, 'is not http or https')

    def test_what_has_not_changed_does_not_come_again(self):
        def answer(request):
            same = request.headers['If-None-Match'] == '"1"' or request.headers['If-Modified-Since'] == 'then'
            return (304, {}, '') if same else (200, validators, DESCRIPTION)
        path = self.write('w.yaml', WORKFLOW % f'{self.site.url}/api.yaml')
        self.site.table['/api.yaml'] = answer
        for number, validators in enumerate([{'ETag': '"1"'}, {'Last-Modified': 'then'}]):
            for entry in self.kept():
                entry.unlink()
            for _ in range(2):
                self.check(self.run_arras('run', path, '--allow-remote'))
            asked = [request for request in self.site.seen if request.path == '/api.yaml'][2 * number:]
            wanted = ('If-None-Match', '"1"') if number == 0 else ('If-Modified-Since', 'then')
            self.assertIsNone(asked[0].headers[wanted[0]])
            self.assertEqual(asked[1].headers[wanted[0]], wanted[1])
            self.assertEqual(len(self.kept()), 1)

    def test_a_new_version_replaces_the_old(self):
        path = self.write('w.yaml', WORKFLOW % f'{self.site.url}/api.yaml')
        for version in ['1', '2']:
            self.site.table['/api.yaml'] = (200, {'ETag': version}, DESCRIPTION + f'x-version: {version}\n')
            self.check(self.run_arras('run', path, '--allow-remote'))
            self.assertIn(f'x-version: {version}', self.kept()[0].read_text())
        self.site.table['/api.yaml'] = (200, {'ETag': '3', 'Cache-Control': 'private, No-Store'}, DESCRIPTION)
        self.check(self.run_arras('run', path, '--allow-remote'))
        self.assertEqual(self.kept(), [])

    def test_what_is_kept_may_be_broken(self):
        path = self.write('w.yaml', WORKFLOW % f'{self.site.url}/api.yaml')
        self.site.table['/api.yaml'] = (200, {'ETag': '1'}, DESCRIPTION)
        self.check(self.run_arras('run', path, '--allow-remote'))
        whole = self.kept()[0].read_text()
        for text in ['', 'x', whole[:40], whole[:-3], whole.replace('getA', 'getB'), whole.replace('1\n', '2\n', 1)]:
            self.kept()[0].write_text(text)
            self.check(self.run_arras('run', path, '--allow-remote'))
            self.assertIsNone(self.site.seen[-2].headers['If-None-Match'], text)
            self.assertEqual(self.kept()[0].read_text(), whole)

    def test_a_folder_that_cannot_be_written_is_no_error(self):
        path = self.write('w.yaml', WORKFLOW % f'{self.site.url}/api.yaml')
        self.site.table['/api.yaml'] = (200, {'ETag': '1'}, DESCRIPTION)
        environment = dict(self.environment, XDG_CACHE_HOME='/proc/none')
        self.check(self.run_arras('run', path, '--allow-remote', environment=environment))

    def test_the_folder_of_the_environment(self):
        path = self.write('w.yaml', WORKFLOW % f'{self.site.url}/api.yaml')
        self.site.table['/api.yaml'] = (200, {'ETag': '1'}, DESCRIPTION)
        environment = dict(self.environment, XDG_CACHE_HOME=f'{self.folder}/there')
        self.check(self.run_arras('run', path, '--allow-remote', environment=environment))
        self.assertEqual(len(list(pathlib.Path(self.folder, 'there', 'arras').glob('*'))), 1)

    def test_a_server_that_is_gone(self):
        other = self.new_site()
        other.table['/api'] = (302, {'Location': '/api.yaml'}, '')
        other.table['/api.yaml'] = (200, {'ETag': '1'}, DESCRIPTION)
        path = self.write('w.yaml', WORKFLOW % f'{other.url}/api')
        words = ('run', path, '--allow-remote', '--server', self.site.url)
        self.check(self.run_arras(*words))
        other.close()
        self.check(self.run_arras(*words), 0, '[source-stale]')
        for entry in self.kept():
            entry.unlink()
        self.check(self.run_arras(*words), 2, 'cannot be read')

    def test_credentials_in_a_url(self):
        def answer(request):
            right = request.headers['Authorization'] == 'Basic bWU6cCBx'
            return (200, {'ETag': '1'}, self.site.texts[request.path]) if right else (401, {}, '')
        self.site.texts = {'/w.yaml': WORKFLOW % 'api.yaml', '/api.yaml': DESCRIPTION}
        self.site.table['/w.yaml'] = self.site.table['/api.yaml'] = answer
        done = self.run_arras('run', '-v', self.site.url.replace('//', '//me:p%20q@') + '/w.yaml')
        self.check(done)
        self.assertNotIn('p%20q', done.stderr)
        self.assertIsNone(self.site.seen[-1].headers['Authorization'])
        self.assertEqual(self.kept(), [])
        done = self.run_arras('run', self.site.url.replace('//', '//me:wrong@') + '/w.yaml')
        self.check(done, 2, 'the server answers 401')
        self.assertNotIn('wrong', done.stderr)

    def test_a_document_that_is_too_large(self):
        self.site.table['/w.yaml'] = (200, {}, ' ' * ((64 << 20) + 1))
        self.check(self.run_arras('run', f'{self.site.url}/w.yaml'), 2, 'larger body')

    def test_formats(self):
        as_json = json.dumps({'openapi': '3.1.0', 'info': {'title': 'A', 'version': '1'},
                              'paths': {'/a': {'get': {'operationId': 'getA'}}}})
        path = self.write('w.yaml', WORKFLOW % f'{self.site.url}/api')
        for media, text, status in [('application/json', as_json, 0), ('text/plain', as_json, 0),
                                    ('application/yaml', DESCRIPTION, 0), ('text/plain', DESCRIPTION, 0),
                                    ('application/vnd.oai.openapi+json;version=3.1', as_json, 0),
                                    ('application/json', DESCRIPTION, 2)]:
            self.site.table['/api'] = (200, {'Content-Type': media}, text)
            self.check(self.run_arras('run', path, '--allow-remote'), status)

    def test_self_is_the_base(self):
        self.site.table['/there/api.yaml'] = (200, {}, DESCRIPTION)
        text = (WORKFLOW % 'api.yaml').replace('info:', f'$self: {self.site.url}/there/w.yaml\ninfo:')
        path = self.write('w.yaml', text)
        self.check(self.run_arras('run', path), 2, '--allow-remote')
        self.assertEqual(self.site.paths(), [])
        self.check(self.run_arras('run', path, '--allow-remote'))
        self.assertEqual(self.site.paths(), ['/there/api.yaml', '/a'])
        self.site.table['/here/w.yaml'] = (200, {}, text)
        self.check(self.run_arras('run', f'{self.site.url}/here/w.yaml'))
        self.assertEqual(self.site.paths()[2:], ['/here/w.yaml', '/there/api.yaml', '/a'])
        # a copy elsewhere, of which the original may not be asked: what stands beside the copy
        self.site.table['/here/w.yaml'] = (200, {}, text.replace(self.site.url, 'http://example.invalid'))
        self.site.table['/here/api.yaml'] = (200, {}, DESCRIPTION)
        self.check(self.run_arras('run', f'{self.site.url}/here/w.yaml'))
        # and beside a file the file
        self.write('api.yaml', DESCRIPTION)
        self.check(self.run_arras('run', path, '--server', self.site.url))

    def test_self_of_a_description_is_the_base_of_its_references(self):
        self.site.table['/there/a.yaml'] = (200, {}, 'get: {operationId: getA}')
        self.write('api.yaml', DESCRIPTION.replace('3.1.0', f'3.2.0\n$self: {self.site.url}/there/api.yaml').replace(
            '{get:', "{$ref: 'a.yaml', x:"))
        path = self.write('w.yaml', WORKFLOW % 'api.yaml')
        words = ('run', path, '--server', self.site.url)
        self.check(self.run_arras(*words), 2, '--allow-remote')
        self.check(self.run_arras(*words, '--allow-remote'))
        self.assertEqual(self.site.paths(), ['/there/a.yaml', '/a'])
        self.write('a.yaml', 'get: {operationId: getA}')
        self.check(self.run_arras(*words))
        self.assertEqual(self.site.paths()[2:], ['/a'])


if __name__ == '__main__':
    served.main(sys.argv)
