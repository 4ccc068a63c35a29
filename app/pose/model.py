"""The pose model's way onto this machine: cache, official download, older wheel, or the user's own file.

The wheel of MediaPipe holds no model and this project ships none. `ensure_model` finds one, in this order: a
verified file in the cache; the official bundle; for *full* only, a bundle built from an older MediaPipe wheel
out of the Python package index; and if all that fails, an error that names both remedies. Every file is
checked by SHA-256 each time it is used: MediaPipe itself loads a bundle with flipped bits without a word.

This is the only part of the app that uses the network, and it says so through ``say`` before it does.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.coach.errors import WorldError
from app.pose import model_build, model_fetch
from app.pose.model_build import BuildError
from app.pose.model_fetch import FetchError, Progress

Say = Callable[[str], None]

OFFICIAL = "official"
BUILT = "built from the package index"
OWN = "own file"

#: Environment variable that names the folder of the model cache.
CACHE_VARIABLE = "HINGECOACH_CACHE"

_URL = "https://storage.googleapis.com/mediapipe-models/pose_landmarker/pose_landmarker_{0}/float16/1/pose_landmarker_{0}.task"
_MEMBERS = tuple(network.name for network in model_build.NETWORKS)
#: What stands at bytes 4 to 8 of every TensorFlow Lite file (its schema's FlatBuffers identifier).
_TFLITE = b"TFL3"
#: No bundle is larger (heavy: about 31 MB); guards the disk against an endless answer.
_LARGEST_BYTES = 100_000_000

_log = logging.getLogger(__name__)


class ModelMissing(WorldError):  # noqa: N818 - named for the state the user is in
    """No model could be had: every route failed."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A model that can be asked for by name.

    Attributes:
        name: "full", "lite" or "heavy".
        sha256: of the official bundle.
        built_sha256: of the bundle built from the wheel, "" where none can be.
    """

    name: str
    sha256: str
    built_sha256: str = ""

    @property
    def url(self) -> str:
        """The official address."""
        return _URL.format(self.name)

    @property
    def file_name(self) -> str:
        """The name in the cache."""
        return f"pose_landmarker_{self.name}.task"

    def origin_of(self, sha256: str) -> str:
        """Return where a file with this hash comes from, "" if it is none of this variant's."""
        if sha256 == self.sha256:
            return OFFICIAL
        return BUILT if sha256 and sha256 == self.built_sha256 else ""


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant(
            "full",
            "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",
            "19952827bd6795b9bd9ffad90195b4d726fe789535abadc7d8cd51714cf43d90",
        ),
        Variant("lite", "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a"),
        Variant("heavy", "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b"),
    )
}


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model on disk, verified.

    Attributes:
        path: absolute. variant: "full", "lite", "heavy" or "own". sha256: of the file.
        origin: `OFFICIAL`, `BUILT` or `OWN`.
    """

    path: Path
    variant: str
    sha256: str
    origin: str


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What is known about a model without fetching anything.

    Attributes:
        path: where it is or would be. present: a file is there. sha256: of it ("" if absent).
        valid: it can be used as it is. variant, origin: as in `ModelFile` ("" unknown).
        problem: one line, "" when valid. notice: one line about a valid model the user should know, or "".
    """

    path: Path
    present: bool
    sha256: str
    valid: bool
    variant: str
    origin: str
    problem: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Routes:
    """The ways to fetch; tests put their own in."""

    open_url: model_fetch.OpenUrl = model_fetch.open_url
    fetch_wheel: model_fetch.FetchWheel = model_fetch.fetch_wheel
    build_bundle: Callable[[Path], bytes] = model_build.build_bundle


def cache_folder() -> Path:
    """Return the folder of the model cache: `CACHE_VARIABLE` or the platform's user cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_cache_path("hingecoach", appauthor=False)


def model_status(wanted: str | os.PathLike[str] = "full", *, cache_dir: Path | None = None) -> ModelStatus:
    """Return where the wanted model is and whether it is sound; nothing is fetched or changed.

    Args:
        wanted: "full", "lite", "heavy" or the path of an own ``.task`` file.
        cache_dir: the cache folder; None = `cache_folder()`.
    """
    variant = VARIANTS.get(os.fspath(wanted))
    if variant is None:
        return _own_status(Path(wanted).expanduser().absolute())
    path = (cache_dir or cache_folder()) / variant.file_name
    return _cached_status(path, variant)


def ensure_model(
    wanted: str | os.PathLike[str] = "full",
    *,
    progress: Progress | None = None,
    say: Say | None = None,
    cache_dir: Path | None = None,
    routes: Routes | None = None,
) -> ModelFile:
    """Return a verified model file, fetching it if need be.

    Args:
        wanted: "full", "lite", "heavy" or the path of an own ``.task`` file.
        progress: told (bytes done, bytes in all or None, what) while fetching.
        say: told what the user should know, line by line, first of all before the network is used;
            None = logged.
        cache_dir: the cache folder; None = `cache_folder()`.
        routes: how to fetch; for tests.

    Raises:
        ModelMissing: it is not in the cache and cannot be fetched.
        WorldError: the own file is not usable, or the cache folder cannot be written.
    """
    tell = say or _log.info
    status = model_status(wanted, cache_dir=cache_dir)
    if status.valid:
        if status.notice:
            tell(status.notice)
        return ModelFile(status.path, status.variant, status.sha256, status.origin)
    variant = VARIANTS.get(os.fspath(wanted))
    if variant is None:
        raise WorldError(status.problem)
    if status.present:
        tell(f"{status.problem} It is replaced.")
    return _provide(variant, status.path, progress or _no_progress, tell, routes or Routes())


def _no_progress(_done: int, _total: int | None, _what: str) -> None:
    """Stand in where nobody watches."""


def _cached_status(path: Path, variant: Variant) -> ModelStatus:
    """Return the state of a cached file, judged by its hash alone."""
    try:
        sha256 = _sha256(path)
    except (FileNotFoundError, NotADirectoryError):
        problem = f"The pose model '{variant.name}' is not on this machine yet."
        return ModelStatus(path, False, "", False, variant.name, "", problem)
    except OSError as error:
        problem = f"The cached pose model {path} cannot be read ({error.strerror})."
        return ModelStatus(path, True, "", False, variant.name, "", problem)
    origin = variant.origin_of(sha256)
    problem = "" if origin else f"The cached pose model {path} is damaged (its SHA-256 is {sha256[:12]}...)."
    return ModelStatus(path, True, sha256, bool(origin), variant.name, origin, problem)


def _own_status(path: Path) -> ModelStatus:
    """Return the state of the user's own file; an unknown but sound one is valid, with a notice."""
    fault = ""
    sha256 = ""
    try:
        if not path.exists():
            names = ", ".join(VARIANTS)
            fault = f"There is no model file {path}: --model takes {names} or the path of a .task file."
        elif path.is_dir():
            fault = f"{path} is a folder: --model needs the .task file itself."
        else:
            sha256 = _sha256(path)
            fault = _bundle_fault(path)
    except OSError as error:
        fault = f"The model file {path} cannot be read ({error.strerror}): check its permissions."
    if fault:
        return ModelStatus(path, bool(sha256), sha256, False, "own", OWN, fault)
    for variant in VARIANTS.values():
        if origin := variant.origin_of(sha256):
            return ModelStatus(path, True, sha256, True, variant.name, origin, "")
    notice = f"The model {path} is none that this app was tested with (SHA-256 {sha256[:12]}...): judge with care."
    return ModelStatus(path, True, sha256, True, "own", OWN, "", notice)


def _bundle_fault(path: Path) -> str:
    """Return why a file is no usable pose bundle, "" if it is; the zip's own checksums are verified."""
    hint = f"fetch a pose_landmarker .task file, e.g. {VARIANTS['full'].url}"
    try:
        with zipfile.ZipFile(path) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            missing = [name for name in _MEMBERS if name not in infos]
            if missing:
                return f"{path} is no pose model (it lacks {' and '.join(missing)}): {hint}."
            if any(infos[name].compress_type != zipfile.ZIP_STORED for name in _MEMBERS):
                return f"{path} is a compressed zip: store its members uncompressed (zip -0)."
            broken = archive.testzip()
            if broken:
                return f"{path} is damaged (in {broken}): {hint}."
            foreign = [name for name in _MEMBERS if _head_of(archive, name)[4:] != _TFLITE]
            return f"{path} is no pose model ({foreign[0]} is no TensorFlow Lite file): {hint}." if foreign else ""
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return f"{path} is no pose model bundle or is damaged: {hint}."


def _head_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the first eight bytes of a member."""
    with archive.open(name) as member:
        return member.read(8)


def is_own_file(path: Path) -> bool:
    """Whether a model file is the user's own: no model of the cache, which can be fetched again."""
    cached = path.absolute().parent == cache_folder().absolute()
    return not (cached and path.name in {variant.file_name for variant in VARIANTS.values()})


def _provide(variant: Variant, path: Path, progress: Progress, tell: Say, routes: Routes) -> ModelFile:
    """Fetch a variant into the cache by the first route that works."""
    failures: list[str] = []
    with _scratch_folder(path.parent) as scratch:
        try:
            tell(f"Fetching the pose model '{variant.name}' (once) from {variant.url}")
            return _install(_download(variant, progress, routes), variant, path, scratch)
        except FetchError as error:
            failures.append(f"official download: {error}")
        if variant.built_sha256:
            tell(f"That failed ({failures[0]}). Building it from an older wheel of the package index.")
            try:
                wheel = routes.fetch_wheel(scratch, progress)
                progress(0, None, "building the bundle")
                return _install(routes.build_bundle(wheel), variant, path, scratch)
            except (FetchError, BuildError) as error:
                failures.append(f"package index: {error}")
    raise ModelMissing(
        f"The pose model '{variant.name}' is missing and could not be fetched ({'; '.join(failures)}): "
        "get online and run 'hingecoach model fetch', "
        f"or download {variant.url} by hand and pass it with --model PATH."
    )


def _download(variant: Variant, progress: Progress, routes: Routes) -> bytes:
    """Return what the official address holds (in memory: a half-written file cannot be left behind)."""
    total, pieces = routes.open_url(variant.url)
    data = bytearray()
    for piece in pieces:
        data += piece
        progress(len(data), total, f"pose model '{variant.name}'")
        if len(data) > _LARGEST_BYTES:
            raise FetchError("the answer is too long to be the model")
    return bytes(data)


def _install(data: bytes, variant: Variant, path: Path, scratch: Path) -> ModelFile:
    """Verify a bundle and put it into the cache in one step.

    Raises:
        FetchError: the hash is not one of the variant's.
        WorldError: it cannot be written.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    origin = variant.origin_of(sha256)
    if not origin:
        raise FetchError(f"what arrived is not the model ({len(data)} bytes, SHA-256 {sha256[:12]}...)")
    temporary = scratch / "model.part"
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        # On Windows a file that another process has just put there and opened cannot be replaced: use it.
        if not _cached_status(path, variant).valid:
            raise _not_writable(path.parent, error) from error
    return ModelFile(path, variant.name, sha256, origin)


@contextlib.contextmanager
def _scratch_folder(parent: Path) -> Iterator[Path]:
    """Make a folder of our own inside the cache, gone again however the block ends.

    In the cache and not in the system's temporary folder: same file system, so that moving a file is atomic,
    and not in memory.

    Raises:
        WorldError: the cache folder cannot be made or written.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.TemporaryDirectory(prefix=".fetching-", dir=parent, ignore_cleanup_errors=True)
    except OSError as error:
        raise _not_writable(parent, error) from error
    with scratch as name:
        yield Path(name)


def _not_writable(folder: Path, error: OSError) -> WorldError:
    """Return the error for a cache folder that refuses a file."""
    why = error.strerror or str(error)
    return WorldError(
        f"The pose model cannot be saved in {folder} ({why}): "
        f"make room there or set {CACHE_VARIABLE} to another folder."
    )


def _sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
