"""What is written in a month: targets, opinions, cases, objections, findings, the bulletin."""

from typing import Final, NamedTuple


class Work(NamedTuple):
    """A work item: what, how many of what, for which indicator, with what help."""

    what: str
    quantity: int
    unit: str
    code: str = ""
    resource: str = ""


WORKS: Final = (
    (
        Work("走访 A、B 类集团客户，核对到期合同", 6, "家"),
        Work("向重点客户推介企业专线提速", 4, "次", "M2", "技术支撑陪同两次"),
    ),
    (
        Work("园区企业集中走访", 5, "家", "M3", "装维排一天随行测速"),
        Work("上门讲解账单", 4, "户"),
    ),
    (
        Work("开拓新集团客户拜访", 4, "家", "M3"),
        Work("欠费客户上门催收", 3, "户", "M1", "财务提供明细"),
    ),
    (
        Work("到期合同逐户续约", 5, "户", "M4"),
        Work("产品演示", 2, "场", "M2", "市场部提供演示设备"),
    ),
)
PRIORITIES: Final = (
    """一、专线续约集中期，到期客户逐户定人定时间。
二、园区企业提速需求成批办理。
三、欠费客户本月内全部上门。""",
    """一、新客户开拓以园区为主，两人一组。
二、A 类客户每周见面一次。
三、日志当天填写，周报周五下午四点前交。""",
    """一、稳存量：预警客户逐户说明原因和措施。
二、增新量：每人至少新增两户。
三、学产品：每周一次晨会讲解。""",
)
RESOURCES: Final = (
    "技术支撑每周二、四陪同；宣传资料由市场部配发；用车提前一天登记。",
    "装维每周三下午集中测速；优惠政策按市场部通知执行。",
    "",
)
WHY_NOT_REQUIRED: Final = "两户大客户上月已提前办理，本月可挖潜力有限，已与市场部沟通。"
WHY_REVISED: Final = "园区新签两家企业，产品销售目标上调，其余不变。"
MARK_BASIS: Final = {
    "P2c": ("抽听外呼录音两段，抽看日志三笔", "抽听录音三段"),
    "P5b": ("陪访一次，角色演练一次", "角色演练：专线续约谈判"),
    "P4": ("月度业务知识考试（闭卷）",),
    "P5a": ("新产品考试：企业专线与云视讯",),
}
OPINIONS: Final = (
    "",
    "",
    "同意。",
    "属实。下月重点抓新客户开拓。",
    "日志质量有进步，产品知识还要补课。",
    "同意。继续保持走访频次。",
)
HEAD_OPINIONS: Final = ("", "", "同意。", "同意，成绩要保持。", "同意，短板项下月面谈。")
OBJECTION: Final = (
    "有一笔当天在客户处签约，基站检修没有网络，第二天一早补记，请核对外勤签到记录，应按及时计。"
)
OBJECTION_OPINION: Final = "核对了外勤签到和客户回执，情况属实，建议采纳。"
OBJECTION_UPHELD: Final = "检修公告和签到记录齐全，采纳，按及时计一笔。"
SALES_OBJECTION: Final = "月底最后一天签的两件订单没有计进来，应计入本月。"
SALES_OPINION: Final = "两件订单次月 2 日才受理，按受理日期算，不建议采纳。"
SALES_REJECTED: Final = "口径是受理日期，两件计入下月，不采纳。"
CORRECTION: Final = "考试卷面复核，第 12 题漏加 {points} 分，按卷面更正。"
CORRECTION_DOWN: Final = "考试卷面复核，第 12 题多加 {points} 分，按卷面更正。"
CORRECTION_DECISION: Final = "已看原卷，同意更正。"
FOLLOWED: Final = "采纳，由主管结对帮扶，下月看变化。"
WON_FACTS: Final = (
    "该客户原用他网专线，合同到期前三次上门，给出提速和备份线路方案，本月签约转入，已开通。"
)
WON_OPINION: Final = "全程跟进，方案由本人提出，属实。"
WON_DECISION: Final = "首张账单已出，认定。"
ARREARS_FACTS: Final = "计费导出显示账龄超过规定天数，两次催收未到账。"
ARREARS_LATE: Final = "核对计费导出时发现账龄超过规定天数，客户说在走付款流程，请说明催收情况。"
ARREARS_STATEMENT: Final = "客户财务换人，付款流程重走，已约定下月 10 日前付清。"
ARREARS_OPINION: Final = "情况属实，催收还应更早上门。"
ARREARS_DECISION: Final = "按办法认定；付清后不再重复计。"
PRIZE: Final = "金秋集团产品销售竞赛"
PRIZE_FACTS: Final = "市公司集团产品销售竞赛个人二等奖，获奖通报见附件。"
PRIZE_FILE: Final = "关于表彰金秋集团产品销售竞赛优胜者的通报\n个人二等奖：城西分公司 吴志远\n"
PRIZE_OPINION: Final = "通报原件已看，同意申报。"
PRIZE_DECISION: Final = "认定。"
SPEECH: Final = "分公司客户服务演讲比赛"
SPEECH_FACTS: Final = "分公司客户服务演讲比赛一等奖，评分表和名次公示见附件。"
SPEECH_FILE: Final = "城东分公司客户服务演讲比赛名次公示\n一等奖：陈嘉怡\n"
SPEECH_OPINION: Final = "名次公示已满三天，无异议，同意申报。"
COMPLAINT_FACTS: Final = "客户来电：约好周三上午上门处理故障，没有来也没有电话，影响营业半天。"
COMPLAINT_ANSWER: Final = "当天致歉并上门修复，减免当月一天费用，客户表示接受。"
COMPLAINT_FINDING: Final = "派单记录显示已改期，但没有告知客户，投诉属实。"
COMPLAINT_CASE: Final = "改期没有告知客户，客户投诉经调查属实。"
COMPLAINT_STATEMENT: Final = "当天临时抢修另一户，忘了给客户打电话，今后改期先告知。"
COMPLAINT_OPINION: Final = "属实，已在晨会上提醒全组。"
COMPLAINT_DECISION: Final = "按办法认定。"
COMPLAINT_OPEN: Final = "客户反映上月优惠没有按约定到账，问了两次没有回音。"
COMPLAINT_BY: Final = ("客户办公室王主任", "客户财务李女士")
EMPLOYEE_FACTS: Final = "反映有人把同事走访的客户记在自己名下，请核实相关日志。"
EMPLOYEE_BY: Final = "一名客户经理"
CONFIRMED: Final = ("属实，已通知本人。", "确认，按要求整改。", "情况属实。")
OBJECTED: Final = "其中一人当天住院，已按规定请假，请核对请假记录。"
OVERRULED: Final = "请假从次日起，当天仍应提交，维持。"
UPHELD: Final = "请假单经人力部核实，当天不在岗，撤销。"
ANSWERED: Final = (
    "原因：周五下午集中走访，忘了提交。措施：周报改在周五上午先成稿，主管下午三点前逐人核对。本周已全员按时。",
    "原因：数字按手工台账填报，没有和系统核对。措施：以系统数为准，有出入当场写原因。已逐条改正。",
    "已和本人谈话，并在晨会上通报；近两周没有再发生。",
)
RECHECKED: Final = "近两周抽查无同类问题，关闭。"
CARRIED: Final = "整改措施已有，效果还要看一个月。"
BY_HAND: Final = (
    "B 类客户连续三周没有上门记录",
    "抽看三周日志，两户 B 类客户只有微信联系，没有上门或电话服务，请核实并安排走访。",
)
# Parts of the bulletin -> what the market department adds, of one month and of the next.
BULLETIN_TEXTS: Final = (
    {
        "good": "滨江分公司每周三集中为园区企业测速，当月促成专线提速四户。",
        "rectify": "各分公司在五个工作日内完成整改并书面答复，市场部复查后逐项关闭。",
        "next_month": "周报数字以系统统计为准，申报数不一致的当场写明原因。",
    },
    {
        "good": "城东分公司把账单讲解做成一张图随账单发出，咨询明显减少，各分公司可以借鉴。",
        "rectify": "逾期未整改的分公司，由总经理在三个工作日内说明原因和完成时间。",
        "next_month": "抓好到期合同续约，做到逐户有方案、有责任人、有时间；园区客户统一报价。",
    },
)
COMMENT: Final = "迟交一项中有一人系统显示超时 2 分钟，当时正在补正，建议备注说明。"
COMMENT_ANSWER: Final = "截止时间以系统收到为准，不作备注；整改情况可在下期写明。"
COMMENT_TOO: Final = "建议在下月重点里加上园区客户统一报价。"
COMMENT_TOO_ANSWER: Final = "已采纳，写入下月重点。"
