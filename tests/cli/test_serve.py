#!/usr/bin/env python3
"""Starts the job server as people do, and talks to it by the commands for that.

usage: test_serve.py PROGRAM
"""
import json
import os
import signal
import stat
import subprocess
import sys
import urllib.request

import served


def submit(server, path, arguments):
    """The new job's id."""
    request = urllib.request.Request(f"{server.ready['url']}/api/w/{server.ready['workspace']}/jobs/run/p/{path}",
                                     data=json.dumps(arguments).encode(), method='POST',
                                     headers={'Authorization': f"Bearer {server.ready['token']}",
                                              'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=served.SECONDS) as answer:
        return answer.read().decode()


class Serve(served.Case):
    def test_it_prints_url_workspace_and_token_and_ends_with_0_when_told_to(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with served.Server(self.program, self.folder) as server:
                ready = server.ready
                self.assertEqual(stat.S_IMODE(os.stat(server.ready_file).st_mode), 0o600)
                self.assertEqual(ready['pid'], server.process.pid)
                status, out, _ = server.stop(number)
            self.assertEqual(status, 0)
            self.assertEqual(out, f"url: {ready['url']}\nworkspace: {ready['workspace']}\ntoken: {ready['token']}\n")
            self.assertFalse(server.ready_file.exists())

    def test_the_token_is_the_same_at_the_next_start(self):
        with served.Server(self.program, self.folder) as server:
            first = server.ready['token']
        with served.Server(self.program, self.folder) as server:
            self.assertEqual(server.ready['token'], first)

    def test_a_second_server_on_the_same_data_is_refused(self):
        with served.Server(self.program, self.folder) as server:
            command = [word for word in server.command if word != '--ready-file' and word != str(server.ready_file)]
            got = subprocess.run(command, capture_output=True, text=True, timeout=served.SECONDS, check=False)
        self.assertEqual(got.returncode, 2, got)
        self.assertIn('error: ', got.stderr)
        self.assertEqual(got.stdout, '')

    def test_a_port_in_use_is_named(self):
        with served.Server(self.program, self.folder) as server:
            port = server.ready['url'].rsplit(':', 1)[1]
            got = self.run_arras('serve', '--port', port, '--data', 'other', *served.sandbox_options())
        self.assertEqual(got.returncode, 2, got)
        self.assertIn(port, got.stderr)

    def test_a_machine_without_a_sandbox_is_told_once_what_to_do(self):
        worlds = (  # no bubblewrap; a root that may not become another user
            ['unshare', '-Urm', 'sh', '-c', 'mount --bind /dev/null /usr/bin/bwrap && exec "$0" "$@"'],
            ['unshare', '-Ur'])
        for world in worlds:
            if subprocess.run([*world, 'true'], capture_output=True, check=False).returncode != 0:
                self.skipTest('no namespaces here')
            got = subprocess.run([*world, self.program, 'serve', '--port', '0', '--data', 'data'], cwd=self.folder,
                                 capture_output=True, text=True, timeout=served.SECONDS, check=False)
            self.assertEqual((got.returncode, got.stdout), (2, ''), got)
            self.assertRegex(got.stderr, r'^error: .*bwrap.*\nhint: .*--sandbox none\n$')

    def test_settings_come_from_a_file_and_the_environment(self):
        ready = os.path.join(self.folder, 'told.json')
        with open(os.path.join(self.folder, 'arras.yaml'), 'w', encoding='utf-8') as file:
            file.write(f'workspace: from-file\nready-file: {ready}\ndata: {self.folder}/state\nport: 1\n')
        environment = dict(os.environ, ARRAS_PORT='0', ARRAS_CONFIG='arras.yaml')
        process = subprocess.Popen([self.program, 'serve', *served.sandbox_options()], text=True, cwd=self.folder,
                                   stdout=subprocess.PIPE, env=environment)
        self.assertRegex(process.stdout.readline(), r'^url: http://127\.0\.0\.1:\d+\n$')
        self.assertEqual(process.stdout.readline(), 'workspace: from-file\n')
        process.stdout.readline()
        with open(ready, encoding='utf-8') as file:
            self.assertEqual(json.load(file)['workspace'], 'from-file')
        process.terminate()
        process.communicate(timeout=served.SECONDS)
        self.assertTrue(os.path.isdir(os.path.join(self.folder, 'state')))

    def test_data_are_kept_below_the_data_folder_unless_told_otherwise(self):
        environment = dict(os.environ, XDG_DATA_HOME=os.path.join(self.folder, 'share'))
        process = subprocess.Popen([self.program, 'serve', '--port', '0', *served.sandbox_options()], text=True,
                                   stdout=subprocess.PIPE, env=environment)
        for _ in range(3):
            self.assertTrue(process.stdout.readline())
        process.terminate()
        process.communicate(timeout=served.SECONDS)
        self.assertTrue(os.path.isdir(os.path.join(self.folder, 'share', 'arras')))

    def test_a_script_is_pushed_and_its_jobs_are_asked_about(self):
        script = self.write('hello.sh', 'echo "hello $1"\necho "{\\"name\\": \\"$1\\"}" > result.json\n')
        with served.Server(self.program, self.folder) as server:
            pushed = self.run_arras('script', 'push', 'u/admin/hello', script, environment=server.environment)
            self.assertEqual((pushed.returncode, pushed.stderr), (0, ''))
            self.assertRegex(pushed.stdout, r'^u/admin/hello [0-9a-f]{16}\n$')
            job = submit(server, 'u/admin/hello', {})
            result = self.run_arras('job', 'result', '--wait', job, environment=server.environment)
            self.assertEqual(result.returncode, 0, result)
            self.assertIn('hello', self.run_arras('job', 'logs', job, environment=server.environment).stdout)
            self.assertIn('success', self.run_arras('job', 'get', job, environment=server.environment).stdout)
            listed = self.run_arras('job', 'list', '--path', 'u/admin/hello', environment=server.environment).stdout
            self.assertIn(job, listed)
            self.assertEqual(len(listed.splitlines()), 2)
            other = self.run_arras('job', 'list', '--json', '--path', 'u/admin/none', environment=server.environment)
            self.assertEqual(json.loads(other.stdout), [])

    def test_a_running_job_is_cancelled(self):
        script = self.write('sleep.sh', 'sleep 1000\n')
        with served.Server(self.program, self.folder) as server:
            self.run_arras('script', 'push', 'u/admin/sleep', script, environment=server.environment)
            job = submit(server, 'u/admin/sleep', {})
            got = self.run_arras('job', 'cancel', job, '--reason', 'enough', environment=server.environment)
            self.assertEqual((got.returncode, got.stdout), (0, f'canceled {job}\n'), got)
            result = self.run_arras('job', 'result', '--wait', job, environment=server.environment)
            self.assertEqual(result.returncode, 1, result)
            self.assertIn('canceled', self.run_arras('job', 'get', job, environment=server.environment).stdout)

    def test_a_log_and_a_result_are_followed_as_they_come(self):
        script = self.write('slow.sh', 'echo begun\necho "WM_STREAM: one "\nsleep 2\necho "WM_STREAM: two"\necho over\n')
        failing = self.write('fail.sh', 'echo "WM_STREAM: half"\nexit 3\n')
        with served.Server(self.program, self.folder) as server:
            for path, file in (('u/admin/slow', script), ('u/admin/fail', failing)):
                self.run_arras('script', 'push', path, file, environment=server.environment)
            job = submit(server, 'u/admin/slow', {})
            environment = dict(os.environ, **server.environment)
            with subprocess.Popen([self.program, 'job', 'result', '--stream', job], stdout=subprocess.PIPE, env=environment) as pieces, \
                    subprocess.Popen([self.program, 'job', 'logs', '--follow', job], stdout=subprocess.PIPE, env=environment) as log:
                self.assertEqual(pieces.stdout.read(4), b'one ')
                while log.stdout.readline() != b'begun\n':
                    self.assertIsNone(log.poll())
                self.assertEqual((pieces.poll(), log.poll()), (None, None))
                self.assertEqual((pieces.stdout.read(), log.stdout.read()), (b'two\n', b'over\n'))
                self.assertEqual((pieces.wait(), log.wait()), (0, 0))
            again = self.run_arras('job', 'result', '--stream', job, environment=server.environment)
            self.assertEqual((again.returncode, again.stdout), (0, 'one two\n'))
            failed = self.run_arras('job', 'result', '--stream', submit(server, 'u/admin/fail', {}), environment=server.environment)
            self.assertEqual(failed.returncode, 1)
            self.assertTrue(failed.stdout.startswith('half\n{\n'), failed.stdout)
            self.assertIn('ExecutionErr', failed.stdout)
            for words in (('result', '--stream'), ('logs', '--follow')):
                got = self.run_arras('job', *words, '--json', job, environment=server.environment)
                self.assertEqual((got.returncode, got.stdout), (2, ''))
                unknown = self.run_arras('job', *words, '01900000-0000-7000-8000-000000000000', environment=server.environment)
                self.assertEqual((unknown.returncode, unknown.stdout), (1, ''))

    def test_a_wrong_token_is_refused_and_not_printed(self):
        with served.Server(self.program, self.folder) as server:
            environment = dict(server.environment, ARRAS_TOKEN='not-this-one')
            got = self.run_arras('job', 'list', environment=environment)
        self.assertEqual(got.returncode, 1)
        self.assertIn('401', got.stderr)
        self.assertNotIn('not-this-one', got.stdout + got.stderr)


if __name__ == '__main__':
    served.main(sys.argv)
