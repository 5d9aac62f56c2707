import pytest

from costrel.parts.environment import get_debug_flag, get_load_dotenv


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, False), ("", False), ("0", False), ("False", False), ("NO", False), ("1", True)],
)
def test_debug_is_asked_for(monkeypatch, value, expected):
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    if value is not None:
        monkeypatch.setenv("FLASK_DEBUG", value)
    assert get_debug_flag() is expected


@pytest.mark.parametrize(
    ("value", "default", "expected"),
    [
        (None, True, True),
        (None, False, False),
        ("", True, True),
        ("no", False, True),
        ("1", True, False),
    ],
)
def test_dotenv_files_may_be_skipped(monkeypatch, value, default, expected):
    monkeypatch.delenv("FLASK_SKIP_DOTENV", raising=False)
    if value is not None:
        monkeypatch.setenv("FLASK_SKIP_DOTENV", value)
    assert get_load_dotenv(default) is expected
