"""Who may do what at every address: the rights matrix, as data.

A line names a route, the kind of thing its address holds, and for each method who gets through.
Words of a method: a role or a group, then how far it reaches.

    manager:own          the own things (the own customer, the own session)
    supervisor:branch    those of the own branch, the own included
    market:all           those of every branch
    secadmin:others      every thing but one's own, which is seen and refused (403)
    market:all!          seen and refused (403)

What is not reached answers 404, byte for byte like what does not exist. Where the address holds
no thing, a role that is not named is refused (403), but for the thing "nothing", which only exists
for those who are named; a method that is not named answers 405.
Without a sign-in pages lead there and the API answers 401, but for ``anybody``.
``tests/rights/test_rights.py`` tries every route as everybody, and fails for a route without a
line.
"""

from dataclasses import dataclass
from typing import Final

ROLES: Final = (
    "manager",
    "supervisor",
    "gm",
    "deputy",
    "market",
    "group_office",
    "confidentiality",
    "sysadmin",
    "secadmin",
    "auditor",
)
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "everybody": ROLES,
    "leaders": ("supervisor", "gm", "deputy"),
    "cross": ("market", "group_office"),
    "admins": ("sysadmin", "secadmin"),
}
METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Right:
    """A line of the matrix. ``asks_role_first``: refused with 403 whatever the address holds."""

    thing: str = ""
    get: str = ""
    post: str = ""
    put: str = ""
    patch: str = ""
    delete: str = ""
    asks_role_first: bool = False

    def methods(self) -> dict[str, str]:
        """The methods that are answered, with their words."""
        return {method: words for method in METHODS if (words := getattr(self, method))}


@dataclass(frozen=True)
class Reach:
    """How far a role gets with a method: "own", "branch", "all" or "others"; refused or not."""

    how_far: str
    is_refused: bool = False


def reaches(words: str) -> dict[str, Reach]:
    """Role → reach; later words win over earlier ones, "anybody" stands for no sign-in too."""
    found: dict[str, Reach] = {}
    for word in words.split():
        who, _colon, how_far = word.rstrip("!").partition(":")
        reach = Reach(how_far or "all", word.endswith("!"))
        if who == "anybody":
            found["anybody"] = reach
            who = "everybody"
        for role in GROUPS.get(who, (who,)):
            found[role] = reach
    return found


ANYBODY: Final = "anybody"
EVERYBODY: Final = "everybody"
# Customers and what is recorded about them (annex 11.12)
_READ: Final = "manager:own leaders:branch cross:all"
_SEEN: Final = "manager:own! leaders:branch! cross:all!"
# People and branches
_STAFF: Final = "everybody:branch cross:all admins:all"
_STAFF_SEEN: Final = "everybody:branch! cross:all! admins:all!"
_UNIT: Final = "everybody:own cross:all admins:all"
_UNIT_SEEN: Final = "everybody:own! cross:all! admins:all!"
# A file on its way in: its owner's, who must still be one of those who import
_IMPORTER: Final = "everybody:own! leaders:own market:own sysadmin:own"
# A branch's week as a whole
_WEEK: Final = "leaders:branch cross:all"
_WEEK_SEEN: Final = "leaders:branch! cross:all!"
# Editions of bulletins: the own branch's (the company's is for all of these), and one's copies
_EDITION: Final = "manager:branch leaders:branch cross:all"
_EDITION_SEEN: Final = "manager:branch! leaders:branch! cross:all!"
_COPY: Final = "manager:own leaders:own cross:own"
# Complaints: the branch's leaders and the market department handle them
_HANDLED: Final = f"{_WEEK_SEEN} leaders:branch market:all"
# The inspection sheet, which everybody who is inspected may read
_SHEET_SEEN: Final = "manager:all! leaders:all! cross:all! market:all"

# A branch's targets: issued to all of its managers; prepared by its leaders, issued by its heads
_TARGET: Final = "manager:branch leaders:branch cross:all"
_PREPARE: Final = "leaders:branch cross:all!"
_ISSUE: Final = "leaders:branch! gm:branch deputy:branch cross:all!"
_RECORD: Final = "leaders:branch cross:all! market:all"

RIGHTS: Final[dict[str, Right]] = {
    # In and out, one's own account
    "livez": Right(get=ANYBODY),
    "readyz": Right(get=ANYBODY),
    "sign-in": Right(get=ANYBODY, post=ANYBODY),
    "sign-out": Right(post=EVERYBODY),
    "first-password": Right(get=EVERYBODY, post=EVERYBODY),
    "password": Right(get=EVERYBODY, post=EVERYBODY),
    "set_language": Right(post=ANYBODY),
    "choose-theme": Right(post=ANYBODY),
    "account": Right(get=EVERYBODY),
    "sessions-end-others": Right(post=EVERYBODY),
    "session-end": Right("session", post="everybody:own secadmin:all"),
    "tokens": Right(post=EVERYBODY),
    "token-revoke": Right("token", post="everybody:own secadmin:all"),
    "api-me": Right(get=EVERYBODY),
    "api-password": Right(post=EVERYBODY),
    "api-language": Right(post=EVERYBODY),
    "api-sessions": Right(get=EVERYBODY),
    "api-sessions-end-others": Right(post=EVERYBODY),
    "api-session-end": Right("session", post="everybody:own secadmin:all"),
    "api-tokens": Right(get=EVERYBODY),
    "api-token-issue": Right(post=EVERYBODY),
    "api-token-revoke": Right("token", post="everybody:own secadmin:all"),
    # People and their roles
    "people": Right(get=EVERYBODY),
    "people-export": Right(get=EVERYBODY),
    "person-new": Right(get="sysadmin", post="sysadmin"),
    "person": Right("person", get=_STAFF),
    "person-change": Right(
        "person", get=f"{_STAFF_SEEN} sysadmin:all", post=f"{_STAFF_SEEN} sysadmin:all"
    ),
    "person-close": Right(
        "person", get=f"{_STAFF_SEEN} sysadmin:all", post=f"{_STAFF_SEEN} sysadmin:all"
    ),
    "role-grant": Right("person", post=f"{_STAFF_SEEN} secadmin:others"),
    "password-reset": Right("person", post=f"{_STAFF_SEEN} secadmin:others"),
    "role-end": Right("grant", post=f"{_STAFF_SEEN} secadmin:others"),
    "acting-end": Right("acting", post=f"{_STAFF_SEEN} leaders:branch secadmin:all"),
    "api-people": Right(get=EVERYBODY, post="sysadmin"),
    "api-person": Right("person", get=_STAFF, patch=f"{_STAFF_SEEN} sysadmin:all"),
    "api-person-close": Right("person", post=f"{_STAFF_SEEN} sysadmin:all"),
    "api-password-reset": Right("person", post=f"{_STAFF_SEEN} secadmin:others"),
    "api-roles": Right(get=EVERYBODY, post="secadmin"),
    "api-role": Right("grant", get=_STAFF),
    "api-role-end": Right("grant", post=f"{_STAFF_SEEN} secadmin:others"),
    "api-acting-end": Right("acting", post=f"{_STAFF_SEEN} leaders:branch secadmin:all"),
    # Branches and settings
    "branches": Right(get=EVERYBODY),
    "branch-new": Right(get="sysadmin", post="sysadmin"),
    "branch": Right("branch", get=_UNIT),
    "branch-change": Right(
        "branch", get=f"{_UNIT_SEEN} sysadmin:all", post=f"{_UNIT_SEEN} sysadmin:all"
    ),
    "branch-close": Right(
        "branch", get=f"{_UNIT_SEEN} sysadmin:all", post=f"{_UNIT_SEEN} sysadmin:all"
    ),
    "acting-appoint": Right("branch", post=f"{_UNIT_SEEN} leaders:own"),
    "settings": Right(get=EVERYBODY, post="sysadmin"),
    "branch-settings": Right("branch", get=_UNIT, post=f"{_UNIT_SEEN} sysadmin:all"),
    "setting-withdraw": Right("setting", post=f"{_UNIT_SEEN} sysadmin:all"),
    "api-branches": Right(get=EVERYBODY, post="sysadmin"),
    "api-branch": Right("branch", get=_UNIT, patch=f"{_UNIT_SEEN} sysadmin:all"),
    "api-branch-close": Right("branch", post=f"{_UNIT_SEEN} sysadmin:all"),
    "api-branch-acting": Right("branch", post=f"{_UNIT_SEEN} leaders:own"),
    "api-settings": Right(get=EVERYBODY, post="sysadmin"),
    "api-setting": Right("setting", get=_UNIT),
    "api-setting-withdraw": Right("setting", post=f"{_UNIT_SEEN} sysadmin:all"),
    # The trail
    "audit": Right(get="auditor"),
    "audit-export": Right(get="auditor"),
    "audit-row": Right("trail", get="auditor:all", asks_role_first=True),
    "api-audit": Right(get="auditor"),
    "api-audit-row": Right("trail", get="auditor:all", asks_role_first=True),
    # Frame, notices, calendar, own jobs and drafts
    "home": Right(get=EVERYBODY),
    "go": Right(get=EVERYBODY),
    "more": Right(get=EVERYBODY),
    "waiting": Right(get=EVERYBODY),
    "put-away": Right(post=EVERYBODY),
    "calendar-marks": Right(get=EVERYBODY),
    "notices": Right(get=EVERYBODY),
    "notices-read": Right(post=EVERYBODY),
    "notice-read": Right("notice", post="everybody:own"),
    "calendar": Right(get=EVERYBODY),
    "calendar-load": Right(post="sysadmin"),
    "calendar-day": Right("day", get="sysadmin", post="sysadmin", asks_role_first=True),
    "calendar-clear": Right("day", post="sysadmin", asks_role_first=True),
    "api-notices": Right(get=EVERYBODY),
    "api-notices-read": Right(post=EVERYBODY),
    "api-notice-read": Right("notice", post="everybody:own"),
    "api-duty-periods": Right(get=EVERYBODY),
    "api-calendar": Right(get=EVERYBODY),
    "api-calendar-year": Right("year", get=EVERYBODY),
    "api-calendar-mark": Right("year", post="everybody! sysadmin:all"),
    "api-calendar-clear": Right("year", post="everybody! sysadmin:all"),
    "api-calendar-load": Right("year", post="everybody! sysadmin:all"),
    "todos": Right(get=EVERYBODY),
    "todos-workbook": Right(get=EVERYBODY),
    "todo-new": Right(post=EVERYBODY),
    "todo-tick": Right("todo", post="manager:own leaders:branch!"),
    "todo-untick": Right("todo", post="manager:own leaders:branch!"),
    "todo-drop": Right("todo", post="manager:own leaders:branch!"),
    "api-todos": Right(get=EVERYBODY, post=EVERYBODY),
    "api-todos-workbook": Right(get=EVERYBODY),
    "api-todo": Right("todo", get="manager:own leaders:branch"),
    "api-todo-tick": Right("todo", post="manager:own leaders:branch!"),
    "api-todo-untick": Right("todo", post="manager:own leaders:branch!"),
    "api-todo-drop": Right("todo", post="manager:own leaders:branch!"),
    "api-schema": Right(get=ANYBODY),
    "api-docs": Right(get=ANYBODY),
    "api-jobs": Right(get=EVERYBODY),
    "api-job": Right("job", get="everybody:own"),
    "api-job-cancel": Right("job", post="everybody:own"),
    "api-draft": Right("draft", get=EVERYBODY, put=EVERYBODY, delete=EVERYBODY),
    # Files
    "api-files": Right(get=EVERYBODY),
    "api-file": Right("file", get="everybody:own leaders:branch cross:all"),
    "api-file-content": Right("file", get="everybody:own leaders:branch cross:all"),
    # Imports: what a file held is its owner's alone
    "imports": Right(get="sysadmin leaders market", post="sysadmin leaders market"),
    "import": Right("import", get="everybody:own"),
    "import-progress": Right("import", get="everybody:own"),
    "import-columns": Right("import", post=_IMPORTER),
    "import-switch": Right("import", post=_IMPORTER),
    "import-write": Right("import", post=_IMPORTER),
    "import-discard": Right("import", post="everybody:own"),
    "import-file": Right("import", get="everybody:own"),
    "api-import-tables": Right(get="sysadmin leaders market"),
    "api-imports": Right(get="sysadmin leaders market", post="sysadmin leaders market"),
    "api-import": Right("import", get="everybody:own"),
    "api-import-rows": Right("import", get="everybody:own"),
    "api-import-columns": Right("import", post=_IMPORTER),
    "api-import-switch": Right("import", post=_IMPORTER),
    "api-import-write": Right("import", post=_IMPORTER),
    "api-import-discard": Right("import", post="everybody:own"),
    "api-import-file": Right("import", get="everybody:own"),
    # Customers
    "customers": Right(get="manager leaders cross"),
    "customers-export": Right(get="manager leaders cross"),
    "customer": Right("customer", get=_READ),
    "customer-change": Right("customer", post=f"{_READ} cross:all!"),
    "customer-assign": Right("customer", post=f"{_SEEN} leaders:branch"),
    "customer-tier": Right("customer", post=f"{_SEEN} leaders:branch"),
    "contact-reveal": Right("contact", post=_READ),
    "api-tiers": Right(get=EVERYBODY),
    "api-customers": Right(get="manager leaders cross"),
    "api-customer": Right("customer", get=_READ, patch=f"{_READ} cross:all!"),
    "api-customer-assign": Right("customer", post=f"{_SEEN} leaders:branch"),
    "api-customer-tier": Right("customer", post=f"{_SEEN} leaders:branch"),
    "api-customer-contacts": Right("customer", get=_READ),
    "api-customer-assignments": Right("customer", get=_READ),
    "api-customer-tiers": Right("customer", get=_READ),
    "api-contact-reveal": Right("contact", post=_READ),
    # Service logs
    "logs": Right(get="manager leaders cross"),
    "logs-export": Right(get="manager leaders cross"),
    "log-new": Right(get="manager", post="manager"),
    "log-draft": Right(patch="manager"),
    "log-customers": Right(get="manager"),
    "log-customer": Right("asked-customer", get="manager:own", asks_role_first=True),
    "log-timeline": Right("customer", get=_READ),
    "log": Right("log", get=_READ),
    "log-correct": Right("log", get=f"{_SEEN} manager:own", post=f"{_SEEN} manager:own"),
    "log-answer": Right("log", post=f"{_SEEN} manager:own"),
    "log-undo": Right("log", post=f"{_SEEN} manager:own"),
    "log-read": Right("log", post=f"{_SEEN} supervisor:branch"),
    "api-logs": Right(get="manager leaders cross", post="manager"),
    "api-logs-bulk": Right(post="manager"),
    "api-log": Right("log", get=_READ),
    "api-log-versions": Right("log", get=_READ),
    "api-log-correct": Right("log", post=f"{_SEEN} manager:own"),
    "api-log-withdraw": Right("log", post=f"{_SEEN} manager:own"),
    "api-log-read": Right("log", post=f"{_SEEN} supervisor:branch"),
    # Weekly summaries
    "summaries": Right(get=EVERYBODY),
    "summary": Right("week", get="everybody:all"),
    "summary-of": Right("summary", get=_READ),
    "summary-draft": Right("summary", patch=f"{_SEEN} manager:own supervisor:branch"),
    "summary-submit": Right("summary", post=f"{_SEEN} manager:own supervisor:branch"),
    "summary-import": Right("summary-part", get=_READ),
    "summary-figure": Right("summary-figure", get=_READ),
    "summary-return": Right("summary", post=f"{_SEEN} supervisor:branch"),
    "summary-review": Right("summary", post=f"{_SEEN} supervisor:branch"),
    "summary-confirm": Right("summary", post=f"{_SEEN} manager:own"),
    "summary-versions": Right("summary", get=_READ),
    "summary-paper": Right("summary", get=_READ),
    "summary-print": Right("summary", get=_READ),
    "api-summaries": Right(get=EVERYBODY),
    "api-summary": Right("summary", get=_READ),
    "api-summary-draft": Right(
        "summary",
        get=f"{_SEEN} manager:own supervisor:branch",
        put=f"{_SEEN} manager:own supervisor:branch",
    ),
    "api-summary-submit": Right("summary", post=f"{_SEEN} manager:own supervisor:branch"),
    "api-summary-return": Right("summary", post=f"{_SEEN} supervisor:branch"),
    "api-summary-review": Right("summary", post=f"{_SEEN} supervisor:branch"),
    "api-summary-confirm": Right("summary", post=f"{_SEEN} manager:own"),
    "api-summary-versions": Right("summary", get=_READ),
    "api-summary-version": Right("summary-version", get=_READ),
    "api-summary-pdf": Right("summary-version", get=_READ),
    "api-summary-figure": Right("summary-figure", get=_READ),
    # The board and the roll-up
    "board-now": Right("board", get=_WEEK),
    "board": Right("board-week", get=_WEEK),
    "board-workbook": Right("board-week", get=_WEEK),
    "remind": Right("week-of-branch", post="leaders:branch! supervisor:branch"),
    "board-summary": Right("board-summary", post=f"{_WEEK_SEEN} supervisor:branch"),
    "rollups": Right("nothing", get="leaders:all cross:all"),
    "rollup": Right("rollup", get=_WEEK),
    "rollup-write": Right("rollup", patch=f"{_WEEK_SEEN} supervisor:branch"),
    "rollup-send": Right("rollup", post=f"{_WEEK_SEEN} supervisor:branch"),
    "rollup-mail": Right("rollup", get=_WEEK),
    "rollup-receive": Right("rollup", post=f"{_WEEK_SEEN} group_office:all"),
    "rollup-version": Right("rollup-version", get=_WEEK),
    "rollup-progress": Right("rollup-version", get=_WEEK),
    "rollup-workbook": Right("rollup-version", get=_WEEK),
    "api-board": Right("rollup", get=_WEEK),
    "api-board-workbook": Right("rollup", get=_WEEK),
    "api-board-remind": Right("rollup", post="leaders:branch! supervisor:branch"),
    "api-rollups": Right("nothing", get="leaders:all cross:all"),
    "api-rollup": Right("rollup", get=_WEEK, patch=f"{_WEEK_SEEN} supervisor:branch"),
    "api-rollup-send": Right("rollup", post=f"{_WEEK_SEEN} supervisor:branch"),
    "api-rollup-versions": Right("rollup", get=_WEEK),
    "api-rollup-version": Right("rollup-version", get=_WEEK),
    "api-rollup-receive": Right("rollup-version", post=f"{_WEEK_SEEN} group_office:all"),
    "api-rollup-workbook": Right("rollup-version", get=_WEEK),
    # Indicators, requirements, targets, results
    "indicators": Right(get="manager leaders cross"),
    "indicators-workbook": Right(get="manager leaders cross"),
    "indicator-new": Right(get="market", post="market"),
    "indicator-change": Right("indicator", get="market", post="market", asks_role_first=True),
    "indicator-close": Right("indicator", post="market", asks_role_first=True),
    "indicator-reopen": Right("indicator", post="market", asks_role_first=True),
    "requirements-now": Right(get="cross"),
    "requirements": Right("month", get="cross", asks_role_first=True),
    "requirements-workbook": Right("month", get="cross", asks_role_first=True),
    "requirements-write": Right("month", patch="market", post="market", asks_role_first=True),
    "targets-now": Right("nothing", get="manager leaders cross"),
    "targets-company": Right("month", get="cross", asks_role_first=True),
    "targets-company-workbook": Right("month", get="cross", asks_role_first=True),
    "targets": Right("target", get=_TARGET),
    "target-write": Right("target", patch=_PREPARE, post=_PREPARE),
    "target-issue": Right("target", post=_ISSUE),
    "target-acknowledge": Right("target", post="manager:branch leaders:branch! cross:all!"),
    "target-paper": Right("target", get=_TARGET),
    "target-workbook": Right("target", get=_TARGET),
    "target-of": Right("target-of", get="everybody:own leaders:branch cross:all"),
    "work-new": Right("target", get=_PREPARE, post=_PREPARE),
    "work-change": Right("work", get=_PREPARE, post=_PREPARE),
    "work-remove": Right("work", post=_PREPARE),
    "work-report": Right("work", post="manager:own leaders:branch! cross:all!"),
    "results-now": Right("nothing", get="leaders cross"),
    "results": Right("asked-results", get=_WEEK),
    "results-write": Right("asked-results", patch=_RECORD, post=_RECORD),
    "results-check": Right("asked-results", post=f"{_WEEK_SEEN} market:all"),
    "results-workbook": Right("asked-results", get=_WEEK),
    "bills": Right("month", get=EVERYBODY),
    "bills-export": Right("month", get=EVERYBODY),
    "api-indicators": Right(get="manager leaders cross", post="market"),
    "api-indicators-workbook": Right(get="manager leaders cross"),
    "api-indicator": Right(
        "indicator", get="manager leaders cross", patch="manager! leaders! cross! market"
    ),
    "api-indicator-close": Right("indicator", post="manager! leaders! cross! market"),
    "api-indicator-reopen": Right("indicator", post="manager! leaders! cross! market"),
    "api-requirements": Right(
        "month", get="leaders cross", patch="leaders! cross! market", asks_role_first=True
    ),
    "api-requirements-workbook": Right("month", get="cross", asks_role_first=True),
    "api-targets": Right("nothing", get="manager leaders cross"),
    "api-targets-company": Right("month", get="cross"),
    "api-targets-company-workbook": Right("month", get="cross"),
    "api-target": Right("target", get=_WEEK, patch=_PREPARE),
    "api-target-issue": Right("target", post=_ISSUE),
    "api-target-version": Right("target-version", get=_TARGET),
    "api-target-acknowledge": Right(
        "target-version", post="manager:branch leaders:branch! cross:all!"
    ),
    "api-target-pdf": Right("target-version", get=_TARGET),
    "api-target-workbook": Right("target-version", get=_TARGET),
    "api-target-of": Right("target-of", get="everybody:own leaders:branch cross:all"),
    "api-work-add": Right("target", post=_PREPARE),
    "api-work": Right(get="manager leaders cross"),
    "api-work-item": Right("work", get=_READ, patch=_PREPARE),
    "api-work-remove": Right("work", post=_PREPARE),
    "api-work-report": Right("work", post=f"{_SEEN} manager:own"),
    "api-results": Right("target", get=_WEEK, patch=_RECORD),
    "api-results-check": Right("target", post=f"{_WEEK_SEEN} market:all"),
    "api-results-workbook": Right("target", get=_WEEK),
    "api-bills": Right("month", get=EVERYBODY),
    # Files of bulletins; whether a paper is genuine may be asked by anybody
    "downloads": Right(get="manager leaders cross"),
    "downloads-progress": Right("edition-month", get="manager leaders cross"),
    "edition-retry": Right("edition", post=f"{_EDITION_SEEN} market:all"),
    "copy-ask": Right("edition-file", post=_EDITION),
    "copy": Right("copy", get=_COPY),
    "copy-progress": Right("copy", get=_COPY),
    "copy-file": Right("copy", get=_COPY),
    "bundle-ask": Right("edition-month", post="manager leaders cross"),
    "bundle": Right("bundle", get=_COPY),
    "bundle-progress": Right("bundle", get=_COPY),
    "bundle-file": Right("bundle", get=_COPY),
    "verify": Right(get=ANYBODY, post=ANYBODY),
    "verify-code": Right("edition-code", get=ANYBODY),
    "api-editions": Right(get="manager leaders cross"),
    "api-edition": Right("edition", get=_EDITION),
    "api-edition-retry": Right("edition", post=f"{_EDITION_SEEN} market:all"),
    "api-edition-copies": Right("edition", post=_EDITION),
    "api-editions-zip": Right("edition-month", post="manager leaders cross"),
    "api-copies": Right(get=EVERYBODY),
    "api-copy": Right("copy", get=_COPY),
    "api-copy-file": Right("copy", get=_COPY),
    "api-zip-file": Right("bundle", get=_COPY),
    "api-verify": Right("edition-code", get=EVERYBODY),
    "api-verify-file": Right("edition-digest", get=EVERYBODY),
    # Bulletins
    "bulletins": Right(get="manager leaders cross"),
    "bulletin-draft": Right(post="market"),
    "bulletin": Right("bulletin-published", get="manager leaders cross"),
    "bulletin-receipts-workbook": Right("bulletin-published", get="manager leaders cross"),
    "bulletin-write": Right("bulletin-drafted", patch="market"),
    "bulletin-figures": Right("bulletin-drafted", post="market"),
    "bulletin-ask": Right("bulletin-drafted", post="market"),
    "bulletin-comment": Right("bulletin-asked", post="leaders"),
    "bulletin-answer": Right("bulletin-comment", post="leaders:branch! market"),
    "bulletin-propose": Right("bulletin-asked", post="leaders! market"),
    "bulletin-send-back": Right("bulletin-proposed", post="leaders! market"),
    "bulletin-publish": Right("bulletin-proposed", post="leaders! market"),
    "bulletin-sign": Right("bulletin-published", post="manager! leaders cross!"),
    "bulletin-remind": Right("bulletin-published", post="manager! leaders! cross! market"),
    "bulletin-supplement": Right("bulletin-published", post="manager! leaders! cross! market"),
    "api-bulletins": Right(get="manager leaders cross", post="market"),
    "api-bulletin": Right(
        "bulletin-published",
        get="manager leaders cross",
        patch="manager! leaders! cross! market",
    ),
    "api-bulletin-preview": Right("bulletin-preview", get="leaders:branch market"),
    "api-bulletin-figures": Right("bulletin-drafted", post="market"),
    "api-bulletin-ask": Right("bulletin-drafted", post="market"),
    "api-bulletin-comments": Right("bulletin-asked", get="leaders market", post="leaders"),
    "api-bulletin-answer": Right("bulletin-comment", post="leaders:branch! market"),
    "api-bulletin-propose": Right("bulletin-asked", post="leaders! market"),
    "api-bulletin-send-back": Right("bulletin-proposed", post="leaders! market"),
    "api-bulletin-publish": Right("bulletin-proposed", post="leaders! market"),
    "api-bulletin-supplement": Right("bulletin-published", post="manager! leaders! cross! market"),
    "api-bulletin-receipts": Right("bulletin-published", get="manager leaders cross"),
    "api-bulletin-receipts-workbook": Right("bulletin-published", get="manager leaders cross"),
    "api-bulletin-sign": Right("bulletin-published", post="manager! leaders cross!"),
    "api-bulletin-remind": Right("bulletin-published", post="manager! leaders! cross! market"),
    # The company's week
    "company-now": Right("nothing", get="cross:all"),
    "company-week": Right("week", get="cross:all"),
    "company-matrix": Right("week", get="cross:all"),
    "company-issue": Right("week", post="group_office:all", asks_role_first=True),
    "company-archive": Right("nothing", get="cross:all"),
    "company-issue-page": Right("consolidation", get="cross:all"),
    "company-progress": Right("consolidation", get="cross:all"),
    "company-workbook": Right("consolidation", get="cross:all"),
    "api-company-week": Right("week", get="cross:all"),
    "api-company-matrix": Right("week", get="cross:all"),
    "api-company-issue": Right("week", post="market:all! group_office:all"),
    "api-consolidations": Right("nothing", get="cross:all"),
    "api-consolidation": Right("consolidation", get="cross:all"),
    "api-consolidation-workbook": Right("consolidation", get="cross:all"),
    # Meetings: everybody of a branch sees them, who calls them arranges them
    "meetings": Right(get="manager leaders cross"),
    "meetings-month": Right("meeting-month", get=_EDITION),
    "meetings-lay-out": Right("meeting-month", post=f"{_EDITION_SEEN} leaders:branch"),
    "meeting": Right("meeting", get=_EDITION),
    "meeting-move": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "meeting-cancel": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "meeting-restore": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "meeting-combine": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "meeting-separate": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "meeting-delegate": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "meeting-delegate-end": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    # The room is its holder's (here the supervisor's), a notice whose it is and his leaders'
    "meeting-room": Right("meeting", get=_EDITION),
    "meeting-room-open": Right("meeting", post=f"{_EDITION_SEEN} supervisor:branch"),
    "meeting-begin": Right("meeting", post=f"{_EDITION_SEEN} supervisor:branch"),
    "meeting-presence": Right("meeting", post=f"{_EDITION_SEEN} supervisor:branch"),
    "meeting-code": Right("meeting", get=f"{_EDITION_SEEN} supervisor:branch"),
    "meeting-end": Right("meeting", post=f"{_EDITION_SEEN} supervisor:branch"),
    "meeting-not-held": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "sign-in-here": Right("sign-in-code", get=EVERYBODY, post=EVERYBODY),
    "sign-in-sheet": Right("meeting", get=_EDITION),
    "absences": Right(get="manager leaders cross"),
    "absence-new": Right(
        "meeting",
        get=f"{_EDITION_SEEN} manager:branch",
        post=f"{_EDITION_SEEN} manager:branch",
    ),
    "absence-withdraw": Right("absence", post="manager:own leaders:branch! cross:all!"),
    "absence-decide": Right("absence", post="manager:own! leaders:branch cross:all!"),
    "api-meeting-room": Right("meeting", get=_EDITION),
    "api-meeting-room-open": Right("meeting", post=f"{_EDITION_SEEN} supervisor:branch"),
    "api-meeting-begin": Right("meeting", post=f"{_EDITION_SEEN} supervisor:branch"),
    "api-meeting-presence": Right("meeting", post=f"{_EDITION_SEEN} supervisor:branch"),
    "api-meeting-code": Right("meeting", get=f"{_EDITION_SEEN} supervisor:branch"),
    "api-meeting-end": Right("meeting", post=f"{_EDITION_SEEN} supervisor:branch"),
    "api-meeting-not-held": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-sign-in-here": Right(post=EVERYBODY),
    "api-sign-in-sheet": Right("meeting", get=_EDITION),
    "api-absences": Right(get="manager leaders cross"),
    "api-absence": Right("absence", get="manager:own leaders:branch cross:all"),
    "api-absence-give": Right("meeting", post=f"{_EDITION_SEEN} manager:branch"),
    "api-absence-withdraw": Right("absence", post="manager:own leaders:branch! cross:all!"),
    "api-absence-decide": Right("absence", post="manager:own! leaders:branch cross:all!"),
    # Minutes: the recorder (here a manager) writes, the chair (here the supervisor) decides
    "minutes": Right("minutes", get=_EDITION),
    "minutes-version": Right("minutes-version", get=_EDITION),
    "minutes-paper": Right("minutes", get=_EDITION),
    "minutes-draft": Right(
        "minutes-to-write",
        post=f"{_EDITION_SEEN} manager:branch",
        patch=f"{_EDITION_SEEN} manager:branch",
    ),
    "minutes-submit": Right("minutes-to-write", post=f"{_EDITION_SEEN} manager:branch"),
    "minutes-correct": Right("minutes", post=f"{_EDITION_SEEN} manager:branch"),
    "minutes-return": Right("minutes-to-decide", post=f"{_EDITION_SEEN} supervisor:branch"),
    "minutes-approve": Right("minutes-to-decide", post=f"{_EDITION_SEEN} supervisor:branch"),
    "minutes-recorder": Right("minutes-to-write", post=f"{_EDITION_SEEN} leaders:branch"),
    "meeting-actions": Right(get="manager leaders cross"),
    "meeting-action": Right("meeting-action", get=_EDITION),
    "meeting-action-close": Right(
        "meeting-action-own", post=f"{_EDITION_SEEN} manager:own leaders:branch"
    ),
    "meeting-action-drop": Right("meeting-action", post=f"{_EDITION_SEEN} leaders:branch"),
    "meeting-action-reopen": Right(
        "meeting-action-own", post=f"{_EDITION_SEEN} manager:own leaders:branch"
    ),
    "meeting-action-file": Right("meeting-action", get=_EDITION),
    "scan-add": Right(
        "minutes",
        get=f"{_EDITION_SEEN} manager:branch leaders:branch",
        post=f"{_EDITION_SEEN} manager:branch leaders:branch",
    ),
    "scan-file": Right("scan", get=_EDITION),
    "scan-remove": Right("scan", post=f"{_EDITION_SEEN} manager:branch leaders:branch"),
    "api-minutes": Right("minutes", get=_EDITION),
    "api-minutes-draft": Right(
        "minutes-to-write",
        get=f"{_EDITION_SEEN} manager:branch",
        put=f"{_EDITION_SEEN} manager:branch",
    ),
    "api-minutes-submit": Right("minutes-to-write", post=f"{_EDITION_SEEN} manager:branch"),
    "api-minutes-correct": Right("minutes", post=f"{_EDITION_SEEN} manager:branch"),
    "api-minutes-return": Right("minutes-to-decide", post=f"{_EDITION_SEEN} supervisor:branch"),
    "api-minutes-approve": Right("minutes-to-decide", post=f"{_EDITION_SEEN} supervisor:branch"),
    "api-minutes-recorder": Right("minutes-to-write", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-minutes-versions": Right("minutes", get=_EDITION),
    "api-minutes-version": Right("minutes-version", get=_EDITION),
    "api-minutes-pdf": Right("minutes-version", get=_EDITION),
    "api-meeting-agenda": Right("meeting", get=_EDITION),
    "api-meeting-actions": Right(get="manager leaders cross"),
    "api-meeting-action": Right("meeting-action", get=_EDITION),
    "api-meeting-action-close": Right(
        "meeting-action-own", post=f"{_EDITION_SEEN} manager:own leaders:branch"
    ),
    "api-meeting-action-drop": Right("meeting-action", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-meeting-action-reopen": Right(
        "meeting-action-own", post=f"{_EDITION_SEEN} manager:own leaders:branch"
    ),
    "api-meeting-scans": Right(
        "minutes", get=_EDITION, post=f"{_EDITION_SEEN} manager:branch leaders:branch"
    ),
    "api-meeting-scan-remove": Right("scan", post=f"{_EDITION_SEEN} manager:branch leaders:branch"),
    # What is passed on: a branch's own document is kept by who leads it
    "documents": Right(get="manager leaders cross"),
    "document-new": Right(get="leaders cross", post="leaders cross"),
    "document": Right("document", get=_EDITION),
    "document-file": Right("document", get=_EDITION),
    "document-readers": Right("document", get=_EDITION),
    "document-change": Right(
        "document",
        get=f"{_EDITION_SEEN} leaders:branch",
        post=f"{_EDITION_SEEN} leaders:branch",
    ),
    "document-withdraw": Right("document", post=f"{_EDITION_SEEN} leaders:branch"),
    "document-sign": Right("document", post=f"{_EDITION_SEEN} manager:branch"),
    "api-documents": Right(get="manager leaders cross", post="leaders cross"),
    "api-document": Right("document", get=_EDITION, patch=f"{_EDITION_SEEN} leaders:branch"),
    "api-document-withdraw": Right("document", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-document-sign": Right("document", post=f"{_EDITION_SEEN} manager:branch"),
    "api-document-file": Right("document", get=_EDITION),
    "api-document-readers": Right("document", get=_EDITION),
    # Who was at meetings: a branch's leaders see everybody, others themselves
    "attendance": Right(get="manager leaders cross"),
    "attendance-month": Right("meeting-month", get=_EDITION),
    "attendance-workbook": Right("meeting-month", get=_EDITION),
    "api-attendance": Right("meeting-month", get=_EDITION),
    "api-attendance-workbook": Right("meeting-month", get=_EDITION),
    "api-meeting-lacks": Right("meeting", get=_EDITION),
    # Cases and questions: whose they are, who leads the branch, what its GM shares
    "contributions": Right(get="manager leaders cross"),
    "contributions-export": Right(get="manager leaders cross"),
    "contribution-new": Right(get="manager leaders", post="manager leaders"),
    "contribution": Right("contribution", get=_EDITION),
    "contribution-change": Right("contribution-own", post=f"{_EDITION_SEEN} manager:own"),
    "contribution-withdraw": Right("contribution-own", post=f"{_EDITION_SEEN} manager:own"),
    "contribution-answer": Right("contribution", post=f"{_EDITION_SEEN} leaders:branch"),
    "contribution-share": Right("contribution-answered", post=f"{_EDITION_SEEN} gm:branch"),
    "contribution-unshare": Right("contribution-answered", post=f"{_EDITION_SEEN} gm:branch"),
    "api-contributions": Right(get="manager leaders cross", post="manager leaders"),
    "api-contribution": Right(
        "contribution-own", get=_EDITION, patch=f"{_EDITION_SEEN} manager:own"
    ),
    "api-contribution-withdraw": Right("contribution-own", post=f"{_EDITION_SEEN} manager:own"),
    "api-contribution-answer": Right("contribution", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-contribution-share": Right("contribution-answered", post=f"{_EDITION_SEEN} gm:branch"),
    "api-contribution-unshare": Right("contribution-answered", post=f"{_EDITION_SEEN} gm:branch"),
    "calendar-feed": Right(get="manager leaders cross", post="manager leaders cross"),
    "calendar-feed-end": Right(post="manager leaders cross"),
    "calendar-feed-file": Right("calendar-secret", get=ANYBODY),
    "api-meetings": Right(get="manager leaders cross"),
    "api-meetings-lay-out": Right("meeting-month", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-meeting": Right("meeting", get=_EDITION),
    "api-meeting-move": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-meeting-cancel": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-meeting-restore": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-meeting-combine": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-meeting-separate": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-meeting-delegate": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-meeting-delegate-end": Right("meeting", post=f"{_EDITION_SEEN} leaders:branch"),
    "api-calendar-feed": Right(get="manager leaders cross"),
    "api-calendar-feed-make": Right(post="manager leaders cross"),
    "api-calendar-feed-end": Right(post="manager leaders cross"),
    # Findings
    "findings": Right(get="manager leaders cross"),
    "findings-export": Right(get="manager leaders cross"),
    "finding-new": Right(
        "finding-branch", get="market:all", post="market:all", asks_role_first=True
    ),
    "finding": Right("finding", get=_READ),
    "finding-confirm": Right("finding", post=f"{_SEEN} leaders:branch"),
    "finding-object": Right("finding", post=f"{_SEEN} leaders:branch"),
    "finding-decide": Right("finding", post=f"{_SEEN} market:all"),
    "finding-answer": Right("finding", post=f"{_SEEN} manager:own leaders:branch"),
    "finding-recheck": Right("finding", post=f"{_SEEN} market:all"),
    "finding-carry": Right("finding", post=f"{_SEEN} market:all"),
    "finding-file": Right("finding-file", get=_READ),
    "api-findings": Right(get="manager leaders cross", post="market"),
    "api-finding": Right("finding", get=_READ),
    "api-finding-confirm": Right("finding", post=f"{_SEEN} leaders:branch"),
    "api-finding-object": Right("finding", post=f"{_SEEN} leaders:branch"),
    "api-finding-decide": Right("finding", post=f"{_SEEN} market:all"),
    "api-finding-answer": Right("finding", post=f"{_SEEN} manager:own leaders:branch"),
    "api-finding-recheck": Right("finding", post=f"{_SEEN} market:all"),
    "api-finding-carry": Right("finding", post=f"{_SEEN} market:all"),
    # The inspection sheet
    "check-items": Right(get="manager leaders cross", post="market"),
    "check-item-drop": Right("check-item-code", post="market:all", asks_role_first=True),
    "check-item-withdraw": Right(post="market"),
    "api-check-items": Right(get="manager leaders cross", post="market"),
    "api-check-item": Right(
        "check-item", get="manager:all leaders:all cross:all", asks_role_first=True
    ),
    "api-check-item-drop": Right("check-item", post=_SHEET_SEEN, asks_role_first=True),
    "api-check-item-withdraw": Right("check-item", post=_SHEET_SEEN, asks_role_first=True),
    # The matrix of duties, and the content of minutes that inspectors mark
    "duty-matrix-now": Right("nothing", get="cross:all"),
    "duty-matrix": Right("month", get="cross:all"),
    "duty-matrix-workbook": Right("month", get="cross:all"),
    "api-duty-matrix": Right("month", get="cross:all"),
    "api-duty-matrix-workbook": Right("month", get="cross:all"),
    "contents-now": Right("nothing", get="cross:all"),
    "contents": Right("month", get="cross:all"),
    "content": Right("meeting", get=_EDITION),
    "content-mark": Right("meeting", post=f"{_EDITION_SEEN} market:all"),
    "api-contents": Right("month", get="cross:all"),
    "api-content": Right("meeting", get=_EDITION),
    "api-content-mark": Right("meeting", post=f"{_EDITION_SEEN} market:all"),
    # Spot checks
    "overview-now": Right("nothing", get="cross:all"),
    "overview": Right("month", get="cross:all"),
    "overview-workbook": Right("month", get="cross:all"),
    "overview-again": Right("month", post="market:all", asks_role_first=True),
    "spot-check-now": Right("nothing", get="leaders:all cross:all"),
    "spot-check": Right("spot-check", get=_WEEK),
    "spot-check-workbook": Right("spot-check", get=_WEEK),
    "spot-check-raise": Right("spot-check-line", post=f"{_WEEK_SEEN} market:all"),
    "api-spot-checks": Right("nothing", get="leaders:all cross:all"),
    "api-spot-check": Right("spot-check", get=_WEEK),
    "api-spot-check-workbook": Right("spot-check", get=_WEEK),
    "api-spot-check-raise": Right("spot-check-line", post=f"{_WEEK_SEEN} market:all"),
    "api-overview": Right("month", get="cross:all"),
    "api-overview-workbook": Right("month", get="cross:all"),
    "api-overview-again": Right("month", post="cross:all! market:all"),
    # Score sheets, marks, proposals
    "sheets": Right(get="manager leaders cross"),
    "my-sheet": Right(get="manager"),
    "sheet": Right("score", get=_READ),
    "sheet-what-if": Right("score", get=_READ),
    "sheet-confirm": Right("score", post=f"{_SEEN} manager:own"),
    "sheet-object": Right("score", post=f"{_SEEN} manager:own"),
    "sheet-supervise": Right("score", post=f"{_SEEN} supervisor:branch"),
    "sheet-approve": Right("score", post=f"{_SEEN} gm:branch deputy:branch"),
    "sheet-correct": Right("score", post=f"{_SEEN} leaders:branch market:all"),
    "sheets-supervise": Right("month", post="supervisor:all", asks_role_first=True),
    "sheets-approve": Right("month", post="gm:all deputy:all", asks_role_first=True),
    "sheets-lock": Right("score-branch", post=f"{_WEEK_SEEN} gm:branch deputy:branch"),
    "objection-file": Right("objection", get=_READ),
    "objection-review": Right("objection", post=f"{_SEEN} supervisor:branch"),
    "objection-decide": Right("objection", post=f"{_SEEN} gm:branch deputy:branch"),
    "objection-withdraw": Right("objection", post=f"{_SEEN} manager:own"),
    "correction-decide": Right("correction", post=f"{_SEEN} gm:branch deputy:branch market:all"),
    "consequences": Right(get="manager leaders cross"),
    "consequences-workbook": Right(get="manager leaders cross"),
    "consequence-decide": Right("consequence", post=f"{_WEEK_SEEN} gm:branch deputy:branch"),
    "marks-now": Right(get="leaders cross"),
    "marks": Right("month", get="leaders:all cross:all", asks_role_first=True),
    "marks-workbook": Right("target", get=_WEEK),
    "marks-of": Right("target-of", get="everybody:own leaders:branch cross:all"),
    "marks-record": Right("month", post="supervisor:all market:all", asks_role_first=True),
    "api-scores": Right(get="manager leaders cross"),
    "api-score": Right("score", get=_READ),
    "api-score-versions": Right("score", get=_READ),
    "api-score-version": Right("score-version", get=_READ),
    "sheet-paper": Right("score", get=_READ),
    "sheet-print": Right("score", get=_READ),
    "sheet-workbook": Right("score", get=_READ),
    "sheets-workbook": Right("month", get="leaders cross", asks_role_first=True),
    "api-score-pdf": Right("score", get=_READ),
    "api-score-workbook": Right("score", get=_READ),
    "api-score-version-pdf": Right("score-version", get=_READ),
    "api-scores-workbook": Right("month", get="cross", asks_role_first=True),
    "api-scores-branch-workbook": Right("score-branch", get=_WEEK),
    "api-score-rows": Right("score-line", get=_READ),
    "api-score-what-if": Right("score", post=_READ),
    "api-score-next": Right("scored", get=_READ),
    "api-score-confirm": Right("score", post=f"{_SEEN} manager:own"),
    "api-score-object": Right("score", post=f"{_SEEN} manager:own"),
    "api-score-supervise": Right("score", post=f"{_SEEN} supervisor:branch"),
    "api-score-approve": Right("score", post=f"{_SEEN} gm:branch deputy:branch"),
    "api-score-correct": Right("score", post=f"{_SEEN} leaders:branch market:all"),
    "api-scores-branch": Right("score-branch", get=_WEEK),
    "api-scores-lock": Right("score-branch", post=f"{_WEEK_SEEN} gm:branch deputy:branch"),
    "api-objections": Right(get="manager leaders cross"),
    "api-objection": Right("objection", get=_READ),
    "api-objection-review": Right("objection", post=f"{_SEEN} supervisor:branch"),
    "api-objection-decide": Right("objection", post=f"{_SEEN} gm:branch deputy:branch"),
    "api-objection-withdraw": Right("objection", post=f"{_SEEN} manager:own"),
    "api-corrections": Right(get="manager leaders cross"),
    "api-correction": Right("correction", get=_READ),
    "api-correction-decide": Right(
        "correction", post=f"{_SEEN} gm:branch deputy:branch market:all"
    ),
    "api-consequences": Right(get="manager leaders cross"),
    "api-consequences-workbook": Right(get="manager leaders cross"),
    "api-consequence": Right("consequence", get=_WEEK),
    "api-consequence-decide": Right("consequence", post=f"{_WEEK_SEEN} gm:branch deputy:branch"),
    "api-marks": Right("month", get="manager leaders cross", asks_role_first=True),
    "api-marks-workbook": Right("target", get=_WEEK),
    "api-marks-record": Right("month", post="supervisor:all market:all", asks_role_first=True),
    # The scheme: everybody reads what is in force, its keepers the drafts
    "schemes": Right(get=EVERYBODY),
    "scheme-new": Right(get="market", post="market"),
    "scheme-import": Right(get="market", post="market"),
    "scheme": Right("scheme", get="everybody:all"),
    "scheme-differences": Right("scheme", get="everybody:all"),
    "scheme-file": Right("scheme-file", get="everybody:all"),
    "scheme-edit": Right("scheme-draft", get="market:all", post="market:all"),
    "scheme-autosave": Right("scheme-draft", patch="market:all"),
    "scheme-rehearsal": Right("scheme-draft", get="market:all", post="market:all"),
    "scheme-rehearsal-workbook": Right("scheme-draft", get="market:all"),
    "scheme-rehearsal-progress": Right("scheme-draft", get="market:all"),
    "scheme-propose": Right("scheme-draft", post="market:all"),
    "scheme-withdraw": Right("scheme-draft", post="market:all"),
    "scheme-approve": Right("scheme-proposed", get="market:others", post="market:others"),
    "api-schemes": Right(get=EVERYBODY, post="market"),
    "api-scheme-import": Right(post="market"),
    "api-scheme-check": Right(post="market"),
    "api-scheme-newest": Right(get=EVERYBODY),
    "api-scheme": Right("scheme", get="everybody:all", patch="everybody:all! market:all"),
    "api-scheme-samples": Right("scheme", get="everybody:all"),
    "api-scheme-differences": Right("scheme", get="everybody:all"),
    "api-scheme-file": Right("scheme", get="everybody:all"),
    "api-scheme-propose": Right("scheme-draft", post="market:all"),
    "api-scheme-withdraw": Right("scheme-draft", post="market:all"),
    "api-scheme-approve": Right("scheme-proposed", post="market:others"),
    "api-scheme-rehearse": Right("scheme-draft", post="market:all"),
    "api-scheme-rehearsals": Right("scheme-draft", get="market:all"),
    "api-scheme-rehearsal": Right("rehearsal", get="market:all"),
    "api-scheme-rehearsal-workbook": Right("rehearsal", get="market:all"),
    # Bonus and penalty cases; the matrix's cases were filed by the market department
    "cases": Right(get="manager leaders cross"),
    "cases-export": Right(get="manager leaders cross"),
    "case-new": Right(get="manager leaders market", post="manager leaders market"),
    "case-arrears": Right("case-bill", post=f"{_SEEN} leaders:branch market:all"),
    "case": Right("case", get=_READ),
    "case-state": Right("case", post=f"{_SEEN} manager:own"),
    "case-review": Right("case", post=f"{_SEEN} supervisor:branch"),
    "case-decide": Right("case", post=f"{_SEEN} gm:branch"),
    "case-withdraw": Right("case", post=f"{_SEEN} market:all"),
    "case-file-add": Right("case", post=f"{_SEEN} manager:own leaders:branch market:all"),
    "case-file": Right("case-file", get=_READ),
    "api-cases": Right(get="manager leaders cross", post="manager leaders market"),
    "api-case-arrears": Right("case-bill", post=f"{_SEEN} leaders:branch market:all"),
    "api-case": Right("case", get=_READ),
    "api-case-state": Right("case", post=f"{_SEEN} manager:own"),
    "api-case-review": Right("case", post=f"{_SEEN} supervisor:branch"),
    "api-case-decide": Right("case", post=f"{_SEEN} gm:branch"),
    "api-case-withdraw": Right("case", post=f"{_SEEN} market:all"),
    "api-case-file-add": Right("case", post=f"{_SEEN} manager:own leaders:branch market:all"),
    "api-case-file": Right("case-file", get=_READ),
    # Complaints of customers; those of employees are hidden from all but two (test_complaints)
    "complaints": Right(get="leaders cross"),
    "complaints-export": Right(get="leaders cross"),
    "complaint-new": Right(get="leaders market", post="leaders market"),
    "complaint": Right("complaint", get=_WEEK),
    "complaint-assign": Right("complaint", post=_HANDLED),
    "complaint-answer": Right("complaint", post=_HANDLED),
    "complaint-decide": Right("complaint", post=_HANDLED),
    "complaint-escalate": Right("complaint", post=_HANDLED),
    "complaint-withdraw": Right("complaint", post=_HANDLED),
    "complaint-open": Right("complaint", post=_HANDLED),
    "complaint-case": Right("complaint", post=_HANDLED),
    "api-complaints": Right(get="leaders cross", post="leaders market"),
    "api-complaint": Right("complaint", get=_WEEK),
    "api-complaint-assign": Right("complaint", post=_HANDLED),
    "api-complaint-answer": Right("complaint", post=_HANDLED),
    "api-complaint-decide": Right("complaint", post=_HANDLED),
    "api-complaint-escalate": Right("complaint", post=_HANDLED),
    "api-complaint-withdraw": Right("complaint", post=_HANDLED),
    "api-complaint-open": Right("complaint", post=_HANDLED),
}

# Routes that say nothing about anybody: the style page (only with DEBUG), the API's own 404.
WITHOUT_RIGHTS: Final = frozenset({"style", "style-answers", "api-unknown"})
