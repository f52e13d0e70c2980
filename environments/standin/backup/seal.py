"""How a backup is stored: compressed, then encrypted as `openssl enc -aes-256-cbc -pbkdf2` does it.

Anyone with the key file opens one: `openssl enc -d -aes-256-cbc -pbkdf2 -pass file:KEY < FILE.gz.enc | gunzip`.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import secrets
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

MAGIC = b"Salted__"
SALT_BYTES = 8
ITERATIONS = 10_000  # what openssl takes when it is not told; the key is random, so there is nothing to slow down
BLOCK_BITS = 128

# Each may follow itself: two compressed texts in a row are the compressed text of both.
COMPRESS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.decompress, "bz2": bz2.decompress, "xz": lzma.decompress}


def encrypt(content: bytes, passphrase: str) -> bytes:
    """Encrypted under a salt of its own: the same content never looks the same."""
    salt = secrets.token_bytes(SALT_BYTES)
    padding, encryptor = PKCS7(BLOCK_BITS).padder(), cipher(passphrase, salt).encryptor()
    padded = padding.update(content) + padding.finalize()
    return MAGIC + salt + encryptor.update(padded) + encryptor.finalize()


def decrypt(stored: bytes, passphrase: str) -> bytes:
    """The content again; `ValueError` when it is not one of ours, was cut, or the key is another."""
    if not stored.startswith(MAGIC):
        raise ValueError("this is not encrypted")
    salt, encrypted = stored[len(MAGIC) :][:SALT_BYTES], stored[len(MAGIC) + SALT_BYTES :]
    decryptor, padding = cipher(passphrase, salt).decryptor(), PKCS7(BLOCK_BITS).unpadder()
    padded = decryptor.update(encrypted) + decryptor.finalize()
    return padding.update(padded) + padding.finalize()


def cipher(passphrase: str, salt: bytes) -> Cipher[CBC]:
    """AES-256-CBC, its key and first block derived from passphrase and salt."""
    derived = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, ITERATIONS, dklen=32 + 16)
    return Cipher(AES256(derived[:32]), CBC(derived[32:]))


def seal(content: bytes, compression: str, passphrase: str) -> bytes:
    """What is stored for a content."""
    return encrypt(COMPRESS[compression](content), passphrase)


def unseal(stored: bytes, compression: str, passphrase: str) -> bytes:
    """The content of what is stored; `ValueError`, `OSError`, `EOFError` or `LZMAError` when it cannot be had."""
    return DECOMPRESS[compression](decrypt(stored, passphrase))
