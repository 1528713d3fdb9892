"""What a lower app must call in an upper one, by dotted path; a test resolves every line.

Nothing registers itself: adding a job, a duty or an import means adding a line here.
"""

from typing import Final

# kind of job -> function(args, at, progress) -> effect (core.jobs)
JOBS: Final[dict[str, str]] = {
    "core.deliver": "core.delivery.deliver_message",
    "core.seal_audit": "core.audit.seal_chain",
    "core.import_preview": "core.imports.jobs.preview",
    "core.import_write": "core.imports.jobs.write",
    "duties.mail_digests": "duties.jobs.mail_digests",
    "worklogs.remind": "worklogs.jobs.remind_unfiled",
    "worklogs.close_week": "worklogs.jobs.close_week",
    "worklogs.post_rollup": "worklogs.jobs.post_rollup",
    "worklogs.post_consolidation": "worklogs.jobs.post_consolidation",
}

# Functions(since, until) that make the job rows of the window; all are safe to repeat.
TICKERS: Final[tuple[str, ...]] = (
    "duties.schedule.plan_periods",
    "worklogs.schedule.plan_friday",
    "duties.schedule.plan_digests",
    "core.audit.plan_sealing",
)

# kind of duty -> its frozen description (duties.rules.DutyKind)
DUTY_KINDS: Final[dict[str, str]] = {
    "summary": "worklogs.rules.SUMMARY",
    "rollup": "worklogs.rules.ROLLUP",
}

# What a rule implies for a person: function(people, first, last) -> list[duties.rules.DueItem]
DUE_SOURCES: Final[tuple[str, ...]] = ("worklogs.queries.due_items",)

# Sources of the weekly summary's figures (worklogs.figures.Source)
FIGURE_SOURCES: Final[tuple[str, ...]] = ("worklogs.figures.SERVICES",)

# table of an import -> its description (core.imports.Table)
IMPORT_TABLES: Final[dict[str, str]] = {
    "branches": "organization.imports.BRANCHES",
    "staff": "organization.imports.STAFF",
    "groups": "customers.imports.GROUPS",
    "persons": "customers.imports.PERSONS",
    "logs": "worklogs.imports.LOGS",
}

# Before somebody leaves: function(person_id, on) -> list of sentences that say what is still held
LEAVING_CHECKS: Final[tuple[str, ...]] = ("customers.queries.held_by",)

# What follows a change of settings: function(*, at, branch_ids) (None: of all branches)
SETTING_FOLLOWERS: Final[tuple[str, ...]] = ("duties.operations.redate_periods",)

# Ctrl-K and the API's search: function(actor, words, limit) -> list of hits
SEARCHES: Final[tuple[str, ...]] = (
    "customers.queries.search",
    "organization.queries.search",
    "desk.queries.search_pages",
)

# Every door that hands out a file or export calls it: see confidentiality.operations.disclose
DISCLOSE: Final = "confidentiality.operations.disclose"
