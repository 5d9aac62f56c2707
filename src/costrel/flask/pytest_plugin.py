"""`pytest -p costrel.flask.pytest_plugin`: run a Flask project's tests on costrel.

Law: pytest loads it before any conftest and any plug-in that is found by entry point, so that
nothing can have imported the real Flask.
"""

import os

from costrel.flask.finder import install

os.environ["COSTREL_FLASK"] = "1"  # For programs that the tests start.
install()
