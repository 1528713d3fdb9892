"""Who may do what to a customer; that it is visible at all is found before."""

from core.actors import Actor
from customers.models import Customer


def can_change(actor: Actor, customer: Customer) -> bool:
    """The own manager keeps the file up to date (P3.1), the branch's leaders may too."""
    return customer.manager_id == actor.person_id or customer.branch_id in actor.led_branches


def can_assign(actor: Actor, customer: Customer) -> bool:
    """Who looks after whom is decided by the branch's leaders."""
    return customer.branch_id in actor.led_branches


def can_reveal(actor: Actor, customer: Customer) -> bool:
    """Phone and birthday in full: for whoever serves the customer or calls it back (B3)."""
    return can_change(actor, customer) or actor.has_role("market", "group_office")
