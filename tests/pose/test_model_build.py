"""The bundle built from a wheel, read back with the FlatBuffers library's own classes for the TFLite schema."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from app.pose.flatbuffer import U32, Blob, Table, Vector, text, write
from app.pose.model_build import BuildError, Network, build_bundle, stored_zip, with_normalisation

WEIGHTS = bytes(range(64)) * 3
#: A constant: must not depend on the day, the platform or the Python release.
EXPECTED_ZIP = "dd613654b2a30fcebe2cf6b331c8cc43c5f138c9ddba5e1401fd4a9824de9e06"


def schema(name: str) -> ModuleType:
    """Load one of MediaPipe's generated schema modules by its file: importing its package loads everything."""
    package = importlib.util.find_spec("mediapipe")
    assert package is not None
    assert package.submodule_search_locations
    path = Path(package.submodule_search_locations[0]) / "tasks" / "metadata" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"_test_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def network_bytes(metadata_names: tuple[str, ...] = ("min_runtime_version",)) -> bytes:
    """A tiny TFLite file: version 3, two buffers (the second aligned weights), metadata entries on buffer 1."""
    weights = Table({0: Blob(WEIGHTS, len(WEIGHTS), align=16)})
    entries = Vector([Table({0: text(name), 1: U32(1)}) for name in metadata_names])
    subgraph = Table({4: text("main")})
    fields = {0: U32(3), 2: Vector([subgraph]), 3: text("a tiny network"), 4: Vector([Table({}), weights])}
    return write(Table({**fields, 6: entries}), b"TFL3")


def read(network: bytes) -> Any:
    return schema("schema_py_generated").ModelT.InitFromPackedBuf(network)


def network_at(source: str, data: bytes) -> Network:
    return Network(source, hashlib.sha256(data).hexdigest(), "pose_detector.tflite", 127.5, 127.5)


def wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_everything_that_was_there_is_there_still() -> None:
    before, after = read(network_bytes()), read(with_normalisation(network_bytes(), 127.5, 64.0))

    assert after.version == before.version == 3
    assert after.description == before.description == b"a tiny network"
    assert [graph.name for graph in after.subgraphs] == [b"main"]
    assert bytes(after.buffers[1].data) == WEIGHTS
    assert [(entry.name, entry.buffer) for entry in after.metadata] == [
        (b"min_runtime_version", 1),
        (b"TFLITE_METADATA", 2),
    ]


def test_the_metadata_says_how_a_pixel_becomes_a_number() -> None:
    network = read(with_normalisation(network_bytes(), 127.5, 64.0))

    data = bytes(network.buffers[network.metadata[-1].buffer].data)
    assert data[4:8] == b"M001"
    metadata = schema("metadata_schema_py_generated").ModelMetadataT.InitFromPackedBuf(data)
    (subgraph,) = metadata.subgraphMetadata
    (tensor,) = subgraph.inputTensorMetadata
    (unit,) = tensor.processUnits
    assert unit.optionsType == 1  # NormalizationOptions
    np.testing.assert_array_equal(unit.options.mean, [127.5])
    np.testing.assert_array_equal(unit.options.std, [64.0])


def test_older_metadata_gives_way() -> None:
    network = read(with_normalisation(network_bytes(("TFLITE_METADATA", "other")), 0.0, 255.0))

    assert [(entry.name, entry.buffer) for entry in network.metadata] == [
        (b"other", 1),
        (b"TFLITE_METADATA", 2),
    ]


def test_a_network_without_metadata_gets_it() -> None:
    bare = write(Table({0: U32(3), 4: Vector([Table({})])}), b"TFL3")

    network = read(with_normalisation(bare, 0.0, 255.0))

    assert [(entry.name, entry.buffer) for entry in network.metadata] == [(b"TFLITE_METADATA", 1)]


def test_weights_keep_their_alignment_down_into_the_bundle() -> None:
    raw = network_bytes()
    assert raw.index(WEIGHTS) % 16 == 0

    packed = stored_zip([("a.tflite", with_normalisation(raw, 0, 255)), ("longer name.tflite", raw)])

    first = packed.index(WEIGHTS)
    second = packed.index(WEIGHTS, first + 1)
    assert first % 16 == 0
    assert second % 16 == 0


def test_the_same_members_give_the_same_bytes() -> None:
    members = [("pose_detector.tflite", b"abc" * 50), ("pose_landmarks_detector.tflite", b"x" * 7)]

    packed = stored_zip(members)

    assert hashlib.sha256(packed).hexdigest() == EXPECTED_ZIP
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert [(info.filename, info.compress_type) for info in archive.infolist()] == [
            ("pose_detector.tflite", zipfile.ZIP_STORED),
            ("pose_landmarks_detector.tflite", zipfile.ZIP_STORED),
        ]
        assert archive.read("pose_landmarks_detector.tflite") == b"x" * 7


def test_a_wheel_becomes_a_bundle(tmp_path: Path) -> None:
    raw = network_bytes()
    source = wheel(tmp_path / "m.whl", {"mediapipe/a.tflite": raw, "mediapipe/other.py": b""})

    packed = build_bundle(source, [network_at("mediapipe/a.tflite", raw)])

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["pose_detector.tflite"]
        assert archive.read("pose_detector.tflite") == with_normalisation(raw, 127.5, 127.5)


def test_a_network_with_another_hash_is_refused(tmp_path: Path) -> None:
    raw = network_bytes()
    source = wheel(tmp_path / "m.whl", {"a.tflite": raw[:-1] + b"!"})

    with pytest.raises(BuildError, match=r"a\.tflite in m\.whl has SHA-256"):
        build_bundle(source, [network_at("a.tflite", raw)])


def test_a_wheel_without_the_networks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="does not hold the pose networks"):
        build_bundle(wheel(tmp_path / "m.whl", {"mediapipe/__init__.py": b""}))


def test_a_damaged_wheel_is_refused(tmp_path: Path) -> None:
    raw = network_bytes()
    source = wheel(tmp_path / "m.whl", {"a.tflite": raw})
    source.write_bytes(source.read_bytes()[:100])

    with pytest.raises(BuildError, match=r"m\.whl is damaged"):
        build_bundle(source, [network_at("a.tflite", raw)])


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(BuildError, match="not a TFLite file"):
        with_normalisation(b"<html>nothing</html>", 0, 255)
