#!/usr/bin/env python3
"""Shows that the checks of the tree catch what they are for, and that the counting counts."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
IGNORED = 'Makes no difference.'


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        (self.root / 'include/arras').mkdir(parents=True)
        (self.root / 'src/base').mkdir(parents=True)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run_check(self, script, *arguments):
        done = subprocess.run([sys.executable, str(HERE / script), *(arguments or [str(self.root)])],
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout.replace(str(self.root) + os.sep, '')


class Layers(Tree):
    def check(self):
        return self.run_check('check_layers.py')

    def test_upward_and_public_includes_pass(self):
        self.write('src/query/a.c', '#include "query/a.h"\n#include "base/str.h"\n#include "arras/value.h"\n#include <stdio.h>\n')
        self.write('src/cli/main.c', '#include "cli/main.h"\n#include "arras/run.h"\nint main(void) { printf("x"); }\n')
        self.assertEqual(self.check(), (0, ''))

    def test_a_downward_include_is_caught_with_its_line(self):
        self.write('src/base/a.c', '/* "run/x.h" */\n#include "run/machine.h"\n')
        self.assertEqual(self.check(), (1, 'src/base/a.c:2: "run/machine.h": base stands above run\n'))

    def test_the_program_sees_no_internal_header(self):
        self.write('src/cli/run.c', '#include "base/str.h"\n')
        self.assertEqual(self.check(),
                         (1, 'src/cli/run.c:1: "base/str.h": the program includes only public headers and its own\n'))

    def test_a_public_header_sees_no_internal_one(self):
        self.write('include/arras/run.h', '#include "arras/str.h"\n#include "base/str.h"\n#include <stdio.h>\n')
        self.assertEqual(self.check(),
                         (1, 'include/arras/run.h:2: "base/str.h": a public header includes only public headers\n'
                             'include/arras/run.h:3: #include <stdio.h>: the library does not do this\n'))

    def test_an_unknown_folder_is_caught(self):
        self.write('src/misc/a.c', '')
        self.assertEqual(self.check(), (1, 'src/misc: not in the list of layers\n'))

    def test_a_library_that_prints_is_caught_but_not_a_word_in_a_comment(self):
        self.write('src/base/a.c', '/* printf(x) */\nconst char *s = "exit(1)";\nsnprintf(a);\nprintf("a");\n')
        self.assertEqual(self.check(), (1, 'src/base/a.c:4: printf(: the library does not do this\n'))



class Operations(Tree):
    def check(self, source, query, tests='ask("x")'):
        operations = [{'operationId': 'x', 'query': query, 'method': 'GET', 'path': '/x/{id}', 'status': 200}]
        data = {'parameters': {'page': {'description': 'Which.'}, 'token': {'description': IGNORED}}, 'parameterSets': {},
                'operations': operations}
        self.write('src/jobs/api/operations.json', json.dumps(data))
        self.write('src/jobs/api/x.c', source)
        self.write('tests/unit/jobs/x.c', tests)
        return self.run_check('check_operations.py')

    def test_what_is_read_and_described_passes(self):
        self.assertEqual(self.check('ar_param_int(call, "page", 0, 1, &x);', ['page']), (0, '\n'))

    def test_what_is_read_is_described(self):
        status, out = self.check('ar_param_int(call, "page", 0, 1, &x) || ar_param_bool(call, "more", &y);', ['page'])
        self.assertEqual((status, out), (1, 'more is read and not described\n'))

    def test_every_operation_is_asked_by_a_test(self):
        status, out = self.check('ar_param_int(call, "page", 0, 1, &x);', ['page'], 'ask("y")')
        self.assertEqual((status, out), (1, 'x is asked by no test\n'))

    def test_what_is_described_is_read_by_an_operation(self):
        status, out = self.check('', ['pages'])
        self.assertEqual((status, out), (1, 'x: pages is not described\npage is described and not read\n'
                                            'page is described and no operation has it\n'))



class Described(unittest.TestCase):
    """What holds a server's answers against their description (tests/jobs/described.py)."""

    def check(self, *answer):
        sys.path.insert(0, str(HERE / 'jobs'))
        import described  # pylint: disable=import-outside-toplevel
        sys.path.pop(0)
        try:
            described.DESCRIPTION.check('GET', *answer)
        except described.Wrong as wrong:
            return str(wrong)
        return None

    def test_what_is_described_passes(self):
        self.assertIsNone(self.check('/api/version', 200, 'text/plain; charset=utf-8', b'CE v1.694.0-arras-1'))
        self.assertIsNone(self.check('/api/jobs/db_clock', 200, 'application/json', b'1795478102914'))
        self.assertIsNone(self.check('/api/w/main/scripts/get/p/u/a/b', 404, 'text/plain', b'Not found: Script'))
        self.assertIsNone(self.check('/api/w/main/jobs/run_wait_result/p/u/a/b', 418, 'text/html', b'<p>'))

    def test_anything_else_does_not(self):
        self.assertIn('text/html', self.check('/api/version', 200, 'text/html', b'CE v1.694.0-arras-1'))
        self.assertIn('pattern', self.check('/api/version', 200, 'text/plain', b'1'))
        self.assertIn('integer', self.check('/api/jobs/db_clock', 200, 'application/json', b'"17"'))
        self.assertIn('has no started', self.check('/api/w/main/jobs_u/completed/get_result_maybe/1', 200, 'application/json', b'{}'))
        self.assertIn('is not expected', self.check('/api/users/whoami', 200, 'application/json', b'{"more":1}'))
        self.assertIn('404', self.check('/api/w/main/scripts/get/p/u/a/b', 404, 'text/plain', b'nothing'))
        self.assertIn('204', self.check('/api/version', 204, None, b''))


class Complexity(Tree):
    def check(self):
        return self.run_check('check_complexity.py')

    def test_a_small_function_passes(self):
        self.write('src/base/a.c', 'int f(int a,\n      int b)\n{\n    return a ? 1 : 2;\n}\n')
        self.assertEqual(self.check(), (0, ''))

    def test_too_many_branches_are_caught(self):
        self.write('src/base/a.c', 'struct s {\n    int a;\n};\n\nstatic int f(int a,\n             int b)\n{\n'
                   + '    if (a && b) /* if if */\n        return 0;\n' * 13 + '}\n')
        self.assertEqual(self.check(), (1, 'src/base/a.c:5: f: 27 branches, 25 at most\n'))

    def test_a_long_function_is_caught(self):
        self.write('src/base/a.c', 'void g(void)\n{\n' + '    a = 1;\n' * 81 + '}\n')
        self.assertEqual(self.check(), (1, 'src/base/a.c:1: g: 81 lines, 80 at most\n'))

    def test_deep_nesting_is_caught(self):
        self.write('src/base/a.c', 'void h(void)\n{\n' + '    {\n' * 5 + '    }\n' * 5 + '}\n')
        self.assertEqual(self.check(), (1, 'src/base/a.c:1: h: 5 blocks deep, 4 at most\n'))


SHOWN = '=== warnings\nsome-rule a.yaml:1:2 do so\n'
BY_THE_OTHERS = {'lenient': '=== case\nsetting: lenient\n' + SHOWN,
                 'strict': '=== case\nsetting: strict\n=== error\ncode: some-rule\n'}


class Tolerances(Tree):
    def check(self, page, code, case, others=None):
        self.write('docs/tolerances.md', '## Rules\n\n| rule | a | b |\n' + page + '\n## Other\n| numbers | c |\n')
        self.write('src/run/a.c', code)
        self.write('tests/conformance/cases/a.case', case)
        for name, text in ((BY_THE_OTHERS if case else {}) if others is None else others).items():
            self.write(f'tests/conformance/cases/{name}.case', text)
        return self.run_check('check_tolerances.py')

    def test_a_rule_that_is_told_and_shown_passes(self):
        self.assertEqual(self.check('| some-rule | x | y |', 'ar_warning(a, "some-rule", b);', SHOWN), (0, ''))

    def test_a_rule_that_is_not_told_is_caught(self):
        self.assertEqual(self.check('', 'ar_deviation(a, f(b),\n "some-rule", b);', SHOWN),
                         (1, 'some-rule: a warning without a row in docs/tolerances.md\n'))

    def test_a_rule_that_does_not_exist_is_caught(self):
        self.assertEqual(self.check('| some-rule | x | y |\n| old | x | y |', 'ar_warning(a, "some-rule", b);', SHOWN),
                         (1, 'old: a row in docs/tolerances.md, but no warning in the source\n'))

    def test_a_rule_that_no_case_shows_is_caught(self):
        self.assertEqual(self.check('| some-rule | x | y |', 'ar_warning(a, "some-rule", b);', ''),
                         (1, 'some-rule: no case expects it\n'))

    def test_a_rule_whose_place_and_repair_no_case_shows_is_caught(self):
        others = {name: text.replace(' do so', '') for name, text in BY_THE_OTHERS.items()}
        self.assertEqual(self.check('| some-rule | x | y |', 'ar_warning(a, "some-rule", b);', SHOWN.replace(' do so', ''), others),
                         (1, 'some-rule: no case shows its place and its repair\n'))

    def test_a_setting_that_no_case_shows_is_caught(self):
        self.assertEqual(self.check('| some-rule | x | y |', 'ar_warning(a, "some-rule", b);', SHOWN, {}),
                         (1, 'some-rule: no case by the setting strict\nsome-rule: no case by the setting lenient\n'))

    def test_a_test_of_the_program_stands_for_all_settings(self):
        self.write('tests/cli/test_a.py', '"warning [some-rule]"')
        self.assertEqual(self.check('| some-rule | x | y |', 'ar_warning(a, "some-rule", b);', '', {}), (0, ''))


class Conformance(Tree):
    def check(self, page):
        self.write('docs/conformance.md', '| rule | cases | result |\n|---|---|---|\n' + page)
        self.write('tests/conformance/cases/a/one.case', '')
        return self.run_check('check_conformance.py')

    def test_a_case_that_is_named_passes(self):
        self.assertEqual(self.check('| `x \\| y` | `a/one` | holds |\n'), (0, ''))

    def test_a_case_that_does_not_exist_is_caught(self):
        self.assertEqual(self.check('| x | `a/one`, `a/two` | holds |\n'),
                         (1, 'docs/conformance.md:3: a/two: there is no such case\n'))

    def test_a_case_that_is_not_named_is_caught(self):
        self.assertEqual(self.check(''), (1, 'a/one: not in docs/conformance.md\n'))

    def test_a_rule_without_case_or_result_is_caught(self):
        self.assertEqual(self.check('| x | `a/one` | perhaps |\n| y | | holds |\n'),
                         (1, 'docs/conformance.md:3: no result\ndocs/conformance.md:4: no case\n'))


class Counting(Tree):
    def count(self, *entries, failed=0):
        self.write('log.json', ''.join(json.dumps(entry) + '\n' for entry in entries))
        return self.run_check('../script/lib/count_results.py', '--failed', str(failed), str(self.root / 'log.json'))

    def test_cases_within_a_program_are_counted(self):
        status, out = self.count({'name': 'a', 'result': 'OK', 'stdout': '1..3\nok 1 - x\nok 2 - y # SKIP none\nok 3\n'},
                                 {'name': 'b', 'result': 'OK', 'stderr': '[  PASSED  ] 4 test(s).\n'},
                                 {'name': 'c', 'result': 'OK', 'stdout': 'free text\n'},
                                 {'name': 'd', 'result': 'SKIP'})
        self.assertEqual((status, out), (0, '7 passed, 0 failed, 2 skipped\n'))

    def test_a_failed_case_fails_the_whole(self):
        status, out = self.count({'name': 'a', 'result': 'FAIL', 'stdout': '1..2\nok 1 - x\nnot ok 2 - y\n'})
        self.assertEqual(status, 1)
        self.assertEqual(out.split('\n')[-2], '1 passed, 1 failed')

    def test_a_crash_without_a_failed_case_is_a_failure(self):
        status, out = self.count({'name': 'a', 'result': 'FAIL', 'stderr': '[  PASSED  ] 4 test(s).\n'})
        self.assertEqual((status, out.split('\n')[-2]), (1, '4 passed, 1 failed'))

    def test_a_failed_build_is_a_failure(self):
        self.assertEqual(self.count({'name': 'a', 'result': 'OK'}, failed=1), (1, '1 passed, 1 failed\n'))

    def test_no_results_are_a_failure(self):
        self.assertEqual(self.count(), (1, '0 passed, 0 failed\n'))


if __name__ == '__main__':
    unittest.main()
