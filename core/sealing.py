"""Personal data at rest: sealed text, blind indexes for exact match, masks for the eye.

Keys stand outside the database (settings FIELD_KEY, BLIND_KEY, AUDIT_KEY). Sealed text is
opened only by operations that write an audit row.
"""

import hashlib
import hmac
import os
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

# Names the key a text was sealed with, so that a later key can stand beside it.
_KEY_ID = b"1"
_NONCE_BYTES = 12


@cache
def _key_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def seal(text: str) -> bytes:
    """AES-256-GCM over the text, the key's id in front; an empty text stays empty (E7)."""
    if not text:
        return b""
    nonce = os.urandom(_NONCE_BYTES)
    cipher = AESGCM(_key_of(settings.FIELD_KEY))
    return _KEY_ID + nonce + cipher.encrypt(nonce, text.encode(), _KEY_ID)


def open_sealed(sealed: bytes | memoryview) -> str:
    """The text again; raises ``cryptography.exceptions.InvalidTag`` when it was tampered with."""
    data = bytes(sealed)
    if not data:
        return ""
    nonce, body = data[1 : 1 + _NONCE_BYTES], data[1 + _NONCE_BYTES :]
    return AESGCM(_key_of(settings.FIELD_KEY)).decrypt(nonce, body, data[:1]).decode()


def blind(text: str) -> str:
    """A keyed hash for exact match and import; says nothing about the text by itself."""
    if not text:
        return ""
    return hmac.new(_key_of(settings.BLIND_KEY), text.encode(), hashlib.sha256).hexdigest()


def authentication_code(message: bytes) -> str:
    """HMAC-SHA-256 under the audit key."""
    return hmac.new(_key_of(settings.AUDIT_KEY), message, hashlib.sha256).hexdigest()


def masked_phone(phone: str) -> str:
    """``138****1207``; a landline keeps its area code and two last digits."""
    digits = "".join(ch for ch in phone if ch.isdigit())
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    if len(digits) < 5:
        return "*" * len(digits)
    return f"{digits[:4]}****{digits[-2:]}"
