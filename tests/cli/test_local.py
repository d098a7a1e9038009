#!/usr/bin/env python3
"""Runs a workflow on Windmill's API with nothing but the program: `arras run --local`.

usage: test_local.py PROGRAM
"""
import json
import os
import signal
import subprocess
import sys
import time

import served

WORKFLOW = '''arazzo: 1.0.1
info: {title: Jobs, version: 1.0.0}
sourceDescriptions: [{name: jobs, url: jobs.openapi.yaml, type: openapi}]
workflows:
- workflowId: runAndWait
  inputs:
    type: object
    required: [token, workspace, path]
    properties: {token: {type: string}, workspace: {type: string}, path: {type: string}, args: {type: object}}
  steps:
  - stepId: start
    operationId: start
    parameters:
    - {name: Authorization, in: header, value: 'Bearer {$inputs.token}'}
    - {name: workspace, in: path, value: $inputs.workspace}
    - {name: path, in: path, value: $inputs.path}
    requestBody: {contentType: application/json, payload: $inputs.args}
    successCriteria: [{condition: $statusCode == 201}]
    outputs: {id: $response.body}
  - stepId: wait
    operationId: ask
    parameters:
    - {name: Authorization, in: header, value: 'Bearer {$inputs.token}'}
    - {name: workspace, in: path, value: $inputs.workspace}
    - {name: id, in: path, value: $steps.start.outputs.id}
    successCriteria: [{condition: $statusCode == 200}]
    onSuccess:
    - {name: again, type: goto, stepId: wait, criteria: [{condition: $response.body#/completed == false}]}
    outputs: {result: $response.body#/result, success: $response.body#/success}
  outputs: {result: $steps.wait.outputs.result, success: $steps.wait.outputs.success}
'''
DESCRIPTION = '''openapi: 3.0.3
info: {title: Jobs, version: 1.0.0}
servers: [{url: /api}]
paths:
  /w/{workspace}/jobs/run/p/{path}:
    post:
      operationId: start
      parameters:
      - {name: workspace, in: path, required: true, schema: {type: string}}
      - {name: path, in: path, required: true, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: ok}}
  /w/{workspace}/jobs_u/completed/get_result_maybe/{id}:
    get:
      operationId: ask
      parameters:
      - {name: workspace, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: string}}
      responses: {'200': {description: ok}}
'''
SCRIPT = '''def main(a: int, b: int):
    return {"sum": a + b}
'''


# Unlike that of any other test that runs now, so that what is left of this one can be told.
NAP = str(100000 + os.getpid())


class Local(served.Case):
    def setUp(self):
        super().setUp()
        self.write('jobs.arazzo.yaml', WORKFLOW)
        self.write('jobs.openapi.yaml', DESCRIPTION)
        self.write('add.py', SCRIPT)
        self.write('sleep.sh', f'sleep {NAP}\n')

    def arguments(self, script, *more):
        return ['run', 'jobs.arazzo.yaml', '--local', '--script', f'u/admin/script={script}', '-i',
                'path=u/admin/script', *served.sandbox_options(), *more]

    def test_a_script_runs_and_its_result_is_an_output(self):
        got = self.run_arras(*self.arguments('add.py', '-i', 'args:={"a": 40, "b": 2}', '--json'))
        self.assertEqual(got.returncode, 0, got)
        report = json.loads(got.stdout)
        self.assertEqual(report['outputs'], {'result': {'sum': 42}, 'success': True})
        self.assertEqual(report['status'], 'succeeded')

    def test_the_source_may_be_named(self):
        for words in (['--local=jobs'], ['--local', 'jobs']):
            arguments = ['run', 'jobs.arazzo.yaml', *words, '--script', 'u/admin/script=add.py', '-i',
                         'path=u/admin/script', '-i', 'args:={"a": 1, "b": 2}', '-q', *served.sandbox_options()]
            got = self.run_arras(*arguments)
            self.assertEqual((got.returncode, json.loads(got.stdout or 'null')),
                             (0, {'result': {'sum': 3}, 'success': True}), got)

    def test_the_token_is_the_credential_where_the_document_holds_none(self):
        own = "    - {name: Authorization, in: header, value: 'Bearer {$inputs.token}'}\n"
        self.assertIn(own, WORKFLOW)
        self.write('jobs.arazzo.yaml', WORKFLOW.replace(own, ''))
        schemes = 'components: {securitySchemes: {bearerAuth: {type: http, scheme: bearer}}}\nsecurity: [{bearerAuth: []}]\n'
        self.write('jobs.openapi.yaml', DESCRIPTION.replace('paths:\n', schemes + 'paths:\n'))
        got = self.run_arras(*self.arguments('add.py', '-i', 'args:={"a": 40, "b": 2}', '--auth', 'bearerAuth=of-another', '--json'))
        self.assertEqual(got.returncode, 0, got)
        report = json.loads(got.stdout)
        self.assertEqual(report['outputs'], {'result': {'sum': 42}, 'success': True})
        self.assertNotIn('credentials-outside', [warning['code'] for warning in report['warnings']])

    def test_the_token_is_not_shown(self):
        got = self.run_arras(*self.arguments('add.py', '-i', 'args:={"a": 1, "b": 2}', '--verbose'))
        self.assertEqual(got.returncode, 0, got)
        self.assertIn('> ', got.stderr)
        self.assertNotRegex(got.stderr, r'Bearer [A-Za-z0-9]{8}')

    def test_an_interrupted_run_leaves_nothing_running(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([self.program, *self.arguments('sleep.sh', '-i', 'args:={}', '-v')], text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder)
            for line in process.stderr:
                if 'waits' in line:
                    break
            self.assertEqual(len(wait_for(left_over)), 1)
            begun = time.monotonic()
            process.send_signal(number)
            process.communicate(timeout=served.SECONDS)
            self.assertEqual(process.returncode, 128 + number)
            self.assertLess(time.monotonic() - begun, 20)
            self.assertEqual(left_over(), [])

    def test_a_script_that_is_not_there_is_named(self):
        got = self.run_arras(*self.arguments('missing.py'))
        self.assertEqual(got.returncode, 2)
        self.assertIn("error: --script: cannot read 'missing.py': No such file or directory", got.stderr)

    def test_a_source_that_is_not_there_is_named(self):
        got = self.run_arras('run', 'jobs.arazzo.yaml', '--local=job')
        self.assertEqual(got.returncode, 2)
        self.assertIn("error: --local: the document has no source 'job'; its sources are: jobs", got.stderr)


def wait_for(find):
    """What `find` finds, once it finds something."""
    end = time.monotonic() + served.SECONDS
    while not find() and time.monotonic() < end:
        time.sleep(0.01)
    return find()


def left_over():
    """Processes that still sleep for the script, by their command line."""
    found = []
    for entry in os.scandir('/proc'):
        try:
            with open(f'/proc/{entry.name}/cmdline', 'rb') as file:
                if entry.name.isdigit() and file.read() == f'sleep\0{NAP}\0'.encode():
                    found.append(entry.name)
        except OSError:
            pass
    return found


if __name__ == '__main__':
    served.main(sys.argv)
