"""Short ways to a case and to a complaint: filed, stated, reviewed, decided; received, found."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from core.evidence import Evidence
from customers.models import Customer
from kpi.models import Bill, Case, Complaint
from kpi.operations import cases, complaints
from tests.cast import Cast, at
from tests.domain.week import acting

# Friday; the manager has until Tuesday 18:00, November is frozen on Wednesday 12:00.
FILED: Final = at("2026-11-27 12:00:00")
STATED: Final = at("2026-11-30 10:00:00")
REVIEWED: Final = at("2026-11-30 15:00:00")
DECIDED: Final = at("2026-12-01 10:00:00")
CERTIFICATE: Final = Evidence("奖状.png", b"\x89PNG\r\n\x1a\nx")


def case_filed(
    cast: Cast, item: str = "B2", who: str = "林晓岚", *, by: str = "周建平", **more: Any
) -> Case:
    """A case about a manager; without more a prize of the city."""
    moment: datetime = more.pop("moment", FILED)
    customer = more.pop("customer", "")
    values: dict[str, Any] = {
        "option": "city" if item == "B2" else "",
        "subject": "金牌客户经理竞赛" if item == "B2" else "",
        "happened_on": date(2026, 11, 20),
        "facts": "市公司竞赛第二名。",
        "files": [CERTIFICATE],
        **({"customer_id": cast.customer(customer).pk} if customer else {}),
        **more,
    }
    return cases.file_case(
        manager_id=cast[who].pk, item=item, actor=acting(cast, by, moment), at=moment, **values
    )


def case_stated(cast: Cast, case: Case, who: str = "", moment: datetime = STATED) -> Case:
    """The manager's statement."""
    return cases.state_case(
        case_id=case.pk,
        statement="情况属实。",
        expected_version=case.version,
        actor=acting(cast, who or case.manager.name, moment),
        at=moment,
    )


def case_reviewed(cast: Cast, case: Case, who: str = "周建平", moment: datetime = REVIEWED) -> Case:
    """The supervisor's opinion."""
    return cases.review_case(
        case_id=case.pk,
        opinion="核对过，同意。",
        expected_version=case.version,
        actor=acting(cast, who, moment),
        at=moment,
    )


def case_decided(
    cast: Cast, case: Case, who: str = "赵国梁", *, is_approved: bool = True, **more: Any
) -> Case:
    """The decision."""
    moment: datetime = more.pop("moment", DECIDED)
    return cases.decide_case(
        case_id=case.pk,
        is_approved=is_approved,
        decision=more.pop("decision", "按方案认定。"),
        expected_version=more.pop("version", case.version),
        actor=acting(cast, who, moment),
        at=moment,
        **more,
    )


def case_through(cast: Cast, case: Case, **more: Any) -> Case:
    """Stated, reviewed, approved, each in time."""
    return case_decided(cast, case_reviewed(cast, case_stated(cast, case)), **more)


def billed(
    cast: Cast, customer: str, month: str, *, days: int = 0, recorded: datetime = FILED, **more: Any
) -> Bill:
    """A bill of a month; with days one that is not paid."""
    found: Customer = cast.customer(customer)
    return Bill.objects.create(
        customer=found,
        manager=found.manager,
        branch=found.branch,
        month=month,
        due=Decimal(1200),
        paid=Decimal(0 if days else 1200),
        arrears=Decimal(1200 if days else 0),
        arrears_days=days,
        recorded_at=recorded,
        **more,
    )


def lost(cast: Cast, customer: str, since: date = date(2026, 11, 3)) -> Customer:
    """The customer is marked as lost."""
    found = cast.customer(customer)
    Customer.objects.filter(pk=found.pk).update(state="lost", state_since=since)
    found.refresh_from_db()
    return found


def complaint_received(
    cast: Cast,
    who: str = "林晓岚",
    *,
    receiver: str = "周建平",
    investigator: str = "周建平",
    **more: Any,
) -> Complaint:
    """A complaint about a manager; without more a customer's, investigated by the supervisor."""
    moment: datetime = more.pop("moment", FILED)
    customer = more.pop("customer", "")
    values: dict[str, Any] = {
        "complainant": "customer",
        "facts": "约好上门没有来，也没有电话。",
        "by": "冯立新",
        "received_at": moment,
        **({"customer_id": cast.customer(customer).pk} if customer else {}),
        **more,
    }
    return complaints.receive_complaint(
        manager_id=cast[who].pk,
        investigator_id=cast[investigator].pk,
        actor=acting(cast, receiver, moment),
        at=moment,
        **values,
    )


def of_employee(cast: Cast, **more: Any) -> Complaint:
    """An employee's complaint: taken in by the general manager, investigated by the deputy."""
    values = {
        "receiver": "赵国梁",
        "investigator": "钱慧敏",
        "complainant": "employee",
        "facts": "让同事替他签到。",
        "by": "陈嘉怡",
        **more,
    }
    return complaint_received(cast, **values)


def complaint_found(
    cast: Cast, complaint: Complaint, who: str = "", *, is_upheld: bool = True, **more: Any
) -> Complaint:
    """The result of the investigation."""
    moment: datetime = more.pop("moment", STATED)
    return complaints.decide_complaint(
        complaint_id=complaint.pk,
        is_upheld=is_upheld,
        finding="出行记录和门禁记录都对得上。",
        expected_version=complaint.version,
        actor=acting(cast, who or complaint.investigator.name, moment),
        at=moment,
    )
