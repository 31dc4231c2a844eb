"""Passwords: Argon2id hashes, what a chosen one must be like, and generated initial ones."""

from __future__ import annotations

import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from workflows.errors import Finding, Invalid

#: OWASP's password storage cheat sheet: Argon2id, 46 MiB, one lane; two passes here
_HASHER = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
#: verified against for unknown logins, so that they take as long as known ones
_NOBODY = _HASHER.hash(secrets.token_hex(16))

SHORTEST = 10
LONGEST = 128
_LONG_ENOUGH = 16
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_INITIAL = re.compile(rf"Init(-[{_ALPHABET}]{{4}}){{4}}")
_WORN = ("password", "passw0rd", "qwerty", "admin", "doudi", "kaizhou", "12345", "abcd")


def hash_password(password: str) -> str:
    """The Argon2id hash to keep (about 50 ms of work)."""
    return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. Takes as long where there is no hash (None: unknown login)."""
    try:
        _HASHER.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def initial_password() -> str:
    """80 random bits in the form `Init-XXXX-XXXX-XXXX-XXXX`.

    Its form tells that it is an initial one: nobody may choose such a password, and whoever signs
    in with one has to choose another.
    """
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "Init-" + "-".join(groups)


def initial_password_with_hash() -> tuple[str, str]:
    """A fresh initial password to hand over, and the hash to keep."""
    password = initial_password()
    return password, hash_password(password)


def is_initial(password: str) -> bool:
    """Whether the password has the form of a generated initial one."""
    return _INITIAL.fullmatch(password) is not None


def require_good_password(password: str, *, login: str, name: str) -> None:
    """A chosen password must be long and not easily guessed (GB/T 22239-2019 8.1.4.1).

    Raises:
        Invalid: with every finding, all on the field `new_password`.
    """
    findings = []
    if not SHORTEST <= len(password) <= LONGEST:
        findings.append(
            _finding(
                "password.length",
                f"密码长度应为{SHORTEST}至{LONGEST}个字符。",
                f"A password has {SHORTEST} to {LONGEST} characters.",
            )
        )
    kinds = sum(
        bool(re.search(kind, password)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z\d]")
    )
    if kinds < 3 and len(password) < _LONG_ENOUGH:
        findings.append(
            _finding(
                "password.kinds",
                f"密码应至少包含大写字母、小写字母、数字、其他符号中的三种，或者不少于{_LONG_ENOUGH}个字符。",
                "Use three of: capitals, small letters, digits, other signs; "
                f"or at least {_LONG_ENOUGH} characters.",
            )
        )
    lowered = password.lower()
    parts = [part for part in (*re.split(r"[.@_-]", login.lower()), name.lower()) if len(part) > 2]
    if len(set(password)) < 5 or any(worn in lowered for worn in (*_WORN, *parts)):
        findings.append(
            _finding(
                "password.guessable",
                "密码容易被猜到：不要包含账号、姓名、常用词或连续重复的字符。",
                "The password is easy to guess: leave out your login, your name, common words.",
            )
        )
    if is_initial(password):
        findings.append(
            _finding(
                "password.initial",
                "不能继续使用初始密码，请自行设置新密码。",
                "An initial password can't be kept; choose your own.",
            )
        )
    if findings:
        raise Invalid("password.refused", findings=findings)


def _finding(code: str, message: str, message_en: str) -> Finding:
    return Finding(code, message, message_en, field="new_password")
