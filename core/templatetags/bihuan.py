"""Everything that templates call: formats, and one tag for each component.

All components are called the same way: a tag with named arguments, which the template compiler
checks. Those that hold other content end with ``end…``. `/style/` shows them all.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField, Form
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import chips, formats
from core.calendar import Calendar
from core.lists import WorkTable
from core.marked_days import mark_span
from core.parts import (
    Action,
    AgendaItem,
    Choice,
    DayCell,
    Difference,
    EntryLine,
    ErrorLink,
    Fact,
    FormPart,
    MappedColumn,
    MonthCell,
    MonthView,
    NextStep,
    Progress,
    Segment,
    Step,
    Tally,
    Text,
    shares,
)
from core.periods import Month, local_date

register = template.Library()

register.filter("day", formats.day)
register.filter("short_day", formats.short_day)
register.filter("plain_day", formats.plain_day)
register.filter("month_day", formats.month_day)
register.filter("exact_moment", formats.exact_moment)
register.filter("weekday", formats.weekday)
register.filter("clock", formats.clock)
register.filter("hour", formats.hour)
register.filter("moment", formats.moment)
register.filter("plain_moment", formats.plain_moment)
register.filter("month_moment", formats.month_moment)
register.filter("week_name", formats.week_name)
register.filter("week_span", formats.week_span)
register.filter("month_name", formats.month_name)
register.filter("number", formats.number)
register.filter("signed", formats.signed)
register.filter("file_size", formats.file_size)
register.filter("span", formats.span)
register.simple_tag(chips.chip, name="chip")
register.simple_tag(chips.glyph, name="glyph")
register.simple_tag(mark_span)


@register.filter
def tone(state: str) -> str:
    """The tone of a state, as a class; "" is muted."""
    return chips.STATES[state].tone


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An outline icon; with ``label`` it speaks, without it is decoration."""
    voice = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon" {} focusable="false"><use href="{}#i-{}"></use></svg>',
        SafeString(voice),
        static("icons.svg"),
        name,
    )


@register.simple_tag
def marks(on: date, calendar: Calendar) -> SafeString:
    """休 or 班 beside a day, with the holiday's name for the ear; nothing for a plain day."""
    return mark_span(calendar.mark(on), calendar.name(on))


@register.inclusion_tag("components/crumb.html")
def crumb(here: Text, parent: Text = "", parent_url: str = "") -> dict[str, Any]:
    """Where the reader is, in two steps at most; on the phone the parent is the way back."""
    return {"here": here, "parent": parent, "parent_url": parent_url}


@register.inclusion_tag("components/step_crumb.html")
def step_crumb(here: Text, previous_url: str = "", next_url: str = "") -> dict[str, Any]:
    """A week or month with the ways to its neighbours."""
    return {"here": here, "previous_url": previous_url, "next_url": next_url}


@register.inclusion_tag("components/deadline.html")
def deadline(at: datetime, now: datetime, name: Text, lead: Text = "") -> dict[str, Any]:
    """Countdown to ``at``: ``now`` is the server's, ``name`` is announced, ``lead`` shown above."""
    seconds = int((at - now).total_seconds())
    return {
        "at": at,
        "now": now,
        "name": name,
        "lead": lead,
        "is_past": seconds < 0,
        "parts": formats.remaining(seconds),
    }


@register.inclusion_tag("components/awaited.html")
def awaited(name: Text, by: datetime, now: datetime) -> dict[str, Any]:
    """What a thing waits for: the countdown to ``by``, or since when it is overdue."""
    return {"name": name, "by": by, "now": now, "is_past": now > by}


@register.inclusion_tag("components/saved.html")
def saved(at: datetime | None = None) -> dict[str, Any]:
    """When the form was last saved; the autosave script speaks here."""
    return {"at": at}


@register.inclusion_tag("components/tally.html")
def tally(items: Sequence[Tally], share_label: Text = "") -> dict[str, Any]:
    """Counts over chips, deviation first; ``share_label`` adds the bar of shares (应交 11 人)."""
    return {"items": items, "share_label": share_label, "slices": shares(items)}


@register.inclusion_tag("components/day_bars.html")
def day_bars(counts: Sequence[int], label: Text) -> dict[str, Any]:
    """Monday to Friday as five small bars; ``label`` says the same in words."""
    most = max([*counts, 6])
    bars = [
        (9 * place, 15 - height, height)
        for place, height in enumerate(max(1, round(15 * n / most)) for n in counts)
    ]
    return {"bars": bars, "label": label, "width": 9 * len(counts) - 3}


@register.inclusion_tag("components/segments.html")
def segments(items: Sequence[Segment], label: Text) -> dict[str, Any]:
    """A few views of one list; ``label`` names the choice."""
    return {"items": items, "label": label}


@register.simple_block_tag(takes_context=True)
def work_table(
    context: template.Context, content: str, table: WorkTable, is_wide: bool = False
) -> str:
    """The list; between the tags stand the buttons for what is selected (inside the bulk form)."""
    given = {"table": table, "bulk": SafeString(content.strip()), "is_wide": is_wide}
    return render_to_string("components/work_table.html", given, context.get("request"))


@register.inclusion_tag("components/entry_table.html")
def entry_table(lines: Sequence[EntryLine]) -> dict[str, Any]:
    """Figures: counted, declared, compared, and the reason where they differ."""
    return {"lines": lines}


@register.inclusion_tag("components/text_part.html")
def text_part(
    text: BoundField,
    none: BoundField | None = None,
    import_url: str = "",
    import_count: int = 0,
    none_label: Text = "",
    remark: Text = "",
) -> dict[str, Any]:
    """A text with its import from logs and its "nothing this week" (the field ``none``).

    ``remark`` is what the reader said who gave the form back.
    """
    return {
        "text": text,
        "widget": styled(text),
        "none": none,
        "import_url": import_url,
        "import_count": import_count,
        "none_label": none_label or (none.label if none else ""),
        "is_both": bool(none and none.value() and str(text.value() or "").strip()),
        "remark": remark,
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(
    form: Form | None = None,
    links: Sequence[ErrorLink] = (),
    kept: Text = "",
    takes_focus: bool = True,
) -> dict[str, Any]:
    """What must be mended: a form's errors or ``links``; ``kept`` says what became of the rest.

    The focus goes there when the page opens, unless it shall not.
    """
    found = [*links]
    if form is not None:
        found += [ErrorLink(str(message)) for message in form.non_field_errors()]
        found += [
            ErrorLink(f"{bound.label}：{message}" if formats.is_chinese()
                      else f"{bound.label}: {message}", bound.id_for_label or bound.auto_id)
            for bound in form
            for message in bound.errors
        ]  # fmt: skip
    return {"links": found, "kept": kept, "count": len(found), "takes_focus": takes_focus}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, hint: Text = "", is_optional: bool = False) -> dict[str, Any]:
    """A field of a form: label, hint, error, control. A radio choice becomes a fieldset."""
    kind = getattr(bound.field.widget, "input_type", "")
    return {
        "bound": bound,
        "hint": hint or bound.help_text,
        "is_optional": is_optional,
        "is_check": kind == "checkbox" and not hasattr(bound.field, "choices"),
        "is_group": bound.use_fieldset,
        "widget": styled(bound, hint=bool(hint or bound.help_text)),
    }


def styled(bound: BoundField, hint: bool = False) -> SafeString:
    """The control with our classes, and the ids of what describes it."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "textarea")
    attributes: dict[str, Any] = {}
    if kind == "select":
        attributes["class"] = "form-select"
    elif kind in ("checkbox", "radio"):
        attributes["class"] = "form-check-input"
    elif kind != "hidden":
        attributes["class"] = "form-control"
    if own := widget.attrs.get("class"):
        attributes["class"] = f"{attributes.get('class', '')} {own}".strip()
    told = [
        f"{bound.auto_id}-{name}" for name, on in (("hint", hint), ("error", bound.errors)) if on
    ]
    if told:
        attributes["aria-describedby"] = " ".join(told)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return bound.as_widget(attrs=attributes)


@register.filter
def control(bound: BoundField) -> SafeString:
    """Only the control of a field, for parts that draw their own label."""
    return styled(bound)


@register.simple_block_tag
def rail(content: str) -> SafeString:
    """The column beside a form: countdown, saved at, buttons, parts."""
    return format_html('<aside class="rail" aria-label="{}">{}</aside>', _("进度"), content)


@register.simple_block_tag(takes_context=True)
def act(
    context: template.Context,
    content: str,
    form: Form,
    url: str,
    fold: Text = "",
    symbol: str = "chevron-down",
) -> str:
    """A form of a page on which several things can be done (core.actions), sent to ``url``.

    Between the tags stand its fields and buttons. With ``fold`` it opens under these words and
    the icon ``symbol``, and stands open when it comes back.
    """
    given = {
        "form": form,
        "url": url,
        "fold": fold,
        "symbol": symbol,
        "content": content,
        "csrf_token": context.get("csrf_token"),
    }
    return render_to_string("components/act.html", given)


@register.inclusion_tag("components/steps.html")
def steps(items: Sequence[Step]) -> dict[str, Any]:
    """A thing's way so far: each step's chip, who, when, what was said, the file added."""
    return {"items": items}


@register.inclusion_tag("components/rail_parts.html")
def rail_parts(parts: Sequence[FormPart]) -> dict[str, Any]:
    """The parts of a form, each with its state and what remains."""
    return {"parts": parts}


@register.simple_block_tag
def receipt(
    content: str, at: datetime, title: Text, state: str, state_text: Text, note: Text = ""
) -> str:
    """What was received and when; between the tags its facts and buttons."""
    given = {"at": at, "title": title, "state": state, "state_text": state_text, "note": note}
    return render_to_string("components/receipt.html", given | {"content": content})


@register.inclusion_tag("components/facts.html")
def facts(items: Sequence[Fact]) -> dict[str, Any]:
    """Labels and values in two columns; what checks an original folds away."""
    return {
        "items": [item for item in items if not item.is_proof],
        "proofs": [item for item in items if item.is_proof],
    }


@register.inclusion_tag("components/next_steps.html")
def next_steps(steps: Sequence[NextStep]) -> dict[str, Any]:
    """What happens next, by whom and until when."""
    return {"steps": steps}


@register.simple_block_tag
def panel(content: str, title: Text, close_url: str, about: Text = "") -> str:
    """The panel of a row, for the page's block of that name; Esc and ✕ lead to ``close_url``."""
    given = {"title": title, "close_url": close_url, "about": about, "content": content}
    return render_to_string("components/panel.html", given)


@register.inclusion_tag("components/choices.html")
def choices(
    name: str,
    label: Text,
    items: Sequence[Choice],
    value: str = "",
    is_wide: bool = False,
    is_needed: bool = False,
    error: Text = "",
    shown: int = 0,
) -> dict[str, Any]:
    """Toggles of which one is chosen; those after ``shown`` fold behind 更多."""
    first = items[:shown] if shown else items
    hides_chosen = any(item.value == value for item in items[len(first) :])
    return {
        "name": name,
        "label": label,
        "first": items if hides_chosen else first,
        "more": () if hides_chosen else items[len(first) :],
        "value": value,
        "is_wide": is_wide,
        "is_needed": is_needed,
        "error": error,
    }


@register.inclusion_tag("components/agenda.html", takes_context=True)
def agenda(context: template.Context, items: Sequence[AgendaItem], label: Text) -> dict[str, Any]:
    """The things of a day: when or overdue, what, its context, a tick or the way there."""
    return {"items": items, "label": label, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/week_line.html")
def week_line(days: Sequence[DayCell], today: date) -> dict[str, Any]:
    """Monday to Sunday as a line, with what each day holds."""
    return {
        "days": [(cell, formats.weekday_letter(n)) for n, cell in enumerate(days)],
        "today": today,
    }


@register.inclusion_tag("components/month.html")
def month(
    month: Month,
    calendar: Calendar,
    today: date,
    chosen: date | None = None,
    cells: Mapping[date, DayCell] | None = None,
    previous_url: str = "",
    next_url: str = "",
) -> dict[str, Any]:
    """A month, Monday first, 休 and 班 marked; ``cells`` give days their link and note."""
    days: list[MonthCell | None] = [None] * month.first.weekday()
    for number in range(1, month.last.day + 1):
        on = month.first.replace(day=number)
        own = (cells or {}).get(on) or DayCell(on)
        cell = DayCell(on, calendar.mark(on), calendar.name(on), own.note, own.url)
        days.append(MonthCell(cell, not calendar.is_workday(on), on == today, on == chosen))
    days += [None] * (-len(days) % 7)
    weeks = [days[start : start + 7] for start in range(0, len(days), 7)]
    heads = [(formats.weekday_letter(n), formats.weekday_name(n)) for n in range(7)]
    return {"view": MonthView(formats.month_name(month), weeks, previous_url, next_url, heads)}


@register.inclusion_tag("components/diff.html")
def diff(item: Difference) -> dict[str, Any]:
    """A field's old value struck through, an arrow, the new one bold."""
    return {"item": item}


@register.inclusion_tag("components/mapping.html")
def mapping(columns: Sequence[MappedColumn], label: Text = "") -> dict[str, Any]:
    """A file's columns: letter, head, the field it is read as, a sample."""
    return {"columns": columns, "label": label or _("列对应")}


@register.inclusion_tag("components/toast.html")
def toast_line(message: Any) -> dict[str, Any]:
    """A message of the frame: what was done and its undo (core.pages.toast), or a plain text."""
    try:
        said = json.loads(str(message))
    except ValueError:
        said = None
    return said if isinstance(said, dict) and "text" in said else {"text": str(message)}


@register.inclusion_tag("components/progress.html")
def progress(run: Progress) -> dict[str, Any]:
    """Long work: how far it is, and its stop. The script asks ``run.url`` until it ends."""
    return {"run": run}


@register.inclusion_tag("components/empty_state.html", takes_context=True)
def empty_state(
    context: template.Context, title: Text, why: Text, actions: Sequence[Action] | Action = ()
) -> dict[str, Any]:
    """Why there is nothing here, and what next."""
    given = [actions] if isinstance(actions, Action) else actions
    return {
        "title": title, "why": why, "actions": given, "csrf_token": context.get("csrf_token")
    }  # fmt: skip


@register.inclusion_tag("components/banner.html", takes_context=True)
def banner(
    context: template.Context,
    text: Text,
    kind: str = "",
    url: str = "",
    link_text: Text = "",
    key: str = "",
) -> dict[str, Any]:
    """A sentence across the page: kind "miss", "late", "ok", "accent" or "".

    With ``key`` the reader can put it away (core.pages.put_away).
    """
    request = context.get("request")
    shape: dict[str, chips.Glyph] = {"miss": "alert", "late": "alert", "ok": "done"}
    return {
        "text": text,
        "kind": kind,
        "url": url,
        "link_text": link_text,
        "shape": shape.get(kind),
        "key": key,
        "here": request.get_full_path() if request else "",
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def on_day(at: datetime) -> date:
    """The day in Shanghai of an instant."""
    return local_date(at)
