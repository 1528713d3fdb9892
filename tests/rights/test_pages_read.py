"""Every page of config/rights.py is looked at in the browser, or said why not."""

from config.rights import RIGHTS
from tests.browser.pages import NOT_READ, ONCE, PAGES, route_of


def test_every_page_is_looked_at_or_said_why_not() -> None:
    pages = {name for name, right in RIGHTS.items() if right.get and not name.startswith("api-")}
    read = {route_of(address) for addresses in PAGES.values() for address in addresses}
    excused = [name for names in NOT_READ.values() for name in names]
    assert sorted(pages - read - set(excused)) == []
    assert sorted(set(excused) & read) == []
    assert sorted(set(excused) - pages) == []
    assert sorted(ONCE - read) == []
