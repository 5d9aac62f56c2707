"""Measure where each request's time goes, with the standard library's profiler."""

import sys
import time
from collections.abc import Callable, Iterable
from cProfile import Profile
from pathlib import Path
from pstats import Stats
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Profile", "ProfilerMiddleware", "Stats"]

FILE_NAME = "{method}.{path}.{elapsed:.0f}ms.{time:.0f}.prof"


class ProfilerMiddleware:
    """Profile every request; responses are read whole, so that their making is measured too.

    Args:
        app: the WSGI application.
        stream: where to print a table for each request; `None` prints none.
        sort_by: columns of the table to sort by, as for `pstats.Stats.sort_stats`.
        restrictions: what the table is cut down to, as for `pstats.Stats.print_stats`.
        profile_dir: a directory for one data file per request; `None` writes none.
        filename_format: the files' names: a format string with `method`, `path`, `elapsed` (ms)
            and `time` (s since 1970), or a function of the environ, in which
            `werkzeug.profiler` holds `elapsed` and `time`.

    """

    def __init__(
        self,
        app: "WSGIApplication",
        stream: IO[str] | None = sys.stdout,
        sort_by: Iterable[str] = ("time", "calls"),
        restrictions: Iterable[str | int | float] = (),
        profile_dir: str | None = None,
        filename_format: "str | Callable[[WSGIEnvironment], str]" = FILE_NAME,
    ) -> None:
        self._app = app
        self._stream = stream
        self._sort_by = tuple(sort_by)
        self._restrictions = tuple(restrictions)
        self._profile_dir = profile_dir
        self._filename_format = filename_format

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Run one request under the profiler and report it."""
        chunks: list[bytes] = []

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            start_response(status, headers, exc_info)
            return chunks.append

        profile = Profile()
        begun = time.perf_counter()
        profile.runcall(self._read_whole, environ, start, chunks)
        elapsed = (time.perf_counter() - begun) * 1000
        if self._profile_dir is not None:
            name = self._file_name(environ, elapsed)
            profile.dump_stats(str(Path(self._profile_dir) / name))
        if self._stream is not None:
            self._print(profile, environ)
        return [b"".join(chunks)]

    def _read_whole(
        self, environ: "WSGIEnvironment", start: "StartResponse", chunks: list[bytes]
    ) -> None:
        answer = self._app(environ, start)
        try:
            chunks.extend(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()

    def _file_name(self, environ: "WSGIEnvironment", elapsed: float) -> str:
        if callable(self._filename_format):
            environ["werkzeug.profiler"] = {"elapsed": elapsed, "time": time.time()}
            return self._filename_format(environ)
        return self._filename_format.format(
            method=environ["REQUEST_METHOD"],
            # Dots for slashes: the path names a file, never a directory.
            path=environ.get("PATH_INFO", "").strip("/").replace("/", ".") or "root",
            elapsed=elapsed,
            time=time.time(),
        )

    def _print(self, profile: Profile, environ: "WSGIEnvironment") -> None:
        stats = Stats(profile, stream=self._stream)
        stats.sort_stats(*self._sort_by)
        # A path is the client's text: it must not be able to write lines of its own.
        print("-" * 80, file=self._stream)
        print(f"PATH: {environ.get('PATH_INFO', '')!r}", file=self._stream)
        stats.print_stats(*self._restrictions)
        print("-" * 80 + "\n", file=self._stream)
