#!/usr/bin/env python3
"""Reading and writing values against other libraries, on inputs made here.

usage: bench_values.py BUILD [OPENAPI.yml]

BUILD is the build folder's bench/ with the values_... programs. OPENAPI.yml, any large YAML description, is read as YAML
against libfyaml's own event loop and, turned to JSON, as the third JSON input.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

PROCESSES = 3
LIBRARIES = ['arras', 'simdjson', 'cjson', 'jsonc', 'jansson']


def records():
    """An array of records, as a list endpoint answers."""
    words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta']
    return [{'id': i, 'name': f'{words[i % 8]} {words[i // 8 % 8]}', 'email': f'user{i}@example.org', 'active': i % 3 == 0,
             'score': i * 37 % 1000 / 8, 'tags': [words[i % 7], words[i % 5]], 'created_at': f'2024-03-{i % 28 + 1:02d}T12:00:00Z',
             'note': 'said "hello"\n' * (i % 4 == 0), 'parent': None} for i in range(60000)]


def nested(depth=400, copies=150):
    """A response that is mostly structure: lists in objects in lists, 400 levels deep."""
    def one(levels):
        value = {'leaf': True}
        for level in range(levels // 2):
            value = {'level': level, 'children': [value]}
        return value
    return [one(depth) for _ in range(copies)]


def measure(folder, library, path):
    """Speeds of reading and writing, memory for a byte, speed of the first reading: the best of some processes."""
    if not (folder / f'values_{library}').exists():
        return None
    got = []
    for _ in range(PROCESSES):
        done = subprocess.run([folder / f'values_{library}', path], capture_output=True, text=True)
        if done.returncode:
            return None
        got.append([float(x) for x in done.stdout.split()])
    return [max(figures) for figures in zip(*got)]


def compare(folder, title, path):
    print(f'\n{title}, {path.stat().st_size / 1e6:.1f} MB')
    print(f'{"":10} {"read MB/s":>10} {"to ours":>8} {"write MB/s":>11} {"to ours":>8} {"memory/byte":>12} {"first read":>11} {"to ours":>8}')
    ours = measure(folder, 'arras', path)
    for library in LIBRARIES:
        got = ours if library == 'arras' else measure(folder, library, path)
        if not got or not ours:
            print(f'{library:10} not built, or cannot read it')
            continue
        write = f'{got[1]:11.0f} {got[1] / ours[1]:8.2f}' if got[1] else f'{"-":>11} {"-":>8}'
        print(f'{library:10} {got[0]:10.0f} {got[0] / ours[0]:8.2f} {write} {got[2]:12.2f} {got[3]:11.0f} {got[3] / ours[3]:8.2f}')


def main():
    folder = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        for title, value in [('an array of records', records()), ('a deeply nested response', nested())]:
            path = pathlib.Path(temporary) / 'input.json'
            path.write_text(json.dumps(value, separators=(',', ':')))
            compare(folder, title, path)
        if len(sys.argv) > 2:
            yaml = pathlib.Path(sys.argv[2])
            path = pathlib.Path(temporary) / 'openapi.json'
            done = subprocess.run([folder / 'values_convert', yaml], capture_output=True, check=True)
            path.write_bytes(done.stdout)
            compare(folder, f'{yaml.name} as JSON', path)
            ours, floor = (measure(folder, name, yaml)[0] for name in ('arras_yaml', 'libfyaml'))
            print(f'\n{yaml.name} as YAML: {ours:.1f} MB/s, libfyaml\'s bare event loop {floor:.1f} MB/s: {floor / ours:.2f} times its time')


if __name__ == '__main__':
    sys.exit(main())
