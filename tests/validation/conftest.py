"""The pose model, and the command line run in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.main import run
from app.pose.model import ModelMissing, ensure_model


@pytest.fixture(scope="session")
def model_path() -> Path:
    """The real pose model, as the app itself would find it."""
    try:
        return ensure_model("full").path
    except ModelMissing as error:
        pytest.skip(f"no pose model here: {error}")


@pytest.fixture
def cli(capfd):
    """Call the command line; return its exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return call
