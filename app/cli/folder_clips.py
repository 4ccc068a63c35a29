"""Which clips a folder holds, and where what they come to is written: one file per clip, named after it."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.clip_options import FILE_OPTIONS
from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from app.cli.clip_options import ClipOptions

#: By its name: what a camera or phone writes, landmarks, and photos.
VIDEOS = frozenset(
    f".{name}" for name in ("mp4", "mov", "m4v", "avi", "mkv", "webm", "mts", "m2ts", "3gp", "3g2", "mpg", "wmv", "ogv")
)
LANDMARKS = frozenset({".trc"})
PHOTOS = frozenset(f".{name}" for name in ("jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp", "heic", "heif", "avif"))
#: Names that the summaries have.
SUMMARY_JSON, SUMMARY_CSV = "summary.json", "summary.csv"
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class FoundClip:
    """A clip of the folder.

    Attributes:
        path: to open it. name: within the folder, with ``/``. size: bytes, at least 1.
        error: why it cannot even be looked at, "" usually.
    """

    path: Path
    name: str
    size: int = 1
    error: str = ""

    @property
    def is_trc(self) -> bool:
        """Whether it is a landmark file, by its name."""
        return self.path.suffix.lower() in LANDMARKS


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a folder: the clips in natural order, and lines about what was left out."""

    clips: tuple[FoundClip, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A clip and what is wanted of it.

    Attributes:
        clip: what is read. options: its own, outputs and all. stem: of its outputs, with ``/``.
    """

    clip: FoundClip
    options: ClipOptions
    stem: str

    @property
    def written(self) -> tuple[Path, ...]:
        """Every file it may write."""
        return tuple(Path(name) for name in self.options.written.values() if name is not None)


def clips_in(folder: Path, recursive: bool, photos: bool, but_not: Iterable[Path] = ()) -> Found:
    """Return the clips of a folder, but no hidden files and no annotated videos of ours.

    Args:
        folder: to look in.
        recursive: its sub-folders, too; links to folders are not followed.
        photos: whether still pictures count.
        but_not: files and folders to pass over: the standing recording, the folders to write to.

    Raises:
        WorldError: the folder cannot be read, or there is no clip in it.
    """
    from app.store.own_video import is_annotated

    seen, skipped, kinds = list[FoundClip](), _identities(but_not), VIDEOS | LANDMARKS | (PHOTOS if photos else set())
    left_out, below, pictures = list[str](), 0, 0
    for entry in _walk(folder, recursive, skipped, seen):
        path = Path(entry.path)
        suffix = path.suffix.lower()
        below += _is_folder(entry)
        pictures += suffix in PHOTOS and not photos
        if suffix not in kinds or path.is_dir():
            continue
        name = path.relative_to(folder).as_posix()
        if _identity(path) in skipped:
            continue
        if suffix == ".mp4" and is_annotated(path):
            left_out.append(name)
            continue
        seen.append(FoundClip(path, name, _size(path)))
    notes = []
    if left_out:
        notes.append(
            f"Left out, for it is annotated by Hinge Coach already: {', '.join(sorted(left_out, key=natural))}."
        )
    if pictures:
        notes.append(f"Left out: {pictures} {'photo' if pictures == 1 else 'photos'}, judged with --mode stance only.")
    if not any(not clip.error for clip in seen):
        hint = " It has sub-folders: add --recursive." if below and not recursive else ""
        more = " ".join(notes) or hint.strip() or "Give one that holds videos or .trc files."
        raise WorldError(f"There is no clip in {folder}. {seen[0].error if seen else more}")
    return Found(tuple(sorted(seen, key=lambda clip: natural(clip.name))), tuple(notes))


def _walk(
    folder: Path,
    recursive: bool,
    skipped: Collection[tuple[int, int]],
    unread: list[FoundClip],
    top: Path | None = None,
) -> Iterable[os.DirEntry[str]]:
    """Yield what is not hidden; a sub-folder that cannot be read goes to ``unread``. Raises WorldError for the top."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith((".", "~$"))]
    except OSError as error:
        line = f"{folder} cannot be read ({error.strerror}): change its access rights."
        if top is None:
            raise WorldError(line) from error
        unread.append(FoundClip(folder, folder.relative_to(top).as_posix() + "/", error=line))
        return
    for entry in found:
        yield entry
        if recursive and _is_folder(entry) and _identity(Path(entry.path)) not in skipped:
            yield from _walk(Path(entry.path), recursive, skipped, unread, top or folder)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether it is a folder and no link; False where the system cannot say."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def natural(name: str) -> tuple[object, ...]:
    """Return a key that puts run before run2 and that before run10, folder by folder, whatever the case."""
    *above, last = name.split("/")
    stem = last.removesuffix(Path(last).suffix)
    return tuple(_numbers(part) for part in (*above, stem)), last.casefold(), name


def _numbers(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a text in parts of which those that are numbers compare as such."""
    parts = [part for part in _DIGITS.split(text.casefold()) if part]
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def jobs_for(clips: Sequence[FoundClip], options: ClipOptions) -> tuple[Job, ...]:
    """Return a job for every clip that can be looked at; of its own files, in the folders that the options name.

    Raises:
        WorldError: a file would overwrite an input, another output, or a video that is not ours.
    """
    stems = stems_of([clip.name for clip in clips if not clip.error])
    jobs = tuple(_job(clip, options, stems[clip.name]) for clip in clips if not clip.error)
    _check_places(jobs, options)
    return jobs


def stems_of(names: Iterable[str]) -> dict[str, str]:
    """Return name of a clip -> name of its outputs, without ending: its stem, the whole name where that is taken."""
    stem_of = {name: name[: len(name) - len(Path(name).suffix)] for name in names}
    # Names that differ in case only are one on many file systems. A summary's name is taken from the beginning.
    taken = Counter(_folded(stem) for stem in stem_of.values())
    taken.update({"summary": 1, SUMMARY_JSON: 1, SUMMARY_CSV: 1})
    return {name: stem if taken[_folded(stem)] == 1 else name for name, stem in stem_of.items()}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _job(clip: FoundClip, options: ClipOptions, stem: str) -> Job:
    """Return the job of a clip: outputs ``FOLDER/stem.json`` and so on, tables in ``FOLDER/stem``."""

    def place(option: str) -> str | None:
        folder = getattr(options, option)
        return (
            None if folder in (None, "-") else str(Path(folder).expanduser() / f"{stem}{FILE_OPTIONS.get(option, '')}")
        )

    own = replace(
        options,
        clip=str(clip.path),
        quiet=True,
        json=place("json"),
        csv=place("csv"),
        trc=place("trc"),
        mot=place("mot"),
        report=place("report"),
        video=place("video"),
    )
    return Job(clip, own, stem)


def _check_places(jobs: Sequence[Job], options: ClipOptions) -> None:
    from app.store.own_video import is_annotated

    inputs = _identities((*(job.clip.path for job in jobs), *map(Path, options.read_besides)))
    taken: dict[str, Path] = {}
    for job in jobs:
        for path in job.written:
            if _identity(path) in inputs:
                raise WorldError(f"{path} would overwrite an input: give a folder of its own.")
            if (other := taken.setdefault(_folded(os.path.realpath(path)), path)) is not path:
                raise WorldError(f"{other} and {path} would be one file: give different folders.")
        video = job.options.video
        if video is not None and _identity(Path(video)) is not None and not is_annotated(Path(video)):
            raise WorldError(f"{video} is there and is no annotated video of ours: give --video another folder.")


def folders_of(options: ClipOptions) -> Mapping[str, Path]:
    """Return option -> folder for the outputs of a folder of clips, as typed.

    Raises:
        WorldError: a file stands there, a file was meant, or it is the folder of the clips.
    """
    folders = {}
    for option in ("json", "csv", "trc", "mot", "report", "video"):
        name = getattr(options, option)
        if name is None or (option == "json" and name == "-"):
            continue
        if not name.strip() or name == "-":
            raise WorldError(f"--{option}: give a folder, for {options.clip} is a folder of clips.")
        path = Path(name).expanduser()
        is_there = _identity(path) is not None
        if (is_there and not path.is_dir()) or (not is_there and path.suffix.lower() == FILE_OPTIONS.get(option)):
            what = "is a file" if is_there else "looks like a file"
            raise WorldError(f"--{option} {name} {what}: {options.clip} is a folder of clips, so give a folder.")
        if is_there and path.samefile(options.clip):
            raise WorldError(
                f"--{option} {name} is the folder of the clips: give another one, such as {path / option}."
            )
        folders[f"--{option}"] = path
    return folders


def _identities(paths: Iterable[Path]) -> set[tuple[int, int]]:
    return {found for found in map(_identity, paths) if found is not None}


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what a file or folder is to the system, whatever it is called; None where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _size(path: Path) -> int:
    try:
        return max(1, path.stat().st_size)
    except OSError:
        return 1
