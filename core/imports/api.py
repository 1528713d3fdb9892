"""Imports over the API: a file handed in, its preview, its columns mended, written or left."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config import tables
from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, MonthField
from core.api.parsers import FileParser
from core.api.views import ActionView, ApiView, CreatingView, DetailView, ListView
from core.errors import NotAllowed
from core.imports import operations, queries
from core.imports.fitting import hint_of
from core.imports.tables import CHANGED, NEW, WRONG
from core.imports.texts import differences_of, message_of, reason_of
from core.imports.views import XLSX, marked
from core.models import ImportRow, ImportRun


class FieldShown(serializers.Serializer[Any]):
    """A column that a table knows."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class TableShown(serializers.Serializer[Any]):
    """A table into which the actor may import."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    fields = FieldShown(many=True)  # type: ignore[assignment]


class TablesShown(serializers.Serializer[Any]):
    """All of them, in the order in which they are filled."""

    tables = TableShown(many=True)


class _Imports(ApiView):
    reading_scope = "import"
    scope = "import"

    def queryset_for(self, actor: Actor) -> QuerySet[ImportRun]:
        """The own imports: what a file held is nobody else's to read."""
        return queries.runs_of(actor)


class ImportTables(_Imports, DetailView):
    """Into what the actor may import, and which columns each table knows."""

    serializer_class = TablesShown

    def thing(self) -> dict[str, Any]:
        """The tables; NotAllowed for who may import none."""
        if not (tables := queries.importable(self.actor)):
            raise NotAllowed
        return {"tables": tables}


class ColumnShown(serializers.Serializer[Any]):
    """A column of the file and the field it is taken for, "" for none."""

    letter = serializers.CharField()
    header = serializers.CharField()
    field = serializers.CharField()
    guessed = serializers.BooleanField()
    sample = serializers.CharField()


class RunShown(serializers.ModelSerializer[ImportRun]):
    """A file on its way into a table."""

    filename = serializers.CharField(source="file.name")
    mapping = ColumnShown(many=True)
    counts = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    hint = serializers.SerializerMethodField()

    class Meta:
        model = ImportRun
        fields = (
            "id",
            "version",
            "table",
            "month",
            "filename",
            "state",
            "sheet",
            "header_row",
            "mapping",
            "counts",
            "message",
            "better_table",
            "hint",
            "started_at",
            "written_at",
        )

    def get_counts(self, run: ImportRun) -> dict[str, int]:
        """Rows by what they would do; empty until the file is read."""
        return {key: value for key, value in run.counts.items() if isinstance(value, int)}

    def get_message(self, run: ImportRun) -> str:
        """What is to be said of the whole file."""
        return message_of(run)

    def get_hint(self, run: ImportRun) -> str:
        """That the file rather fits ``better_table``; "" where none fits better."""
        return hint_of(run.better_table, run.table)


class UploadBody(Body):
    """An .xlsx or CSV file for a table."""

    table = serializers.ChoiceField(choices=sorted(tables.IMPORT_TABLES))
    month = MonthField(required=False)
    file = serializers.FileField(max_length=200, allow_empty_file=True)


class ImportList(_Imports, CreatingView):
    """The own imports, newest first; POST hands in a file (multipart/form-data)."""

    serializer_class = RunShown
    body_class = UploadBody
    order = ("-pk",)

    def has_any(self, actor: Actor) -> bool:
        """Who may import at least one table."""
        return bool(queries.importable(actor))

    def get_parsers(self) -> list[Any]:
        """A form with a file."""
        return [FileParser()]

    def create(self, body: dict[str, Any]) -> ImportRun:
        """Take the file in; a job makes the preview."""
        return operations.start_import(
            table_key=body["table"],
            month=body.get("month"),
            filename=body["file"].name,
            content=body["file"].read(),
            actor=self.actor,
            at=self.at,
        )

    def address_of(self, thing: ImportRun) -> str:
        """By its id."""
        return reverse("api-import", args=[thing.pk])


class ImportDetail(_Imports, DetailView):
    """Where an import stands."""

    serializer_class = RunShown


class DifferenceShown(serializers.Serializer[Any]):
    """A field before and after, personal data masked."""

    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField()
    after = serializers.CharField()


class RowShown(serializers.ModelSerializer[ImportRow]):
    """What one row of the file would do."""

    outcome = serializers.ChoiceField(choices=(NEW, CHANGED, WRONG))
    differences = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    class Meta:
        model = ImportRow
        fields = ("number", "outcome", "code", "name", "differences", "reason")

    @extend_schema_field(DifferenceShown(many=True))
    def get_differences(self, row: ImportRow) -> list[dict[str, str]]:
        """What the row changes, or what stands in a wrong one."""
        return differences_of(row)

    def get_reason(self, row: ImportRow) -> str:
        """Why the row is wrong."""
        return reason_of(row)


class RowFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By outcome."""

    outcome = django_filters.ChoiceFilter(choices=[(each, each) for each in (NEW, CHANGED, WRONG)])


class ImportRows(ListView):
    """Rows that are new, changed or wrong, in the file's order; unchanged ones are counted."""

    reading_scope = "import"
    serializer_class = RowShown
    filterset_class = RowFilter
    order = ("number", "pk")

    def queryset_for(self, actor: Actor) -> QuerySet[ImportRow]:
        """The rows of an own import."""
        if getattr(self, "swagger_fake_view", False):
            return ImportRow.objects.none()
        return queries.rows_of(queries.run_for(actor, self.kwargs["run_id"]))


class _ImportAction(_Imports, ActionView):
    serializer_class: Any = RunShown


class ColumnsBody(Body):
    """Column letter → field key, "" to leave the column out; others stay as they are."""

    columns = serializers.DictField(
        child=serializers.CharField(max_length=40, allow_blank=True), allow_empty=False
    )


class ImportColumns(_ImportAction):
    """Say which column is which; the preview is made anew, the answer remembered."""

    body_class = ColumnsBody

    def perform(self, thing: ImportRun, body: dict[str, Any], expected_version: int) -> ImportRun:
        """Correct the mapping."""
        return operations.correct_mapping(
            run_id=thing.pk,
            fields=body["columns"],
            expected_version=expected_version,
            actor=self.actor,
            at=self.at,
        )

    def pointer_of(self, name: str) -> str:
        """``column-B`` stands at /columns/B."""
        return f"/columns/{name.removeprefix('column-')}" if name else ""


class TableBody(Body):
    """The other table."""

    table = serializers.ChoiceField(choices=sorted(tables.IMPORT_TABLES))


class ImportSwitch(_ImportAction):
    """Take the file for another table; the preview is made anew."""

    body_class = TableBody

    def perform(self, thing: ImportRun, body: dict[str, Any], expected_version: int) -> ImportRun:
        """Switch."""
        return operations.switch_table(
            run_id=thing.pk,
            table_key=body["table"],
            expected_version=expected_version,
            actor=self.actor,
            at=self.at,
        )


class ImportWrite(_ImportAction):
    """Write what the preview says; a job does it."""

    def perform(self, thing: ImportRun, body: dict[str, Any], expected_version: int) -> ImportRun:
        """Write."""
        return operations.write_import(
            run_id=thing.pk, expected_version=expected_version, actor=self.actor, at=self.at
        )


class ImportDiscard(_ImportAction):
    """Leave the file; what is at work stops."""

    def perform(self, thing: ImportRun, body: dict[str, Any], expected_version: int) -> ImportRun:
        """Discard."""
        return operations.discard_import(
            run_id=thing.pk, expected_version=expected_version, actor=self.actor, at=self.at
        )


class ImportFile(_Imports, DownloadView):
    """The own file with a reason in red beside each wrong row, to mend and hand in again."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """Marked."""
        run = self.thing()
        name, content = marked(run)
        return Outgoing(
            name=name,
            content=content,
            content_type=XLSX,
            rows=int(run.counts.get("rows", 0)),
            level=run.file.level,
            branch_id=run.file.branch_id,
        )


urlpatterns = [
    path("import-tables/", ImportTables.as_view(), name="api-import-tables"),
    path("imports/", ImportList.as_view(), name="api-imports"),
    path("imports/<int:pk>/", ImportDetail.as_view(), name="api-import"),
    path("imports/<int:run_id>/rows/", ImportRows.as_view(), name="api-import-rows"),
    path("imports/<int:pk>/columns/", ImportColumns.as_view(), name="api-import-columns"),
    path("imports/<int:pk>/table/", ImportSwitch.as_view(), name="api-import-switch"),
    path("imports/<int:pk>/write/", ImportWrite.as_view(), name="api-import-write"),
    path("imports/<int:pk>/discard/", ImportDiscard.as_view(), name="api-import-discard"),
    path("imports/<int:pk>/file/", ImportFile.as_view(), name="api-import-file"),
]
