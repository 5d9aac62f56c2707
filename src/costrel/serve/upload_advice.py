"""Say why an uploaded file is missing: the form lacks its enctype.

Law: only in debug mode; elsewhere a missing file is a plain 400.
"""

from __future__ import annotations

from typing import Any


class DebugFilesKeyError(KeyError, AssertionError):
    """A file was looked for, but the form sent only its name."""

    def __init__(self, request: Any, key: str) -> None:
        names = request.form.getlist(key)
        message = (
            f"request.files has no {key!r}: the form came as {request.mimetype!r}, so no file "
            'contents were transmitted. Write <form method="post" enctype="multipart/form-data">.'
        )
        if names:
            sent = ", ".join(repr(name) for name in names)
            message += f" Only the name arrived, among the fields. This was submitted: {sent}"
        super().__init__()
        self.message = message

    def __str__(self) -> str:
        return self.message


def advise_on_missing_files(request: Any) -> None:
    """Have ``request.files`` name the reason when a key is looked up in vain."""
    request.__dict__["files"] = advising(request.files, request)


def advising(files: Any, request: Any) -> Any:
    """Return a request's files as a dictionary that names that reason."""
    if files or request.mimetype == "multipart/form-data":
        return files
    plain = type(files)

    class AdvisingFiles(plain):  # type: ignore[misc, valid-type]  # whichever class the request stores in
        """The files, with a reason for what is not among them."""

        def __getitem__(self, key: str) -> Any:
            try:
                return super().__getitem__(key)
            except KeyError as error:
                if key not in request.form:
                    raise
                raise DebugFilesKeyError(request, key) from error

    AdvisingFiles.__name__ = plain.__name__
    return AdvisingFiles(files)
