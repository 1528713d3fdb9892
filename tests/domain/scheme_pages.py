"""Short ways through the scheme's pages: read, typed into, sent."""

import json
import re
from html import unescape
from typing import Any

from django.test import Client

from kpi.models import Scheme
from kpi.scheme_desk import desk_of
from kpi.scheme_editing import KEY
from organization.models import Person


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", page)).split())


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()[:300]
    return answer.content.decode()


def fields_in(page: str) -> dict[str, str]:
    """What a browser would send of the form."""
    form = page.split('id="scheme-form"')[1].split("</form>")[0]
    found = {
        name: unescape(value)
        for name, value in re.findall(
            r'<input class="form-control"[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form
        )
    }
    selects = re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL)
    for name, inner in selects:
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        found[name] = unescape(chosen.group(1)) if chosen else ""
    version = re.search(r'name="version" value="([^"]+)"', form)
    assert version
    return found | {"version": version.group(1)}


def autosave(
    client: Client, number: int, version: str, *, typed: dict[str, Any], status: int = 200
) -> Any:
    answer = client.patch(
        f"/schemes/{number}/typed/",
        json.dumps({"version": version, "fields": typed}),
        content_type="application/json",
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == status, answer.content.decode()[:300]
    return answer.json()


def edit(
    client: Client,
    scheme: Scheme,
    do: str = "save",
    *,
    typed: dict[str, Any] | None = None,
    status: int = 302,
) -> Any:
    """The form sent with a button, as it stands but for what was typed."""
    page = text_of(client, f"/schemes/{scheme.number}/edit/")
    answer = client.post(
        f"/schemes/{scheme.number}/edit/", {**fields_in(page), **(typed or {}), "do": do}
    )
    assert answer.status_code == status, words_of(answer.content.decode())[:600]
    return answer


def key_of(scheme: Scheme, code: str, owner: Person) -> str:
    """The key of a row on the owner's desk."""
    working = desk_of(scheme, owner.pk).working
    return str(next(row[KEY] for _p, row, _r, _a in working if row.get("code") == code))
