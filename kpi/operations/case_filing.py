"""Whether a case may be filed as it was given: about whom, under what, for how many points.

Each kind of case says by itself what it needs (annex 5.4); an event that stands is not filed
again, and who tries is led to the first one.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import NotAllowed, Refused
from core.formats import month_name, plain_day
from core.periods import Month, local_date
from customers.models import Customer
from kpi import case_rules as rules
from kpi.case_rules import CaseFault, Event, Kind
from kpi.case_words import fault_text, lacking_text, subject_label
from kpi.choices import CaseState
from kpi.labels import label_set_of, name_of
from kpi.models import Case, Complaint
from kpi.operations import case_steps
from kpi.permissions import can_file_case, can_propose_bonus, files_cases
from kpi.queries.case_proof import CaseFacts, bill_of, has_held, proof_of, tier_on
from kpi.queries.cases import (
    STANDING,
    open_month,
    other_prizes,
    post_of,
    scheme_of_month,
    standing_case,
)
from kpi.scheme import Item
from organization.choices import Role
from organization.models import Branch, Person

SUBJECT_AT_MOST = 120
# What must be so when a case is filed; the rest only once it is decided.
_AT_ONCE = ("no_warning", "not_lost", "no_loss", "not_upheld")


class AlreadyFiled(Refused):
    """The event stands already: ``case_id`` is the first case, ``number`` what it is called."""

    def __init__(self, first: Case) -> None:
        super().__init__(
            _("这件事已经申报过，是 %(number)s，只计一次。") % {"number": first.number}
        )
        self.case_id = first.pk
        self.number = first.number


@dataclass(frozen=True)
class Given:
    """What somebody files, as it was given."""

    manager_id: int
    item: str
    option: str
    happened_on: date
    facts: str
    customer_id: int | None
    complaint_id: int | None
    points: Decimal | None
    subject: str
    cause: str


@dataclass(frozen=True)
class Filing:
    """A case that may be filed: everything looked up and in order."""

    given: Given
    kind: Kind
    name: str
    manager: Person
    branch: Branch
    customer: Customer | None
    complaint: Complaint | None
    month: Month
    option: str
    proposed: Decimal
    key: str
    particulars: dict[str, str]


def checked(given: Given, by: Actor, at: datetime) -> Filing:
    """The filing, everything looked up; Refused or NotAllowed with what is wrong."""
    manager, branch = _about(given.manager_id, by, at)
    if given.happened_on > local_date(at):
        raise Refused(_("日期不能晚于今天。"), field="happened_on")
    earliest = rules.earliest_day(local_date(at))
    if given.happened_on < earliest:
        raise Refused(
            _("一年以前的事不再申报，最早 %(day)s。") % {"day": plain_day(earliest)},
            field="happened_on",
        )
    month = open_month(Month.containing(given.happened_on), at)
    item = _item(given.item, month, at)
    kind = rules.kind_of(item)
    if not can_file_case(by, branch.pk) and not rules.is_bonus(item):
        raise NotAllowed(_("扣分事项由主管、总经理或市场部申报。"))
    case_steps.written(given.facts, field="facts", missing=_("写明事实。"))
    customer = _customer(given, kind, by)
    complaint = _complaint(given, kind, by)
    facts = CaseFacts(kind, given.happened_on, customer, complaint, given.cause)
    particulars = _particulars(given, kind)
    _check_facts(facts, at)
    label_set = label_set_of(month)
    option = _option(given, item, facts, label_set)
    proposed = _proposed(given, item, option)
    event = Event(
        kind=kind,
        manager_id=manager.pk,
        option=option,
        happened_on=given.happened_on,
        customer_id=customer.pk if customer else None,
        complaint_id=complaint.pk if complaint else None,
        subject=given.subject,
        lost_since=customer.state_since if customer else None,
    )
    filing = Filing(
        given=given,
        kind=kind,
        name=name_of(item.names, label_set),
        manager=manager,
        branch=branch,
        customer=customer,
        complaint=complaint,
        month=month,
        option=option,
        proposed=proposed,
        key=rules.count_key(event),
        particulars=particulars,
    )
    check_alone(filing)
    return filing


def write(filing: Filing, by: Actor, at: datetime) -> Case:
    """The case, under the next number; a manager's own proposal needs no statement of his."""
    given = filing.given
    is_own = filing.manager.pk == by.person_id

    def made(number: str) -> Case:
        return Case(
            number=number,
            item=given.item,
            option=filing.option,
            count_key=filing.key,
            month=filing.month.key,
            manager=filing.manager,
            branch=filing.branch,
            customer=filing.customer,
            complaint=filing.complaint,
            happened_on=given.happened_on,
            facts=given.facts.strip(),
            particulars=filing.particulars,
            proposed=filing.proposed,
            state=CaseState.STATED if is_own else CaseState.FILED,
            stated_at=at if is_own else None,
            raised_at=at,
            raised_by_id=by.somebody,
            updated_at=at,
        )

    return case_steps.numbered(made, "JF", at, lambda: check_alone(filing))


# About whom


def _about(manager_id: int, actor: Actor, at: datetime) -> tuple[Person, Branch]:
    """The manager and the branch in which he is, or was last, one; within the actor's reach."""
    if not files_cases(actor):
        raise NotAllowed(_("加减分由客户经理、主管、总经理和市场部申报。"))
    grant = post_of(manager_id, at)
    if grant is not None and (
        can_file_case(actor, grant.branch_id) or can_propose_bonus(actor, manager_id)
    ):
        return grant.person, grant.branch
    if not _files_at_all(actor):
        raise NotAllowed(_("别人的加减分由主管、总经理或市场部申报。"))
    raise Refused(_("选一名本分公司的客户经理。"), field="manager")


def _files_at_all(actor: Actor) -> bool:
    """Whether the actor files cases about others anywhere."""
    return any(can_file_case(actor, branch) for _role, branch in actor.posts) or actor.has_role(
        Role.MARKET
    )


# Under what


def _item(code: str, month: Month, at: datetime) -> Item:
    content = scheme_of_month(month, at)
    if content is None:
        raise Refused(
            _("%(month)s还没有批准的考核方案。") % {"month": month_name(month)}, field="item"
        )
    item = content.by_code.get(code)
    if item is None or not rules.is_case_item(item):
        raise Refused(_("方案里没有这一项加减分。"), field="item")
    return item


def _particulars(given: Given, kind: Kind) -> dict[str, str]:
    """What else tells the event, as far as the kind has it."""
    subject = given.subject
    if kind in rules.NAMED and not subject:
        raise Refused(_("写明%(what)s。") % {"what": subject_label(kind)}, field="subject")
    if len(subject) > SUBJECT_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": SUBJECT_AT_MOST}, field="subject")
    if subject and not rules.plain_subject(subject):
        raise Refused(_("写明%(what)s。") % {"what": subject_label(kind)}, field="subject")
    if kind == Kind.LOST and given.cause not in rules.CAUSES:
        raise Refused(_("选流失的原因。"), field="cause")
    found = {"subject": subject, "cause": given.cause if kind == Kind.LOST else ""}
    return {name: value for name, value in found.items() if value}


def _customer(given: Given, kind: Kind, actor: Actor) -> Customer | None:
    if given.customer_id is None:
        if kind in rules.OF_CUSTOMERS:
            raise Refused(_("选一户客户。"), field="customer")
        return None
    visible = Customer.objects.visible_to(actor).order_by()
    found = (
        Customer.objects.filter(pk=given.customer_id, pk__in=visible.values("pk"))
        .select_related("tier")
        .first()
    )
    if found is None:
        raise Refused(_("没有这户客户。"), field="customer")
    if kind in rules.OF_CUSTOMERS and not _is_of_manager(given, kind, found):
        raise Refused(_("这户客户那天不由他看管。"), field="customer")
    return found


def _is_of_manager(given: Given, kind: Kind, customer: Customer) -> bool:
    """Whether the manager held the customer; of arrears whoever held it at the month's end."""
    if kind == Kind.ARREARS:
        bill = bill_of(customer.pk, Month.containing(given.happened_on))
        if bill is not None and bill.manager_id:
            return bill.manager_id == given.manager_id
    return has_held(given.manager_id, customer, given.happened_on)


def _complaint(given: Given, kind: Kind, actor: Actor) -> Complaint | None:
    """The complaint behind a D3; what the actor does not see does not exist."""
    if kind != Kind.COMPLAINT:
        if given.complaint_id is not None:
            raise Refused(_("这一项不是投诉。"), field="complaint")
        return None
    found = (
        Complaint.objects.visible_to(actor)
        .filter(pk=given.complaint_id or 0, manager_id=given.manager_id)
        .first()
    )
    if found is None:
        raise Refused(_("从认定为有理的投诉申报。"), field="complaint")
    return found


def _check_facts(facts: CaseFacts, at: datetime) -> None:
    """What must be so already: a recorded warning, the loss, a justified complaint, arrears."""
    gap = rules.lacking(facts.kind, proof_of(facts, at))
    if gap in _AT_ONCE:
        field = {"no_loss": "cause", "not_upheld": "complaint"}.get(gap, "customer")
        raise Refused(lacking_text(gap), field=field)


def _option(given: Given, item: Item, facts: CaseFacts, label_set: str) -> str:
    """The option: the system's own where it knows one, and then no other."""
    known = known_option(item, facts)
    if not given.option:
        codes = [str(option["code"]) for option in item.options]
        only = codes[0] if len(codes) == 1 else ""
        if not (known or only):
            raise Refused(_("选一种。"), field="option")
        return known or only
    if known and given.option != known:
        name = name_of(rules.option_in(item, known)["names"], label_set)
        raise Refused(
            _("按系统里的记录，这一项应是“%(option)s”。") % {"option": name}, field="option"
        )
    return given.option


def known_option(item: Item, facts: CaseFacts) -> str:
    """The option that the system's own records tell; "" where they tell none.

    Refused where there is a bill of the month, and it shows no arrears.
    """
    if facts.kind == Kind.COMPLAINT and facts.complaint:
        return rules.complaint_option(item, is_escalated=facts.complaint.is_escalated)
    if facts.customer is None:
        return ""
    if facts.kind in rules.BY_TIER:
        return rules.tier_option(item, tier_on(facts.customer, facts.happened_on))
    if facts.kind != Kind.ARREARS:
        return ""
    bill = bill_of(facts.customer.pk, Month.containing(facts.happened_on))
    if bill is None:
        return ""
    found = rules.arrears_option(item, bill.arrears_days) if bill.arrears > 0 else ""
    if not found:
        raise Refused(_("这个月的账单上没有要计的欠费。"), field="customer")
    return found


def _proposed(given: Given, item: Item, option: str) -> Decimal:
    try:
        return rules.points_for(item, option, given.points)
    except CaseFault as fault:
        raise Refused(fault_text(fault), field=fault.field) from fault


# Counted once


def check_alone(filing: Filing) -> None:
    """AlreadyFiled where a case of the same event stands; a higher prize may follow a lower."""
    check_first(filing.given.item, filing.key)
    if filing.kind == Kind.PRIZE:
        for other in other_prizes(filing.given.item, filing.key):
            if other.proposed >= filing.proposed or other.state != CaseState.APPROVED:
                raise AlreadyFiled(other)
    if filing.complaint is not None:
        behind = Case.objects.filter(complaint=filing.complaint).first()
        if behind is not None:
            raise AlreadyFiled(behind)
    if filing.customer is not None:
        of_customer = Case.objects.filter(
            item=filing.given.item, customer=filing.customer, state__in=STANDING
        )
        for other in of_customer.order_by("pk"):
            is_one = rules.is_same_event(filing.kind, other.happened_on, filing.given.happened_on)
            if is_one and _is_same_subject(other, filing):
                raise AlreadyFiled(other)


def _is_same_subject(other: Case, filing: Filing) -> bool:
    theirs = rules.plain_subject(str(other.particulars.get("subject", "")))
    return theirs == rules.plain_subject(filing.given.subject)


def check_first(item: str, key: str, *, besides: int = 0) -> None:
    """AlreadyFiled where another case bears this key."""
    first = standing_case(item, key)
    if first is not None and first.pk != besides:
        raise AlreadyFiled(first)
