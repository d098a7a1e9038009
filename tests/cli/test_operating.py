#!/usr/bin/env python3
"""What an operator sees: log lines, metrics, --check, and how a server stops.

usage: test_operating.py PROGRAM
"""
import json
import os
import pathlib
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

import served


def get(url, token=None):
    request = urllib.request.Request(url, headers={'Authorization': 'Bearer ' + token} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=served.SECONDS) as answer:
            return answer.status, answer.headers['Content-Type'], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers['Content-Type'], error.read().decode()


def run_preview(server, code='echo hunter2', how='run_wait_result'):
    url = f"{server.ready['url']}/api/w/{server.ready['workspace']}/jobs/{how}/preview"
    body = {'language': 'bash', 'content': code, 'args': {'word': 'hunter2'}}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), method='POST',
                                     headers={'Authorization': f"Bearer {server.ready['token']}",
                                              'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=served.SECONDS) as answer:
        return answer.read().decode()


class Operating(served.Case):
    def test_a_server_tells_what_happens_and_no_secrets(self):
        options = ('--log-format', 'json', '--log-level', 'debug')
        with served.Server(self.program, self.folder, *options) as server:
            self.assertEqual(run_preview(server), '"hunter2"')
            get(server.ready['url'] + '/api/users/whoami?token=wrong-token')
            status, _, err = server.stop()
        self.assertEqual(status, 0)
        lines = [json.loads(line) for line in err.splitlines() if line.startswith('{')]
        events = [line['event'] for line in lines]
        for event in ('listening', 'job_started', 'job_completed', 'auth_failure', 'request', 'stopping', 'stopped'):
            self.assertIn(event, events)
        ended = lines[events.index('job_completed')]
        self.assertEqual((ended['level'], ended['state']), ('info', 'success'))
        for secret in ('hunter2', 'wrong-token', server.ready['token']):
            self.assertNotIn(secret, err)

    def test_nothing_is_told_of_what_goes_well_unless_asked(self):
        with served.Server(self.program, self.folder) as server:
            run_preview(server)
            _, _, err = server.stop()
        self.assertNotIn('event=', err)

    def test_text_lines_are_names_and_values(self):
        with served.Server(self.program, self.folder, '--log-level', 'info') as server:
            _, _, err = server.stop()
        self.assertRegex(err, r'(?m)^time=\S+Z level=info event=listening url=http://\S+ workspace=main version=\S+$')

    def test_metrics_need_a_token_unless_they_are_open(self):
        with served.Server(self.program, self.folder) as server:
            run_preview(server)
            url = server.ready['url'] + '/metrics'
            self.assertEqual(get(url)[0], 401)
            asked, end = 0, time.monotonic() + served.SECONDS
            status, media_type, text = get(url, server.ready['token'])
            while 'state="success"} 1' not in text and time.monotonic() < end:  # told when its worker is done with it
                asked += 1
                status, media_type, text = get(url, server.ready['token'])
        self.assertEqual((status, media_type), (200, 'text/plain; version=0.0.4; charset=utf-8'))
        lines = text.splitlines()
        for line in ('arras_jobs_completed_total{state="success"} 1', 'arras_jobs_running 0', 'arras_jobs_waiting 0',
                     'arras_http_requests_total{status="4xx"} 1', f'arras_http_requests_total{{status="2xx"}} {asked + 1}',
                     'arras_job_duration_seconds_count 1',
                     'arras_job_duration_seconds_bucket{le="+Inf"} 1', 'arras_auth_failures_total 1'):
            self.assertIn(line, lines)
        for line in lines:
            self.assertRegex(line, r'^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]+"\})? [0-9.]+)$')
        with served.Server(self.program, self.folder, '--metrics-open') as server:
            self.assertEqual(get(server.ready['url'] + '/metrics')[0], 200)

    def test_check_says_what_is_there_and_changes_nothing(self):
        options = ('serve', '--check', '--data', 'data', *served.sandbox_options())
        got = self.run_arras(*options)
        self.assertEqual(got.returncode, 0, got)
        self.assertEqual(os.listdir(self.folder), [])
        with served.Server(self.program, self.folder):
            pass
        before = sorted(os.listdir(pathlib.Path(self.folder, 'data')))
        got = self.run_arras(*options)
        self.assertRegex(got.stdout, r'(?m)^ok +database: data/arras.db, schema \d+$')
        self.assertEqual(sorted(os.listdir(pathlib.Path(self.folder, 'data'))), before)
        with open(pathlib.Path(self.folder, 'data', 'arras.db'), 'r+b') as file:
            file.seek(60)
            file.write(b'\x00\x00\x7f\xff')
        got = self.run_arras(*options)
        self.assertEqual(got.returncode, 2)
        self.assertIn('a newer version of this program made it', got.stdout)

    def test_packages_that_jobs_cannot_read_are_refused_at_the_start(self):
        if served.sandbox_options():
            self.skipTest('no sandbox on this machine')
        closed = pathlib.Path(self.folder, 'closed')
        (closed / 'packages').mkdir(parents=True)
        closed.chmod(0o700 if os.geteuid() == 0 else 0)
        self.addCleanup(closed.chmod, 0o700)
        for words in (('serve', '--port', '0'), ('serve', '--check')):
            got = self.run_arras(*words, '--data', 'data', '--packages', 'closed/packages')
            self.assertEqual(got.returncode, 2, got)
            self.assertIn("the packages in 'closed/packages': ", got.stdout + got.stderr)
        self.assertNotIn('data', os.listdir(self.folder))

    def test_who_stops_lets_jobs_end_and_takes_no_new_ones(self):
        results = []
        with served.Server(self.program, self.folder, '--grace', '60', '--workers', '2') as server:
            waiting = threading.Thread(target=lambda: results.append(run_preview(server, 'sleep 3; echo done')))
            waiting.start()
            base = f"{server.ready['url']}/api/w/{server.ready['workspace']}"
            self.until(lambda: json.loads(get(base + '/jobs/queue/list?running=true', server.ready['token'])[2]))
            server.process.send_signal(signal.SIGTERM)
            self.until(lambda: self.refused(server))
            self.assertEqual(get(base + '/users/whoami', server.ready['token'])[0], 200)
            self.assertIsNone(server.process.poll())
            waiting.join(served.SECONDS)
            self.assertEqual(results, ['"done"'])
            self.assertEqual(server.process.wait(served.SECONDS), 0)

    def until(self, what):
        end = time.monotonic() + served.SECONDS
        while not what() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertTrue(what())

    def refused(self, server):
        try:
            run_preview(server, 'true', 'run')
        except urllib.error.HTTPError as error:
            with error:
                self.assertEqual((error.code, error.read()), (503, b'Service unavailable: this server is being stopped'))
            return True
        return False


if __name__ == '__main__':
    served.main(sys.argv)
