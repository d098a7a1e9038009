#!/usr/bin/env python3
"""Holds together the warnings that the library can give, docs/tolerances.md and the conformance cases.

usage: check_tolerances.py [ROOT]    Prints what differs. Exits 1 where something does.

Each warning's rule has a row in the page, each row a warning in the source, and each rule a case that expects it, or a
test of the program in tests/cli, as "[rule]".
"""
import pathlib
import re
import sys

FOLDERS = ['src/value', 'src/openapi', 'src/arazzo', 'src/run', 'src/drive']
WARNING = re.compile(r'\bar_(?:warning|deviation)\([^"]*?"([a-z0-9-]+)"', re.DOTALL)
ROW = re.compile(r'^\| ([a-z0-9-]+) \| ', re.MULTILINE)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    given = set()
    for folder in FOLDERS:
        for path in (root / folder).glob('*.c'):
            given |= set(WARNING.findall(path.read_text()))
    page = (root / 'docs/tolerances.md').read_text()
    told = set(ROW.findall(page.split('## Rules')[1].split('\n## ')[0])) - {'rule'}
    shown = set()
    for path in (root / 'tests/conformance/cases').rglob('*.case'):
        for section in re.findall(r'^=== warnings\n(.*?)(?=^===|\Z)', path.read_text(), re.MULTILINE | re.DOTALL):
            shown |= set(section.split())
    for path in (root / 'tests/cli').glob('*.py'):
        shown |= set(re.findall(r'\[([a-z0-9-]+)\]', path.read_text()))
    wrong = [f'{rule}: a warning without a row in docs/tolerances.md' for rule in sorted(given - told)]
    wrong += [f'{rule}: a row in docs/tolerances.md, but no warning in the source' for rule in sorted(told - given)]
    wrong += [f'{rule}: no case expects it' for rule in sorted(given & told - shown)]
    for line in wrong:
        print(line)
    return 1 if wrong or not given else 0


if __name__ == '__main__':
    sys.exit(main())
