"""What the tests of several servers and workers stand on: a PostgreSQL, processes that share it, and a wire that can be cut."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

import postgres

PROGRAM = os.path.abspath(sys.argv[1])
PATIENCE = 60


class Process:
    """`arras serve` or `arras worker`, started again after each death."""

    def __init__(self, folder, name, *words, sandbox="none", before=()):
        self.ready_file = pathlib.Path(folder, name + ".json")
        self.log = open(pathlib.Path(folder, name + ".log"), "ab")
        self.command = [*before, PROGRAM, *words, *(["--sandbox", sandbox] if sandbox else []), "--lease", "3", "--ready-file",
                        str(self.ready_file)]
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


class Machines(unittest.TestCase):
    networks = ()  # from which PostgreSQL is reached, besides this machine

    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = held.name
        self.database = postgres.Postgres("log_statement = 'all'", "log_checkpoints = off", durable=True, networks=self.networks)
        self.addCleanup(self.database.close)
        self.url = self.database.database("arras")
        self.marks = os.path.join(self.folder, "marks")
        self.processes = []

    def start(self, name, *words, **options):
        process = Process(self.folder, name, *words, **options)
        self.processes.append(process)
        self.addCleanup(lambda: (process.process.kill(), process.process.wait(), process.log.close()))
        return process

    def serve(self, name, url=None):
        return self.start(name, "serve", "--port", "0", "--db", url or self.url, "--workers", "0", "--data",
                          os.path.join(self.folder, name), "--key-file", os.path.join(self.folder, "key"))

    def work(self, name, url=None, *words, **options):
        return self.start(name, "worker", "--db", url or self.url, "--workers", "2", "--name", name, *words, **options)

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

    def all_ended(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.database.query("SELECT count(*) FROM job WHERE state <= 1", "arras", check=False) == "0":
                return True
            time.sleep(0.2)
        return False

    def restart_database(self):
        self.database.stop(signal.SIGQUIT)
        self.database.start()

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
