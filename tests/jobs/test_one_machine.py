#!/usr/bin/env python3
"""One server on SQLite: nothing is lost when it is killed, or when its disk is full.

usage: test_one_machine.py PROGRAM

ARRAS_SEED: what the moments of death are drawn from; printed.
"""
import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import described

PROGRAM = os.path.abspath(sys.argv[1])
PATIENCE = 60


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
        self.call("POST", "/scripts/create", {"path": "u/admin/mark", "summary": "", "description": "",
                                              "content": 'n="$1"\nsleep 0.05\necho "$n"', "language": "bash"})

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

    def test_every_job_ends_when_the_server_is_killed(self):
        seed = int(os.environ.get("ARRAS_SEED", random.SystemRandom().randrange(1 << 32)))
        print("ARRAS_SEED", seed, flush=True)
        draw = random.Random(seed)
        self.deploy()
        when = draw.sample(range(60), 4)
        jobs = {}
        for number in range(60):
            jobs[self.submit(number)] = number
            if number in when:
                self.process.kill()
                self.process.wait()
                self.start()
        self.check(jobs)

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
