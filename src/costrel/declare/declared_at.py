"""Where in the user's own files something was declared."""

from __future__ import annotations

import os
import sys
from types import FrameType

# Spelled as in the code objects of this package: links in the path are not followed.
_OURS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")


def declared_at() -> str | None:
    """Return ``file:line`` of the nearest caller outside of this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    return None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
