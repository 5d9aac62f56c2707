"""Serve files of directories and packages beside an application."""

import mimetypes
import os
import posixpath
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatch
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from time import time
from typing import IO, TYPE_CHECKING
from zlib import adler32

from costrel.http.conditional import is_resource_modified
from costrel.http.dates import http_date
from costrel.http.environ import get_path_info
from costrel.http.etags import quote_etag
from costrel.http.response_fields import with_charset
from costrel.http.safe_path import safe_join
from costrel.http.streams import wrap_file

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Opens a file: the open file, when it was changed, its size in bytes.
Opener = Callable[[], tuple[IO[bytes], datetime, int]]
# Finds a path below an export: the file's name and its opener, twice `None` for no file.
Loader = Callable[[str | None], tuple[str | None, Opener | None]]
Export = str | tuple[str, str]


class SharedDataMiddleware:
    """Answer requests for exported files; give all others to the application.

    Args:
        app: the WSGI application.
        exports: URL path to a file, a directory, or `(package, path inside it)`.
        disallow: `fnmatch` patterns of file names that are not served.
        cache: whether browsers may keep the files.
        cache_timeout: for how many seconds.
        fallback_mimetype: the type of files whose name does not tell it.

    """

    def __init__(
        self,
        app: "WSGIApplication",
        exports: Mapping[str, Export] | Iterable[tuple[str, Export]],
        disallow: str | Iterable[str] | None = None,
        cache: bool = True,
        cache_timeout: int = 60 * 60 * 12,
        fallback_mimetype: str = "application/octet-stream",
    ) -> None:
        self.app = app
        self.cache = cache
        self.cache_timeout = cache_timeout
        self.fallback_mimetype = fallback_mimetype
        self._disallow = (disallow,) if isinstance(disallow, str) else tuple(disallow or ())
        pairs = exports.items() if isinstance(exports, Mapping) else exports
        self.exports = [(path, self._make_loader(export)) for path, export in pairs]

    def _make_loader(self, export: Export) -> Loader:
        if isinstance(export, tuple):
            return self.get_package_loader(*export)
        if Path(export).is_file():
            return self.get_file_loader(export)
        return self.get_directory_loader(export)

    def is_allowed(self, filename: str) -> bool:
        """Whether a file of this name may be served; a subclass may decide otherwise."""
        return not any(fnmatch(filename, pattern) for pattern in self._disallow)

    def get_file_loader(self, filename: str) -> Loader:
        """Make a loader that always finds one file."""
        return lambda _: (Path(filename).name, _opener(filename))

    def get_directory_loader(self, directory: str) -> Loader:
        """Make a loader for a directory's files; a path that leads out of it finds nothing."""

        def load(path: str | None) -> tuple[str | None, Opener | None]:
            found = directory if path is None else safe_join(directory, path)
            if found is None or not os.path.isfile(found):
                return None, None
            return Path(found).name, _opener(found)

        return load

    def get_package_loader(self, package: str, package_path: str) -> Loader:
        """Make a loader for the data files of an importable package."""
        load_time = datetime.now(tz=UTC)
        spec = find_spec(package)
        reader = getattr(spec and spec.loader, "get_resource_reader", lambda _: None)(package)
        if reader is None:
            raise ValueError(
                f"The package {package!r} was not found, or its loader cannot read data files. "
                "Export a directory instead."
            )

        def load(path: str | None) -> tuple[str | None, Opener | None]:
            name = None if path is None else safe_join(package_path, path)
            if name is None:
                return None, None
            try:
                resource = reader.open_resource(name)
            except (OSError, ValueError):
                return None, None
            with resource:
                try:
                    resource.fileno()
                except OSError:  # From an archive: there is no file to open again.
                    content = resource.read()
                    return posixpath.basename(name), lambda: (
                        BytesIO(content),
                        load_time,
                        len(content),
                    )
                return posixpath.basename(name), _opener(resource.name)

        return load

    def generate_etag(self, mtime: datetime, file_size: int, real_filename: str) -> str:
        """Make a tag that changes with a file's name, size and time."""
        name = adler32(os.fsencode(real_filename)) & 0xFFFFFFFF
        return f"{int(mtime.timestamp())}-{file_size}-{name}"

    def _find(self, path: str) -> tuple[str | None, Opener | None]:
        for prefix, loader in self.exports:
            name = opener = None
            if path == prefix:
                name, opener = loader(None)
            below = prefix if prefix.endswith("/") else f"{prefix}/"
            if opener is None and path.startswith(below):
                name, opener = loader(path[len(below) :])
            if opener is not None:
                return name, opener
        return None, None

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer with a file, with 304 if the client has it, or by the application."""
        name, opener = self._find(get_path_info(environ))
        if name is None or opener is None or not self.is_allowed(name):
            return self.app(environ, start_response)
        file, changed, size = opener()
        headers = [("Date", http_date())]
        if self.cache:
            etag = self.generate_etag(changed, size, name)
            headers += [
                ("ETag", quote_etag(etag)),
                ("Cache-Control", f"max-age={self.cache_timeout}, public"),
            ]
            if not is_resource_modified(environ, etag, last_modified=changed):
                file.close()
                start_response("304 Not Modified", headers)
                return []
            headers.append(("Expires", http_date(time() + self.cache_timeout)))
        else:
            headers.append(("Cache-Control", "public"))
        mimetype = mimetypes.guess_type(name)[0] or self.fallback_mimetype
        headers += [
            ("Content-Type", with_charset(mimetype)),
            ("Content-Length", str(size)),
            ("Last-Modified", http_date(changed)),
        ]
        start_response("200 OK", headers)
        return wrap_file(environ, file)


def _opener(filename: str) -> Opener:
    def open_file() -> tuple[IO[bytes], datetime, int]:
        file = Path(filename).open("rb")  # noqa: SIM115  # the server closes it after sending
        stat = os.fstat(file.fileno())
        return file, datetime.fromtimestamp(stat.st_mtime, tz=UTC), stat.st_size

    return open_file
