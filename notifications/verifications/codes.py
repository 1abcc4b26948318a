"""Six-digit codes and the hash that stands for them. Pure but for the dice.

Six digits are soon tried out, so the hash is a slow one: all million of them take a processor hours,
and a code lives minutes.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

_CODE: Final = re.compile(r"\d{6}", re.ASCII)


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


def new_salt() -> str:
    return secrets.token_hex(16)


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def code_hash(code: str, salt: str) -> str:
    """scrypt of the code, in hexadecimal; some 50 milliseconds of work."""
    return hashlib.scrypt(code.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()


def matches(code: str, salt: str, stored: str) -> bool:
    return hmac.compare_digest(code_hash(code, salt), stored)
