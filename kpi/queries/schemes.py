"""The scheme's versions as they are read: by month, by number, compared, with samples."""

from django.db.models import QuerySet

from core.actors import Actor
from core.errors import NotFound
from kpi.choices import SchemeState
from kpi.metrics import metrics
from kpi.models import Rehearsal, Scheme
from kpi.permissions import can_keep_schemes
from kpi.scheme import Difference, Fault, SchemeContent, differences, faults, parsed


def schemes_for(actor: Actor) -> QuerySet[Scheme]:
    """The versions an actor sees, newest first: everybody those in force, their keepers all."""
    found = Scheme.objects.select_related("drafted_by", "approved_by", "based_on")
    return found if can_keep_schemes(actor) else found.filter(state=SchemeState.APPROVED)


def scheme_seen(actor: Actor, number: int) -> Scheme:
    """One version by number; NotFound where it does not exist or is not seen."""
    scheme = schemes_for(actor).filter(number=number).first()
    if scheme is None:
        raise NotFound
    return scheme


def newest_approved() -> Scheme | None:
    """The approved version with the latest month of effect."""
    approved = Scheme.objects.filter(state=SchemeState.APPROVED)
    return approved.order_by("-valid_from", "-number").first()


def scheme_faults(content: SchemeContent) -> list[Fault]:
    """The live checks, and metrics that cannot feed the formula they are put to."""
    found = faults(content)
    for n, item in enumerate(content.items):
        metric = metrics().get(item.metric)
        if metric is not None and not metric.feeds(item.formula.kind):
            values = {"metric": str(metric.label), "kind": item.formula.kind}
            found.append(Fault(f"items.{n}.metric", "metric_unfit", values))
    return found


def changes_of(scheme: Scheme, base: Scheme | None = None) -> list[Difference]:
    """What a version changes of the one it was drafted from, or of ``base``."""
    other = base or scheme.based_on
    return differences(parsed(other.content), parsed(scheme.content)) if other else []


def newest_rehearsal(scheme: Scheme) -> Rehearsal | None:
    """The last rehearsal of exactly this content; on its way while it has no ``made_at``."""
    return scheme.rehearsals.filter(scheme_digest=scheme.digest).first()
