"""What waits for somebody at each way of the frame: asked for by a request of its own, so that no
page waits for it."""

from datetime import datetime
from typing import Final

from core.actors import Actor
from desk.queries import open_summaries
from desk.ways import BULLETINS, CASES, FINDINGS, SCHEMES, SCORES, SUMMARIES, TARGETS, TODOS
from duties.due_queries import is_pressing, owed_items
from duties.todo_queries import due_count
from inspections.queries import waiting_count
from kpi.queries import sheet_waiting
from organization.choices import BRANCH_ROLES, LEADERS, Role

# Kinds of what rules imply, by the way that leads to them; sheets and findings are counted one by
# one instead.
_KINDS: Final = {
    CASES: ("case", "complaint"),
    TARGETS: ("targets", "result"),
    SCHEMES: ("scheme",),
    BULLETINS: ("bulletin",),
}


def waiting_at(actor: Actor, at: datetime) -> dict[str, int]:
    """How much waits at each way, by route; a way where nothing waits is left out."""
    counts: dict[str, int] = {}
    if actor.has_role(Role.MANAGER):
        counts[SUMMARIES.route] = len(open_summaries(actor, at))
    if actor.has_role(Role.MARKET, *LEADERS):
        counts[FINDINGS.route] = waiting_count(actor)
    if actor.has_role(Role.MARKET, *BRANCH_ROLES):
        pressing = [one for one in owed_items(actor.somebody, at) if is_pressing(one, at)]
        counts[TODOS.route] = due_count(actor.somebody, at) + len(pressing)
        for way, kinds in _KINDS.items():
            counts[way.route] = sum(one.kind in kinds for one in pressing)
        counts[SCORES.route] = sheet_waiting.waiting_count(actor, at)
    return {route: count for route, count in counts.items() if count}
