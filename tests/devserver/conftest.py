import os
import sys

import pytest


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """A folder that nothing is imported from, nor from any above it, whatever PYTHONPATH says."""
    here = os.path.realpath(tmp_path)

    def is_above(folder):
        return here.startswith(os.path.join(os.path.realpath(folder or os.curdir), ""))

    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if not is_above(folder)])
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and is_above(os.path.dirname(file)):
            monkeypatch.delitem(sys.modules, name)
    return tmp_path
