"""The page with every class: readable by machines that read aloud, on wide and narrow screens."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.conditions import missing
from tests.web.frontend.site import WEB, Site

AXE = WEB / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PATH = {"Task_A": "visited", "Flow_2": "visited", "Task_B": "current"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("width", [1440, 720, 375, 320])
def test_nothing_sticks_out_and_nothing_is_refused(site: Site, page: Page, width: int) -> None:
    # given
    said: list[ConsoleMessage] = []
    page.on("console", lambda message: said.append(message))
    page.set_viewport_size({"width": width, "height": 900})
    # when
    page.goto(f"{site.address}/frontend/demo.html")
    page.wait_for_selector(".diagram-tools")
    # then
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    assert [message.text for message in said if message.type in {"error", "warning"}] == []


@pytest.mark.parametrize("width", [1440, 375])
def test_axe_finds_nothing_against_wcag_2_2_aa(site: Site, browser: Browser, width: int) -> None:
    # given
    if not AXE.exists():
        missing("axe-core (make frontend)")
    context = browser.new_context(
        bypass_csp=True, viewport={"width": width, "height": 900}, locale="zh-CN"
    )
    page = context.new_page()
    page.goto(f"{site.address}/frontend/demo.html")
    page.wait_for_selector(".diagram-tools")
    page.evaluate(AXE.read_text("utf-8"))
    # when
    result: dict[str, Any] = page.evaluate("rules => axe.run({ runOnly: rules })", RULES)
    context.close()
    # then
    found = [
        (finding["id"], node["target"])
        for finding in result["violations"]
        for node in finding["nodes"]
    ]
    assert found == []


def test_the_path_of_a_case_is_marked_on_its_diagram(site: Site, page: Page) -> None:
    # when
    page.goto(f"{site.address}/frontend/demo.html")
    page.wait_for_selector(".diagram-tools")
    # then
    marked = {name: page.locator(f'[data-element-id="{name}"]') for name in PATH}
    for name, marker in PATH.items():
        expect(marked[name]).to_contain_class(marker)
    expect(page.locator('[data-element-id="End_1"]')).not_to_contain_class("visited")


def test_a_diagram_that_is_not_there_is_said(site: Site, page: Page) -> None:
    # given
    site.pages["/"] = (
        '<script type="module" src="/static/dist/viewer.js"></script>'
        '<figure class="diagram" data-diagram-url="/nowhere.bpmn"></figure>'
    )
    # when
    page.goto(f"{site.address}/")
    # then
    expect(page.get_by_text("流程图未能打开")).to_be_visible()


def test_the_menu_opens_on_a_phone(site: Site, page: Page) -> None:
    # given
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"{site.address}/frontend/demo.html")
    expect(page.get_by_role("link", name="时限预警")).to_be_hidden()
    # when
    page.get_by_role("button", name="菜单").click()
    # then
    expect(page.get_by_role("link", name="时限预警")).to_be_visible()
    assert page.get_by_role("button", name="菜单").get_attribute("aria-expanded") == "true"


def test_a_machine_without_a_chinese_font_gets_the_slices_it_needs(site: Site, page: Page) -> None:
    # given
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.address}/frontend/demo.html")
    # when
    loaded = page.evaluate(
        "() => document.fonts.load('16px \"Noto Sans SC\"', '兜底').then(faces => faces.length)"
    )
    # then
    assert loaded > 0
    assert 0 < len([address for address in asked if ".woff2" in address]) < 10
