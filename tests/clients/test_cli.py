#!/usr/bin/env python3
"""Windmill's command line, wmill, at work on this server.

usage: test_cli.py PROGRAM
"""
import json
import re
import sys

import clients

PYTHON = '''def main(name: str, n: int = 2):
    print("said")
    return {"hello": name * n}
'''
BASH = 'who="$1"\necho "to $who"\n'
TYPESCRIPT = 'export async function main(a: number, b: number = 1) {\n  return a + b\n}\n'
SCHEDULE = '''schedule: 0 0 12 * * *
timezone: Europe/Berlin
script_path: f/demo/hello
is_flow: false
args: {name: tick}
enabled: false
'''
WMILL = clients.MODULES / 'node_modules' / 'windmill-cli' / 'esm' / 'main.js'
COLORS = re.compile(r'\x1b\[[0-9;]*[A-Za-z]')


class Cli(clients.Case):
    def setUp(self):
        super().setUp()
        self.put('wmill.yaml', 'defaultTs: bun\nincludes: ["**"]\nincludeSchedules: true\n')

    def run_wmill(self, *words, named=True):
        """`named`: with server, workspace and token in the arguments."""
        options = ('--base-url', self.recorder.url, '--workspace', self.workspace, '--token', self.token) if named else ()
        return self.node(WMILL, *words, *options)

    def wmill(self, *words, **how):
        """What a command that succeeds prints, without colors."""
        got = self.run_wmill(*words, **how)
        self.assertEqual(got.returncode, 0, (words, got.stdout, got.stderr))
        return COLORS.sub('', got.stdout)

    def wmill_json(self, *words):
        return json.loads(self.wmill(*words, '--json'))

    def deploy(self, *names):
        """The files of these scripts, with what generate-metadata finds out about them."""
        contents = {'hello.py': PYTHON, 'shell.sh': BASH, 'add.ts': TYPESCRIPT}
        for name in names:
            self.put(f'f/demo/{name}', contents[name])
        self.wmill('generate-metadata', '--yes')
        for name in names:
            self.wmill('script', 'push', f'f/demo/{name}')

    def list_workspaces(self):
        return self.ask('/workspaces/list', outside=True)

    def test_a_workspace_is_added_and_used(self):
        self.wmill('workspace', 'add', 'mine', self.workspace, self.recorder.url, '--token', self.token, named=False)
        self.assertIn(self.recorder.url, self.wmill('workspace', 'list', named=False))
        self.assertEqual(self.wmill('script', 'list', '--json', named=False).strip(), '[]')
        self.assertIn('admin@localhost', self.wmill('workspace', 'whoami', named=False))
        self.assertIn(self.workspace, self.wmill('workspace', 'list-remote', named=False))
        self.assertIn('arras', self.wmill('version', named=False))
        self.wmill('workspace', 'add', 'new', 'fresh', self.recorder.url, '--token', self.token, '--create', named=False)
        self.assertIn('fresh', {one['id'] for one in self.list_workspaces()})
        self.assertIn('fresh', self.wmill('workspace', 'list-remote', named=False))
        got = self.run_wmill('workspace', 'add', 'other', 'absent', self.recorder.url, '--token', self.token, named=False)
        self.assertEqual(got.returncode, 1)
        self.assertIn('does not exist', got.stdout + got.stderr)

    def test_a_wrong_token_is_refused(self):
        got = self.node(WMILL, 'script', 'list', '--base-url', self.recorder.url, '--workspace', self.workspace,
                        '--token', 'wrong')
        self.assertNotEqual(got.returncode, 0, got.stdout)

    def test_scripts_are_deployed_and_shown(self):
        self.deploy('hello.py', 'shell.sh', 'add.ts')
        scripts = {script['path']: script for script in self.wmill_json('script', 'list')}
        self.assertEqual({path: script['language'] for path, script in scripts.items()},
                         {'f/demo/hello': 'python3', 'f/demo/shell': 'bash', 'f/demo/add': 'bun'})
        deployed = self.ask('/scripts/get/p/f/demo/hello')
        self.assertEqual(deployed['content'], PYTHON)
        self.assertEqual(deployed['schema']['required'], ['name'])
        self.assertEqual(deployed['schema']['properties']['n']['type'], 'integer')
        self.assertIn('return {"hello": name * n}', self.wmill('script', 'show', 'f/demo/hello'))
        self.put('f/demo/hello.py', PYTHON.replace('hello', 'bye'))
        self.wmill('script', 'push', 'f/demo/hello.py')
        newer = self.ask('/scripts/get/p/f/demo/hello')
        self.assertIn('bye', newer['content'])
        self.assertEqual(newer['parent_hashes'], [deployed['hash']])
        self.assert_unknown()

    def test_scripts_run(self):
        self.deploy('hello.py', 'shell.sh', 'add.ts')
        out = self.wmill('script', 'run', 'f/demo/hello', '-d', '{"name": "x"}')
        self.assertIn('said', out)
        self.assertIn('"hello": "xx"', out)
        self.assertEqual(json.loads(self.wmill('script', 'run', 'f/demo/add', '-d', '{"a": 3}', '-s')), 4)
        self.assertIn('"to you"', self.wmill('script', 'run', 'f/demo/shell', '-d', '{"who": "you"}'))
        self.put('f/demo/new.py', 'def main(a: int):\n    return a * 6\n')
        self.assertIn('42', self.wmill('script', 'preview', 'f/demo/new.py', '-d', '{"a": 7}'))
        jobs = self.wmill_json('job', 'list')
        self.assertEqual({job['script_path'] for job in jobs}, {'f/demo/hello', 'f/demo/add', 'f/demo/shell'})
        hello = next(job['id'] for job in jobs if job['script_path'] == 'f/demo/hello')
        self.assertIn('Status: success', self.wmill('job', 'get', hello))
        self.assertEqual(json.loads(self.wmill('job', 'result', hello)), {'hello': 'xx'})
        self.assertIn('said', self.wmill('job', 'logs', hello))
        self.assertEqual(self.wmill_json('job', 'list', '--failed'), [])
        listed = self.wmill_json('job', 'list', '--script-path', 'f/demo/hello', '--limit', '5')
        self.assertEqual([job['id'] for job in listed], [hello])
        self.wmill('job', 'rerun', hello)
        again = self.ask('/jobs/list?script_path_exact=f/demo/hello&job_kinds=script&include_args=true')
        self.assertEqual([job['args'] for job in again], [{'name': 'x'}] * 2)
        self.assert_unknown()

    def test_a_script_with_a_preprocessor_is_pushed(self):
        self.put('f/demo/hook.py', 'def preprocessor(event: dict):\n    return {"n": event["body"]["deep"]["n"]}\n\n\n'
                                   'def main(n: int):\n    return n + 1\n')
        self.wmill('generate-metadata', '--yes')
        self.wmill('script', 'push', 'f/demo/hook.py')
        self.assertIs(self.ask('/scripts/get/p/f/demo/hook')['has_preprocessor'], True)
        self.assertEqual(self.ask('/jobs/run_wait_result/p/f/demo/hook', 'POST', {'deep': {'n': 4}}), 5)
        self.assert_unknown()

    def test_jobs_are_pulled_and_pushed(self):
        self.deploy('hello.py')
        self.wmill('script', 'run', 'f/demo/hello', '-d', '{"name": "x"}', '-s')
        self.ask('/jobs/run/p/f/demo/hello?scheduled_in_secs=1000', 'POST', {'name': 'later'})
        self.wmill('workspace', 'add', 'mine', self.workspace, self.recorder.url, '--token', self.token, named=False)
        out = self.wmill('jobs', 'pull', '--skip-worker-check', named=False)
        self.assertIn('pulled 1 queued jobs', out)
        completed = json.loads((self.work / 'completed_jobs.json').read_text())
        hello = next(job for job in completed if job['job_kind'] == 'script')
        self.assertEqual((hello['result'], hello['args'], hello['status']), ({'hello': 'xx'}, {'name': 'x'}, 'success'))
        self.assertIn('said', hello['logs'])
        queued = json.loads((self.work / 'queued_jobs.json').read_text())
        ids = [job['id'] for job in completed + queued]
        self.assertEqual(self.ask('/jobs/delete', 'POST', ids), f'deleted {len(ids)} of {len(ids)} jobs')
        self.assertEqual(self.ask('/jobs/list'), [])
        out = self.wmill('jobs', 'push', '--skip-worker-check', named=False)
        self.assertIn(f'Completed jobs: imported {len(completed)} jobs', out)
        self.assertIn('Queued jobs: imported 1 jobs', out)
        self.assertEqual({job['id'] for job in self.ask('/jobs/list')}, set(ids))
        self.assertEqual(self.ask(f'/jobs_u/completed/get_result/{hello["id"]}'), {'hello': 'xx'})
        self.assert_unknown()

    def test_workers_and_queues_are_shown(self):
        self.deploy('hello.py')
        self.ask('/jobs/run/p/f/demo/hello?tag=nobody&scheduled_in_secs=1000', 'POST', {'name': 'x'})
        self.wmill('workspace', 'add', 'mine', self.workspace, self.recorder.url, '--token', self.token, named=False)
        workers = self.wmill('workers', named=False)
        self.assertIn('Worker Group: default', workers)
        self.assertRegex(workers, r'wk-default-\S+-1 ')
        for words in (('queues',), ('queues', self.workspace)):
            self.assertRegex(self.wmill(*words, named=False), r'nobody +0 +0 +1 +0')
        self.assert_unknown()

    def test_a_job_is_cancelled(self):
        self.ask('/scripts/create', 'POST', {'path': 'f/demo/slow', 'summary': '', 'content': 'sleep 1000',
                                             'language': 'bash'})
        job = self.ask('/jobs/run/p/f/demo/slow', 'POST', {})
        self.wmill('job', 'cancel', job, '--reason', 'enough')
        canceled = self.ask(f'/jobs_u/get/{job}')
        while canceled['type'] != 'CompletedJob':
            canceled = self.ask(f'/jobs_u/get/{job}')
        self.assertEqual((canceled['canceled'], canceled['canceled_reason']), (True, 'enough'))
        self.assertIn('Status: canceled', self.wmill('job', 'get', job))
        self.assert_unknown()

    def test_variables_resources_and_schedules_are_pushed(self):
        self.deploy('hello.py')
        self.put('pw.variable.yaml', 'value: hunter2\nis_secret: true\ndescription: a password\n')
        self.put('c_db.resource-type.yaml', 'schema: {type: object}\ndescription: A database\n')
        self.put('db.resource.yaml', 'value: {password: "$var:f/demo/pw"}\ndescription: ""\nresource_type: c_db\n')
        self.put('tick.schedule.yaml', SCHEDULE)
        self.wmill('variable', 'push', 'pw.variable.yaml', 'f/demo/pw', '--plain-secrets')
        self.wmill('variable', 'add', 'open', 'f/demo/more', '--public')
        self.wmill('resource-type', 'push', 'c_db.resource-type.yaml', 'c_db')
        self.wmill('resource', 'push', 'db.resource.yaml', 'f/demo/db')
        self.wmill('schedule', 'push', 'tick.schedule.yaml', 'f/demo/tick')
        self.assertEqual({(one['path'], one['is_secret'], one.get('value')) for one in self.wmill_json('variable', 'list')},
                         {('f/demo/pw', True, None), ('f/demo/more', False, 'open')})
        self.assertEqual(self.ask('/variables/get_value/f/demo/pw'), 'hunter2')
        self.assertEqual(self.ask('/resources/get_value_interpolated/f/demo/db'), {'password': 'hunter2'})
        self.assertIn('c_db', self.wmill('resource-type', 'list'))
        self.assertIn('f/demo/db', self.wmill('resource', 'list'))
        self.assertIn('f/demo/tick', self.wmill('schedule', 'list'))
        self.wmill('schedule', 'enable', 'f/demo/tick')
        self.assertIs(self.ask('/schedules/get/f/demo/tick')['enabled'], True)
        self.assert_unknown()

    def test_people_and_what_they_may_use_are_administered(self):
        self.put('f/team/folder.meta.yaml', 'summary: ours\nowners: [u/admin]\nextra_perms: {}\n')
        self.wmill('folder', 'push', 'team')
        self.assertEqual(self.ask('/folders/get/team')['summary'], 'ours')
        self.assertEqual(self.ask('/folders/get/team')['extra_perms'], {})  # as it was pushed
        self.assertIn('team', self.wmill('folder', 'list'))
        self.assertIn('all', self.wmill('group', 'list'))
        self.wmill('user', 'add', 'someone@example.org', 'a-password')
        self.assertIn('someone@example.org', {user['email'] for user in self.ask('/users/list_as_super_admin', outside=True)})
        token = self.wmill('user', 'create-token').split()[-1]
        self.assertIn(token[:10], {one['token_prefix'] for one in self.wmill_json('token', 'list')})
        self.assertIn('folder', self.wmill('audit', 'list'))
        self.assert_unknown()

    def fill(self):
        for body in ({'path': 'f/demo/hello', 'summary': 's', 'content': PYTHON, 'language': 'python3'},
                     {'path': 'f/demo/add', 'summary': '', 'content': TYPESCRIPT, 'language': 'bun', 'envs': ['LEVEL=2'],
                      'timeout': 77},
                     {'path': 'f/demo/old', 'summary': '', 'content': 'echo', 'language': 'bash'}):
            self.ask('/scripts/create', 'POST', body)
        self.ask('/variables/create', 'POST', {'path': 'f/demo/pw', 'value': 'hunter2', 'is_secret': True,
                                               'description': ''})
        self.ask('/resources/create', 'POST', {'path': 'f/demo/db', 'value': {'host': 'h'}, 'resource_type': 'object'})
        self.ask('/schedules/create', 'POST', {'path': 'f/demo/tick', 'schedule': '0 0 12 * * *', 'timezone': 'UTC',
                                               'script_path': 'f/demo/hello', 'is_flow': False, 'args': {'name': 'a'},
                                               'enabled': True})

    def test_a_workspace_is_pulled_changed_and_pushed(self):
        self.fill()
        self.wmill('sync', 'pull', '--yes')
        self.assertEqual((self.work / 'f/demo/hello.py').read_text(), PYTHON)
        self.assertIn('summary: s', (self.work / 'f/demo/hello.script.yaml').read_text())
        self.assertNotIn('hunter2', (self.work / 'f/demo/pw.variable.yaml').read_text())
        for command in ('pull', 'push'):  # what was pulled is what there is
            self.assertIn('0 changes to apply', self.wmill('sync', command, '--yes'))
        self.put('f/demo/add.ts', TYPESCRIPT.replace('a + b', 'a - b'))
        resource = self.work / 'f/demo/db.resource.yaml'
        resource.write_text(resource.read_text().replace('host: h', 'host: i'))
        schedule = self.work / 'f/demo/tick.schedule.yaml'
        schedule.write_text(schedule.read_text().replace('0 0 12', '0 30 12'))
        (self.work / 'f/demo/pw.variable.yaml').unlink()
        for old in (self.work / 'f/demo').glob('old.*'):
            old.unlink()
        self.put('f/demo/shell.sh', BASH)
        self.put('f/demo/shell.script.yaml', 'summary: new\ndescription: ""\nlock: ""\nkind: script\n')
        self.wmill('sync', 'push', '--yes')
        added = self.ask('/scripts/get/p/f/demo/add')
        self.assertIn('a - b', added['content'])
        self.assertEqual((added['envs'], added['timeout']), (['LEVEL=2'], 77))
        self.assertEqual(self.ask('/scripts/get/p/f/demo/shell')['summary'], 'new')
        self.assertEqual(self.ask('/resources/get_value/f/demo/db'), {'host': 'i'})
        self.assertEqual(self.ask('/schedules/get/f/demo/tick')['schedule'], '0 30 12 * * *')
        self.assertEqual(self.ask('/variables/list'), [])
        self.assertEqual(self.ask('/scripts/exists/p/f/demo/old'), False)
        self.assertIn('0 changes to apply', self.wmill('sync', 'push', '--yes'))
        self.assert_unknown('GET /workspaces/list_ws_specific', 'GET /shared_ui/get')

    def test_encrypted_values_come_back_as_they_were(self):
        self.fill()
        self.wmill('sync', 'pull', '--yes')
        self.ask('/variables/delete/f/demo/pw', 'DELETE')
        self.wmill('sync', 'push', '--yes')
        self.assertEqual(self.ask('/variables/get_value/f/demo/pw'), 'hunter2')
        self.assert_unknown('GET /workspaces/list_ws_specific', 'GET /shared_ui/get')


if __name__ == '__main__':
    clients.main(sys.argv)
