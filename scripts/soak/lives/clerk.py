"""Staff who fill in whatever form a task shows them, mostly rightly, sometimes late."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from scripts.soak.lives.habits import HABITS
from workflows.assistance.attachments import add_attachment
from workflows.calendar import local_day
from workflows.decisions.forms import FieldKind, Form, FormField, form_shape
from workflows.errors import Actor, DoudiError, Finding, NotFound
from workflows.privacy import KeyRing
from workflows.runtime.inbox.task import TaskView, task_view
from workflows.runtime.tasks import complete_task
from workflows.transaction import reading, transaction

#: Attempts at one form before somebody else has to look at it.
_ATTEMPTS: Final = 14
#: For so long a task may wait for another case, a roll, a bank.
_WAITING: Final = timedelta(days=75)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXTS: Final = ("情况属实", "已经核实", "如实记录", "按规定办理", "与申报一致")


@dataclass(slots=True)
class Stuck:
    """A task that nobody could do, with the last refusal and the first day."""

    case_id: str
    element: str
    why: str
    answers: Mapping[str, Any]
    since: date


@dataclass(slots=True)
class Clerk:
    """Completes tasks for the staff of their roles and offices."""

    session: Session
    keys: KeyRing
    chance: random.Random
    #: by role and office
    staff: Mapping[tuple[str, str], Sequence[Actor]]
    #: what is true of the family in front of a task: answers by field; others aren't volunteered
    truth: Callable[[TaskView], Mapping[str, Any] | None] = lambda view: None
    #: tasks done by element, and what came of them
    done: dict[str, int] = field(default_factory=dict)
    stuck: dict[str, Stuck] = field(default_factory=dict)
    #: what the last form that was accepted said
    answers: Mapping[str, Any] = field(default_factory=dict)

    def work(self, task_id: str, role: str, office_id: str, now: datetime) -> bool:
        """Do a task; whether it was done. Those that can't be are kept in `stuck`."""
        people = list(self.staff.get((role, office_id), ()))
        self.chance.shuffle(people)
        refusal, day = "nobody holds the role", local_day(now)
        for actor in people:
            try:
                with reading(self.session):
                    view = task_view(self.session, task_id, self.keys, actor=actor, now=now)
            except NotFound:
                return False
            if view.refusal is not None:
                refusal = view.refusal.code
                continue
            answers: dict[str, Any] = {}
            done, refusal = self._fill_in(view, answers, actor, now)
            if done:
                self.answers = answers
                self.done[view.element.id] = self.done.get(view.element.id, 0) + 1
                self.stuck.pop(task_id, None)
                return True
            self._note(task_id, Stuck(view.case.id, view.element.id, refusal, answers, day))
            return False
        self._note(task_id, Stuck("", "", refusal, {}, day))
        return False

    def given_up(self, today: date) -> list[Stuck]:
        """What has been refused for so long that nobody waits for anything any more."""
        return [one for one in self.stuck.values() if today - one.since > _WAITING]

    def _note(self, task_id: str, stuck: Stuck) -> None:
        before = self.stuck.get(task_id)
        if before is not None:
            stuck.since = before.since
        self.stuck[task_id] = stuck

    def _fill_in(
        self, view: TaskView, answers: dict[str, Any], actor: Actor, now: datetime
    ) -> tuple[bool, str]:
        form = view.form
        tried: dict[str, list[Any]] = {}
        refusal = ""
        truth = self.truth(view)
        for _ in range(_ATTEMPTS):
            if form is not None:
                self._answer_all(form, view, truth, answers, tried, actor, now)
            try:
                with transaction(self.session):
                    complete_task(
                        self.session, view.row.id, answers, self.keys, actor=actor, now=now
                    )
            except DoudiError as error:
                refusal = f"{error.code}: {[found.code for found in error.findings]}"
                if form is None or not self._think_again(form, truth or {}, answers, tried, error):
                    return False, f"{refusal} {error.message}"
                continue
            return True, ""
        return False, refusal

    def _answer_all(
        self,
        form: Form,
        view: TaskView,
        truth: Mapping[str, Any] | None,
        answers: dict[str, Any],
        tried: dict[str, list[Any]],
        actor: Actor,
        now: datetime,
    ) -> None:
        """Answer whatever the form shows and asks for, until nothing more appears."""
        skipped: set[str] = set()
        for _ in range(len(form.fields) + 1):
            shape = form_shape(form, answers, scope=view.scope, now=now)
            for key in list(answers):
                if key in shape.hidden:
                    del answers[key]
            missing = [
                found
                for found, _ in form.placed()
                if not found.readonly
                and found.key not in shape.hidden
                and found.key not in answers
                and found.key not in skipped
            ]
            if not missing:
                return
            asked = missing[0]
            told = None if truth is None else truth.get(asked.key)
            wanted = asked.key in shape.required or asked.key in HABITS or told is not None
            if not wanted and (truth is not None or self.chance.random() < 0.7):
                skipped.add(asked.key)
                continue
            if told is not None and told not in tried.get(asked.key, ()):
                answers[asked.key] = told
                continue
            options = shape.options.get(asked.key) or [
                (str(option.value), option.label) for option in asked.options
            ]
            value = self._value(asked, view, [one for one, _ in options], tried, actor, now)
            if value is None:
                skipped.add(asked.key)
            else:
                answers[asked.key] = value

    def _value(
        self,
        asked: FormField,
        view: TaskView,
        options: Sequence[str],
        tried: Mapping[str, list[Any]],
        actor: Actor,
        now: datetime,
    ) -> Any:
        before = tried.get(asked.key, [])
        habit = HABITS.get(f"{view.element.id}.{asked.key}") or HABITS.get(asked.key)
        if habit is not None and len(before) < 2:
            value = habit(self.chance, view.scope, local_day(now))
            if value is not None and value not in before:
                return value
        makers: Mapping[FieldKind, Callable[[], Any]] = {
            FieldKind.TEXT: lambda: _text(asked, self.chance),
            FieldKind.LONG_TEXT: lambda: _text(asked, self.chance),
            FieldKind.NUMBER: lambda: self._number(asked, view),
            FieldKind.MONEY: lambda: self._number(asked, view),
            FieldKind.CHECKBOX: lambda: self.chance.random() < 0.5 if before else True,
            FieldKind.CHOICE: lambda: self._choice(options, before),
            FieldKind.CHOICES: lambda: list(options),
            FieldKind.DATE: lambda: self._day(before, local_day(now)).isoformat(),
            FieldKind.DATETIME: lambda: now.isoformat(),
            FieldKind.SURVEYORS: lambda: self._people(actor),
            FieldKind.ATTACHMENTS: lambda: [self._file(asked, actor, now)],
        }
        return makers[asked.kind]()

    def _choice(self, options: Sequence[str], before: Sequence[Any]) -> str | None:
        left = [one for one in options if one not in before] or list(options)
        return self.chance.choice(left) if left else None

    def _number(self, asked: FormField, view: TaskView) -> str:
        known = view.scope.get(asked.start or asked.key)
        if isinstance(known, Decimal):
            return str(known)
        least = asked.bounds.minimum if asked.bounds.minimum is not None else Decimal(0)
        most = asked.bounds.maximum if asked.bounds.maximum is not None else least + 100
        return str(least + min(most - least, Decimal(self.chance.randint(1, 20))))

    def _day(self, before: Sequence[Any], today: date) -> date:
        """Today, and what refusals have asked for since."""
        return next((one for one in before if isinstance(one, date)), today)

    def _people(self, actor: Actor) -> list[str]:
        own = [
            one.account_id
            for (_, office_id), people in self.staff.items()
            if office_id == actor.office_id
            for one in people
        ]
        others = sorted({one for one in own if one and one != actor.account_id})
        chosen = self.chance.sample(others, min(1, len(others)))
        return [str(actor.account_id), *chosen]

    def _file(self, asked: FormField, actor: Actor, now: datetime) -> str:
        with transaction(self.session):
            return add_attachment(
                self.session, district_id=self._district(actor), sha256="0" * 64, size=1,
                media_type="image/jpeg", name=f"{asked.label[:20]}.jpg", actor=actor, now=now,
            ).id  # fmt: skip

    def _district(self, actor: Actor) -> str:
        return next(
            office_id for (role, office_id), people in self.staff.items() if role == "confirmer"
        )

    def _think_again(
        self,
        form: Form,
        truth: Mapping[str, Any],
        answers: dict[str, Any],
        tried: dict[str, list[Any]],
        error: DoudiError,
    ) -> bool:
        """Forget the answers that were refused; whether another attempt makes sense."""
        named = [one for one in error.findings if one.field in form.fields]
        if not named:
            # the whole act was refused: decide otherwise
            choices = [
                key
                for key in answers
                if key not in truth
                and form.fields[key].kind in (FieldKind.CHOICE, FieldKind.CHECKBOX)
            ]
            if not choices:
                return False
            for key in choices:
                tried.setdefault(key, []).append(answers.pop(key))
            return True
        for found in named:
            key = str(found.field)
            asked = form.fields[key]
            value = answers.pop(key, None)
            if asked.kind is FieldKind.DATE:
                tried.setdefault(key, []).insert(0, _other_day(found, value))
            elif value is not None:
                tried.setdefault(key, []).append(value)
        return True


def _other_day(found: Finding, value: Any) -> date:
    """The day that the refusal names, or the next one."""
    named = _DAY.findall(found.message)
    if named:
        return date.fromisoformat(named[0])
    return date.fromisoformat(value) + timedelta(days=1) if value else date.min


def _text(asked: FormField, chance: random.Random) -> str:
    text = chance.choice(_TEXTS)
    least = asked.bounds.min_length or 0
    while len(text) < least:
        text += "，" + chance.choice(_TEXTS)
    return text[: asked.bounds.max_length] if asked.bounds.max_length else text
