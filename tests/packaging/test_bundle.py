"""The parts of the desktop bundle that can be looked at without building one."""

from __future__ import annotations

import configparser
import importlib.util
import os
import plistlib
import re
import struct
import subprocess
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).parents[2]
HERE = ROOT / "packaging"


@pytest.fixture
def load(monkeypatch):
    """Load a script of packaging/ as a module."""
    monkeypatch.syspath_prepend(str(HERE))

    def module(name: str):
        spec = importlib.util.spec_from_file_location(f"packaging_{name}", HERE / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        return made

    return module


def entry(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HERE / "entry.py"), *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)


def test_the_bundle_is_the_command():
    done = entry("--version")
    assert (done.returncode, done.stdout) == (0, f"hingecoach {app.__version__}\n")


def test_the_bundle_stands_in_for_an_interpreter():
    done = entry("-c", "import sys; print(__name__, sys.argv); sys.exit(7)", "one", "--two")
    assert (done.returncode, done.stdout, done.stderr) == (7, "__main__ ['-c', 'one', '--two']\n", "")


def test_the_bundle_stands_in_for_pip(load, monkeypatch):
    asked = []
    monkeypatch.setattr("runpy.run_module", lambda name, **how: asked.append((name, sys.argv, how)))
    monkeypatch.setattr(sys, "argv", ["hingecoach", "-m", "pip", "download", "one"])
    load("entry").main()
    assert asked == [("pip", ["pip", "download", "one"], {"run_name": "__main__", "alter_sys": True})]


def test_the_ico_holds_every_size_once_and_whole(load):
    icons = load("icons")
    png = icons.pictures()
    data = icons.ico(png)
    _, kind, count = struct.unpack_from("<HHH", data)
    assert (kind, count) == (1, len(icons.ICO_SIZES_PX))
    for index, size_px in enumerate(icons.ICO_SIZES_PX):
        width, _, _, _, _, bits, length, offset = struct.unpack_from("<BBBBHHII", data, 6 + 16 * index)
        picture = data[offset : offset + length]
        assert (width or 256, bits) == (size_px, 32)
        assert picture.startswith(b"\x89PNG")
        assert struct.unpack_from(">II", picture, 16) == (size_px, size_px)


def test_the_icns_holds_every_size_whole(load):
    icons = load("icons")
    data = icons.icns(icons.pictures())
    assert data[:4] == b"icns"
    assert struct.unpack_from(">I", data, 4)[0] == len(data)
    at, found = 8, []
    while at < len(data):
        kind, length = data[at : at + 4], struct.unpack_from(">I", data, at + 4)[0]
        found.append((kind, struct.unpack_from(">I", data, at + 8 + 16)[0]))
        at += length
    assert found == list(icons.ICNS_ENTRIES)


def test_the_windows_programs_name_the_version(load):
    words = load("bundle").windows_version("1.2.3")
    seen = []

    def note(*told, **more):
        seen.append((told, more))
        return told

    names = (
        "VSVersionInfo",
        "FixedFileInfo",
        "StringFileInfo",
        "StringTable",
        "StringStruct",
        "VarFileInfo",
        "VarStruct",
    )
    eval(words, dict.fromkeys(names, note))
    strings = {told[0]: told[1] for told, _ in seen if len(told) == 2 and isinstance(told[0], str)}
    assert strings["ProductVersion"] == strings["FileVersion"] == "1.2.3"
    assert strings["ProductName"] == "Hinge Coach"
    assert any(more.get("filevers") == (1, 2, 3, 0) for _, more in seen)


def test_macos_is_told_why_the_camera_and_is_not_asked_for_the_microphone():
    with (HERE / "macos" / "Info.plist").open("rb") as file:
        info = plistlib.load(file)
    told = info["NSCameraUsageDescription"]
    assert "never leave this computer" in told
    with (HERE / "macos" / "entitlements.plist").open("rb") as file:
        rights = plistlib.load(file)
    assert rights["com.apple.security.device.camera"] is True
    asked = " ".join([*info, *rights]).lower()
    assert "microphone" not in asked
    assert "audio-input" not in asked
    assert "location" not in asked


def test_macos_is_told_which_macos_the_bundle_needs(load, monkeypatch, tmp_path):
    bundle = load("bundle")
    monkeypatch.setattr(bundle, "WORK", tmp_path)
    monkeypatch.setattr(bundle.platform, "mac_ver", lambda: ("14.7.1", ("", "", ""), "arm64"))
    told = bundle.facts(trim=True)["info_plist"]
    assert told["LSMinimumSystemVersion"] == "14.0"
    assert "never leave this computer" in told["NSCameraUsageDescription"]
    assert told["CFBundleShortVersionString"] == app.__version__


def test_an_archive_does_not_name_who_built_it(load, monkeypatch, tmp_path):
    bundle = load("bundle")
    for name, value in (("DIST", tmp_path), ("MACOS", False), ("WINDOWS", False)):
        monkeypatch.setattr(bundle, name, value)
    made = tmp_path / "hingecoach"
    made.mkdir()
    (made / "install.sh").write_text("true\n", encoding="utf-8")
    with tarfile.open(bundle.pack(made)) as tar:
        entries = tar.getmembers()
    assert [entry.name for entry in entries] == ["hingecoach", "hingecoach/install.sh"]
    assert {(entry.uid, entry.gid, entry.uname, entry.gname) for entry in entries} == {(0, 0, "", "")}


def test_the_licences_of_what_is_in_the_bundle_are_in_it_and_no_others(load, monkeypatch, tmp_path):
    licences = load("licences")

    def package(name):
        info = tmp_path / "site" / f"{name}-1.0.dist-info"
        (info / "licenses").mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-Expression: MIT\n", encoding="utf-8"
        )
        (info / "licenses" / "COPYING.txt").write_text(name, encoding="utf-8")
        (info / "RECORD").write_text(f"{info.name}/licenses/COPYING.txt,,\n{info.name}/METADATA,,\n", encoding="utf-8")
        return metadata.Distribution.at(info)

    packages = [package(name) for name in ("Zeta", "setuptools", "alpha")]
    monkeypatch.setattr(licences.metadata, "distributions", lambda: packages)
    index = licences.collect(tmp_path / "texts")
    assert index[1:] == ["alpha 1.0: MIT", "Zeta 1.0: MIT"]
    copied = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "texts").glob("*-COPYING.txt")}
    assert copied == {"alpha-COPYING.txt": "alpha", "Zeta-COPYING.txt": "Zeta"}
    assert {text.name for text in licences.TEXTS.iterdir()} <= {file.name for file in (tmp_path / "texts").iterdir()}


def test_the_menu_entry_is_well_formed():
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(HERE / "linux" / "hingecoach.desktop", encoding="utf-8")
    menu = parser["Desktop Entry"]
    assert (menu["Type"], menu["Exec"], menu["Icon"], menu["Terminal"]) == (
        "Application", "hingecoach", "hingecoach", "false",
    )  # fmt: skip
    assert menu["Categories"].endswith(";")
    window = (ROOT / "app" / "ui" / "window.py").read_text(encoding="utf-8")
    assert f'setDesktopFileName("{menu["StartupWMClass"]}")' in window


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_the_bundle_is_put_into_the_menu_and_taken_out_again(tmp_path):
    bundle = tmp_path / "a b%c" / "hingecoach"
    (bundle / "share" / "applications").mkdir(parents=True)
    icon = bundle / "share" / "icons" / "hicolor" / "32x32" / "apps" / "hingecoach.png"
    icon.parent.mkdir(parents=True)
    icon.write_bytes(b"png")
    (bundle / "hingecoach").write_text("#!/bin/sh\n", encoding="utf-8")
    for name, where in (("install.sh", bundle), ("hingecoach.desktop", bundle / "share" / "applications")):
        (where / name).write_bytes((HERE / "linux" / name).read_bytes())
    home = tmp_path / "home"
    home.mkdir()

    def install(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
        command = ["/bin/sh", str(bundle / "install.sh"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)

    assert install().returncode == 0
    menu = (home / ".local/share/applications/hingecoach.desktop").read_text(encoding="utf-8")
    assert f'Exec="{str(bundle / "hingecoach").replace("%", "%%")}"' in menu
    assert menu.count("Exec=") == 1
    assert (home / ".local/bin/hingecoach").resolve() == (bundle / "hingecoach").resolve()
    assert (home / ".local/share/icons/hicolor/32x32/apps/hingecoach.png").read_bytes() == b"png"
    assert install("--remove").returncode == 0
    assert [path for path in home.rglob("*") if not path.is_dir()] == []
    assert install("--nonsense").returncode == 2


def test_the_workflow_runs_the_one_script_and_asks_for_no_more_than_reading():
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert "run: bash .ci/run" in text
    assert re.search(r"^permissions:\n  contents: read\n\n", text, re.MULTILINE)
    assert not re.search(r": write\b|secrets\.", text)
    uses = re.findall(r"uses: (\S+)", text)
    assert uses
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", one) for one in uses), uses
    pythons = set(re.findall(r'system: \S+ python: "([\d.]+)"', text))
    assert pythons == {"3.11", "3.12", "3.13", "3.14"}
