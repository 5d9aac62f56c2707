"""What importing a framework and making hello world costs: `scripts/bench startup`.

CPU ms over those of a bare interpreter, least of many runs; and resident MiB.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile

VIEW = "\n@app.route('/')\ndef hello(): return 'hi'"
STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
async def hello(request): return PlainTextResponse('hi')
app = Starlette(routes=[Route('/', hello)])"""
FALCON = """
import falcon
class Hello:
    def on_get(self, request, response): response.text = 'hi'
app = falcon.App()
app.add_route('/', Hello())"""
BLACKSHEEP = """
from blacksheep import Application, get
@get('/')
async def hello(): return 'hi'
app = Application()"""
PROGRAMS = {
    "bare interpreter": "pass",
    "costrel": "from costrel import Flask\napp = Flask('hello')" + VIEW,
    "flask": "from flask import Flask\napp = Flask('hello')" + VIEW,
    "falcon": FALCON,
    "bottle": "from bottle import Bottle\napp = Bottle()" + VIEW,
    "starlette": STARLETTE,
    "blacksheep": BLACKSHEEP,
}
TELL = """
import os
print(open('/proc/self/statm').read().split()[1], flush=True)
os._exit(0)"""


def cost(program, repeats):
    """Return the least CPU ms and the resident MiB of a program."""
    least, pages = float("inf"), 0
    # Byte code is in place, as it is for what is installed.
    variables = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(
                [sys.executable, "-c", program + TELL],
                cwd=folder,
                env=variables,
                capture_output=True,
                text=True,
                check=True,
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            least = min(least, used)
            pages = int(done.stdout)
    return least * 1e3, pages * os.sysconf("SC_PAGESIZE") / 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    given = parser.parse_args()
    print("| program | CPU ms over bare | resident MiB |\n|---|--:|--:|")
    bare = None
    for name, program in PROGRAMS.items():
        used, held = cost(program, given.repeats)
        bare = used if bare is None else bare
        print(f"| {name} | {used - bare:.0f} | {held:.1f} |")


if __name__ == "__main__":
    main()
