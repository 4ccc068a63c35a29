"""What is known about this machine; plain values, so that tests can tell any machine's. None: not known."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SoftwareFacts:
    """Python and what is installed in it.

    Attributes:
        python: (major, minor, micro). bits: of a pointer. machine: of the processor as Python sees it.
        translated: an Intel program on another processor (Rosetta, Windows on ARM). free_threaded: a build without GIL.
        versions: of the distributions that matter, by their names in lower case; {} where there is no list.
        shadows: other modules named ``app`` that Python may find first or later.
        python_path: PYTHONPATH.
        qt_variables: of the environment at the start that lead Qt elsewhere.
        cv2_folder: of the OpenCV in use, "" unknown.
    """

    python: tuple[int, int, int] = (3, 12, 0)
    implementation: str = "CPython"
    bits: int = 64
    machine: str = "x86_64"
    translated: bool = False
    free_threaded: bool = False
    versions: dict[str, str] = field(default_factory=dict)
    shadows: tuple[str, ...] = ()
    python_path: str = ""
    qt_variables: dict[str, str] = field(default_factory=dict)
    cv2_folder: str = ""


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """Shared libraries that are missing, by what for: "opencv", "window", "sound", "voice"; None: could not be told."""

    missing: dict[str, tuple[str, ...]] | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """The display and whether Qt opens on it.

    Attributes:
        variables: of the environment: DISPLAY, WAYLAND_DISPLAY, QT_QPA_PLATFORM, XDG_SESSION_TYPE, SSH_CONNECTION.
        opened: whether Qt started. platform: on which of its platforms. error: what it said instead.
        screen_px: (width, height). refresh_hz: of the screen. scale: device pixels for one of the window's.
        leaks: this PySide6 loses references and ends the process.
    """

    variables: dict[str, str] = field(default_factory=dict)
    opened: bool | None = None
    platform: str = ""
    error: str = ""
    screen_px: tuple[int, int] | None = None
    refresh_hz: float | None = None
    scale: float | None = None
    leaks: str = ""


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """Sound, speech, and the screen's staying on, as a process without a window found them.

    Attributes:
        broken: why the process that tries it got nowhere. error: why Qt's sound did not import. Both "" where it did.
        cut_off: why that process ended before it had told all (a server that does not answer, a crash), "" it told all.
        outputs: names of the loudspeakers; None: it was cut off while it asked. default: the one that is used.
        plays: silence was played; None: not tried.
        play_error: what the system said. buffer_ms: what the sound card has waiting.
        voice_error: why Qt's speech did not import, "" where it did. language: of the window, e.g. "es".
        voices: of that language; None: it was cut off before. phrases: the app's own recorded ones in it.
        awake: how the screen is kept on, "" not at all. awake_error: why not.
    """

    broken: str = ""
    error: str = ""
    cut_off: str = ""
    outputs: tuple[str, ...] | None = ()
    default: str = ""
    plays: bool | None = None
    play_error: str = ""
    buffer_ms: float | None = None
    voice_error: str = ""
    language: str = "en"
    voices: tuple[str, ...] | None = ()
    phrases: int = 0
    awake: str = ""
    awake_error: str = ""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The pose model in the cache (`app.pose.model.ModelStatus`)."""

    variant: str
    path: str
    present: bool
    valid: bool
    sha256: str = ""
    origin: str = ""
    problem: str = ""
    notice: str = ""
    cache_writable: bool = True


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """A folder that the app writes into.

    Attributes:
        name: "data", "cache" or "logs". path: where it is or will be. there: it is.
        error: why it cannot be written, "" where it can. readable_by_others: somebody else on this machine may read it.
        free_bytes: room. file_system: e.g. "ext4", "nfs". remote: on another machine. synced: "OneDrive" and the like.
        wal: SQLite's log works there; None: not tried. wal_error: what it said.
    """

    name: str
    path: str
    there: bool = True
    error: str = ""
    readable_by_others: bool = False
    free_bytes: int | None = None
    file_system: str = ""
    remote: bool = False
    synced: str = ""
    wal: bool | None = None
    wal_error: str = ""


@dataclass(frozen=True, slots=True)
class HistoryFacts:
    """The history of sessions.

    Attributes:
        there: a database is. problem: what is wrong with it. newer: it is a newer app's. sessions: how many.
        interrupted: recordings that nobody closed and nobody writes. recording: recordings that somebody writes now.
        others: (pid, command) of other Hinge Coaches.
        unread: why it could not be looked through, "" it was.
    """

    there: bool = False
    problem: str = ""
    newer: bool = False
    sessions: int = 0
    interrupted: int = 0
    recording: int = 0
    others: tuple[tuple[int, str], ...] = ()
    unread: str = ""


@dataclass(frozen=True, slots=True)
class CameraNode:
    """A camera: index, name; ``path`` of its device (Linux), whether it may be used, and (pid, name) of who uses it."""

    index: int
    name: str
    path: str = ""
    allowed: bool = True
    users: tuple[tuple[int, str], ...] = ()
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """Cameras, told without opening one.

    Attributes:
        nodes: what there is; None where this system does not tell.
        permission: "granted", "denied", "restricted", "unasked" (macOS), "off" (Windows' switches), "" unknown.
        permission_by: which of Windows' switches: "device" (for all users), "apps", "desktop" (programs such as this).
        in_group: the user is in the group that may use cameras (Linux), None unknown. group: its name.
        users: programs that use a camera now, where a system names them without the camera (Windows).
        explained: a bundle for macOS says what it needs the camera for; None: it is none.
    """

    nodes: tuple[CameraNode, ...] | None = ()
    permission: str = ""
    permission_by: str = ""
    in_group: bool | None = None
    group: str = "video"
    users: tuple[str, ...] = ()
    explained: bool | None = None


@dataclass(frozen=True, slots=True)
class RateFacts:
    """A camera that was opened for some seconds.

    Attributes:
        camera: index or name. error: why it gave no picture, "" where it did; None: it was not opened, for ``why``.
        open_s: until the first picture. asked_px, asked_fps: what was asked for. size_px: what came.
        seconds, frames: how long was looked, how many pictures came. fps: of their arrivals.
        longest_gap_ms: between two pictures. brightness: mean luma 0..255. low, high: its 5th and 95th percentile.
        same: share of pictures that were equal to the one before, 0..1.
        load: programs that wanted a processor meanwhile, for each there is.
    """

    camera: str = "0"
    error: str | None = None
    why: str = ""
    open_s: float = 0.0
    asked_px: tuple[int, int] = (1280, 720)
    asked_fps: float = 60.0
    size_px: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    frames: int = 0
    fps: float | None = None
    longest_gap_ms: float | None = None
    brightness: float | None = None
    low: float | None = None
    high: float | None = None
    same: float | None = None
    load: float | None = None


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """The pose network on one picture again and again.

    Attributes:
        engine: "litert" or "mediapipe". model: variant. p50_ms, p95_ms: a picture. load_s: until it was ready.
        load: programs that wanted a processor meanwhile, for each there is.
        error: why it does not run. crashed: it ended its process (a processor that is too old). hung: it took too long.
    """

    engine: str = ""
    model: str = "full"
    p50_ms: float | None = None
    p95_ms: float | None = None
    load_s: float | None = None
    load: float | None = None
    error: str = ""
    crashed: str = ""
    hung: bool = False


@dataclass(frozen=True, slots=True)
class ComputerFacts:
    """Processor, power, clock.

    Attributes:
        cores: that this process may use. quota: cores that a container is given, None unlimited.
        battery: it runs on battery; None unknown. saver: how power is saved, "" not as far as is known.
        governor: Linux's, of the first core. temperature_c: the hottest zone. throttled: slowed down by heat so often.
        clock_ms: smallest step of the clock. sleep_ms: how long a sleep of 1 ms took. switch_ms: of Python's threads.
        memory_bytes: that is free, None unknown. load: programs that want a processor now, None unknown.
    """

    cores: int = 4
    quota: float | None = None
    battery: bool | None = None
    saver: str = ""
    governor: str = ""
    temperature_c: float | None = None
    throttled: int | None = None
    clock_ms: float = 0.001
    sleep_ms: float = 1.1
    switch_ms: float = 5.0
    memory_bytes: int | None = None
    load: float | None = None
