"""The small base of the REST API: problems, pages, tags, keys, limits, and views over them.

A resource is three things: a serializer of what is shown (``Shown``), a body of what may be
sent (``Body``), and views (``ListView``, ``DetailView``, ``ActionView``) that name a queryset
and call one operation. docs/api.md says what a client sees of it.
"""

from core.api.problems import problem

__all__ = ("problem",)
