"""What weekly summaries show of a branch: on time or not, and true to the logs or not."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core.periods import Month, Week
from inspections.checks import Check
from inspections.judged import Fault, Judged
from inspections.sources.weeks import Owed, owed_in, received, summaries_of, wanted_in
from inspections.words import sentence
from worklogs.figures import figures
from worklogs.models import SummaryVersion

FROZEN_IN: Final = "zh-hans"


def judge_punctuality(
    month: Month, branch_ids: Collection[int], cut: datetime
) -> Mapping[int, Judged]:
    """Summaries that came late or not at all, by the first receipt (annex 3.8, W5).

    Four statements for any number of branches and managers.
    """
    owed = owed_in(month, branch_ids, cut)
    filed = received(owed, cut)
    counted: dict[int, int] = defaultdict(int)
    faults: dict[int, list[Fault]] = defaultdict(list)
    with override(FROZEN_IN):
        for one in owed:
            counted[one.branch_id] += 1
            summary = filed.get((one.person.pk, one.week))
            if summary is None:
                faults[one.branch_id].append(_fault("missing", one, {}))
            elif summary.minutes_late:
                minutes = str(summary.minutes_late)
                faults[one.branch_id].append(_fault("late", one, {}, minutes=minutes))
    return {
        branch_id: Judged(number, tuple(faults[branch_id])) for branch_id, number in counted.items()
    }


def judge_agreement(
    month: Month, branch_ids: Collection[int], cut: datetime
) -> Mapping[int, Judged]:
    """Figures declared otherwise than the system counted at filing (annex 3.8, 11.3; P3.2).

    Each filed summary is taken as it stood at the cut; four statements for any number.
    """
    owed = owed_in(month, branch_ids, cut)
    standing = _versions_at(owed, cut)
    counted: dict[int, int] = defaultdict(int)
    faults: dict[int, list[Fault]] = defaultdict(list)
    with override(FROZEN_IN):
        labels = figure_labels()
        for one in owed:
            figures_filed = standing.get((one.person.pk, one.week))
            if figures_filed is None:
                continue
            counted[one.branch_id] += 1
            faults[one.branch_id] += mismatches(one, figures_filed, labels)
    return {
        branch_id: Judged(number, tuple(faults[branch_id])) for branch_id, number in counted.items()
    }


def mismatches(
    one: Owed, figures_filed: Mapping[str, Any], labels: Mapping[str, str]
) -> list[Fault]:
    """The figures that were declared otherwise than the system counted (P3.2), each with both
    (annex 11.3); a reason given explains the difference and does not take it away."""
    return [
        _fault(
            "mismatch",
            one,
            labels,
            figure=key,
            declared=str(line["declared"]),
            counted=str(line["value"]),
        )
        for key, line in sorted(figures_filed.items())
        if line["declared"] != line["value"]
    ]


def _versions_at(owed: list[Owed], cut: datetime) -> dict[tuple[int, str], dict[str, Any]]:
    """The figures of the version that stood at the cut, by manager and week; one query."""
    wanted = wanted_in(owed)
    newest = (
        SummaryVersion.objects.filter(summary=OuterRef("summary"), submitted_at__lte=cut)
        .order_by("-number")
        .values("pk")[:1]
    )
    summaries = summaries_of(wanted).values("pk")
    rows = SummaryVersion.objects.filter(summary__in=summaries, pk=Subquery(newest)).values_list(
        "summary__manager_id", "summary__week", "figures"
    )
    return {
        (manager_id, week): filed
        for manager_id, week, filed in rows.iterator(chunk_size=2000)
        if (manager_id, week) in wanted
    }


def figure_labels() -> dict[str, str]:
    """What the summary's figures are called, in the language in force."""
    return {key: str(figure.label) for key, figure in figures().items()}


def _fault(kind: str, one: Owed, labels: Mapping[str, str], **facts: str) -> Fault:
    """The fault with its Chinese sentence; called with Chinese in force."""
    values = {"week": one.week, "name": one.called.name, "number": one.person.job_number, **facts}
    return Fault(
        kind=kind,
        label=f"{one.called.name} {sentence(kind, values, labels)}",
        url=reverse("summary-of", args=[Week.parse(one.week), one.person.pk]),
        person_id=one.person.pk,
        facts=values,
    )


PUNCTUALITY: Final = Check("summaries.punctuality", _("周报及时"), judge_punctuality)
AGREEMENT: Final = Check("weeks.agree", _("周报申报与系统一致"), judge_agreement)
