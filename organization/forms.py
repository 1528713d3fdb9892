"""Forms of the organisation: they read what was typed; what is right is the operations' to say."""

from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.actors import Actor
from core.periods import YEARS
from organization.choices import ADMIN_SCOPE, ADMINISTRATORS, SCOPES, Gender, Role
from organization.models import Branch, Person
from organization.setting_texts import LABELS

TOKEN_DAYS: Final = ((30, _("30 天")), (90, _("90 天")), (180, _("180 天")), (365, _("一年")))


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A day, with the calendar that marks 休 and 班."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"data-date": "", "autocomplete": "off"})
    return forms.DateField(
        label=label,
        required=required,
        widget=widget,
        input_formats=["%Y-%m-%d"],
        validators=[_within_calendars],
    )


def _within_calendars(on: date) -> None:
    if on.year not in YEARS:
        raise forms.ValidationError(_("日期超出了范围。"))


def password_field(label: Any, autocomplete: str) -> forms.CharField:
    """A password, as typed."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=200, strip=False, widget=widget)


class SignInForm(forms.Form):
    """Job number and password."""

    username = forms.CharField(
        label=_("工号"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
    password = password_field(_("密码"), "current-password")


class PasswordForm(forms.Form):
    """The present password and a new one, twice."""

    current = password_field(_("现在的密码"), "current-password")
    new = password_field(_("新密码"), "new-password")
    again = password_field(_("再写一遍新密码"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Twice the same."""
        given: dict[str, Any] = super().clean() or {}
        if "new" in given and "again" in given and given["new"] != given["again"]:
            self.add_error("again", _now("两次写的不一样。"))
        return given


class TokenForm(forms.Form):
    """What a REST client is for, what it may do, where, and for how long."""

    name = forms.CharField(label=_("用途"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("权限"), choices=SCOPES, widget=forms.CheckboxSelectMultiple, initial=["read"]
    )
    branch_ids = forms.MultipleChoiceField(
        label=_("只限这些分公司"), required=False, widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(label=_("有效期"), choices=TOKEN_DAYS, coerce=int, initial=90)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not actor.has_role(*ADMINISTRATORS):
            self.fields["scopes"].choices = [  # type: ignore[attr-defined]
                (key, label) for key, label in SCOPES if str(key) != ADMIN_SCOPE
            ]
        seen = Branch.objects.visible_to(actor).filter(closed_on=None)
        self.fields["branch_ids"].choices = [  # type: ignore[attr-defined]
            (str(branch.pk), branch.name) for branch in seen
        ]


def branch_choices(actor: Actor, empty: Any = "") -> list[tuple[str, Any]]:
    """Open branches the actor sees, head office first by its code's order."""
    seen = Branch.objects.visible_to(actor).filter(closed_on=None)
    first = [("", empty)] if empty else []
    return first + [(str(branch.pk), branch.name) for branch in seen]


class PersonForm(forms.Form):
    """An employee's own values."""

    job_number = forms.CharField(label=_("工号"), max_length=20)
    name = forms.CharField(label=_("姓名"), max_length=60)
    gender = forms.ChoiceField(
        label=_("性别"), choices=[("", "–"), *Gender.choices], required=False
    )
    branch_id = forms.TypedChoiceField(label=pgettext_lazy("一家", "机构"), coerce=int)
    post = forms.CharField(label=_("岗位"), max_length=40, required=False)
    reports_to = forms.CharField(label=_("汇报对象的工号"), max_length=20, required=False)
    phone = forms.CharField(label=_("手机"), max_length=20, required=False)
    email = forms.EmailField(label=_("邮箱"), required=False)
    joined_on = day_field(_("入职日期"), required=False)
    note = forms.CharField(label=_("备注"), max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["branch_id"].choices = branch_choices(actor)  # type: ignore[attr-defined]
        if not is_new:
            del self.fields["job_number"]

    def clean_reports_to(self) -> int | None:
        """The id of whoever has this job number; nobody when the field is empty."""
        number = self.cleaned_data["reports_to"].strip()
        if not number:
            return None
        found = (
            Person.objects.visible_to(self.actor)
            .filter(job_number=number)
            .values_list("pk", flat=True)
            .first()
        )
        if found is None:
            raise forms.ValidationError(_now("没有这个工号。"))
        return found

    def values(self) -> dict[str, Any]:
        """As the operations take them."""
        given = dict(self.cleaned_data)
        given["reports_to_id"] = given.pop("reports_to")
        given.pop("version", None)
        return given


class CloseForm(forms.Form):
    """From which day on somebody or something is closed, and why."""

    on = day_field(_("从哪天起"))
    why = forms.CharField(label=_("原因"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)


class GrantForm(forms.Form):
    """A role, where it counts, from when until when."""

    role = forms.ChoiceField(label=_("角色"), choices=Role.choices)
    branch_id = forms.TypedChoiceField(label=pgettext_lazy("一家", "机构"), coerce=int)
    valid_from = day_field(_("从哪天起"))
    valid_to = day_field(_("到哪天为止（当天不算）"), required=False)
    why = forms.CharField(label=_("原因"), max_length=200, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch_id"].choices = branch_choices(actor)  # type: ignore[attr-defined]


class ActingForm(forms.Form):
    """Who acts as supervisor, from the first day to the last."""

    person_id = forms.TypedChoiceField(label=_("由谁代理主管"), coerce=int)
    first = day_field(_("第一天"))
    last = day_field(_("最后一天"))
    why = forms.CharField(label=_("原因"), max_length=200, required=False)

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person_id"].choices = [  # type: ignore[attr-defined]
            (str(person.pk), f"{person.name} {person.job_number}") for person in people
        ]


class BranchForm(forms.Form):
    """A branch's own values."""

    code = forms.CharField(label=_("机构编码"), max_length=20)
    name = forms.CharField(label=_("机构名称"), max_length=60)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    phone = forms.CharField(label=_("电话"), max_length=40, required=False)
    opened_on = day_field(_("成立日期"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["code"]


class SettingForm(forms.Form):
    """A setting, its value as it is written, from which day on."""

    key = forms.ChoiceField(
        label=_("设置"), choices=[(key, label.label) for key, label in LABELS.items()]
    )
    value = forms.CharField(label=_("值"), max_length=400, required=False)
    valid_from = day_field(_("从哪天起"))
