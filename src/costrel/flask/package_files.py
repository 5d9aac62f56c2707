"""Resources of alias packages: the files beside the alias itself."""

from importlib.resources.abc import TraversableResources
from pathlib import Path


class PackageFiles(TraversableResources):
    """Reads resources from one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def files(self) -> Path:
        """Return the directory."""
        return self.directory
