"""What the worker's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the tasks of ``worker_app`` write what they do, here and in children."""
    import worker_app

    monkeypatch.setenv(worker_app.FOLDER, str(tmp_path))
    return tmp_path
