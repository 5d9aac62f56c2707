"""Compile the leaf modules into a wheel, where `HATCH_BUILD_HOOKS_ENABLE=1` asks for it.

Law: nothing is written into the source tree. What is compiled lies in the wheel beside its source,
which stays what is read, debugged, and run wherever the wheel is not used.
"""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Modules that every request goes through, and that hold functions and classes of our own alone: a
# compiled class cannot be subclassed or patched. Each has its gain in docs/speed.md.
LEAVES = (
    "costrel/http/query.py",
    "costrel/routing/matcher.py",
    "costrel/routing/search.py",
    "costrel/routing/tree.py",
)
# The library that all of them are in; the modules themselves are doors to it.
LIBRARY = "costrel.compiled"


class LeafCompiler(BuildHookInterface[Any]):
    """The build hook, off unless it is asked for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and have the wheel take what came of it.

        :param version: ``standard``, or ``editable`` for an install that runs from the sources.
        """
        if version == "editable":
            self.app.display_warning("An editable install runs the sources; nothing is compiled.")
            return
        self.scratch = TemporaryDirectory()
        made = Path(self.scratch.name, "lib")
        compile_leaves(Path(self.root, "src"), Path(self.scratch.name), made)
        for file in made.rglob("*.*"):
            build_data["force_include"][str(file)] = file.relative_to(made).as_posix()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what the wheel has taken."""
        if version != "editable":
            self.scratch.cleanup()


def compile_leaves(sources: Path, scratch: Path, made: Path) -> None:
    """Compile the leaf modules.

    :param sources: the folder that the package is in.
    :param scratch: a folder for what is made on the way.
    :param made: where the extension modules go.
    :raises SystemExit: where mypy finds an error.
    """
    # Only who compiles has them.
    from mypyc.build import mypycify  # noqa: PLC0415
    from setuptools import Distribution  # noqa: PLC0415

    options = ["--config-file=", f"--cache-dir={scratch / 'cache'}", "--ignore-missing-imports"]
    with chdir(sources):
        extensions = mypycify(
            [*options, *LEAVES],
            group_name=LIBRARY,
            target_dir=str(scratch / "c"),
            debug_level="0",
        )
        command: Any = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib, command.build_temp = str(made), str(scratch / "objects")
        command.ensure_finalized()
        command.run()
