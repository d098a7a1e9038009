#!/usr/bin/env python3
"""What a job costs beside the bare start of the same interpreter in the same sandbox.

usage: bench_jobs.py ARRAS [--store sqlite|postgres] [--runs N] [--rounds N] [--burst N] [--queued N] [--workers N] [--quick]

Servers of its own, one on SQLite, one on a PostgreSQL of its own where that is installed. The floor is posix_spawn of bubblewrap
with a job's own command line, and in it the interpreter with a script that does the same, until it has ended. Floor and jobs
take turns, so that whatever else the machine does meets both; figures are ratios of medians. README.md says what each line is.
Every result is looked at; --quick is few of each, for that alone.
"""
import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'tests' / 'jobs'))

import job_server  # noqa: E402
import postgres  # noqa: E402

FIBONACCI = 'def fibo(n: int):\n    return n if n <= 1 else fibo(n - 1) + fibo(n - 2)\n'
FIBONACCI_TS = 'function fibo(n) { return n <= 1 ? n : fibo(n - 1) + fibo(n - 2) }\n'
# name, language, script, arguments, result, the floor's command
BASH = ('bash, nothing', 'bash', 'true', {}, '', ['/bin/bash', '-c', 'true'])
PYTHON = ('python3, fibo(10)', 'python3', FIBONACCI + 'def main(n: int):\n    return fibo(n)\n', {'n': 10}, 55,
          ['/usr/bin/python3', '-I', '-c', FIBONACCI + 'print(fibo(10))'])
NODE = ('bun, fibo(10)', 'bun',
        FIBONACCI_TS.replace('(n)', '(n: number)', 1) + 'export function main(n: number) { return fibo(n) }\n', {'n': 10}, 55,
        ['/usr/bin/node', '-e', FIBONACCI_TS + 'console.log(fibo(10))'])
BUBBLEWRAP = shutil.which('bwrap')
IN_A_ROW = 40  # light tasks of Windmill's published benchmark, one after the other
MILLI = 1e3


def path_of(task):
    return 'u/admin/bench_' + task[1]


class Sandbox:
    """A job's own: bubblewrap's command line as the server gave it to a job, without the system calls' filter."""

    def __init__(self, server):
        server.deploy('u/admin/hold', 'bash', 'sleep 3600')
        with held_up(server, 1):
            job = server.sandbox()
        self.command, self.files, words = [BUBBLEWRAP], [(os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0)], iter(job[1:])
        for word in words:
            if word in ('--seccomp', '--info-fd'):
                next(words)
                continue
            self.command.append(word)
            if word == '--file':
                number, place = next(words), next(words)
                self.command += [number, place]
                self.files.append((os.POSIX_SPAWN_OPEN, int(number), place, os.O_RDONLY, 0))

    def spawn(self, command):
        """Seconds from posix_spawn to the end."""
        start = time.perf_counter()
        pid = os.posix_spawn(BUBBLEWRAP, self.command + command, {'PATH': '/usr/bin:/bin'}, file_actions=self.files)
        status = os.waitpid(pid, 0)[1]
        seconds = time.perf_counter() - start
        if status:
            raise SystemExit(f'{command} ended with {status}')
        return seconds


def run(server, task):
    """Seconds from before the submission until its result is there."""
    start = time.perf_counter()
    result = server.run(path_of(task), task[3])
    seconds = time.perf_counter() - start
    if result != task[4]:
        raise SystemExit(f'{task[0]}: the result is {result!r}')
    return seconds


def say(what, text):
    print(f'  {what:44}{text}', flush=True)


def compare(what, floors, jobs, note=''):
    floor, job = statistics.median(floors), statistics.median(jobs)
    say(what, f'floor {floor * MILLI:8.2f} ms  jobs {job * MILLI:8.2f} ms  ratio {job / floor if floor else 1:5.2f}{note}')


def late(values):
    return sorted(values)[int(len(values) * 0.95)]


def one_at_a_time(server, sandbox, task, options):
    floors, jobs = [], []
    for _ in range(options.runs):
        floors.append(sandbox.spawn(task[5]))
        jobs.append(run(server, task))
    compare(f'{task[0]}: one', floors, jobs, note=f'   of 95 %: {late(jobs) / late(floors):5.2f}')


def in_a_row(server, sandbox, task, options):
    floors, jobs = [], []
    for _ in range(options.rounds):
        cpu = job_server.ended_processor()
        floor = sum(sandbox.spawn(task[5]) for _ in range(options.row))
        floors.append((floor, job_server.ended_processor() - cpu))
        cpu = server.processor() + server.jobs_processor()
        job = sum(run(server, task) for _ in range(options.row))
        jobs.append((job, server.processor() + server.jobs_processor() - cpu))
    for number, what in enumerate(('', ', processor')):
        compare(f'{task[0]}: {options.row} in a row{what}', [pair[number] for pair in floors], [pair[number] for pair in jobs])


def spawn_all(sandbox, command, count, workers):
    """Seconds until all have ended, so many at a time."""
    start = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(sandbox.spawn, [command] * count):
            pass
    return time.perf_counter() - start


@contextlib.contextmanager
def held_up(server, workers):
    """All workers are busy until it ends: what is submitted meanwhile waits."""
    held = [server.submit('u/admin/hold', {}) for _ in range(workers)]
    while server.waiting():
        time.sleep(0.02)
    yield
    for job in held:
        server.ask('POST', f'/jobs_u/queue/cancel/{job}', {'reason': 'go on'})


class Drained:
    """`count` jobs wait, then run: seconds and seconds of processor (server and database) of one, to submit and to run it."""

    def __init__(self, server, task, count, workers):
        path, arguments = path_of(task), task[3]
        before = server.succeeded()
        with held_up(server, workers):
            cpu, start = server.processor(), time.perf_counter()
            for _ in range(count - 1):
                server.submit(path, arguments)
            self.submit = (time.perf_counter() - start) / count
            self.submit_processor = (server.processor() - cpu) / count
            # the last one is waited for, which nobody needs to ask about then
            last = threading.Thread(target=server.run, args=(path, arguments))
            last.start()
            while server.waiting() < count:
                time.sleep(0.01)
            job_server.reap()
            cpu = server.processor()
        start = time.perf_counter()
        while last.is_alive():
            last.join(0.5)
            job_server.reap()
        self.run = (time.perf_counter() - start) / count
        time.sleep(0.2)  # those that began before it and ended after
        self.run_processor = (server.processor() - cpu) / count
        if server.succeeded() != before + count:
            raise SystemExit(f'{server.succeeded() - before} of {count} jobs succeeded')


def at_once(server, sandbox, task, options):
    floors, jobs = [], []
    for _ in range(options.rounds):
        floors.append(spawn_all(sandbox, task[5], options.burst, options.workers) / options.burst)
        jobs.append(Drained(server, task, options.burst, options.workers).run)
    compare(f'{task[0]}: {options.burst}, {options.workers} at a time', floors, jobs, note=f'   {1 / statistics.median(jobs):.0f} jobs/s')


def queue_depth(server, options):
    """What one of many that wait costs, beside one of few."""
    few = [Drained(server, BASH, options.few, options.workers) for _ in range(options.rounds)]
    many = Drained(server, BASH, options.queued, options.workers)
    few += [Drained(server, BASH, options.few, options.workers) for _ in range(options.rounds)]
    for what, name in (('submitted', 'submit'), ('run', 'run'), ('submitted, processor', 'submit_processor'), ('run, processor', 'run_processor')):
        one, other = statistics.median(getattr(drained, name) for drained in few), getattr(many, name)
        say(f'one of {options.queued} queued, {what}',
            f'of {options.few}: {one * MILLI:6.2f} ms   of {options.queued}: {other * MILLI:6.2f} ms   ratio {other / one if one else 1:5.2f}')


@contextlib.contextmanager
def statements(server):
    """Has PostgreSQL log each statement; yields a function that counts them."""
    if not server.postgres:
        yield lambda: None
        return
    database, log = server.postgres, pathlib.Path(server.postgres.log)
    database.query("ALTER SYSTEM SET log_statement = 'all'")
    database.query('SELECT pg_reload_conf()')
    time.sleep(0.5)
    from_here = log.stat().st_size
    yield lambda: sum(b' statement: ' in line or b' execute ' in line for line in log.read_bytes()[from_here:].splitlines())
    database.query('ALTER SYSTEM RESET log_statement')
    database.query('SELECT pg_reload_conf()')


def idle(server, what, seconds):
    with statements(server) as count:
        cpu, wakes = job_server.threads(server.pid)
        time.sleep(seconds)
        after, woken = job_server.threads(server.pid)
        asked = count()
    tree = job_server.family(server.pid)
    own, everything = job_server.memory(server.pid, 'Rss'), sum(job_server.memory(pid, 'Pss') for pid in tree)
    text = '' if asked is None else f', {asked} statements'
    say(what, f'{own / 1024:.1f} MiB resident; with the {len(tree) - 1} processes that wait for jobs {everything / 1024:.1f} MiB; '
        f'in {seconds} s: {(after - cpu) * MILLI:.2f} ms of processor, {woken - wakes} wake-ups{text}')


def measure(server, options):
    idle(server, 'idle, just started', options.idle)
    sandbox = Sandbox(server)
    tasks = [task for task in (BASH, PYTHON, NODE) if os.path.exists(task[5][0])]
    for task in tasks:
        server.deploy(path_of(task), task[1], task[2])
        run(server, task)  # seen once
        sandbox.spawn(task[5])
        time.sleep(options.settle)
        one_at_a_time(server, sandbox, task, options)
        in_a_row(server, sandbox, task, options)
    for task in tasks:
        at_once(server, sandbox, task, options)
    queue_depth(server, options)
    time.sleep(options.spare)
    idle(server, 'idle, afterwards', options.idle)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('arras')
    parser.add_argument('--store', choices=('sqlite', 'postgres'), help='both unless given')
    parser.add_argument('--runs', type=int, default=60, help='of one at a time')
    parser.add_argument('--rounds', type=int, default=5, help='of several in a row, or at once')
    parser.add_argument('--burst', type=int, default=100, help='jobs at once')
    parser.add_argument('--queued', type=int, default=10000, help='jobs that wait')
    parser.add_argument('--workers', type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument('--quick', action='store_true', help='only see that all of it works')
    options = parser.parse_args()
    options.row, options.few, options.idle, options.settle, options.spare = IN_A_ROW, 100, 10, 1, 65
    if options.quick:
        options.runs, options.rounds, options.row, options.burst, options.few, options.queued = 1, 1, 2, 4, 4, 12
        options.idle = options.settle = options.spare = 0
    return options


def main():
    options = read_options()
    if not BUBBLEWRAP or subprocess.run([BUBBLEWRAP, '--unshare-all', '--ro-bind', '/', '/', '/bin/true'], check=False).returncode:
        print('no sandbox (bubblewrap) on this machine')
        sys.exit(77)
    job_server.adopt_orphans()
    with contextlib.ExitStack() as stack:
        stores = [name for name in ('sqlite', 'postgres') if options.store in (None, name)]
        if 'postgres' in stores and not postgres.folder():
            stores.remove('postgres')
            print('PostgreSQL is not installed: left out')
        for store in stores:
            database = (stack.enter_context(postgres.Postgres('shared_buffers = 128MB', durable=True)), 'bench') if store == 'postgres' else None
            directory = stack.enter_context(tempfile.TemporaryDirectory())
            print(f'{store}, {options.workers} workers:', flush=True)
            server = job_server.Server(options.arras, directory, options.workers, database)
            try:
                measure(server, options)
            finally:
                server.stop()


if __name__ == '__main__':
    main()
