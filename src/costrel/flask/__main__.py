"""Run a program that says `from flask import Flask` on costrel.

`python -m costrel.flask prog.py ARGS` runs a file, `python -m costrel.flask -m module ARGS` a
module. Child processes (reloader, workers) inherit the alias through COSTREL_FLASK=1.
"""

import os
import runpy
import sys
from pathlib import Path

from costrel.flask.finder import install

USAGE = """\
usage: python -m costrel.flask program.py [arguments]
       python -m costrel.flask -m module [arguments]

Run a program written for Flask on costrel.
"""
SWITCH = "COSTREL_FLASK"


def main(arguments: list[str]) -> int:
    """Run the program that the arguments name, as `python` itself would."""
    if not arguments or arguments[0] in {"-h", "--help"} or arguments == ["-m"]:
        sys.stdout.write(USAGE)
        return 0 if arguments and arguments != ["-m"] else 2
    os.environ[SWITCH] = "1"
    install()
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return 0
    program = Path(arguments[0])
    if not program.exists():
        sys.stderr.write(f"costrel.flask: there is no file {str(program)!r} here.\n")
        return 2
    sys.argv = arguments
    # `python -m` put the current directory first; `python prog.py` has the program's.
    sys.path[0] = str(program.resolve().parent)
    runpy.run_path(str(program), run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
