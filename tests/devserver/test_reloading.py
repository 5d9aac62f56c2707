import pytest

from costrel.devserver import reloading
from costrel.devserver.reloading import ReloaderLoop, StatReloaderLoop, run_with_reloader


def test_the_parent_starts_the_program_again_and_ends_with_its_code(monkeypatch):
    seen = []
    monkeypatch.delenv("WERKZEUG_RUN_MAIN", raising=False)
    monkeypatch.setattr(reloading, "restart_on_change", lambda *args: seen.append(args) or 5)
    with pytest.raises(SystemExit) as caught:
        run_with_reloader(seen.append, extra_files=["/a"], exclude_patterns=["*b"])
    assert caught.value.code == 5
    assert seen == [([], {"/a"}, {"*b"})]


def test_the_child_runs_the_function(monkeypatch):
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    seen = []

    def serve():
        seen.append("served")
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as caught:
        run_with_reloader(serve)
    assert (caught.value.code, seen) == (0, ["served"])


def test_a_loop_ends_the_program_at_a_change_so_that_it_is_started_anew(monkeypatch, capsys):
    batches = iter([[], ["app.py", "b.py"]])
    monkeypatch.setattr("costrel.devserver.watcher.watch_sources", lambda *args: batches)
    with pytest.raises(SystemExit) as caught:
        StatReloaderLoop().run()
    assert caught.value.code == 3
    assert "Detected change in 'app.py'" in capsys.readouterr().err


def test_a_loop_whose_watching_ends_returns(monkeypatch):
    monkeypatch.setattr("costrel.devserver.watcher.watch_sources", lambda *args: iter([[]]))
    assert ReloaderLoop().run() is None


@pytest.mark.parametrize("find", [reloading.imported_files, reloading.imported_folders])
def test_what_was_imported_is_found_but_for_what_is_left_out(find, own_folder):
    extra = own_folder / "settings.toml"
    extra.write_text("")
    found = find({str(extra)}, set())
    mine = {path for path in found if str(extra).startswith(path)}
    assert mine
    assert not find({str(extra)}, {f"{own_folder}*"}) & mine
