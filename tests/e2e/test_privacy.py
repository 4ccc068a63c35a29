"""Nothing leaves the machine, and nobody else on it reads what is kept.

Every command is run in one process of its own whose network is cut (a network namespace of its own, where the system
lets us make one) and that is watched from both sides: an audit hook hears what Python asks of `socket`, strace sees
what any library asks of the system. Sockets to services of this very machine (D-Bus, the sound server, the display:
AF_UNIX) and to the kernel's device list are no network and are let through.

The window runs offscreen on the virtual runner, with its sound and its recording; with the real network in the tests
that are marked `model`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import app as package
from app.cli.build import virtual_source
from app.cli.main import commands
from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.pose.model import CACHE_VARIABLE, model_status
from app.session.recorder import SessionRecorder
from app.store.atomic import keep_private, make_private_folder, replacing, write_text
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart

AT = Path(package.__file__).parents[1]
#: Command -> why it is not run here.
NOT_RUN = {
    "bench": "takes a while; run below, with the model",
    "live": "opens the same window as demo, on a camera",
    "validate": "takes minutes; network and coach as in analyze",
}
#: Runs a command in a network of its own, in which there is nothing.
CUT = ("unshare", "--user", "--map-root-user", "--net")
FETCH = ("model", "fetch", "--model", "lite")

#: Runs command lines (argv[1], JSON), writes what each came to (to argv[2]); what asks for the network gets an error.
DRIVER = """
import json, os, sys
LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo")
asked = []

def hear(event, args):
    if not event.startswith("socket."):
        return
    name = event[7:]
    if name in LOOKUPS or (name in ("connect", "bind", "sendto", "sendmsg") and isinstance(args[-1], tuple)):
        asked.append(event + " " + repr(args[-1])[:80])
        raise OSError(101, "the network is cut")

sys.addaudithook(hear)
from app.cli import run
found = []
for words in json.loads(sys.argv[1]):
    asked.clear()
    fetching = words[:2] == ["model", "fetch"]
    before = os.environ.get(sys.argv[3])
    if fetching:
        os.environ[sys.argv[3]] = sys.argv[2] + ".empty"
    code = run(words)
    if fetching:
        del os.environ[sys.argv[3]]
        if before is not None:
            os.environ[sys.argv[3]] = before
    found.append({"words": words, "code": code, "asked": list(asked)})
    with open(sys.argv[2], "w") as file:
        json.dump(found, file)
"""

#: A socket of the network family, or the kernel's list of routes, which a look-up of a name asks first.
_FAMILY = re.compile(r"\b(?:AF|PF)_(\w+)")


def network_calls(trace):
    """Return the lines of an strace that have to do with the network."""
    found = []
    for line in trace.splitlines():
        families = set(_FAMILY.findall(line)) - {"UNIX", "LOCAL", "UNSPEC"}
        if families == {"NETLINK"} and "NETLINK_ROUTE" not in line:
            continue  # the kernel's list of devices
        if families:
            found.append(line)
    return found


def works(*command):
    return shutil.which(command[0]) is not None and subprocess.run(
        [*command, "true"], capture_output=True, check=False
    ).returncode == 0  # fmt: skip


@pytest.fixture(scope="module")
def watched():
    """Run command lines with the network cut; return (what each came to, lines of strace that mean the network)."""
    cut = ["unshare", "--user", "--map-root-user", "--net"] if works(*CUT) else []
    traces = works("strace", "-f", "--seccomp-bpf", "-o", os.devnull)

    def run(folder, lines):
        trace, result = folder / "trace.txt", folder / "result.json"
        watch = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=%network", "-o", str(trace)] if traces else []
        words = [[str(word) for word in line] for line in lines]
        driver = [sys.executable, "-c", DRIVER, json.dumps(words), str(result), CACHE_VARIABLE]
        environment = {
            **os.environ, "PYTHONPATH": str(AT), "QT_QPA_PLATFORM": "offscreen",
            "HINGECOACH_DATA": str(folder / "data"),
        }  # fmt: skip
        done = subprocess.run(
            [*cut, *watch, *driver], capture_output=True, check=False, env=environment, cwd=folder, umask=0, timeout=120
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        found = json.loads(result.read_text(encoding="utf-8"))
        assert len(found) == len(lines)
        return found, network_calls(trace.read_text(encoding="utf-8", errors="replace")) if traces else None

    return run


def record(folder):
    """Have a session of good running in the history."""
    source = virtual_source("good", fps=30.0, seconds=7.0, render=False)
    recipe = Recipe(Mode.RUN, RunnerProfile(178.0))
    coach = recipe.make()
    recorder = SessionRecorder(coach, SessionStart(recipe, person="anna", source_kind="virtual"), folder)
    source.open()
    for frame in iter(source.read, None):
        coach.update(frame.landmarks)
    source.close()
    coach.finish()
    recorder.close()


@pytest.fixture(scope="module")
def performed(watched, running_trc, tmp_path_factory):
    """Every command on this machine, without the pose network; (folder, what each came to, network calls)."""
    folder = tmp_path_factory.mktemp("performed")
    record(folder / "data")
    (folder / "mine.toml").write_text("", encoding="utf-8")
    scene = ("--oracle", "--fps", "30", "--size", "320x240")
    lines = [
        ("--version",),
        ("--help",),
        ("rules", "show"),
        ("rules", "check", "mine.toml"),
        ("runners", "add", "anna", "--height-cm", "168"),
        ("runners", "change", "anna", "--drop", "2cm"),
        ("runners", "list"),
        ("runners", "show", "anna"),
        ("runners", "add", "bo"),
        ("demo", "--headless", *scene, "--seconds", "5", "--runner", "anna", "--json", "d.json"),
        ("analyze", running_trc, "--height-cm", "178", "--json", "a.json", "--csv", "t", "--trc", "o.trc", "--mot",
         "o.mot"),
        ("analyze", running_trc.parent, "--time-range", "0", "4", "--json", "folder"),
        ("demo", *scene, "--seconds", "1", "--runner", "anna"),
        ("sessions", "list"),
        ("sessions", "show", "last"),
        ("sessions", "note", "last", "new shoes"),
        ("sessions", "export", "last", "--csv", "s", "--json", "s.json", "--zip", "s.zip", "--trc", "s.trc", "--mot",
         "s.mot"),
        ("sessions", "import", "s.zip"),
        ("sessions", "replay", "last", "--rules", "today"),
        ("report", "last", "-o", "r.html"),
        ("sessions", "delete", "last", "--yes"),
        ("doctor", "--no-camera", "--for", "clips", "--json", "doctor.json"),
        ("model", "status"),
        ("runners", "delete", "anna", "--yes"),
        FETCH,
    ]  # fmt: skip
    found, calls = watched(folder, lines)
    return folder, found, calls


def names_of(typer_commands):
    """Yield the words of every command."""
    for one in typer_commands.registered_commands:
        yield (one.name or one.callback.__name__,)
    for group in typer_commands.registered_groups:
        yield from ((group.name, *rest) for rest in names_of(group.typer_instance))


def test_every_command_was_tried(performed):
    _, found, _ = performed
    tried = {tuple(one["words"][:n]) for one in found for n in (1, 2)}
    left = {name for name in names_of(commands) if name not in tried and name[0] not in NOT_RUN}
    assert left == set()


def test_only_fetching_the_model_needs_the_network(performed):
    _, found, _ = performed
    asked = {" ".join(one["words"][:2]): one["asked"] for one in found if one["asked"]}
    assert set(asked) == {"model fetch"}, asked
    cached = 0 if model_status("full").path.exists() else 2
    expected = {"model fetch": 2, "model status": cached}
    codes = {" ".join(one["words"][:2]): one["code"] for one in found}
    assert {name: code for name, code in codes.items() if code != expected.get(name, 0)} == {}


def test_no_library_asks_the_system_for_a_connection_or_a_name(performed):
    _, _, calls = performed
    if calls is None:
        pytest.skip("strace does not work here")
    assert calls == []


def test_the_trace_would_show_a_look_up(tmp_path):
    if not (works("strace", "-o", os.devnull) and works(*CUT)):
        pytest.skip("strace or unshare do not work here")
    asks = "import socket\ntry:\n    socket.getaddrinfo('nowhere.invalid', 80)\nexcept OSError:\n    pass"
    trace = tmp_path / "trace.txt"
    watch = [*CUT, "strace", "-f", "-e", "trace=%network", "-o", str(trace)]
    subprocess.run([*watch, sys.executable, "-S", "-c", asks], check=True, capture_output=True)
    assert network_calls(trace.read_text(encoding="utf-8"))


def test_what_counts_as_network():
    lines = """1 socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 8
1 connect(8, {sa_family=AF_UNIX, sun_path="/run/dbus/system_bus_socket"}, 29) = 0
1 socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT) = 9
1 sendto(6, "W", 1, MSG_NOSIGNAL, NULL, 0) = 1
2 socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 9
2 connect(9, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 0
2 socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 9
2 socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 9
3 sendto(7, "x", 1, MSG_NOSIGNAL, {sa_family=AF_PACKET, sll_protocol=htons(0)}, 20) = 1"""
    assert [line[0] for line in network_calls(lines)] == ["2", "2", "2", "2", "3"]


@pytest.mark.skipif(os.name == "nt", reason="owners as POSIX has them")
def test_all_that_is_kept_is_for_its_owner_alone(performed):
    folder, _, _ = performed
    kept = sorted((folder / "data").rglob("*"))
    names = {path.name for path in kept}
    assert {"history.db", "settings.ini", "runner-bo.json", "sessions", "hingecoach.log"} <= names
    readable = [path.relative_to(folder) for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert readable == []
    assert stat.S_IMODE((folder / "data").stat().st_mode) & 0o077 == 0


@pytest.mark.skipif(os.name == "nt", reason="owners as POSIX has them")
def test_files_and_folders_are_private_from_the_first_moment(tmp_path):
    umask = os.umask(0)
    try:
        folder = make_private_folder(tmp_path / "a" / "b")
        with replacing(folder / "kept", private=True) as temporary:
            during = stat.S_IMODE(temporary.stat().st_mode)
        write_text(folder / "text", "x", private=True)
        keep_private(tmp_path / "c" / "new.ini")
        (tmp_path / "old.ini").write_text("[a]\nb=1\n", encoding="utf-8")
        keep_private(tmp_path / "old.ini")
        keep_private(tmp_path / "old.ini" / "no folder" / "x")
    finally:
        os.umask(umask)
    assert during == 0o600
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.name != "data"}
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    assert set(modes) == {"a", "b", "kept", "text", "c", "new.ini", "old.ini"}
    assert (tmp_path / "old.ini").read_text(encoding="utf-8") == "[a]\nb=1\n"


@pytest.mark.model
def test_clip_and_window_with_the_real_network_ask_for_nothing(watched, tmp_path):
    if not model_status("full").path.exists():
        pytest.skip("the pose model is not cached on this machine")
    scene = ("--fps", "20", "--size", "320x240")
    lines = [
        ("demo", "--headless", "--oracle", *scene, "--seconds", "2", "--render", "d.mp4"),
        ("analyze", "d.mp4", "--height-cm", "178", "--trc", "o.trc", "--mot", "o.mot", "--quiet"),
        ("demo", *scene, "--seconds", "2"),
        ("bench", "--oracle", *scene, "--quick", "--only", "headless", "--seconds", "1", "--json", "b.json"),
    ]
    found, calls = watched(tmp_path, lines)
    assert [(one["code"], one["asked"]) for one in found] == [(0, [])] * len(lines)
    assert not calls
    assert "endheader" in (tmp_path / "o.mot").read_text(encoding="utf-8")
