"""Sample months of a scheme: what its editor sees beside the draft."""

from decimal import Decimal

from kpi.samples import sample_scores
from kpi.scheme import parsed
from tests.rules.annex5 import ANNEX5, content, item_in


def test_samples_of_annex_5() -> None:
    samples = {str(one.share): one.breakdown for one in sample_scores(ANNEX5)}
    totals = {share: str(made.total) for share, made in samples.items() if made}
    # At 0.9: 0.9 of 32 and of 14, and of 39 of process with its full 1; M4 is at 88.2 of 98 and
    # loses nine steps, S1 at 81 of 90 four of six: 28.80 + 0 + 12.60 + 2 + 35.10 + 1.
    assert totals["1"] == "100.00"
    assert totals["0.9"] == "79.50"
    assert samples["0.6"] is not None
    assert samples["0.6"].band == "unqualified"


def test_every_kind_has_a_sample() -> None:
    value = content()
    item_in(value, "M3")["formula"] = {"kind": "TIER", "rows": [{"from": "90", "share": "1"}]}
    item_in(value, "S3")["formula"] = {
        "kind": "EXPR",
        "expression": "weight × done ÷ 100",
        "names": [{"code": "done", "names": {"telecom": {"zh-hans": "完成"}}}],
    }
    item_in(value, "M4")["formula"]["direction"] = "down"
    (sample,) = sample_scores(parsed(value), [Decimal("0.9")])
    assert sample.breakdown is not None
    lines = sample.breakdown.items
    assert [str(lines[code].score) for code in ("M3", "S3", "M4")] == ["6.00", "4.50", "0.00"]


def test_an_expression_that_cannot_be_counted_is_said() -> None:
    value = content()
    item_in(value, "S3")["formula"] = {"kind": "EXPR", "expression": "1 ÷ (weight − 5)"}
    (sample,) = sample_scores(parsed(value), [Decimal(1)])
    assert sample.breakdown is None
    assert sample.fault is not None
    assert (sample.fault.path, sample.fault.code) == ("S3.expression", "division_by_zero")
