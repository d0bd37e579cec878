"""Objects by their dotted names."""

from __future__ import annotations

import importlib
from typing import Any


def import_string(path: str) -> Any:
    """Returns what "package.module.name" means.

    Raises ``ImportError`` if there is no such module, ``AttributeError`` if it has no such name.
    """
    module, _, name = path.rpartition(".")
    return (
        getattr(importlib.import_module(module), name) if module else importlib.import_module(path)
    )
