"""Bulletins over the API (B1, annex 8): drafted, written, commented, published, signed for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.fields import Body, BranchRef, IdField, MonthField, PersonRef, ReasonField
from core.api.filters import IdFilter
from core.api.views import ActionView, ApiView, ChangingView, CreatingView, DetailView, ListView
from core.errors import NotFound
from core.exports import XLSX
from core.periods import local_date
from organization.models import Branch
from reports import permissions
from reports.choices import BulletinState
from reports.document import as_content
from reports.drafting import document_of
from reports.hindrances import before_proposing, before_publishing
from reports.models import BranchComment, Bulletin, SignFor
from reports.operations import bulletins as operations
from reports.operations.comments import TEXT_AT_MOST as COMMENT_AT_MOST
from reports.operations.comments import answer_comment, comment_on_bulletin
from reports.operations.publishing import publish_bulletin
from reports.operations.receipts import remind_signers, sign_for_bulletin
from reports.queries.bulletins import bulletin_for, bulletins_for, can_read_bulletins, told_led
from reports.receipt_table import receipts_workbook
from reports.suggestions import suggestions


class BulletinShown(serializers.ModelSerializer[Bulletin]):
    """A bulletin: of which month, how far it is, its number once it is published."""

    drafted_by = PersonRef(allow_null=True)
    proposed_by = PersonRef(allow_null=True)
    approved_by = PersonRef(allow_null=True)

    class Meta:
        model = Bulletin
        fields: tuple[str, ...] = (
            "id",
            "version",
            "month",
            "supplement",
            "state",
            "title",
            "send_to",
            "copy_to",
            "level",
            "document_number",
            "why",
            "drafted_at",
            "drafted_by",
            "comments_until",
            "proposed_at",
            "proposed_by",
            "published_at",
            "approved_by",
            "updated_at",
        )


class RowLink(serializers.Serializer[Any]):
    """A row that a sentence stands on."""

    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()


class SuggestionShown(serializers.Serializer[Any]):
    """A sentence that may be taken into its part."""

    part = serializers.CharField()
    key = serializers.CharField()
    text = serializers.CharField()
    is_taken = serializers.BooleanField()
    rows = RowLink(many=True)


class TableChanged(serializers.Serializer[Any]):
    """A table that the newest taking of figures changed, and how many of its rows."""

    table = serializers.CharField()
    rows = serializers.IntegerField()


class BulletinWhole(BulletinShown):
    """With the document as it would be published now, and as it was once it is.

    ``texts`` and ``taken`` by part, ``suggestions`` and what ``hinders`` the next step are for
    its writers, else empty.
    """

    changed = TableChanged(many=True)
    hinders = serializers.SerializerMethodField()
    document = serializers.SerializerMethodField()
    texts = serializers.SerializerMethodField()
    taken = serializers.SerializerMethodField()
    suggestions = serializers.SerializerMethodField()

    class Meta(BulletinShown.Meta):
        fields = (
            *BulletinShown.Meta.fields,
            "changed",
            "hinders",
            "document",
            "texts",
            "taken",
            "suggestions",
        )

    def _is_writer(self) -> bool:
        return permissions.sees_drafts(self.context["view"].actor)

    def get_hinders(self, bulletin: Bulletin) -> list[str]:
        """All that stands in the way of proposing or publishing it."""
        before = {
            BulletinState.COMMENTING: before_proposing,
            BulletinState.PROPOSED: before_publishing,
        }.get(BulletinState(bulletin.state))
        return before(bulletin, self.context["view"].at) if before and self._is_writer() else []

    def get_document(self, bulletin: Bulletin) -> dict[str, Any]:
        """The company's edition."""
        if bulletin.state == BulletinState.PUBLISHED:
            return dict(bulletin.editions.get(branch=None).content)
        on = local_date(self.context["view"].at)
        return as_content(document_of(bulletin, None, on))

    def get_texts(self, bulletin: Bulletin) -> dict[str, str]:
        """The market department's words by part."""
        return dict(bulletin.texts) if self._is_writer() else {}

    def get_taken(self, bulletin: Bulletin) -> dict[str, list[str]]:
        """The keys of the sentences that were taken, by part."""
        return dict(bulletin.taken) if self._is_writer() else {}

    def get_suggestions(self, bulletin: Bulletin) -> list[dict[str, Any]]:
        """What the figures suggest."""
        if not self._is_writer() or bulletin.state == BulletinState.PUBLISHED:
            return []
        rows = [
            {
                "part": part,
                "key": one.key,
                "text": one.text,
                "is_taken": one.key in bulletin.taken.get(part, ()),
                "rows": [{"label": row.label, "url": row.url} for row in one.rows],
            }
            for part, each in suggestions(bulletin.figures).items()
            for one in each
        ]
        return [dict(one) for one in SuggestionShown(rows, many=True).data]


class BulletinFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By month, year of the month, state."""

    month = django_filters.CharFilter()
    year = django_filters.NumberFilter(method="of_year", min_value=2000, max_value=2199)
    state = django_filters.ChoiceFilter(choices=BulletinState.choices)

    def of_year(self, rows: QuerySet[Bulletin], name: str, year: Any) -> QuerySet[Bulletin]:
        """The bulletins of a year's months."""
        return rows.filter(month__startswith=f"{int(year):04}-")


class BulletinBody(Body):
    """The month whose figures are frozen."""

    month = MonthField()


class _Bulletins(ApiView):
    def queryset_for(self, actor: Actor) -> QuerySet[Bulletin]:
        """Visible bulletins."""
        return bulletins_for(actor).select_related("drafted_by", "proposed_by", "approved_by")


class BulletinList(_Bulletins, CreatingView):
    """Bulletins, the newest month first; POST drafts one from the frozen figures."""

    serializer_class = BulletinShown
    filterset_class = BulletinFilter
    body_class = BulletinBody
    order = ("-month", "-pk")
    updated_field = "updated_at"

    def has_any(self, actor: Actor) -> bool:
        """See can_read_bulletins."""
        return can_read_bulletins(actor)

    def create(self, body: dict[str, Any]) -> Bulletin:
        """Draft."""
        return operations.draft_bulletin(month=body["month"], actor=self.actor, at=self.at)

    def address_of(self, thing: Bulletin) -> str:
        """By its id."""
        return reverse("api-bulletin", args=[thing.pk])


class BulletinWrite(Body):
    """What a person writes; texts and the keys of taken sentences by part, the others stay."""

    title = serializers.CharField(max_length=80)
    send_to = serializers.CharField(max_length=operations.WORDS_AT_MOST, allow_blank=True)
    copy_to = serializers.CharField(max_length=operations.WORDS_AT_MOST, allow_blank=True)
    texts = serializers.DictField(
        child=serializers.CharField(max_length=operations.TEXT_AT_MOST, allow_blank=True)
    )
    taken = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=80), max_length=200)
    )


class _OneBulletin(_Bulletins):
    serializer_class: Any = BulletinWhole


class BulletinDetail(_OneBulletin, ChangingView):
    """A bulletin with its document; PATCH writes it."""

    body_class = BulletinWrite

    def pointer_of(self, name: str) -> str:
        """Texts and taken sentences stand by part."""
        return "/" + name.replace(".", "/")

    def change(self, thing: Bulletin, changes: dict[str, Any], expected_version: int) -> Bulletin:
        """Write."""
        return operations.write_bulletin(
            bulletin_id=thing.pk,
            expected_version=expected_version,
            head={name: text for name, text in changes.items() if name not in ("texts", "taken")},
            texts=changes.get("texts"),
            taken=changes.get("taken"),
            actor=self.actor,
            at=self.at,
        )


class _BulletinAction(_OneBulletin, ActionView):
    """An act upon a bulletin."""


class BulletinFigures(_BulletinAction):
    """Take the figures anew."""

    def perform(self, thing: Bulletin, body: dict[str, Any], expected_version: int) -> Bulletin:
        """Take."""
        return operations.take_figures(bulletin_id=thing.pk, **self.acting(expected_version))


class BulletinAsk(_BulletinAction):
    """Ask the branches for comments."""

    def perform(self, thing: Bulletin, body: dict[str, Any], expected_version: int) -> Bulletin:
        """Ask."""
        return operations.ask_for_comments(bulletin_id=thing.pk, **self.acting(expected_version))


class BulletinPropose(_BulletinAction):
    """Hand it to the second person."""

    def perform(self, thing: Bulletin, body: dict[str, Any], expected_version: int) -> Bulletin:
        """Propose."""
        return operations.propose_bulletin(bulletin_id=thing.pk, **self.acting(expected_version))


class BulletinWhy(Body):
    """The reason."""

    why = ReasonField()


class BulletinSendBack(_BulletinAction):
    """Give it back to its writers."""

    body_class = BulletinWhy

    def perform(self, thing: Bulletin, body: dict[str, Any], expected_version: int) -> Bulletin:
        """Send back."""
        return operations.send_back_bulletin(
            bulletin_id=thing.pk,
            why=body["why"],
            **self.acting(expected_version),
        )


class BulletinPublish(_BulletinAction):
    """Approve and publish, by a second person."""

    def perform(self, thing: Bulletin, body: dict[str, Any], expected_version: int) -> Bulletin:
        """Publish."""
        return publish_bulletin(bulletin_id=thing.pk, **self.acting(expected_version))


class BulletinSupplement(_BulletinAction):
    """Begin a numbered supplement to a published bulletin."""

    body_class = BulletinWhy
    needs_version = False
    done_status = 201

    def perform(self, thing: Bulletin, body: dict[str, Any], expected_version: int) -> Bulletin:
        """Draft."""
        return operations.draft_supplement(
            bulletin_id=thing.pk, why=body["why"], actor=self.actor, at=self.at
        )


class PreviewShown(serializers.Serializer[Any]):
    """A branch's edition as it would be published now."""

    branch = BranchRef()
    document = serializers.DictField()


@dataclass(frozen=True)
class Preview:
    """A branch and its edition."""

    branch: Branch
    document: dict[str, Any]


class BulletinPreview(_OneBulletin, DetailView):
    """A branch's edition of a draft: its own people by name, its own rows."""

    serializer_class = PreviewShown

    def thing(self) -> Preview:
        """For those who lead the branch, and for its writers; NotFound once it is published."""
        bulletin = bulletin_for(self.actor, self.kwargs["pk"])
        branches = {one.pk: one for one in told_led(self.actor, bulletin)}
        branch = branches.get(self.kwargs["branch"])
        if branch is None or bulletin.state == BulletinState.PUBLISHED:
            raise NotFound
        return Preview(branch, as_content(document_of(bulletin, branch, local_date(self.at))))


# Comments


class CommentShown(serializers.ModelSerializer[BranchComment]):
    """A branch's comment and its answer; an empty text says that there is none."""

    branch = BranchRef()
    said_by = PersonRef()
    answered_by = PersonRef(allow_null=True)

    class Meta:
        model = BranchComment
        fields = (
            "id",
            "branch",
            "text",
            "said_at",
            "said_by",
            "answer",
            "answered_at",
            "answered_by",
        )


class CommentBody(Body):
    """For which branch what is said; ``has_none`` says that there is nothing to say."""

    branch = IdField()
    text = serializers.CharField(max_length=COMMENT_AT_MOST, allow_blank=True, default="")
    has_none = serializers.BooleanField(default=False)


class _OfBulletin(ApiView):
    """What belongs to a bulletin."""

    def bulletin(self) -> Bulletin:
        """The bulletin of the address; NotFound where it is not for this actor."""
        return bulletin_for(self.actor, self.kwargs["pk"])

    def address_of(self, thing: Any) -> str:
        """The list itself."""
        return self.request.path


class BulletinComments(_OfBulletin, CreatingView):
    """What branches said of the draft; POST says something for a branch, once."""

    serializer_class = CommentShown
    body_class = CommentBody
    order = ("said_at", "pk")

    def queryset_for(self, actor: Actor) -> QuerySet[BranchComment]:
        """All for its writers, the own branch's for those who lead it."""
        rows = BranchComment.objects.select_related("branch", "said_by", "answered_by")
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        rows = rows.filter(bulletin=self.bulletin())
        return rows if permissions.sees_drafts(actor) else rows.filter(
            branch_id__in=actor.led_branches
        )  # fmt: skip

    def create(self, body: dict[str, Any]) -> BranchComment:
        """Say it."""
        return comment_on_bulletin(
            bulletin_id=self.bulletin().pk,
            branch_id=body["branch"],
            text=body["text"],
            has_none=body["has_none"],
            actor=self.actor,
            at=self.at,
        )


class CommentAnswer(Body):
    """What was changed, or why not."""

    answer = serializers.CharField(max_length=COMMENT_AT_MOST, allow_blank=True)


class BulletinAnswer(_OfBulletin, ActionView):
    """Answer a branch's comment."""

    serializer_class = CommentShown
    body_class = CommentAnswer
    needs_version = False

    def queryset_for(self, actor: Actor) -> QuerySet[BranchComment]:
        """The comments of the bulletin that the actor sees."""
        rows = BranchComment.objects.select_related("branch", "said_by", "answered_by")
        rows = rows.filter(bulletin__in=bulletins_for(actor))
        return rows if permissions.sees_drafts(actor) else rows.filter(
            branch_id__in=actor.led_branches
        )  # fmt: skip

    def thing(self) -> BranchComment:
        """The comment of the address."""
        keys = {"bulletin": self.kwargs["pk"], "pk": self.kwargs["comment"]}
        found: BranchComment | None = self.get_queryset().filter(**keys).first()
        if found is None:
            raise NotFound
        return found

    def perform(
        self, thing: BranchComment, body: dict[str, Any], expected_version: int
    ) -> BranchComment:
        """Answer."""
        return answer_comment(
            comment_id=thing.pk, answer=body["answer"], actor=self.actor, at=self.at
        )


# Receipts


class ReceiptShown(serializers.ModelSerializer[SignFor]):
    """Somebody who must sign for it."""

    branch = BranchRef()
    person = PersonRef()

    class Meta:
        model = SignFor
        fields = ("id", "branch", "person", "signed_at", "reminded_at", "reminders")


class ReceiptFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By branch, and whether it is signed."""

    branch = IdFilter(field_name="branch_id")
    is_signed = django_filters.BooleanFilter(
        field_name="signed_at", lookup_expr="isnull", exclude=True
    )


class BulletinReceipts(_OfBulletin, ListView):
    """The sign-for list: whole for head office, the own branch's for the others."""

    serializer_class = ReceiptShown
    filterset_class = ReceiptFilter
    order = ("branch__code", "pk")

    def queryset_for(self, actor: Actor) -> QuerySet[SignFor]:
        """Those of the bulletin."""
        rows = SignFor.objects.select_related("branch", "person")
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        rows = rows.filter(bulletin=self.bulletin())
        return rows if actor.reads_all else rows.filter(branch_id__in=actor.branches or ())


class BulletinReceiptsWorkbook(_OfBulletin, DownloadView):
    """The sign-for list as a workbook."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """As far as the actor sees it."""
        made = receipts_workbook(self.bulletin(), self.actor)
        return Outgoing(f"{made.name}.xlsx", made.content, XLSX, rows=made.rows)


class BulletinSign(_BulletinAction):
    """Sign for it; again changes nothing."""

    serializer_class = ReceiptShown
    needs_version = False

    def perform(
        self, thing: Bulletin, body: dict[str, Any], expected_version: int
    ) -> Mapping[str, Any]:
        """Sign."""
        receipt = sign_for_bulletin(bulletin_id=thing.pk, actor=self.actor, at=self.at)
        return dict(ReceiptShown(receipt).data)


class SignersReminded(serializers.Serializer[Any]):
    """Who was reminded: people's ids."""

    reminded = serializers.ListField(child=serializers.IntegerField())


class BulletinRemind(_BulletinAction):
    """Remind those who have not signed."""

    serializer_class = SignersReminded
    needs_version = False

    def perform(
        self, thing: Bulletin, body: dict[str, Any], expected_version: int
    ) -> Mapping[str, Any]:
        """Remind."""
        chosen = remind_signers(bulletin_id=thing.pk, actor=self.actor, at=self.at)
        return {"reminded": sorted(one.person_id for one in chosen)}


_ONE = "bulletins/<int:pk>/"
urlpatterns = [
    path("bulletins/", BulletinList.as_view(), name="api-bulletins"),
    path(_ONE, BulletinDetail.as_view(), name="api-bulletin"),
    path(f"{_ONE}preview/<int:branch>/", BulletinPreview.as_view(), name="api-bulletin-preview"),
    path(f"{_ONE}figures/", BulletinFigures.as_view(), name="api-bulletin-figures"),
    path(f"{_ONE}ask/", BulletinAsk.as_view(), name="api-bulletin-ask"),
    path(f"{_ONE}comments/", BulletinComments.as_view(), name="api-bulletin-comments"),
    path(
        f"{_ONE}comments/<int:comment>/answer/",
        BulletinAnswer.as_view(),
        name="api-bulletin-answer",
    ),
    path(f"{_ONE}propose/", BulletinPropose.as_view(), name="api-bulletin-propose"),
    path(f"{_ONE}send-back/", BulletinSendBack.as_view(), name="api-bulletin-send-back"),
    path(f"{_ONE}publish/", BulletinPublish.as_view(), name="api-bulletin-publish"),
    path(f"{_ONE}supplements/", BulletinSupplement.as_view(), name="api-bulletin-supplement"),
    path(f"{_ONE}receipts/", BulletinReceipts.as_view(), name="api-bulletin-receipts"),
    path(
        f"{_ONE}receipts/workbook/",
        BulletinReceiptsWorkbook.as_view(),
        name="api-bulletin-receipts-workbook",
    ),
    path(f"{_ONE}sign/", BulletinSign.as_view(), name="api-bulletin-sign"),
    path(f"{_ONE}remind/", BulletinRemind.as_view(), name="api-bulletin-remind"),
]
