"""Holds what a server answers against operations.json, which describes its operations."""
import io
import json
import pathlib
import re
import urllib.parse
import urllib.request
import urllib.response

FILE = pathlib.Path(__file__).resolve().parent.parent.parent / 'src/jobs/api/operations.json'
TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'null': type(None), 'integer': int, 'number': (int, float)}
KNOWN = {'type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', '$ref', 'pattern', 'minimum', 'maximum',
         'anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', 'minLength', 'minItems', 'unevaluatedProperties', 'description', 'format'}
PREFIXES = ('Bad request: ', 'Not authorized: ', 'Unauthorized', 'Permission denied: ', 'Require Admin privileges for ', 'Not found: ',
            'Method not allowed: ', 'Internal: ', 'Not implemented: ', 'Service unavailable: ', 'Failed to deserialize the JSON body',
            'Failed to parse the request body', 'Expected request with ', 'Number of queued job', 'timeout after ', 'Payload too large')


class Wrong(AssertionError):
    pass


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name in ('integer', 'number'))


class Description:
    def __init__(self):
        self.data = json.loads(FILE.read_text())
        self.operations = [(one, self.pattern(one['path'])) for one in self.data['operations']]
        self.seen = set()  # the operations that answered

    @staticmethod
    def pattern(path):
        """The path as a regular expression on a path that is still encoded."""
        text = re.sub(r'\\\{\\\*\w+\\\}', '.+', re.escape(path))
        return re.compile('/api' + re.sub(r'\\\{\w+\\\}', '[^/]+', text))

    def find(self, method, path):
        """The first operation of that request, as the server finds it; None: there is none."""
        return next((one for one, pattern in self.operations if one['method'] == method and pattern.fullmatch(path)), None)

    def faults(self, schema, value, place=''):
        """What is wrong about a value, as texts; of JSON Schema what operations.json uses."""
        if isinstance(schema, bool):
            return [] if schema else [f'{place}: is not expected']
        unknown = set(schema) - KNOWN
        if unknown:
            raise Wrong(f'{place}: {unknown} of the schema are not known here')
        found = []
        if '$ref' in schema:
            found += self.faults(self.definition(schema), value, place)
        if 'type' in schema:
            names = schema['type'] if isinstance(schema['type'], list) else [schema['type']]
            if not any(is_type(value, name) for name in names):
                return found + [f'{place}: expected {names}, found {value!r:.100}']
        if 'if' in schema:
            holds = not self.faults(schema['if'], value)
            found += self.faults(schema.get('then' if holds else 'else', True), value, place)
        return found + self.faults_of_value(schema, value, place) + self.faults_below(schema, value, place)

    def faults_of_value(self, schema, value, place):
        fits = {
            'enum': lambda expected: value in expected,
            'const': lambda expected: value == expected and isinstance(value, bool) == isinstance(expected, bool),
            'pattern': lambda expected: not isinstance(value, str) or re.search(expected, value),
            'minItems': lambda expected: not isinstance(value, list) or len(value) >= expected,
            'minLength': lambda expected: not isinstance(value, str) or len(value) >= expected,
            'minimum': lambda expected: not is_type(value, 'number') or value >= expected,
            'maximum': lambda expected: not is_type(value, 'number') or value <= expected,
            'anyOf': lambda expected: any(not self.faults(one, value) for one in expected),
            'oneOf': lambda expected: sum(not self.faults(one, value) for one in expected) == 1,
            'allOf': lambda expected: all(not self.faults(one, value) for one in expected),
            'not': lambda expected: bool(self.faults(expected, value)),
        }
        return [f'{place}: {value!r:.100} does not fit {word} {schema[word]!r:.300}'
                for word, fit in fits.items() if word in schema and not fit(schema[word])]

    def names(self, schema):
        """Of the members that a schema describes anywhere."""
        found = set(schema.get('properties', ()))
        below = [schema[word] for word in ('if', 'then', 'else') if word in schema]
        for one in below + [one for word in ('anyOf', 'oneOf', 'allOf') for one in schema.get(word, ())]:
            found |= self.names(one)
        return found | (self.names(self.definition(schema)) if '$ref' in schema else set())

    def definition(self, schema):
        return self.data['$defs'][schema['$ref'].rpartition('/')[2]]

    def faults_below(self, schema, value, place):
        found = []
        if isinstance(value, list) and 'items' in schema:
            for index, one in enumerate(value):
                found += self.faults(schema['items'], one, f'{place}/{index}')
        if isinstance(value, dict):
            found += [f'{place}: has no {name}' for name in schema.get('required', []) if name not in value]
            if schema.get('unevaluatedProperties') is False:
                found += [f'{place}: has {name}' for name in set(value) - self.names(schema)]
            properties = schema.get('properties', {})
            for name, one in value.items():
                found += self.faults(properties.get(name, schema.get('additionalProperties', True)), one, f'{place}/{name}')
        return found

    def check(self, method, target, status, content_type, content):
        """Raises Wrong where the answer to a request is not one that its operation gives. `content`: bytes."""
        path = target.partition('?')[0]
        operation = self.find(method, path)
        text = content.decode(errors='replace')
        if not operation or method in ('HEAD', 'OPTIONS'):
            return
        name = operation['operationId']
        waits = name.startswith('runWaitResult') or name.endswith('WaitResult')
        failure = operation.get('failure', {})
        if status == failure.get('status'):
            self.check_content(dict(operation, response=failure['response']), content_type, text, waits)
        elif status == operation['status']:
            self.seen.add(name)
            self.check_content(operation, content_type, text, waits)
        elif waits and not (content_type or '').startswith('text/plain'):
            return  # what the job wanted
        elif status < 400 or (status != 415 and not text.startswith(PREFIXES)) or (text and not content_type.startswith('text/plain')):
            raise Wrong(f'{name} answers {status} {content_type}: {text:.300}')

    def check_content(self, operation, content_type, text, waits):
        name = operation['operationId']
        if waits and content_type != 'application/json':
            return
        if not (content_type or '').startswith(operation['contentType']):
            raise Wrong(f'{name} answers with {content_type}')
        found = []
        if 'event' in operation:
            for frame in filter(None, text.split('\n\n')):
                if not frame.startswith('data: '):
                    raise Wrong(f'{name}: {frame!r:.100} is no event')
                found += self.faults(operation['event'], json.loads(frame[6:]))
        else:
            found += self.faults(operation['response'], json.loads(text) if content_type == 'application/json' else text)
        if found:
            raise Wrong(f'{name}: {found}')


DESCRIPTION = Description()


class Checked(urllib.request.BaseHandler):
    """Checks what comes by urllib.request before its caller sees it."""

    handler_order = 100  # before errors are raised

    def http_response(self, request, response):
        content = response.read()
        target = urllib.parse.urlsplit(request.full_url)
        DESCRIPTION.check(request.get_method(), target.path, response.code, response.headers['Content-Type'], content)
        again = urllib.response.addinfourl(io.BytesIO(content), response.headers, response.url, response.code)
        again.msg = response.msg
        return again


def install():
    """From now on urllib.request.urlopen raises Wrong for answers that are not as described."""
    urllib.request.install_opener(urllib.request.build_opener(Checked))
