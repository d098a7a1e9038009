"""Runs the function `main` of the script beside it with the job's arguments and writes its result.
Started before there is a job, it waits for one.

Whatever keeps `main` from returning - an exception, sys.exit, the end of the process - is never a
result: the result's file is written last, and only what main returned or raised stands in it.
"""
import os
import sys

try:
    import _json  # what `json` stands on; `json` itself imports `re`, which takes as long as Python's start
except ImportError:
    _json = None

SCRIPT, ARGUMENTS, RESULT = 'main.py', 'args.json', 'main_result.json'
GO = 3  # a descriptor: supervise.h


def type_name(annotation):
    """What a parameter is annotated as, be it optional; '' for what has several types."""
    if isinstance(annotation, str):
        inner = annotation.strip()
        if inner.endswith(']') and inner.partition('[')[0].rpartition('.')[2] == 'Optional':
            inner = inner.partition('[')[2][:-1]
        names = [name.strip().rpartition('.')[2] for name in inner.split('|')]
    else:
        union = type(annotation).__name__ in ('UnionType', '_UnionGenericAlias')
        names = [getattr(item, '__name__', '') for item in (annotation.__args__ if union else (annotation,))]
    names = [name for name in names if name not in ('None', 'NoneType')]
    return names[0] if len(names) == 1 else ''


def plain_parameters(function, code):
    """As parameters(), of a function as `def` makes it: without `inspect`, which is slow to import."""
    count, types = code.co_argcount, getattr(function, '__annotations__', {})
    required, by_name = count - len(function.__defaults__ or ()), function.__kwdefaults__ or {}
    for at, name in enumerate(code.co_varnames[:count + code.co_kwonlyargcount]):
        has_default = at >= required if at < count else name in by_name
        yield name, has_default, type_name(types.get(name)), at >= code.co_posonlyargcount


def parameters(function):
    """(name, has a default, type's name, may be given by name) of each parameter."""
    code = getattr(function, '__code__', None)
    if code and hasattr(function, '__kwdefaults__') and not hasattr(function, '__wrapped__'):
        yield from plain_parameters(function, code)
        return
    import inspect
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            yield (parameter.name, parameter.default is not parameter.empty, type_name(parameter.annotation),
                   parameter.kind is not parameter.POSITIONAL_ONLY)


def converted(value, annotation):
    """JSON has no bytes and no times: they come as base64 and ISO 8601."""
    if not isinstance(value, str) or annotation not in ('bytes', 'datetime', 'date'):
        return value
    if annotation == 'bytes':
        import base64
        return base64.b64decode(value)
    import datetime
    if annotation == 'date':
        return datetime.date.fromisoformat(value[:10])
    return datetime.datetime.fromisoformat(value)


def bound(function, given):
    """Positional and named arguments for the function: missing ones are None or left to their
    default, as null is where there is one; those that it does not know are ignored."""
    positional, named = [], {}
    for name, has_default, annotation, by_name in parameters(function):
        value = given.get(name)
        if value is None and has_default:
            continue
        value = converted(value, annotation)
        if by_name:
            named[name] = value
        else:
            positional.append(value)
    return positional, named


def plain(value):
    """The value as JSON can have it: no NaN, names as strings."""
    if isinstance(value, float):
        return value if value - value == 0 else None  # neither NaN nor infinite
    if isinstance(value, dict):
        return {name if isinstance(name, str) else str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def other(value):
    if isinstance(value, (bytes, bytearray)):
        import base64
        return base64.b64encode(value).decode()
    if type(value).__name__ == 'DataFrame':
        return plain(value.values.tolist())
    return str(value)


def loads(text):
    if _json:
        class Settings:
            strict, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant = True, None, None, float, int, float
        text = text.strip()
        try:
            value, end = _json.make_scanner(Settings)(text, 0)
            if end == len(text):
                return value
        except (TypeError, AttributeError, StopIteration):
            pass  # another Python's, or no JSON: json tells
    import json
    return json.loads(text)


def dumps(value, ascii_only):
    if _json:
        encode = _json.encode_basestring_ascii if ascii_only else _json.encode_basestring
        try:
            encoder = _json.make_encoder({}, other, encode, None, ':', ',', False, False, False)
        except (TypeError, AttributeError):
            encoder = None  # another Python's
        if encoder:
            return encode(value) if isinstance(value, str) else ''.join(encoder(value, 0))
    import json
    return json.dumps(value, ensure_ascii=ascii_only, default=other, allow_nan=False, separators=(',', ':'))


def dumped(value):
    text = dumps(value, True)
    if '\\ud' not in text:
        return text
    # half of a surrogate pair, as in the name of a file that is no UTF-8, is no text
    return dumps(value, False).encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')


def as_json(value):
    try:
        return dumped(value)
    except (TypeError, ValueError):
        return dumped(plain(value))


def streamed(piece, pieces):
    text = piece if isinstance(piece, str) else as_json(piece)
    print('WM_STREAM: ' + text.replace('\n', '\\n'), flush=True)
    pieces.append(text)


def settled(value):
    """The value of a coroutine; the text of a generator, whose pieces go to the log as they come."""
    kind, pieces = type(value).__name__, []
    if kind == 'generator':
        for piece in value:
            streamed(piece, pieces)
        return ''.join(pieces)
    if kind != 'async_generator' and not hasattr(value, '__await__'):
        return value

    async def awaited():
        if kind != 'async_generator':
            return await value
        async for piece in value:
            streamed(piece, pieces)
        return ''.join(pieces)
    import asyncio
    return asyncio.run(awaited())


def write_result(text):
    try:
        os.unlink(RESULT)
    except FileNotFoundError:
        pass
    with open(RESULT, 'w', encoding='utf-8', errors='replace') as file:
        file.write(text)


def load():
    with open(SCRIPT, encoding='utf-8') as file:
        code = compile(file.read(), SCRIPT, 'exec')
    module = type(sys)('script')
    module.__file__ = os.path.abspath(SCRIPT)
    sys.modules['script'] = module
    exec(code, module.__dict__)
    return module


def called(module, name, given):
    function = getattr(module, name, None)
    if not callable(function):
        raise NameError(f"the script has no function '{name}'")
    positional, named = bound(function, given)
    return settled(function(*positional, **named))


def call():
    with open(ARGUMENTS, encoding='utf-8') as file:
        given = loads(file.read())
    name, is_event = os.environ.pop('ARRAS_ENTRYPOINT', 'main'), os.environ.pop('ARRAS_PREPROCESS', None)
    module = load()
    if is_event:
        given = called(module, 'preprocessor', given)
        if not isinstance(given, dict):
            raise TypeError(f'preprocessor returned no dict of arguments but {type(given).__name__}')
    return called(module, name, given)


def failure(error):
    import traceback
    traceback.print_exc()
    own = os.path.abspath(__file__)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if os.path.abspath(frame.filename) != own and not frame.filename.startswith('<')]
    told = {'message': str(error) + missing_package(error), 'name': type(error).__name__,
            'stack': ''.join(traceback.format_list(frames))}
    if getattr(error, '__dict__', None):
        told['extra'] = {name: as_json_or_text(value) for name, value in vars(error).items()}
    if os.environ.get('WM_FLOW_STEP_ID'):
        told['step_id'] = os.environ['WM_FLOW_STEP_ID']
    return told


def missing_package(error):
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ''
    return ': this machine does not have it, and scripts run with the packages of the machine where the server runs'


def as_json_or_text(value):
    try:
        return loads(as_json(value))
    except (TypeError, ValueError, RecursionError):
        return str(value)


def run():
    directory, sys.argv = os.getcwd(), [SCRIPT]
    sys.path.insert(0, directory)
    try:
        text, code = as_json(call()), 0
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: main did not return
        text, code = dumped(failure(error)), 1
    os.chdir(directory)
    write_result(text)
    sys.exit(code)


def find_packages():
    packages = os.environ.pop('ARRAS_PACKAGES', None)
    if packages:
        sys.path.append(packages + '/python')


def wait_for_job():
    """The job's environment comes through a pipe once its files are there; until then this process
    is the same for every job, and is started before there is one."""
    with open(GO, 'rb') as pipe:
        entries = pipe.read().split(b'\0')[:-1]
    for entry in entries:
        name, _, value = entry.partition(b'=')
        os.environb[name] = value


find_packages()
wait_for_job()
run()
