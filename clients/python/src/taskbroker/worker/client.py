"""What programs for taskbroker-client use to speak to brokers by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import grpc

from taskbroker._wire import signatures


def make_broker_hosts(
    host_prefix: str, num_brokers: int | None, host_list: str | None = None
) -> list[str]:
    """Addresses of brokers: those of ``host_list``, with commas, if it is given.

    Else ``host_prefix``, "name:port", as "name-0:port" and so on for each of ``num_brokers``.
    """
    if host_list:
        return [host.strip() for host in host_list.split(",")]
    if num_brokers is None:
        return [host_prefix]
    name, _, port = host_prefix.rpartition(":")
    return [f"{name}-{number}:{port}" for number in range(num_brokers)]


def parse_rpc_secret_list(rpc_secret: str | None) -> list[str] | None:
    """The secrets of a JSON list; None if there are none.

    Raises :class:`~taskbroker.errors.ConfigurationError` if the text is no such list.
    """
    return signatures.parse_secrets(rpc_secret) or None


class _Details(NamedTuple):
    method: Any
    timeout: Any
    metadata: Any
    credentials: Any
    wait_for_ready: Any
    compression: Any


_Call = Callable[[Any, Any], Any]


class RequestSignatureInterceptor(grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    """Signs each call with the first secret."""

    def __init__(self, shared_secret: list[str]) -> None:
        self._secret = shared_secret[0]

    def intercept_unary_unary(
        self, continuation: _Call, client_call_details: Any, request: Any
    ) -> Any:
        method = client_call_details.method
        path = method if isinstance(method, str) else method.decode()
        signature = signatures.sign(self._secret, path, request.SerializeToString())
        details = _Details(
            method,
            client_call_details.timeout,
            [*(client_call_details.metadata or ()), (signatures.HEADER, signature)],
            client_call_details.credentials,
            getattr(client_call_details, "wait_for_ready", None),
            getattr(client_call_details, "compression", None),
        )
        return continuation(details, request)
