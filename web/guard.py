"""What a view says about who may call it; a view that says nothing is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from workflows.access import Action

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "doudi_access"


@dataclass(frozen=True, slots=True)
class Access:
    """`public`: anybody; otherwise signed in and, where given, with a role for the action."""

    public: bool = False
    action: Action | None = None


def public(view: View) -> View:
    """Anybody may call the view."""
    return _marked(view, Access(public=True))


def signed_in(view: View) -> View:
    """Everybody who is signed in may call the view."""
    return _marked(view, Access())


def requires(action: Action) -> Callable[[View], View]:
    """Only who may do the action somewhere calls the view; the view checks the row itself."""
    return lambda view: _marked(view, Access(action=action))


def access_of(view: Callable[..., Any], method: str) -> Access | None:
    """What a view function (or the method of a view class) says; None where it says nothing."""
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        handler = getattr(view_class, method.lower(), None)
        marked = getattr(handler, _MARK, None) or getattr(view_class, _MARK, None)
    else:
        marked = getattr(view, _MARK, None)
    return marked if isinstance(marked, Access) else None


def _marked(view: View, access: Access) -> View:
    setattr(view, _MARK, access)
    return view
