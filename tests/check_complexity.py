#!/usr/bin/env python3
"""Holds functions to a size that a reader can keep in mind: branches, lines and nesting.

Branches are counted as McCabe did, a switch as one however many cases it has. The C is read as clang-format leaves it (a
function's braces stand alone in the first column), so no compiler is needed.

usage: check_complexity.py [ROOT]    Prints each offender as FILE:LINE: function: what is too much. Exits 1 where there are any.
"""
import pathlib
import re
import sys

MOST_BRANCHES = 25
MOST_LINES = 80
MOST_NESTING = 4  # blocks within the function's own
# (file below ROOT, function) that may be longer, each with its reason.
ALLOWED = {}
FOLDERS = ['src', 'tests/unit', 'fuzz', 'bench']

BRANCH = re.compile(r'\b(?:if|for|while|switch)\b|&&|\|\||\?')
QUIET = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
NAME = re.compile(r'(\w+)\s*\(')


def functions_of(text):
    """(name, line, body lines) of each function."""
    text = QUIET.sub(lambda piece: re.sub(r'[^\n]', ' ', piece.group(0)), text)
    lines = re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', lambda p: '\n' * p.group(0).count('\n'), text,
                   flags=re.MULTILINE).split('\n')
    head, start = [], None
    for number, line in enumerate(lines, 1):
        if start is None and line == '{':
            start = number
        elif start is not None and line.startswith('}'):
            name = NAME.search(' '.join(head))
            yield name.group(1) if name else '?', start - len(head), lines[start:number - 1]
            head, start = [], None
        elif start is None:
            ends = not line.strip() or line.rstrip().endswith((';', '}', ','))
            head = head + [line] if not ends or (head and line.rstrip().endswith(',')) else []
            if line.rstrip().endswith(',') and not head:
                head = [line]


def nesting_of(body):
    depth = deepest = 0
    for line in body:
        for letter in line:
            depth += (letter == '{') - (letter == '}')
            deepest = max(deepest, depth)
    return deepest


def check(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob('*.[ch]')):
            for name, line, body in functions_of(path.read_text()):
                if (str(path.relative_to(root)), name) in ALLOWED:
                    continue
                measured = [(1 + sum(len(BRANCH.findall(text)) for text in body), MOST_BRANCHES, 'branches'),
                            (len(body), MOST_LINES, 'lines'), (nesting_of(body), MOST_NESTING, 'blocks deep')]
                for amount, most, what in measured:
                    if amount > most:
                        yield f'{path}:{line}: {name}: {amount} {what}, {most} at most'


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    offenders = list(check(root))
    for line in offenders:
        print(line)
    return 1 if offenders else 0


if __name__ == '__main__':
    sys.exit(main())
