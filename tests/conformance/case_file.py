"""Reads a case: one text file that holds documents, the exchange and what must come out. README.md describes the form."""
import json
import re

HEAD_KEYS = {'title', 'spec', 'document', 'setting', 'workflow', 'server', 'max-steps', 'timeout', 'deadline', 'poll', 'end',
             'exit', 'tags', 'remote', 'validate'}
SETTINGS = {'strict', 'default', 'lenient'}
ENDS = {'succeeded', 'failed', 'stopped', 'invalid'}
ERROR_KEYS = {'code', 'file', 'line', 'column', 'message', 'hint'}
EXIT_OF = {'succeeded': 0, 'failed': 1, 'invalid': 2, 'stopped': 4}
ONCE = {'case', 'inputs', 'credentials', 'outputs', 'warnings', 'steps', 'error'}


class CaseError(Exception):
    """The case itself is not as README.md says."""


class Number(str):
    """A JSON number as written: 1.0 is not 1."""
    __slots__ = ()

    def __eq__(self, other):
        return isinstance(other, Number) and str.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__

    def __repr__(self):
        return str(self)


def read_json(text):
    """A JSON value whose numbers are kept as written; a member given twice is an error."""
    def members(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError('a member stands twice')
        return dict(pairs)
    return json.loads(text, parse_int=Number, parse_float=Number, object_pairs_hook=members)


class Request:
    def __init__(self, method, target, after):
        self.method, self.target, self.after = method, target, after
        self.headers, self.absent, self.body = [], [], b''


class Response:
    def __init__(self, status, delay=0.0):
        self.status, self.delay = status, delay  # status: a number, 'close' or 'silence'
        self.headers, self.body = [], b''


class Case:
    def __init__(self, path):
        self.path = path
        self.head, self.servers, self.files, self.exchange = {}, [], {}, []
        self.inputs = self.credentials = self.outputs = self.error = self.steps = None
        self.warnings, self.places = [], []


def sections_of(text):
    """(first line's words, number of that line, text) of each section."""
    found = []
    for number, line in enumerate(text.split('\n'), 1):
        if line.startswith('==='):
            found.append((line[3:].strip().split(' '), number, []))
        elif found:
            found[-1][2].append(line)
        elif line.strip() and not line.startswith('#'):
            raise CaseError(f'{number}: text before the first section')
    for words, number, lines in found:
        # The line end before the next section belongs to the form, not to the text.
        yield words, number, '\n'.join(lines[:-1] if lines and lines[-1] == '' else lines)


def read_pairs(text, keys, number):
    for offset, line in enumerate(text.split('\n'), 1):
        if not line.strip() or line.startswith('#'):
            continue
        key, colon, value = line.partition(': ')
        if not colon or key not in keys:
            raise CaseError(f'{number + offset}: {line!r} is not one of {", ".join(sorted(keys))}')
        yield key, value.strip()


def read_head(case, text, number):
    for key, value in read_pairs(text, HEAD_KEYS, number):
        if key == 'server':
            case.servers.append(value)
        elif key in case.head:
            raise CaseError(f'{number}: {key} stands twice')
        else:
            case.head[key] = value
    for key in ('title', 'spec', 'end'):
        if key not in case.head:
            raise CaseError(f'{number}: no {key}')
    if case.head['end'] not in ENDS:
        raise CaseError(f'{number}: end is one of {", ".join(sorted(ENDS))}')
    if case.head.setdefault('setting', 'default') not in SETTINGS:
        raise CaseError(f'{number}: setting is one of {", ".join(sorted(SETTINGS))}')
    if case.head.get('remote', 'yes') != 'yes':
        raise CaseError(f'{number}: remote is yes or left out')
    case.head.setdefault('exit', str(EXIT_OF[case.head['end']]))


def message_parts(text, number):
    """The first line, the header lines and the body of a request or response section."""
    head, _, body = text.partition('\n\n') if not text.startswith('\n') else ('', '', '')
    lines = head.split('\n')
    if not lines[0].strip():
        raise CaseError(f'{number}: an empty first line')
    return lines[0].strip(), [line for line in lines[1:] if line.strip()], body.encode()


def read_header(line, number):
    name, colon, value = line.partition(':')
    if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        raise CaseError(f'{number}: not a header: {line!r}')
    return name, value.strip()


def read_request(case, words, text, number):
    if len(words) not in (1, 3) or (len(words) == 3 and words[1] != 'after'):
        raise CaseError(f'{number}: write "=== request" or "=== request after SECONDS"')
    first, lines, body = message_parts(text, number)
    method, _, target = first.partition(' ')
    if not target:
        raise CaseError(f'{number}: a request is METHOD TARGET')
    request = Request(method, target, float(words[2]) if len(words) == 3 else 0.0)
    for line in lines:
        if line.startswith('!'):
            request.absent.append(line[1:].strip())
        else:
            request.headers.append(read_header(line, number))
    request.body = body
    if case.exchange and case.exchange[-1][1] is None:
        raise CaseError(f'{number}: a request before the response to the one before')
    case.exchange.append([request, None])


def read_response(case, words, text, number):
    if len(words) != 1:
        raise CaseError(f'{number}: write "=== response"')
    if not case.exchange or case.exchange[-1][1] is not None:
        raise CaseError(f'{number}: a response without a request')
    first, lines, body = message_parts(text, number)
    found = re.fullmatch(r'(\d{3}|close|silence)(?: after ([0-9.]+))?', first)
    if not found:
        raise CaseError(f'{number}: a response is STATUS, close or silence, then perhaps "after SECONDS"')
    status = int(found.group(1)) if found.group(1).isdigit() else found.group(1)
    response = Response(status, float(found.group(2) or 0))
    response.headers = [read_header(line, number) for line in lines]
    response.body = body
    case.exchange[-1][1] = response


def read_value(text, number):
    try:
        return read_json(text)
    except ValueError as error:
        raise CaseError(f'{number}: {error}') from error


def read_warnings(case, text, number):
    """RULE, or RULE FILE:LINE:COLUMN HINT."""
    names = set()
    for offset, line in enumerate(text.split('\n'), 1):
        rule, more, place = line.partition(' ')
        if rule:
            names.add(rule)
        if more and not re.fullmatch(r'.+?:\d+:\d+(?: .+)?', place):
            raise CaseError(f'{number + offset}: a warning is RULE or RULE FILE:LINE:COLUMN HINT')
        if more:
            case.places.append(line)
    case.warnings = sorted(names)


def read_section(case, words, text, number):
    kind = words[0]
    if kind in ONCE and len(words) != 1:
        raise CaseError(f'{number}: write "=== {kind}"')
    if kind == 'case':
        read_head(case, text, number)
    elif kind == 'file':
        if len(words) != 2 or words[1] in case.files or words[1].startswith('/') or '..' in words[1].split('/'):
            raise CaseError(f'{number}: write "=== file PATH", once for a path, below the case')
        case.files[words[1]] = text + '\n'
    elif kind == 'request':
        read_request(case, words, text, number)
    elif kind == 'response':
        read_response(case, words, text, number)
    elif kind == 'inputs':
        read_value(text, number)
        case.inputs = text
    elif kind == 'credentials':
        read_value(text, number)
        case.credentials = text
    elif kind == 'outputs':
        case.outputs = read_value(text, number)
    elif kind == 'warnings':
        read_warnings(case, text, number)
    elif kind == 'steps':
        case.steps = [line.strip() for line in text.split('\n') if line.strip()]
    elif kind == 'error':
        case.error = dict(read_pairs(text, ERROR_KEYS, number))
    else:
        raise CaseError(f'{number}: unknown section {kind!r}')


def read_case(path):
    """The case in the file at `path`; CaseError names the line."""
    case, seen = Case(path), set()
    for words, number, text in sections_of(path.read_text(encoding='utf-8')):
        if words[0] in ONCE and words[0] in seen:
            raise CaseError(f'{number}: a second {words[0]}')
        seen.add(words[0])
        read_section(case, words, text, number)
    if 'case' not in seen:
        raise CaseError('1: no case section')
    if not case.files:
        raise CaseError('1: no file')
    if case.exchange and case.exchange[-1][1] is None:
        raise CaseError('the last request has no response')
    if case.head['end'] == 'succeeded' and case.outputs is None:
        raise CaseError('a run that succeeds has outputs: write {} where there are none')
    return case
