"""The secret address under which a person's calendar is subscribed."""

from django.db import models
from django.db.models import Q

from organization.models import Person


class CalendarFeed(models.Model):
    """One address of a person's calendar; the secret is kept as a keyed hash, and revocable."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="calendar_feeds")
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=Q(ended_at__isnull=True), name="meetings_feed_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.made_at:%Y-%m-%d}"
