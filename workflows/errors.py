"""The four families of errors that a caller of the host must expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a file, a form or an input, in both languages.

    `file` and `element` name the place in the policy, `field` the place in a form; `line` and
    `column` count from 1. A `note` is nothing to be put right: it says what was not looked at.
    """

    code: str
    message: str
    message_en: str
    file: str | None = None
    element: str | None = None
    field: str | None = None
    line: int | None = None
    column: int | None = None
    severity: Literal["error", "warning", "note"] = "error"


class DoudiError(Exception):
    """The request could not be carried out."""

    code = "error"
    default_message = "请求无法完成。"

    def __init__(
        self,
        code: str | None = None,
        message: str | None = None,
        message_en: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        findings: Iterable[Finding] = (),
    ) -> None:
        self.findings = tuple(findings)
        self.code = code or type(self).code
        first = self.findings[0] if self.findings else None
        self.message = message or (first.message if first else self.default_message)
        self.message_en = message_en or (
            first.message_en if first else (type(self).__doc__ or "").strip()
        )
        self.details = dict(details or {})
        super().__init__(f"{self.code}: {self.message}")


class NotFound(DoudiError):
    """What was asked for does not exist or is not visible to you."""

    code = "not_found"
    default_message = "找不到所请求的内容，或者您无权查看。"


class NotAllowed(DoudiError):
    """You may not do this."""

    code = "not_allowed"
    default_message = "您没有进行此操作的权限。"


class Conflict(DoudiError):
    """Somebody else was faster, or the screen is out of date."""

    code = "conflict"
    default_message = "内容已被他人更新，请刷新后再试。"


class Invalid(DoudiError):
    """What was entered cannot be accepted; every finding is listed."""

    code = "invalid"
    default_message = "填写的内容有误，请按提示修改。"


class Fault(Invalid):
    """The published policy can't handle these data; somebody must look at it (an incident)."""

    code = "fault"
    default_message = "流程无法继续，已登记故障，请联系系统管理员。"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account in one of its roles, or the system itself (`account_id` None).

    `office_id` is where the role is held; `on_behalf_of` names the person acted for.
    """

    account_id: str | None
    role: str
    office_id: str | None = None
    name: str = ""
    on_behalf_of: str | None = None
    address: str | None = field(default=None, compare=False)


SYSTEM = Actor(account_id=None, role="system", name="系统")
