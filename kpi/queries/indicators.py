"""Reads over indicators."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, NotFound
from kpi.models import Indicator
from kpi.target_permissions import can_keep_indicators


def open_indicators(also: Iterable[str] = ()) -> list[Indicator]:
    """Those in use, in their order; closed ones too where a sheet still names them."""
    named = set(also)
    return [each for each in Indicator.objects.all() if not each.is_closed or each.code in named]


def indicators_listed() -> list[Indicator]:
    """All of them, those in use first."""
    return sorted(Indicator.objects.all(), key=lambda each: each.is_closed)


def indicator_to_keep(actor: Actor, indicator_id: int) -> Indicator:
    """An indicator that the actor may change."""
    if not can_keep_indicators(actor):
        raise NotAllowed(_("指标由市场部维护。"))
    found = Indicator.objects.filter(pk=indicator_id).first()
    if found is None:
        raise NotFound
    return found
