"""A bulletin of an invented company with all there is in one: long table, every kind, all figures.

Six branches in October 2026; as many findings as asked for, with texts that break into lines.
"""

from decimal import Decimal
from typing import Final

from core.charts import (
    FULL,
    Bar,
    Bars,
    Cell,
    Figure,
    HeatMap,
    Lines,
    Segment,
    Segments,
    Series,
    as_data,
)
from core.charts.values import Tone
from reports.document import Chart, Column, Document, Link, Paragraph, Part, Table

BRANCHES: Final = ("高新", "江南", "江北", "临港", "松山", "云溪")
SCORES: Final = ("93.05", "89.35", "85.75", "81.60", "76.20", "68.50")
BEFORE: Final = ("91.40", "90.10", "82.30", "83.15", "78.60", "74.25")
TONES: Final[tuple[Tone, ...]] = ("strong", "plain", "plain", "plain", "hatched", "hatched")
FACTS: Final = (
    "恒源食品地址与营业执照不符",
    "10月21日上门启明教育有日志，无出行记录",
    "金卡客户生日礼登记缺签收凭证",
    "第三人民医院关键联络人已离职，系统中仍登记原联系人，46天未更新（已两次提醒）、仍未改",
    "周汇总上门9次，系统日志3次",
    "第43周汇总表18:06提交，迟交36分钟",
)


def _chart(key: str, caption: str, figure: Figure) -> Chart:
    kind, data = as_data(figure)
    return Chart(key, caption, kind, data)  # type: ignore[arg-type]


def _series(label: str, *values: str) -> Series:
    return Series(label, tuple(Decimal(value) for value in values))


def ranks() -> Table:
    """Scores and ranks, with a total."""
    return Table(
        key="ranks",
        caption="各分公司服务质量得分与排名",
        columns=(
            Column("rank", "名次", "integer", 7),
            Column("branch", "分公司", "text", 17),
            Column("managers", "客户经理（人）", "integer", 11),
            Column("score", "得分", "decimal", 11),
            Column("grade", "等次", "text", 9),
            Column("before", "上月得分", "decimal", 12),
            Column("change", "分差", "signed", 12),
            Column("share", "达标率", "percent", 11, 1),
            Column("problems", "问题（项）", "integer", 10),
        ),
        rows=tuple(
            (
                str(place),
                f"{name}分公司",
                str(17 - place),
                score,
                "良好" if place == 1 else "合格" if place < 5 else "整改",
                before,
                str(Decimal(score) - Decimal(before)),
                str(Decimal(980 - 23 * place) / 10),
                str(3 * place),
            )
            for place, (name, score, before) in enumerate(
                zip(BRANCHES, SCORES, BEFORE, strict=True), 1
            )
        ),
        total=("", "全公司", "81", "82.41", "", "83.30", "-0.89", "90.0", "63"),
        note="90分及以上为良好，80至89.99分为合格，低于80分为整改；按四舍五入后的两位小数比较。",
    )


def problems(rows: int) -> Table:
    """One row a finding: texts that break, codes, dates, a total."""
    return Table(
        key="problems",
        caption="10月检查发现的问题",
        columns=(
            Column("number", "序号", "integer", 6),
            Column("branch", "分公司", "text", 9),
            Column("item", "项目", "text", 12),
            Column("person", "工号", "text", 8),
            Column("fact", "事实", "text", 36),
            Column("points", "扣分", "decimal", 7, 1),
            Column("evidence", "证据编号", "text", 12),
            Column("due_on", "期限", "date", 10),
        ),
        rows=tuple(
            (
                str(place),
                BRANCHES[place * len(BRANCHES) // (rows + 1)],
                ("资料更新", "三方一致", "生日关怀")[place % 3],
                str(1000 + place),
                FACTS[place % len(FACTS)],
                ("1.0", "2.0", "0.5")[place % 3],
                f"YZ-26{10_000 + 7 * place}",
                "2026-11-27" if place % 2 else "2026-11-20",
            )
            for place in range(1, rows + 1)
        ),
        total=("", "合计", "", "", "", "77.5", "", ""),
        note="期限均为2026年，须书面答复并附证据。",
    )


def annex() -> Table:
    """Many columns of points."""
    items = (
        "资料更新（15）", "三方一致（20）", "服务频次（15）", "生日关怀（10）",
        "客户感知（15）", "换管告知（5）", "会议记录（15）", "计划汇总（5）",
    )  # fmt: skip
    return Table(
        key="detail",
        caption="各分公司得分明细",
        columns=(
            Column("branch", "分公司", "text", 15),
            *(Column(f"i{n}", label, "decimal", 9) for n, label in enumerate(items)),
            Column("sum", "合计（100）", "decimal", 10),
        ),
        rows=tuple(
            (f"{name}分公司", *(f"{14 - place - n / 4:.2f}" for n in range(8)), SCORES[place])
            for place, name in enumerate(BRANCHES)
        ),
        total=("平均", *("9.50",) * 8, "82.41"),
        note="单位：分。",
    )


def rectify() -> Table:
    """A short table with texts and moments."""
    return Table(
        key="rectify",
        caption="整改要求",
        columns=(
            Column("number", "序号", "integer", 8),
            Column("what", "事项", "text", 40),
            Column("who", "责任单位", "text", 18),
            Column("due_on", "期限", "date", 14),
            Column("checked_at", "复核时间", "moment", 20),
        ),
        rows=(
            ("1", "补齐10月缺失的会议纪要、签到表并归档", "云溪、松山、临港", "2026-11-20",
             "2026-11-20T04:00:00+00:00"),
            ("2", "核对全部A类客户联系人并更新资料", "各分公司", "2026-11-27", ""),
        ),
    )  # fmt: skip


def charts() -> tuple[Chart, ...]:
    """Every kind of figure."""
    places = list(zip(BRANCHES, SCORES, strict=True))
    return (
        _chart(
            "scores",
            "10月得分排名（分）",
            Bars(
                "10月得分",
                tuple(
                    Bar(name, Decimal(score), TONES[place])
                    for place, (name, score) in enumerate(places)
                ),
                target=Decimal(80),
                target_label="合格线 80",
                maximum=Decimal(100),
            ),
        ),
        _chart(
            "trend",
            "近六个月走势（分）",
            Lines(
                "近六个月",
                tuple(f"{n}月" for n in range(5, 11)),
                (
                    _series("最高", "89.1", "90", "90.6", "90", "91.4", "93.05"),
                    _series("平均", "80.4", "81.2", "81", "82.6", "83.3", "82.41"),
                    _series("最低", "70.2", "72", "72.5", "75", "74.25", "68.5"),
                ),
            ),
        ),
        _chart(
            "heat",
            "各分公司分项扣分",
            HeatMap(
                "分项扣分",
                ("资料", "一致", "频次", "生日"),
                BRANCHES,
                tuple(
                    tuple(
                        Cell(str(place + n), (place + n) // 3, is_void=(place, n) == (2, 3))
                        for n in range(4)
                    )
                    for place in range(len(BRANCHES))
                ),
                width=FULL,
            ),
        ),
        _chart(
            "parts",
            "得分的组成（分）",
            Segments(
                "组成",
                (
                    Segment("营销", Decimal("35.2"), Decimal(40)),
                    Segment("服务", Decimal("17.75"), Decimal(20)),
                    Segment("过程", Decimal("36.2"), Decimal(40)),
                    Segment("加减", Decimal(3), Decimal(20), is_signed=True),
                ),
            ),
        ),
    )  # fmt: skip


def sample(rows: int = 60, *, copy_to: str = "公司领导，人力资源部，客户服务中心") -> Document:
    """The bulletin with so many findings."""

    def text(*lines: str) -> tuple[Paragraph, ...]:
        return tuple(Paragraph(line, (Link("出处", "/"),)) for line in lines)

    bars, lines, heat, segments = charts()
    return Document(
        title="关于2026年10月客户经理工作情况的通报",
        issuer="江海通信公司市场部文件",
        document_number="江通市通报〔2026〕10号",
        level="内部",
        term="1年",
        month="2026-10",
        send_to="各分公司，集团客户室",
        copy_to=copy_to,
        signed_by="江海通信公司市场部",
        published_on="2026-11-13",
        branch="",
        supplement=0,
        parts=(
            Part("head", "", text(
                "按照月度检查安排，市场部对六个分公司2026年10月的客户经理工作进行了检查。"
                "数据截至11月3日12:00冻结，草案已征求各分公司意见，现将结果通报如下。")),
            Part("scope", "检查范围", text(
                "本月抽查客户服务标准、客户感知、客户资料管理三个项目，并由系统全量核对出行记录、"
                "周汇总与服务日志。抽取客户180户、外呼150户（接通118户）、会议纪要36份。样本种子"
                "20261031，可复算。")),
            Part("overall", "总体情况", text(
                "全公司平均82.41分，比上月下降0.89分；良好1个、合格3个、整改2个。江北升1位，"
                "临港降1位，松山、云溪低于80分，须限期整改。"), (ranks(),), (bars, lines)),
            Part("results", "分项结果", (), (), (heat, segments)),
            Part("good", "亮点", text(
                "高新分公司三方一致率连续三个月高于97%；江南分公司工号1108的客户经理预警后三日内"
                "上门，挽留A类集团1户。")),
            Part("problems", "存在问题", text(
                f"共发现问题{rows}项，扣分合计77.5分，逐项列于表2。“三方一致”和“会议记录”两项"
                "扣分最多。"), (problems(rows),)),
            Part("followed_up", "上期整改", text(
                "9月通报问题52项，已闭环46项，整改中4项，逾期2项（均属云溪分公司），逾期项计入"
                "本月考核。")),
            Part("rectify", "整改要求", (), (rectify(),)),
            Part("assessment", "考核应用", text(
                "松山、云溪分公司各扣当月服务质量考核2分；表2扣分计入客户经理过程考核，有异议的于"
                "11月18日前申诉。")),
            Part("next_month", "下月重点", text(
                "一是年末集团合同续签，二是换管告知及时率，三是元旦前生日与节日关怀。")),
            Part("annex", "附件", (), (annex(),)),
        ),
    )  # fmt: skip
