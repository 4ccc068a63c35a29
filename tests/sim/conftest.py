from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def pose_model_path() -> Path:
    """The real pose network's bundle, fetched or built once by the app itself."""
    from app.pose.model import ensure_model

    return ensure_model().path
