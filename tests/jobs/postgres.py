"""A PostgreSQL server of the test's own: initdb in a temporary directory, on a port the system picks.

As a program: postgres.py PROGRAM... runs each program with ARRAS_TEST_POSTGRES, the URL of an empty database of its own,
and stops the server. Exit status 77, which Meson counts as skipped, where PostgreSQL is not installed.
"""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


def folder():
    """Where the server's programs are, or None."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), reverse=True)
    found += os.environ.get("PATH", "").split(os.pathsep)
    for path in found:
        if all(os.access(os.path.join(path, name), os.X_OK) for name in ("initdb", "postgres", "psql")):
            return path
    return None


class Postgres:
    """Listens on 127.0.0.1 and keeps its files in a folder of its own. The user is "arras", without a password, from `networks` too."""

    def __init__(self, *settings, durable=False, networks=()):
        self.programs = folder()
        self.path = tempfile.mkdtemp(prefix="arras-test-postgres-")
        self.data = os.path.join(self.path, "data")
        self.log = os.path.join(self.path, "log")
        self.process = None
        # PostgreSQL refuses to run as root.
        self.user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        if self.user:
            os.chown(self.path, self.user.pw_uid, self.user.pw_gid)
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self._run("initdb", "-D", self.data, "-U", "arras", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(f"listen_addresses = '{'*' if networks else '127.0.0.1'}'\nport = {self.port}\nunix_socket_directories = ''\n")
            file.write(f"fsync = {'on' if durable else 'off'}\nshared_buffers = 16MB\nmax_connections = 100\n")
            file.writelines(setting + "\n" for setting in settings)
        with open(os.path.join(self.data, "pg_hba.conf"), "a", encoding="utf-8") as file:
            file.writelines(f"host all all {network} trust\n" for network in networks)
        self.start()

    def _options(self):
        if not self.user:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def _run(self, program, *words, **options):
        subprocess.run([os.path.join(self.programs, program), *words], check=True, stdout=subprocess.DEVNULL, cwd="/",
                       **self._options(), **options)

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([os.path.join(self.programs, "postgres"), "-D", self.data], stdout=log,
                                            stderr=log, cwd="/", **self._options())
        for _ in range(300):
            if self.query("SELECT 1", check=False) == "1":
                return
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start: " + open(self.log, encoding="utf-8", errors="replace").read())

    def stop(self, how=signal.SIGINT):
        """SIGINT: fast; SIGQUIT: immediate, as after a crash."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def query(self, sql, database="postgres", check=True):
        """The rows, columns separated by |."""
        done = subprocess.run([os.path.join(self.programs, "psql"), "-XAtq", "-h", "127.0.0.1", "-p", str(self.port),
                               "-U", "arras", "-c", sql, database], capture_output=True, text=True, check=check, cwd="/")
        return done.stdout.strip()

    def database(self, name):
        """The URL of a new, empty database."""
        self.query(f"CREATE DATABASE {name}")
        return f"postgres://arras@127.0.0.1:{self.port}/{name}"

    def close(self):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main():
    if not folder():
        print("PostgreSQL is not installed")
        sys.exit(77)
    failed = []
    with Postgres() as server:
        for number, program in enumerate(sys.argv[1:]):
            environment = dict(os.environ, ARRAS_TEST_POSTGRES=server.database(f"arras_{number}"))
            started = time.monotonic()
            if subprocess.run([program], env=environment, check=False).returncode:
                failed.append(program)
            print(f"{program}: {time.monotonic() - started:.1f} s", flush=True)
    sys.exit("failed: " + " ".join(failed) if failed else 0)


if __name__ == "__main__":
    main()
