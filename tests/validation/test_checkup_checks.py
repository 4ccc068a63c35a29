"""What each check says of faked machines: outcome, what it stops, and the remedy for that very system."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.validation.checkup.checks_camera import MEASURED, check_camera, check_rate
from app.validation.checkup.checks_display import check_libraries, check_sound, check_window
from app.validation.checkup.checks_folders import check_folders, check_history, check_model
from app.validation.checkup.checks_software import check_software
from app.validation.checkup.checks_speed import check_computer, check_network
from app.validation.checkup.facts import (
    CameraFacts,
    CameraNode,
    ComputerFacts,
    FolderFacts,
    HistoryFacts,
    LibraryFacts,
    ModelFacts,
    NetworkFacts,
    RateFacts,
    SoftwareFacts,
    SoundFacts,
    WindowFacts,
)
from app.validation.checkup.finding import EVERY_JOB, LIVE, NO_JOB, System

DEBIAN, FEDORA, ARCH = System(), System(packages="dnf"), System(packages="pacman")
MAC, WIN11, WIN10 = System("darwin", "", "14.5"), System("win32", "", "11"), System("win32", "", "10")
GOOD = {
    "mediapipe": "0.10.31", "ai-edge-litert": "2.3.0", "pyside6-essentials": "6.11.3", "pyside6-addons": "6.11.3",
    "numpy": "2.4.6", "opencv-python": "5.0.0.93",
}  # fmt: skip
WEBCAM = CameraNode(0, "HD Webcam C525", "/dev/video0")
SEEN = {"camera": "0", "error": "", "open_s": 0.8, "size_px": (1280, 720), "seconds": 3.0, "frames": 90, "fps": 30.0,
        "longest_gap_ms": 40.0, "brightness": 120.0, "low": 30.0, "high": 220.0, "same": 0.0}  # fmt: skip


def one(findings, name):
    found = [finding for finding in findings if finding.id == name]
    assert len(found) == 1, [finding.id for finding in findings]
    return found[0]


def software(python=(3, 12, 4), drop=(), system=DEBIAN, facts=None, **versions):
    names = {name.replace("_", "-"): version for name, version in versions.items()}
    packages = {name: version for name, version in {**GOOD, **names}.items() if name not in drop}
    return check_software(SoftwareFacts(python=python, versions=packages, **(facts or {})), system)


def test_a_good_installation_has_nothing_to_put_right():
    found = software()
    assert {finding.outcome for finding in found} == {"ok"}
    assert not any(finding.remedy for finding in found)


@pytest.mark.parametrize(
    ("found", "name", "outcome", "stops", "remedy"),
    [
        (software((3, 10, 2)), "python.version", "trouble", EVERY_JOB, "Python 3.12 or newer"),
        (software((3, 15, 0)), "python.version", "note", NO_JOB, "3.12 to 3.14"),
        (software(facts={"implementation": "PyPy"}), "python.version", "trouble", EVERY_JOB, "Python 3.12"),
        (software(facts={"bits": 32}), "python.architecture", "trouble", EVERY_JOB, "64-bit"),
        (software(facts={"translated": True}, system=MAC), "python.architecture", "note", NO_JOB, "arm64"),
        (software(facts={"free_threaded": True}), "python.build", "note", NO_JOB, "usual build"),
        (software(facts={"shadows": ("/home/a/app.py",)}), "python.path", "note", NO_JOB, "'hingecoach'"),
        (software(facts={"python_path": "/x"}), "python.path", "note", NO_JOB, "without PYTHONPATH"),
        (software(mediapipe="0.10.35"), "packages.mediapipe", "trouble", NO_JOB, "mediapipe==0.10.31"),
        (software(mediapipe="1.2.2"), "packages.mediapipe", "trouble", NO_JOB, "mediapipe==0.10.31"),
        (software(mediapipe="0.10.21"), "packages.mediapipe", "note", NO_JOB, "mediapipe==0.10.31"),
        (software(drop=("mediapipe",)), "packages.mediapipe", "note", NO_JOB, "pip install"),
        (software(drop=("mediapipe", "ai-edge-litert")), "packages.mediapipe", "trouble", EVERY_JOB, "pip install"),
        (software((3, 11, 7), pyside6_essentials="6.12.0", pyside6_addons="6.12.0"), "packages.pyside", "trouble",
         LIVE, 'install "PySide6-Essentials<6.12"'),
        (software(pyside6_essentials="6.12.0", pyside6_addons="6.12.0"), "packages.pyside", "ok", NO_JOB, ""),
        (software(pyside6_addons="6.10.0"), "packages.pyside", "trouble", NO_JOB, "PySide6-Addons==6.11.3"),
        (software(drop=("pyside6-essentials",)), "packages.pyside", "trouble", LIVE, "PySide6-Essentials"),
        (software(numpy="1.24.4"), "packages.numpy", "trouble", EVERY_JOB, "numpy>=1.26"),
        (software(opencv_contrib_python="4.11.0"), "packages.opencv", "trouble", NO_JOB,
         "pip uninstall -y opencv-python opencv-contrib-python && python -m pip install opencv-python"),
        (software(drop=("opencv-python",), opencv_python_headless="4.11"), "packages.opencv", "note", NO_JOB,
         "install opencv-python"),
        (software(pyqt5="5.15"), "packages.bindings", "note", NO_JOB, "environment of its own"),
        (software(facts={"qt_variables": {"QT_PLUGIN_PATH": "/opt/qt5"}}), "qt.variables", "trouble", NO_JOB,
         "unset QT_PLUGIN_PATH"),
        (software(facts={"qt_variables": {"QT_QPA_PLATFORM_PLUGIN_PATH": "/v/cv2/qt/plugins"}, "cv2_folder": "/v/cv2"}),
         "qt.variables", "note", NO_JOB, ""),
    ],
)  # fmt: skip
def test_software(found, name, outcome, stops, remedy):
    finding = one(found, name)
    assert (finding.outcome, finding.stops) == (outcome, stops)
    assert remedy in finding.remedy


def test_a_bundle_has_no_list_of_packages():
    found = check_software(SoftwareFacts(), System("win32", "", "11", bundled=True))
    assert one(found, "packages.opencv").outcome == "not_checked"


@pytest.mark.parametrize(
    ("system", "remedy"),
    [
        (DEBIAN, "sudo apt install libxcb-cursor0 libxcb-icccm4"),
        (FEDORA, "sudo dnf install xcb-util-cursor xcb-util-wm"),
        (ARCH, "sudo pacman -S xcb-util-cursor xcb-util-wm"),
        (System(packages=""), "Install the package that has libxcb-cursor.so.0, libxcb-icccm.so.4"),
    ],
)
def test_missing_libraries_are_named_with_their_packages(system, remedy):
    facts = LibraryFacts({"window": ("libxcb-cursor.so.0", "libxcb-icccm.so.4"), "sound": (), "voice": ()})
    finding = one(check_libraries(facts, system), "qt.window_libraries")
    assert (finding.outcome, finding.remedy, finding.stops) == ("trouble", remedy, LIVE)


def test_sound_without_its_library_is_no_reason_to_stop():
    facts = LibraryFacts({"window": (), "sound": ("libpulse.so.0",), "voice": ("libunheard.so.7",)})
    found = check_libraries(facts, DEBIAN)
    sound, voice = one(found, "qt.sound_libraries"), one(found, "qt.voice_libraries")
    assert (sound.outcome, sound.stops, sound.remedy) == ("trouble", NO_JOB, "sudo apt install libpulse0")
    assert (voice.outcome, voice.remedy) == ("note", "apt-file search libunheard.so.7")


@pytest.mark.parametrize(
    ("variables", "system", "outcome", "stops", "remedy"),
    [
        ({"DISPLAY": ":0"}, DEBIAN, "ok", NO_JOB, ""),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, DEBIAN, "ok", NO_JOB, ""),
        ({}, DEBIAN, "trouble", LIVE, "--headless"),
        ({"SSH_CONNECTION": "1 2"}, DEBIAN, "trouble", LIVE, "ssh -X"),
        ({"SSH_CONNECTION": "1 2", "DISPLAY": ":10"}, DEBIAN, "note", NO_JOB, "at the computer"),
        ({}, System(wsl=True), "trouble", LIVE, "wsl --update"),
        ({"QT_QPA_PLATFORM": "offscreen"}, DEBIAN, "note", NO_JOB, "unset QT_QPA_PLATFORM"),
        ({}, MAC, "ok", NO_JOB, ""),
    ],
)
def test_display(variables, system, outcome, stops, remedy):
    finding = one(check_window(WindowFacts(variables, True, "xcb"), system), "display.session")
    assert (finding.outcome, finding.stops) == (outcome, stops)
    assert remedy in finding.remedy


def test_a_window_that_does_not_open_names_the_library():
    facts = WindowFacts(opened=False, error="libEGL.so.1: cannot open shared object file: No such file or directory")
    finding = one(check_window(facts, DEBIAN), "display.window")
    assert (finding.outcome, finding.remedy, finding.stops) == ("trouble", "sudo apt install libegl1", LIVE)
    leaking = one(check_window(WindowFacts(opened=True, leaks="PySide6 6.12.0 ..."), DEBIAN), "display.window")
    assert "<6.12" in leaking.remedy
    slow = WindowFacts(opened=True, platform="xcb", screen_px=(3840, 2160), refresh_hz=30.0)
    assert "60 Hz" in one(check_window(slow, DEBIAN), "display.window").remedy
    for untold in (None, 0.0):  # as some drivers have it
        unknown = one(check_window(replace(slow, refresh_hz=untold), DEBIAN), "display.window")
        assert (unknown.outcome, unknown.remedy) == ("ok", "")


HEARD = {"outputs": ("Speakers",), "default": "Speakers", "plays": True, "phrases": 196, "awake": "caffeinate"}


@pytest.mark.parametrize(
    ("changes", "system", "name", "outcome", "remedy"),
    [
        ({}, MAC, "sound.output", "ok", ""),
        ({}, MAC, "speech.voice", "note", "Accessibility > Spoken Content"),
        ({}, WIN11, "speech.voice", "note", "Time & language > Speech"),
        ({}, FEDORA, "speech.voice", "note", "sudo dnf install speech-dispatcher-espeak-ng"),
        ({"voices": ("Samantha",)}, MAC, "speech.voice", "ok", ""),
        ({"phrases": 0}, MAC, "speech.voice", "trouble", "Spoken Content"),
        (
            {"voice_error": "libspeechd.so.2: cannot open it"},
            DEBIAN,
            "speech.voice",
            "note",
            "sudo apt install libspeechd2",
        ),
        ({"voice_error": "No module named 'x'"}, MAC, "speech.voice", "note", "pip install PySide6-Addons"),
        ({"voice_error": "No module named 'x'", "phrases": 0}, MAC, "speech.voice", "trouble", "PySide6-Addons"),
        ({"phrases": 0}, MAC, "speech.phrases", "trouble", "anew"),
        ({"outputs": ()}, WIN11, "sound.output", "trouble", "Settings > System > Sound > Output"),
        ({"outputs": ()}, System(wsl=True), "sound.output", "trouble", "wsl --update"),
        ({"error": "libpulse.so.0: cannot open shared object file"}, DEBIAN, "sound.output", "trouble", "libpulse0"),
        ({"plays": False, "play_error": "OpenError"}, MAC, "sound.plays", "trouble", "System Settings > Sound"),
        ({"plays": None}, MAC, "sound.plays", "not_checked", ""),
        ({}, MAC, "sound.volume", "not_checked", "Listen"),
        ({"awake": "", "awake_error": "bus"}, DEBIAN, "display.awake", "note", "never switch off"),
    ],
)
def test_sound_and_speech(changes, system, name, outcome, remedy):
    finding = one(check_sound(SoundFacts(**{**HEARD, **changes}), system), name)
    assert (finding.outcome, finding.stops) == (outcome, NO_JOB)
    assert remedy in finding.remedy


def test_the_model():
    whole = ModelFacts("full", "/c/full.task", True, True, "4eaa5eb7a98365", "official")
    assert one(check_model(whole, DEBIAN), "model.file").outcome == "ok"
    absent = one(check_model(ModelFacts("lite", "/c/lite.task", False, False), DEBIAN), "model.file")
    assert (absent.outcome, absent.remedy, absent.stops) == ("note", "hingecoach model fetch --model lite", NO_JOB)
    damaged = one(check_model(ModelFacts("full", "/c/full.task", True, False, "00"), DEBIAN), "model.file")
    assert (damaged.outcome, damaged.remedy) == ("trouble", "hingecoach model fetch --model full")
    stuck = ModelFacts("full", "/c/full.task", False, False, cache_writable=False)
    finding = one(check_model(stuck, DEBIAN), "model.file")
    assert finding.stops == EVERY_JOB
    assert "HINGECOACH_CACHE" in finding.remedy


@pytest.mark.parametrize(
    ("folder", "name", "outcome", "stops", "remedy"),
    [
        (FolderFacts("data", "/d", wal=True, free_bytes=9 * 10**9), "folders.data_room", "ok", NO_JOB, ""),
        (FolderFacts("data", "/d", free_bytes=10**8), "folders.data_room", "trouble", NO_JOB, "Make room"),
        (FolderFacts("cache", "/c", free_bytes=10**8), "folders.cache_room", "trouble", NO_JOB, "Make room"),
        (FolderFacts("data", "/d", free_bytes=5 * 10**8), "folders.data_room", "note", NO_JOB, "Make room"),
        (FolderFacts("data", "/d", error="read-only"), "folders.data", "trouble", NO_JOB, "HINGECOACH_DATA"),
        (FolderFacts("cache", "/c", error="full"), "folders.cache", "trouble", NO_JOB, "HINGECOACH_CACHE"),
        (FolderFacts("data", "/d", readable_by_others=True), "folders.data", "note", NO_JOB, "chmod -R go-rwx '/d'"),
        (FolderFacts("data", "/d", synced="OneDrive"), "folders.place", "note", NO_JOB, "HINGECOACH_DATA"),
        (FolderFacts("data", "/d", file_system="nfs4", remote=True), "folders.place", "note", NO_JOB, "own disk"),
        (FolderFacts("data", "/d", wal=False, wal_error="locked"), "folders.database", "trouble", NO_JOB, "own disk"),
        (
            FolderFacts("data", "/d", wal=False, wal_error="disk full"),
            "folders.database",
            "trouble",
            NO_JOB,
            "Make room",
        ),
    ],
)
def test_folders(folder, name, outcome, stops, remedy):
    finding = one(check_folders((folder,), DEBIAN), name)
    assert (finding.outcome, finding.stops) == (outcome, stops)
    assert remedy in finding.remedy


def test_the_history():
    well = check_history(HistoryFacts(True, sessions=12), DEBIAN)
    assert {finding.outcome for finding in well} == {"ok"}
    assert one(well, "history.whole").values["sessions"] == 12
    ill = check_history(HistoryFacts(True, "row missing", interrupted=2, others=((4711, "hingecoach live"),)), DEBIAN)
    assert [finding.outcome for finding in ill] == ["trouble", "note", "note"]
    assert "4711" in one(ill, "history.running").fact
    assert one(check_history(HistoryFacts(True, newer=True), DEBIAN), "history.whole").outcome == "trouble"


@pytest.mark.parametrize(
    ("facts", "system", "name", "outcome", "stops", "remedy"),
    [
        (CameraFacts((WEBCAM,)), DEBIAN, "camera.list", "ok", NO_JOB, ""),
        (CameraFacts(()), DEBIAN, "camera.list", "trouble", LIVE, "Plug a camera in"),
        (CameraFacts(()), System(wsl=True), "camera.list", "trouble", LIVE, "usbipd"),
        (CameraFacts(()), System(sandbox="flatpak"), "camera.list", "trouble", LIVE, "that is no flatpak"),
        (CameraFacts(()), System(sandbox="snap"), "camera.list", "trouble", LIVE, "that is no snap"),
        (CameraFacts(()), System(sandbox="container"), "camera.list", "trouble", LIVE, "--device /dev/video0"),
        (CameraFacts(()), WIN11, "camera.list", "trouble", LIVE, "Settings > Privacy & security > Camera"),
        (CameraFacts(()), WIN10, "camera.list", "trouble", LIVE, "Settings > Privacy > Camera"),
        (CameraFacts((CameraNode(0, "C525", "/dev/video0", False),)), DEBIAN, "camera.permission", "trouble", LIVE,
         "sudo usermod -aG video $USER"),
        (CameraFacts((CameraNode(0, "C525", "/dev/video0", False),), in_group=True), DEBIAN, "camera.permission",
         "trouble", LIVE, "Log out and in again"),
        (CameraFacts((WEBCAM, CameraNode(2, "X", "/dev/video2", False))), DEBIAN, "camera.permission", "trouble",
         NO_JOB, "usermod"),
        (CameraFacts((WEBCAM,), "denied"), MAC, "camera.permission", "trouble", LIVE,
         "System Settings > Privacy & Security > Camera"),
        (CameraFacts((WEBCAM,), explained=False), MAC, "camera.permission", "trouble", LIVE, "anew"),
        (CameraFacts((WEBCAM,), "unasked"), MAC, "camera.permission", "note", NO_JOB, "Allow"),
        (CameraFacts((WEBCAM,), "restricted"), MAC, "camera.permission", "trouble", LIVE, "Ask them"),
        (CameraFacts((WEBCAM,), "off", "desktop"), WIN11, "camera.permission", "trouble", LIVE,
         "“Let desktop apps access your camera” in Settings > Privacy & security > Camera"),
        (CameraFacts((WEBCAM,), "off", "apps"), WIN10, "camera.permission", "trouble", LIVE,
         "“Allow apps to access your camera” in Settings > Privacy > Camera"),
        (CameraFacts((WEBCAM,), "off", "device"), WIN11, "camera.permission", "trouble", LIVE, "“Camera access” in"),
        (CameraFacts((WEBCAM,)), WIN11, "camera.permission", "not_checked", NO_JOB, "Privacy & security"),
        (CameraFacts((CameraNode(0, "C525", "/dev/video0", users=((7, "zoom"),)),)), DEBIAN, "camera.busy", "note",
         NO_JOB, "Close zoom"),
        (CameraFacts((WEBCAM,), "granted", users=("Teams.exe",)), WIN11, "camera.busy", "note", NO_JOB,
         "Close Teams.exe"),
        (CameraFacts((CameraNode(0, "OBS Virtual Camera"), CameraNode(1, "FaceTime HD Camera"))), MAC, "camera.kind",
         "note", NO_JOB, "--camera 1"),
        (CameraFacts((CameraNode(0, "Dummy video device (0x0000)", virtual=True),)), DEBIAN, "camera.kind", "note",
         NO_JOB, "real camera"),
        (CameraFacts((CameraNode(0, "Ana's iPhone Camera"),)), MAC, "camera.kind", "note", NO_JOB, "--camera 1"),
        (CameraFacts(None), MAC, "camera.list", "not_checked", NO_JOB, ""),
    ],
)  # fmt: skip
def test_cameras(facts, system, name, outcome, stops, remedy):
    finding = one(check_camera(facts, system), name)
    assert (finding.outcome, finding.stops) == (outcome, stops)
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    ("changes", "name", "outcome", "stops", "remedy"),
    [
        ({}, "camera.rate", "ok", NO_JOB, ""),
        ({"fps": 15.0, "brightness": 90.0}, "camera.rate", "trouble", NO_JOB, "Add light"),
        ({"fps": 20.0, "brightness": 40.0, "high": 70.0}, "camera.rate", "trouble", NO_JOB, "Add light"),
        ({"fps": 20.0}, "camera.rate", "trouble", NO_JOB, "smaller picture"),
        ({"fps": 10.0}, "camera.rate", "trouble", LIVE, "smaller picture"),
        ({"fps": 25.0}, "camera.rate", "note", NO_JOB, "smaller picture"),
        ({"fps": 10.0, "load": 4.0}, "camera.rate", "note", NO_JOB, "check again"),
        ({"fps": 15.0, "load": 4.0}, "camera.rate", "trouble", NO_JOB, "Add light"),
        ({"same": 1.0, "low": 0.0, "high": 5.0}, "camera.steady", "not_checked", NO_JOB, ""),
        ({"fps": 25.0, "asked_fps": 25.0}, "camera.rate", "ok", NO_JOB, ""),
        ({"size_px": (640, 480)}, "camera.size", "note", NO_JOB, "--size 640x480"),
        ({"brightness": 2.0, "low": 0.0, "high": 5.0}, "camera.picture", "trouble", NO_JOB, "cover"),
        ({"brightness": 250.0, "low": 240.0, "high": 255.0}, "camera.picture", "trouble", NO_JOB, "lamp"),
        ({"brightness": 40.0, "low": 5.0, "high": 70.0}, "camera.picture", "note", NO_JOB, "light on"),
        ({"low": 118.0, "high": 122.0}, "camera.picture", "trouble", NO_JOB, "lens"),
        ({"same": 1.0}, "camera.steady", "trouble", NO_JOB, "Plug the camera in anew"),
        ({"longest_gap_ms": 300.0}, "camera.steady", "note", NO_JOB, "hub"),
        ({"open_s": 9.0}, "camera.opens", "note", NO_JOB, "socket"),
        ({"error": "Camera 0 does not open: close other programs that use it."}, "camera.opens", "trouble", LIVE,
         "Close other programs"),
        ({"error": "Camera 0 does not open"}, "camera.rate", "not_checked", NO_JOB, ""),
    ],
)  # fmt: skip
def test_an_opened_camera(changes, name, outcome, stops, remedy):
    found = check_rate(RateFacts(**{**SEEN, **changes}), DEBIAN)
    assert [finding.id for finding in found] == list(MEASURED)
    finding = one(found, name)
    assert (finding.outcome, finding.stops) == (outcome, stops)
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    ("facts", "outcome", "stops", "words"),
    [
        (NetworkFacts("litert", p50_ms=12.0, p95_ms=14.0), "ok", NO_JOB, "60 a second"),
        (NetworkFacts("litert", p50_ms=25.0, p95_ms=30.0), "note", NO_JOB, "30 a second"),
        (NetworkFacts("mediapipe", p50_ms=45.0, p95_ms=60.0), "trouble", NO_JOB, "20 a second"),
        (NetworkFacts("mediapipe", p50_ms=100.0, p95_ms=120.0), "trouble", LIVE, "9 a second"),
        (NetworkFacts("mediapipe", p50_ms=100.0, p95_ms=120.0, load=3.0), "note", NO_JOB, "the computer was busy"),
        (NetworkFacts("litert"), "not_checked", NO_JOB, "not here yet"),
        (NetworkFacts("litert", crashed="exit code -4"), "trouble", EVERY_JOB, "exit code -4"),
        (NetworkFacts("litert", error="libGLX.so.0: cannot open shared object"), "trouble", EVERY_JOB, "libGLX"),
    ],
)
def test_speed_of_the_network(facts, outcome, stops, words):
    finding = one(check_network(facts, DEBIAN), "speed.network")
    assert (finding.outcome, finding.stops) == (outcome, stops)
    assert words in finding.fact


def test_a_line_of_the_network_that_says_itself_what_to_do_is_taken_apart():
    facts = NetworkFacts("litert", error="hingecoach: The model full is damaged: fetch it again.")
    finding = one(check_network(facts, DEBIAN), "speed.network")
    assert (finding.fact, finding.remedy) == ("The model full is damaged", "Fetch it again.")


@pytest.mark.parametrize(
    ("changes", "system", "name", "outcome", "remedy"),
    [
        ({"cores": 1}, DEBIAN, "speed.cores", "note", "lite"),
        ({"cores": 16, "quota": 1.0}, DEBIAN, "speed.cores", "note", "--cpus 2"),
        ({"memory_bytes": 10**8}, DEBIAN, "speed.memory", "note", "Close"),
        ({"saver": "battery saver"}, WIN11, "speed.power", "note", "Settings > System > Power & battery"),
        ({"saver": "Low Power Mode"}, MAC, "speed.power", "note", "Battery > Low Power Mode"),
        ({"battery": True}, MAC, "speed.power", "note", "charger"),
        ({"governor": "conservative"}, DEBIAN, "speed.power", "note", "powerprofilesctl"),
        ({"governor": "powersave", "battery": False}, DEBIAN, "speed.power", "ok", ""),
        ({}, DEBIAN, "speed.power", "not_checked", ""),
        ({"temperature_c": 97.0}, DEBIAN, "speed.heat", "note", "cool"),
        ({"temperature_c": 60.0}, DEBIAN, "speed.heat", "ok", ""),
        ({"clock_ms": 15.6}, WIN11, "speed.clock", "note", "Python 3.13"),
        ({"sleep_ms": 40.0}, DEBIAN, "speed.threads", "note", "Close"),
        ({"load": 9.0}, DEBIAN, "speed.threads", "note", "Close"),
        ({"load": 3.0, "cores": 4}, DEBIAN, "speed.threads", "ok", ""),  # one is idle
        ({"load": 3.0, "cores": 3}, DEBIAN, "speed.threads", "note", "Close"),
    ],
)
def test_the_computer(changes, system, name, outcome, remedy):
    finding = one(check_computer(ComputerFacts(**changes), system), name)
    assert (finding.outcome, finding.stops) == (outcome, NO_JOB)
    assert remedy in finding.remedy


def test_every_trouble_has_a_remedy_of_one_line():
    everything = [
        *software((3, 10, 0), mediapipe="1.0", numpy="1.0"), *check_camera(CameraFacts(()), DEBIAN),
        *check_rate(RateFacts(**{**SEEN, "fps": None}), DEBIAN), *check_sound(SoundFacts(), DEBIAN),
        *check_window(WindowFacts(opened=False), DEBIAN),
    ]  # fmt: skip
    bad = [finding for finding in everything if finding.outcome == "trouble"]
    assert len(bad) >= 8
    assert all(finding.remedy and "\n" not in finding.remedy + finding.fact for finding in bad)
