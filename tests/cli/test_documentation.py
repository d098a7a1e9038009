#!/usr/bin/env python3
"""Holds together what is said about the options: the help, the man pages, the completion and the READMEs.

usage: test_documentation.py PROGRAM ROOT
"""
import pathlib
import re
import subprocess
import sys

PROGRAM = sys.argv[1]
OPTION = re.compile(r'(?<![\w-])--[a-z][a-z0-9-]*')


def arras(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=True).stdout


def commands():
    """Names in the overall help, "job list" among them."""
    section = arras('--help').split('Commands:\n')[1].split('\n\n')[0]
    return [match.group(1) for match in re.finditer(r'^  (\w+(?: \w+)?)(?:  |$)', section, re.MULTILINE)]


def options_in_help(name):
    section = arras(*name.split(), '--help').split('Options:\n')[1].split('\n\n')[0]
    return set(re.findall(r'^  (?:-\w, )?(--[a-z0-9-]+)', section, re.MULTILINE))


def options_in_man(page):
    return set(re.findall(r'^\.B (?:\\-\w, )?(\S+)', page, re.MULTILINE))


def unescaped(word):
    return word.replace('\\-', '-')


def check_man(name, wrong):
    page = arras('help', '--man', name.split()[0])
    documented = {re.match(r'--[a-z0-9-]+', unescaped(word)).group(0) for word in options_in_man(page)
                  if unescaped(word).startswith('--')}
    missing = options_in_help(name) - documented
    if missing:
        wrong.append(f'man page of {name} lacks {sorted(missing)}')
    for section in ('NAME', 'SYNOPSIS', 'EXIT STATUS'):
        if f'.SH {section}\n' not in page:
            wrong.append(f'man page of {name} lacks the section {section}')


def check_completion(name, completion, wrong):
    row = re.search(rf'^    "{name}"\) options="([^"]*)"', completion, re.MULTILINE)
    if not row or set(row.group(1).split()) != options_in_help(name):
        wrong.append(f'completion and help of {name} differ')


def check_readme(name, text, names, wrong):
    """Every command line of `arras` in a block of the file uses what exists."""
    for block in re.findall(r'^```[a-z]*\n(.*?)^```', text, re.MULTILINE | re.DOTALL):
        for line in re.sub(r'\\\n\s*', ' ', block).split('\n'):
            match = re.match(r'(?:\$ )?(?:\w+=\S+ )*(?:\S+/)?arras ((?:job|script) \w+|\w+)(.*)', line)
            if not match:
                continue
            if match.group(1) not in names:
                wrong.append(f'{name}: there is no command {match.group(1)!r}: {line}')
                continue
            for option in set(OPTION.findall(match.group(2).split(' | ')[0])) - options_in_help(match.group(1)):
                wrong.append(f'{name}: arras {match.group(1)} has no option {option}: {line}')


def main():
    names, wrong = commands(), []
    completion = arras('help', '--completion', 'bash')
    subprocess.run(['bash', '-n'], input=completion, text=True, check=True)
    for name in names:
        check_man(name, wrong)
        check_completion(name, completion, wrong)
    root = pathlib.Path(sys.argv[2])
    for path in [*root.glob('*.md'), *root.glob('examples/**/*.md'), *root.glob('docs/**/*.md')]:
        check_readme(path.name, path.read_text(), names, wrong)
    for text in wrong:
        print(text)
    return 1 if wrong or 'help' not in names else 0


if __name__ == '__main__':
    sys.exit(main())
