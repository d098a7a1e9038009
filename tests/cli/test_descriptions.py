#!/usr/bin/env python3
"""Descriptions as they come: over TLS, by file: URLs, in folders with odd names, in circles, behind references, three megabytes long.

usage: test_descriptions.py PROGRAM    Servers listen on loopback, on ports that the system picks.
"""
import json
import os
import pathlib
import ssl
import subprocess
import sys
import time

import served
from test_remote import DESCRIPTION, WORKFLOW, Site

SECONDS_AT_MOST = 30  # for what takes less than one, on a machine with other things to do and with sanitizers


class Descriptions(served.Case):
    def setUp(self):
        super().setUp()
        self.site = self.new_site()

    def new_site(self):
        site = Site()
        self.addCleanup(site.close)
        return site

    def new_tls_site(self):
        """One with a certificate that it signed itself: ca.pem."""
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj',
                        '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', 'ca.key', '-out', 'ca.pem'],
                       cwd=self.folder, check=True, capture_output=True, timeout=served.SECONDS)
        site = self.new_site()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(f'{self.folder}/ca.pem', f'{self.folder}/ca.key')
        site.socket = tls.wrap_socket(site.socket, server_side=True)
        site.handle_error = lambda *_: None
        site.url = f'https://localhost:{site.server_address[1]}'
        return site

    def run_workflow(self, *words, status=0, document='w.yaml', **more):
        done = self.run_arras('run', document, *words, environment=dict(os.environ, HOME=self.folder, **more))
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def test_over_tls(self):
        site = self.new_tls_site()
        site.table['/w.yaml'] = (200, {}, WORKFLOW % 'api.yaml')
        site.table['/api.yaml'] = (200, {}, DESCRIPTION.replace('{get:', "{$ref: 'parts/a.yaml', x:"))
        site.table['/parts/a.yaml'] = (200, {}, 'get: {operationId: getA}')
        document = f'{site.url}/w.yaml'
        said = self.run_workflow(document=document, status=2)
        self.assertIn('no secure connection to localhost', said)
        self.assertEqual(site.paths(), [])
        said = self.run_workflow('--cacert', 'ca.pem', document=document)
        self.assertNotIn('warning', said)
        self.assertEqual(site.paths(), ['/w.yaml', '/api.yaml', '/parts/a.yaml', '/a'])
        self.assertIn('[tls-unverified]', self.run_workflow('--insecure', document=document))
        # from https to http no document leads, with --allow-remote neither
        site.table['/api.yaml'] = (302, {'Location': f'{self.site.url}/api.yaml'}, '')
        self.run_workflow('--cacert', 'ca.pem', '--allow-remote', document=document, status=2)
        self.assertEqual(self.site.paths(), [])

    def test_one_that_is_read_with_a_clients_certificate(self):
        site = self.new_tls_site()
        site.socket.context.load_verify_locations(f'{self.folder}/ca.pem')
        site.socket.context.verify_mode = ssl.CERT_REQUIRED
        site.table['/api.yaml'] = (200, {'ETag': '1'}, DESCRIPTION)
        self.write('w.yaml', WORKFLOW % f'{site.url}/api.yaml')
        words = ('--allow-remote', '--cacert', 'ca.pem')
        self.run_workflow(*words, status=2)
        self.run_workflow(*words, '--cert', 'ca.pem', '--key', 'ca.key')
        self.assertEqual(site.paths(), ['/api.yaml', '/a'])
        self.assertEqual(list(pathlib.Path(self.folder).glob('.cache/arras/*')), [])

    def test_by_file_urls(self):
        self.write('api é.yaml', DESCRIPTION.replace('operationId', f"parameters: [{{$ref: 'file://{self.folder}/q%20q.yaml#/q'}}], operationId"))
        self.write('q q.yaml', 'q: {name: q, in: query, explode: false, schema: {type: array}}')
        given = WORKFLOW.replace('operationId: getA', 'operationId: getA, parameters: [{name: q, in: query, value: [1, 2]}]')
        for url in (f'file://{self.folder}/api%20%C3%A9.yaml', f'file://localhost{self.folder}/api%20%C3%A9.yaml',
                    f'file:{self.folder}/api%20%C3%A9.yaml'):
            self.site.table['/a?q=1,2'] = (200, {}, '{}')
            self.site.seen.clear()
            self.write('w.yaml', given % url)
            said = self.run_workflow('--server', self.site.url)
            self.assertNotIn('warning', said)
            self.write('w.yaml', given % 'gone.yaml')
            self.run_workflow('--server', self.site.url, '--source', f'api={url}')
            self.assertEqual(self.site.paths(), ['/a?q=1,2', '/a?q=1,2'])
        self.write('w.yaml', WORKFLOW % f'file://{self.folder}/none.yaml')
        self.assertIn(f"the source 'api': there is no file '{self.folder}/none.yaml'", self.run_workflow(status=2))
        self.write('w.yaml', WORKFLOW % 'file://elsewhere.example/api.yaml')
        self.assertIn('only files and http or https are read', self.run_workflow(status=2))

    def test_what_came_by_http_names_no_file_urls(self):
        path = self.write('api.yaml', DESCRIPTION)
        self.site.table['/w.yaml'] = (200, {}, WORKFLOW % f'file://{path}')
        said = self.run_workflow('--allow-remote', '--server', self.site.url, document=f'{self.site.url}/w.yaml', status=2)
        self.assertIn(f"'file://{path}' is not read: a document that came by HTTP names it", said)
        self.assertEqual(self.site.paths(), ['/w.yaml'])

    def test_folders_with_characters_that_urls_do_not_hold(self):
        folder = pathlib.Path(self.folder, 'C# 100%? é')
        folder.mkdir()
        self.write(f'{folder.name}/api.yaml', DESCRIPTION.replace('{get:', "{$ref: 'parts.yaml#/a', x:"))
        self.write(f'{folder.name}/parts.yaml', 'a: {get: {operationId: getA, parameters: [{$ref: "./get%20it.yaml#/q"}]}}')
        self.write(f'{folder.name}/get it.yaml', 'q: {name: q, in: query}')
        self.write(f'{folder.name}/w.yaml', (WORKFLOW % 'api.yaml').replace('operationId: getA',
                                                                           'operationId: getA, parameters: [{name: q, in: query, value: 1}]'))
        self.site.table['/a?q=1'] = (200, {}, '{}')
        for document in (f'{folder}/w.yaml', f'{folder.name}/w.yaml'):
            said = self.run_workflow('--server', self.site.url, document=document)
            self.assertNotIn('warning', said)

    def test_references_upward_from_a_relative_name(self):
        """As far as above the folder in which the command runs."""
        for name in ('in/flows', 'in/api', 'parts'):
            pathlib.Path(self.folder, name).mkdir(parents=True)
        self.write('in/flows/w.yaml', (WORKFLOW % '../api/api.yaml').replace('operationId: getA',
                                                                             'operationId: getA, parameters: [{name: q, in: query, value: 1}]'))
        self.write('in/api/api.yaml', DESCRIPTION.replace('operationId', "parameters: [{$ref: '../../parts/q.yaml#/q'}], operationId"))
        self.write('parts/q.yaml', 'q: {name: q, in: query}')
        self.site.table['/a?q=1'] = (200, {}, '{}')
        whole = self.folder
        for folder, document in (('', 'in/flows/w.yaml'), ('in', 'flows/w.yaml'), ('in/flows', 'w.yaml'), ('in/api', '../flows/w.yaml'),
                                 ('parts', '../in/flows/w.yaml'), ('parts', './../in/flows/w.yaml')):
            self.folder = f'{whole}/{folder}'
            self.assertNotIn('warning', self.run_workflow('--server', self.site.url, document=document), f'{folder}: {document}')

    def test_a_parameter_behind_a_reference_that_leads_nowhere(self):
        self.write('api.yaml', DESCRIPTION.replace('operationId', "parameters: [{$ref: 'none.yaml#/q'}], operationId"))
        self.write('w.yaml', (WORKFLOW % 'api.yaml').replace('operationId: getA', 'operationId: getA, parameters: [{name: q, in: query, value: 1}]'))
        self.site.table['/a?q=1'] = (200, {}, '{}')
        for words, status in (([], 0), (['--strict'], 2)):
            self.assertIn("it may be the one behind 'none.yaml#/q', which cannot be read",
                          self.run_workflow('--server', self.site.url, *words, status=status))

    def test_path_items_behind_references(self):
        """Within the document, in another, several with each other's help; beside one that cannot be read."""
        self.write('api.yaml', '''openapi: 3.1.0
info: {title: API, version: 1.0.0}
paths:
  /a: {$ref: '#/components/pathItems/A'}
  /b/{id}: {$ref: 'parts.yaml#/items/b~1id'}
  /c: {$ref: 'none.yaml'}
  /d: {$ref: '#/paths/~1e'}
  /e: {$ref: '#/paths/~1d'}
components:
  pathItems:
    A: {get: {operationId: getA}}
''')
        self.write('parts.yaml', '''items:
  b/id: {$ref: '#/items/real'}
  real:
    parameters: [{$ref: '#/id'}]
    put: {operationId: putB, requestBody: {$ref: 'api.yaml#/components/requestBodies/none'}}
    get: {operationId: getB}
id: {name: id, in: path, required: true, style: matrix, schema: {type: integer}}
''')
        self.site.table['/b/;id=5'] = (200, {}, '{}')
        self.write('w.yaml', (WORKFLOW % 'api.yaml').replace('steps: [', 'steps: [{stepId: b, operationId: getB, parameters: '
                                                             '[{name: id, in: path, value: 5}]}, '))
        self.assertIn('succeeded', self.run_workflow('--server', self.site.url))
        self.assertEqual(self.site.paths(), ['/b/;id=5', '/a'])
        self.write('w.yaml', (WORKFLOW % 'api.yaml').replace('getA', 'getE'))
        said = self.run_workflow('--server', self.site.url, status=2)
        self.assertIn('leads in a circle', said)
        self.assertIn("none.yaml cannot be read", said)

    def test_schemas_that_hold_themselves(self):
        """By themselves, by each other, across files; what can never be met is told, not walked for ever."""
        self.write('api.yaml', DESCRIPTION.replace("{description: ok}", "{description: ok, content: {application/json: {schema: "
                                                   "{$ref: '#/components/schemas/Tree'}}}}") + '''components:
  schemas:
    Tree: {type: object, required: [id], properties: {id: {type: integer}, parts: {type: array, items: {$ref: 'other.yaml#/Branch'}}}}
    Loop: {$ref: '#/components/schemas/Pool'}
    Pool: {$ref: '#/components/schemas/Loop'}
''')
        self.write('other.yaml', "Branch: {allOf: [{$ref: 'api.yaml#/components/schemas/Tree'}], required: [name]}")
        self.write('w.yaml', WORKFLOW % 'api.yaml')
        good = {'id': 1, 'name': 'a', 'parts': [{'id': 2, 'name': 'b', 'parts': []}]}
        bad = {'id': 1, 'parts': [{'id': 2, 'name': 'b', 'parts': [{'id': 'x', 'name': 'c'}]}]}
        words = ('--server', self.site.url, '--validate', 'error')
        self.site.table['/a'] = (200, {'Content-Type': 'application/json'}, json.dumps(good))
        self.run_workflow(*words)
        self.site.table['/a'] = (200, {'Content-Type': 'application/json'}, json.dumps(bad))
        self.assertIn("at '/parts/0/parts/0/id'", self.run_workflow(*words, status=1))
        self.write('api.yaml', pathlib.Path(self.folder, 'api.yaml').read_text().replace('schemas/Tree\'}}', 'schemas/Loop\'}}'))
        self.assertIn('circle', self.run_workflow(*words, status=1))

    def test_three_megabytes(self):
        """Read, an operation found among thousands, and its response checked through references in a circle."""
        count = 3800
        schemas = {f'Thing{i}': {'type': 'object', 'description': f'number {i} of the catalogue, ' * 8, 'required': ['id'], 'properties': {
            'id': {'type': 'integer'}, 'next': {'$ref': f'#/components/schemas/Thing{(i + 1) % count}'}}} for i in range(count)}
        paths = {f'/things{i}/{{id}}': {
            'parameters': [{'$ref': '#/components/parameters/id'}],
            'get': {'operationId': f'get{i}', 'summary': 'One of them, as it is now', 'responses': {'200': {
                'description': 'ok', 'content': {'application/json': {'schema': {'$ref': f'#/components/schemas/Thing{i}'}}}}}},
            'put': {'operationId': f'put{i}', 'requestBody': {'content': {'application/json': {'schema': {
                '$ref': f'#/components/schemas/Thing{i}'}}}}}} for i in range(count)}
        description = {'openapi': '3.1.0', 'info': {'title': 'A', 'version': '1'}, 'paths': paths, 'components': {
            'schemas': schemas, 'parameters': {'id': {'name': 'id', 'in': 'path', 'required': True, 'schema': {'type': 'integer'}}}}}
        self.write('api.json', json.dumps(description))
        self.write('api.yaml', block_yaml(description))
        self.assertGreater(pathlib.Path(self.folder, 'api.json').stat().st_size, 3e6)
        self.write('w.yaml', (WORKFLOW % 'api.json').replace(
            'operationId: getA', f'operationId: get{count - 1}, parameters: [{{name: id, in: path, value: 7}}]'))
        self.site.table[f'/things{count - 1}/7'] = (200, {'Content-Type': 'application/json'},
                                                    '{"id": 1, "next": {"id": 2, "next": {"id": "x"}}}')
        for name in ('api.json', 'api.yaml'):
            begun = time.monotonic()
            said = self.run_workflow('--server', self.site.url, '--source', f'api={name}', '--validate', 'warn')
            self.assertLess(time.monotonic() - begun, SECONDS_AT_MOST)
            self.assertIn("at '/next/next/id'", said)
        self.assertEqual(len(self.site.seen), 2)


def block_yaml(value, depth=0):
    """Objects as lines, everything else as JSON has it."""
    text = ''
    for name, member in value.items():
        deeper = isinstance(member, dict) and member
        text += ' ' * depth + json.dumps(name) + ':' + ('\n' + block_yaml(member, depth + 1) if deeper else f' {json.dumps(member)}\n')
    return text


if __name__ == '__main__':
    served.main(sys.argv)
