"""What bodies are put into."""

from tempfile import SpooledTemporaryFile

import pytest


@pytest.fixture
def body_files(monkeypatch):
    """The files that bodies were put into."""
    opened = []

    class Watched(SpooledTemporaryFile):
        def __init__(self, *args):
            super().__init__(*args)
            opened.append(self)

    monkeypatch.setattr("costrel.serve.received_body.SpooledTemporaryFile", Watched)
    return opened
