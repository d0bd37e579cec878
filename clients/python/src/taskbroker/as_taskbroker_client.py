"""Importing this makes ``taskbroker_client`` another name of this package in this process.

For code of others that says ``taskbroker_client`` and is to run with this package. It has to come
before the first import of such code.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType

_OLD = "taskbroker_client"
_NEW = "taskbroker"


class _Aliases(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds ``taskbroker_client.x`` where ``taskbroker.x`` is; both are the same module."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _OLD and not fullname.startswith(_OLD + "."):
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        ours = importlib.import_module(_NEW + module.__name__.removeprefix(_OLD))
        sys.modules[module.__name__] = ours


if _OLD in sys.modules and sys.modules[_OLD] is not sys.modules[_NEW]:
    raise ImportError(
        f"{_OLD} is loaded already; import taskbroker.as_taskbroker_client before everything else"
    )
sys.meta_path.insert(0, _Aliases())
