"""The phrases that come with the app, for machines without a voice: what can be said with them, as samples.

Every fixed sentence that the coach speaks is one file, and so are the numbers and the pieces around the slots of a
sentence ("Set", "done"); a sentence is put together from the fewest pieces that give all of its words. What cannot be
put together whole (a coach's own words) is not said at all: half a sentence would mislead.

The files (`assets/phrases/en` and `es`, made by `assets/make_phrases.py`) are ordinary mono WAV files of 16 kHz with
IMA ADPCM (4 bits a sample), named by their words. Qt's sound effects cannot read them, so they are decoded here: all
blocks of a sentence side by side, some ms for any of them.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

RATE_HZ: Final = 16000
#: Silence between two pieces of a sentence, and between two sentences, s.
WITHIN_S: Final = 0.03
BETWEEN_S: Final = 0.22

#: A word and the stop after it; what else stands between words is not heard.
_WORDS: Final = re.compile(r"([\w'’]+)|([.:;?!])")

#: IMA ADPCM (IMA Digital Audio Focus Group 1992, as in WAV format 0x11): bytes and samples of a block.
BLOCK_BYTES: Final = 128
BLOCK_SAMPLES: Final = 1 + 2 * (BLOCK_BYTES - 4)
#: How the step index changes with a code, and the 89 step sizes: from 7 each about 1.1 times the one before.
INDEX_CHANGES: Final = (-1, -1, -1, -1, 2, 4, 6, 8) * 2
STEP_SIZES: Final = (
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107,
    118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963,
    1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894,
    6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794,
    32767,
)  # fmt: skip
_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHHHH4sII4sI")


def words_of(text: str, language: str = "en") -> tuple[tuple[str, ...], frozenset[int]]:
    """Return the words of a text, and before which of them (by index) a new sentence begins.

    The words are bare: in lower case, without accents, numbers as the pieces in which ``language`` says them.
    """
    words: list[str] = []
    begins = set()
    for word, stop in _WORDS.findall(text.replace("-", " ")):
        if stop:
            begins.add(len(words))
        else:
            bare = _without_accents(word.casefold().replace("'", "").replace("’", ""))
            number = _NUMBERS[language]
            words += number(int(bare)) if bare.isdecimal() and bare.isascii() else [bare]
    return tuple(words), frozenset(begins - {0, len(words)})


def file_name(text: str, language: str = "en") -> str:
    """Return the name of the file that holds a text."""
    return "-".join(words_of(text, language)[0]) + ".wav"


def _without_accents(word: str) -> str:
    """Return a word in plain letters: a file's name must survive every disk and archive."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))


def _english(number: int) -> list[str]:
    """Return the pieces of a number: one up to 30, then tens and ones, hundreds before them ("3 hundred 40 5")."""
    if number >= 1000:
        return [str(number)]
    hundreds, rest = divmod(number, 100)
    pieces = [str(hundreds), "hundred"] if hundreds else []
    if rest > 30 and rest % 10:
        return [*pieces, str(rest - rest % 10), str(rest % 10)]
    return [*pieces, str(rest)] if rest or not hundreds else pieces


def _spanish(number: int) -> list[str]:
    """Return the pieces of a number: one up to 30, then "40 y 5"; 100 alone, "ciento 45", "300 40 y 5"."""
    if number >= 1000:
        return [str(number)]
    rest = number % 100
    hundreds = [] if number < 100 else ["ciento"] if 100 < number < 200 else [str(number - rest)]
    if rest > 30 and rest % 10:
        return [*hundreds, str(rest - rest % 10), "y", str(rest % 10)]
    return [*hundreds, str(rest)] if rest or not hundreds else hundreds


#: How a language says a number, in the pieces that are files.
_NUMBERS: Final = {"en": _english, "es": _spanish}


class PhraseBook:
    """The phrases of one folder, in one language.

    Raises nothing for a folder that is not there: then nothing can be said. A broken file raises ValueError when read.
    """

    def __init__(self, folder: Path, language: str = "en") -> None:
        self._language = language
        self._files = {tuple(path.stem.split("-")): path for path in sorted(folder.glob("*.wav"))}
        self._longest = max(map(len, self._files), default=0)

    def __len__(self) -> int:
        return len(self._files)

    def pieces(self, text: str) -> tuple[tuple[int, Path], ...]:
        """Return the fewest pieces that give all words, each with the index of its first word; () = not to be said."""
        words, _ = words_of(text, self._language)
        #: For every number of words from the start: how few pieces give them, and how long the last one is.
        best: list[tuple[int, int] | None] = [(0, 0)]
        for end in range(1, len(words) + 1):
            ways = []
            for length in range(1, min(end, self._longest) + 1):
                before = best[end - length]
                if before is not None and words[end - length : end] in self._files:
                    ways.append((before[0] + 1, length))
            best.append(min(ways, default=None))
        found: list[tuple[int, Path]] = []
        end = len(words)
        while end > 0:
            step = best[end]
            if step is None:
                return ()
            end -= step[1]
            found.append((end, self._files[words[end : end + step[1]]]))
        return tuple(reversed(found))

    def samples(self, text: str) -> NDArray[np.int16] | None:
        """Return the text as samples, int16 (N,) at `RATE_HZ`; None where it cannot be said."""
        pieces = self.pieces(text)
        if not pieces:
            return None
        _, begins = words_of(text, self._language)
        parts: list[NDArray[np.int16]] = []
        for (first, _), piece in zip(pieces, read_phrases([path for _, path in pieces]), strict=True):
            if parts:
                gap_s = BETWEEN_S if first in begins else WITHIN_S
                parts.append(np.zeros(round(gap_s * RATE_HZ), np.int16))
            parts.append(piece)
        return np.concatenate(parts)


def difference(code: int, step: int) -> int:
    """Return what a 4 bit code adds to the sample before: an eighth of the step, and its half, quarter and whole."""
    size = (step >> 3) + (step if code & 4 else 0) + (step >> 1 if code & 2 else 0) + (step >> 2 if code & 1 else 0)
    return -size if code & 8 else size


def read_phrases(paths: Sequence[Path]) -> list[NDArray[np.int16]]:
    """Return the samples of files, each int16 (N,). Raises ValueError where one is no such file, OSError as usual."""
    files = [_read_blocks(path) for path in paths]
    samples = _decoded(np.concatenate([blocks for blocks, _ in files]))
    ends = np.cumsum([len(blocks) for blocks, _ in files])
    return [piece.ravel()[:count] for piece, (_, count) in zip(np.split(samples, ends[:-1]), files, strict=True)]


def _read_blocks(path: Path) -> tuple[NDArray[np.uint8], int]:
    """Return the blocks of a file, (N, BLOCK_BYTES), and how many samples they hold without the padding."""
    data = path.read_bytes()
    problem = f"{path.name} is no IMA ADPCM WAV file of {RATE_HZ} Hz: reinstall hingecoach"
    if len(data) < _HEADER.size:
        raise ValueError(problem)
    riff, _, wave, _, _, form, channels, rate_hz, _, block, _, _, _, _, _, count, name, size = _HEADER.unpack_from(data)
    found = (riff, wave, form, channels, rate_hz, block, name)
    if found != (b"RIFF", b"WAVE", 0x11, 1, RATE_HZ, BLOCK_BYTES, b"data") or size != len(data) - _HEADER.size:
        raise ValueError(problem)
    if size % BLOCK_BYTES or not 0 < count <= size // BLOCK_BYTES * BLOCK_SAMPLES:
        raise ValueError(problem)
    return np.frombuffer(data, np.uint8, offset=_HEADER.size).reshape(-1, BLOCK_BYTES), count


def _decoded(blocks: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return the samples of blocks (N, BLOCK_BYTES), int16 (N, BLOCK_SAMPLES)."""
    samples = np.empty((blocks.shape[0], BLOCK_SAMPLES), np.int32)
    value = samples[:, 0] = np.ascontiguousarray(blocks[:, :2]).view("<i2")[:, 0]
    index = np.minimum(blocks[:, 2].astype(np.intp), len(STEP_SIZES) - 1)
    codes = np.empty((blocks.shape[0], BLOCK_SAMPLES - 1), np.intp)
    codes[:, ::2], codes[:, 1::2] = blocks[:, 4:] & 0x0F, blocks[:, 4:] >> 4
    for column in range(BLOCK_SAMPLES - 1):
        code = codes[:, column]
        value = np.clip(value + _DIFFERENCES[index, code], -32768, 32767)
        index = np.clip(index + _INDEX_CHANGES[code], 0, len(STEP_SIZES) - 1)
        samples[:, column + 1] = value
    return samples.astype(np.int16)


_DIFFERENCES: Final = np.array([[difference(code, step) for code in range(16)] for step in STEP_SIZES])
_INDEX_CHANGES: Final = np.array(INDEX_CHANGES)
