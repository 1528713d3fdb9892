"""What a lower app must call in an upper one, by dotted path; a test resolves every line.

Nothing registers itself: adding a job, a duty or an import means adding a line here.
"""

from typing import Final


def gettext_noop(words: str) -> str:
    """Mark words that are translated where they are shown; Django is not imported here."""
    return words


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
    "meetings.remind_evening": "meetings.jobs.remind_evening",
    "meetings.remind_soon": "meetings.jobs.remind_soon",
    "inspections.carry_findings": "inspections.jobs.carry_findings",
    "reports.spot_check": "reports.jobs.make_spot_checks",
    "reports.draft_bulletin": "reports.bulletin_jobs.draft_bulletin",
    "reports.render_edition": "reports.files_jobs.render_edition",
    "reports.stamp_copy": "reports.files_jobs.stamp_copy",
    "reports.zip_month": "reports.files_jobs.zip_month",
    "kpi.remind_targets": "kpi.target_reminders.remind_targets",
    "kpi.compute_sheets": "kpi.jobs.compute_sheets",
    "kpi.lock_sheets": "kpi.jobs.lock_sheets",
    "kpi.propose_consequences": "kpi.jobs.propose_consequences",
    "kpi.rehearse": "kpi.rehearsal.rehearse",
}

# Functions(since, until) that make the job rows of the window; all are safe to repeat.
TICKERS: Final[tuple[str, ...]] = (
    "duties.schedule.plan_periods",
    "meetings.schedule.plan_meetings",
    "meetings.schedule.plan_meeting_reminders",
    "worklogs.schedule.plan_friday",
    "kpi.target_reminders.plan_target_reminders",
    "duties.schedule.plan_digests",
    "inspections.schedule.plan_carrying",
    "reports.schedule.plan_spot_checks",
    "reports.schedule.plan_bulletins",
    "core.audit.plan_sealing",
    "kpi.schedule.plan_sheets",
)

# kind of duty -> its frozen description (duties.rules.DutyKind)
DUTY_KINDS: Final[dict[str, str]] = {
    "summary": "worklogs.rules.SUMMARY",
    "rollup": "worklogs.rules.ROLLUP",
    "standup": "meetings.rules.STANDUP",
    "weekly": "meetings.rules.WEEKLY",
    "gm": "meetings.rules.GM",
    "analysis": "meetings.rules.ANALYSIS",
}

# Source of a to-do that is ticked off on the list -> function(source_id, is_done, actor, at)
TO_DO_SOURCES: Final[dict[str, str]] = {"kpi.work_item": "kpi.work_ticks.tick_work"}

# What a rule implies for a person: function(people, first, last) -> list[duties.rules.DueItem]
DUE_SOURCES: Final[tuple[str, ...]] = (
    "worklogs.queries.due_items",
    "inspections.queries.due_items",
    "kpi.queries.due.due_items",
    "kpi.queries.case_due.due_items",
    "kpi.queries.sheet_due.due_items",
    "kpi.queries.decision_due.due_items",
    "reports.queries.bulletin_due.due_items",
)

# Sources of the weekly summary's figures (worklogs.figures.Source)
FIGURE_SOURCES: Final[tuple[str, ...]] = ("worklogs.figures.SERVICES",)

# key of a metric -> its description (kpi.metrics.Metric)
METRICS: Final[dict[str, str]] = {
    "summaries.on_time": "kpi.sources.summaries.METRIC",
    "logs.in_time": "kpi.sources.logs.METRIC",
    "results": "kpi.sources.results.METRIC",
    "marks": "kpi.sources.marks.METRIC",
    "cases": "kpi.sources.cases.METRIC",
    "complaints.in_time": "kpi.sources.complaints.METRIC",
}

# key of a computed indicator -> function(month, manager_ids, cut) -> {manager id: Decimal}
RESULT_SOURCES: Final[dict[str, str]] = {"bills.due": "kpi.queries.bills.due_revenue"}

# key of a check -> its description (inspections.checks.Check)
CHECKS: Final[dict[str, str]] = {
    "summaries.punctuality": "inspections.sources.summaries.PUNCTUALITY",
    "weeks.agree": "inspections.sources.summaries.AGREEMENT",
}

# table of an import -> its description (core.imports.Table)
IMPORT_TABLES: Final[dict[str, str]] = {
    "branches": "organization.imports.BRANCHES",
    "staff": "organization.imports.STAFF",
    "groups": "customers.imports.GROUPS",
    "persons": "customers.imports.PERSONS",
    "logs": "worklogs.imports.LOGS",
    "requirements": "kpi.imports.REQUIREMENTS",
    "results": "kpi.imports.RESULTS",
    "billing": "kpi.imports.BILLING",
}

# Before somebody leaves: function(person_id, on) -> list of sentences that say what is still held
LEAVING_CHECKS: Final[tuple[str, ...]] = ("customers.queries.held_by",)

# Before a branch closes: function(branch_id, on) -> list of such sentences, with what to do
CLOSING_CHECKS: Final[tuple[str, ...]] = ("customers.queries.kept_in",)

# What follows a change of settings: function(*, at, branch_ids) (None: of all branches)
SETTING_FOLLOWERS: Final[tuple[str, ...]] = (
    "duties.operations.redate_periods",
    "meetings.operations.occurrences.follow_places",
)

# What follows when duty periods were moved or done away with: function(moved, gone, at)
PERIOD_FOLLOWERS: Final[tuple[str, ...]] = ("meetings.operations.occurrences.follow_periods",)

# Ctrl-K and the API's search: function(actor, words, limit) -> list of hits
SEARCHES: Final[tuple[str, ...]] = (
    "customers.queries.search",
    "organization.queries.search",
    "inspections.queries.search",
    "reports.queries.bulletins.search",
    "kpi.queries.cases.search",
    "kpi.queries.complaints.search",
    "desk.queries.search_pages",
)

# Every door that hands out a file or export calls it: see confidentiality.operations.disclose
DISCLOSE: Final = "confidentiality.operations.disclose"

# What a row of the trail says was done, in words (translated where they are shown)
AUDIT_WORDS: Final[dict[str, str]] = {
    "organization.sign_in": gettext_noop("登录"),
    "organization.sign_in_failed": gettext_noop("登录失败"),
    "organization.sign_out": gettext_noop("退出登录"),
    "organization.change_password": gettext_noop("修改密码"),
    "organization.reset_password": gettext_noop("重置密码"),
    "organization.end_session": gettext_noop("退出一处登录"),
    "organization.end_other_sessions": gettext_noop("退出其他登录"),
    "organization.issue_token": gettext_noop("发令牌"),
    "organization.revoke_token": gettext_noop("作废令牌"),
    "organization.choose_language": gettext_noop("换语言"),
    "organization.add_branch": gettext_noop("添加机构"),
    "organization.change_branch": gettext_noop("修改机构"),
    "organization.close_branch": gettext_noop("停用机构"),
    "organization.add_person": gettext_noop("添加人员"),
    "organization.change_person": gettext_noop("修改人员"),
    "organization.close_person": gettext_noop("人员离岗"),
    "organization.grant_role": gettext_noop("授予角色"),
    "organization.end_role": gettext_noop("结束角色"),
    "organization.appoint_acting": gettext_noop("指定代理主管"),
    "organization.end_acting": gettext_noop("结束代理"),
    "organization.set_setting": gettext_noop("更改设置"),
    "organization.withdraw_setting": gettext_noop("撤回设置"),
    "organization.found_company": gettext_noop("建立公司"),
    "desk.make_company": gettext_noop("生成演示公司"),
    "calendar.mark_day": gettext_noop("标记工作日"),
    "calendar.clear_day": gettext_noop("取消工作日标记"),
    "calendar.load_year": gettext_noop("导入一年的工作日"),
    "notice.read": gettext_noop("看过通知"),
    "duties.set_to_do": gettext_noop("布置待办"),
    "duties.tick_to_do": gettext_noop("办结待办"),
    "duties.untick_to_do": gettext_noop("撤回办结"),
    "duties.drop_to_do": gettext_noop("取消待办"),
    "confidentiality.disclose": gettext_noop("交出文件"),
    "core.start_import": gettext_noop("开始导入"),
    "core.correct_mapping": gettext_noop("更正列对应"),
    "core.switch_table": gettext_noop("改导入到另一张表"),
    "core.write_import": gettext_noop("确认写入"),
    "core.discard_import": gettext_noop("放弃导入"),
    "core.import_rows": gettext_noop("写入导入的行"),
    "core.import_now": gettext_noop("命令行导入"),
    "customers.change_customer": gettext_noop("修改客户资料"),
    "customers.assign_manager": gettext_noop("换客户经理"),
    "customers.change_tier": gettext_noop("换客户等级"),
    "customers.reveal_contact": gettext_noop("查看完整联系方式"),
    "kpi.add_indicator": gettext_noop("新增指标"),
    "kpi.change_indicator": gettext_noop("修改指标"),
    "kpi.close_indicator": gettext_noop("停用指标"),
    "kpi.reopen_indicator": gettext_noop("启用指标"),
    "kpi.set_requirements": gettext_noop("下达公司要求"),
    "kpi.write_targets": gettext_noop("编制目标"),
    "kpi.issue_targets": gettext_noop("下达目标"),
    "kpi.acknowledge_targets": gettext_noop("确认目标"),
    "kpi.add_work_items": gettext_noop("布置工作内容"),
    "kpi.change_work_item": gettext_noop("修改工作内容"),
    "kpi.remove_work_item": gettext_noop("删去工作内容"),
    "kpi.report_work": gettext_noop("报工作完成数"),
    "kpi.record_results": gettext_noop("录入结果"),
    "kpi.check_results": gettext_noop("复核结果"),
    "worklogs.record_log": gettext_noop("记服务日志"),
    "worklogs.correct_log": gettext_noop("更正服务日志"),
    "worklogs.withdraw_log": gettext_noop("撤回服务日志"),
    "worklogs.read_log": gettext_noop("阅日志"),
    "worklogs.submit_summary": gettext_noop("提交周报"),
    "worklogs.confirm_summary": gettext_noop("确认代填的周报"),
    "worklogs.review_summary": gettext_noop("审阅周报"),
    "worklogs.return_summary": gettext_noop("退回周报"),
    "worklogs.remind": gettext_noop("提醒未交"),
    "worklogs.write_rollup": gettext_noop("写周汇总"),
    "worklogs.send_rollup": gettext_noop("发送周汇总"),
    "worklogs.receive_rollup": gettext_noop("签收周汇总"),
    "worklogs.issue_consolidation": gettext_noop("签发全司汇总"),
    "meetings.lay_out_month": gettext_noop("排出一个月的会议"),
    "meetings.move_meeting": gettext_noop("会议改期"),
    "meetings.cancel_meeting": gettext_noop("取消会议"),
    "meetings.restore_meeting": gettext_noop("恢复会议"),
    "meetings.combine_meetings": gettext_noop("合并召开会议"),
    "meetings.separate_meetings": gettext_noop("分开召开会议"),
    "meetings.delegate_holding": gettext_noop("委托主持会议"),
    "meetings.end_delegation": gettext_noop("收回主持委托"),
    "meetings.make_feed": gettext_noop("生成日历地址"),
    "meetings.end_feed": gettext_noop("作废日历地址"),
    "inspections.set_check_item": gettext_noop("改检查项目"),
    "inspections.drop_check_item": gettext_noop("取消检查项目"),
    "inspections.withdraw_check_item": gettext_noop("撤回检查项目的改动"),
    "inspections.raise_finding": gettext_noop("立问题"),
    "inspections.confirm_finding": gettext_noop("确认问题"),
    "inspections.object_to_finding": gettext_noop("对问题提异议"),
    "inspections.decide_objection": gettext_noop("定异议"),
    "inspections.answer_finding": gettext_noop("答复整改"),
    "inspections.recheck_finding": gettext_noop("复查问题"),
    "inspections.carry_over": gettext_noop("问题转入下月"),
    "reports.remake_spot_checks": gettext_noop("重做抽查报告"),
    "reports.draft_bulletin": gettext_noop("起草通报"),
    "reports.write_bulletin": gettext_noop("编写通报"),
    "reports.take_figures": gettext_noop("重取通报数据"),
    "reports.ask_for_comments": gettext_noop("就通报征求意见"),
    "reports.comment_on_bulletin": gettext_noop("对通报提意见"),
    "reports.answer_comment": gettext_noop("答复对通报的意见"),
    "reports.propose_bulletin": gettext_noop("提请批准通报"),
    "reports.send_back_bulletin": gettext_noop("退回通报"),
    "reports.publish_bulletin": gettext_noop("批准并发布通报"),
    "reports.draft_supplement": gettext_noop("起草补充通报"),
    "reports.sign_for_bulletin": gettext_noop("签收通报"),
    "reports.remind_signers": gettext_noop("催签收通报"),
    "reports.retry_edition": gettext_noop("重新生成通报文件"),
    "reports.ask_for_copy": gettext_noop("要一份通报文件"),
    "reports.ask_for_month": gettext_noop("要一个月的通报文件"),
    "kpi.draft_scheme": gettext_noop("起草考核方案"),
    "kpi.change_scheme": gettext_noop("修改考核方案"),
    "kpi.propose_scheme": gettext_noop("提交考核方案"),
    "kpi.approve_scheme": gettext_noop("批准考核方案"),
    "kpi.withdraw_scheme": gettext_noop("撤回考核方案"),
    "kpi.import_scheme": gettext_noop("导入考核方案"),
    "kpi.rehearse_scheme": gettext_noop("试算考核方案"),
    "kpi.compute_sheets": gettext_noop("计算考核表"),
    "kpi.lock_sheets": gettext_noop("锁定考核表"),
    "kpi.lock_branch": gettext_noop("提前锁定考核表"),
    "kpi.confirm_sheet": gettext_noop("确认考核表"),
    "kpi.supervise_sheet": gettext_noop("主管审考核表"),
    "kpi.approve_sheet": gettext_noop("审批考核表"),
    "kpi.object_to_line": gettext_noop("对考核表申诉"),
    "kpi.withdraw_objection": gettext_noop("撤回申诉"),
    "kpi.review_objection": gettext_noop("对申诉出意见"),
    "kpi.decide_objection": gettext_noop("决定申诉"),
    "kpi.propose_correction": gettext_noop("提出锁定后更正"),
    "kpi.decide_correction": gettext_noop("复核锁定后更正"),
    "kpi.record_marks": gettext_noop("打分"),
    "kpi.file_case": gettext_noop("申报加减分"),
    "kpi.add_case_files": gettext_noop("补充加减分材料"),
    "kpi.state_case": gettext_noop("说明加减分"),
    "kpi.review_case": gettext_noop("对加减分出意见"),
    "kpi.decide_case": gettext_noop("决定加减分"),
    "kpi.withdraw_case": gettext_noop("撤回加减分"),
    "kpi.receive_complaint": gettext_noop("受理投诉"),
    "kpi.assign_investigator": gettext_noop("换投诉调查人"),
    "kpi.answer_complaint": gettext_noop("答复投诉"),
    "kpi.decide_complaint": gettext_noop("投诉结论"),
    "kpi.escalate_complaint": gettext_noop("投诉升级"),
    "kpi.withdraw_complaint": gettext_noop("投诉撤回"),
    "kpi.open_complainant": gettext_noop("查看投诉人"),
    "kpi.propose_consequences": gettext_noop("提出考核建议"),
    "kpi.decide_consequence": gettext_noop("决定考核建议"),
}

# What a row of the trail calls a value before and after, in words; others stand as they are
AUDIT_FIELDS: Final[dict[str, str]] = {
    "address": gettext_noop("地址"),
    "addresses": gettext_noop("日历地址"),
    "answer_due_at": gettext_noop("答复期限"),
    "answered_at": gettext_noop("答复时间"),
    "archive_number": gettext_noop("档案号"),
    "branch": gettext_noop("机构"),
    "changed": gettext_noop("改动"),
    "checked": gettext_noop("已复核"),
    "closed_on": gettext_noop("停用日期"),
    "code": gettext_noop("代码"),
    "comment": gettext_noop("意见"),
    "confirmed": gettext_noop("已确认"),
    "contract_ends_on": gettext_noop("合同到期"),
    "correction": gettext_noop("更正"),
    "day": gettext_noop("日期"),
    "delegate": gettext_noop("委托主持"),
    "digest": gettext_noop("校验码"),
    "done": gettext_noop("完成数"),
    "due": gettext_noop("期限"),
    "due_on": gettext_noop("期限"),
    "email": gettext_noop("邮箱"),
    "files": gettext_noop("文件"),
    "findings": gettext_noop("问题"),
    "gender": gettext_noop("性别"),
    "happened_on": gettext_noop("发生日期"),
    "industry": gettext_noop("行业"),
    "inputs": gettext_noop("数据"),
    "investigator": gettext_noop("调查人"),
    "is_acting": gettext_noop("代理"),
    "is_escalated": gettext_noop("已升级"),
    "is_late": gettext_noop("逾期"),
    "is_veto": gettext_noop("一票否决"),
    "is_withdrawn": gettext_noop("已撤回"),
    "item": gettext_noop("项目"),
    "job_number": gettext_noop("工号"),
    "joined_on": gettext_noop("入职日期"),
    "kind": gettext_noop("种类"),
    "left_on": gettext_noop("离岗日期"),
    "level": gettext_noop("密级"),
    "made": gettext_noop("新增"),
    "manager": gettext_noop("客户经理"),
    "minutes_late": gettext_noop("迟到分钟"),
    "missing": gettext_noop("未交"),
    "month": gettext_noop("月份"),
    "name": gettext_noop("名称"),
    "new": gettext_noop("新增"),
    "note": gettext_noop("备注"),
    "number": gettext_noop("第几版"),
    "objection": gettext_noop("申诉"),
    "opened_on": gettext_noop("开业日期"),
    "opinion": gettext_noop("意见"),
    "option": gettext_noop("类别"),
    "owner": gettext_noop("谁来办"),
    "people": gettext_noop("人员"),
    "person": gettext_noop("人员"),
    "phase": gettext_noop("阶段"),
    "phone": gettext_noop("电话"),
    "points": gettext_noop("分数"),
    "post": gettext_noop("岗位"),
    "priorities": gettext_noop("本月工作重点"),
    "proposals": gettext_noop("建议"),
    "proposed": gettext_noop("建议分数"),
    "quantity": gettext_noop("数量"),
    "reason": gettext_noop("原因"),
    "receipt": gettext_noop("回执号"),
    "received": gettext_noop("已签收"),
    "remark": gettext_noop("批注"),
    "remarks": gettext_noop("批注"),
    "reminded": gettext_noop("已提醒"),
    "reports_to": gettext_noop("上级"),
    "resources": gettext_noop("可利用资源"),
    "reviewed": gettext_noop("已批阅"),
    "role": gettext_noop("角色"),
    "rows": gettext_noop("行数"),
    "sheets": gettext_noop("考核表"),
    "signed_at": gettext_noop("签收时间"),
    "sitting": gettext_noop("合并到"),
    "starts_at": gettext_noop("开始时间"),
    "state": gettext_noop("状态"),
    "text": gettext_noop("内容"),
    "tier": gettext_noop("等级"),
    "title": gettext_noop("标题"),
    "total": gettext_noop("总分"),
    "unchanged": gettext_noop("不变"),
    "unread": gettext_noop("未读"),
    "until": gettext_noop("截止"),
    "valid_from": gettext_noop("生效日期"),
    "valid_to": gettext_noop("失效日期"),
    "version": gettext_noop("版本"),
    "what": gettext_noop("内容"),
    "wrong": gettext_noop("有误"),
}

# target and name of a value -> the choices its codes are of
AUDIT_CHOICES: Final[dict[str, str]] = {
    "bulletin.state": "reports.choices.BulletinState",
    "case.state": "kpi.choices.CaseState",
    "complaint.state": "kpi.choices.ComplaintState",
    "consequence.state": "kpi.choices.ConsequenceState",
    "customer.state": "customers.choices.CustomerState",
    "finding.state": "inspections.choices.FindingState",
    "import.state": "core.choices.ImportState",
    "meeting.state": "meetings.choices.MeetingState",
    "person.gender": "organization.choices.Gender",
    "person.role": "organization.choices.Role",
    "score_sheet.correction": "kpi.choices.CorrectionState",
    "score_sheet.objection": "kpi.choices.ObjectionState",
    "score_sheet.state": "kpi.choices.SheetState",
    "summary.state": "worklogs.choices.SummaryState",
    "to_do.state": "duties.choices.ToDoState",
    "scheme.state": "kpi.choices.SchemeState",
}
