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
    "core.imports.operations.switch_table": ("import-switch", "api-import-switch"),
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
    "duties.operations_to_dos.set_to_do": ("todo-new", "api-todos"),
    "duties.operations_to_dos.tick_to_do": ("todo-tick", "api-todo-tick"),
    "duties.operations_to_dos.untick_to_do": ("todo-untick", "api-todo-untick"),
    "duties.operations_to_dos.drop_to_do": ("todo-drop", "api-todo-drop"),
    "organization.operations.access.change_password": ("password", "api-password"),
    "organization.operations.access.reset_password": ("password-reset", "api-password-reset"),
    "organization.operations.access.end_session": ("session-end", "api-session-end"),
    "organization.operations.access.end_other_sessions": (
        "sessions-end-others",
        "api-sessions-end-others",
    ),
    "organization.operations.access.issue_token": ("tokens", "api-token-issue"),
    "organization.operations.access.revoke_token": ("token-revoke", "api-token-revoke"),
    "organization.operations.access.choose_language": ("set_language", "api-language"),
    "organization.operations.branches.add_branch": ("branch-new", "api-branches"),
    "organization.operations.branches.change_branch": ("branch-change", "api-branch"),
    "organization.operations.branches.close_branch": ("branch-close", "api-branch-close"),
    "organization.operations.people.add_person": ("person-new", "api-people"),
    "organization.operations.people.change_person": ("person-change", "api-person"),
    "organization.operations.people.close_person": ("person-close", "api-person-close"),
    "organization.operations.roles.grant_role": ("role-grant", "api-roles"),
    "organization.operations.roles.end_role": ("role-end", "api-role-end"),
    "organization.operations.roles.appoint_acting": ("acting-appoint", "api-branch-acting"),
    "organization.operations.roles.end_acting": ("acting-end", "api-acting-end"),
    "organization.operations.settings.set_setting": ("branch-settings", "api-settings"),
    "organization.operations.settings.withdraw_setting": (
        "setting-withdraw",
        "api-setting-withdraw",
    ),
    "worklogs.operations.logs.record_log": ("log-new", "api-logs"),
    "worklogs.operations.logs.correct_log": ("log-correct", "api-log-correct"),
    "worklogs.operations.logs.withdraw_log": ("log-undo", "api-log-withdraw"),
    "worklogs.operations.logs.read_log": ("log-read", "api-log-read"),
    "worklogs.operations.summaries.save_summary_draft": ("summary-draft", "api-summary-draft"),
    "worklogs.operations.summaries.submit_summary": ("summary-submit", "api-summary-submit"),
    "worklogs.operations.summaries.return_summary": ("summary-return", "api-summary-return"),
    "worklogs.operations.summaries.review_summary": ("summary-review", "api-summary-review"),
    "worklogs.operations.summaries.confirm_summary": ("summary-confirm", "api-summary-confirm"),
    "worklogs.operations.reminders.remind": ("remind", "api-board-remind"),
    "worklogs.operations.rollups.write_rollup": ("rollup-write", "api-rollup"),
    "worklogs.operations.rollups.send_rollup": ("rollup-send", "api-rollup-send"),
    "worklogs.operations.rollups.receive_rollup": ("rollup-receive", "api-rollup-receive"),
    "worklogs.operations.consolidations.issue_consolidation": (
        "company-issue",
        "api-company-issue",
    ),
    "inspections.operations.findings.raise_finding": ("finding-new", "api-findings"),
    "inspections.operations.findings.confirm_finding": (
        "finding-confirm",
        "api-finding-confirm",
    ),
    "inspections.operations.findings.object_to_finding": (
        "finding-object",
        "api-finding-object",
    ),
    "inspections.operations.findings.decide_objection": ("finding-decide", "api-finding-decide"),
    "inspections.operations.findings.answer_finding": ("finding-answer", "api-finding-answer"),
    "inspections.operations.findings.recheck_finding": (
        "finding-recheck",
        "api-finding-recheck",
    ),
    "inspections.operations.findings.carry_over": ("finding-carry", "api-finding-carry"),
    "inspections.operations.items.set_check_item": ("check-items", "api-check-items"),
    "inspections.operations.items.drop_check_item": ("check-item-drop", "api-check-item-drop"),
    "inspections.operations.items.withdraw_check_item": (
        "check-item-withdraw",
        "api-check-item-withdraw",
    ),
    "reports.operations.spot_checks.remake_spot_checks": (
        "overview-again",
        "api-overview-again",
    ),
}
