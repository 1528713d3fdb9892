"""What the pages share: a refusal shown beside its field, ways back, names of roles."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.forms import Form
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core.errors import Refused, Stale
from core.forms import add_problems
from core.parts import Difference
from organization.choices import Role


@contextmanager
def refusals_on(form: Form) -> Iterator[None]:
    """Show what an operation refuses beside the fields it names, keeping what was typed.

    When somebody else has written meanwhile, the form says what it is now field by field and
    carries the new version: saved again, it is saved knowingly.
    """
    try:
        yield
    except Refused as refused:
        add_problems(form, refused)
    except Stale as stale:
        form.differences = [  # type: ignore[attr-defined]
            Difference(str(field.label), str(typed), str(stale.current[name] or ""))
            for name, field in form.fields.items()
            if name in stale.current
            and name != "version"
            and str(typed := form.data.get(name, "")) != str(stale.current[name] or "")
        ]
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["version"] = stale.current["version"]  # type: ignore[index]
        text = _("别处刚改过这份资料。下面列出不同之处；再保存一次就以这里写的为准。")
        form.add_error(None, text)


def status_of(form: Form) -> int:
    """200 for a form not yet sent, 409 when somebody else wrote meanwhile, else 422."""
    if not form.is_bound:
        return 200
    return 409 if hasattr(form, "differences") else 422


def way_back(request: HttpRequest, otherwise: str = "/") -> str:
    """The page asked for as ``next``, when it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise


def role_names(roles: Iterable[str]) -> str:
    """The roles in words, in the order of the regulation."""
    held = set(roles)
    return _("、").join(str(role.label) for role in Role if role in held)
