"""What the browser does by itself, on pages with the product's content security policy."""

from __future__ import annotations

from playwright.sync_api import Dialog, Page, expect

from tests.web.frontend.site import Site

FORM = """<form method="post" action="/send" data-draft-url="/draft">
<label for="reason">理由</label><input id="reason" name="reason">
<button class="button button-primary" name="verb" value="complete">提交</button>
<span data-draft-status role="status"></span></form>"""


def accept_dialogs(page: Page) -> list[str]:
    """Agree to whatever the browser asks; returns the kinds of questions, as they come."""
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    return asked


def test_a_double_click_sends_a_form_once(site: Site, page: Page) -> None:
    # given
    site.pages["/"] = FORM.replace('data-draft-url="/draft"', "")
    page.goto(f"{site.address}/")
    # when
    page.get_by_role("button", name="提交").dblclick()
    page.wait_for_url("**/send")
    # then
    sent = [post for post in site.posts if post.path == "/send"]
    assert [post.fields["verb"] for post in sent] == [["complete"]]


def test_what_is_typed_is_kept_as_a_draft(site: Site, page: Page) -> None:
    # given
    site.pages["/"] = FORM
    page.goto(f"{site.address}/")
    # when
    page.get_by_label("理由").fill("入户调查属实")
    expect(page.get_by_role("status")).to_contain_text("草稿已保存")
    # then
    assert [(post.path, post.fields["reason"], post.csrf) for post in site.posts] == [
        ("/draft", ["入户调查属实"], "the-token")
    ]


def test_a_draft_that_fails_is_said_and_leaving_is_asked(site: Site, page: Page) -> None:
    # given
    site.pages["/"] = FORM
    site.answers["/draft"] = (503, "")
    asked = accept_dialogs(page)
    page.goto(f"{site.address}/")
    # when
    page.get_by_label("理由").press_sequentially("停电")
    expect(page.get_by_role("status")).to_contain_text("草稿未能保存")
    page.goto("about:blank")
    # then
    assert asked == ["beforeunload"]


def test_an_expired_session_is_said_where_one_types(site: Site, page: Page) -> None:
    # given
    site.pages["/"] = FORM
    site.answers["/draft"] = (401, "")
    page.goto(f"{site.address}/")
    # when
    page.get_by_label("理由").fill("继续")
    # then
    expect(page.get_by_role("status")).to_contain_text("登录已过期")


def test_a_sent_form_does_not_ask_before_leaving(site: Site, page: Page) -> None:
    # given
    site.pages["/"] = FORM
    asked = accept_dialogs(page)
    page.goto(f"{site.address}/")
    # when
    page.get_by_label("理由").fill("同意")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/send")
    # then
    assert asked == []
    assert site.posts[-1].fields["reason"] == ["同意"]


def test_errors_get_the_focus_and_lead_to_their_field(site: Site, page: Page) -> None:
    # given
    site.pages["/"] = (
        '<div class="error-summary" role="alert"><h2>有 1 处需要改正</h2>'
        '<ul><li><a href="#reason">请填写理由</a></li></ul></div>' + FORM
    )
    page.goto(f"{site.address}/")
    # when
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="请填写理由").press("Enter")
    # then
    expect(page.get_by_label("理由")).to_be_focused()


def test_a_refused_answer_of_htmx_is_shown_and_may_be_sent_again(site: Site, page: Page) -> None:
    # given
    site.pages["/"] = (
        '<form method="post" hx-post="/claim" hx-target="#place"><button>领取</button></form>'
        '<div id="place"></div>'
    )
    site.answers["/claim"] = (409, "已被他人领取")
    page.goto(f"{site.address}/")
    button = page.get_by_role("button", name="领取")
    # when
    button.click()
    expect(page.locator("#place")).to_have_text("已被他人领取")
    button.click()
    expect(page.locator("#place")).to_have_text("已被他人领取")
    page.wait_for_timeout(200)
    # then
    assert [(post.path, post.csrf) for post in site.posts] == [("/claim", "the-token")] * 2


def test_control_enter_sends_the_form_one_is_in(site: Site, page: Page) -> None:
    # given
    site.pages["/"] = FORM
    page.goto(f"{site.address}/")
    # when
    page.get_by_label("理由").press("Control+Enter")
    page.wait_for_url("**/send")
    # then
    assert site.posts[-1].fields["verb"] == ["complete"]


def test_arrows_move_between_the_cases_of_a_queue(site: Site, page: Page) -> None:
    # given
    links = "".join(
        f'<tr><th><a class="case-link" href="#">第 {n} 户</a></th></tr>' for n in (1, 2)
    )
    site.pages["/"] = f'<table class="table queue"><tbody>{links}</tbody></table>'
    page.goto(f"{site.address}/")
    # when
    page.get_by_role("link", name="第 1 户").focus()
    page.keyboard.press("ArrowDown")
    # then
    expect(page.get_by_role("link", name="第 2 户")).to_be_focused()
