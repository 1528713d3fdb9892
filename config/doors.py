"""The two doors of every operation: operation → (route of a page, route of the API).

An operation is a public function of an ``operations`` module that is told who acts and when.
tests/domain/test_doors.py keeps this table complete, and sees to it that the view behind each
route really calls the operation.
"""

from typing import Final

DOORS: Final[dict[str, tuple[str, str]]] = {
    "confidentiality.operations.disclose": ("import-file", "api-file-content"),
    "core.imports.operations.start_import": ("imports", "api-imports"),
    "core.imports.operations.correct_mapping": ("import-columns", "api-import-columns"),
    "core.imports.operations.write_import": ("import-write", "api-import-write"),
    "core.imports.operations.discard_import": ("import-discard", "api-import-discard"),
    "customers.operations.change_customer": ("customer-change", "api-customer"),
    "customers.operations.assign_manager": ("customer-assign", "api-customer-assign"),
    "customers.operations.change_tier": ("customer-tier", "api-customer-tier"),
    "customers.operations.reveal_contact": ("contact-reveal", "api-contact-reveal"),
    "duties.operations.mark_day": ("calendar-day", "api-calendar-mark"),
    "duties.operations.clear_day": ("calendar-clear", "api-calendar-clear"),
    "duties.operations.load_year": ("calendar-load", "api-calendar-load"),
    "duties.operations.mark_read": ("notice-read", "api-notice-read"),
    "duties.operations.mark_group_read": ("notices-read", "api-notices-read"),
    "duties.operations.mark_all_read": ("notices-read", "api-notices-read"),
    "worklogs.operations.logs.record_log": ("log-new", "api-logs"),
    "worklogs.operations.logs.correct_log": ("log-correct", "api-log-correct"),
    "worklogs.operations.logs.withdraw_log": ("log-undo", "api-log-withdraw"),
    "worklogs.operations.logs.read_log": ("log-read", "api-log-read"),
    "worklogs.operations.summaries.save_summary_draft": ("summary-draft", "api-summary-draft"),
    "worklogs.operations.summaries.submit_summary": ("summary", "api-summary-submit"),
    "worklogs.operations.summaries.return_summary": ("summary-return", "api-summary-return"),
    "worklogs.operations.summaries.review_summary": ("summary-review", "api-summary-review"),
    "worklogs.operations.summaries.confirm_summary": ("summary-confirm", "api-summary-confirm"),
    "worklogs.operations.summaries.remind": ("remind", "api-board-remind"),
    "worklogs.operations.rollups.write_rollup": ("rollup-write", "api-rollup"),
    "worklogs.operations.rollups.send_rollup": ("rollup-send", "api-rollup-send"),
    "worklogs.operations.rollups.receive_rollup": ("rollup-receive", "api-rollup-receive"),
    "worklogs.operations.consolidations.issue_consolidation": (
        "consolidation-issue",
        "api-company-issue",
    ),
}
