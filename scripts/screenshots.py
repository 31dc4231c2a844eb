"""Take the pictures of the guides from a fresh demonstration (`make screenshots`)."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from scripts.machine import CHROMIUM_FLAGS, find_chromium

ROOT: Final = Path(__file__).resolve().parent.parent
TARGET: Final = ROOT / "docs" / "screenshots"
#: wide as on a desk, narrow as on a telephone
SIZES: Final = ((1440, 900), (375, 812))
_PLACE: Final[dict[str, Any]] = {
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "reduced_motion": "reduce",
}
PASSWORD: Final = "Screenshots-2026-kai"
_RUNS: Final = re.compile(r"Doudi runs at (http://\S+)")


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as somebody sees it; `go` walks on from `path` to what is shown."""

    name: str
    login: str | None
    path: str
    go: Callable[[Page], None] | None = None


def _first_link(selector: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return go


def _drawn(page: Page) -> None:
    page.locator("tbody a, .panel-body a").first.click()
    page.wait_for_selector(".diagram-tools")
    page.wait_for_timeout(500)


def _policy_tab(ending: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(f"{page.url.rstrip('/')}/{ending}")

    return go


def _first_case(tab: str = "") -> Callable[[Page], None]:
    """To the case of the first task of a queue, and to one of its tabs."""

    def go(page: Page) -> None:
        _first_link("a.case-link")(page)
        _first_link("a.case-number")(page)
        if tab:
            _first_link(f".tabs a:has-text('{tab}')")(page)

    return go


def _through(*selectors: str) -> Callable[[Page], None]:
    """Through one link after another."""

    def go(page: Page) -> None:
        for selector in selectors:
            _first_link(selector)(page)

    return go


def _compared(page: Page) -> None:
    """A task with the old and the new beside each other."""
    _first_link("a.case-link")(page)
    page.evaluate("document.querySelector('#form-title').scrollIntoView()")


def _drawn_case(page: Page) -> None:
    _first_case("流程图")(page)
    page.wait_for_selector(".diagram-tools")
    page.wait_for_timeout(500)


def _previewed(page: Page) -> None:
    """A notice for the next year, with one bridging day and its make-up workday, previewed."""
    year = int(page.url.split("/")[-2])
    page.fill("#source", f"国务院办公厅关于{year}年部分节假日安排的通知（演示）")
    page.fill('[id="holidays.1.last_on"]', f"{year}-02-11")
    page.fill('[id="holidays.1.workdays"]', "2月20日")
    page.click("main .button-primary")
    page.wait_for_selector("#preview, .error-summary")


PICTURES: Final = (
    Picture("sign-in", None, "/"),
    Picture("queue", "shenhe", "/work"),
    Picture("task", "shenhe", "/work", _first_link("a.case-link")),
    Picture("intake", "jingban.hanfeng", "/intake"),
    Picture("urgent-call", "jingban.hanfeng", "/intake/relief_urgent"),
    Picture("duty-decision", "fenguan.hanfeng", "/work", _first_link("a.case-link")),
    Picture("paper-debts", "shenhe", "/relief/debts"),
    Picture("cases", "shenhe", "/cases"),
    Picture("case", "shenhe", "/work", _first_case()),
    Picture("calculation", "shenhe", "/work", _first_case("核算")),
    Picture("case-diagram", "shenhe", "/work", _drawn_case),
    Picture("history", "shenhe", "/work", _first_case("办理经过")),
    Picture("funds", "caizheng", "/funds"),
    Picture("fund", "jingban.manyue", "/funds"),
    Picture("rolls", "shenhe", "/payments"),
    Picture("roll", "shenhe", "/payments", _first_link("a.case-link")),
    Picture("failures", "shenhe", "/payments/failures"),
    Picture("failure", "shenhe", "/payments/failures", _first_link("a.case-link")),
    Picture("alerts", "shenhe", "/work/alerts"),
    Picture("processes", "zhengce", "/policy/current"),
    Picture("diagram", "zhengce", "/policy/current", _drawn),
    Picture("parameters", "zhengce", "/policy/current", _policy_tab("parameters")),
    Picture("clauses", "zhengce", "/policy/current", _policy_tab("clauses")),
    Picture(
        "months",
        "jingban.wenfeng",
        "/cases?process=gradual_exit",
        _through("a.case-link", ".panel-head a:has-text('逐月')"),
    ),
    Picture("change", "queren", "/work?kind=Task_DecideChange", _compared),
    Picture(
        "hearing", "jingban.yunfeng", "/work?kind=Task_ServeInvitation", _through("a.case-link")
    ),
    Picture(
        "household",
        "jingban.zhaojia",
        "/cases?process=household_change",
        _through("a.case-link", ".tabs a:has-text('家庭')", "a:has-text('家庭的全部办件')"),
    ),
    Picture(
        "care",
        "jingban.hanfeng",
        "/cases?process=tekun",
        _through("a.case-link", ".tabs a:has-text('家庭')"),
    ),
    Picture("recovery", "shenhe", "/recoveries", _through("a.case-link")),
    Picture("deaths", "shenhe", "/deaths", _through("a.case-link")),
    Picture("remedies", "shenhe", "/remedies"),
    Picture("price", "caizheng", "/price-subsidies", _through("a.case-link")),
    Picture("roll-list", "jingban.hanfeng", "/roll-lists", _through("a.case-link")),
    Picture("edge", "shenhe", "/edge-households"),
    Picture("objection", None, "/objection"),
    Picture("trail", "shenji", "/audit"),
    Picture("accounts", "anquan", "/admin/accounts"),
    Picture("offices", "xitong", "/admin/offices"),
    Picture("incidents", "xitong", "/admin/incidents"),
    Picture("access", "anquan", "/admin/access"),
    Picture("calendar", "xitong", "/calendar/2026"),
    Picture("calendar-provisional", "xitong", "/calendar/2027"),
    Picture("calendar-preview", "xitong", "/calendar/2027/edit", _previewed),
)


def main(arguments: list[str]) -> int:
    """Take every picture, or those whose names are given; returns 1 without Chromium."""
    chromium = find_chromium()
    if chromium is None:
        print("Pictures need Chromium; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    wanted = [found for found in PICTURES if not arguments or found.name in arguments]
    TARGET.mkdir(parents=True, exist_ok=True)
    with running_demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_FLAGS])
        states = {login: _signed_in(browser, address, login) for login in _logins(wanted)}
        for picture in wanted:
            for width, height in SIZES:
                state = states.get(picture.login or "")
                context = browser.new_context(
                    viewport={"width": width, "height": height}, storage_state=state, **_PLACE
                )
                _take(context.new_page(), address, picture, TARGET / f"{picture.name}-{width}.png")
                context.close()
            print(picture.name, flush=True)
        browser.close()
    return 0


@contextmanager
def running_demonstration() -> Iterator[str]:
    """A demonstration of its own in a folder of its own, as `make run` starts it: its address."""
    with tempfile.TemporaryDirectory(prefix="doudi-pictures-") as data:
        environment = {
            **os.environ,
            "DATA": data,
            "PORT": str(_free_port()),
            "HOST": "127.0.0.1",
            "DATABASE_URL": "",
        }
        Path(data, "demo-password").write_text(PASSWORD, "ascii")
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.run"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield _address(process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = _RUNS.search(line)
        if found:
            return found[1]
    raise RuntimeError("the demonstration did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _logins(pictures: Sequence[Picture]) -> list[str]:
    return list(dict.fromkeys(picture.login for picture in pictures if picture.login is not None))


def _signed_in(browser: Browser, address: str, login: str) -> StorageState:
    """The cookies of somebody who has signed in."""
    context = browser.new_context(**_PLACE)
    page = context.new_page()
    page.goto(f"{address}/")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_selector(".usermenu")
    state = context.storage_state()
    context.close()
    return state


def _take(page: Page, address: str, picture: Picture, path: Path) -> None:
    answer = page.goto(f"{address}{picture.path}")
    if answer is None or not answer.ok:
        raise RuntimeError(f"{picture.name}: {answer.status if answer else 'no'} answer")
    if picture.go is not None:
        picture.go(page)
    page.wait_for_load_state("networkidle")
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.screenshot(path=path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
