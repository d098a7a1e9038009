"""A job server of a benchmark's own, on a free port with data of its own, and what it takes of the machine."""
import ctypes
import http.client
import json
import os
import pathlib
import resource
import subprocess
import threading
import time

TICKS = os.sysconf('SC_CLK_TCK')
LATEST = 9_999_999_999_999  # milliseconds: later than any job's time


def parents():
    """The parent of every process."""
    found = {}
    for entry in pathlib.Path('/proc').iterdir():
        try:
            if entry.name.isdigit():
                found[int(entry.name)] = int((entry / 'stat').read_text().rpartition(')')[2].split()[1])
        except OSError:
            pass
    return found


def family(pid):
    """The process and all that it started, directly or not."""
    known, members, newest = parents(), set(), {pid}
    while newest:
        members |= newest
        newest = {child for child, parent in known.items() if parent in newest} - members
    return members


def adopt_orphans():
    """Makes this process the parent of processes that theirs leaves behind: bubblewrap ends before what runs in it, and without
    having waited for it."""
    subreaper = 36  # PR_SET_CHILD_SUBREAPER
    if ctypes.CDLL(None, use_errno=True).prctl(subreaper, 1, 0, 0, 0):
        raise SystemExit(f'prctl: {os.strerror(ctypes.get_errno())}')


def reap():
    """Lets orphans go that have ended: thousands of them make /proc slow to read."""
    while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid not in Server.pids:
        os.waitpid(ended.si_pid, 0)


def ended_processor(pause=0.05):
    """Seconds of processor of all children of this process that have ended, and of orphans."""
    time.sleep(pause)  # an orphan may need a moment to end
    reap()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def waited_for(pid):
    """Seconds of processor of those children that the process has waited for."""
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[13]) + int(fields[14])) / TICKS


def threads(pid):
    """(seconds on a processor, times that a thread woke up) of the threads that live."""
    nanoseconds = wakes = 0
    for task in pathlib.Path(f'/proc/{pid}/task').iterdir():
        nanoseconds += int((task / 'schedstat').read_text().split()[0])
        wakes += next(int(line.split()[1]) for line in (task / 'status').read_text().splitlines()
                      if line.startswith('voluntary_ctxt_switches'))
    return nanoseconds / 1e9, wakes


def memory(pid, what):
    """KiB: 'Pss' shares what several processes have, 'Rss' does not."""
    return next(int(line.split()[1]) for line in pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text().splitlines()
                if line.startswith(what + ':'))


class Server:
    """`arras serve`; `database` is a Postgres (tests/jobs/postgres.py) and a name there, or None for SQLite."""
    pids = set()  # of all servers and databases

    def __init__(self, program, directory, workers, database=None, more=()):
        ready = pathlib.Path(directory, 'ready.json')
        self.postgres = database[0] if database else None
        store = ['--db', self.postgres.database(database[1])] if database else []
        self.process = subprocess.Popen(
            [program, 'serve', '--port', '0', '--data', str(pathlib.Path(directory, 'data')), '--ready-file', str(ready),
             '--workers', str(workers), '--log-level', 'error', *store, *more], stdout=subprocess.DEVNULL)
        while not ready.exists():
            if self.process.poll() is not None:
                raise SystemExit('the server did not start')
            time.sleep(0.01)
        self.access = json.loads(ready.read_text())
        self.pid = self.process.pid
        Server.pids |= {self.pid, self.postgres.process.pid} if database else {self.pid}
        self.own = threading.local()  # each thread's connection

    def ask(self, method, path, body=None):
        """The answer's text."""
        idle = hasattr(self.own, 'http')
        if not idle:
            self.own.http = http.client.HTTPConnection(self.access['url'].partition('//')[2])
        try:
            self.own.http.request(method, f'/api/w/{self.access["workspace"]}{path}', None if body is None else json.dumps(body),
                                  {'Authorization': f'Bearer {self.access["token"]}', 'Content-Type': 'application/json'})
            answer = self.own.http.getresponse()
        except (ConnectionError, http.client.RemoteDisconnected):
            if not idle:
                raise
            del self.own.http  # the server had closed it, for nothing was asked for long
            return self.ask(method, path, body)
        text = answer.read().decode()
        if answer.status >= 300:
            raise SystemExit(f'{path}: {answer.status} {text}')
        return text

    def deploy(self, path, language, code):
        self.ask('POST', '/scripts/create', {'path': path, 'summary': '', 'description': '', 'content': code, 'language': language})

    def submit(self, path, arguments):
        return self.ask('POST', f'/jobs/run/p/{path}', arguments)

    def run(self, path, arguments):
        """The job's result, once it has come."""
        return json.loads(self.ask('POST', f'/jobs/run_wait_result/p/{path}', arguments))

    def waiting(self):
        """How many jobs nobody runs yet."""
        return json.loads(self.ask('GET', f'/jobs/queue/position/{LATEST}'))['position'] or 0

    def succeeded(self):
        """How many jobs have, so far."""
        return int(self.ask('GET', '/jobs/completed/count_jobs?success=true'))

    def processor(self):
        """Seconds of the server and its database, without the jobs."""
        seconds = threads(self.pid)[0]
        if self.postgres:
            master = self.postgres.process.pid
            seconds += waited_for(master) + sum(threads(pid)[0] for pid in family(master))
        return seconds

    def jobs_processor(self):
        """Seconds of the jobs that have ended, and their sandboxes."""
        return waited_for(self.pid) + ended_processor()

    def sandbox(self):
        """bubblewrap's command line for a job that runs or is waited for, up to the job's own command."""
        end = time.monotonic() + 30  # a job is told to run before its sandbox is made
        while time.monotonic() < end:
            for pid in family(self.pid):
                words = pathlib.Path(f'/proc/{pid}/cmdline').read_text().split('\0')
                if words[0] == 'bwrap':
                    return words[:words.index('--') + 1]
            time.sleep(0.02)
        raise SystemExit('no job runs in a sandbox')

    def stop(self):
        self.process.terminate()
        self.process.wait()
