"""The command line run in this process."""

from __future__ import annotations

import pytest

from app.cli.main import run


@pytest.fixture
def cli(capfd):
    """Call the command line; return its exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return call
