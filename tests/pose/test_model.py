"""Where the model comes from: cache, download, wheel, own file. No network: every route is a fake."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest

from app.coach.errors import WorldError
from app.pose import model
from app.pose.model import ModelMissing, Routes, Variant, cache_folder, ensure_model, model_status
from app.pose.model_build import BuildError
from app.pose.model_fetch import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.pose.model_fetch import Progress

OFFICIAL_BYTES = b"the official bundle" * 1000
BUILT_BYTES = b"the bundle built from the wheel" * 1000


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(autouse=True)
def known_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the known models be small ones."""
    monkeypatch.setitem(model.VARIANTS, "full", Variant("full", sha256(OFFICIAL_BYTES), sha256(BUILT_BYTES)))
    monkeypatch.setitem(model.VARIANTS, "lite", Variant("lite", sha256(OFFICIAL_BYTES[::-1])))


class FakeRoutes:
    """Routes that note what was asked of them; ``pieces`` None = offline, ``built`` None = no index."""

    def __init__(
        self,
        pieces: list[bytes] | None = None,
        built: bytes | None = None,
        breaks_with: BaseException | None = None,
    ) -> None:
        self.asked: list[str] = []
        self._pieces, self._built, self._breaks_with = pieces, built, breaks_with

    def routes(self) -> Routes:
        return Routes(self._open_url, self._fetch_wheel, self._build_bundle)

    def _open_url(self, url: str) -> tuple[int | None, Iterator[bytes]]:
        self.asked.append(url)
        if self._pieces is None:
            raise FetchError("Name or service not known")
        return sum(map(len, self._pieces)), self._arrive(self._pieces)

    def _arrive(self, pieces: list[bytes]) -> Iterator[bytes]:
        yield from pieces
        if self._breaks_with is not None:
            raise self._breaks_with

    def _fetch_wheel(self, directory: Path, progress: Progress) -> Path:
        self.asked.append("wheel")
        wheel = directory / "mediapipe.whl"
        wheel.write_bytes(b"half a wheel")
        progress(12, 24, "wheel")
        if self._built is None:
            raise FetchError("No matching distribution found")
        return wheel

    def _build_bundle(self, wheel: Path) -> bytes:
        assert wheel.read_bytes() == b"half a wheel"
        if self._built == b"":
            raise BuildError("pose_detection.tflite has another SHA-256")
        assert self._built is not None
        return self._built


def halves(data: bytes) -> list[bytes]:
    return [data[: len(data) // 2], data[len(data) // 2 :]]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_official_bundle_is_fetched_once_with_progress_and_said_aloud(tmp_path: Path) -> None:
    fake = FakeRoutes(halves(OFFICIAL_BYTES))
    said: list[str] = []
    seen: list[tuple[int, int | None]] = []

    found = ensure_model(
        cache_dir=tmp_path,
        routes=fake.routes(),
        say=said.append,
        progress=lambda done, total, _: seen.append((done, total)),
    )

    assert found.path.read_bytes() == OFFICIAL_BYTES
    assert (found.variant, found.origin, found.sha256) == ("full", model.OFFICIAL, sha256(OFFICIAL_BYTES))
    assert seen == [(9500, 19000), (19000, 19000)]
    assert len(said) == 1
    assert "https://" in said[0]
    said.clear()
    assert ensure_model(cache_dir=tmp_path, routes=fake.routes(), say=said.append) == found
    assert len(fake.asked) == 1
    assert said == []
    assert names(tmp_path) == ["pose_landmarker_full.task"]


def test_without_the_official_address_full_is_built_from_the_wheel(tmp_path: Path) -> None:
    said: list[str] = []

    found = ensure_model(cache_dir=tmp_path, routes=FakeRoutes(built=BUILT_BYTES).routes(), say=said.append)

    assert found.path.read_bytes() == BUILT_BYTES
    assert found.origin == model.BUILT
    assert "package index" in said[1]
    assert names(tmp_path) == ["pose_landmarker_full.task"]
    assert model_status(cache_dir=tmp_path).origin == model.BUILT


def test_other_bytes_than_the_model_are_refused_and_the_next_route_is_taken(tmp_path: Path) -> None:
    found = ensure_model(cache_dir=tmp_path, routes=FakeRoutes([b"<html>log in to the hotel"], BUILT_BYTES).routes())

    assert found.path.read_bytes() == BUILT_BYTES


@pytest.mark.parametrize("built", [None, b"", b"a bundle with another hash"])
def test_when_all_fails_one_line_names_both_remedies(tmp_path: Path, built: bytes | None) -> None:
    with pytest.raises(ModelMissing) as caught:
        ensure_model(cache_dir=tmp_path, routes=FakeRoutes(built=built).routes())

    message = str(caught.value)
    assert isinstance(caught.value, WorldError)
    assert "\n" not in message
    assert "hingecoach model fetch" in message
    assert "--model PATH" in message
    assert model.VARIANTS["full"].url in message
    assert "Name or service not known" in message
    assert names(tmp_path) == []


def test_lite_has_the_official_route_only(tmp_path: Path) -> None:
    fake = FakeRoutes(built=BUILT_BYTES)

    with pytest.raises(ModelMissing, match="pose_landmarker_lite"):
        ensure_model("lite", cache_dir=tmp_path, routes=fake.routes())

    assert fake.asked == [model.VARIANTS["lite"].url]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), MemoryError()])
def test_an_interrupted_download_leaves_nothing(tmp_path: Path, interruption: BaseException) -> None:
    fake = FakeRoutes(halves(OFFICIAL_BYTES)[:1], BUILT_BYTES, interruption)

    with pytest.raises(type(interruption)):
        ensure_model(cache_dir=tmp_path, routes=fake.routes())

    assert names(tmp_path) == []
    assert fake.asked == [model.VARIANTS["full"].url]


def test_a_download_that_breaks_off_falls_back(tmp_path: Path) -> None:
    fake = FakeRoutes(halves(OFFICIAL_BYTES)[:1], BUILT_BYTES, FetchError("the download broke off"))

    assert ensure_model(cache_dir=tmp_path, routes=fake.routes()).origin == model.BUILT


def test_an_endless_answer_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_LARGEST_BYTES", 100)

    with pytest.raises(ModelMissing, match="too long"):
        ensure_model("lite", cache_dir=tmp_path, routes=FakeRoutes([b"x" * 60] * 3).routes())


@pytest.mark.parametrize("damage", [OFFICIAL_BYTES[:-1], b"", OFFICIAL_BYTES[:50] + b"X" + OFFICIAL_BYTES[51:]])
def test_a_damaged_cached_model_is_noticed_and_replaced(tmp_path: Path, damage: bytes) -> None:
    cached = tmp_path / "pose_landmarker_full.task"
    cached.write_bytes(damage)
    status = model_status(cache_dir=tmp_path)
    assert (status.present, status.valid) == (True, False)
    assert "damaged" in status.problem
    said: list[str] = []

    found = ensure_model(cache_dir=tmp_path, routes=FakeRoutes([OFFICIAL_BYTES]).routes(), say=said.append)

    assert found.path.read_bytes() == OFFICIAL_BYTES
    assert "damaged" in said[0]
    assert "replaced" in said[0]


def test_a_damaged_cached_model_is_kept_from_use_even_offline(tmp_path: Path) -> None:
    (tmp_path / "pose_landmarker_full.task").write_bytes(b"half")

    with pytest.raises(ModelMissing):
        ensure_model(cache_dir=tmp_path, routes=FakeRoutes().routes())


def test_status_of_an_absent_model_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "not yet"

    status = model_status(cache_dir=folder)

    assert (status.present, status.valid, status.sha256, status.origin) == (False, False, "", "")
    assert status.path == folder / "pose_landmarker_full.task"
    assert not folder.exists()


def test_a_cache_that_cannot_be_written_is_told_before_the_network_is_used(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    fake = FakeRoutes([OFFICIAL_BYTES])

    with pytest.raises(WorldError, match="HINGECOACH_CACHE") as caught:
        ensure_model(cache_dir=blocked / "cache", routes=fake.routes())

    assert not isinstance(caught.value, ModelMissing)
    assert fake.asked == []


def test_a_folder_in_the_models_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "pose_landmarker_full.task").mkdir()

    with pytest.raises(WorldError, match="cannot be saved"):
        ensure_model(cache_dir=tmp_path, routes=FakeRoutes([OFFICIAL_BYTES]).routes())


def test_a_second_process_that_was_faster_does_no_harm(tmp_path: Path) -> None:
    """While this one downloads, another puts the model in place: both have it, nothing else is left."""
    fake = FakeRoutes([OFFICIAL_BYTES])
    others: list[model.ModelFile] = []

    def meanwhile(*_: object) -> None:
        others.append(ensure_model(cache_dir=tmp_path, routes=FakeRoutes([OFFICIAL_BYTES]).routes()))

    mine = ensure_model(cache_dir=tmp_path, routes=fake.routes(), progress=meanwhile)

    assert others == [mine]
    assert names(tmp_path) == ["pose_landmarker_full.task"]


def test_the_cache_folder_can_be_chosen_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINGECOACH_CACHE", str(tmp_path / "täglich läufer"))
    assert cache_folder() == tmp_path / "täglich läufer"

    found = ensure_model(routes=FakeRoutes([OFFICIAL_BYTES]).routes())

    assert found.path == tmp_path / "täglich läufer" / "pose_landmarker_full.task"
    monkeypatch.delenv("HINGECOACH_CACHE")
    assert "hingecoach" in str(cache_folder()).lower()


def bundle(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


TFLITE = b"\x1c\0\0\0TFL3"
MEMBERS = {"pose_detector.tflite": TFLITE + b"d" * 500, "pose_landmarks_detector.tflite": TFLITE + b"l" * 500}


def flipped(path: Path) -> Path:
    data = bytearray(bundle(path, MEMBERS).read_bytes())
    data[100] ^= 0xFF
    path.write_bytes(data)
    return path


def folder_named(path: Path) -> Path:
    path.mkdir()
    return path


def text_file(path: Path) -> Path:
    path.write_text("no zip")
    return path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path, "There is no model file"),
        (folder_named, "is a folder"),
        (text_file, "no pose model bundle"),
        (lambda path: bundle(path, {"pose_detector.tflite": b""}), "lacks pose_landmarks_detector.tflite"),
        (lambda path: bundle(path, MEMBERS, zipfile.ZIP_DEFLATED), "compressed"),
        (flipped, "damaged"),
        *(
            (lambda path, n=name, c=content: bundle(path, MEMBERS | {n: c}), f"{name} is no TensorFlow Lite file")
            for name, content in (
                ("pose_detector.tflite", b"junk" * 100),
                ("pose_landmarks_detector.tflite", b"TFL3junk" * 100),
                ("pose_landmarks_detector.tflite", b""),
            )
        ),
    ],
    ids=["missing", "folder", "no zip", "member missing", "compressed", "flipped bits", "junk", "junk too", "empty"],
)
def test_an_own_file_that_cannot_work_is_told_in_one_line(
    tmp_path: Path, make: Callable[[Path], Path], says: str
) -> None:
    own = make(tmp_path / "own.task")

    with pytest.raises(WorldError, match=says) as caught:
        ensure_model(own)

    assert "\n" not in str(caught.value)
    assert str(own) in str(caught.value)
    assert not model_status(str(own)).valid


def test_an_own_unknown_model_loads_with_a_notice(tmp_path: Path) -> None:
    own = bundle(tmp_path / "eigenes modell ü.task", MEMBERS)
    said: list[str] = []

    found = ensure_model(own, say=said.append)

    assert (found.path, found.variant, found.origin) == (own, "own", model.OWN)
    assert found.sha256 == sha256(own.read_bytes())
    assert len(said) == 1
    assert "tested" in said[0]


def test_an_own_file_that_is_a_known_model_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = bundle(tmp_path / "by hand.task", MEMBERS)
    monkeypatch.setitem(model.VARIANTS, "heavy", Variant("heavy", sha256(own.read_bytes())))
    said: list[str] = []

    found = ensure_model(str(own), say=said.append)

    assert (found.variant, found.origin) == ("heavy", model.OFFICIAL)
    assert said == []


def test_only_a_model_of_the_cache_is_not_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(model.CACHE_VARIABLE, str(tmp_path / "cache"))
    assert not model.is_own_file(tmp_path / "cache" / "pose_landmarker_full.task")
    assert model.is_own_file(tmp_path / "cache" / "mine.task")
    assert model.is_own_file(tmp_path / "pose_landmarker_full.task")


def test_a_mistyped_variant_is_told_with_the_names_there_are() -> None:
    with pytest.raises(WorldError, match="full, lite, heavy"):
        ensure_model("fulll")
