#!/usr/bin/env python3
"""Several servers and workers on one PostgreSQL: nothing is lost whatever dies, and nothing is asked while nothing happens.

usage: test_many_machines.py PROGRAM

ARRAS_SOAK: how many jobs, 150 unless set. ARRAS_SEED: what the moments of death are drawn from; printed.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import described
import machines
import postgres
import served  # noqa: E402
from machines import PATIENCE, PROGRAM, Wire

JOBS = int(os.environ.get("ARRAS_SOAK", "150"))

# What the API says, and whether there is anything else to reach.
CALLER = """
import json, os, socket, urllib.error, urllib.request

def main():
    url = os.environ["BASE_INTERNAL_URL"] + "/api/w/" + os.environ["WM_WORKSPACE"] + "/variables/get_value/u/admin/word"
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + os.environ["WM_TOKEN"]})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            word = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        word = str(error.code)
    try:
        socket.create_connection(("192.0.2.1", 80), 5)
        return [word, "a network"]
    except OSError:
        return [word, "no network"]
"""


class ManyMachines(machines.Machines):
    def submit(self, servers, number, draw):
        """Until somebody acknowledges it: whose answer did not come may have taken it all the same."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                return self.call(draw.choice(servers), "POST", "/jobs/run/p/u/admin/mark", {"n": number})
            except (OSError, AssertionError):
                time.sleep(0.1)
        raise AssertionError("no server took a job")

    def test_every_job_ends_once_whatever_dies(self):
        seed = int(os.environ.get("ARRAS_SEED", random.SystemRandom().randrange(1 << 32)))
        print("ARRAS_SEED", seed, flush=True)
        draw = random.Random(seed)
        wire = Wire(self.database.port)
        self.addCleanup(wire.close)
        wired = re.sub(r":\d+/", f":{wire.port}/", self.url)
        servers = [self.serve("server-1"), self.serve("server-2", wired)]
        workers = [self.work("one"), self.work("two"), self.work("three", wired)]
        self.deploy(servers[0], "u/admin/mark", f'n="$1"\nsleep 0.05\necho "$n $WM_JOB_ID" >> {self.marks}\necho "$n"')
        events = [lambda: draw.choice(workers).kill()] * 6 + [lambda: draw.choice(servers).kill()] * 3
        events += [wire.cut] * 2 + [self.restart_database]
        draw.shuffle(events)
        when = sorted(draw.sample(range(JOBS), len(events)))
        jobs = {}
        for number in range(JOBS):
            while when and when[0] == number:
                when.pop(0)
                events.pop()()
            jobs[self.submit(servers, number, draw)] = number
        self.assertTrue(self.all_ended(), self.database.query("SELECT * FROM job WHERE state <= 1", "arras"))
        self.check(jobs)
        for process in self.processes:
            process.ready()
            self.assertEqual(process.stop(), 0)

    def test_what_a_job_prints_is_kept_once_wherever_the_connection_breaks(self):
        wire = Wire(self.database.port)
        self.addCleanup(wire.close)
        server = self.serve("server")
        self.deploy(server, "u/admin/count", "for n in 1 2 3 4 5; do echo \"line-$n.\"; sleep 0.7; done")
        self.work("one", re.sub(r":\d+/", f":{wire.port}/", self.url)).ready()
        wire.traps = {b"line-2.": True, b"line-3.": False, b"line-5.": True}
        traps = set(wire.traps)
        job = self.call(server, "POST", "/jobs/run/p/u/admin/count", {})
        self.assertTrue(self.all_ended())
        self.assertEqual(set(wire.sprung), traps)
        log = self.call(server, "GET", f"/jobs_u/get_logs/{job}")
        self.assertEqual(re.findall(r"line-\d\.", log), [f"line-{n}." for n in range(1, 6)], log)
        self.assertEqual(self.database.query(f"SELECT state, attempt FROM job WHERE id = '{job}'", "arras"), "2|1")

    def cut_off(self, timeout):
        """A job that marks the time ten times a second, at a worker whose link is cut for good: its marks, once another ran it."""
        wire = Wire(self.database.port)
        self.addCleanup(wire.close)
        server = self.serve("server")
        self.deploy(server, "u/admin/tick", f"for n in {{1..40}}; do echo \"$$ $(date +%s.%N)\" | tee -a {self.marks}; sleep 0.1; done",
                    **({"timeout": timeout} if timeout else {}))
        self.work("one", re.sub(r":\d+/", f":{wire.port}/", self.url)).ready()
        job = self.call(server, "POST", "/jobs/run/p/u/admin/tick", {})
        end = time.monotonic() + PATIENCE
        while not os.path.exists(self.marks) and time.monotonic() < end:
            time.sleep(0.02)
        wire.close()
        self.work("two").ready()
        self.assertTrue(self.all_ended())
        marks = {}
        for line in pathlib.Path(self.marks).read_text(encoding="utf-8").splitlines():
            process, when = line.split()
            marks.setdefault(process, []).append(float(when))
        return server, job, list(marks.values())

    def test_a_worker_that_is_cut_off_ends_its_job_before_another_runs_it(self):
        server, job, (first, second) = self.cut_off(None)
        self.assertLess(first[-1], second[0])
        self.assertEqual(len(second), 40)
        self.assertEqual(self.database.query(f"SELECT state, attempt FROM job WHERE id = '{job}'", "arras"), "2|2")
        self.assertIn("[attempt 1 was lost", self.call(server, "GET", f"/jobs_u/get_logs/{job}"))

    def test_a_time_limit_holds_while_the_database_is_out_of_reach(self):
        _, _, marks = self.cut_off(1)
        self.assertLess(marks[0][-1] - marks[0][0], 1.8)

    def check(self, jobs):
        """Every job that was acknowledged succeeded, or failed because its workers died too often; what ran twice says so."""
        ran = collections.Counter(line.split()[1] for line in pathlib.Path(self.marks).read_text().splitlines())
        rows = {}
        for row in self.database.query("SELECT id, state, attempt, lost, convert_from(result, 'UTF8') FROM job",
                                       "arras").splitlines():
            identity, state, attempt, lost, result = row.split("|", 4)
            rows[identity] = (int(state), int(attempt), int(lost), result)
        self.assertLessEqual(set(jobs), set(rows))
        for identity, number in jobs.items():
            state, attempt, lost, result = rows[identity]
            log = self.database.query("SELECT string_agg(convert_from(text, 'UTF8'), '' ORDER BY start) FROM log"
                                      f" WHERE job = '{identity}'", "arras")
            self.assertLessEqual(ran[identity], attempt, log)
            if state == 2:
                self.assertEqual(result, f'"{number}"')
                self.assertGreaterEqual(ran[identity], 1)
            else:
                self.assertEqual((state, lost), (3, 2), (result, log))
            if attempt > 1:
                self.assertRegex(log, rf"\[attempt {attempt}\]|\[attempt {attempt - 1} was lost")

    def test_idle_ones_ask_nothing(self):
        servers = [self.serve("server-1"), self.serve("server-2")]
        self.work("one").ready()
        self.work("two").ready()
        self.deploy(servers[0], "u/admin/hello", "echo hello")
        servers[1].ready()
        self.assertEqual(self.call(servers[1], "POST", "/jobs/run_wait_result/p/u/admin/hello", {}), '"hello"')
        time.sleep(8)  # the lease of 3 seconds, after which somebody looks once more
        before = os.path.getsize(self.database.log)
        self.assertGreater(before, 10000)  # so much was asked before
        time.sleep(6)
        with open(self.database.log, encoding="utf-8") as log:
            log.seek(before)
            self.assertEqual(log.read(), "")
        started = time.monotonic()
        self.assertEqual(self.call(servers[0], "POST", "/jobs/run_wait_result/p/u/admin/hello", {}), '"hello"')
        self.assertLess(time.monotonic() - started, 3)

    def test_a_job_elsewhere_is_canceled_at_once_and_tags_decide_who_runs_what(self):
        server = self.serve("server")
        tagged = self.work("tagged", None, "--tags", "slow,other", "--group", "g")
        self.deploy(server, "u/admin/slow", "sleep 100", tag="slow")
        self.deploy(server, "u/admin/hello", "echo hello")
        waits = self.call(server, "POST", "/jobs/run/p/u/admin/hello", {})
        runs = self.call(server, "POST", "/jobs/run/p/u/admin/slow", {})
        name = tagged.ready()["name"]
        self.assertRegex(name, r"^wk-g-tagged-\w{6}$")
        end = time.monotonic() + PATIENCE
        where = f"SELECT worker FROM job WHERE id = '{runs}' AND state = 1"
        while not self.database.query(where, "arras").startswith(name) and time.monotonic() < end:
            time.sleep(0.05)
        started = time.monotonic()
        self.call(server, "POST", f"/jobs_u/queue/cancel/{runs}", {"reason": "enough"})
        while self.database.query(f"SELECT state FROM job WHERE id = '{runs}'", "arras") != "4":
            self.assertLess(time.monotonic() - started, 3)
            time.sleep(0.02)
        self.assertEqual(self.database.query(f"SELECT state FROM job WHERE id = '{waits}'", "arras"), "0")

    def test_all_servers_know_the_workers_that_live(self):
        servers = [self.serve("server-1"), self.serve("server-2")]
        one = self.work("one", None, "--tags", "bash,slow", "--group", "g")
        two = self.work("two")
        both = lambda found: len(found) == 2
        for server in servers:
            found = self.workers(server, both)
            self.assertEqual({name: count for name, (count, _) in found.items()}, {"one": 2, "two": 2})
            self.assertEqual((found["one"][1]["custom_tags"], found["one"][1]["worker_group"]), (["bash", "slow"], "g"))
            self.assertEqual((found["two"][1]["custom_tags"], found["two"][1]["worker_group"]), (None, "default"))
            self.assertEqual(found["two"][1]["worker_instance"], socket.gethostname()[:64])
        two.process.kill()
        self.assertEqual(list(self.workers(servers[1], lambda found: len(found) == 1)), ["one"])
        self.deploy(servers[0], "u/admin/hello", "echo hello")
        for _ in range(3):
            self.call(servers[0], "POST", "/jobs/run_wait_result/p/u/admin/hello", {})
        counted = self.workers(servers[1], lambda found: found["one"][0]["jobs_executed"] == 3)
        self.assertEqual(counted["one"][1]["jobs_executed"], 3)
        self.restart_database()
        self.assertEqual(list(self.workers(servers[0], lambda found: len(found) == 1)), ["one"])
        self.assertEqual(one.stop(), 0)
        self.assertEqual(self.workers(servers[0], lambda found: not found), {})

    def test_a_worker_that_is_stopped_lets_its_job_end_or_puts_it_back(self):
        server = self.serve("server")
        worker = self.work("one", None, "--grace", "1")
        self.deploy(server, "u/admin/long", "sleep 100")
        job = self.call(server, "POST", "/jobs/run/p/u/admin/long", {})
        state = f"SELECT state FROM job WHERE id = '{job}'"
        end = time.monotonic() + PATIENCE
        while self.database.query(state, "arras") != "1" and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(worker.stop(), 0)
        self.assertEqual(self.database.query(state, "arras"), "0")

    def test_a_sandboxed_job_reaches_the_api_through_its_worker(self):
        if served.sandbox_options():
            self.skipTest("no sandbox on this machine")
        server = self.serve("server")
        worker = self.start("one", "worker", "--db", self.url, "--workers", "1", "--server", server.ready()["url"], sandbox=None)
        worker.ready()
        self.call(server, "POST", "/variables/create", {"path": "u/admin/word", "value": "x" * 100000, "is_secret": False,
                                                        "description": ""})
        self.deploy(server, "u/admin/read", CALLER, language="python3")
        run = "/jobs/run_wait_result/p/u/admin/read"
        self.assertEqual(json.loads(self.call(server, "POST", run, {})), ["x" * 100000, "no network"])
        server.process.kill()
        server.process.wait()
        other = self.serve("server-2")
        self.assertEqual(json.loads(self.call(other, "POST", run, {})), ["502", "no network"])
        self.assertEqual(worker.stop(), 0)

    def test_a_worker_says_where_it_cannot_pass_connections_on_to(self):
        for url in ("https://127.0.0.1:1", "ftp://127.0.0.1:1", "127.0.0.1:1", "http://"):
            done = subprocess.run([PROGRAM, "worker", "--db", self.url, "--sandbox", "none", "--server", url],
                                  capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done)
            self.assertIn("http://HOST:PORT", done.stderr)

    def test_who_starts_without_postgresql_waits_a_little_and_says_so(self):
        self.database.stop()
        url = self.url.replace("arras@", "arras:a-password@")
        for words in (("worker",), ("serve", "--port", "0", "--data", os.path.join(self.folder, "data")), ("serve", "--check")):
            started = time.monotonic()
            done = subprocess.run([PROGRAM, *words, "--db", url, "--sandbox", "none"], capture_output=True, text=True,
                                  timeout=PATIENCE, check=False)
            self.assertEqual(done.returncode, 2, done)
            self.assertLess(time.monotonic() - started, 15)
            said = done.stdout + done.stderr
            self.assertRegex(said, rf"the database 'postgres://arras@127.0.0.1:{self.database.port}/arras': .*Connection refused")
            self.assertNotIn("a-password", said)
        late = [self.serve("server"), self.work("one")]
        time.sleep(1)
        self.database.start()
        for process in late:
            process.ready()
        self.deploy(late[0], "u/admin/hello", "echo hello")
        self.assertEqual(self.call(late[0], "POST", "/jobs/run_wait_result/p/u/admin/hello", {}), '"hello"')

    def test_a_server_says_that_its_database_is_gone(self):
        server = self.serve("server")
        url = server.ready()["url"]
        with urllib.request.urlopen(url + "/api/health/status", timeout=PATIENCE) as answer:
            self.assertIn(json.loads(answer.read())["status"], ("healthy", "degraded"))
        self.database.stop()
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url + "/api/health/status", timeout=PATIENCE)
        self.assertEqual((refused.exception.code, json.loads(refused.exception.read())["status"]), (503, "unhealthy"))

    def run_check(self, key):
        return subprocess.run([PROGRAM, "serve", "--check", "--db", self.url, "--sandbox", "none", "--data",
                               os.path.join(self.folder, "nowhere"), "--key-file", key], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)

    def test_a_check_tells_of_the_schema_and_the_key_and_changes_nothing(self):
        key, other = os.path.join(self.folder, "key"), os.path.join(self.folder, "other")
        name = re.escape(self.url)
        done = self.run_check(key)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, rf"(?m)^ok +database: {name}, schema 0, will be brought up to date$")
        self.assertRegex(done.stdout, rf"(?m)^ok +key: {key} will be made$")
        self.assertEqual(self.database.query("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace", "arras"), "0")
        self.serve("server").ready()
        done = self.run_check(key)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, rf"(?m)^ok +database: {name}, schema [1-9]\d*$")
        self.assertRegex(done.stdout, rf"(?m)^ok +key: {key} is that of the database$")
        done = self.run_check(other)
        self.assertEqual(done.returncode, 2, done)
        self.assertRegex(done.stdout, rf"(?m)^problem +key: {other} is missing: ")
        self.assertFalse(os.path.exists(other))
        pathlib.Path(other).write_bytes(bytes(32))
        os.chmod(other, 0o600)
        done = self.run_check(other)
        self.assertEqual(done.returncode, 2, done)
        self.assertRegex(done.stdout, rf"(?m)^problem +key: {other} is not that of the database's other servers$")
        self.database.query("INSERT INTO arras_schema VALUES (1000)", "arras")
        done = self.run_check(key)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("schema 1000: a newer version of this program made it", done.stdout)

    def test_servers_that_start_at_once_have_one_token_that_is_good_from_the_start(self):
        servers = [self.serve(f"server-{number}") for number in range(4)]
        with concurrent.futures.ThreadPoolExecutor(len(servers)) as pool:
            known = list(pool.map(lambda server: (self.call(server, "GET", "/scripts/list"), server.ready()["token"]), servers))
        self.assertEqual({answer for answer, _ in known}, {"[]"})
        self.assertEqual(len({token for _, token in known}), 1)
        self.assertEqual(self.database.query("SELECT count(*) FROM token", "arras"), "1")

    def test_a_server_with_another_key_is_refused(self):
        self.serve("server").ready()
        done = subprocess.run([PROGRAM, "serve", "--port", "0", "--db", self.url, "--workers", "0", "--data",
                               os.path.join(self.folder, "other")], capture_output=True, text=True, timeout=PATIENCE,
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done)
        self.assertIn("--key-file", done.stderr)


if __name__ == "__main__":
    described.install()
    if not postgres.folder():
        print("PostgreSQL is not installed")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
