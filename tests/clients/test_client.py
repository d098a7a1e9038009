#!/usr/bin/env python3
"""windmill-client, the package that scripts import, from outside and from inside of a job.

usage: test_client.py PROGRAM
"""
import json
import pathlib
import shutil
import sys
import tempfile

import clients

HELLO = 'def main(name: str):\n    return "hello " + name\n'
INSIDE = '''import * as wmill from "windmill-client";
export async function main() {
  const before = await wmill.getState();
  await wmill.setState({ count: (before?.count ?? 0) + 1 });
  await wmill.setVariable("f/demo/from_inside", "set", false);
  return {
    state: await wmill.getState(),
    variable: await wmill.getVariable("f/demo/secret"),
    resource: await wmill.getResource("f/demo/db"),
    child: await wmill.runScript("f/demo/hello", null, { name: "child" }),
  };
}
'''


class Client(clients.Case):
    @property
    def options(self):
        """With the package in a folder that every user can read, as a server's packages have to be."""
        packages = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, packages)
        packages.chmod(0o755)
        shutil.copytree(clients.MODULES / 'node_modules' / 'windmill-client', packages / 'node_modules' / 'windmill-client')
        return '--packages', str(packages), '--workers', '2'

    def deploy(self, path, language, content):
        self.ask('/scripts/create', 'POST', {'path': path, 'summary': '', 'content': content, 'language': language})

    def test_scripts_values_and_state_from_outside(self):
        self.deploy('f/demo/hello', 'python3', HELLO)
        self.deploy('f/demo/fail', 'python3', 'def main():\n    raise ValueError("no such luck")\n')
        self.deploy('f/demo/slow', 'bash', 'sleep 1000')
        shutil.copy(clients.HERE / 'outside.mjs', self.work)
        (self.work / 'node_modules').symlink_to(clients.MODULES / 'node_modules')
        got = self.node('outside.mjs', environment=self.environment(
            BASE_URL=self.recorder.url, WM_TOKEN=self.token, WM_WORKSPACE=self.workspace, WM_STATE_PATH='u/admin/state'))
        self.assertEqual(got.returncode, 0, got.stdout + got.stderr)
        given = json.loads(got.stdout.splitlines()[-1])
        self.assertEqual(given['result'], 'hello a')
        self.assertEqual([given[name] for name in ('waited', 'again')], ['hello b', 'hello b'])
        self.assertEqual((given['maybe']['completed'], given['maybe']['success'], given['maybe']['result']),
                         (True, True, 'hello b'))
        self.assertIn('no such luck', given['failure'])
        self.assertIn('Job canceled: enough', given['cancelled'])
        self.assertEqual((given['variable'], given['resource']), ('two', {'host': 'i', 'of': 'two'}))
        self.assertEqual((given['stateless'], given['state']), (True, {'count': 1}))
        self.assertIs(self.ask('/variables/get/f/demo/made')['is_secret'], False)
        jobs = {job['id']: job for job in self.ask('/jobs/list')}
        self.assertEqual(jobs[given['job']]['script_path'], 'f/demo/hello')
        self.assert_unknown()

    def test_a_script_uses_the_server_that_runs_it(self):
        self.deploy('f/demo/hello', 'python3', HELLO)
        self.deploy('f/demo/inside', 'bun', INSIDE)
        self.ask('/variables/create', 'POST', {'path': 'f/demo/secret', 'value': 'hunter2', 'is_secret': True})
        self.ask('/resources/create', 'POST', {'path': 'f/demo/db', 'value': {'password': '$var:f/demo/secret'},
                                               'resource_type': 'object'})
        for count in (1, 2):  # a state outlives its job
            result = self.ask('/jobs/run_wait_result/p/f/demo/inside', 'POST', {})
            self.assertEqual(result, {'state': {'count': count}, 'variable': 'hunter2',
                                      'resource': {'password': 'hunter2'}, 'child': 'hello child'})
        self.assertEqual(self.ask('/variables/get_value/f/demo/from_inside'), 'set')
        children = [job for job in self.ask('/jobs/list?script_path_exact=f/demo/hello') if job.get('parent_job')]
        self.assertEqual(len(children), 2)


if __name__ == '__main__':
    clients.main(sys.argv)
