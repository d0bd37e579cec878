"""Finds the app that a worker is to run."""

from __future__ import annotations

import importlib
import sys

from taskbroker.app import App
from taskbroker.errors import ConfigurationError


def load(name: str) -> App:
    """Imports the app that ``name`` means: "module:attribute", where "app" is the attribute if
    none is named.

    Raises :class:`ConfigurationError` if there is no such module or attribute, or if it is no app.
    What the module itself raises passes through.
    """
    module_name, _, attribute = name.partition(":")
    attribute = attribute or "app"
    if "" not in sys.path and "." not in sys.path:
        sys.path.insert(0, "")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as e:
        if e.name is not None and (module_name == e.name or module_name.startswith(e.name + ".")):
            raise ConfigurationError(
                f"there is no module {module_name!r} for the app {name!r}; run the worker where it"
                " can be imported, or set PYTHONPATH"
            ) from None
        raise
    found: object = module
    for part in attribute.split("."):
        found = getattr(found, part, None)
    if not isinstance(found, App):
        known = [n for n, v in vars(module).items() if isinstance(v, App)]
        hint = f"; it has {', '.join(repr(n) for n in known)}" if known else ""
        raise ConfigurationError(f"module {module_name!r} has no app named {attribute!r}{hint}")
    load_modules = getattr(found, "load_modules", None)
    if load_modules is not None:
        load_modules()
    return found
