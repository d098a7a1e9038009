#!/usr/bin/env python3
"""Writes docs/api.md from operations.json.

usage: document.py operations.json [PAGE]    Prints the page; with PAGE, exits 1 where that file is not the same.
"""
import json
import sys

INTRODUCTION = """# The HTTP API of the job server

Written by `src/jobs/api/document.py` from `src/jobs/api/operations.json`; change those. The API is Windmill's (its OpenAPI
description 1.694.0): clients of Windmill work with the operations below, and an operation that is not below is answered with 404 and a
sentence that says so. A server describes itself at `/api/openapi.json`.

A token is sent as `Authorization: Bearer TOKEN`, as the cookie `token` or as `?token=`. Errors are `text/plain`, `Prefix: message`.
Paths of scripts may stand in a URL with slashes or encoded as one segment (`u%2Fdemo%2Fhello`). Bodies are at most 64 MiB (413).
"""


PARAMETERS = """## Query parameters

What the tables above name in *italics* is several at once. Others are ignored, as Windmill does.
"""


def asked(operation):
    """What may be asked of an operation, as a sentence."""
    names = [f'*{name[1:]}*' if name.startswith('@') else f'`{name}`' for name in operation.get('query', [])]
    return f' Query: {", ".join(names)}.' if names else ''


def parameters(data):
    sets = [f'| *{name}* | {", ".join(f"`{one}`" for one in members)} |' for name, members in data['parameterSets'].items()]
    each = [f'| `{name}` | {parameter["description"]} |' for name, parameter in sorted(data['parameters'].items())]
    head = ['| parameter | |', '|---|---|']
    return ['', PARAMETERS, *head, *sets, '', *head, *each]


def page(data):
    lines = [INTRODUCTION, '## Operations', '', 'Below `/api`.', '',
             '| operation | request | needs | answers | what it does |', '|---|---|---|---|---|']
    for operation in data['operations']:
        needs = {'none': '', 'token': 'a token', 'administrator': "an administrator's token"}[operation['auth']]
        lines.append('| {operationId} | `{method} {path}` | {needs} | {status} `{contentType}` | {summary}{asked} |'.format(
            needs=needs, asked=asked(operation), **operation))
    lines += parameters(data)
    lines += ['', '## What differs from Windmill', '']
    lines += ['- ' + difference for difference in data['differences']]
    return '\n'.join(lines) + '\n'


def main(arguments):
    with open(arguments[0], encoding='utf-8') as file:
        text = page(json.load(file))
    if len(arguments) == 1:
        sys.stdout.write(text)
        return 0
    with open(arguments[1], encoding='utf-8') as file:
        same = file.read() == text
    if not same:
        print(f'{arguments[1]} is not what {sys.argv[0]} {arguments[0]} prints')
    return 0 if same else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
