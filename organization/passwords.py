"""What a good password is, by one of two schools (C5), and when it must be changed.

``mlps`` follows GB/T 22239: at least ten characters of three kinds, changed every 90 days.
``asvs`` follows the other school: at least twelve characters, any kind, no expiry. Both refuse
common words and what resembles the person's own data.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.password_validation import (
    MinimumLengthValidator,
    get_default_password_validators,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Problem, Refused
from organization.models import Person
from organization.rules import kinds_of_characters

KINDS: Final = 3
# Without what is mistaken for something else when read out or copied by hand.
_UPPER: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_LOWER: Final = "abcdefghijkmnpqrstuvwxyz"
_DIGITS: Final = "23456789"


class LengthValidator(MinimumLengthValidator):
    """Django's rule in our words: its own sentence has no Chinese in this version."""

    def get_error_message(self) -> str:
        """How long it must be."""
        return self.get_help_text()

    def get_help_text(self) -> str:
        """The rule in a sentence."""
        return _("密码至少 %(n)d 位。") % {"n": self.min_length}


class ThreeKindsValidator:
    """Asks for three of: capitals, small letters, digits, other signs (GB/T 22239)."""

    def validate(self, password: str, user: Person | None = None) -> None:
        """Raise ValidationError when there are fewer kinds."""
        if kinds_of_characters(password) < KINDS:
            raise ValidationError(self.get_help_text(), code="too-few-kinds")

    def get_help_text(self) -> str:
        """The rule in a sentence."""
        return _("大写字母、小写字母、数字、符号四类中至少含三类。")


def rules_told() -> Sequence[str]:
    """The sentences that stand above the field of a new password."""
    return [validator.get_help_text() for validator in get_default_password_validators()]


def check_new(password: str, person: Person) -> None:
    """Raise Refused with every reason for which the password is not good enough."""
    problems = []
    try:
        validate_password(password, person)
    except ValidationError as error:
        problems = [Problem("new", message) for message in error.messages]
    if person.has_usable_password() and person.check_password(password):
        problems.append(Problem("new", _("新密码不能与现在的密码相同。")))
    if problems:
        raise Refused(problems[0].message, problems=problems)


def must_change(person: Person, at: datetime) -> bool:
    """Whether a new password is due: it is the first one, was reset, or is too old."""
    if person.must_change_password or person.password_set_at is None:
        return True
    days = settings.PASSWORD_MAX_AGE_DAYS
    return bool(days) and at >= person.password_set_at + timedelta(days=days)


def one_time_ends_at(given_at: datetime) -> datetime:
    """The moment from which a one-time password given then lets nobody in any more."""
    return given_at + timedelta(hours=settings.ONE_TIME_PASSWORD_HOURS)


def is_one_time_over(person: Person, at: datetime) -> bool:
    """Whether the person's password is a one-time one (a first one, a reset) that has run out.

    Where it is not known when it was given it does not run out.
    """
    given_at = person.password_set_at
    return person.must_change_password and given_at is not None and at >= one_time_ends_at(given_at)


def one_time_over_sentence() -> str:
    """What whoever comes with such a password is told."""
    n = settings.ONE_TIME_PASSWORD_HOURS
    return ngettext(
        "这个一次性密码已过期（%(n)d 小时内有效）。请找安全管理员再给一个。",
        "这个一次性密码已过期（%(n)d 小时内有效）。请找安全管理员再给一个。",
        n,
    ) % {"n": n}


def one_time_password() -> str:
    """A random password that can be read out: 15 characters in groups, three kinds and a dash."""
    alphabet = _UPPER + _LOWER + _DIGITS
    while True:
        groups = ["".join(secrets.choice(alphabet) for _n in range(4)) for _g in range(3)]
        password = "-".join(groups)
        if kinds_of_characters(password) == KINDS + 1:
            return password
