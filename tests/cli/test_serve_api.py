#!/usr/bin/env python3
"""The job server's HTTP API over real connections: waiting, streaming, clients that go away.

usage: test_serve_api.py PROGRAM
"""
import http.client
import json
import pathlib
import sys
import time
import urllib.request

import served
import described


class Api:
    """A connection of its own for each request."""

    def __init__(self, server):
        self.address = server.ready['url'].split('//')[1]
        self.token = server.ready['token']
        self.root = f"/api/w/{server.ready['workspace']}"

    def begin(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=served.SECONDS)
        headers = {'Authorization': f'Bearer {self.token}'}
        if body is not None:
            headers['Content-Type'] = 'application/json'
            body = json.dumps(body)
        connection.request(method, self.root + path, body, headers)
        return connection

    def ask(self, method, path, body=None):
        """Status, headers and text."""
        connection = self.begin(method, path, body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        described.DESCRIPTION.check(method, self.root + path, answer.status, answer.headers['Content-Type'], content)
        text = content.decode()
        return answer.status, answer.headers, text

    def deploy(self, path, content, language='bash', **settings):
        status, _, text = self.ask('POST', '/scripts/create', {'path': path, 'summary': '', 'content': content,
                                                               'language': language, **settings})
        assert status == 201, text

    def until(self, path, holds):
        """The JSON that GET answers, once that holds of it."""
        end = time.monotonic() + served.SECONDS
        while time.monotonic() < end:
            status, _, text = self.ask('GET', path)
            if status == 200 and holds(json.loads(text)):
                return json.loads(text)
            time.sleep(0.05)
        raise AssertionError(f'{path}: {text}')


class ServeApi(served.Case):
    def test_a_result_is_waited_for(self):
        with served.Server(self.program, self.folder) as server:
            api = Api(server)
            api.deploy('u/admin/add', 'a="$1"\nb="$2"\necho "$((a + b))" > result.json\n')
            status, headers, text = api.ask('POST', '/jobs/run_wait_result/p/u/admin/add', {'a': 19, 'b': 4})
            self.assertEqual((status, headers['Content-Type'], text), (200, 'application/json', '23'))
            api.deploy('u/admin/fail', 'exit 3\n')
            status, _, text = api.ask('POST', '/jobs/run_wait_result/p/u/admin/fail', {})
            self.assertEqual((status, json.loads(text)['error']['exit_code']), (422, 3))
            status, headers, text = api.ask('HEAD', '/jobs/run_wait_result/p/u/admin/fail')
            self.assertEqual((status, text, headers['Access-Control-Allow-Origin']), (200, '', '*'))
            self.assertEqual(len(json.loads(api.ask('GET', '/jobs/list')[2])), 2)

    def test_what_is_not_kept_goes_and_what_became_due_while_no_server_ran(self):
        with served.Server(self.program, self.folder) as server:
            api = Api(server)
            for name, settings in (('once', {'delete_after_use': True}), ('soon', {'delete_after_secs': 1}),
                                   ('later', {'delete_after_secs': 2})):
                api.deploy(f'u/admin/{name}', 'a="$1"\necho "secret $a"; echo "to $a"\n', **settings)
            status, _, text = api.ask('POST', '/jobs/run_wait_result/p/u/admin/once', {'a': 'x'})
            self.assertEqual((status, json.loads(text)), (200, 'to x'))
            ids = [api.ask('POST', f'/jobs/run/p/u/admin/{name}', {'a': 'x'})[2] for name in ('once', 'soon', 'later')]
            for identity in ids[:2]:
                job = api.until(f'/jobs_u/get/{identity}', lambda job: job.get('logs') == '##DELETED##')
                self.assertEqual((job['args'], job['result'], job['success'], job['deleted']), ({}, {}, True, False))
            api.until(f'/jobs_u/get/{ids[2]}', lambda job: job['type'] == 'CompletedJob')
            self.assertEqual(server.stop()[0], 0)
        time.sleep(2)
        with served.Server(self.program, self.folder) as server:
            Api(server).until(f'/jobs_u/get/{ids[2]}', lambda job: job.get('logs') == '##DELETED##')

    def test_pieces_of_a_result_come_while_the_job_runs(self):
        with served.Server(self.program, self.folder) as server:
            api = Api(server)
            api.deploy('u/admin/go', 'import time\n\ndef main():\n    yield "first"\n'
                       '    print("waiting")\n    time.sleep(2)\n    yield "\\nlast"\n', language='python3')
            connection = api.begin('POST', '/jobs/run_and_stream/p/u/admin/go', {})
            answer, pieces, last = connection.getresponse(), [], {}
            for line in answer:
                last = json.loads(line[6:]) if line.startswith(b'data: ') else last
                if last.get('new_result_stream') and line.startswith(b'data: '):
                    pieces.append((last['new_result_stream'], last['completed']))
            connection.close()
            self.assertEqual(pieces[0], ('first', False))
            self.assertEqual(''.join(piece for piece, _ in pieces), 'first\nlast')
            self.assertEqual((last['job']['result'], last['stream_offset']), ('first\nlast', 11))
            log = api.ask('GET', f"/jobs_u/get_logs/{last['job']['id']}?remove_ansi_warnings=true")[2]
            self.assertEqual(log, '\n\n--- PYTHON CODE EXECUTION ---\nwaiting\n')

    def test_a_perpetual_script_runs_until_it_is_canceled(self):
        with served.Server(self.program, self.folder) as server:
            api = Api(server)
            api.deploy('u/admin/on', 'a="$1"\necho "$a" > result.json\n', restart_unless_cancelled=True)
            first = api.ask('POST', '/jobs/run/p/u/admin/on', {'a': 7})[2]
            job = api.until(f'/jobs_u/get/{first}', lambda job: job['type'] == 'CompletedJob')
            self.assertEqual((job['result'], job['success']), (7, True))
            waiting = api.until('/jobs/queue/list', lambda jobs: len(jobs) == 1)[0]
            self.assertNotEqual(waiting['id'], first)
            self.assertEqual((waiting['script_path'], waiting['running']), ('u/admin/on', False))
            self.assertEqual(api.ask('POST', '/jobs_u/queue/cancel_persistent/u/admin/on', {})[0], 200)
            self.assertEqual(json.loads(api.ask('GET', '/jobs/queue/list')[2]), [])

    def test_a_server_says_that_it_is_well(self):
        with served.Server(self.program, self.folder, '--workers', '2') as server:
            with urllib.request.urlopen(server.ready['url'] + '/api/health/status', timeout=served.SECONDS) as answer:
                health = json.loads(answer.read())
        self.assertEqual((health['status'], health['database_healthy'], health['workers_alive']), ('healthy', True, 2))

    def test_the_workers_of_the_server_are_listed(self):
        with served.Server(self.program, self.folder, '--workers', '2', '--tags', 'bash,big', '--group', 'mine') as server:
            api = Api(server)
            api.deploy('u/admin/who', 'echo $WM_WORKER_GROUP\n')
            job = api.ask('POST', '/jobs/run/p/u/admin/who', {})[2]
            ran = api.until(f'/jobs_u/get/{job}', lambda job: job['type'] == 'CompletedJob')
            api.root = '/api'
            workers = api.until('/workers/list?ping_since=60', lambda workers: workers[0]['jobs_executed'] == 1)
            self.assertEqual(len(workers), 2)
            self.assertIn(ran['worker'], [worker['worker'] for worker in workers])
            self.assertEqual((workers[0]['custom_tags'], workers[0]['worker_group']), (['bash', 'big'], 'mine'))
            self.assertEqual(len(json.loads(api.ask('GET', '/workers/list?page=2&per_page=1')[2])), 1)
            self.assertEqual(json.loads(api.ask('GET', '/workers/exists_workers_with_tags?tags=big,none,bash')[2]),
                             {'big': True, 'none': False, 'bash': True})

    def test_a_client_that_goes_away_cancels_its_job_and_more_wait_than_there_are_threads(self):
        with served.Server(self.program, self.folder, '--workers', '1') as server:
            api = Api(server)
            api.deploy('u/admin/sleep', 'sleep 1000\n')
            waiting = [api.begin('POST', '/jobs/run_wait_result/p/u/admin/sleep', {}) for _ in range(5)]
            api.until('/jobs/list?running=true', lambda jobs: len(jobs) == 1)
            for connection in waiting:
                connection.close()
            jobs = api.until('/jobs/list?success=false', lambda jobs: len(jobs) == 5)
            self.assertEqual({job['canceled_reason'] for job in jobs}, {'http connection broke'})

    def test_a_result_is_used_again_and_another_function_is_run(self):
        with served.Server(self.program, self.folder) as server:
            api = Api(server)
            api.deploy('u/admin/now', 'date +%s%N\n')
            path = '/jobs/run_wait_result/p/u/admin/now?cache_ttl=60'
            self.assertEqual(api.ask('POST', path, {'a': 1})[2], api.ask('POST', path, {'a': 1})[2])
            self.assertNotEqual(api.ask('POST', path, {'a': 1})[2], api.ask('POST', path, {'a': 2})[2])
            code = 'def main(a):\n    return "main"\ndef other(a):\n    return {"a": a, "wm_labels": ["x"]}\n'
            status, _, text = api.ask('POST', '/jobs/run_wait_result/preview', {
                'content': code, 'language': 'python3', 'args': {'a': 7, '_ENTRYPOINT_OVERRIDE': 'other'}})
            self.assertEqual((status, json.loads(text)['a']), (200, 7), text)
            self.assertEqual(len(json.loads(api.ask('GET', '/jobs/list?label=x')[2])), 1)

    def test_an_idle_server_uses_no_processor(self):
        with served.Server(self.program, self.folder, '--workers', '4') as server:
            api = Api(server)
            api.deploy('u/admin/hello', 'echo hello')
            api.ask('POST', '/jobs/run_wait_result/p/u/admin/hello', {})

            def ticks():
                fields = pathlib.Path(f'/proc/{server.process.pid}/stat').read_text().rpartition(')')[2].split()
                return int(fields[11]) + int(fields[12])
            time.sleep(1)  # what the start and the job left to do
            before = ticks()
            time.sleep(3)
            self.assertLessEqual(ticks() - before, 1)  # a hundredth of a second

    def test_updates_are_streamed(self):
        with served.Server(self.program, self.folder) as server:
            api = Api(server)
            api.deploy('u/admin/talk', 'echo one\nsleep 0.6\necho two\n')
            connection = api.begin('POST', '/jobs/run_and_stream/p/u/admin/talk', {})
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.headers['Content-Type']), (200, 'text/event-stream'))
            began = time.monotonic()
            events, times = [], []
            for line in answer:
                if line.startswith(b'data: '):
                    events.append(json.loads(line[6:]))
                    times.append(time.monotonic() - began)
            connection.close()
            self.assertEqual({event['type'] for event in events}, {'update'})
            logs = ''.join(event.get('new_logs', '') for event in events)
            self.assertIn('one\ntwo\n', logs)
            first = next(at for event, at in zip(events, times) if 'one' in event.get('new_logs', ''))
            self.assertLess(first, times[-1] - 0.1)  # it came before the job had ended
            self.assertEqual(events[-1]['job']['type'], 'CompletedJob')
            self.assertEqual(events[-1]['job']['result'], 'two')

    def test_a_server_that_stops_lets_no_client_wait(self):
        with served.Server(self.program, self.folder) as server:
            api = Api(server)
            api.deploy('u/admin/sleep', 'sleep 1000\n')
            connection = api.begin('POST', '/jobs/run_wait_result/p/u/admin/sleep', {})
            job = api.until('/jobs/list?running=true', lambda jobs: len(jobs) == 1)[0]['id']
            status, _, _ = server.stop()
            self.assertEqual((status, connection.getresponse().status), (0, 503))
            connection.close()
        with served.Server(self.program, self.folder) as server:
            api = Api(server)
            self.assertEqual(api.until(f'/jobs_u/get/{job}', lambda job: True)['type'], 'QueuedJob')
            api.ask('POST', f'/jobs_u/queue/cancel/{job}', {})


if __name__ == '__main__':
    served.main(sys.argv)
