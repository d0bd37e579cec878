"""Writes the descriptors from the repository's .proto files; needs grpcio-tools.

``python -m taskbroker._wire.make_descriptor FOLDER_OF_PROTOS``
"""

from __future__ import annotations

import base64
import sys
import tempfile
import textwrap
from pathlib import Path

#: What is written where. Only workers need the second.
PROTOS = {
    "_descriptor.py": "sentry_protos/taskbroker/v1/taskbroker.proto",
    "_exchange_descriptor.py": "taskbroker/v1/exchange.proto",
}

HEAD = '''"""The wire contract as descriptor bytes. Made by ``make_descriptor.py``; do not edit."""

from binascii import a2b_base64

FILES = (
'''


def descriptors(protos: Path, proto: str) -> tuple[bytes, ...]:
    """Compiles one .proto file below ``protos``.

    Returns the FileDescriptorProto of each file that it imports, and then its own.
    """
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from grpc_tools import protoc

    well_known = Path(protoc.__file__).with_name("_proto")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "set")
        folders = [f"-I{protos}", f"-I{well_known}"]
        status = protoc.main(
            ["protoc", *folders, "--include_imports", f"--descriptor_set_out={out}", proto]
        )
        if status != 0:
            raise RuntimeError(f"protoc could not compile {protos / proto}, see above")
        files = FileDescriptorSet.FromString(out.read_bytes()).file
        for file in files:
            file.options.Clear()
        return tuple(file.SerializeToString(deterministic=True) for file in files)


def source(protos: Path, proto: str) -> str:
    """Returns the text of the module for one .proto file below ``protos``."""
    return HEAD + "".join(map(_literal, descriptors(protos, proto))) + ")\n"


def _literal(data: bytes) -> str:
    lines = textwrap.wrap(base64.b64encode(data).decode(), 88)
    text = "\n".join(f"        {line}" for line in lines)
    return f'    a2b_base64(\n        """\n{text}\n        """\n    ),\n'


if __name__ == "__main__":
    for module, its_proto in PROTOS.items():
        Path(__file__).with_name(module).write_text(source(Path(sys.argv[1]), its_proto))
