"""Resources: the files beside an app or a blueprint, static ones, templates, others."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any

from costrel.http.cached import cached_property

if TYPE_CHECKING:
    from jinja2.loaders import BaseLoader


class Resources:
    """Where the files of an app or a blueprint are."""

    root_path: str
    template_folder: str | os.PathLike[str] | None = None
    _static_folder: str | None = None
    _static_url_path: str | None = None

    @property
    def static_folder(self) -> str | None:
        """The absolute path of the folder of static files."""
        if self._static_folder is None:
            return None
        return os.path.join(self.root_path, self._static_folder)

    @static_folder.setter
    def static_folder(self, value: str | os.PathLike[str] | None) -> None:
        self._static_folder = None if value is None else os.fspath(value).rstrip(r"\/")

    @property
    def has_static_folder(self) -> bool:
        """Whether a folder of static files is set; it need not exist."""
        return self._static_folder is not None

    @property
    def static_url_path(self) -> str | None:
        """The URL path of the static files; the folder's name unless set."""
        if self._static_url_path is not None:
            return self._static_url_path
        if self.static_folder is None:
            return None
        return f"/{os.path.basename(self.static_folder)}".rstrip("/")

    @static_url_path.setter
    def static_url_path(self, value: str | None) -> None:
        self._static_url_path = None if value is None else value.rstrip("/")

    @cached_property
    def jinja_loader(self) -> BaseLoader | None:
        """What loads the templates of this folder; ``None`` without one."""
        if self.template_folder is None:
            return None
        # Jinja takes 40 ms to import, and an app without templates never gets here.
        from jinja2 import FileSystemLoader  # noqa: PLC0415

        return FileSystemLoader(os.path.join(self.root_path, self.template_folder))

    def open_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = None
    ) -> IO[Any]:
        """Open a file below the root path for reading.

        :param resource: its path, relative to ``root_path``.
        :param mode: ``"r"``, ``"rt"`` or ``"rb"``.
        :param encoding: the encoding of a text file.
        :raises ValueError: for a mode that writes.
        """
        if mode not in {"r", "rt", "rb"}:
            raise ValueError("Resources can only be opened for reading: mode 'r', 'rt' or 'rb'.")
        path = os.path.join(self.root_path, resource)
        return (
            open(path, mode) if mode == "rb" else open(path, mode, encoding=encoding)
        )  # the caller closes it
