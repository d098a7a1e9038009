#!/usr/bin/env python3
"""Where requests go: --server by URL, number and name, and --server-variable. Nothing is sent.

usage: test_servers.py PROGRAM
"""
import re
import sys

import served

WORKFLOW = '''arazzo: 1.0.1
info: {title: Servers, version: 1.0.0}
sourceDescriptions:
- {name: api, url: api.yaml, type: openapi}
%sworkflows:
- workflowId: main
  steps:
  - {stepId: root, operationId: root}
  - {stepId: path, operationId: path}
  - {stepId: own, operationId: own}
'''
DESCRIPTION = '''openapi: 3.2.0
info: {title: API, version: 1.0.0}
servers:
- {url: 'https://one.example/', name: production}
- {url: 'https://{region}.two.example:{port}/{v}', name: staging, variables: {region: {default: eu, enum: [eu, us]},
   port: {default: '8443', enum: ['8443', 443]}, v: {default: v1}}}
paths:
  /root: {get: {operationId: root}}
  /path: {servers: [{url: 'https://path.example'}, {url: 'https://path2.example', name: staging}], get: {operationId: path}}
  /own: {get: {operationId: own, servers: [{url: 'https://{own}.example', variables: {own: {default: own}}}]}}
'''
SWAGGER = '''swagger: '2.0'
info: {title: API, version: 1.0.0}
host: h.example
basePath: /v1
schemes: [ws, https, http]
paths: {/a: {get: {operationId: root}}, /b: {get: {operationId: path}}, /c: {get: {operationId: own, schemes: [http]}}}
'''


class Servers(served.Case):
    def setUp(self):
        super().setUp()
        self.write('api.yaml', DESCRIPTION)
        self.path = self.write('w.yaml', WORKFLOW % '')

    def hosts(self, *words):
        done = self.run_arras('run', self.path, '--dry-run', *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [re.sub(r'/(root|path|own|[abc])$', '', url) for url in re.findall('^GET (.*)$', done.stdout, re.MULTILINE)]

    def refused(self, says, *words):
        done = self.run_arras('run', self.path, '--dry-run', *words)
        self.assertEqual(done.returncode, 2, done.stderr)
        for text in says:
            self.assertIn(text, done.stderr)

    def test_the_first_unless_one_is_chosen(self):
        self.assertEqual(self.hosts(), ['https://one.example', 'https://path.example', 'https://own.example'])

    def test_a_url_is_for_all_operations(self):
        for words in [['http://h:1/x/'], ['api=http://h:1/x']]:
            self.assertEqual(self.hosts('--server', *words), ['http://h:1/x'] * 3)

    def test_by_number(self):
        for words in ['#2', 'api=#2']:
            self.assertEqual(self.hosts('--server', words),
                             ['https://eu.two.example:8443/v1', 'https://path.example', 'https://own.example'])
        self.refused(["the source 'api' has no server #3", '#1 https://one.example/ production, #2 https://{region}'],
                     '--server', '#3')
        self.refused(["'#0' is neither"], '--server', '#0')

    def test_by_name(self):
        self.assertEqual(self.hosts('--server', 'staging'),
                         ['https://eu.two.example:8443/v1', 'https://path2.example', 'https://own.example'])
        self.refused(["'localhost:80' is neither a URL nor #NUMBER nor the name", 'a URL begins with http://'],
                     '--server', 'api=localhost:80')
        self.refused(["--server: the document has no source 'ap'"], '--server', 'ap=staging')

    def test_variables(self):
        self.assertEqual(self.hosts('--server', '#2', '--server-variable', 'api.region=us', '--server-variable',
                                    'api.port=443', '--server-variable', 'v=v 2', '--server-variable', 'own=mine'),
                         ['https://us.two.example:443/v%202', 'https://path.example', 'https://mine.example'])
        self.refused(["the server's variable 'region' cannot be 'asia'", '--server-variable api.region takes one of: eu, us'],
                     '--server', '#2', '--server-variable', 'region=asia')
        self.refused(["no server of the source 'api' has a variable 'regoin'"], '--server-variable', 'api.regoin=us')
        self.refused(["'apy.region' does not begin with the name"], '--server-variable', 'apy.region=us')
        self.refused(["'region' is not SOURCE.NAME=VALUE"], '--server-variable', 'region')
        self.refused(["which has no variable 'region'"], '--server', 'http://h', '--server-variable', 'region=us')

    def test_a_variable_without_a_value_asks_for_one(self):
        self.write('api.yaml', DESCRIPTION.replace('{default: v1}', '{}'))
        self.refused(['--server-variable api.v=VALUE'], '--server', '#2')

    def test_the_longest_name_of_a_source_counts(self):
        self.write('w.yaml', WORKFLOW % '- {name: api.eu, url: other.yaml, type: openapi}\n')
        self.write('other.yaml', DESCRIPTION.replace('operationId: ', 'operationId: x').replace('{v}', '{eu.v}').replace(
            ' v: {', ' eu.v: {'))
        hosts = self.hosts('--server', 'api=#2', '--server-variable', 'api.v=w')
        self.assertEqual(hosts[0], 'https://eu.two.example:8443/w')
        self.refused(["no server of the source 'api.eu' has a variable 'v'"], '--server-variable', 'api.eu.v=2')
        self.refused(['whose server'], '--server', '#2')

    def test_swagger(self):
        self.write('api.yaml', SWAGGER)
        self.assertEqual(self.hosts(), ['https://h.example/v1', 'https://h.example/v1', 'http://h.example/v1'])
        self.assertEqual(self.hosts('--server', '#2'), ['http://h.example/v1'] * 3)
        self.refused(['has no server #3', '#1 https, #2 http'], '--server', '#3')


if __name__ == '__main__':
    served.main(sys.argv)
