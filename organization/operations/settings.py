"""Branch settings by date of effect: set for today or later, never for the past."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config import tables
from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.periods import local_date
from organization.in_force import COMPANY, settings_through
from organization.models import Branch, BranchSetting
from organization.permissions import can_set_settings
from organization.settings import FROM_MONDAY, KEYS, SPANS, parsed, past_midnight, plain


@transaction.atomic
def set_setting(
    *,
    branch_id: int | None,
    key: str,
    value: Any,
    valid_from: date,
    actor: Actor,
    at: datetime,
) -> BranchSetting:
    """Set a value from a day on, of one branch or (None) of the company; deadlines follow.

    ``value`` is JSON as organization.settings reads it. Set again for the same day it replaces
    what was set; the past stays as it was.
    """
    branch = _guard(actor, branch_id)
    if key not in KEYS:
        raise Refused(_("没有这项设置。"), field="key")
    try:
        stored = plain(parsed(key, value))
    except (TypeError, ValueError, OverflowError):
        raise Refused(_("这个值读不懂，请照现在那个值的样子写。"), field="value") from None
    if valid_from < local_date(at):
        raise Refused(_("生效日期不能早于今天。"), field="valid_from")
    if key in FROM_MONDAY and valid_from.isoweekday() != 1:
        raise Refused(_("这项设置要从一个周一起生效，一周只有一次例会。"), field="valid_from")
    before = BranchSetting.objects.filter(branch=branch, key=key, valid_from=valid_from).first()
    setting, _made = BranchSetting.objects.update_or_create(
        branch=branch,
        key=key,
        valid_from=valid_from,
        defaults={
            "value": stored,
            "set_by_id": actor.person_id,
            "set_by_name": actor.name,
            "set_at": at,
        },
    )
    _check_spans(branch_id, valid_from, "value")
    follow_settings(branch_id, at)
    _record(
        "organization.set_setting",
        setting,
        {"value": before.value} if before else {},
        {"value": stored, "valid_from": valid_from.isoformat()},
        actor,
        at,
    )
    return setting


@transaction.atomic
def withdraw_setting(*, setting_id: int, actor: Actor, at: datetime) -> None:
    """Take back a setting that has not come into effect."""
    setting = BranchSetting.objects.select_related("branch").filter(pk=setting_id).first()
    if setting is None:
        raise NotFound
    _guard(actor, setting.branch_id)
    gone, _rows = BranchSetting.objects.filter(
        pk=setting_id, valid_from__gt=local_date(at)
    ).delete()
    if not gone:
        raise Refused(_("已经生效的设置不能撤回，请设一个新的。"))
    _check_spans(setting.branch_id, setting.valid_from, "")
    follow_settings(setting.branch_id, at)
    setting.pk = setting_id
    before = {"value": setting.value, "valid_from": setting.valid_from.isoformat()}
    _record("organization.withdraw_setting", setting, before, {}, actor, at)


def _check_spans(branch_id: int | None, since: date, field: str) -> None:
    """Refuse settings by which, on this day or a later one, a meeting would not end on its day:
    of a branch, or of the company and every branch that has some of its own. Two queries."""
    rows = BranchSetting.objects.filter(key__in=[key for span in SPANS for key in span])
    days = {since, *rows.filter(valid_from__gt=since).values_list("valid_from", flat=True)}
    history = settings_through(max(days))
    branches = {branch_id or COMPANY}
    if branch_id is None:
        branches |= {row[1] for row in history.rows if row[1] is not None}
    if any(past_midnight(history.of(branch, on)) for branch in branches for on in days):
        raise Refused(_("这样会议要开过半夜，请提早开始或缩短时间。"), field=field)


def _guard(actor: Actor, branch_id: int | None) -> Branch | None:
    branch = None
    if branch_id is not None:
        branch = Branch.objects.visible_to(actor).filter(pk=branch_id).first()
        if branch is None:
            raise NotFound
    if not can_set_settings(actor):
        raise NotAllowed(_("设置由系统管理员维护。"))
    return branch


def follow_settings(branch_id: int | None, at: datetime) -> None:
    """Let what depends on a branch and its settings follow, in the same transaction."""
    branch_ids = None if branch_id is None else [branch_id]
    for path in tables.SETTING_FOLLOWERS:
        import_string(path)(at=at, branch_ids=branch_ids)


def _record(
    what: str,
    setting: BranchSetting,
    before: dict[str, Any],
    after: dict[str, Any],
    actor: Actor,
    at: datetime,
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="setting",
        target_id=setting.pk,
        target_label=f"{setting.branch.name} {setting.key}" if setting.branch else setting.key,
        branch_id=setting.branch_id,
        before=before,
        after=after,
    )
