"""What the tests of a running server share: starting `arras serve` and stopping it. What it answers is held against the
description of its operations."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'jobs'))
import described  # pylint: disable=wrong-import-position

SECONDS = 60


def sandbox_options():
    """None where this machine can sandbox jobs, else what has to be said."""
    tried = subprocess.run(['bwrap', '--ro-bind', '/', '/', '--unshare-all', 'true'], capture_output=True, check=False)
    return [] if tried.returncode == 0 else ['--sandbox', 'none']


class Server:
    """A server of its own: `with Server(program, folder) as server: ...`"""

    def __init__(self, program, folder, *options):
        self.ready_file = pathlib.Path(folder, 'ready.json')
        self.command = [program, 'serve', '--port', '0', '--data', str(pathlib.Path(folder, 'data')), '--ready-file',
                        str(self.ready_file), *sandbox_options(), *options]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + SECONDS
        while not self.ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise AssertionError(f'no server: {self.process.communicate()}')
            time.sleep(0.02)
        self.ready = json.loads(self.ready_file.read_text())
        self.environment = dict(os.environ, ARRAS_SERVER=self.ready['url'], ARRAS_TOKEN=self.ready['token'],
                                ARRAS_WORKSPACE=self.ready['workspace'])
        return self

    def stop(self, number=signal.SIGTERM):
        """The exit status, standard output and standard error."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out, err

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


class Case(unittest.TestCase):
    program = None  # set by main

    def setUp(self):
        self.held = tempfile.TemporaryDirectory()
        self.folder = self.held.name
        self.addCleanup(self.held.cleanup)

    def write(self, name, text):
        path = pathlib.Path(self.folder, name)
        path.write_text(text)
        return str(path)

    def run_arras(self, *words, environment=None):
        return subprocess.run([self.program, *words], capture_output=True, text=True, timeout=SECONDS, check=False,
                              cwd=self.folder, env=environment or dict(os.environ), stdin=subprocess.DEVNULL)


def main(arguments):
    """The program is the first argument."""
    described.install()
    Case.program = str(pathlib.Path(arguments[1]).resolve())
    unittest.main(argv=[arguments[0]], verbosity=2)
