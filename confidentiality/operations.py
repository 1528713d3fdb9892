"""The one gate through which files and exports leave."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from confidentiality.models import Disclosure
from confidentiality.rules import INTERNAL, may_be_handed_out
from core import audit
from core.actors import Actor
from core.errors import NotAllowed
from core.models import StoredFile


@transaction.atomic
def disclose(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    sha256: str,
    rows: int = 0,
    file: StoredFile | None = None,
    level: int = INTERNAL,
    branch_id: int | None = None,
    is_named: bool = False,
) -> Disclosure:
    """Note that a file or export is handed out, or refuse it (C6, C8, annex 9.1).

    ``rows`` is the number of records in it, ``is_named`` whether the actor is one of the named
    group of a secret. Raises NotAllowed when the level does not permit
    it; whoever calls has already found that the actor sees the thing at all.
    """
    if not may_be_handed_out(
        level,
        is_of_own_branch=branch_id is None or actor.sees_branch(branch_id),
        roles=actor.roles,
        is_named=is_named,
    ):
        raise NotAllowed(_("这份文件的密级不允许交给您。"))
    disclosure = Disclosure.objects.create(
        person_id=actor.somebody,
        file=file,
        name=name,
        level=level,
        rows=rows,
        sha256=sha256,
        address=actor.address,
        door=actor.door,
        disclosed_at=at,
    )
    audit.record(
        actor=actor,
        at=at,
        what="confidentiality.disclose",
        target_type="file",
        target_id=file.pk if file else sha256[:12],
        target_label=name,
        branch_id=branch_id,
        after={"rows": rows, "level": level, "sha256": sha256},
    )
    return disclosure
