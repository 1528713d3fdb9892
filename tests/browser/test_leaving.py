"""Leaving a form while a save is under way: the last words are there, and nobody asks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.drafts import draft_of
from core.models import Draft
from tests.browser.conftest import RunningClock
from tests.browser.test_phone import company, signed_in
from tests.cast import Cast
from tests.domain.week import WEEK
from worklogs.entries import draft_key

__all__ = ["company"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The first save reaches the server, but its answer does not come: it stays under way.
NO_ANSWER = """
const real = window.fetch;
let isFirst = true;
window.fetch = (address, options) => {
  const answer = real(address, options);
  if (options?.method !== "PATCH" || !isFirst) return answer;
  isFirst = false;
  return answer.then(() => new Promise(() => {}));
};
"""
ADDRESS = "/weeks/2026-W48/"


def test_the_last_words_are_kept_and_a_second_window_is_still_asked(
    company: Cast, page_of: Callable[..., Page], story: RunningClock
) -> None:
    person = company["林晓岚"]

    def draft() -> Draft | None:
        return draft_of(person.pk, draft_key(WEEK))

    page = signed_in(page_of(1440), person)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(ADDRESS)
    page.evaluate(NO_ANSWER)
    text = page.locator("#id_t_needs")
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        text.fill("要专线")
    text.fill("要专线，按月结算")
    page.goto("/")
    page.goto(ADDRESS)
    expect(text).to_have_value("要专线，按月结算")
    dialog = page.locator("#stale-versions")
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as answer:
        text.fill("要专线，按月结算，月底前答复")
    assert answer.value.ok
    expect(dialog).to_be_hidden()
    kept = draft()
    assert kept is not None
    assert kept.body["texts"]["needs"] == "要专线，按月结算，月底前答复"

    other = page.context.new_page()
    other.goto(ADDRESS)
    with other.expect_response(lambda answer: answer.request.method == "PATCH"):
        other.locator("#id_t_needs").fill("另一个窗口写的")
    text.fill("这里写的")
    expect(dialog).to_be_visible()
