"""The wire: arguments, headers, signatures, frames, messages, held to the shared vectors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from taskbroker._wire import (
    _descriptor,
    _exchange_descriptor,
    headers,
    messages,
    parameters,
    signatures,
    zstd,
)
from taskbroker.errors import ArgumentsError, ConfigurationError
from vectors import REPOSITORY, VECTORS, cases, value_of


@pytest.mark.parametrize("case", cases("parameters.json"))
def test_parameters(case: dict[str, Any]) -> None:
    if "bytes_hex" in case and "given" not in case:
        if "error" in case:
            with pytest.raises(ArgumentsError, match=case["error"]):
                parameters.decode(bytes.fromhex(case["bytes_hex"]))
        else:
            decoded = parameters.decode(bytes.fromhex(case["bytes_hex"]))
            assert list(decoded) == value_of(case["decoded"])
        return
    args, kwargs = value_of(case["given"]["args"]), value_of(case["given"]["kwargs"])
    if "error" in case:
        with pytest.raises(ArgumentsError, match=case["error"]):
            parameters.encode(args, kwargs)
        return
    encoded = parameters.encode(args, kwargs)
    if "bytes_hex" in case:
        assert encoded.hex() == case["bytes_hex"]
    assert parameters.decode(encoded) == (args, kwargs)


@pytest.mark.parametrize("case", cases("signature.json"))
def test_signature(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(ConfigurationError, match=case["error"]):
            signatures.parse_secrets(case["secrets"])
        return
    secrets = signatures.parse_secrets(case["secrets"])
    body = bytes.fromhex(case["body_hex"])
    if "signature" in case:
        assert signatures.sign(secrets[0], case["path"], body) == case["signature"]
    for signature in case.get("valid", []):
        assert signatures.is_valid(secrets, case["path"], body, signature)
    for signature in case.get("invalid", []):
        assert not signatures.is_valid(secrets, case["path"], body, signature)


@pytest.mark.parametrize("case", cases("headers.json"))
def test_headers(case: dict[str, Any]) -> None:
    given = value_of(case["given"])
    if "error" in case:
        with pytest.raises(ArgumentsError, match=case["error"]):
            headers.to_text(given)
    else:
        assert headers.to_text(given) == case["text"]


@pytest.mark.parametrize("case", cases("zstd.json"))
def test_zstd(case: dict[str, Any]) -> None:
    frame = bytes.fromhex(case["bytes_hex"])
    if "error" in case:
        with pytest.raises(ArgumentsError, match=case["error"]):
            zstd.decompress(frame)
    else:
        assert zstd.decompress(frame) == value_of(case["content"])


def test_a_frame_carries_its_content_size() -> None:
    data = b"hello" * 1000
    assert zstd.decompress(zstd.compress(data)) == data


def test_the_descriptors_are_those_of_the_repository() -> None:
    pytest.importorskip("grpc_tools")
    from taskbroker._wire.make_descriptor import PROTOS, descriptors

    made = [descriptors(REPOSITORY / "proto/src/main/protobuf", p) for p in PROTOS.values()]
    assert made == [_descriptor.FILES, _exchange_descriptor.FILES]


def test_unknown_fields_of_a_newer_message_are_kept() -> None:
    newer = messages.TaskActivation(id="a").SerializeToString() + bytes.fromhex("a2060178")
    assert messages.TaskActivation.FromString(newer).SerializeToString() == newer


# ---------------------------------------------------------------------- activations


def activation_of(given: dict[str, Any]) -> messages.TaskActivation:
    """The message of a case, but for its unknown fields."""
    message = messages.TaskActivation()
    for name in ("id", "namespace", "taskname", "parameters_json", "application"):
        if name in given:
            setattr(message, name, given[name])
    for name in ("processing_deadline_duration", "expires", "delay"):
        if name in given:
            setattr(message, name, given[name])
    message.headers.update(dict(given.get("headers", [])))
    message.parameters_bytes = bytes.fromhex(given.get("parameters_bytes", ""))
    if "received_at" in given:
        message.received_at.SetInParent()
        message.received_at.seconds = given["received_at"].get("seconds", 0)
        message.received_at.nanos = given["received_at"].get("nanos", 0)
    if "retry_state" in given:
        message.retry_state.SetInParent()
        for name, value in given["retry_state"].items():
            setattr(message.retry_state, name, value)
    return message


@pytest.mark.parametrize("case", cases("activation.json"))
def test_activation(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["bytes_hex"])
    if "error" in case:
        with pytest.raises(Exception, match="Error parsing message"):
            messages.TaskActivation.FromString(data)
        return
    given = case["given"]
    unknown = bytes.fromhex(given.get("unknown", ""))
    read = messages.TaskActivation.FromString(data)
    assert read.SerializeToString(deterministic=True) == (
        activation_of(given).SerializeToString(deterministic=True) + unknown
    )
    for name in ("application", "expires", "delay", "received_at", "retry_state"):
        assert read.HasField(name) == (name in given)
    for name in ("at_most_once", "delay_on_retry"):
        assert read.retry_state.HasField(name) == (name in given.get("retry_state", {}))
    if len(given.get("headers", [])) < 2:  # the order of a map's entries is not fixed
        assert read.SerializeToString() == data


# ---------------------------------------------------------------------- the files


@pytest.mark.parametrize("program", sorted(p.name for p in VECTORS.glob("make_*.py")))
def test_making_the_vectors_anew_changes_nothing(program: str, tmp_path: Path) -> None:
    copy = tmp_path / program
    copy.write_text((VECTORS / program).read_text())
    subprocess.run([sys.executable, str(copy)], check=True)
    made = list(tmp_path.glob("*.json"))
    assert made
    for file in made:
        assert file.read_text() == (VECTORS / file.name).read_text(), file.name
