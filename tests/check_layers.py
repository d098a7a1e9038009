#!/usr/bin/env python3
"""Holds the layers: a folder of src/ includes only its own files, what stands above it in LAYERS, and public headers.

usage: check_layers.py [ROOT]    Prints each violation as FILE:LINE: what is wrong. Exits 1 where there are any.
"""
import pathlib
import re
import sys

# Top to bottom; a folder may include what stands above it. ARCHITECTURE.md says what each knows.
LAYERS = ['base', 'value', 'query', 'openapi', 'arazzo', 'run', 'net', 'drive', 'report', 'mock', 'web', 'jobs']
# The rooms of jobs, likewise; what lies beside them in the folder is what they share, and what is made of them.
ROOMS = ['schedule', 'store', 'queue', 'sandbox', 'language', 'worker', 'api']
# The program: its own files and public headers only.
PROGRAM = 'cli'
# The library never prints, ends the process or reads the environment: the program passes sinks and settings.
LIBRARY_BANS = re.compile(r'\b(printf|puts|putchar|perror|exit|getenv|secure_getenv|setenv|putenv)\s*\('
                          r'|\b(stdout|stderr|stdin)\b')
PUBLIC_BANS = re.compile(r'#\s*include\s*<stdio\.h>')
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
QUIET = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def without_comments_and_strings(text):
    """The text with comments and strings blanked, lines kept; include lines keep their strings."""
    def blank(match):
        piece = match.group(0)
        line = text[text.rfind('\n', 0, match.start()) + 1:match.start()]
        if piece.startswith('"') and re.match(r'\s*#\s*include\s*$', line):
            return piece
        return re.sub(r'[^\n]', ' ', piece)
    return QUIET.sub(blank, text)


def allowed(folder, include):
    """None where `folder` (None: the public headers) may include it, else why not."""
    room = include.split('/')[0]
    if room == 'arras':
        return None
    if folder is None:
        return 'a public header includes only public headers'
    if folder == PROGRAM:
        return None if room == PROGRAM or '/' not in include else 'the program includes only public headers and its own'
    if '/' not in include:
        return 'names no layer: write "' + folder + '/' + include + '"'
    if room not in LAYERS:
        return f'{room} is no layer'
    if LAYERS.index(room) > LAYERS.index(folder):
        return f'{folder} stands above {room}'
    return None


def allowed_room(path, include):
    """The same of the rooms of jobs."""
    room, other = path.parent.name, include.split('/')[1:-1]
    if room not in ROOMS or not include.startswith('jobs/') or not other:
        return None
    if other[0] not in ROOMS:
        return f'{other[0]} is no room of jobs'
    return f'{room} stands above {other[0]}' if ROOMS.index(other[0]) > ROOMS.index(room) else None


def check_file(path, folder, bans):
    for number, line in enumerate(without_comments_and_strings(path.read_text()).split('\n'), 1):
        found = INCLUDE.match(line)
        why = allowed(folder, found.group(1)) or allowed_room(path, found.group(1)) if found else None
        if why:
            yield f'{path}:{number}: "{found.group(1)}": {why}'
        banned = bans.search(line) if bans else None
        if banned:
            yield f'{path}:{number}: {banned.group(0).strip()}: the library does not do this'


def check(root):
    for path in sorted((root / 'include').rglob('*.h')):
        yield from check_file(path, None, PUBLIC_BANS)
    for folder in sorted(p for p in (root / 'src').iterdir() if p.is_dir()):
        if folder.name != PROGRAM and folder.name not in LAYERS:
            yield f'{folder}: not in the list of layers'
            continue
        for path in sorted(folder.rglob('*.[ch]')):
            yield from check_file(path, folder.name, None if folder.name == PROGRAM else LIBRARY_BANS)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    violations = list(check(root))
    for line in violations:
        print(line)
    return 1 if violations else 0


if __name__ == '__main__':
    sys.exit(main())
