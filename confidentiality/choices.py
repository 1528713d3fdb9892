"""The four levels of annex 9.1; the number stands on every file and document."""

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _


class Level(IntegerChoices):
    """How confidential something is (C8)."""

    OPEN = 1, _("公开")
    INTERNAL = 2, _("内部")
    SECRET = 3, _("普通商密")
    CORE_SECRET = 4, _("核心商密")
