#!/usr/bin/env python3
"""Counts what Meson's test logs say, down to the cases within each program.

A program that prints TAP or cmocka's summary counts case by case; any other counts as one. A program that ended badly
without a failed case of its own (a crash, a timeout, a leak) counts as one failure. Prints one line, `N passed, N failed`
and `, N skipped` where there are any, after the names of what failed. Exits 1 where anything failed or nothing ran.
"""
import argparse
import json
import re
import sys

CMOCKA = re.compile(r'^\[  (PASSED|FAILED|SKIPPED) *\] (\d+) test\(s\)', re.MULTILINE)
TAP = re.compile(r'^(not )?ok\b([^#\n]*)(?:#\s*(\w+))?', re.MULTILINE)


def cases_of(text):
    """(passed, failed, skipped) among the cases that a program's output tells of; None where it tells of none."""
    if re.search(r'^1\.\.\d+', text, re.MULTILINE):
        found = TAP.findall(text)
        skipped = sum(1 for _, _, word in found if word.upper() == 'SKIP')
        failed = sum(1 for bad, _, word in found if bad and word.upper() not in ('SKIP', 'TODO'))
        return len(found) - skipped - failed, failed, skipped
    sums = {'PASSED': 0, 'FAILED': 0, 'SKIPPED': 0}
    for word, count in CMOCKA.findall(text):
        sums[word] += int(count)
    if any(sums.values()):
        return sums['PASSED'], sums['FAILED'], sums['SKIPPED']
    return None


def count(entry):
    """(passed, failed, skipped) of one line of a Meson test log."""
    good = entry['result'] in ('OK', 'EXPECTEDFAIL')
    if entry['result'] == 'SKIP':
        return 0, 0, 1
    cases = cases_of(entry.get('stdout', '') + '\n' + entry.get('stderr', ''))
    if cases is None:
        return (1, 0, 0) if good else (0, 1, 0)
    passed, failed, skipped = cases
    return passed, failed if good or failed else 1, skipped


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    arguments.add_argument('--failed', type=int, default=0, help='failures already counted')
    arguments.add_argument('logs', nargs='*')
    options = arguments.parse_args()

    passed, failed, skipped = 0, options.failed, 0
    for log in options.logs:
        try:
            with open(log, encoding='utf-8') as lines:
                entries = [json.loads(line) for line in lines if line.strip()]
        except FileNotFoundError:
            print(f'no results: {log}')
            failed += 1
            continue
        for entry in entries:
            sums = count(entry)
            if sums[1]:
                print(f'failed: {entry["name"]} ({entry["result"].lower()}), see {log.replace(".json", ".txt")}')
            passed, failed, skipped = passed + sums[0], failed + sums[1], skipped + sums[2]
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    sys.exit(main())
