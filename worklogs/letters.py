"""The mail that carries a roll-up to the persons in charge (W6)."""

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.models import StoredFile
from core.outbox import Addressee, Letter
from core.periods import Week
from organization.models import Person
from worklogs.contents import RECORD_LANGUAGE
from worklogs.models import RollUpVersion


def rollup_subject(version: RollUpVersion) -> str:
    """Branch, week, and that it is a correction where it is one."""
    values = {
        "branch": version.rollup.branch.name,
        "n": Week.parse(version.rollup.week).number,
        "year": Week.parse(version.rollup.week).year,
        "number": version.number,
    }
    if version.number > 1:
        return _("%(branch)s %(year)d 年第 %(n)d 周汇总（更正 第 %(number)d 版）") % values
    return _("%(branch)s %(year)d 年第 %(n)d 周汇总") % values


def rollup_body(version: RollUpVersion) -> str:
    """The mail's text: who is missing, the totals, the comment, where it is archived."""
    text = render_to_string(
        "worklogs/mail/rollup.txt", {"version": version, "content": version.content}
    )
    # A template's text counts as safe HTML, which what people typed is not: pages show the mail.
    return text + ""


def rollup_letter(version: RollUpVersion, receivers: Sequence[Person], file: StoredFile) -> Letter:
    """The letter to all persons in charge, with the workbook."""
    with override(RECORD_LANGUAGE):
        return Letter(
            kind="rollup",
            key=version.archive_number,
            language=RECORD_LANGUAGE,
            subject=rollup_subject(version),
            body=rollup_body(version),
            addressees=tuple(
                Addressee(person.email, person.name, person.pk)
                for person in receivers
                if person.email
            ),
            not_before=version.sent_at,
            file_ids=(file.pk,),
            branch_id=version.rollup.branch_id,
        )
