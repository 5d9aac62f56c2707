"""Programs that say `from flask import Flask`, run on costrel as they are."""

import sys

import processes
import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import os

from flask import Flask, Markup, escape, request
from werkzeug.utils import secure_filename

app = Flask(__name__)


@app.route("/")
def index():
    made_by = type(app).wsgi_app.__module__.partition(".")[0]
    return f"{made_by} {secure_filename('../a b')} {escape(request.args.get('x', '<'))}"


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))
"""

COMMANDS = {
    "the program itself": [sys.executable, "-m", "costrel.flask", "program.py"],
    "gunicorn": [
        *(sys.executable, "-m", "costrel.flask", "-m", "gunicorn", "-k", "gthread"),
        *("-b", "127.0.0.1:{port}", "program:app"),
    ],
    "waitress": [
        *(sys.executable, "-m", "costrel.flask", "-m", "waitress"),
        *("--listen=127.0.0.1:{port}", "program:app"),
    ],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_flask_program_runs_on_costrel_beside_the_real_flask(command, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    running = processes.start(COMMANDS[command], tmp_path, tmp_path)
    try:
        answer = running.ask("GET", "/?x=%3Cb%3E")
        assert (answer.status, answer.text) == (200, "costrel a_b &lt;b&gt;")
        running.stop()
    finally:
        processes.kill_group(running.process)
