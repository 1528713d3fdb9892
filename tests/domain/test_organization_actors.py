"""Who somebody is at a moment (annex 1), and what nobody without the role may read (11.12)."""

from datetime import date

import pytest

from customers.models import Customer
from organization.models import Branch, Person, RoleGrant
from organization.queries import actor_of, holders_of, role_holders
from tests.cast import FRIDAY, NOON, Cast, at
from worklogs.models import RollUp, ServiceLog, Summary


def test_manager_supervisor_and_market_see_what_their_roles_say(cast: Cast) -> None:
    lin, zhou, han = cast.actor("林晓岚"), cast.actor("周建平"), cast.actor("韩静")
    assert (lin.roles, lin.branches) == (frozenset({"manager"}), frozenset({cast.east.pk}))
    assert (zhou.led_branches, zhou.reads_all) == (frozenset({cast.east.pk}), False)
    assert (han.branches, han.reads_all) == (None, True)

    def seen(name: str) -> list[str]:
        rows = Customer.objects.visible_to(cast.actor(name)).order_by("code")
        return [row.name for row in rows]

    assert seen("林晓岚") == ["东方纺织集团", "城东人民医院", "黄建国"]
    assert seen("周建平") == [
        "东方纺织集团", "城东人民医院", "明珠酒店", "华立机械厂", "黄建国", "刘美玲",
    ]  # fmt: skip
    assert seen("郑秋实") == ["西岭水泥", "唐晓"]
    assert len(seen("韩静")) == len(seen("孙岚")) == 8


@pytest.mark.parametrize("name", ["马骏", "宋琪", "许衡", "沈默"])
def test_whoever_runs_or_audits_the_system_reads_no_customer_data(cast: Cast, name: str) -> None:
    actor = cast.actor(name)
    for model in (Customer, ServiceLog, Summary, RollUp):
        assert list(model.objects.visible_to(actor)) == []


def test_administrators_see_all_people_and_an_auditor_the_own_office(cast: Cast) -> None:
    assert Person.objects.visible_to(cast.actor("马骏")).count() == 14
    assert Branch.objects.visible_to(cast.actor("宋琪")).count() == 3
    assert Person.objects.visible_to(cast.actor("许衡")).count() == 6


def test_an_acting_supervisor_leads_elsewhere_and_stays_a_manager_at_home(cast: Cast) -> None:
    RoleGrant.objects.create(
        person=cast["林晓岚"],
        role="supervisor",
        branch=cast.west,
        valid_from=FRIDAY,
        valid_to=date(2026, 12, 5),
        is_acting=True,
    )
    before = actor_of(cast["林晓岚"], at=at("2026-11-26 23:59:59"))
    first = actor_of(cast["林晓岚"], at=at("2026-11-27 00:00:00"))
    last = actor_of(cast["林晓岚"], at=at("2026-12-04 23:59:59"))
    after = actor_of(cast["林晓岚"], at=at("2026-12-05 00:00:00"))
    assert before.led_branches == after.led_branches == frozenset()
    assert first.led_branches == last.led_branches == {cast.west.pk}
    assert first.branches == frozenset({cast.east.pk, cast.west.pk})
    names = set(Customer.objects.visible_to(first).values_list("name", flat=True))
    assert names == {"西岭水泥", "唐晓", "东方纺织集团", "城东人民医院", "黄建国"}


def test_somebody_who_has_left_has_no_role_from_the_first_day_off(cast: Cast) -> None:
    he = cast["何俊峰"]
    he.left_on = FRIDAY
    assert actor_of(he, at=at("2026-11-26 23:59:59")).roles == {"manager"}
    gone = actor_of(he, at=at("2026-11-27 00:00:00"))
    assert (gone.roles, gone.branches) == (frozenset(), frozenset())


def test_a_narrowed_market_token_reads_only_its_branches(cast: Cast) -> None:
    narrowed = cast.actor("韩静").narrowed_to(frozenset({cast.west.pk}))
    assert not narrowed.reads_all
    names = set(Customer.objects.visible_to(narrowed).values_list("name", flat=True))
    assert names == {"西岭水泥", "唐晓"}


def test_a_narrowed_administrator_loses_the_role_that_sees_everything(cast: Cast) -> None:
    narrowed = cast.actor("马骏").narrowed_to(frozenset({cast.west.pk}))
    assert narrowed.roles == frozenset()
    assert list(Person.objects.visible_to(narrowed)) == [cast["马骏"]]


def test_holders_by_branch_and_for_all_branches_agree(cast: Cast) -> None:
    east = holders_of(["manager"], FRIDAY, cast.east.pk)
    assert [person.name for person in east] == ["陈嘉怡", "何俊峰", "林晓岚"]
    assert role_holders(["manager"], FRIDAY) == {cast.east.pk: east, cast.west.pk: [cast["吴志远"]]}


def test_actor_costs_one_query(cast: Cast, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        actor_of(cast["周建平"], at=NOON)
