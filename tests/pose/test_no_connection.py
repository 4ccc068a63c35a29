"""Nothing leaves the machine: a session of the pose network opens no connection.

Two proofs. One looks at the native library itself: it imports no function that could open a connection. That
covers any length of session, and is what would have caught mediapipe 0.10.35 and later, which import socket,
connect, send and getaddrinfo and contact a host about 61 s after start and on close. The other runs a session
in a process of its own and looks at what it holds open and at what Python asked for. It does not cover more
than its few seconds, nor a connection that is opened and closed between two looks.
"""

from __future__ import annotations

import json
import struct
import sys
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads ELF files and /proc")

with_litert = pytest.mark.skipif(util.find_spec("ai_edge_litert") is None, reason="no LiteRT for this platform")

NETWORK_FUNCTIONS = {"socket", "connect", "getaddrinfo", "gethostbyname", "send", "sendto", "sendmsg"}

SESSION = """
import json, os, sys
asked = []
sys.addaudithook(lambda event, args: asked.append(event) if event.startswith("socket.") else None)
import numpy as np
from app.coach.types import Frame
from app.pose.litert_estimator import LiteRtEstimator
from app.pose.mediapipe_estimator import MediaPipeEstimator

def open_sockets():
    links = []
    for name in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink("/proc/self/fd/" + name))
        except OSError:
            pass
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    rows = []
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        path = "/proc/self/net/" + kind
        if os.path.exists(path):
            with open(path) as table:
                rows += [kind + " " + row for row in table.readlines()[1:]]
    return [row for row in rows if row.split()[10] in inodes]

held = []
engine = {"mediapipe": MediaPipeEstimator, "litert": LiteRtEstimator}[sys.argv[2]]
estimator = engine(sys.argv[1], with_mask=True)
rng = np.random.default_rng(0)
for i in range(50):
    estimator.estimate(Frame(i, i / 30, rng.integers(0, 256, (240, 320, 3), dtype=np.uint8)))
    held += open_sockets()
estimator.close()
held += open_sockets()
print(json.dumps({"asked": asked, "held": held}))
"""


def undefined_symbols(library: Path) -> set[str]:
    """Names that a 64-bit little-endian ELF library wants from others: its SHT_DYNSYM entries without section."""
    data = library.read_bytes()
    assert data[:6] == b"\x7fELF\x02\x01"
    (sections_at,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, sections_at + size * i) for i in range(count)]
    (symbols,) = (section for section in sections if section[1] == 11)
    names_at = sections[symbols[6]][4]
    found = set()
    for at in range(symbols[4], symbols[4] + symbols[5], 24):
        name, _, _, section = struct.unpack_from("<IBBH", data, at)
        if section == 0 and name:
            start = names_at + name
            found.add(data[start : data.index(b"\0", start)].decode("ascii"))
    return found


def folder_of(package: str) -> Path:
    found = util.find_spec(package)
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0])


def test_mediapipe_is_the_pinned_release() -> None:
    assert metadata.version("mediapipe") == "0.10.31"


@linux_only
def test_the_native_library_has_no_way_to_open_a_connection() -> None:
    wanted = undefined_symbols(folder_of("mediapipe") / "tasks" / "c" / "libmediapipe.so")

    assert "malloc" in wanted, "the symbol table was not read"
    assert wanted & NETWORK_FUNCTIONS == set()


@linux_only
@with_litert
def test_no_library_of_litert_has_a_way_to_open_a_connection() -> None:
    libraries = sorted(folder_of("ai_edge_litert").rglob("*.so"))
    wanted = {library.name: undefined_symbols(library) for library in libraries}

    assert any("malloc" in names for names in wanted.values()), "the symbol tables were not read"
    assert {name: names & NETWORK_FUNCTIONS for name, names in wanted.items() if names & NETWORK_FUNCTIONS} == {}


@linux_only
@pytest.mark.model
@pytest.mark.parametrize("engine", ["mediapipe", pytest.param("litert", marks=with_litert)])
def test_a_session_opens_no_connection(
    run_python: Callable[..., CompletedProcess[str]], model_path: Path, engine: str
) -> None:
    done = run_python(SESSION, model_path, engine)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"asked": [], "held": []}
