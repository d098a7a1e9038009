"""What the tests of Windmill's own clients share. The clients are npm packages, which script/test installs into
build/npm (another place: ARRAS_NPM); without them these tests are skipped."""
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'cli'))
# pylint: disable=wrong-import-position
import served
import recorder

SECONDS = 60
SKIPPED = 77  # as Meson has it
MODULES = pathlib.Path(os.environ.get('ARRAS_NPM', HERE.parent.parent / 'build' / 'npm')).resolve()


def wanted():
    """The packages and their versions."""
    return json.loads((HERE / 'package.json').read_text())['dependencies']


def missing():
    """Why the tests cannot run; None: they can."""
    if not shutil.which('node'):
        return 'there is no node'
    for name, version in wanted().items():
        file = MODULES / 'node_modules' / name / 'package.json'
        found = json.loads(file.read_text())['version'] if file.exists() else 'none'
        if found != version:
            return f'{name} {version} is not in {MODULES} (found: {found}); script/test installs it where npm has a registry'
    return None


@functools.lru_cache(maxsize=None)
def node_command():
    """Node.js, which before version 20 - Debian 12's is 18 - has what wmill asks for only where that is said."""
    version = subprocess.run(['node', '--version'], capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    return ['node'] if int(version.strip('v').split('.')[0]) >= 20 else ['node', '--experimental-global-webcrypto']


class Case(served.Case):
    """A server, and a proxy before it that remembers what clients ask: each test states what the server had not."""

    options = ()

    def setUp(self):
        super().setUp()
        self.server = self.entered(served.Server(self.program, self.folder, *self.options))
        self.token, self.workspace = self.server.ready['token'], self.server.ready['workspace']
        self.recorder = self.entered(recorder.Recorder(self.server.ready['url'].split('//')[1]))
        self.addCleanup(lambda: self.assertEqual(self.recorder.wrong, []))
        self.home = pathlib.Path(self.folder, 'home')
        self.work = pathlib.Path(self.folder, 'work')
        self.home.mkdir()
        self.work.mkdir()

    def entered(self, manager):
        """What `with manager` gives, until the test ends."""
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def environment(self, **more):
        kept = {name: os.environ[name] for name in ('PATH', 'LANG', 'ASAN_OPTIONS') if name in os.environ}
        return dict(kept, HOME=str(self.home), NO_COLOR='1', CI='1', **more)

    def node(self, *words, environment=None):
        return subprocess.run([*node_command(), *map(str, words)], capture_output=True, text=True, timeout=SECONDS, check=False,
                              cwd=self.work, env=environment or self.environment(), stdin=subprocess.DEVNULL)

    def put(self, name, text):
        """A file in the directory that the clients work in."""
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def ask(self, path, method='GET', body=None, outside=False):
        """What the server itself says, of the workspace or `outside` of it, as JSON where it is."""
        root = '/api' if outside else f'/api/w/{self.workspace}'
        request = urllib.request.Request(f"{self.server.ready['url']}{root}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={'Authorization': f'Bearer {self.token}',
                                                  'Content-Type': 'application/json'})
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            text = answer.read().decode()
        try:
            return json.loads(text)
        except ValueError:
            return text

    def assert_unknown(self, *expected):
        """What the clients asked in vain, as METHOD and the end of the path."""
        unknown = self.recorder.unknown()
        for operation in expected:
            found = {one for one in unknown if one.split()[0] == operation.split()[0]
                     and one.endswith(operation.split()[1])}
            self.assertTrue(found, f'{operation} was not asked; {unknown}')
            unknown -= found
        self.assertEqual(unknown, set())


def main(arguments):
    reason = missing()
    if reason:
        print(f'skipped: {reason}')
        sys.exit(SKIPPED)
    served.main(arguments)
