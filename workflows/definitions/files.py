"""The files of a policy as an immutable mapping from path to content, named by its hash."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from workflows.errors import Finding, Invalid

MOST_FILES = 500
MOST_BYTES = 20_000_000
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,5}")


class PolicyFiles(Mapping[str, bytes]):
    """Paths below ``bpmn/`` with ``/`` between folders, and their contents.

    Raises:
        Invalid: ``files.path`` for a path that is absolute, climbs, or isn't plain ASCII,
            ``files.many`` or ``files.large`` beyond 500 files or 20 MB.
    """

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        findings = [
            _finding(
                "files.path",
                f"文件路径“{path[:80]}”不合规定。",
                f"The path {path[:80]!r} is not allowed.",
            )
            for path in contents
            if not _PATH.fullmatch(path) or len(path) > 200
        ]
        if len(contents) > MOST_FILES:
            findings.append(_too_many())
        if sum(len(content) for content in contents.values()) > MOST_BYTES:
            findings.append(_too_large())
        if findings:
            raise Invalid("files.refused", findings=findings)
        self._contents = MappingProxyType(
            {path: bytes(contents[path]) for path in sorted(contents)}
        )

    def __getitem__(self, path: str) -> bytes:
        return self._contents[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PolicyFiles) and self.content_hash == other.content_hash

    @cached_property
    def hashes(self) -> Mapping[str, str]:
        """The SHA-256 of each file in hexadecimal."""
        return MappingProxyType(
            {path: hashlib.sha256(content).hexdigest() for path, content in self.items()}
        )

    @cached_property
    def content_hash(self) -> str:
        """The SHA-256 over the lines ``<sha256>  <path>``, by path, as sha256sum prints them."""
        lines = "".join(f"{digest}  {path}\n" for path, digest in self.hashes.items())
        return hashlib.sha256(lines.encode()).hexdigest()

    def below(self, folder: str, suffix: str) -> dict[str, bytes]:
        """The files directly or deeper in a folder whose names end in ``suffix``."""
        return {
            path: content
            for path, content in self.items()
            if path.startswith(f"{folder}/") and path.endswith(suffix)
        }

    def replaced(self, changes: Mapping[str, bytes | None]) -> PolicyFiles:
        """The files after changes; None removes a file."""
        contents = dict(self)
        for path, content in changes.items():
            if content is None:
                contents.pop(path, None)
            else:
                contents[path] = content
        return PolicyFiles(contents)


def load_policy(folder: Path) -> PolicyFiles:
    """Read the policy from a folder; hidden files and folders are left out, links not followed.

    Raises:
        Invalid: when the folder does not exist, holds a link, or breaks the bounds of PolicyFiles.
    """
    if not folder.is_dir():
        raise Invalid(
            findings=[
                _finding(
                    "files.folder",
                    f"找不到文件夹 {folder.name}。",
                    f"There is no folder {folder.name}.",
                )
            ]
        )
    contents: dict[str, bytes] = {}
    size = 0
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if Path(base, name).is_symlink():
                raise _link(Path(base, name).relative_to(folder))
        for name in sorted(names):
            path = Path(base, name)
            if name.startswith("."):
                continue
            if path.is_symlink() or not path.is_file():
                raise _link(path.relative_to(folder))
            size += path.stat().st_size
            if size > MOST_BYTES:
                raise Invalid(findings=[_too_large()])
            if len(contents) >= MOST_FILES:
                raise Invalid(findings=[_too_many()])
            contents[path.relative_to(folder).as_posix()] = path.read_bytes()
    return PolicyFiles(contents)


def _finding(code: str, chinese: str, english: str) -> Finding:
    return Finding(code, chinese, english)


def _link(path: Path) -> Invalid:
    return Invalid(
        findings=[
            _finding(
                "files.link",
                f"{path.as_posix()} 不是普通文件或文件夹。",
                f"{path.as_posix()} is not a plain file or folder.",
            )
        ]
    )


def _too_many() -> Finding:
    return _finding(
        "files.many", f"文件超过 {MOST_FILES} 个。", f"There are more than {MOST_FILES} files."
    )


def _too_large() -> Finding:
    return _finding(
        "files.large", "文件合计超过 20 MB。", "The files are larger than 20 MB together."
    )
