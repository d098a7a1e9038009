#!/usr/bin/env python3
"""The requests of Windmill's client for Python, the module wmill, without the module: made by urllib as it makes them, from
outside and from inside of a job.

usage: test_python.py PROGRAM
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'cli'))
import served  # pylint: disable=wrong-import-position

HELLO = 'def main(name: str):\n    return "hello " + name\n'
FAIL = 'def main():\n    raise ValueError("no such luck")\n'

# Runs outside, as it is, and as the beginning of a script.
CLIENT = '''
import json, os, time, urllib.error, urllib.parse, urllib.request


class Client:
    def __init__(self):
        self.base = (os.environ.get("BASE_INTERNAL_URL") or os.environ["BASE_URL"]) + "/api"
        self.workspace, self.token = os.environ["WM_WORKSPACE"], os.environ["WM_TOKEN"]

    def ask(self, method, path, body=None, **query):
        url = f"{self.base}{path}".replace("{w}", self.workspace)
        if query:
            url += "?" + urllib.parse.urlencode(query)
        request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode()
            return json.loads(text) if answer.headers["Content-Type"] == "application/json" else text

    def status(self, method, path, body=None):
        try:
            self.ask(method, path, body)
            return 200
        except urllib.error.HTTPError as error:
            return error.code

    def run_script_async(self, path, args, **query):
        if os.environ.get("WM_JOB_ID"):
            query["parent_job"] = os.environ["WM_JOB_ID"]
            if os.environ.get("WM_ROOT_FLOW_JOB_ID"):
                query["root_job"] = os.environ["WM_ROOT_FLOW_JOB_ID"]
        return self.ask("POST", f"/w/{{w}}/jobs/run/p/{path}", args, **query)

    def wait_job(self, job):
        while True:
            got = self.ask("GET", f"/w/{{w}}/jobs_u/completed/get_result_maybe/{job}", get_started="true")
            if got["completed"]:
                if not got["success"]:
                    raise RuntimeError(got["result"]["error"]["message"])
                return got["result"]
            assert got["started"] in (True, False)
            time.sleep(0.05)

    def set_variable(self, path, value, is_secret=False):
        if self.status("GET", f"/w/{{w}}/variables/get/{path}") == 200:
            self.ask("POST", f"/w/{{w}}/variables/update/{path}", {"value": value, "is_secret": is_secret})
        else:
            self.ask("POST", "/w/{w}/variables/create",
                     {"path": path, "value": value, "is_secret": is_secret, "description": ""})

    def set_resource(self, path, value, resource_type):
        if self.ask("GET", f"/w/{{w}}/resources/exists/{path}"):
            self.ask("POST", f"/w/{{w}}/resources/update_value/{path}", {"value": value})
        else:
            self.ask("POST", "/w/{w}/resources/create", {"path": path, "value": value, "resource_type": resource_type})

    def get_resource(self, path):
        return self.ask("GET", f"/w/{{w}}/resources/get_value_interpolated/{path}")
'''
INSIDE = CLIENT + '''

def main():
    client, state = Client(), os.environ["WM_STATE_PATH"]
    known = client.status("GET", f"/w/{{w}}/resources/get_value_interpolated/{state}") == 200
    client.set_resource(state, {"count": client.get_resource(state)["count"] + 1 if known else 1}, "state")
    client.set_variable("f/demo/made", "inside", True)
    job = os.environ["WM_JOB_ID"]
    client.ask("POST", f"/w/{{w}}/job_metrics/set_progress/{job}", {"percent": 40, "flow_job_id": None})
    return {
        "state": client.get_resource(state),
        "variable": client.ask("GET", "/w/{w}/variables/get_value/f/demo/made"),
        "child": client.wait_job(client.run_script_async("f/demo/hello", {"name": "child"})),
        "root": client.ask("GET", f"/w/{{w}}/jobs_u/get_root_job_id/{job}") == job,
        "progress": client.ask("GET", f"/w/{{w}}/job_metrics/get_progress/{job}"),
        "user": client.ask("GET", "/w/{w}/users/whoami")["username"],
        "email": client.ask("GET", "/w/{w}/users/username_to_email/admin"),
        "others": client.status("GET", "/w/other/jobs/list"),
    }
'''


class Python(served.Case):
    def test_from_outside_and_from_inside(self):
        scope = {}
        exec(compile(CLIENT, 'client', 'exec'), scope)  # pylint: disable=exec-used
        with served.Server(self.program, self.folder, '--workers', '2') as server:
            scope['os'].environ.update(BASE_URL=server.ready['url'], WM_WORKSPACE=server.ready['workspace'],
                                       WM_TOKEN=server.ready['token'])
            client = scope['Client']()
            self.outside(client)
            for count in (1, 2):
                self.inside(client, count)
            children = [job for job in client.ask('GET', '/w/{w}/jobs/list', script_path_exact='f/demo/hello')
                        if job.get('parent_job')]
            self.assertEqual(len(children), 2)

    def outside(self, client):
        for path, language, content in (('f/demo/hello', 'python3', HELLO), ('f/demo/fail', 'python3', FAIL),
                                        ('f/demo/inside', 'python3', INSIDE), ('f/demo/slow', 'bash', 'sleep 1000')):
            client.ask('POST', '/w/{w}/scripts/create', {'path': path, 'summary': '', 'description': '', 'content': content,
                                                         'language': language})
        self.assertEqual(client.wait_job(client.run_script_async('f/demo/hello', {'name': 'a'})), 'hello a')
        job = client.run_script_async('f/demo/hello', {'name': 'b'}, scheduled_in_secs=0)
        self.assertEqual(client.wait_job(job), 'hello b')
        self.assertEqual(client.ask('GET', f'/w/{{w}}/jobs_u/completed/get_result/{job}'), 'hello b')
        self.assertEqual(client.ask('GET', f'/w/{{w}}/jobs_u/get/{job}')['type'], 'CompletedJob')
        with self.assertRaisesRegex(RuntimeError, 'no such luck'):
            client.wait_job(client.run_script_async('f/demo/fail', {}))
        client.set_variable('f/demo/made', 'one')
        client.set_variable('f/demo/made', 'two')
        self.assertEqual(client.ask('GET', '/w/{w}/variables/get_value/f/demo/made'), 'two')
        client.set_resource('f/demo/db', {'host': '$var:f/demo/made'}, 'object')
        self.assertEqual(client.get_resource('f/demo/db'), {'host': 'two'})
        slow = client.run_script_async('f/demo/slow', {})
        while not client.ask('GET', f'/w/{{w}}/jobs_u/get/{slow}').get('running'):
            pass
        running = client.ask('GET', '/w/{w}/jobs/list', running='true', script_path_exact='f/demo/slow')
        self.assertEqual([one['id'] for one in running], [slow])
        client.ask('POST', f'/w/{{w}}/jobs_u/queue/cancel/{slow}', {'reason': 'enough'})
        with self.assertRaisesRegex(RuntimeError, 'Job canceled: enough'):
            client.wait_job(slow)
        self.assertIn('arras', client.ask('GET', '/version'))
        token = client.ask('POST', '/users/tokens/create', {'label': 'refresh', 'expiration': '2099-01-02T03:04:05.678901+00:00'})
        self.assertEqual(len(token), 30)

    def inside(self, client, count):
        result = client.ask('POST', '/w/{w}/jobs/run_wait_result/p/f/demo/inside', {})
        self.assertEqual(result, {'state': {'count': count}, 'variable': 'inside', 'child': 'hello child', 'root': True,
                                  'progress': 40, 'user': 'admin', 'email': 'admin@localhost', 'others': 401})


if __name__ == '__main__':
    served.main(sys.argv)
