"""Write a multipart/form-data body out of values and files.

Law: what one process writes here, `http/multipart.py` reads back unchanged.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from io import BytesIO
from secrets import token_hex
from tempfile import TemporaryFile
from typing import IO, Any

from costrel.http.headers import Headers
from costrel.http.multidict import iter_multi_items
from costrel.http.multipart_events import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartEncoder,
    Preamble,
)

CHUNK = 64 * 1024


def stream_encode_multipart(
    data: Mapping[str, Any],
    use_tempfile: bool = True,
    threshold: int = 500 * 1024,
    boundary: str | None = None,
) -> tuple[IO[bytes], int, str]:
    """Encode values and files as a stream; returns it with its length in bytes and its boundary.

    Bodies above `threshold` bytes go to a temporary file, unless `use_tempfile` is false.
    """
    boundary = boundary or f"---------------costrelFormPart{token_hex(16)}"
    encoder = MultipartEncoder(boundary.encode())
    stream: IO[bytes] = BytesIO()
    length = 0
    for event in body_events(data):
        length += stream.write(encoder.send_event(event))
        if use_tempfile and length > threshold and isinstance(stream, BytesIO):
            start = stream.getvalue()
            stream = TemporaryFile("wb+")  # noqa: SIM115  # the caller closes it
            stream.write(start)
    stream.seek(0)
    return stream, length, boundary


def encode_multipart(values: Mapping[str, Any], boundary: str | None = None) -> tuple[str, bytes]:
    """Encode values and files in memory; returns the boundary and the body."""
    stream, _, boundary = stream_encode_multipart(values, use_tempfile=False, boundary=boundary)
    return boundary, stream.read()


def body_events(data: Mapping[str, Any]) -> Iterator[Event]:
    """What the encoder has to be told about each value in turn."""
    yield Preamble(data=b"")
    for name, value in iter_multi_items(data):
        if hasattr(value, "read"):
            yield from file_events(str(name), value)
        else:
            content = value if isinstance(value, bytes) else str(value).encode()
            yield Field(name=str(name), headers=Headers())
            yield Data(data=content, more_data=False)
    yield Epilogue(data=b"")


def file_events(name: str, file: Any) -> Iterator[Event]:
    """A file's head and its content, piece by piece."""
    filename = getattr(file, "filename", getattr(file, "name", None))
    content_type = getattr(file, "content_type", None)
    if content_type is None:
        content_type = mimetypes.guess_type(filename or "")[0] or "application/octet-stream"
    headers = Headers(getattr(file, "headers", None) or ())
    headers["Content-Type"] = content_type
    if filename is None:
        yield Field(name=name, headers=headers)
    else:
        yield File(name=name, filename=filename, headers=headers)
    while chunk := file.read(CHUNK):
        yield Data(data=chunk, more_data=True)
    yield Data(data=b"", more_data=False)
