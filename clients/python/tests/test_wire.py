"""The wire: arguments, headers, signatures, frames, messages, held to the shared vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskbroker._wire import _descriptor, headers, messages, parameters, signatures, zstd
from taskbroker.errors import ArgumentsError, ConfigurationError

REPOSITORY = Path(__file__).parents[3]
VECTORS = REPOSITORY / "clients" / "conformance"


def cases(name: str) -> list[Any]:
    return [pytest.param(c, id=c["name"]) for c in json.loads((VECTORS / name).read_text())]


def value_of(given: Any) -> Any:
    """JSON has neither bytes nor large powers: {"bytes": hex}, {"int": text}, {"char": code}."""
    match given:
        case {"bytes": str(text)} if len(given) == 1:
            return bytes.fromhex(text)
        case {"int": str(text)} if len(given) == 1:
            return int(text)
        case {"char": int(code)} if len(given) == 1:
            return chr(code)
        case {"map": list(pairs)} if len(given) == 1:
            return {value_of(k): value_of(v) for k, v in pairs}
        case {"repeat": [text, int(times)]} if len(given) == 1:
            return text * times
        case dict():
            return {k: value_of(v) for k, v in given.items()}
        case list():
            return [value_of(v) for v in given]
        case _:
            return given


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


def test_the_descriptor_is_that_of_the_repository() -> None:
    pytest.importorskip("grpc_tools")
    from taskbroker._wire.make_descriptor import descriptor

    assert descriptor(REPOSITORY / "proto/src/main/protobuf") == _descriptor.FILE


def test_unknown_fields_of_a_newer_message_are_kept() -> None:
    newer = messages.TaskActivation(id="a").SerializeToString() + bytes.fromhex("a2060178")
    assert messages.TaskActivation.FromString(newer).SerializeToString() == newer
