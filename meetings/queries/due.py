"""What meetings imply for people, by when: documents to pass on, or to know of (M1.1, M2.1).

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from django.db.models import Count, F
from django.urls import reverse
from django.utils.translation import gettext as _

from core.periods import instant, local_date
from duties.rules import DueItem
from meetings.models import DocumentReader
from meetings.passing_permissions import may_read
from meetings.queries.documents import readers_asked, roles_by_person
from organization.choices import Role
from organization.in_force import SettingsHistory, settings_through
from organization.models import RoleGrant


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """The documents that these people must read and sign, or pass on, due in the span.

    Five queries, however many people and documents; due at the end of work of the day by which
    everybody is to be told.
    """
    until, on = local_date(last), local_date(at or last)
    history = settings_through(until)
    items = (
        *_to_read(person_ids, until, on, history),
        *_to_pass_on(person_ids, until, on, history),
    )
    return sorted(
        (item for item in items if first <= item.due_at <= last),
        key=lambda item: (item.due_at, item.url, item.person_id),
    )


def _to_read(
    person_ids: Collection[int], until: date, on: date, history: SettingsHistory
) -> Iterator[DueItem]:
    """Who was not at the meeting that passed it on: he reads and signs it, or, where its level lets
    nobody hand it to him, is told at the next one, where signing in says so (annex 9.1)."""
    roles = roles_by_person(person_ids, on)
    rows = readers_asked().filter(person_id__in=person_ids, document__tell_by__lte=until)
    for row in rows.select_related("document"):
        document = row.document
        if may_read(document, roles.get(row.person_id, ())):
            title, context = _("阅《%(title)s》并签名"), document.reference
        else:
            title, context = _("到会听传达《%(title)s》"), _("按密级不发文件，会上签到就是知悉")
        ends = history.of(row.branch_id, document.tell_by).close_of_business
        yield DueItem(
            person_id=row.person_id,
            kind="document",
            title=title % {"title": document.title},
            context=context,
            due_at=instant(document.tell_by, ends),
            url=reverse("document", args=[document.pk]),
            waits=True,
        )


def _to_pass_on(
    person_ids: Collection[int], until: date, on: date, history: SettingsHistory
) -> Iterator[DueItem]:
    """Whoever calls a branch's meetings passes on what nobody there has been told yet."""
    callers: dict[int, list[int]] = {}
    held = RoleGrant.objects.in_force_on(on).filter(person_id__in=person_ids, role=Role.SUPERVISOR)
    for person_id, branch_id in held.values_list("person_id", "branch_id"):
        callers.setdefault(branch_id, []).append(person_id)
    if not callers:
        return
    waiting = (
        DocumentReader.objects.filter(
            branch_id__in=callers,
            document__withdrawn_at__isnull=True,
            document__tell_by__lte=until,
        )
        .order_by()
        .values("branch_id", "document_id", "document__title", "document__tell_by")
        .annotate(people=Count("pk"), waiting=Count("pk") - Count("told_at"))
        .filter(waiting=F("people"))
    )
    for row in waiting:
        tell_by = row["document__tell_by"]
        ends = history.of(row["branch_id"], tell_by).close_of_business
        for person_id in callers[row["branch_id"]]:
            yield DueItem(
                person_id=person_id,
                kind="document",
                title=_("在会上传达《%(title)s》") % {"title": row["document__title"]},
                context="",
                due_at=instant(tell_by, ends),
                url=reverse("document", args=[row["document_id"]]),
            )
