"""The ground: calendar, audit trail, jobs, outgoing messages, files, drafts, imports.

No foreign key leaves this app. Actors, branches and targets are plain ids with the name as
it was.
"""

from django.db import models

from core.choices import (
    AUDIT_DOORS,
    ImportState,
    JobState,
    MessageState,
    RecipientState,
)


class WorkDay(models.Model):
    """A day that departs from Monday to Friday: a public holiday or a make-up day (annex 7)."""

    on = models.DateField(unique=True)
    is_workday = models.BooleanField()
    name = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=120)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("on",)

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


class CalendarYear(models.Model):
    """A year whose working days are known; every other falls back to Monday to Friday."""

    year = models.PositiveSmallIntegerField(unique=True)
    source = models.CharField(max_length=120)
    loaded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.year)


class AuditRow(models.Model):
    """One operation call, written in its transaction; append-only by trigger."""

    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    actor_roles = models.CharField(max_length=120, blank=True)
    actor_branch_id = models.BigIntegerField(null=True)
    door = models.CharField(max_length=8, choices=AUDIT_DOORS)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=36, blank=True)
    what = models.CharField(max_length=80)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    target_label = models.CharField(max_length=160, blank=True)
    branch_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    why = models.TextField(blank=True)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("target_type", "target_id"), name="core_audit_target"),
            models.Index(fields=("branch_id", "id"), name="core_audit_branch"),
        )

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor_name} {self.what}"


class AuditSeal(models.Model):
    """A link of the hash chain over consecutive audit rows; made by a job."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    rows = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ("last_id",)

    def __str__(self) -> str:
        return f"{self.first_id}-{self.last_id}"


class Job(models.Model):
    """Work for later: what, with what, not before, and how far it has come."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=JobState.choices, default=JobState.WAITING)
    run_after = models.DateTimeField()
    # A reminder past its deadline is dropped; a closing has none and is never dropped.
    drop_after = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    owner_id = models.BigIntegerField(null=True)
    # Counts claims and guards the effect; failures counts those that ended without a result.
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    is_cancelled = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    ran_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "key"), name="core_job_once"),)
        indexes = (models.Index(fields=("state", "run_after"), name="core_job_due"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class TickMark(models.Model):
    """Up to when the clock's jobs have been planned: a single row."""

    upto = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.upto:%F %T}"


class StoredFile(models.Model):
    """A file as it came in or went out; the bytes lie under their digest in FILES_DIR."""

    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField(default=2)
    branch_id = models.BigIntegerField(null=True)
    owner_id = models.BigIntegerField(null=True)
    owner_name = models.CharField(max_length=80, blank=True)
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class OutboxMessage(models.Model):
    """A message, complete when written, in the transaction of the change it tells of."""

    channel = models.CharField(max_length=8, default="mail")
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=8)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    file_ids = models.JSONField(default=list)
    branch_id = models.BigIntegerField(null=True)
    digest_key = models.CharField(max_length=120, blank=True, db_index=True)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(
        max_length=8, choices=MessageState.choices, default=MessageState.WAITING
    )

    class Meta:
        indexes = (models.Index(fields=("state", "not_before"), name="core_outbox_due"),)

    def __str__(self) -> str:
        return self.subject


class OutboxRecipient(models.Model):
    """What became of a message for one address."""

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="recipients")
    address = models.CharField(max_length=254)
    name = models.CharField(max_length=80, blank=True)
    person_id = models.BigIntegerField(null=True)
    state = models.CharField(
        max_length=8, choices=RecipientState.choices, default=RecipientState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=300, blank=True)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("message", "address"), name="core_recipient_once"),
        )

    def __str__(self) -> str:
        return self.address


class Draft(models.Model):
    """What somebody is typing: kept as typed, not audited, consumed by the submission."""

    owner_id = models.BigIntegerField()
    key = models.CharField(max_length=80)
    body = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    # Which window saved last, its how-manieth save it was, and the version on which its run of
    # saves began: whatever came after that is its own.
    window = models.CharField(max_length=32, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    base = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("owner_id", "key"), name="core_draft_once"),)

    def __str__(self) -> str:
        return self.key


class ImportRun(models.Model):
    """A user's file on its way into a table: read, mapped, previewed, written or left."""

    table = models.CharField(max_length=20)
    # Of a table that holds one month's numbers: which (2026-10), as the user named it.
    month = models.CharField(max_length=7, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="imports")
    branch_id = models.BigIntegerField(null=True)
    owner_id = models.BigIntegerField()
    owner_name = models.CharField(max_length=80)
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.READING
    )
    sheet = models.CharField(max_length=80, blank=True)
    header_row = models.PositiveIntegerField(default=0)
    # [{"letter", "header", "field", "guessed", "sample"}], as found or as corrected by the user
    mapping = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    # The table whose columns these seem to be, where no row fits the chosen one; "" for none.
    better_table = models.CharField(max_length=20, blank=True)
    # language -> {"message": …} (core.imports.texts)
    in_other_languages = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.table} {self.pk}"


class ImportRow(models.Model):
    """What one row of the file would do: new, changed or wrong (unchanged rows are counted)."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10)
    code = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120, blank=True)
    # [{"label", "before", "after"}], personal data masked
    differences = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    # language -> {"differences": […], "reason": …} (core.imports.texts)
    in_other_languages = models.JSONField(default=dict)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="core_import_row_once"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.outcome}"


class ColumnMapping(models.Model):
    """How a branch's files of one table are headed: remembered from the last correction."""

    table = models.CharField(max_length=20)
    # 0 stands for head office, so that the pair stays unique where NULL would not.
    branch_id = models.BigIntegerField(default=0)
    # {header text: field key}, "" for a column that is left out
    headers = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("table", "branch_id"), name="core_mapping_once"),
        )

    def __str__(self) -> str:
        return f"{self.table} {self.branch_id}"


class IdempotencyKey(models.Model):
    """The answer once given to a creating API request, so that a repeat gets the same."""

    owner_id = models.BigIntegerField()
    key = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("owner_id", "key"), name="core_idempotency_once"),
        )

    def __str__(self) -> str:
        return self.key
