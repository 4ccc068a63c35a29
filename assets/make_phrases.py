"""Make the phrases for machines without a voice: `python -m assets.make_phrases [LANGUAGE [FOLDER]]`.

Speaks every fixed sentence of the coach's word files (rules, set-up, drills), the numbers, and the pieces around the
slots of a sentence, and writes each as a small WAV file (see `app/ui/phrases.py`):

- in English ("en", as without an argument) with flite's voice "slt" (Debian package `flite`; CMU Arctic; free for any
  use, see NOTICE);
- in Spanish ("es", by the catalogue in `assets/i18n`) with the voice "es-419" of `espeak-ng` (Debian package; its
  licence does not extend to what it speaks).

Run it after a change of words; files that are no longer needed go. It is run at the top of the checkout.
"""

from __future__ import annotations

import re
import string
import struct
import subprocess
import sys
import tempfile
import tomllib
import wave
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from app.coach import drill_model, drills, reference
from app.ui.language import OWN, load_catalogue
from app.ui.phrases import BLOCK_BYTES, BLOCK_SAMPLES, INDEX_CHANGES, RATE_HZ, STEP_SIZES, difference, file_name

COACH = Path(drills.__file__).parent
WORD_FILES = ("rules.toml", "setup.toml", "drills.toml")
#: Said by the coach's own code, and what a slot may hold.
ELSEWHERE = (
    drills.STAND_STILL,
    drill_model.NO_STANDING,
    drill_model.NOT_WHOLE,
    drill_model.NOBODY,
    drill_model.SIDE_ON,
    drill_model.TURNED,
    reference.STALE,
    "Stand tall and still",
    "Stand tall, side-on to the camera, arms down",
    "Step back until the camera sees you from head to feet",
    "Stand tall and relaxed: the trunk is leaning",
    "Stand tall: straighten your knees",
    "Feet together, side by side",
    "Standing reference taken",
    "No standing reference",
    "Standing of an earlier session",
    "angles and scale only",
    "One step",
    "steps",
    "left",
    "right",
)
NUMBERS = (*range(31), 40, 50, 60, 70, 80, 90)
#: Of each language: single words that are pieces of numbers, and besides the translations.
PIECES = {
    "en": (*map(str, NUMBERS), "hundred"),
    "es": (*map(str, NUMBERS), *map(str, range(100, 1000, 100)), "ciento", "y"),
}
#: Pieces that the catalogue has with something around them.
FOUND_AS = {"steps": "{steps} steps", "angles and scale only": ": angles and scale only"}
ESPEAK_HZ = 22050

LOUDNESS = 0.16  # root mean square of the louder half, full scale = 1
PEAK = 0.85
SILENCE = 0.01  # quieter than this part of the peak is cut off at both ends
FADE_S = 0.008
MOST_GAIN = 20.0


def spoken_lines(language: str = "en") -> tuple[str, ...]:
    """Return every text that gets a file, sorted by it. Raises KeyError for one that is not translated."""
    known = {} if language == OWN else load_catalogue(language)
    texts = list(ELSEWHERE)
    for name in WORD_FILES:
        texts += _spoken(tomllib.loads((COACH / name).read_text(encoding="utf-8")))
    lines = set(PIECES[language])
    for text in texts:
        lines.update(pieces_of(text if language == OWN else _translated(text, known)))
    by_file = {file_name(line, language): line for line in sorted(lines)}
    return tuple(by_file[name] for name in sorted(by_file))


def _translated(text: str, known: Mapping[str, str]) -> str:
    """Return the translation; that of a piece of a sentence may stand elsewhere, or begin with a small letter."""
    text = FOUND_AS.get(text, text)
    return known[text] if text in known else known[text[0].lower() + text[1:]]


def pieces_of(text: str) -> Iterator[str]:
    """Yield the whole text, or where it has slots the pieces between them, sentence by sentence."""
    fixed = [part for part, *_ in string.Formatter().parse(text)]
    if text == "".join(fixed):
        yield text
        return
    for part in fixed:
        for piece in re.split(r"[.:;?!]", part):
            if re.search(r"\w", piece):
                yield piece.strip(" ,")


def _spoken(tree: Any) -> Iterator[str]:
    """Yield every wording under a key "spoken", at any depth."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        if key == "spoken":
            yield from [value] if isinstance(value, str) else value
        else:
            yield from _spoken(value)


def speak(text: str, folder: Path, language: str = "en") -> np.ndarray:
    """Return a text as it is spoken, float64 (N,) of -1..1 at `RATE_HZ`."""
    path = folder / "spoken.wav"
    command, rate_hz = ["flite", "-voice", "slt", "-t", text, "-o", str(path)], RATE_HZ
    if language == "es":
        command, rate_hz = ["espeak-ng", "-v", "es-419", "-s", "192", "-p", "42", "-w", str(path), text], ESPEAK_HZ
    subprocess.run(command, check=True)
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (rate_hz, 1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0
    return samples if rate_hz == RATE_HZ else resampled(samples, rate_hz)


def resampled(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Return samples of a higher rate at `RATE_HZ`; what lies above half of that is left out of the spectrum."""
    count = round(samples.size * RATE_HZ / rate_hz)
    spectrum = np.fft.rfft(samples)[: count // 2 + 1]
    return np.asarray(np.fft.irfft(spectrum, count)) * (count / samples.size)


def polished(samples: np.ndarray) -> np.ndarray:
    """Return the samples without silence at the ends, all phrases as loud as one another, faded."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE * np.max(np.abs(samples)))
    cut = samples[loud[0] : loud[-1] + 1]
    size = np.sort(np.abs(cut))[cut.size // 2 :]
    cut = cut * min(LOUDNESS / np.sqrt(np.mean(size**2)), MOST_GAIN)
    # A soft bend in place of the few highest peaks.
    cut = PEAK * np.tanh(cut / PEAK)
    count = round(FADE_S * RATE_HZ)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)
    cut[:count] *= ramp
    cut[-count:] *= ramp[::-1]
    return cut


def adpcm(samples: np.ndarray) -> bytes:
    """Return samples (-1..1) as blocks of 4 bit IMA ADPCM, each of which begins with its own state.

    A block: first sample (int16), step index (uint8), a zero, then two samples a byte, the earlier one in the low half.
    """
    wanted = np.rint(samples * 32767.0).astype(int)
    short = -wanted.size % BLOCK_SAMPLES
    blocks = np.concatenate([wanted, np.zeros(short, dtype=int)]).reshape(-1, BLOCK_SAMPLES)
    out, index = bytearray(), 0
    for block in blocks.tolist():
        value = block[0]
        out += struct.pack("<hBB", value, index, 0)
        codes = []
        for sample in block[1:]:
            code = _code(sample - value, STEP_SIZES[index])
            value = max(-32768, min(32767, value + difference(code, STEP_SIZES[index])))
            index = max(0, min(len(STEP_SIZES) - 1, index + INDEX_CHANGES[code]))
            codes.append(code)
        out += bytes(low | high << 4 for low, high in zip(codes[::2], codes[1::2], strict=True))
    return bytes(out)


def _code(wanted: int, step: int) -> int:
    """Return the 4 bits whose difference comes nearest to the wanted one."""
    size = min(7, abs(wanted) * 4 // step)
    return size | (8 if wanted < 0 else 0)


def wav_bytes(samples: np.ndarray) -> bytes:
    """Return the whole file: the usual header with format 0x11 (IMA ADPCM), then the blocks."""
    blocks = adpcm(samples)
    form = struct.pack(
        "<4sIHHIIHHHH",
        b"fmt ",
        20,
        0x11,
        1,
        RATE_HZ,
        RATE_HZ * BLOCK_BYTES // BLOCK_SAMPLES,
        BLOCK_BYTES,
        4,
        2,
        BLOCK_SAMPLES,
    )
    fact = struct.pack("<4sII", b"fact", 4, samples.size)
    data = struct.pack("<4sI", b"data", len(blocks)) + blocks
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(fact) + len(data), b"WAVE") + form + fact + data


def main(language: str, folder: Path) -> None:
    """Write every phrase into ``folder`` and remove what is no longer one."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / file_name(line, language): line for line in spoken_lines(language)}
    with tempfile.TemporaryDirectory() as scratch:
        for path, line in files.items():
            part = path.with_suffix(".tmp")
            part.write_bytes(wav_bytes(polished(speak(line, Path(scratch), language))))
            part.replace(path)
    for path in set(folder.glob("*.wav")) - set(files):
        path.unlink()


if __name__ == "__main__":
    spoken = sys.argv[1] if len(sys.argv) > 1 else OWN
    main(spoken, Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "phrases" / spoken)
