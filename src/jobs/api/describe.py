#!/usr/bin/env python3
"""Writes the OpenAPI description that the server serves from operations.json.

usage: describe.py operations.json VERSION [OUTPUT]
"""
import json
import re
import sys

MEANINGS = {200: 'What was asked for.', 201: 'What was made.', 501: 'Not here.'}


def query(data, operation):
    """The names of an operation's query parameters, sets taken apart."""
    names = []
    for name in operation.get('query', []):
        names += data['parameterSets'][name[1:]] if name.startswith('@') else [name]
    return names


def moved(schema):
    """The schema as it stands in an OpenAPI description."""
    if isinstance(schema, dict):
        return {name: value.replace('#/$defs/', '#/components/schemas/') if name == '$ref' else moved(value)
                for name, value in schema.items()}
    return [moved(one) for one in schema] if isinstance(schema, list) else schema


def parameters(data, operation):
    found = [{'name': name, 'in': 'path', 'required': True, 'schema': {'type': 'string'}}
             for name in re.findall(r'\{\*?(\w+)\}', operation['path'])]
    return found + [{'$ref': f'#/components/parameters/{name}'} for name in query(data, operation)]


def answers(operation):
    content = moved(operation.get('event', operation['response']))
    told = {operation['contentType']: {'schema': content}}
    failure = {'description': 'Why not.', 'content': {'text/plain': {'schema': {'type': 'string'}}}}
    made = {str(operation['status']): {'description': MEANINGS[operation['status']], 'content': told}, 'default': failure}
    if 'failure' in operation:
        content = {operation['contentType']: {'schema': moved(operation['failure']['response'])}}
        made[str(operation['failure']['status'])] = {'description': 'Why not.', 'content': content}
    return made


def described(data, operation):
    made = {'operationId': operation['operationId'], 'description': operation['summary'], 'parameters': parameters(data, operation)}
    if 'body' in operation:
        made['requestBody'] = {'content': {'application/json': {'schema': moved(operation['body'])}}}
    made['responses'] = answers(operation)
    if operation['auth'] == 'none':
        made['security'] = []
    return made


def description(data, version):
    paths = {}
    for operation in data['operations']:
        path = re.sub(r'\{\*', '{', operation['path'])
        paths.setdefault(path, {})[operation['method'].lower()] = described(data, operation)
    schemes = {'bearer': {'type': 'http', 'scheme': 'bearer'}, 'cookie': {'type': 'apiKey', 'in': 'cookie', 'name': 'token'},
               'query': {'type': 'apiKey', 'in': 'query', 'name': 'token'}}
    named = {name: dict({'name': name, 'in': 'query'}, **parameter) for name, parameter in data['parameters'].items()}
    return {'openapi': '3.1.0', 'info': {'title': 'The job server of Arras', 'version': version},
            'servers': [{'url': '/api'}], 'security': [{name: []} for name in schemes], 'paths': paths,
            'components': {'schemas': moved(data['$defs']), 'parameters': named, 'securitySchemes': schemes}}


def main(arguments):
    with open(arguments[0], encoding='utf-8') as file:
        text = json.dumps(description(json.load(file), arguments[1]), ensure_ascii=False, separators=(',', ':'))
    if len(arguments) > 2:
        with open(arguments[2], 'w', encoding='utf-8') as file:
            file.write(text + '\n')
    else:
        print(text)


if __name__ == '__main__':
    main(sys.argv[1:])
