#!/usr/bin/env python3
"""Several servers and workers on one PostgreSQL: nothing is lost whatever dies, and nothing is asked while nothing happens.

usage: test_many_machines.py PROGRAM

ARRAS_SOAK: how many jobs, 150 unless set. ARRAS_SEED: what the moments of death are drawn from; printed.
"""
import collections
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import described
import postgres
import served  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
PATIENCE = 60
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


class Process:
    """`arras serve` or `arras worker`, started again after each death."""

    def __init__(self, folder, name, *words, sandbox="none"):
        self.ready_file = pathlib.Path(folder, name + ".json")
        self.log = open(pathlib.Path(folder, name + ".log"), "ab")
        self.command = [PROGRAM, *words, *(["--sandbox", sandbox] if sandbox else []), "--lease", "3", "--ready-file", str(self.ready_file)]
        self.start()

    def start(self):
        self.ready_file.unlink(missing_ok=True)
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log)

    def ready(self):
        end = time.monotonic() + PATIENCE
        while not self.ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("not started: " + pathlib.Path(self.log.name).read_text(encoding="utf-8"))
            time.sleep(0.02)
        return json.loads(self.ready_file.read_text())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.start()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.log.close()


class Wire:
    """A TCP connection's other end that can be cut: everything goes through it until then."""

    def __init__(self, port):
        self.target = port
        self.pairs = []
        self.traps = {}  # what is sent to the target: whether it still arrives before everything is cut
        self.sprung = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            self.pairs.append((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(one, other, other is far), daemon=True).start()

    def _spring(self, data, one, other):
        """Whether a trap was in the data, of which no answer comes then."""
        for text, arrives in list(self.traps.items()):
            if text in data:
                del self.traps[text]
                self.sprung.append(text)
                one.shutdown(socket.SHUT_RDWR)
                if arrives:
                    other.sendall(data)
                    time.sleep(0.3)  # until it was carried out
                return True
        return False

    def _copy(self, one, other, outward):
        try:
            while data := one.recv(65536):
                if outward and self._spring(data, one, other):
                    break
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        one.close()  # the other thread closes the other

    def cut(self):
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self.listener.close()
        self.cut()


class ManyMachines(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = held.name
        self.database = postgres.Postgres("log_statement = 'all'", "log_checkpoints = off", durable=True)
        self.addCleanup(self.database.close)
        self.url = self.database.database("arras")
        self.marks = os.path.join(self.folder, "marks")
        self.processes = []

    def start(self, name, *words, sandbox="none"):
        process = Process(self.folder, name, *words, sandbox=sandbox)
        self.processes.append(process)
        self.addCleanup(lambda: process.process.kill())
        return process

    def serve(self, name, url=None):
        return self.start(name, "serve", "--port", "0", "--db", url or self.url, "--workers", "0", "--data",
                          os.path.join(self.folder, name), "--key-file", os.path.join(self.folder, "key"))

    def work(self, name, url=None, *words):
        return self.start(name, "worker", "--db", url or self.url, "--workers", "2", "--name", name, *words)

    def call(self, server, method, path, body=None):
        access = server.ready()
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{access['url']}/api/w/main{path}", data=data, method=method,
                                         headers={"Authorization": "Bearer " + access["token"],
                                                  "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def deploy(self, server, path, content, **more):
        self.call(server, "POST", "/scripts/create",
                  {"path": path, "summary": "", "description": "", "content": content, "language": "bash", **more})

    def submit(self, servers, number, draw):
        """Until somebody acknowledges it: whose answer did not come may have taken it all the same."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                return self.call(draw.choice(servers), "POST", "/jobs/run/p/u/admin/mark", {"n": number})
            except (OSError, AssertionError):
                time.sleep(0.1)
        raise AssertionError("no server took a job")

    def all_ended(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.database.query("SELECT count(*) FROM job WHERE state <= 1", "arras", check=False) == "0":
                return True
            time.sleep(0.2)
        return False

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

    def restart_database(self):
        self.database.stop(signal.SIGQUIT)
        self.database.start()

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

    def workers(self, server, until=lambda found: True):
        """By process: how many there are, and what the first one says."""
        access = server.ready()
        end = time.monotonic() + PATIENCE
        while True:
            request = urllib.request.Request(access["url"] + "/api/workers/list",
                                             headers={"Authorization": "Bearer " + access["token"]})
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                listed = json.loads(answer.read())
            found = {}
            for one in listed:
                found.setdefault(one["worker"].split("-")[2], []).append(one)
            if until(found) or time.monotonic() > end:
                return {name: (len(all_of), all_of[0]) for name, all_of in found.items()}
            time.sleep(0.1)

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
