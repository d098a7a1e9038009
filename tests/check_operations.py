#!/usr/bin/env python3
"""The query parameters that the job server's API reads are those that operations.json describes, and each operation is
asked by a test.

usage: check_operations.py [ROOT]
"""
import json
import pathlib
import re
import sys

READ = re.compile(r'(?:\bar_param_\w+|\bread_names|\badd_each)\(\s*call,\s*"(\w+)"|\bPARAM\("(\w+)"')
TESTS = 'tests/unit/jobs/*.c'
IGNORED = 'Makes no difference.'


def problems(root):
    folder = pathlib.Path(root, 'src/jobs/api')
    data = json.loads((folder / 'operations.json').read_text())
    source = '\n'.join(path.read_text() for path in sorted(folder.glob('*.c')))
    described, sets = data['parameters'], data['parameterSets']
    used = {'token'}.union(*sets.values())
    for operation in data['operations']:
        names = operation.get('query', [])
        for name in names:
            if name.lstrip('@') not in (sets if name.startswith('@') else described):
                yield f'{operation["operationId"]}: {name} is not described'
        used.update(name for name in names if not name.startswith('@'))
    for name in sorted({first or second for first, second in READ.findall(source)} - set(described)):
        yield f'{name} is read and not described'
    for name, parameter in described.items():
        if parameter['description'] != IGNORED and f'"{name}"' not in source:
            yield f'{name} is described and not read'
        if name not in used:
            yield f'{name} is described and no operation has it'


def needs_nothing(operation):
    """Whether test_api_access.c asks it: what is not there, and what is read without an argument."""
    path = operation['path'].removeprefix('/w/{workspace}')
    return operation['status'] == 501 or (operation['method'] == 'GET' and '{' not in path)


def unasked(root):
    data = json.loads(pathlib.Path(root, 'src/jobs/api/operations.json').read_text())
    tests = '\n'.join(path.read_text() for path in sorted(pathlib.Path(root).glob(TESTS)))
    for operation in data['operations']:
        if not needs_nothing(operation) and f'"{operation["operationId"]}"' not in tests:
            yield f'{operation["operationId"]} is asked by no test'


def main(arguments):
    root = arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent
    found = [*problems(root), *unasked(root)]
    print('\n'.join(found))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
