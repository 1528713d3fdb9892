"""A figure in a template: ``{% chart figure %}``."""

from typing import Any

from django import template

from core.charts import Figure, drawing_of

register = template.Library()


@register.inclusion_tag("charts/chart.html")
def chart(figure: Figure) -> dict[str, Any]:
    """The figure as inline SVG."""
    return {"drawing": drawing_of(figure)}
