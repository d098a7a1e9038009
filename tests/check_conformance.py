#!/usr/bin/env python3
"""Holds together docs/conformance.md and the conformance cases.

usage: check_conformance.py [ROOT]    Prints what differs. Exits 1 where something does.

Each row names a case at least and says what came of it; each case that is named exists, and each that exists is named.
"""
import pathlib
import re
import sys

CELLS = re.compile(r'(?<!\\)\|')
CASE = re.compile(r'`([a-z0-9-]+/[a-z0-9-]+)`')
RESULT = re.compile(r'(holds|does not hold|not supported)\b')


def rows_of(page):
    """(line number, cells) of each row that is no heading."""
    for number, line in enumerate(page.split('\n'), 1):
        cells = [cell.strip() for cell in CELLS.split(line)][1:-1]
        if line.startswith('|') and not line.startswith('|--') and cells[-1] != 'result':
            yield number, cells


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    folder = root / 'tests/conformance/cases'
    cases = {path.relative_to(folder).with_suffix('').as_posix() for path in folder.rglob('*.case')}
    named, wrong = set(), []
    for number, cells in rows_of((root / 'docs/conformance.md').read_text()):
        found = CASE.findall(cells[-2])
        named |= set(found)
        if not found:
            wrong.append(f'docs/conformance.md:{number}: no case')
        if not RESULT.match(cells[-1]):
            wrong.append(f'docs/conformance.md:{number}: no result')
        wrong += [f'docs/conformance.md:{number}: {case}: there is no such case' for case in found if case not in cases]
    wrong += [f'{case}: not in docs/conformance.md' for case in sorted(cases - named)]
    for line in wrong:
        print(line)
    return 1 if wrong or not cases else 0


if __name__ == '__main__':
    sys.exit(main())
