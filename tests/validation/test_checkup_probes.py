"""Probes on faked systems: folders like the kernel's, texts as commands print them, children that crash or hang."""

from __future__ import annotations

import json
import os
import plistlib
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from app.capture.source import CaptureError
from app.coach.types import Frame
from app.store.history import History
from app.validation.checkup.asking import Answer, own_command, run_child
from app.validation.checkup.document import document, lines, stopped_by
from app.validation.checkup.finding import Job, System, fine, system_here, trouble
from app.validation.checkup.parts import PARTS, Asked, Part, network_facts, rate_facts, run_parts, sound_facts
from app.validation.checkup.probes_camera import (
    Looking,
    device_users,
    explained,
    linux_cameras,
    mac_cameras,
    measure,
    windows_cameras,
    windows_permission,
)
from app.validation.checkup.probes_computer import linux_power, mac_power, quota_in
from app.validation.checkup.probes_folders import (
    coach_command,
    folder_facts,
    history_facts,
    kind_in,
    kind_of_mac,
    synced_by,
    try_database,
)
from app.validation.checkup.probes_software import lacking, leading_elsewhere, shadows

#: Windows' switches for cameras: of all users, of this one, and of this one for programs such as this.
ALL, MINE = "HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER"
DESKTOP = f"{MINE}\\NonPackaged"
LINUX_ONLY = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="folders as Linux has them")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# ---- system ---------------------------------------------------------------------------------------------------------


@LINUX_ONLY
@pytest.mark.parametrize(
    ("release", "packages"),
    [
        ("ID=ubuntu\nID_LIKE=debian\n", "apt"),
        ("ID=fedora\n", "dnf"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf"),
        ("ID=endeavouros\nID_LIKE=arch\n", "pacman"),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', "zypper"),
        ("ID=homemade\n", ""),
    ],
)
def test_what_installs_packages(tmp_path, release, packages, monkeypatch):
    for name in ("FLATPAK_ID", "SNAP", "container"):
        monkeypatch.delenv(name, raising=False)
    write(tmp_path / "etc/os-release", release)
    write(tmp_path / "proc/version", "Linux version 5.15.90.1-microsoft-standard-WSL2")
    found = system_here(tmp_path, lambda _: None)
    assert (found.packages, found.wsl, found.sandbox) == (packages, True, "")
    write(tmp_path / ".dockerenv", "")
    assert system_here(tmp_path, lambda _: None).sandbox == "container"


# ---- software -------------------------------------------------------------------------------------------------------


def test_ldd_names_what_is_missing():
    told = """\t/x/libqxcb.so:
\tlinux-vdso.so.1 (0x00007ffd)
\tlibxcb-cursor.so.0 => not found
\tlibxcb-icccm.so.4 => /lib/libxcb-icccm.so.4 (0x1)
/x/libQt6Gui.so.6:
\tlibEGL.so.1 => not found
\tlibxcb-cursor.so.0 => not found
"""
    assert lacking(told) == ("libxcb-cursor.so.0", "libEGL.so.1")


def test_a_bundle_leads_qt_to_its_own_plug_ins():
    told = {"QT_PLUGIN_PATH": "/b/_internal/PySide6/Qt/plugins", "QT_QPA_FONTDIR": "/fonts", "HOME": "/home/ana"}
    assert leading_elsewhere(told, "/b/_internal/PySide6") == {"QT_QPA_FONTDIR": "/fonts"}


def test_another_app_on_the_path_is_seen(tmp_path):
    ours = write(tmp_path / "ours/app/__init__.py", "").parent
    other = write(tmp_path / "theirs/app.py", "")
    assert shadows([str(tmp_path / "ours"), str(tmp_path / "theirs"), "/nowhere"], ours) == (str(other),)


# ---- cameras --------------------------------------------------------------------------------------------------------


@LINUX_ONLY
def test_cameras_of_linux_with_who_uses_them(tmp_path):
    sysfs, dev, proc = tmp_path / "v4l", tmp_path / "dev", tmp_path / "proc"
    for number, name in ((0, "HD Webcam"), (1, "HD Webcam"), (4, "OBS Virtual Camera")):
        write(sysfs / f"video{number}/name", name)
        write(sysfs / f"video{number}/index", "1" if number == 1 else "0")
        write(dev / f"video{number}", "")
    write(proc / "812/comm", "zoom\n")
    (proc / "812/fd").mkdir()
    (proc / "812/fd/7").symlink_to(dev / "video0")
    (proc / "812/fd/8").symlink_to("/dev/null")
    found = linux_cameras(sysfs, dev, proc)
    assert [(node.index, node.virtual, node.users) for node in found.nodes] == [
        (0, False, ((812, "zoom"),)),
        (4, True, ()),
    ]
    assert all(node.allowed for node in found.nodes)
    assert device_users(proc, "/dev/null") == {"/dev/null": ((812, "zoom"),)}


def test_cameras_of_macos_and_windows():
    listed = json.dumps({"SPCameraDataType": [{"_name": "FaceTime HD Camera"}, {"_name": "Ana’s iPhone Camera"}]})
    assert [node.name for node in mac_cameras(listed)] == ["FaceTime HD Camera", "Ana’s iPhone Camera"]
    assert mac_cameras("") is None
    assert mac_cameras("{}") is None
    listed = "Integrated Webcam\r\nHP LaserJet MFP M428\r\nOBS Virtual Camera\r\n.\r\n"
    assert [(node.name, node.virtual) for node in windows_cameras(listed)] == [
        ("Integrated Webcam", False), ("OBS Virtual Camera", True),
    ]  # fmt: skip
    assert windows_cameras("") is None
    assert windows_cameras("Integrated Webcam\r\n") is None
    assert windows_cameras(".\r\n") == ()


def test_a_bundle_for_macos_says_what_the_camera_is_for(tmp_path, monkeypatch):
    program = write(tmp_path / "Hinge Coach.app/Contents/MacOS/hingecoach", "")
    assert explained(program) is None
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert explained(program) is None
    told = program.parent.parent / "Info.plist"
    told.write_bytes(plistlib.dumps({"CFBundleName": "Hinge Coach"}))
    assert explained(program) is False
    told.write_bytes(plistlib.dumps({"NSCameraUsageDescription": "To watch you run."}))
    assert explained(program) is True


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, ("", "", ())),
        ({ALL: ("Allow", {}), MINE: ("Allow", {}), DESKTOP: ("Allow", {"Zoom.exe": 0, "Old.exe": 133})},
         ("granted", "", ("Zoom.exe",))),
        ({ALL: ("Deny", {}), MINE: ("Allow", {})}, ("off", "device", ())),
        ({MINE: ("Deny", {})}, ("off", "apps", ())),
        ({ALL: ("Allow", {}), MINE: ("Allow", {}), DESKTOP: ("Deny", {})}, ("off", "desktop", ())),
    ],
)  # fmt: skip
def test_switches_of_windows(keys, expected):
    assert windows_permission(lambda hive, key: keys.get(hive + key)) == expected


class Pictures:
    """A camera of 1 / 0.04 s whose pictures differ, or not; every third was not taken in time."""

    size_px = (64, 48)

    def __init__(self, moves: bool, error: str = "") -> None:
        self.moves, self.error, self.closed = moves, error, False
        self.count = 0

    def open(self) -> None:
        if self.error:
            raise CaptureError(self.error)

    def read(self) -> Frame:
        self.count += 1 + (self.count % 3 == 0)
        shade = 100 + (self.count % 50 if self.moves else 0)
        image = np.full((48, 64, 3), shade, dtype=np.uint8)
        image[:24] = 20
        return Frame(self.count, self.count * 0.04, image)

    def close(self) -> None:
        self.closed = True


def test_a_camera_is_measured_by_the_arrival_of_its_pictures():
    camera = Pictures(moves=True)
    found = measure(camera, (1280, 720), 60.0, "0", seconds=2.0, clock=lambda: 0.0)
    assert camera.closed
    assert (found.error, found.size_px, found.asked_px) == ("", (64, 48), (1280, 720))
    assert found.fps == pytest.approx(25.0)
    assert found.longest_gap_ms == pytest.approx(40.0)
    assert found.seconds == pytest.approx(2.0, abs=0.1)
    assert found.low == pytest.approx(20.0)
    assert found.same == 0.0


def test_a_picture_that_stands_still_is_seen_and_a_refusal_told():
    assert measure(Pictures(moves=False), (64, 48), 25.0, "0", 1.0, lambda: 0.0).same == 1.0
    camera = Pictures(True, "Camera 0 does not open: close other programs that use it.")
    assert measure(camera, (64, 48), 25.0, "0").error.startswith("Camera 0 does not open")
    assert camera.closed
    assert Looking().facts() == {"frames": 0}


# ---- folders --------------------------------------------------------------------------------------------------------

MOUNTS = """22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /home rw - nfs4 server:/home rw
41 40 8:2 / /home/ana/own\\040disk rw - xfs /dev/sdb1 rw
"""


def test_file_systems():
    assert kind_in(MOUNTS, "/var/lib") == "ext4"
    assert kind_in(MOUNTS, "/home/ana/x") == "nfs4"
    assert kind_in(MOUNTS, "/homely") == "ext4"
    assert kind_in(MOUNTS, "/home/ana/own disk/y") == "xfs"
    mac = "/dev/disk3s1 on / (apfs, local)\n//ana@nas/share on /Volumes/share (smbfs, nodev)\n"
    assert (kind_of_mac(mac, "/Volumes/share/x"), kind_of_mac(mac, "/Users/ana")) == ("smbfs", "apfs")


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/Users/ana/Library/Mobile Documents/com~apple~CloudDocs/h", "iCloud Drive"),
        ("/home/ana/Dropbox/h", "Dropbox"),
        ("/c/Users/ana/OneDrive - Club/Documents/h", "OneDrive"),
        ("/home/ana/.local/share/hingecoach", ""),
    ],
)
def test_synchronised_folders(path, service):
    assert synced_by(Path(path)) == service


def test_folders_and_database_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("HINGECOACH_CACHE", str(tmp_path / "cache"))
    data, cache, _ = folder_facts(tmp_path / "data")
    assert (data.there, data.error, data.wal) == (False, "", True)
    assert (cache.name, cache.free_bytes > 0) == ("cache", True)
    assert list(tmp_path.iterdir()) == []
    assert try_database(tmp_path / "nowhere")[0] is False


def test_history_is_looked_at_without_being_changed(tmp_path):
    assert history_facts(tmp_path).there is False
    assert list(tmp_path.iterdir()) == []
    History(tmp_path).close()
    found = history_facts(tmp_path)
    assert (found.there, found.problem, found.sessions, found.interrupted) == (True, "", 0, 0)
    with closing(sqlite3.connect(tmp_path / "history.db")) as database:
        database.execute("PRAGMA user_version = 99")
    assert history_facts(tmp_path).newer
    (tmp_path / "history.db").write_bytes(b"no database" * 500)
    assert "not a database" in history_facts(tmp_path).problem


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["python", "-m", "app", "demo", "--seconds", "3"], "demo --seconds 3"),
        (["/v/bin/python", "/v/bin/hingecoach"], "live"),
        (["/v/bin/hingecoach", "--camera", "1"], "live --camera 1"),
        (["python", "app"], ""),
        (["/v/bin/hingecoach", "--version"], ""),
        (["vim", "hingecoach.py"], ""),
    ],
)
def test_other_coaches(words, command):
    assert coach_command(words) == command


# ---- computer -------------------------------------------------------------------------------------------------------


def test_power_of_linux(tmp_path):
    power, cpu = tmp_path / "sys/class/power_supply", tmp_path / "sys/devices/system/cpu/cpu0"
    write(power / "AC/type", "Mains\n")
    write(power / "AC/online", "0\n")
    write(power / "BAT0/type", "Battery\n")
    write(power / "BAT0/status", "Discharging\n")
    write(power / "mouse/type", "Battery\n")
    write(power / "mouse/scope", "Device\n")
    write(tmp_path / "sys/firmware/acpi/platform_profile", "low-power\n")
    write(cpu / "cpufreq/scaling_governor", "powersave\n")
    write(cpu / "thermal_throttle/package_throttle_count", "12\n")
    write(tmp_path / "sys/class/thermal/thermal_zone0/temp", "91000\n")
    write(tmp_path / "sys/class/thermal/thermal_zone1/temp", "-273000\n")
    write(tmp_path / "sys/class/thermal/thermal_zone2/temp", "255000\n")  # no sensor is there
    write(tmp_path / "proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable:    1000 kB\n")
    assert linux_power(tmp_path) == (True, "profile low-power", "powersave", 91.0, 12, 1_024_000)
    write(power / "AC/online", "1\n")
    assert linux_power(tmp_path)[0] is False
    assert linux_power(tmp_path / "nothing") == (None, "", "", None, None, None)


def test_power_of_macos_and_quota_of_a_container():
    assert mac_power("Now drawing from 'Battery Power'\n", " lowpowermode         1\n") == (True, "Low Power Mode")
    assert mac_power("Now drawing from 'AC Power'\n", " lowpowermode         0\n") == (False, "")
    assert (quota_in("150000 100000"), quota_in("max 100000"), quota_in("")) == (1.5, None, None)


# ---- children and parts ---------------------------------------------------------------------------------------------


def child(code: str, limit_s: float = 20.0) -> Answer:
    return run_child([sys.executable, "-S", "-c", code], os.environ, limit_s)


def test_what_a_child_told_before_it_crashed_is_kept():
    crashed = child('import os; print(\'{"outputs": ["a"]}\', flush=True); print("noise"); os.abort()')
    assert crashed.told == {"outputs": ["a"]}
    assert crashed.code != 0
    assert "ended" in crashed.problem
    facts = sound_facts(crashed)
    assert (facts.outputs, facts.error) == (("a",), "")
    assert "ended" in facts.awake_error


def test_a_child_that_hangs_is_ended():
    hung = child("import signal; print('{\"a\": 1}', flush=True); signal.pause()", 1.0)
    assert (hung.told, hung.code) == ({"a": 1}, None)
    assert hung.problem == "it did not answer in time"
    assert run_child(["/nowhere/python"], {}, 1.0).problem.startswith("it could not be started")


def test_a_bundle_starts_its_program_with_a_console(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "Hinge Coach.exe"))
    assert own_command() == [str(tmp_path / "Hinge Coach.exe")]
    command = write(tmp_path / "hingecoach.exe", "")
    assert own_command() == [str(command)]


def test_how_children_end_becomes_facts():
    assert network_facts(Answer({"engine": "litert"}, -4), "full").crashed == "exit code -4"
    assert network_facts(Answer({}, 2, "hingecoach: no such engine"), "full").error == "hingecoach: no such engine"
    assert network_facts(Answer({"p50_ms": 9.0}), "lite").model == "lite"
    assert network_facts(Answer({}, None), "full").hung
    assert not network_facts(Answer({"p50_ms": 9.0}, None), "full").hung  # it was measured before it hung
    assert rate_facts(Answer({}, None), "0").error.startswith("Camera 0 does not answer")


def asked(child_process) -> Asked:
    return Asked(System(), {}, Path("nowhere"), child_process)


def test_a_part_that_fails_or_hangs_does_not_hold_up_the_others():
    never = threading.Event()

    def fails(_):
        raise RuntimeError("sysfs is upside down")

    def hangs(_):
        never.wait(20.0)
        return []

    some = (
        Part("Bad", ("a.x", "a.y"), fails),
        Part("Slow", ("b.x",), hangs, limit_s=0.05),
        Part("Good", ("c.x",), lambda _: [fine("c.x", "well")]),
    )
    found = {one.id: one for _, findings in run_parts(asked(None), some) for one in findings}
    never.set()
    assert {name: one.outcome.value for name, one in found.items()} == {
        "a.x": "not_checked", "a.y": "not_checked", "b.x": "not_checked", "c.x": "ok",
    }  # fmt: skip
    assert "sysfs is upside down" in found["a.x"].fact
    assert "within" in found["b.x"].fact


def test_parts_promise_what_they_tell(monkeypatch, tmp_path):
    """Every check is told once, promised by its part, whatever the children come to."""
    monkeypatch.setenv("HINGECOACH_CACHE", str(tmp_path / "cache"))
    opened = []

    def dead(name, _limit_s, /, **_):
        opened.append(name)
        return Answer({}, -6, "Aborted")

    request = Asked(System(), {}, tmp_path / "data", dead, camera=None)
    found = [(part, one.id) for part, findings in run_parts(request) for one in findings]
    assert all(name in part.ids for part, name in found)
    names = [name for _, name in found]
    assert sorted(names) == sorted(name for part in PARTS for name in part.ids)
    assert "camera" not in opened


def test_document_and_lines():
    findings = [
        trouble("camera.list", "No camera is found.", "Plug one in.", frozenset({Job.LIVE}), count=0),
        fine("python.version", "Python 3.12.1", version="3.12.1"),
    ]
    made = document(findings, System(), 3.21)
    assert made["schema"] == "hingecoach.doctor/1"
    assert [one["id"] for one in made["checks"]] == ["python.version", "camera.list"]
    assert made["jobs"] == {
        "live": {"works": False, "stopped_by": ["camera.list"]}, "clips": {"works": True, "stopped_by": []},
    }  # fmt: skip
    assert made["checks"][1]["values"] == {"count": 0}
    assert stopped_by(findings, Job.CLIPS) == []
    assert lines(findings)[1:] == [
        "TROUBLE camera.list           No camera is found.", f"{'':30}-> Plug one in.",
    ]  # fmt: skip
