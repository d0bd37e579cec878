"""Writes ``_descriptor.py`` from the repository's .proto file; needs grpcio-tools.

``python -m taskbroker._wire.make_descriptor FOLDER_OF_PROTOS``
"""

from __future__ import annotations

import base64
import sys
import tempfile
import textwrap
from pathlib import Path

PROTO = "sentry_protos/taskbroker/v1/taskbroker.proto"

HEAD = '''"""The wire contract as descriptor bytes. Made by ``make_descriptor.py``; do not edit."""

import base64

FILE = base64.b64decode(
    """
'''


def descriptor(protos: Path) -> bytes:
    """Compiles the .proto file below ``protos`` and returns its FileDescriptorProto."""
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from grpc_tools import protoc

    well_known = Path(protoc.__file__).with_name("_proto")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "set")
        status = protoc.main(
            ["protoc", f"-I{protos}", f"-I{well_known}", f"--descriptor_set_out={out}", PROTO]
        )
        if status != 0:
            raise RuntimeError(f"protoc could not compile {protos / PROTO}, see above")
        (only,) = FileDescriptorSet.FromString(out.read_bytes()).file
        only.options.Clear()
        data: bytes = only.SerializeToString(deterministic=True)
        return data


def source(protos: Path) -> str:
    """Returns the text of ``_descriptor.py`` for the .proto file below ``protos``."""
    lines = textwrap.wrap(base64.b64encode(descriptor(protos)).decode(), 92)
    return HEAD + "\n".join(f"    {line}" for line in lines) + '\n    """\n)\n'


if __name__ == "__main__":
    Path(__file__).with_name("_descriptor.py").write_text(source(Path(sys.argv[1])))
