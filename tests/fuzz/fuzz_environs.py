"""Random requests on whole apps: no exception leaves them, and no input makes an answer of 5xx.

    python tests/fuzz/fuzz_environs.py --count 1000000 --processes 2
    python tests/fuzz/fuzz_environs.py --count 100000 --gateway asgi
    python tests/fuzz/fuzz_environs.py --seed 1 --only 4711        # one input again, in full

A failure is printed with its seed and number, which are all that the input follows from.
"""

import argparse
import asyncio
import collections
import logging
import multiprocessing
import pprint
import re
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import fuzz_app  # noqa: E402  the line above is how it is found
import mutate  # noqa: E402
import over_asgi  # noqa: E402
import over_rsgi  # noqa: E402

from costrel.serve.current import CURRENT  # noqa: E402  after the lines above

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*").fullmatch
_STATUS = re.compile(r"[1-5][0-9]{2} [\x20-\x7e]+").fullmatch
# The views behind these send the client wherever it says.
_GOES_ANYWHERE = ("/redirect", "/header")
# What asks an app by each protocol; WSGI takes no more than a call.
OVER = {"wsgi": None, "asgi": over_asgi, "rsgi": over_rsgi}
SLOWEST = 2.0  # seconds of CPU time for one input; the usual takes a thousandth


class Failure(Exception):
    """An input that an app did not survive as it should."""


class _LastError(logging.Handler):
    """Keeps what an app logged last."""

    text = ""

    def emit(self, record):
        self.text = record.getMessage()
        if record.exc_info:
            self.text += "\n" + "".join(traceback.format_exception(*record.exc_info))


class Fuzz:
    """All apps, and what they are asked."""

    def __init__(self, folder, gateway="wsgi"):
        self.over = OVER[gateway]
        self.loop = asyncio.new_event_loop() if self.over else None
        self.apps = fuzz_app.make_apps(folder)
        self.logged = _LastError()
        for app in self.apps:
            app.logger.handlers[:] = [self.logged]
            app.logger.propagate = False
        self.cookies = self._session_cookies()
        self.answers = collections.Counter()

    def _session_cookies(self):
        app = self.apps[0]
        found = []
        for query in ("k=v", "k=" + "long" * 50, "k=%ed%a0%80&permanent=1", "k=<b>"):
            with app.test_request_context(f"/session?{query}"):
                response = app.full_dispatch_request()
            found.append(response.headers["Set-Cookie"].partition(";")[0])
        return found

    def ask(self, seed, number):
        """Ask one of the apps one thing; raise a Failure where the answer is none."""
        environ, chance = mutate.make_environ(seed, number, self.cookies)
        app = chance.choices(self.apps, (6, 3, 1, 1, 2))[0]
        self.logged.text = ""
        started = time.process_time()
        try:
            said, content = self.send(app, environ)
        except Exception as error:
            raise Failure(f"{type(error).__name__} left the app {app.name!r}") from error
        took = time.process_time() - started
        if CURRENT.get(None) is not None:
            raise Failure(f"{app.name!r} left its context behind")
        self.answers[said[-1][0]] += 1
        self.check(app, environ, said, content)
        if took > SLOWEST:
            raise Failure(f"{app.name!r} took {took:.1f} seconds")

    def send(self, app, environ):
        """Send an environ to an app; return what it started responses with, and the body."""
        if self.loop is not None:
            return self.over.ask(self.loop, app, environ)
        said = []
        body = app(environ, lambda *args: said.append(args))
        try:
            return said, b"".join(body)
        finally:
            getattr(body, "close", list)()

    def close(self):
        """Give back what the fuzz holds."""
        if self.loop is not None:
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()

    def check(self, app, environ, said, content):
        """Look at an answer; raise a Failure where it is not fit to be sent."""
        if len(said) != 1:
            raise Failure(f"{app.name!r} started {len(said)} responses")
        status, headers = said[0][:2]
        if self.logged.text or status[:1] == "5":
            raise Failure(f"{app.name!r} answered {status} and logged {self.logged.text}")
        if not _STATUS(status):
            raise Failure(f"the status line {status!r}")
        if fuzz_app.SECRET.encode() in content:
            raise Failure("a file was sent that is not below the folder")
        sent = {}
        for name, value in headers:
            if (
                type(name) is not str
                or type(value) is not str
                or not _NAME(name)
                or not _VALUE(value)
            ):
                raise Failure(f"the header {name!r}: {value!r}")
            sent[name.lower()] = value
        length = sent.get("content-length")
        if (
            length is not None
            and environ["REQUEST_METHOD"] != "HEAD"
            and int(length) != len(content)
        ):
            raise Failure(f"a length of {length} for {len(content)} bytes")
        self.check_location(environ, sent)
        if sent.get("content-type", "").startswith("text/html") and b"<script>" in content:
            raise Failure("a script from the input stands in the page")

    def check_location(self, environ, sent):
        """A redirect that the framework makes by itself stays on the host that was asked."""
        location = sent.get("location", "")
        if f"/{environ.get('PATH_INFO', '').lstrip('/')}".startswith(_GOES_ANYWHERE):
            return
        if location.startswith(("//", "/\\", "http:///", "https:///")):
            raise Failure(f"a redirect to {location!r}")
        if re.match(r"[a-z]+://[^/?#]*elsewhere", location):
            raise Failure(f"a redirect to {location!r}")


def run(seed, numbers, fuzz, report=print, most=20):
    """Ask all numbers of a seed; report failures, and return how many there were."""
    failures = 0
    for number in numbers:
        try:
            fuzz.ask(seed, number)
        except Failure as failure:
            failures += 1
            cause = failure.__cause__
            trace = "".join(traceback.format_exception(cause)) if cause else ""
            report(f"--seed {seed} --only {number}: {failure}\n{trace}")
            if failures >= most:
                break
    return failures


def _work(seed, numbers, gateway):
    logging.raiseExceptions = False
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        fuzz = Fuzz(folder, gateway)
        try:
            return run(seed, numbers, fuzz), fuzz.answers
        finally:
            fuzz.close()


def main():
    """Ask as many inputs as the command line says; exit with 1 where one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from")
    parser.add_argument("--only", type=int, help="ask this one number, and show it")
    parser.add_argument("--processes", type=int, default=1, help="how many at the same time")
    parser.add_argument("--gateway", choices=tuple(OVER), default="wsgi", help="how to ask")
    options = parser.parse_args()
    if options.only is not None:
        pprint.pp(mutate.make_environ(options.seed, options.only)[0])
        sys.exit(bool(_work(options.seed, [options.only], options.gateway)[0]))
    shares = [
        (options.seed, range(first, options.count, options.processes), options.gateway)
        for first in range(options.processes)
    ]
    started = time.perf_counter()
    with multiprocessing.Pool(options.processes) as pool:
        results = pool.starmap(_work, shares)
    answers = sum((each for _, each in results), collections.Counter())
    failures = sum(count for count, _ in results)
    pprint.pp(dict(answers.most_common(30)))
    print(f"seed {options.seed}: {options.count} inputs, {failures} failures, "
          f"{time.perf_counter() - started:.0f} seconds")  # fmt: skip
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
