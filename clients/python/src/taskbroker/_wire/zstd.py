"""zstd frames with their content size, as workers of this protocol want them."""

from __future__ import annotations

from typing import Any

from taskbroker.errors import ArgumentsError, MissingExtra

#: Largest size that a frame may unpack to; above what any broker of this protocol delivers.
MAX_BYTES = 64 * 1024 * 1024


def _library() -> Any:
    try:
        from compression import zstd  # pyright: ignore[reportMissingImports]
    except ImportError:
        try:
            from backports import zstd  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise MissingExtra("zstd", "compressing arguments") from None
    return zstd


def compress(data: bytes) -> bytes:
    """Compresses into one frame that carries the content size."""
    frame: bytes = _library().compress(data)
    return frame


def decompress(frame: bytes) -> bytes:
    """Unpacks one frame.

    Raises :class:`ArgumentsError` if the frame is damaged, if it does not say how large its content
    is, or if that is more than :data:`MAX_BYTES`.
    """
    zstd = _library()
    try:
        size = zstd.get_frame_info(frame).decompressed_size
        if size is None:
            raise ArgumentsError("the zstd frame does not say how large its content is")
        if size > MAX_BYTES:
            raise ArgumentsError(f"the zstd frame unpacks to {size} bytes, above {MAX_BYTES}")
        data: bytes = zstd.decompress(frame)
    except zstd.ZstdError as e:
        raise ArgumentsError(f"the zstd frame cannot be read: {e}") from e
    return data
