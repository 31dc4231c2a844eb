"""People at their browsers: signed in, their clicks counted, their pages checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Locator, Page, expect

from tests.conditions import missing
from tests.web.desk import PDF
from tests.web.frontend.site import WEB
from tests.web.people import PASSWORD
from web.demo.cases import picture
from workflows.calendar import LOCAL_ZONE

DOCUMENT = FilePayload(name="材料.pdf", mimeType="application/pdf", buffer=PDF)
PHOTO = FilePayload(name="发放.png", mimeType="image/png", buffer=picture())
Fill = Callable[[Page], None]

_AXE = WEB / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Choosing in a select is one click, however the list is opened.
_COUNT = """
addEventListener("pointerdown", (e) => { if (!e.target.closest("select")) counted(); }, true);
addEventListener("change", (e) => { if (e.target.matches("select")) counted(); }, true);
"""


class Clock:
    """The time that the application sees; it stands still until it is moved."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.moment = datetime.now(LOCAL_ZONE)
        patch.setattr("web.database.datetime", self)

    def set(self, text: str) -> datetime:
        """Move to a local time such as `2026-11-13 23:10`."""
        self.moment = datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)
        return self.moment

    def now(self, zone: Any) -> datetime:
        """The moment, as `datetime.now` would say it."""
        return self.moment.astimezone(zone)


class People:
    """Browsers of people who are signed in, each in a window of the same width."""

    def __init__(self, browser: Browser, address: str, width: int) -> None:
        self.browser = browser
        self.address = address
        self.width = width
        self.pages: dict[str, Page] = {}
        #: clicks since `counting`
        self.clicks = 0
        #: what the consoles of all pages complained about
        self.complaints: list[str] = []

    def page(self, login: str) -> Page:
        """The page of somebody, signed in at first."""
        if login not in self.pages:
            context = self.browser.new_context(
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                viewport={"width": self.width, "height": 900},
            )
            page = context.new_page()
            page.on("console", self._said)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            page.goto(f"{self.address}/sign-in")
            page.get_by_label("账号").fill(login)
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(lambda url: not url.endswith("/sign-in"))
            context.expose_function("counted", self._counted)
            context.add_init_script(_COUNT)
            page.reload()
            self.pages[login] = page
        return self.pages[login]

    def _counted(self) -> None:
        self.clicks += 1

    def _said(self, message: ConsoleMessage) -> None:
        # a form that is refused comes back with 422, which Chromium reports as a failure to load
        if message.type in {"error", "warning"} and "status of 422" not in message.text:
            self.complaints.append(message.text)

    def close(self) -> None:
        """End every session, as a night or a weekend does."""
        for page in self.pages.values():
            page.context.close()
        self.pages.clear()

    def open(self, login: str, task: str) -> Page:
        """The page of a task, from the queue."""
        page = self.page(login)
        page.goto(f"{self.address}/work")
        page.get_by_role("link", name=task, exact=True).click()
        expect(page.get_by_role("heading", name=task, exact=True, level=1)).to_be_visible()
        self.check_width(page)
        return page

    def do(self, login: str, task: str, fill: Fill) -> None:
        """Open a task from the queue, fill it in and send it."""
        page = self.open(login, task)
        fill(page)
        page.get_by_role("button", name=f"提交：{task}").click()
        expect(page.get_by_text("已提交。")).to_be_visible()

    def check_width(self, page: Page) -> None:
        """Nothing sticks out of the window."""
        page.wait_for_load_state()
        assert page.evaluate("() => document.documentElement.scrollWidth") == self.width

    def check(self, page: Page) -> None:
        """Nothing sticks out, and axe finds nothing against WCAG 2.2 AA."""
        if not _AXE.exists():
            missing("axe-core (make frontend)")
        self.check_width(page)
        page.evaluate(_AXE.read_text("utf-8"))
        result: dict[str, Any] = page.evaluate("rules => axe.run({ runOnly: rules })", _RULES)
        found = [
            (finding["id"], node["target"])
            for finding in result["violations"]
            for node in finding["nodes"]
        ]
        assert found == [], page.url


def upload(page: Page, key: str, file: FilePayload = DOCUMENT) -> None:
    """Put a document into the field of a form."""
    page.locator(f"#f-{key}").set_input_files(file)
    expect(page.locator(f'input[name="m_{key}"]')).to_have_count(1)


def surveyors(page: Page, key: str) -> None:
    """Choose two colleagues."""
    people = page.locator(f"#f-{key} input[type=checkbox]")
    people.nth(0).check()
    people.nth(1).check()


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus; it is in the window, and nothing covers it."""
    for _ in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()
    free = wanted.evaluate(
        """element => {
          const box = element.getBoundingClientRect();
          const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
          return element === seen || element.contains(seen);
        }"""
    )
    assert free, "what has the focus is covered"
