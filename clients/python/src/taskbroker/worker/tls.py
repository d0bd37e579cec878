"""What a worker shows over TLS and whom it trusts, from PEM files that may be renewed."""

from __future__ import annotations

import logging
import os
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any

from taskbroker.errors import ConfigurationError

LOG = logging.getLogger("taskbroker.worker")

#: In place of a file: the authorities that gRPC knows.
SYSTEM = "system"

#: Seconds between two looks for renewed files.
LOOK_EVERY = 10.0


@dataclass(frozen=True)
class TlsFiles:
    """Paths of PEM files, by the worker's options that name them; None is not given."""

    tls_ca: str | None = None
    tls_certificate: str | None = None
    tls_key: str | None = None
    tls_client_ca: str | None = None

    @property
    def calls_brokers(self) -> bool:
        """Brokers are called over TLS."""
        return self.tls_ca is not None

    @property
    def serves(self) -> bool:
        """A push worker serves over TLS."""
        return self.tls_certificate is not None

    def check(self, mode: str) -> None:
        """Raises :class:`ConfigurationError`, one sentence for the first thing that is wrong."""
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ConfigurationError("tls_certificate and tls_key belong together; give both")
        if mode == "pull" and self.serves and not self.calls_brokers:
            raise ConfigurationError("tls_certificate has no effect without tls_ca; give both")
        if self.tls_client_ca is not None and (mode == "pull" or not self.serves):
            raise ConfigurationError("tls_client_ca is for push workers that have tls_certificate")
        self.contents()

    def contents(self) -> dict[str, bytes | None]:
        """What is in the files, by option. Raises :class:`ConfigurationError` for one that cannot
        be used, or while they are being replaced."""
        before = self._stamps()
        found = {name: _read(name, path) for name, path in self._given().items()}
        self._try_out()
        if self._stamps() != before:
            raise ConfigurationError("the files of TLS changed while they were read; try again")
        return found

    def _given(self) -> dict[str, str | None]:
        return {
            "tls_ca": None if self.tls_ca == SYSTEM else self.tls_ca,
            "tls_certificate": self.tls_certificate,
            "tls_key": self.tls_key,
            "tls_client_ca": self.tls_client_ca,
        }

    def _stamps(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(path) for path in self._given().values() if path is not None]

    def _try_out(self) -> None:
        given = self._given()
        for name in ("tls_ca", "tls_client_ca"):
            path = given[name]
            if path is not None:
                try:
                    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
                except (OSError, ValueError) as e:
                    raise ConfigurationError(
                        f"{name}: {path} holds no certificate in PEM ({e})"
                    ) from None
        if self.tls_certificate is None or self.tls_key is None:
            return
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                self.tls_certificate, self.tls_key, password=_no_password
            )
        except (OSError, ValueError) as e:
            reason = getattr(e, "reason", None) or str(e)
            raise ConfigurationError(
                f"tls_certificate: {self.tls_certificate} and tls_key: {self.tls_key} cannot be"
                f" used together ({reason}); give a certificate and its key in PEM, without a"
                " password"
            ) from None


class Tls:
    """Files in use. Renewed ones are taken up by the next connection; while new ones cannot be
    used, the former ones go on, and one line says so. Safe for all threads."""

    def __init__(self, files: TlsFiles) -> None:
        self.files = files
        self._lock = threading.Lock()
        self._stamps = files._stamps()
        self._contents = files.contents()
        self._version = 1
        self._complained: object = None
        self._next_look = time.monotonic() + LOOK_EVERY

    def version(self) -> int:
        """Grows when new files have been taken up."""
        with self._lock:
            if time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + LOOK_EVERY
                self._look()
            return self._version

    def _look(self) -> None:
        stamps = self.files._stamps()
        if stamps == self._stamps:
            return
        try:
            self._contents = self.files.contents()
        except ConfigurationError as e:
            if self._complained not in (None, stamps):
                LOG.warning("TLS goes on with the former files, as the new ones are wrong: %s", e)
            self._complained = stamps
            return
        self._stamps = stamps
        self._complained = None
        self._version += 1
        LOG.info("the files of TLS have changed; new connections use what is there now")

    def of_channel(self, grpc: Any) -> Any:
        """Credentials for a channel to a broker."""
        now = self._contents
        return grpc.ssl_channel_credentials(
            root_certificates=now["tls_ca"],
            private_key=now["tls_key"],
            certificate_chain=now["tls_certificate"],
        )

    def of_server(self, grpc: Any) -> Any:
        """Credentials for a push worker's port, which follow the files."""
        used = self._version

        def renewed() -> Any:
            nonlocal used
            version = self.version()
            if version == used:
                return None
            used = version
            return self._server_configuration(grpc)

        return grpc.dynamic_ssl_server_credentials(
            self._server_configuration(grpc),
            renewed,
            require_client_authentication=self.files.tls_client_ca is not None,
        )

    def _server_configuration(self, grpc: Any) -> Any:
        now = self._contents
        return grpc.ssl_server_certificate_configuration(
            [(now["tls_key"], now["tls_certificate"])], now["tls_client_ca"]
        )

    def of_look(self) -> ssl.SSLContext:
        """For a look at an address that gRPC could not connect to."""
        ca = self.files.tls_ca
        context = ssl.create_default_context(cafile=None if ca == SYSTEM else ca)
        context.set_alpn_protocols(["h2"])
        if self.files.tls_certificate is not None:
            context.load_cert_chain(
                self.files.tls_certificate, self.files.tls_key, password=_no_password
            )
        return context


def _read(name: str, path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as e:
        raise ConfigurationError(f"{name}: {path} cannot be read ({e.strerror})") from None


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _no_password() -> str:
    """An encrypted key is refused; nobody is asked at the terminal."""
    return ""
