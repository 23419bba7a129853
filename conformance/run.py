#!/usr/bin/env python3
"""Runs the cases of one real client against the real binary.

Prints a line for each case, `ok - name` or `not ok - name: reason`, and ends with `N passed, M failed`.
`cargo xtask conformance` builds and installs what is needed, sets the environment and calls this.
"""
import argparse
import sys

from harness.cases import chosen, run
from suites import SUITES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", choices=sorted(SUITES), help="which client")
    parser.add_argument("case", nargs="*", help="only these cases; all when none is named")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and run none")
    arguments = parser.parse_args()

    client = SUITES[arguments.suite]
    try:
        cases = chosen(client, arguments.case)
    except KeyError as unknown:
        parser.error(f"{arguments.suite} has no case {unknown}; --list shows them")
    if arguments.list:
        for case in cases:
            print(case.name)
        return 0
    return run(client, cases)


if __name__ == "__main__":
    sys.exit(main())
