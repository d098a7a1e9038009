#!/usr/bin/env python3
"""Holds together the warnings that the library can give, docs/tolerances.md and the conformance cases.

usage: check_tolerances.py [ROOT]    Prints what differs. Exits 1 where something does.

Each warning's rule has a row in the page, each row a warning in the source, and each rule a case that expects it with its
place and its repair, and a case in each of the three settings: one that expects the warning or the error of that name, or
that says "spec: Arras, docs/tolerances.md, RULE". A test of the program in tests/cli, as "[rule]", stands for all of these.
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
    shown, placed = set(), set()
    settings = {'strict': set(), 'default': set(), 'lenient': set()}
    for path in (root / 'tests/conformance/cases').rglob('*.case'):
        text = path.read_text()
        names = set(re.findall(r'^spec: Arras, docs/tolerances\.md, (\S+)$', text, re.MULTILINE))
        names |= set(re.findall(r'^=== error\ncode: (\S+)$', text, re.MULTILINE))
        for section in re.findall(r'^=== warnings\n(.*?)(?=^===|\Z)', text, re.MULTILINE | re.DOTALL):
            rules = {line.split()[0] for line in section.split('\n') if line}
            shown |= rules
            names |= rules
            placed |= set(re.findall(r'^(\S+) .+?:\d+:\d+ .', section, re.MULTILINE))
        settings[(re.findall(r'^setting: (\w+)$', text, re.MULTILINE) or ['default'])[0]] |= names
    for path in (root / 'tests/cli').glob('*.py'):
        by_program = set(re.findall(r'\[([a-z0-9-]+)\]', path.read_text()))
        for proven in (shown, placed, *settings.values()):
            proven |= by_program
    wrong = [f'{rule}: a warning without a row in docs/tolerances.md' for rule in sorted(given - told)]
    wrong += [f'{rule}: a row in docs/tolerances.md, but no warning in the source' for rule in sorted(told - given)]
    wrong += [f'{rule}: no case expects it' for rule in sorted(given & told - shown)]
    wrong += [f'{rule}: no case shows its place and its repair' for rule in sorted(given & shown - placed)]
    wrong += [f'{rule}: no case by the setting {setting}' for setting, names in settings.items()
              for rule in sorted(given & told & shown - names)]
    for line in wrong:
        print(line)
    return 1 if wrong or not given else 0


if __name__ == '__main__':
    sys.exit(main())
