"""HMAC-SHA256 over path and body, as broker and workers sign their calls.

``hmac`` is imported where something is signed: it loads OpenSSL's digests, which a worker without
secrets does not need.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from taskbroker.errors import ConfigurationError

#: The request metadata that carries a signature.
HEADER = "sentry-signature"


def sign(secret: str, path: str, body: bytes) -> str:
    """Returns the signature, 64 lower-case hex digits, of a call of ``path`` with ``body``."""
    import hmac

    return hmac.digest(secret.encode(), path.encode() + b":" + body, "sha256").hex()


def is_valid(secrets: Sequence[str], path: str, body: bytes, signature: str) -> bool:
    """Returns true if any of the secrets gives this signature, in digits of either case.

    Takes the same time for each secret.
    """
    import hmac

    given = signature.lower().encode()
    valid = False
    for secret in secrets:
        valid |= hmac.compare_digest(sign(secret, path, body).encode(), given)
    return valid


def parse_secrets(text: str | None) -> list[str]:
    """Reads the JSON list of secrets that brokers and workers are configured with.

    The first secret signs; each of them is accepted. None and "" mean no secret.
    Raises :class:`ConfigurationError` if the text is no JSON list of non-empty strings.
    """
    if not text:
        return []
    try:
        secrets = json.loads(text)
    except ValueError as e:
        raise ConfigurationError(f'the secrets must be a JSON list such as ["…"]: {e}') from None
    if not isinstance(secrets, list) or not all(isinstance(s, str) and s for s in secrets):
        raise ConfigurationError('the secrets must be a JSON list of non-empty strings, ["…"]')
    return secrets
