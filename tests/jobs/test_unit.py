#!/usr/bin/env python3
"""That systemd takes the unit as it is, with the program of this build in it.

usage: test_unit.py PROGRAM UNIT

Exit status 77, which Meson counts as skipped, where systemd-analyze is not installed.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM, UNIT = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])


class Unit(unittest.TestCase):
    def verify(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "arras.service")
            path.write_text(text, encoding="utf-8")
            return subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(path)], capture_output=True,
                                  text=True, timeout=60, check=False)

    def test_systemd_has_nothing_to_say_against_it(self):
        text, count = re.subn(r"(?m)^(Exec\w+=)\S+/arras ", rf"\1{PROGRAM} ", UNIT.read_text(encoding="utf-8"))
        self.assertEqual(count, 2)
        done = self.verify(text)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        wrong = self.verify(text.replace("RestartSec=", "RestartSeconds="))
        self.assertIn("RestartSeconds", wrong.stderr)


if __name__ == "__main__":
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is not installed")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
