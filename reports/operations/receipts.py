"""Signing for a published bulletin, and reminding those who have not."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused
from core.models import AuditRow
from core.periods import instant, local_date
from organization.in_force import COMPANY, settings_of
from reports import bulletin_notices, permissions
from reports.choices import BulletinState
from reports.models import Bulletin, SignFor
from reports.queries.bulletins import bulletin_for


@transaction.atomic
def sign_for_bulletin(*, bulletin_id: int, actor: Actor, at: datetime) -> SignFor:
    """Sign for a bulletin one has received; signing again changes nothing."""
    bulletin = bulletin_for(actor, bulletin_id)
    if bulletin.state != BulletinState.PUBLISHED:
        raise Refused(_("通报发布后才能签收。"))
    own = SignFor.objects.filter(bulletin=bulletin, person_id=actor.somebody)
    if not own.exists():
        raise NotAllowed(_("这份通报由分公司主管、总经理和副总经理签收。"))
    updated = own.filter(signed_at__isnull=True).update(signed_at=at)
    receipt = own.select_related("branch", "person").get()
    if updated:
        audit.record(
            actor=actor,
            at=at,
            what="reports.sign_for_bulletin",
            target_type="bulletin",
            target_id=bulletin.pk,
            target_label=bulletin.document_number,
            branch_id=receipt.branch_id,
            after={"signed_at": at.isoformat()},
        )
    return receipt


@transaction.atomic
def remind_signers(*, bulletin_id: int, actor: Actor, at: datetime) -> list[SignFor]:
    """Remind those who have not signed; nobody within the pause or too often (as for W6)."""
    bulletin = bulletin_for(actor, bulletin_id)
    if not permissions.can_write(actor):
        raise NotAllowed(_("签收由市场部催办。"))
    if bulletin.state != BulletinState.PUBLISHED:
        raise Refused(_("通报发布后才有签收。"))
    settings = settings_of(COMPANY, local_date(at))
    if presses_of_day(bulletin, at) >= settings.reminders_a_day:
        raise Refused(_("今天已经提醒过 %(n)d 次，明天再提醒。") % {"n": settings.reminders_a_day})
    chosen = list(unsigned(bulletin).filter(_may_be(at)).select_related("person", "branch"))
    if not chosen:
        raise Refused(_("没有要提醒的人：都已签收，或刚提醒过。"))
    won = SignFor.objects.filter(pk__in=[one.pk for one in chosen]).filter(_may_be(at))
    if won.update(reminded_at=at, reminders=F("reminders") + 1) != len(chosen):
        raise Refused(_("刚才有人提醒过了，请刷新后再看。"))
    bulletin_notices.remind_unsigned(bulletin, chosen, at)
    audit.record(
        actor=actor,
        at=at,
        what="reports.remind_signers",
        target_type="bulletin",
        target_id=bulletin.pk,
        target_label=bulletin.document_number,
        after={"people": [one.person.job_number for one in chosen]},
    )
    return chosen


def _may_be(at: datetime) -> Q:
    """Who was not reminded within the pause."""
    pause = timedelta(minutes=settings_of(COMPANY, local_date(at)).reminder_pause_minutes)
    return Q(reminded_at__isnull=True) | Q(reminded_at__lte=at - pause)


def unsigned(bulletin: Bulletin) -> QuerySet[SignFor]:
    """Who has not signed yet."""
    return bulletin.receipts.filter(signed_at__isnull=True)


def presses_of_day(bulletin: Bulletin, at: datetime) -> int:
    """How often the button was pressed on this day, by the trail."""
    begin = instant(local_date(at), time.min)
    return AuditRow.objects.filter(
        what="reports.remind_signers",
        target_type="bulletin",
        target_id=str(bulletin.pk),
        at__gte=begin,
        at__lt=begin + timedelta(days=1),
    ).count()
