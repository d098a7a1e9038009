#!/usr/bin/env python3
"""One server on SQLite: nothing is lost when it is killed, or when its disk is full.

usage: test_one_machine.py PROGRAM

ARRAS_SOAK: how many jobs, 150 unless set. ARRAS_SEED: what the moments of death are drawn from; printed.
"""
import collections
import contextlib
import http.client
import json
import os
import pathlib
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import described

PROGRAM = os.path.abspath(sys.argv[1])
PATIENCE = 60
JOBS = int(os.environ.get("ARRAS_SOAK", "150"))
KILLS = JOBS // 15


class OneMachine(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        self.ready_file = self.folder / "ready.json"
        self.start()
        self.addCleanup(lambda: (self.process.kill(), self.process.wait()))

    def start(self):
        self.ready_file.unlink(missing_ok=True)
        # Inherited: a write beyond the limit is then an error, not the end.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--data", str(self.folder / "data"), "--workers", "2", "--sandbox", "none",
             "--ready-file", str(self.ready_file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            restore_signals=False)
        end = time.monotonic() + PATIENCE
        while not self.ready_file.exists() and time.monotonic() < end:
            time.sleep(0.02)
        self.access = json.loads(self.ready_file.read_text())

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.access["url"] + "/api/w/main" + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": "Bearer " + self.access["token"],
                                                  "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def deploy(self):
        code = f'n="$1"\nsleep 0.05\necho "$n $WM_JOB_ID" >> {self.folder}/marks\necho "$n"'
        self.call("POST", "/scripts/create", {"path": "u/admin/mark", "summary": "", "description": "", "content": code,
                                              "language": "bash"})

    def submit(self, number):
        return self.call("POST", "/jobs/run/p/u/admin/mark", {"n": number})

    def check(self, jobs):
        end = time.monotonic() + PATIENCE
        for job, number in jobs.items():
            answer = {}
            while not answer.get("completed") and time.monotonic() < end:
                answer = json.loads(self.call("GET", f"/jobs_u/completed/get_result_maybe/{job}"))
                time.sleep(0 if answer.get("completed") else 0.05)
            # without a success it was lost three times with its server
            self.assertEqual(answer["result"] if answer["success"] else str(number), str(number), answer)

    def submit_all(self, numbers, jobs):
        """Until somebody acknowledges it: whose answer did not come may have been taken all the same."""
        for number in numbers:
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                try:
                    jobs[self.submit(number)] = number
                    break
                except (OSError, http.client.HTTPException):
                    time.sleep(0.05)

    def listed(self, what):
        """The ids of all pages."""
        found, page = [], 1
        while True:
            got = json.loads(self.call("GET", f"/jobs/{what}/list?per_page=100&page={page}"))
            found += [job["id"] for job in got]
            if len(got) < 100:
                return found
            page += 1

    def wait_until_all_ended(self):
        end = time.monotonic() + PATIENCE
        while self.listed("queue") and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.listed("queue"), [])

    def check_database(self, jobs):
        """What ran more than once says so; without a success it was lost three times with its server."""
        marks = (self.folder / "marks").read_text(encoding="utf-8")
        ran = collections.Counter(line.split()[1] for line in marks.splitlines())
        with contextlib.closing(sqlite3.connect(self.folder / "data" / "arras.db")) as db:
            rows = {row[0]: row[1:] for row in db.execute("SELECT id, state, attempt, lost, result FROM job WHERE script_path <> ''")}
            logs = collections.defaultdict(bytes)
            for job, text in db.execute("SELECT job, text FROM log ORDER BY job, start"):
                logs[job] += text
        again = 0
        for job, number in jobs.items():
            state, attempt, lost, result = rows[job]
            log = logs[job].decode()
            self.assertLessEqual(ran[job], attempt, log)
            if state == 2:
                self.assertEqual(json.loads(result), str(number))
                self.assertGreaterEqual(ran[job], 1)
            else:
                self.assertEqual((state, lost), (3, 2), (result, log))
            if attempt > 1:
                again += 1
                self.assertRegex(log, rf"\[attempt {attempt}\]|\[attempt {attempt - 1} was lost")
        return again

    def test_every_job_ends_once_whenever_the_server_is_killed(self):
        seed = int(os.environ.get("ARRAS_SEED", random.SystemRandom().randrange(1 << 32)))
        print("ARRAS_SEED", seed, flush=True)
        draw = random.Random(seed)
        self.deploy()
        jobs = {}
        clients = [threading.Thread(target=self.submit_all, args=(range(first, JOBS, 3), jobs)) for first in range(3)]
        for client in clients:
            client.start()
        for _ in range(KILLS):
            time.sleep(draw.uniform(0, 0.8))
            self.process.kill()
            self.process.wait()
            self.start()
        for client in clients:
            client.join()
        self.assertEqual(sorted(jobs.values()), list(range(JOBS)))
        self.wait_until_all_ended()
        completed = self.listed("completed")
        self.assertEqual(len(completed), len(set(completed)))
        self.assertLessEqual(set(jobs), set(completed))
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(PATIENCE), 0)
        print("run again:", self.check_database(jobs), flush=True)

    def test_a_full_disk_is_told_and_gets_over(self):
        self.deploy()
        jobs = {self.submit(0): 0}
        self.check(jobs)
        wal = os.path.getsize(self.folder / "data" / "arras.db-wal")
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (wal + 65536, resource.RLIM_INFINITY))
        refused = None
        for number in range(1, 200):
            try:
                jobs[self.submit(number)] = number
            except urllib.error.HTTPError as error:
                refused = error.code
                break
        self.assertEqual(refused, 500)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        jobs[self.submit(1000)] = 1000
        self.check(jobs)


if __name__ == "__main__":
    described.install()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
