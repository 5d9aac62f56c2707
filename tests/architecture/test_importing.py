"""What `import costrel` brings along, and what it leaves alone."""

import subprocess
import sys

HEAVY = ["asyncio", "jinja2", "logging", "inspect", "blinker", "click", "ssl", "email", "tempfile"]


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_app_with_a_view_imports_nothing_heavy():
    loaded = run(
        "from costrel import Flask\n"
        "app = Flask('x')\n"
        "app.route('/')(lambda: 'hi')\n"
        "import sys\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert loaded.strip() == "[]"


def test_a_plain_import_installs_no_hook():
    code = (
        "import sys\nbefore = list(sys.meta_path), list(sys.path_hooks)\n"
        "import costrel\nprint((sys.meta_path, sys.path_hooks) == before)\n"
        "print('costrel.flask' in sys.modules)"
    )
    assert run(code).split() == ["True", "False"]


def test_the_face_has_every_name_it_promises():
    import costrel

    assert [name for name in costrel.__all__ if not hasattr(costrel, name)] == []
