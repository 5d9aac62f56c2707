"""The import hook, on a table of its own: `theirs` stands for flask, `ours` for costrel."""

import datetime as dt
import importlib
import importlib.abc
import importlib.util
import inspect
import pickle
import pkgutil
import sys
from importlib import resources
from importlib.machinery import ModuleSpec
from types import ModuleType
from unittest import mock

import pytest

from costrel.flask.finder import AliasEntry, AliasFinder, AliasModule, merge

TABLE = {
    "theirs": {"theirs.deep": "Thing call", "import": "tools=theirs.tools"},
    "theirs.deep": {"ours.things": "Thing call=run gone later=brand_new _hidden"},
    "theirs.tools": {"ours.things": "call=run", "ours.absent": "never", "ours.broken": "x"},
    "theirs.box": {},
    "theirs.box.inner": {"ours.things": "Thing", "datetime": "date"},
}
OURS = {
    "ours": "",
    "ours.things": (
        "class Thing: pass\n\ndef run():\n    return 'run'\n\n"
        "def user_of_run():\n    return run()\n\ngone = 1\n_hidden = 2\n"
    ),
    "ours.broken": "import a_library_that_is_not_installed",
}


class SourceFinder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Makes the modules of OURS."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in OURS:
            return None
        return importlib.util.spec_from_loader(fullname, self, is_package=fullname == "ours")

    def get_source(self, fullname):
        return OURS[fullname]


@pytest.fixture(autouse=True)
def hook(monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [AliasFinder(TABLE), *sys.meta_path, SourceFinder()])
    monkeypatch.setattr(sys, "path_hooks", [*sys.path_hooks, AliasEntry])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    yield
    for name in list(sys.modules):
        if name.partition(".")[0] in {"theirs", "ours"}:
            del sys.modules[name]


def test_a_name_is_the_very_object_of_its_home():
    from theirs.deep import Thing

    assert Thing is importlib.import_module("ours.things").Thing


def test_a_name_is_one_object_by_every_path():
    import theirs
    from theirs.box.inner import Thing

    assert theirs.Thing is theirs.deep.Thing is Thing
    assert theirs.tools.call is theirs.call


def test_a_name_that_ours_calls_differently_is_found():
    import theirs.deep

    assert theirs.deep.call is importlib.import_module("ours.things").run


def test_a_home_is_not_imported_before_one_of_its_names_is_asked_for():
    import theirs.deep

    assert "ours.things" not in sys.modules
    assert theirs.deep._hidden == 2
    assert "ours.things" in sys.modules


def test_importing_as_gives_the_submodule():
    import theirs.box.inner as i

    assert i is sys.modules["theirs.box.inner"]
    assert isinstance(i, AliasModule)


class Patcher:
    """Waits for `theirs.deep` as tracers do: a loader around the one that is found."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "theirs.deep":
            return None
        spec = sys.meta_path[1].find_spec(fullname, path, target)
        self.loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        call = module.call
        module.call = lambda: f"traced {call()}"


def test_who_patches_a_module_when_it_is_imported_has_done_so_before_its_names_are_used():
    sys.meta_path.insert(0, Patcher())
    from theirs import Thing, call, tools

    assert call() == tools.call() == importlib.import_module("ours.things").run() == "traced run"
    assert Thing is sys.modules["theirs.deep"].Thing


def test_modules_can_be_listed_where_anothers_loader_is_around_ours():
    import theirs

    theirs.__loader__ = theirs.__spec__.loader = object()
    names = [module.name for module in pkgutil.iter_modules(theirs.__path__)]
    assert names == ["box", "deep", "tools"]


def test_a_submodule_is_an_attribute_without_being_imported_first():
    import theirs

    assert theirs.box.inner is importlib.import_module("theirs.box.inner")
    assert theirs.tools is importlib.import_module("theirs.tools")


def test_star_import_brings_the_public_names():
    names: dict = {}
    exec("from theirs import *", names)
    assert {"Thing", "call", "tools"} <= set(names)
    assert "deep" not in names


def test_private_names_stay_out_of_a_star_import():
    assert "_hidden" not in importlib.import_module("theirs.deep").__all__


def test_dir_lists_names_and_submodules():
    assert {"Thing", "call", "deep", "box", "tools"} <= set(dir(importlib.import_module("theirs")))


def test_a_patch_reaches_the_code_in_use():
    things = importlib.import_module("ours.things")
    with mock.patch("theirs.deep.call", return_value="patched"):
        assert things.user_of_run() == "patched"
    assert things.user_of_run() == "run"


def test_a_patch_of_the_standard_librarys_does_not_reach_it():
    from theirs.box import inner

    date = dt.date
    with mock.patch("datetime.date", "frozen"), mock.patch("theirs.box.inner.date", "here"):
        assert (dt.date, inner.date) == ("frozen", "here")
    assert (dt.date, inner.date) == (date, date)
    with mock.patch("theirs.box.inner.date"):
        assert dt.date is date


def test_a_patch_by_one_path_is_seen_by_every_other_and_undone():
    import theirs

    original = theirs.call
    assert theirs.tools.call is original
    with mock.patch("theirs.tools.call") as fake:
        assert theirs.call is theirs.deep.call is fake
    assert theirs.call is theirs.deep.call is theirs.tools.call is original


def test_a_name_first_read_while_patched_is_put_back_too():
    import theirs

    with mock.patch("theirs.tools.call") as fake:
        assert theirs.call is fake
    assert theirs.call() == "run"


def test_monkeypatch_works_by_object_and_by_name(monkeypatch):
    import theirs

    things = importlib.import_module("ours.things")
    monkeypatch.setattr(theirs.deep, "call", "by object")
    assert things.run == "by object"
    monkeypatch.setattr("theirs.tools.call", "by name")
    assert things.run == theirs.deep.call == "by name"
    monkeypatch.undo()
    assert things.run() == theirs.call() == "run"


def test_deleting_a_name_deletes_it_at_home():
    import theirs.deep

    assert theirs.deep.gone == 1
    del theirs.deep.gone
    assert not hasattr(importlib.import_module("ours.things"), "gone")
    assert not hasattr(theirs.deep, "gone")


def test_a_new_attribute_stays_on_the_alias():
    import theirs.deep

    theirs.deep.mine = 1
    assert theirs.deep.mine == 1
    assert not hasattr(importlib.import_module("ours.things"), "mine")
    del theirs.deep.mine
    assert not hasattr(theirs.deep, "mine")


def test_a_name_that_is_not_there_is_an_import_error_that_says_so():
    with pytest.raises(ImportError, match=r"costrel has no theirs\.deep\.nothing\."):
        from theirs.deep import nothing  # noqa: F401


def test_a_name_that_is_not_in_a_package_is_an_import_error_that_says_so():
    with pytest.raises(ImportError, match=r"costrel has no theirs\.nothing\."):
        from theirs import nothing  # noqa: F401


def test_asking_for_a_name_that_is_not_there_is_an_attribute_error():
    import theirs

    assert not hasattr(theirs, "nothing")
    assert getattr(theirs.deep, "nothing", "default") == "default"
    with pytest.raises(AttributeError, match="costrel has no theirs.nothing"):
        theirs.nothing  # noqa: B018


@pytest.mark.parametrize(("module", "name"), [("deep", "later"), ("tools", "never")])
def test_a_name_whose_home_lacks_it_says_where_it_should_be(module, name):
    with pytest.raises(ImportError, match=f"{name} yet: it should be ours"):
        exec(f"from theirs.{module} import {name}")


def test_a_home_that_cannot_be_imported_says_what_is_missing():
    with pytest.raises(ModuleNotFoundError, match="a_library_that_is_not_installed"):
        from theirs.tools import x  # noqa: F401


def test_a_module_that_is_not_there_is_an_import_error_that_says_so():
    with pytest.raises(ModuleNotFoundError, match=r"costrel has no module theirs\.nothing") as info:
        importlib.import_module("theirs.nothing")
    assert info.value.name == "theirs.nothing"


def test_other_packages_are_left_to_other_finders():
    finder = AliasFinder(TABLE)
    assert finder.find_spec("json") is None
    assert finder.find_spec("theirs.else", path=["/a/real/package"]) is None


def test_modules_can_be_listed():
    import theirs

    found = {module.name: module.ispkg for module in pkgutil.iter_modules(theirs.__path__)}
    assert found == {"box": True, "deep": False, "tools": False}
    below = [module.name for module in pkgutil.walk_packages(theirs.__path__, "theirs.")]
    assert "theirs.box.inner" in below


def test_only_alias_paths_are_answered_by_the_path_hook():
    with pytest.raises(ImportError, match="no path of costrel"):
        AliasEntry("/tmp")
    assert AliasEntry("<costrel.flask>/theirs").find_spec("theirs.deep") is None


def test_a_module_has_a_source_that_makes_the_same_names():
    loader = importlib.import_module("theirs.box.inner").__loader__
    names: dict = {}
    exec(loader.get_code("theirs.box.inner"), names)
    assert names["Thing"] is importlib.import_module("ours.things").Thing
    assert "import Thing" in loader.get_source("theirs.box.inner")
    assert "import theirs.tools" not in loader.get_source("theirs")
    assert "from theirs import tools as tools" in loader.get_source("theirs")


def test_packages_and_modules_are_told_apart():
    import theirs.deep

    loader = theirs.__loader__
    assert loader.is_package("theirs")
    assert loader.is_package("theirs.box")
    assert not loader.is_package("theirs.deep")
    assert not hasattr(theirs.deep, "__path__")


def test_resources_can_be_read():
    assert (resources.files("theirs") / "finder.py").is_file()


def test_modules_have_specs_and_homes_keep_theirs():
    import theirs.deep

    assert theirs.deep.Thing
    assert theirs.deep.__spec__.name == "theirs.deep"
    assert importlib.import_module("ours.things").__spec__.name == "ours.things"
    assert isinstance(importlib.util.find_spec("theirs.deep"), ModuleSpec)


def test_a_module_has_the_table_for_its_file():
    import theirs.deep

    assert theirs.deep.__file__.endswith("old_names.py")
    assert AliasFinder({"flask.x": {}}).find_spec("flask.x").origin.endswith("flask_names.py")


def test_a_module_can_be_loaded_again():
    import theirs

    thing = theirs.Thing
    assert importlib.reload(theirs).Thing is thing


def test_pickles_made_under_the_old_name_load():
    # Protocol 0 by hand: what a process with the real package would have written.
    assert pickle.loads(b"ctheirs.deep\nThing\n.") is importlib.import_module("ours.things").Thing


def test_inspect_walks_a_module_without_harm():
    import theirs.box

    assert "inner" in dict(inspect.getmembers(theirs.box))


def test_merging_joins_rows_of_one_module():
    merged = merge({"a": {"x": "one"}}, {"a": {"x": "two", "y": "three"}, "b": {}})
    assert merged == {"a": {"x": "one two", "y": "three"}, "b": {}}


def test_a_finder_that_is_last_answers_for_metadata():
    from importlib.metadata import DistributionFinder

    last = AliasFinder({"x": {}}, is_last=True)
    assert [
        found.version for found in last.find_distributions(DistributionFinder.Context(name="Flask"))
    ]
    assert len(list(last.find_distributions(None))) == 2
    assert list(AliasFinder(TABLE).find_distributions(None)) == []
    assert isinstance(sys, ModuleType)
