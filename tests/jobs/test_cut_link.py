#!/usr/bin/env python3
"""A worker whose link to PostgreSQL falls silent: nothing arrives any more, and nobody is told.

usage: test_cut_link.py PROGRAM

Runs in network namespaces of its own, with a router between the worker and everybody else. Exit status 77, which Meson counts
as skipped, where the machine does not allow them or PostgreSQL is not installed.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

import described
import machines
import postgres
from machines import PATIENCE

INSIDE = "ARRAS_TEST_IN_NAMESPACE"
HERE, FAR = "10.77.1.1", "10.77.2.1"
SECONDS = 25  # in which both ends notice: 16 of silence, and what tells of it


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


class Namespace:
    """Held by a process that sleeps in it."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "--net", "sleep", "600"])
        self.enter = ["nsenter", "--preserve-credentials", "--target", str(self.process.pid), "--net"]
        own = os.readlink("/proc/self/ns/net")
        end = time.monotonic() + PATIENCE
        while os.readlink(f"/proc/{self.process.pid}/ns/net") == own and time.monotonic() < end:
            time.sleep(0.02)

    def run(self, *words):
        run(*self.enter, *words)

    def close(self):
        self.process.kill()
        self.process.wait()


class Link:
    """This namespace, a router, and a namespace behind it."""

    def __init__(self):
        self.router, self.far = Namespace(), Namespace()
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "near", "type", "veth", "peer", "name", "router1")
        run("ip", "link", "set", "router1", "netns", str(self.router.process.pid))
        self.router.run("ip", "link", "add", "router2", "type", "veth", "peer", "name", "far")
        self.router.run("ip", "link", "set", "far", "netns", str(self.far.process.pid))
        for run_at, name, address in ((run, "near", HERE), (self.router.run, "router1", "10.77.1.2"),
                                      (self.router.run, "router2", "10.77.2.2"), (self.far.run, "far", FAR)):
            run_at("ip", "address", "add", address + "/24", "dev", name)
            run_at("ip", "link", "set", name, "up")
        self.far.run("ip", "link", "set", "lo", "up")
        run("ip", "route", "add", "10.77.2.0/24", "via", "10.77.1.2")
        self.far.run("ip", "route", "add", "default", "via", "10.77.2.2")
        self.router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")

    def cut(self):
        """What is on the way is dropped, without a word to anybody."""
        for address in (HERE, FAR):
            self.router.run("ip", "route", "add", "blackhole", address + "/32")

    def heal(self):
        for address in (HERE, FAR):
            self.router.run("ip", "route", "del", "blackhole", address + "/32")

    def close(self):
        self.router.close()
        self.far.close()
        subprocess.run(["ip", "link", "del", "near"], check=False, stderr=subprocess.DEVNULL)


class CutLink(machines.Machines):
    networks = ("10.77.0.0/16",)

    def setUp(self):
        self.link = Link()
        self.addCleanup(self.link.close)
        super().setUp()

    def within(self, seconds, what):
        end = time.monotonic() + seconds
        while not what() and time.monotonic() < end:
            time.sleep(0.1)
        self.assertTrue(what())

    def connected(self):
        """Whether the far worker has connections that it takes for alive."""
        table = subprocess.run([*self.link.far.enter, "cat", "/proc/net/tcp"], check=True, capture_output=True, text=True).stdout
        return any(line.split()[3] == "01" for line in table.splitlines()[1:])

    def test_a_job_whose_worker_fell_silent_ends_once_and_both_ends_notice(self):
        server = self.serve("server")
        self.deploy(server, "u/admin/tick", f"for n in {{1..40}}; do echo \"$$ $(date +%s.%N)\" >> {self.marks}; sleep 0.1; done; echo $$")
        self.deploy(server, "u/admin/far", "echo far", tag="far")
        far = self.work("far", self.url.replace("127.0.0.1", HERE), "--tags", "bash,far", before=self.link.far.enter)
        far.ready()
        job = self.call(server, "POST", "/jobs/run/p/u/admin/tick", {})
        self.within(PATIENCE, lambda: os.path.exists(self.marks))
        self.link.cut()
        cut = time.monotonic()
        self.work("near").ready()
        self.assertTrue(self.all_ended())
        marks = {}
        for line in pathlib.Path(self.marks).read_text(encoding="utf-8").splitlines():
            process, when = line.split()
            marks.setdefault(process, []).append(float(when))
        first, second = marks.values()
        self.assertLess(first[-1], second[0])
        self.assertEqual(len(second), 40)
        state = f"SELECT state, attempt, convert_from(result, 'UTF8') FROM job WHERE id = '{job}'"
        self.assertEqual(self.database.query(state, "arras"), f'2|2|"{list(marks)[1]}"')
        self.assertIn("[attempt 1 was lost", self.call(server, "GET", f"/jobs_u/get_logs/{job}"))
        self.workers(server, lambda found: list(found) == ["near"])
        self.assertLess(time.monotonic() - cut, SECONDS)
        self.within(cut + SECONDS - time.monotonic(), lambda: not self.connected())
        self.link.heal()
        self.assertEqual(sorted(self.workers(server, lambda found: "far" in found)), ["far", "near"])
        self.assertEqual(self.call(server, "POST", "/jobs/run_wait_result/p/u/admin/far", {}), '"far"')
        self.assertEqual(self.database.query(state, "arras"), f'2|2|"{list(marks)[1]}"')
        self.assertEqual(far.stop(), 0)


def main():
    described.install()
    if not postgres.folder():
        print("PostgreSQL is not installed")
        sys.exit(77)
    if INSIDE not in os.environ:
        unshare = ["unshare", "--net", *([] if os.getuid() == 0 else ["--user", "--map-current-user", "--keep-caps"])]
        veth = "ip link add arras-test type veth peer name arras-peer"
        if not all(map(shutil.which, ("ip", "unshare", "nsenter"))) or \
                subprocess.run([*unshare, "sh", "-c", veth], check=False, stderr=subprocess.DEVNULL).returncode:
            print("this machine allows no network namespaces")
            sys.exit(77)
        os.execvpe("unshare", [*unshare, sys.executable, *sys.argv], dict(os.environ, **{INSIDE: "1"}))
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)


if __name__ == "__main__":
    main()
