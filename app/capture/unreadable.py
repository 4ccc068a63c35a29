"""Why a clip cannot be read, in one line that says what to do."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from app.capture.clip_facts import clip_facts
from app.capture.source import one_line

if TYPE_CHECKING:
    from pathlib import Path

#: Codecs that phones and programs write, by the four characters of the file.
_CODECS = {
    **dict.fromkeys(("hvc1", "hev1", "hevc", "dvh1", "dvhe"), "HEVC"),
    **dict.fromkeys(("av01",), "AV1"),
    **dict.fromkeys(("apch", "apcn", "apcs", "apco", "ap4h", "ap4x"), "ProRes"),
    **dict.fromkeys(("avc1", "avc3", "h264"), "H.264"),
    **dict.fromkeys(("vvc1", "vvi1"), "H.266"),
    **dict.fromkeys(("vp08", "vp80"), "VP8"),
    **dict.fromkeys(("vp09", "vp90"), "VP9"),
}


#: What the video that is kept of a session says of itself near its beginning, as its writer does (docs/formats.md).
_KEPT, _NEAR_BYTES = b"uuidhingecoach/vid/", 256


def why_not_opened(path: Path) -> str:
    """Return why a file, which is there and not empty, cannot be opened as a video."""
    if _is_kept(path):
        return _damaged_since(path)
    name, facts = one_line(path.name), clip_facts(path)
    if facts is not None and not facts.has_index:
        return f"{name} has no index: the recording was broken off, or not copied whole. Copy it from the phone again."
    if facts is not None and facts.has_sound and not facts.has_pictures:
        return f"{name} holds sound only: give a video."
    return (
        f"{name} cannot be read as a video: damaged, cut short, without a picture or of an unknown kind. "
        "Convert it to MP4 (H.264)."
    )


def why_no_frame(path: Path, fourcc: int) -> str:
    """Return why no frame of an opened file can be decoded.

    Args:
        path: of the file.
        fourcc: its codec as OpenCV tells it, low byte first.
    """
    if _is_kept(path):
        return _damaged_since(path)
    name = one_line(path.name)
    tag = bytes(fourcc >> shift & 0xFF for shift in (0, 8, 16, 24)).decode("latin-1").lower()
    if (codec := _CODECS.get(tag)) is not None:
        return f"{name} is in {codec}, and none of its frames can be decoded here: convert it to MP4 (H.264)."
    return f"{name} has no frame that can be decoded: convert it to MP4 (H.264)."


def _is_kept(path: Path) -> bool:
    """Return whether a file is the video that was kept of a session."""
    with suppress(OSError), path.open("rb") as file:
        return _KEPT in file.read(_NEAR_BYTES)
    return False


def _damaged_since(path: Path) -> str:
    name = one_line(path.name)
    return (
        f"{name} was kept of a session and is damaged since it was recorded. The session does not need it: "
        "'hingecoach sessions' shows what its landmarks came to."
    )
