from importlib import metadata
from types import SimpleNamespace

from costrel.cli.version import get_version


def test_versions_are_printed_one_per_line(capsys):
    ended = []
    ctx = SimpleNamespace(resilient_parsing=False, color=None, exit=lambda: ended.append(True))
    get_version(ctx, None, True)
    assert f"costrel {metadata.version('costrel')}\n" in capsys.readouterr().out
    assert ended == [True]


def test_packages_that_are_absent_are_left_out(capsys, monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    get_version(SimpleNamespace(resilient_parsing=False, color=None, exit=lambda: None), None, True)
    assert capsys.readouterr().out.count("\n") == 1


def test_nothing_is_printed_while_completing(capsys):
    get_version(SimpleNamespace(resilient_parsing=True), None, True)
    get_version(SimpleNamespace(resilient_parsing=False), None, False)
    assert capsys.readouterr().out == ""
