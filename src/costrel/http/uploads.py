"""FileStorage: one uploaded file; secure_filename: a name that is safe to store it under."""

from __future__ import annotations

import io
import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from costrel.http.header_values import parse_options_header
from costrel.http.headers import Headers
from costrel.http.late_pattern import late_pattern
from costrel.http.multidict import MultiDict
from costrel.http.safe_path import is_device_name
from costrel.http.urls import get_content_length

NOT_IN_FILENAMES = late_pattern(r"[^A-Za-z0-9_.-]")


def secure_filename(filename: str) -> str:
    """Reduce a client's file name to ASCII letters, digits and `_ . -`, without any directory.

    :returns: the name; it may be empty, when nothing of the given one is left.
    """
    name = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode("ascii")
    for sep in {os.sep, os.path.altsep or os.sep}:
        name = name.replace(sep, " ")
    name = NOT_IN_FILENAMES.sub("", "_".join(name.split())).strip("._")
    return f"_{name}" if is_device_name(name) else name


def _name_of(stream: Any) -> str | None:
    """Return the name of the file behind a stream; descriptors and `<stdin>` have none."""
    name = getattr(stream, "name", None)
    if not isinstance(name, (str, bytes, os.PathLike)):
        return None
    text = os.fsdecode(name)
    return None if text.startswith("<") and text.endswith(">") else text


class FileStorage:
    """An uploaded file: its stream, with the names and headers it came with.

    Attributes of the stream can be used on the object itself. It is false without a file name,
    as when a form's file field was left empty.

    :param filename: the client's name for the file; never use it as a path, see
        `secure_filename`.
    :param name: the name of the form's field.
    :param content_length: of this part, in bytes.
    """

    stream: IO[bytes]

    def __init__(
        self,
        stream: IO[bytes] | None = None,
        filename: str | None = None,
        name: str | None = None,
        content_type: str | None = None,
        content_length: int | None = None,
        headers: Headers | None = None,
    ) -> None:
        self.stream = io.BytesIO() if stream is None else stream
        self.filename = _name_of(stream) if filename is None else filename
        self.name = name
        self.headers = Headers() if headers is None else headers
        if content_type is not None:
            self.headers["Content-Type"] = content_type
        if content_length is not None:
            self.headers["Content-Length"] = str(content_length)

    @property
    def content_type(self) -> str | None:
        """The `Content-Type` header as sent."""
        return self.headers.get("content-type")

    @property
    def content_length(self) -> int:
        """The `Content-Length` header; browsers leave it out, and it is 0 then."""
        return get_content_length(self.headers.get("content-length")) or 0

    @property
    def mimetype(self) -> str:
        """The content type without parameters, in lower case."""
        return parse_options_header(self.content_type or "")[0].lower()

    @property
    def mimetype_params(self) -> dict[str, str]:
        """The parameters of the content type, such as `charset`."""
        return parse_options_header(self.content_type or "")[1]

    def save(self, dst: str | os.PathLike[str] | int | IO[bytes], buffer_size: int = 16384) -> None:
        """Write the file, from where its stream stands, to a path, a descriptor or an open file.

        An open file or descriptor stays open.
        """
        if hasattr(dst, "write"):
            self._copy_to(dst, buffer_size)
        else:
            with open(dst, "wb", closefd=not isinstance(dst, int)) as file:
                self._copy_to(file, buffer_size)

    def _copy_to(self, file: Any, buffer_size: int) -> None:
        while chunk := self.stream.read(buffer_size):
            file.write(chunk)

    def close(self) -> None:
        """Close the stream; what spooled to disk is gone then."""
        # Files are closed when their request is over: one that fails must not keep the others.
        with suppress(Exception):
            self.stream.close()

    def __bool__(self) -> bool:
        return bool(self.filename)

    if TYPE_CHECKING:
        # Of the stream. By name, so that a checker finds the names that are misspelt.
        closed: bool
        fileno: Callable[[], int]
        flush: Callable[[], None]
        read: Callable[..., bytes]
        readable: Callable[[], bool]
        readline: Callable[..., bytes]
        readlines: Callable[..., list[bytes]]
        seek: Callable[..., int]
        seekable: Callable[[], bool]
        tell: Callable[[], int]
        truncate: Callable[..., int]
        writable: Callable[[], bool]
        write: Callable[[bytes], int]
    else:

        def __getattr__(self, name: str) -> Any:
            if name == "stream":  # not made yet, as while it is being copied
                raise AttributeError(name)
            try:
                return getattr(self.stream, name)
            except AttributeError:
                # SpooledTemporaryFile keeps some of IOBase's methods to the file inside.
                inner = getattr(self.stream, "_file", None)
                if hasattr(inner, name):
                    return getattr(inner, name)
                raise

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.stream)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.filename!r} ({self.content_type!r})>"


class FileMultiDict(MultiDict[str, Any]):
    """A MultiDict of files, for building requests."""

    def add_file(
        self,
        name: str,
        file: str | os.PathLike[str] | IO[bytes] | FileStorage,
        filename: str | None = None,
        content_type: str | None = None,
    ) -> None:
        """Add a file under a field's name.

        :param file: a path, an open file, or a FileStorage, which is added as it stands.
        :param filename: instead of the file's own name.
        :param content_type: instead of the one which the file name suggests.
        """
        if isinstance(file, FileStorage):
            self.add(name, file)
            return
        if isinstance(file, (str, os.PathLike)):
            filename = os.fspath(file) if filename is None else filename
            # The FileStorage closes it; pathlib is not worth its import here.
            stream: IO[bytes] = open(file, "rb")  # noqa: SIM115
        else:
            stream = file
        if filename and content_type is None:
            # It reads the system's tables, and only the building of requests needs it.
            from mimetypes import guess_type  # noqa: PLC0415

            content_type = guess_type(filename)[0] or "application/octet-stream"
        self.add(name, FileStorage(stream, filename, name, content_type))
