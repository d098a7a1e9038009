#!/usr/bin/env python3
"""Runs the conformance cases against an engine; README.md describes the cases and how to bring another engine.

usage: run.py [--arras PROGRAM | --engine ADAPTER] [--json-bodies exact|value] [CASE-OR-FOLDER...]

Prints TAP. Exits 1 where a case failed, 2 where a case or the command is not as it should be.
"""
import argparse
import concurrent.futures
import json
import pathlib
import shutil
import sys
import tempfile

import engines
from case_file import CaseError, Number, read_case, read_json
from scripted_server import ScriptedServer

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 20  # one case


def exact_body(expected, got, _):
    return expected == got


def same_value(expected, got, headers):
    """Equal bytes, or equal JSON values with their numbers as written."""
    if expected == got:
        return True
    if not any(name.lower() == 'content-type' and 'json' in value for name, value in headers):
        return False
    try:
        return read_json(expected.decode()) == read_json(got.decode())
    except ValueError:
        return False


def number_of(case, key, kind):
    return kind(case.head[key]) if key in case.head else None


def fill(text, server):
    return text.replace('${server}', server.url).replace('${closed}', server.closed_url)


def job_of(case, server, folder):
    """Writes the case's files below `folder` and says what the engine is to run."""
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fill(text, server), encoding='utf-8')
    inputs = None
    if case.inputs is not None:
        inputs = str(folder / 'case-inputs.json')
        pathlib.Path(inputs).write_text(fill(case.inputs, server), encoding='utf-8')
    credentials = None
    if case.credentials is not None:
        credentials = str(folder / 'case-credentials.json')
        pathlib.Path(credentials).touch(mode=0o600)
        pathlib.Path(credentials).write_text(fill(case.credentials, server), encoding='utf-8')
    return {'document': case.head.get('document', next(iter(case.files))), 'setting': case.head['setting'],
            'workflow': case.head.get('workflow'), 'inputsFile': inputs, 'credentialsFile': credentials,
            'servers': dict(fill(pair, server).split('=', 1) for pair in case.servers),
            'maxSteps': number_of(case, 'max-steps', int), 'requestSeconds': number_of(case, 'timeout', float),
            'deadlineSeconds': number_of(case, 'deadline', float), 'pollSeconds': number_of(case, 'poll', float),
            'remote': 'remote' in case.head, 'validate': case.head.get('validate')}


def compare_error(expected, got, server):
    if expected is None:
        return
    for key, value in expected.items():
        value = fill(value, server)
        found = (got or {}).get(key)
        if str(found) != value:
            yield f'error {key} is {found!r}, expected {value!r}'


def compare(case, answer, server):
    """What came out otherwise than the case says, in words."""
    if answer.end != case.head['end']:
        yield f'end is {answer.end}, expected {case.head["end"]}'
    if answer.exit is not None and str(answer.exit) != case.head['exit']:
        yield f'exit status is {answer.exit}, expected {case.head["exit"]}'
    if case.outputs is not None and answer.outputs != read_json(fill(json_text(case.outputs), server)):
        yield f'outputs are {json_text(answer.outputs)}, expected {json_text(case.outputs)}'
    if answer.warnings is not None and answer.warnings != case.warnings:
        yield f'warnings are {answer.warnings}, expected {case.warnings}'
    for place in case.places if answer.places is not None else []:
        if fill(place, server) not in answer.places:
            yield f'no warning {place!r} among {answer.places}'
    if case.steps is not None and answer.steps is not None and answer.steps != case.steps:
        yield f'steps are {answer.steps}, expected {case.steps}'
    if answer.error is not None or case.head['end'] == 'succeeded':
        yield from compare_error(case.error, answer.error, server)


def json_text(value):
    """JSON text of a value whose numbers are kept as written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return '{' + ', '.join(f'{json_text(name)}: {json_text(member)}' for name, member in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(map(json_text, value)) + ']'
    return json.dumps(value, ensure_ascii=False)


def run_case(path, engine, same_body):
    """(title, what is wrong) of one case."""
    case = read_case(path)
    with tempfile.TemporaryDirectory(prefix='arras-case-') as folder, ScriptedServer(same_body) as server:
        for request, response in case.exchange:
            request.target = fill(request.target, server)
            request.headers = [(name, fill(value, server)) for name, value in request.headers]
            request.body = fill(request.body.decode(), server).encode()
            response.headers = [(name, fill(value, server)) for name, value in response.headers]
            response.body = fill(response.body.decode(), server).encode()
        server.exchange = case.exchange
        try:
            answer = engine(job_of(case, server, pathlib.Path(folder)), folder, SECONDS)
        except engines.EngineError as error:
            return case.head['title'], server.errors + [str(error)]
        wrong = server.errors + server.unfinished() + list(compare(case, answer, server))
        if wrong and answer.error:
            wrong.append(f'the engine says: {json_text(answer.error)}')
        return case.head['title'], wrong


def found(program):
    """The program's absolute path, so that it can be started from another folder."""
    return str(pathlib.Path(shutil.which(program) or program).resolve())


def find_cases(names):
    for name in names or [HERE / 'cases']:
        path = pathlib.Path(name)
        yield from sorted(path.rglob('*.case')) if path.is_dir() else [path]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    which = arguments.add_mutually_exclusive_group()
    which.add_argument('--arras', default='arras', help='the program arras (default: the one in PATH)')
    which.add_argument('--engine', help='an adapter of another engine')
    arguments.add_argument('--json-bodies', choices=['exact', 'value'], default='exact',
                           help='compare JSON request bodies byte by byte (default) or as values')
    arguments.add_argument('--jobs', type=int, default=2, help='cases at a time (default 2)')
    arguments.add_argument('cases', nargs='*')
    options = arguments.parse_args()

    engine = engines.adapter(found(options.engine)) if options.engine else engines.arras(found(options.arras))
    same_body = exact_body if options.json_bodies == 'exact' else same_value
    cases = list(find_cases(options.cases))
    if not cases:
        print('no cases', file=sys.stderr)
        return 2
    print(f'1..{len(cases)}')
    failed = broken = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = [pool.submit(run_case, path, engine, same_body) for path in cases]
        for number, (path, future) in enumerate(zip(cases, futures), 1):
            name = path.relative_to(HERE / 'cases') if path.is_relative_to(HERE / 'cases') else path
            try:
                title, wrong = future.result()
            except (CaseError, OSError, UnicodeError) as error:
                title, wrong, broken = 'the case is readable', [f'{path}:{error}'], broken + 1
            failed += bool(wrong)
            print(f'{"not ok" if wrong else "ok"} {number} - {name}: {title}'.replace('#', '\\#'))
            for line in '\n'.join(wrong).split('\n') if wrong else []:
                print(f'# {line}')
            sys.stdout.flush()
    return 2 if broken else 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
