"""Which files were handed out, to whom, when."""

from django.db import models

from confidentiality.choices import Level
from core.models import StoredFile
from organization.models import Person


class Disclosure(models.Model):
    """A file or an export that went out of a door (C6); kept 36 months (annex 6)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="disclosures")
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="disclosures"
    )
    name = models.CharField(max_length=200)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    rows = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    address = models.CharField(max_length=45, blank=True)
    door = models.CharField(max_length=8)
    disclosed_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-disclosed_at",)

    def __str__(self) -> str:
        return self.name
