import json
import tomllib

import pytest

from costrel.parts.config import Config, ConfigAttribute


class App:
    title = ConfigAttribute("TITLE")
    lifetime = ConfigAttribute("LIFETIME", lambda value: value * 2)

    def __init__(self):
        self.config = Config("/root", {"TITLE": "x", "LIFETIME": 3})


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path, {"OLD": 1})


def test_a_config_begins_with_its_defaults(config, tmp_path):
    assert config == {"OLD": 1}
    assert config.root_path == tmp_path


def test_the_defaults_are_copied():
    defaults = {"A": 1}
    Config("", defaults)["A"] = 2
    assert defaults == {"A": 1}


def test_an_attribute_reads_and_writes_the_config():
    app = App()
    assert app.title == "x"
    app.title = "y"
    assert app.config["TITLE"] == "y"


def test_an_attribute_converts_what_it_reads():
    assert App().lifetime == 6


def test_an_attribute_of_the_class_is_itself():
    assert isinstance(App.title, ConfigAttribute)


def test_a_python_file_gives_its_names_in_capitals(config, tmp_path):
    (tmp_path / "x.py").write_text("A = 1\nb = 2\nHERE = __file__\n")
    assert config.from_pyfile("x.py")
    assert config == {"OLD": 1, "A": 1, "HERE": str(tmp_path / "x.py")}


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-15", "latin-1"])
def test_a_python_file_may_declare_its_encoding(config, tmp_path, encoding):
    text = f'# -*- coding: {encoding} -*-\nVALUE = "föö"\n'
    (tmp_path / "x.py").write_text(text, encoding)
    config.from_pyfile("x.py")
    assert config["VALUE"] == "föö"


@pytest.mark.parametrize("method", ["from_pyfile", "from_file"])
def test_a_missing_file_is_an_error_that_names_it(config, method):
    arguments = ["missing.cfg"] + ([json.load] if method == "from_file" else [])
    with pytest.raises(FileNotFoundError) as info:
        getattr(config, method)(*arguments)
    assert str(info.value).startswith(
        "[Errno 2] Unable to load configuration file (No such file or directory):"
    )
    assert str(info.value).endswith("missing.cfg'")


@pytest.mark.parametrize("method", ["from_pyfile", "from_file"])
@pytest.mark.parametrize("name", ["missing", ".", "file/inside"])
def test_a_missing_file_may_be_passed_over(config, tmp_path, method, name):
    (tmp_path / "file").touch()
    arguments = [name] + ([json.load] if method == "from_file" else [])
    assert getattr(config, method)(*arguments, silent=True) is False


def test_a_file_that_may_not_be_read_is_never_passed_over(config, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("costrel.parts.config.bytes_from", refuse)
    with pytest.raises(PermissionError):
        config.from_pyfile("x.py", silent=True)


def test_a_json_file_is_read_as_text(config, tmp_path):
    (tmp_path / "x.json").write_text('{"A": "é", "b": 2}', "utf-8")
    assert config.from_file("x.json", json.load)
    assert config == {"OLD": 1, "A": "é"}


def test_a_toml_file_is_read_as_bytes(config, tmp_path):
    (tmp_path / "x.toml").write_text("A = 1")
    assert config.from_file("x.toml", tomllib.load, text=False)
    assert config["A"] == 1


def test_a_variable_names_the_file(config, tmp_path, monkeypatch):
    (tmp_path / "x.py").write_text("A = 1")
    monkeypatch.setenv("SETTINGS", "x.py")
    assert config.from_envvar("SETTINGS")
    assert config["A"] == 1


def test_an_unset_variable_is_an_error_that_names_it(config, monkeypatch):
    monkeypatch.setenv("SETTINGS", "")
    with pytest.raises(RuntimeError, match="'SETTINGS' is not set"):
        config.from_envvar("SETTINGS")
    assert config.from_envvar("SETTINGS", silent=True) is False


def test_an_object_gives_its_attributes_in_capitals_inherited_ones_too(config):
    class Parent:
        A = 1
        b = 2

    class Child(Parent):
        C = 3

    config.from_object(Child)
    assert config == {"OLD": 1, "A": 1, "C": 3}


def test_an_object_may_be_named(config):
    config.from_object("errno")
    assert config["ENOENT"] == 2


@pytest.mark.parametrize(
    "mapping", [{"A": 1, "b": 2}, [("A", 1), ("b", 2)], None], ids=["dict", "pairs", "nothing"]
)
def test_a_mapping_gives_its_items_in_capitals(config, mapping):
    assert config.from_mapping(mapping, C=3, d=4) is True
    assert config == {"OLD": 1, "C": 3} | ({"A": 1} if mapping else {})


def test_two_mappings_are_refused(config):
    with pytest.raises(TypeError):
        config.from_mapping({}, {})


def test_the_environment_is_read_as_json_or_as_text(config, monkeypatch):
    for name, value in {"S": "v", "B": "true", "F": "1.2", "L": "[1]", "D": '{"k": 1}'}.items():
        monkeypatch.setenv(f"P_{name}", value)
    monkeypatch.setenv("OTHER_P_X", "1")
    assert config.from_prefixed_env("P")
    assert config == {"OLD": 1, "S": "v", "B": True, "F": 1.2, "L": [1], "D": {"k": 1}}


def test_the_prefix_is_flask_unless_told(config, monkeypatch):
    monkeypatch.setenv("FLASK_A", "1")
    config.from_prefixed_env()
    assert config["A"] == 1


def test_another_reader_may_read_the_environment(config, monkeypatch):
    monkeypatch.setenv("P_A", "true")
    config.from_prefixed_env("P", loads=str.upper)
    assert config["A"] == "TRUE"


def test_two_underscores_go_one_level_down(config, monkeypatch):
    config["DB"] = {"port": 1, "inner": {"a": 1}}
    monkeypatch.setenv("P_DB__port", "2")
    monkeypatch.setenv("P_DB__inner__b", "3")
    monkeypatch.setenv("P_NEW__K__L", "v")
    config.from_prefixed_env("P")
    assert config["DB"] == {"port": 2, "inner": {"a": 1, "b": 3}}
    assert config["NEW"] == {"K": {"L": "v"}}


@pytest.mark.parametrize(
    ("lowercase", "trim", "expected"),
    [
        (True, True, {"a_b": 1}),
        (False, True, {"A_B": 1}),
        (True, False, {"mail_a_b": 1}),
        (False, False, {"MAIL_A_B": 1}),
    ],
)
def test_a_namespace_is_what_begins_alike(config, lowercase, trim, expected):
    config["MAIL_A_B"] = 1
    assert config.get_namespace("MAIL_", lowercase, trim) == expected


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "API_KEY",
        "APIKEY",
        "MAIL_PASSWORD",
        "DB_PASSWD",
        "DB_PASS",
        "ACCESS_TOKEN",
        "AWS_CREDENTIALS",
        "STRIPE_SECRET",
        "SECURITY_PASSWORD_SALT",
    ],
)
def test_l4_secrets_are_masked_when_shown(name):
    shown = repr(Config("", {name: "hunter2", "PLAIN": "seen"}))
    assert "hunter2" not in shown
    assert "seen" in shown
    assert shown.startswith("<Config {")


@pytest.mark.parametrize("value", [["hunter2"], {"a": "hunter2"}, b"hunter2", 7777777])
def test_l4_a_secret_of_any_type_is_masked(value):
    shown = repr(Config("", {"SECRET_KEY": value}))
    assert "hunter2" not in shown
    assert "7777777" not in shown


def test_l4_secrets_inside_of_settings_are_masked():
    shown = repr(Config("", {"DB": {"password": "hunter2", "host": "seen"}, "L": [("x", 1)]}))
    assert "hunter2" not in shown
    assert "seen" in shown
    assert "[('x', 1)]" in shown


@pytest.mark.parametrize("wrap", [lambda url: url, lambda url: {"default": url}, lambda url: [url]])
def test_l4_passwords_in_addresses_are_masked(wrap):
    shown = repr(Config("", {"DATABASE_URL": wrap("postgresql://me:hunter2@db:5432/x")}))
    assert "hunter2" not in shown
    assert "postgresql://me:********@db:5432/x" in shown


@pytest.mark.parametrize(
    "settings",
    [
        {"SECRET_KEY": None},
        {"SECRET_KEY": ""},
        {"USE_TOKEN": True},
        {"SESSION_COOKIE_NAME": "session"},
        {"URL": "http://host:80/a@b"},
        {"MONKEYS": "three"},
    ],
)
def test_what_is_no_secret_is_shown(settings):
    assert repr(Config("", settings)) == f"<Config {settings!r}>"


def test_masking_an_address_takes_linear_time():
    assert repr(Config("", {"A": "://a:" * 20_000}))


# What others make of settings

CHANGES = {
    "set": lambda config: config.__setitem__("A", 1),
    "set anew": lambda config: config.__setitem__("OLD", 1),
    "delete": lambda config: config.__delitem__("OLD"),
    "pop": lambda config: config.pop("OLD"),
    "popitem": lambda config: config.popitem(),
    "clear": lambda config: config.clear(),
    "update": lambda config: config.update(A=1),
    "setdefault": lambda config: config.setdefault("A", 1),
    "or": lambda config: config.__ior__({"A": 1}),
    "mapping": lambda config: config.from_mapping(A=1),
    "object": lambda config: config.from_object(type("Settings", (), {"A": 1})),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_made_of_settings_is_dropped_when_one_changes(config, change):
    before = config.derived
    before["made"] = 1
    CHANGES[change](config)
    assert config.derived == {}
    # A thread that still has the old one keeps nothing in the new one.
    before["late"] = 1
    assert config.derived == {}


def test_what_was_made_of_settings_stays_while_none_changes(config):
    config.derived["made"] = 1
    config.get("OLD")
    config.setdefault("OLD", 2)
    config.pop("NEVER", None)
    assert config.derived == {"made": 1}
