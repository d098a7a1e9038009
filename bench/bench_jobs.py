#!/usr/bin/env python3
"""What a job costs beside the bare start of the same interpreter in the same sandbox.

usage: bench_jobs.py ARRAS [--runs N] [--warm N]

A server of its own, on a free port, with data of its own. Jobs are submitted one after the other over one connection, and each
answer is awaited: the time is from before the submission is sent until its result has come. The floor is posix_spawn of
bubblewrap, with the namespaces and mounts of a job, and in it the interpreter with a script that does the same, until it has ended.
Floor and job take turns. The figure is the ratio of the medians; "total" is the time of all, of 40 tasks in a row.
"""
import argparse
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

SANDBOX = ['/usr/bin/bwrap', '--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--uid', '1000', '--gid', '1000',
           '--hostname', 'job', '--ro-bind', '/usr', '/usr', '--ro-bind-try', '/etc/alternatives', '/etc/alternatives',
           '--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache', '--ro-bind-try', '/etc/ssl/certs', '/etc/ssl/certs',
           '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/dev/shm', '--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib',
           '--symlink', 'usr/lib64', '/lib64', '--tmpfs', '/tmp', '--']

FIBONACCI = 'def fibo(n: int):\n    return n if n <= 1 else fibo(n - 1) + fibo(n - 2)\n'
FIBONACCI_TS = 'function fibo(n) { return n <= 1 ? n : fibo(n - 1) + fibo(n - 2) }\n'
# name, language, script, arguments, the floor's command
TASKS = [
    ('bash, nothing to do', 'bash', 'true', {}, ['/bin/bash', '-c', 'true']),
    ('python3, fibo(10)', 'python3', FIBONACCI + 'def main(n: int):\n    return fibo(n)\n', {'n': 10},
     ['/usr/bin/python3', '-I', '-c', FIBONACCI + 'print(fibo(10))']),
    ('bun (Node.js), fibo(10)', 'bun', FIBONACCI_TS.replace('(n)', '(n: number)', 1) + 'export function main(n: number) { return fibo(n) }\n',
     {'n': 10}, ['/usr/bin/node', '-e', FIBONACCI_TS + 'console.log(fibo(10))']),
]


def spawn(command):
    """Seconds from posix_spawn to the end."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0)]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, {'PATH': '/usr/bin:/bin'}, file_actions=quiet)
    status = os.waitpid(pid, 0)[1]
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f'{command} ended with {status}')
    return seconds


class Server:
    def __init__(self, program, directory, warm):
        ready = pathlib.Path(directory) / 'ready.json'
        more = [] if warm is None else ['--warm', str(warm)]
        self.process = subprocess.Popen([program, 'serve', '--port', '0', '--data', f'{directory}/data', '--ready-file', str(ready), *more],
                                        stdout=subprocess.DEVNULL)
        while not ready.exists():
            if self.process.poll() is not None:
                raise SystemExit('the server did not start')
            time.sleep(0.01)
        self.access = json.loads(ready.read_text())
        self.http = http.client.HTTPConnection(self.access['url'].partition('//')[2])

    def ask(self, method, path, body):
        self.http.request(method, f'/api/w/{self.access["workspace"]}{path}', json.dumps(body),
                          {'Authorization': f'Bearer {self.access["token"]}', 'Content-Type': 'application/json'})
        answer = self.http.getresponse()
        text = answer.read().decode()
        if answer.status >= 300:
            raise SystemExit(f'{path}: {answer.status} {text}')
        return text

    def deploy(self, path, language, code):
        self.ask('POST', '/scripts/create', {'path': path, 'summary': '', 'description': '', 'content': code, 'language': language})

    def run(self, path, arguments):
        """Seconds from before the submission until its result is there."""
        start = time.perf_counter()
        self.ask('POST', f'/jobs/run_wait_result/p/{path}', arguments)
        return time.perf_counter() - start

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def memory(self):
        """(resident KiB, processor seconds) of the server and what it started."""
        own = self.process.pid
        parents = {}
        for entry in pathlib.Path('/proc').iterdir():
            try:
                if entry.name.isdigit():
                    parents[int(entry.name)] = int((entry / 'stat').read_text().rpartition(')')[2].split()[1])
            except OSError:
                pass
        family = {own}
        for _ in range(8):
            family |= {pid for pid, parent in parents.items() if parent in family}
        kib = ticks = 0
        for pid in family:
            stat = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
            ticks += int(stat[11]) + int(stat[12])
            kib += int(next(line for line in pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text().split('\n')
                            if line.startswith('Pss:')).split()[1])
        return kib, ticks / os.sysconf('SC_CLK_TCK')


def compare(server, number, task, runs):
    name, language, code, arguments, command = task
    path = f'u/admin/bench{number}'
    server.deploy(path, language, code)
    server.run(path, arguments)  # seen once
    spawn(SANDBOX + command)
    time.sleep(1)
    floors, jobs = [], []
    for _ in range(runs):
        floors.append(spawn(SANDBOX + command))
        jobs.append(server.run(path, arguments))
    start = time.perf_counter()
    for _ in range(40):
        spawn(SANDBOX + command)
    floor_total = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(40):
        server.run(path, arguments)
    job_total = time.perf_counter() - start
    floor, job = statistics.median(floors), statistics.median(jobs)
    print(f'{name:26} floor {floor * 1e3:6.1f} ms  job {job * 1e3:6.1f} ms  ratio {job / floor:5.2f}   '
          f'40 in a row: floor {floor_total:6.3f} s  jobs {job_total:6.3f} s  ratio {job_total / floor_total:5.2f}', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('arras')
    parser.add_argument('--runs', type=int, default=40)
    parser.add_argument('--warm', type=int)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        server = Server(given.arras, directory, given.warm)
        try:
            before = server.memory()
            time.sleep(5)
            after = server.memory()
            print(f'idle server: {after[0] / 1024:.1f} MiB (proportional), {after[1] - before[1]:.2f} s of processor in 5 s')
            for number, task in enumerate(TASKS):
                if os.path.exists(task[4][0]):
                    compare(server, number, task, given.runs)
        finally:
            server.stop()


if __name__ == '__main__':
    main()
