"""Who may do what to a customer; that it is visible at all is found before."""

from core.actors import Actor
from customers.models import Customer


def can_see_customers(actor: Actor) -> bool:
    """Who serves customers, who leads those who do, and the market department (annex 11.12)."""
    return actor.has_role("manager") or bool(actor.led_branches) or actor.reads_all


def can_change(actor: Actor, customer: Customer) -> bool:
    """The own manager keeps the file up to date, the branch's leaders may too."""
    return customer.manager_id == actor.person_id or customer.branch_id in actor.led_branches


def can_assign(actor: Actor, customer: Customer) -> bool:
    """Who looks after whom is decided by the branch's leaders."""
    return customer.branch_id in actor.led_branches


def can_reveal(actor: Actor, customer: Customer) -> bool:
    """Phone and birthday in full: for whoever serves the customer or calls it back."""
    return can_change(actor, customer) or actor.has_role("market", "group_office")
