"""The worker over TLS: whom it trusts, what it shows, and files that are renewed."""

from __future__ import annotations

import datetime
import os
import socket
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

import worker_app as w
from taskbroker._wire import messages
from taskbroker.errors import ConfigurationError
from taskbroker.producer import current
from taskbroker.testing import InMemoryBroker, InMemoryServer
from taskbroker.worker import Options, Worker, attached, tls
from workers import Running, eventually, running

pytestmark = pytest.mark.usefixtures("folder")

THREADS = {"pool": "threads", "concurrency": 2}
PUSH_TASK = f"/{messages.PACKAGE}.WorkerService/PushTask"


class Noting(InMemoryServer):
    """Notes whose certificate each call was made with."""

    def __init__(self, broker: InMemoryBroker, credentials: Any) -> None:
        super().__init__(broker, credentials=credentials)
        self.callers: deque[bytes] = deque(maxlen=1_000)

    def answer(self, path: str, body: bytes, context: Any) -> bytes:
        self._note(context)
        return super().answer(path, body, context)

    def attach(self, requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        self._note(context)
        return super().attach(requests, context)

    def _note(self, context: Any) -> None:
        self.callers.append(context.auth_context()["x509_common_name"][0])


class Files:
    """An authority, and what a worker is given of it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.authority = trustme.CA()
        self.ca = folder / f"{name}-ca.pem"
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        self.authority.cert_pem.write_to_path(str(self.ca))
        self.put("worker")

    def put(self, name: str, **validity: datetime.datetime) -> None:
        """Renews certificate and key: each is replaced whole, one after the other."""
        issued = self.authority.issue_cert("127.0.0.1", common_name=name, **validity)
        for path, blob in (
            (self.key, issued.private_key_pem.bytes()),
            (self.certificate, b"".join(b.bytes() for b in issued.cert_chain_pems)),
        ):
            new = path.with_suffix(".new")
            new.write_bytes(blob)
            os.replace(new, path)

    def put_expired(self) -> None:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        self.put("expired", not_before=now - 9 * day, not_after=now - day)

    def credentials(self) -> Any:
        """Those of a server that asks for certificates of this authority."""
        return grpc.ssl_server_credentials(
            [(self.key.read_bytes(), self.certificate.read_bytes())],
            self.ca.read_bytes(),
            require_client_auth=True,
        )

    def options(self) -> dict[str, Any]:
        return {
            "tls_ca": str(self.ca),
            "tls_certificate": str(self.certificate),
            "tls_key": str(self.key),
        }


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path, "ours")


@pytest.fixture
def other(tmp_path: Path) -> Files:
    return Files(tmp_path, "other")


@pytest.fixture
def server(files: Files) -> Iterator[Noting]:
    broker = InMemoryBroker(w.app)
    token = current.override.set(broker)
    try:
        with Noting(broker, files.credentials()) as served:
            yield served
    finally:
        current.override.reset(token)


# ---------------------------------------------------------------------- pull


def test_a_worker_and_a_broker_show_each_other_certificates(server: Noting, files: Files) -> None:
    with running(server, **THREADS, **files.options()):
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)
    assert set(server.callers) == {b"worker"}


def test_a_broker_of_another_authority_is_not_spoken_to(
    server: Noting, other: Files, caplog: pytest.LogCaptureFixture
) -> None:
    with running(server, **THREADS, tls_ca=str(other.ca)):
        eventually(lambda: "CERTIFICATE_VERIFY_FAILED" in caplog.text)
    assert "see tls_ca" in caplog.text
    assert not server.callers


@pytest.mark.parametrize("shown", ["nothing", "strange", "expired"])
def test_a_worker_with_a_wrong_certificate_is_told_why_it_is_refused(
    server: Noting, files: Files, other: Files, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    given = {"nothing": {}, "strange": other.options(), "expired": files.options()}[shown]
    files.put_expired()
    with running(server, **THREADS, **{**given, "tls_ca": str(files.ca)}):
        eventually(lambda: "TLS is not agreed upon" in caplog.text)
    assert not server.callers


def test_a_worker_in_plain_text_is_told_of_tls(
    server: Noting, caplog: pytest.LogCaptureFixture
) -> None:
    with running(server, **THREADS):
        eventually(lambda: "or over TLS only (tls_ca)" in caplog.text)


def test_a_renewed_certificate_is_shown_without_a_restart(
    server: Noting, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(attached, "LOOK_EVERY", 0.05)
    with running(server, **THREADS, **files.options()):
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)
        files.put("renewed")
        for n in range(3):
            w.welcome.delay(n)
            eventually(lambda: server.broker.waiting == 0)
        eventually(lambda: server.callers[-1] == b"renewed")
    assert len(w.notes("welcome")) == 4


def test_files_that_are_wrong_later_leave_the_former_ones_in_use(
    server: Noting, files: Files, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tls, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(attached, "LOOK_EVERY", 0.05)
    with running(server, **THREADS, **files.options()):
        files.key.write_text("-----BEGIN PRIVATE KEY-----\nhalf")
        for n in range(5):
            w.welcome.delay(n)
            eventually(lambda: server.broker.waiting == 0)
    assert set(server.callers) == {b"worker"}


# ---------------------------------------------------------------------- push


class Pushing:
    """A push worker over TLS, and a broker that calls it."""

    def __init__(self, server: Noting, files: Files, **more: Any) -> None:
        options = {**THREADS, **files.options(), "tls_client_ca": str(files.ca), **more}
        self.files = files
        self.server = server
        self.running = Running(
            "worker_app:app", brokers=server.address, mode="push", listen="127.0.0.1:0", **options
        )

    def push(self, **credentials: bytes) -> None:
        """Sends one task over a connection of its own."""
        w.welcome.delay(1)
        task = self.server.broker.claim()
        assert task is not None
        address = self.running.worker.address or ""
        trusted = {"root_certificates": self.files.ca.read_bytes(), **credentials}
        body = messages.PushTaskRequest(task=task).SerializeToString()
        with grpc.secure_channel(address, grpc.ssl_channel_credentials(**trusted)) as channel:
            channel.unary_unary(PUSH_TASK)(body, timeout=120)

    def shown(self) -> bytes:
        """The certificate that the next connection is shown."""
        host, _, port = (self.running.worker.address or "").rpartition(":")
        context = tls.Tls(self.files_of_the_broker()).of_look()
        with (
            socket.create_connection((host, int(port)), timeout=120) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            found = connection.getpeercert()
        assert found
        return dict(part[0] for part in found["subject"])["commonName"].encode()

    def files_of_the_broker(self) -> tls.TlsFiles:
        return tls.TlsFiles(**self.files.options())


@pytest.fixture
def pushing(server: Noting, files: Files) -> Iterator[Any]:
    opened: list[Pushing] = []

    def start(**more: Any) -> Pushing:
        opened.append(Pushing(server, files, **more))
        return opened[-1]

    yield start
    for one in opened:
        one.running.stop()


def test_a_push_worker_serves_brokers_with_a_certificate_alone(
    pushing: Any, server: Noting, files: Files, other: Files
) -> None:
    worker = pushing()
    key, chain = files.key.read_bytes(), files.certificate.read_bytes()
    worker.push(private_key=key, certificate_chain=chain)
    eventually(lambda: server.broker.waiting == 0)
    strange = {
        "private_key": other.key.read_bytes(),
        "certificate_chain": other.certificate.read_bytes(),
    }
    for wrong in ({}, strange):
        with pytest.raises(grpc.RpcError) as refused:
            worker.push(**wrong)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(w.notes("welcome")) == 1


def test_without_a_client_authority_every_broker_is_served(pushing: Any, server: Noting) -> None:
    worker = pushing(tls_client_ca=None)
    worker.push()
    eventually(lambda: server.broker.waiting == 0)


def test_a_push_worker_shows_a_renewed_certificate_to_the_next_connection(
    pushing: Any, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "LOOK_EVERY", 0.0)
    worker = pushing()
    assert worker.shown() == b"worker"
    files.put("renewed")
    assert worker.shown() == b"renewed"


# ---------------------------------------------------------------------- options


def test_files_that_cannot_be_used_are_named(files: Files, other: Files, tmp_path: Path) -> None:
    good = files.options()
    missing = str(tmp_path / "none.pem")
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    cases: list[tuple[dict[str, Any], str]] = [
        ({**good, "tls_ca": missing}, "tls_ca: .*none.pem cannot be read"),
        ({**good, "tls_ca": str(empty)}, "tls_ca: .*empty.pem holds no certificate"),
        ({**good, "tls_key": str(other.key)}, "KEY_VALUES_MISMATCH"),
        ({**good, "tls_certificate": str(empty)}, "cannot be used together"),
        ({**good, "tls_key": None}, "belong together"),
        ({**good, "tls_ca": None}, "no effect without tls_ca"),
        ({**good, "tls_client_ca": str(files.ca)}, "for push workers"),
    ]
    Options(**good)
    for options, said in cases:
        with pytest.raises(ConfigurationError, match=said):
            Options(**options)
        with pytest.raises(ConfigurationError, match=said):
            Worker("worker_app:app", **options)
