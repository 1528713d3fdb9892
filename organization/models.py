"""Head office and branches, people and what they are, settings by date of effect, doors in.

Nobody and nothing is deleted: a branch and a person are closed on a day.
"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from core.actors import Actor
from organization.choices import ADMINISTRATORS, BranchKind, Gender, Role


class BranchQuerySet(models.QuerySet["Branch"]):
    """Reads over branches."""

    def visible_to(self, actor: Actor) -> "BranchQuerySet":
        """The branches the actor belongs to or may see; administrators see all of them."""
        if actor.branches is None or actor.has_role(*ADMINISTRATORS):
            return self
        return self.filter(pk__in=actor.branches)

    def open_on(self, on: date) -> "BranchQuerySet":
        """Branches proper (not head office) that exist on this day."""
        return self.filter(kind=BranchKind.BRANCH).filter(
            Q(closed_on__isnull=True) | Q(closed_on__gt=on)
        )


class Branch(models.Model):
    """Head office (公司本部) or a branch (分公司)."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=8, choices=BranchKind.choices, default=BranchKind.BRANCH)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    sort_key = models.CharField(max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = BranchQuerySet.as_manager()

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["Person"]):
    """Reads over people."""

    def visible_to(self, actor: Actor) -> "PersonQuerySet":
        """People of the branches the actor sees; administrators see everybody."""
        if actor.branches is None or actor.has_role(*ADMINISTRATORS):
            return self
        return self.filter(Q(branch_id__in=actor.branches) | Q(pk=actor.person_id))

    def in_post_on(self, on: date) -> "PersonQuerySet":
        """People who have come and have not left by this day."""
        return self.filter(
            Q(joined_on__isnull=True) | Q(joined_on__lte=on),
            Q(left_on__isnull=True) | Q(left_on__gt=on),
        )

    def with_role(self, roles: Iterable[str], on: date) -> "PersonQuerySet":
        """People holding one of the roles on this day."""
        return self.filter(
            pk__in=RoleGrant.objects.in_force_on(on)
            .filter(role__in=list(roles))
            .values("person_id")
        )


class PersonManager(BaseUserManager["Person"]):
    """Finds people by job number, as the sign-in needs it."""

    def get_queryset(self) -> PersonQuerySet:
        """The queryset with this app's reads."""
        return PersonQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person with this job number."""
        return self.get(job_number=username)

    def visible_to(self, actor: Actor) -> PersonQuerySet:
        """See PersonQuerySet."""
        return self.get_queryset().visible_to(actor)

    def in_post_on(self, on: date) -> PersonQuerySet:
        """See PersonQuerySet."""
        return self.get_queryset().in_post_on(on)

    def with_role(self, roles: Iterable[str], on: date) -> PersonQuerySet:
        """See PersonQuerySet."""
        return self.get_queryset().with_role(roles, on)


class Person(AbstractBaseUser):
    """An employee, known by the job number (工号), who signs in with it."""

    job_number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    gender = models.CharField(max_length=1, choices=Gender.choices, blank=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="people")
    post = models.CharField(max_length=40, blank=True)
    reports_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    email = models.EmailField(blank=True)
    phone_sealed = models.BinaryField(default=bytes)
    phone_blind = models.CharField(max_length=64, blank=True, db_index=True)
    phone_masked = models.CharField(max_length=20, blank=True)
    phone_tail = models.CharField(max_length=4, blank=True)
    joined_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=8, default="zh-hans")
    must_change_password = models.BooleanField(default=True)
    password_set_at = models.DateTimeField(null=True)
    # Lower case: name, pinyin, initials, job number, phone tail.
    search_text = models.CharField(max_length=240, blank=True)
    # Pinyin of the name: what lists of people are sorted by.
    sort_key = models.CharField(max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = PersonManager()

    USERNAME_FIELD = "job_number"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("sort_key", "pk")

    def __str__(self) -> str:
        return self.name


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Reads over roles."""

    def in_force_on(self, on: date) -> "RoleGrantQuerySet":
        """Grants that hold on this day."""
        return self.filter(valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))

    def visible_to(self, actor: Actor) -> "RoleGrantQuerySet":
        """Roles of people the actor sees, and those held in branches the actor leads."""
        is_seen = Q(person__in=Person.objects.visible_to(actor).order_by())
        return self.filter(is_seen | Q(branch_id__in=actor.led_branches))


class RoleGrant(models.Model):
    """A role held from a day on, until another; acting supervisors are grants with an end.

    ``branch`` is where a branch role counts: an acting supervisor may come from elsewhere.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=16, choices=Role.choices)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="grants")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    is_acting = models.BooleanField(default=False)
    granted_by_id = models.BigIntegerField(null=True)
    granted_by_name = models.CharField(max_length=80, blank=True)
    why = models.CharField(max_length=200, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("role", "branch"), name="organization_grant_role"),)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "role", "branch", "valid_from"),
                name="organization_grant_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="organization_grant_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"


class BranchSettingQuerySet(models.QuerySet["BranchSetting"]):
    """Reads over settings."""

    def visible_to(self, actor: Actor) -> "BranchSettingQuerySet":
        """The company's settings, and those of branches the actor sees."""
        branches = Branch.objects.visible_to(actor).order_by()
        return self.filter(Q(branch__isnull=True) | Q(branch__in=branches))


class BranchSetting(models.Model):
    """A setting from a day on: of one branch, or of the company where the branch has none."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="settings")
    key = models.CharField(max_length=40)
    value = models.JSONField()
    valid_from = models.DateField()
    set_by_id = models.BigIntegerField(null=True)
    set_by_name = models.CharField(max_length=80, blank=True)
    set_at = models.DateTimeField()

    objects = BranchSettingQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("key", "valid_from"), name="organization_setting_key"),)
        constraints = (
            models.UniqueConstraint(
                fields=("branch", "key", "valid_from"), name="organization_setting_once"
            ),
            # Rows of the company have no branch, and NULLs are never equal.
            models.UniqueConstraint(
                fields=("key", "valid_from"),
                condition=Q(branch__isnull=True),
                name="organization_company_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.valid_from}"


class FormerName(models.Model):
    """What a person or a branch was called until a moment, which is no longer one of the name's.

    What is judged as of a cut names everybody as they were called then.
    """

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="former_names"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, null=True, related_name="former_names"
    )
    name = models.CharField(max_length=60)
    until = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("until", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=True) ^ Q(branch__isnull=True),
                name="organization_former_name_of_one",
            ),
        )

    def __str__(self) -> str:
        return self.name


class SignInQuerySet(models.QuerySet["SignIn"]):
    """Reads over sessions."""

    def endable_by(self, actor: Actor) -> "SignInQuerySet":
        """One's own sessions; everybody's for the security administrator."""
        if actor.has_role(Role.SECADMIN):
            return self
        return self.filter(person_id=actor.person_id or 0)


class SignIn(models.Model):
    """A signed-in browser: shown to its owner, ended by the owner, by idling or by age."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ("-seen_at",)

    def __str__(self) -> str:
        return f"{self.person_id} {self.started_at:%F %T}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Reads over tokens."""

    def revocable_by(self, actor: Actor) -> "ApiTokenQuerySet":
        """One's own tokens; everybody's for the security administrator."""
        if actor.has_role(Role.SECADMIN):
            return self
        return self.filter(person_id=actor.person_id or 0)


class ApiToken(models.Model):
    """A key for a REST client: stored as a keyed hash, with scopes, branches and an end."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    tail = models.CharField(max_length=4)
    scopes = models.JSONField(default=list)
    # Branch ids the token is narrowed to; empty means all the person sees.
    branch_ids = models.JSONField(default=list)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-issued_at",)

    def __str__(self) -> str:
        return self.name
