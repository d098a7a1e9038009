"""What runs the documents: Arras, or another engine behind an adapter. README.md describes both."""
import json
import os
import subprocess

from case_file import read_json


class EngineError(Exception):
    """The engine did not answer as it should."""


class Answer:
    """What an engine says of a run. What it cannot tell is None and is not compared."""

    def __init__(self, end, exit_status=None, outputs=None, warnings=None, error=None, steps=None, places=None):
        self.end, self.exit, self.outputs = end, exit_status, outputs
        self.warnings, self.error, self.steps = warnings, error, steps
        self.places = places


def clean_environment(home):
    """The caller's environment without what would change a run: proxies, credentials, settings of Arras."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith('ARRAS_') and not name.lower().endswith('_proxy')}
    return dict(kept, HOME=str(home), NO_PROXY='127.0.0.1', LC_ALL='C.UTF-8')


def execute(command, folder, seconds, text=''):
    try:
        done = subprocess.run(command, cwd=folder, input=text.encode(), capture_output=True, timeout=seconds,
                              env=clean_environment(folder))
    except subprocess.TimeoutExpired as error:
        raise EngineError(f'no end within {seconds} s') from error
    except OSError as error:
        raise EngineError(str(error)) from error
    said = done.stderr.decode(errors='replace')
    try:
        return done.returncode, read_json(done.stdout.decode()), said
    except ValueError as error:
        raise EngineError(f'standard output is not one JSON object ({error}): {done.stdout[:2000]!r}\n{said[-4000:]}') from error


def arras_command(program, job):
    command = [program, 'run', job['document'], '--json']
    if job['setting'] != 'default':
        command.append('--' + job['setting'])
    if job['remote']:
        command.append('--allow-remote')
    if job['inputsFile']:
        command += ['--inputs', job['inputsFile']]
    if job['credentialsFile']:
        command += ['--credentials', job['credentialsFile']]
    for name, value in job['servers'].items():
        command += ['--server', f'{name}={value}']
    for option, key in (('--workflow', 'workflow'), ('--max-steps', 'maxSteps'), ('--timeout', 'requestSeconds'),
                        ('--deadline', 'deadlineSeconds'), ('--poll-interval', 'pollSeconds'),
                        ('--validate', 'validate')):
        if job[key] is not None:
            command += [option, str(job[key])]
    return command


def step_line(step):
    response = step.get('response') or {}
    return ' '.join(str(word) for word in (step['stepId'], step['attempt'], step['status'], response.get('status', '-')))


def place_line(warning):
    words = (warning.get(key, '') for key in ('code', 'file', 'line', 'column', 'hint'))
    return '{} {}:{}:{} {}'.format(*words).rstrip()


def arras(program):
    def run(job, folder, seconds):
        status, told, said = execute(arras_command(program, job), folder, seconds)
        if 'Sanitizer' in said:
            raise EngineError(said[-4000:])
        warnings = sorted({warning['code'] for warning in told.get('warnings', [])})
        return Answer(told.get('status'), status, told.get('outputs'), warnings, told.get('error'),
                      [step_line(step) for step in told.get('steps', [])],
                      [place_line(warning) for warning in told.get('warnings', [])])
    return run


def adapter(program):
    def run(job, folder, seconds):
        _, told, _ = execute([program], folder, seconds, json.dumps(job))
        return Answer(told.get('status'), None, told.get('outputs'), told.get('warnings'), told.get('error'), told.get('steps'))
    return run
