#!/usr/bin/env python3
"""Shows that the runner of the conformance cases catches what an engine does wrong, with stand-in engines."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent

CASE = '''# A comment before the first section.
=== case
title: one request
spec: none
end: succeeded
server: api=${server}/v1
=== file api.txt
at ${server}
=== inputs
{"n": 1.0}
=== request
POST /v1/a?b=c
X-One: 1
!X-Two

{"n":1.0}
=== response
200
Content-Type: application/json
Transfer-Encoding: chunked

{"ok":true}
=== outputs
{"n": 1.0}
=== warnings
some-rule
=== steps
s 1 succeeded 200
'''

# Sends METHOD to the server of the case and reports; a test replaces the capital words.
ENGINE = '''#!{python}
import json, sys, urllib.request
job = json.load(sys.stdin)
url = job["servers"]["api"]
assert open("api.txt").read() == "at " + url[:-3] + "\\n"
body = open(job["inputsFile"], "rb").read().replace(b" ", b"")
for target in {targets}:
    request = urllib.request.Request(url + target, body, {headers}, method="{method}")
    try:
        answer = urllib.request.urlopen(request, timeout=5).read()
        assert answer == b'{{"ok":true}}', answer
    except urllib.error.HTTPError:
        pass
print('{{"status": "{end}", "outputs": {{"n": {number}}}, "warnings": ["some-rule"], "steps": ["s 1 succeeded 200"]}}')
'''


class Runner(unittest.TestCase):
    maxDiff = None

    def run_with(self, case=CASE, targets="['/a?b=c']", headers="{'X-One': '1'}", method='POST', end='succeeded',
                 number='1.0', options=()):
        with tempfile.TemporaryDirectory() as folder:
            path, engine = pathlib.Path(folder, 'a.case'), pathlib.Path(folder, 'engine')
            path.write_text(case)
            engine.write_text(ENGINE.format(python=sys.executable, targets=targets, headers=headers, method=method, end=end,
                                            number=number))
            os.chmod(engine, 0o755)
            done = subprocess.run([sys.executable, str(HERE / 'run.py'), '--engine', str(engine), *options, str(path)],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual('', done.stderr)
            return done.returncode, done.stdout.replace(folder, '')

    def caught(self, words, **change):
        status, said = self.run_with(**change)
        self.assertIn(words, said)
        self.assertIn('\nnot ok 1 - ', said)
        return status

    def test_an_engine_that_does_as_the_case_says_passes(self):
        self.assertEqual(self.run_with(), (0, '1..1\nok 1 - /a.case: one request\n'))

    def test_another_method_is_caught(self):
        self.assertEqual(self.caught('expected POST /v1/a?b=c', method='PUT'), 1)

    def test_another_target_is_caught(self):
        self.caught('request 1: POST /v1/a: expected POST /v1/a?b=c', targets="['/a']")

    def test_a_missing_header_is_caught(self):
        self.caught("header X-One is absent, expected '1'", headers='{}')

    def test_a_header_that_must_not_be_there_is_caught(self):
        self.caught("header X-Two is '2', expected none", headers="{'X-One': '1', 'X-Two': '2'}")

    def test_another_body_is_caught(self):
        self.caught('body is b\'{"n":1.0}\', expected b\'{"n":2}\'', case=CASE.replace('\n{"n":1.0}\n', '\n{"n":2}\n'))

    def test_json_bodies_may_be_compared_as_values(self):
        spaced = CASE.replace('\n{"n":1.0}\n', '\n{ "n": 1.0 }\n')
        headers = "{'X-One': '1', 'Content-Type': 'application/json'}"
        self.assertEqual(self.caught('body is', case=spaced, headers=headers), 1)
        self.assertEqual(self.run_with(case=spaced, headers=headers, options=['--json-bodies', 'value'])[0], 0)

    def test_a_request_that_did_not_come_is_caught(self):
        self.caught('request 1: POST /v1/a?b=c: did not come', targets='[]')

    def test_a_request_too_many_is_caught(self):
        self.caught('request 2: POST /v1/x: not in the case', targets="['/a?b=c', '/x']")

    def test_a_request_too_soon_is_caught(self):
        case = CASE.replace('=== outputs', '=== request after 30\nPOST /v1/b\n\n{"n":1.0}\n=== response\n200\n\n{"ok":true}\n=== outputs')
        self.caught('s after the last response, expected no sooner than 30', case=case, targets="['/a?b=c', '/b']")

    def test_another_end_is_caught(self):
        self.caught('end is failed, expected succeeded', end='failed')

    def test_a_number_written_otherwise_is_caught(self):
        self.caught('outputs are {"n": 1}, expected {"n": 1.0}', number='1')

    def test_other_warnings_are_caught(self):
        self.caught("warnings are ['some-rule'], expected []", case=CASE.replace('\nsome-rule', ''))

    def test_a_warning_elsewhere_or_with_another_repair_is_caught(self):
        case = CASE.replace('\nsome-rule', '\nsome-rule a.yaml:1:2 do so')
        self.assertEqual(self.run_with(case=case)[0], 0)
        self.assertIn('no warning', self.told_by_arras(case, 'a.yaml', 1, 'do not'))
        self.assertIn('no warning', self.told_by_arras(case, 'a.yaml', 3, 'do so'))
        self.assertNotIn('no warning', self.told_by_arras(case, 'a.yaml', 1, 'do so'))

    def told_by_arras(self, case, name, line, hint):
        warning = {'code': 'some-rule', 'file': name, 'line': line, 'column': 2, 'hint': hint}
        with tempfile.TemporaryDirectory() as folder:
            path, engine = pathlib.Path(folder, 'a.case'), pathlib.Path(folder, 'arras')
            path.write_text(case)
            engine.write_text(f'#!{sys.executable}\nprint({json.dumps(json.dumps({"warnings": [warning]}))})\n')
            os.chmod(engine, 0o755)
            return subprocess.run([sys.executable, str(HERE / 'run.py'), '--arras', str(engine), str(path)],
                                  capture_output=True, text=True, timeout=60).stdout

    def test_other_steps_are_caught(self):
        self.caught('steps are', case=CASE.replace('s 1 succeeded', 's 2 succeeded'))

    def test_an_engine_that_says_nothing_is_caught(self):
        self.caught('standard output is not one JSON object', end='" "')


class Form(unittest.TestCase):
    def refused(self, words, case):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, 'a.case')
            path.write_text(case)
            done = subprocess.run([sys.executable, str(HERE / 'run.py'), '--engine', '/bin/false', str(path)],
                                  capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn(words, done.stdout)

    def test_an_unknown_section(self):
        self.refused("23: unknown section 'output'", CASE.replace('=== outputs', '=== output'))

    def test_an_unknown_key(self):
        self.refused("5: 'ends: succeeded' is not one of", CASE.replace('end:', 'ends:'))

    def test_a_second_section_of_a_kind_that_stands_once(self):
        self.refused('a second outputs', CASE + '=== outputs\n{}\n')

    def test_a_response_without_a_request(self):
        self.refused('a response without a request', CASE + '=== response\n200\n')

    def test_a_request_without_a_response(self):
        self.refused('the last request has no response', CASE + '=== request\nGET /\n')

    def test_outputs_that_are_no_json(self):
        self.refused('Expecting property name', CASE.replace('{"n": 1.0}\n=== warn', '{n}\n=== warn'))

    def test_a_file_above_the_case(self):
        self.refused('below the case', CASE.replace('=== file api.txt', '=== file ../api.txt'))

    def test_a_warning_without_a_place(self):
        self.refused('26: a warning is RULE or', CASE.replace('\nsome-rule', '\nsome-rule do so'))

    def test_an_unknown_end(self):
        self.refused('end is one of', CASE.replace('end: succeeded', 'end: good'))


if __name__ == '__main__':
    unittest.main()
