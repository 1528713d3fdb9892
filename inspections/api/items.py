"""The inspection sheet over the API (annex 3.8): what holds in a month, changes to come."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import path, reverse
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, MonthField
from core.api.views import ActionView, ApiView, CreatingView, DetailView
from core.errors import NotAllowed
from inspections.choices import Taking
from inspections.models import CheckItem
from inspections.operations import items as operations
from inspections.permissions import can_see_findings


class CheckItemShown(serializers.ModelSerializer[CheckItem]):
    """An item from a month on; a later row of the same code replaces it."""

    names = serializers.DictField(child=serializers.CharField())
    faults = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = CheckItem
        fields = (
            "id",
            "code",
            "valid_from",
            "names",
            "points",
            "taking",
            "faults",
            "clause",
            "rank",
            "judged_by",
            "is_dropped",
        )


def _points() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)


class CheckItemBody(Body):
    """What an item is worth and what it costs, from a month that has not begun."""

    code = serializers.CharField(max_length=20)
    valid_from = MonthField()
    names = serializers.DictField(child=serializers.CharField(max_length=40))
    points = _points()
    taking = serializers.ChoiceField(choices=Taking.choices)
    faults = serializers.DictField(child=_points(), default=dict)
    clause = serializers.CharField(max_length=40, allow_blank=True, default="")
    rank = serializers.IntegerField(min_value=0, max_value=999)
    judged_by = serializers.CharField(max_length=40, allow_blank=True, default="")


class _Items(ApiView):
    serializer_class: Any = CheckItemShown

    def queryset_for(self, actor: Actor) -> QuerySet[CheckItem]:
        """The whole sheet, for those who are inspected and who inspect."""
        if not can_see_findings(actor) and not getattr(self, "swagger_fake_view", False):
            raise NotAllowed
        return CheckItem.objects.all()


class CheckItemList(_Items, CreatingView):
    """Every row of the sheet by month; POST sets an item from a later month on."""

    body_class = CheckItemBody
    order = ("valid_from", "rank", "pk")

    def create(self, body: dict[str, Any]) -> CheckItem:
        """Set."""
        faults: dict[str, Decimal] = body.pop("faults")
        return operations.set_check_item(**body, faults=faults, actor=self.actor, at=self.at)

    def address_of(self, thing: CheckItem) -> str:
        """By its id."""
        return reverse("api-check-item", args=[thing.pk])


class CheckItemDetail(_Items, DetailView):
    """A row of the sheet."""


class CheckItemWithdrawn(serializers.Serializer[Any]):
    """Which row was taken back."""

    withdrawn = serializers.IntegerField()


class CheckItemWithdraw(_Items, ActionView):
    """Take back a change whose month has not begun."""

    needs_version = False
    serializer_class: Any = CheckItemWithdrawn

    def perform(
        self, thing: CheckItem, body: dict[str, Any], expected_version: int
    ) -> dict[str, int]:
        """Withdraw."""
        operations.withdraw_check_item(item_id=thing.pk, actor=self.actor, at=self.at)
        return {"withdrawn": self.kwargs["pk"]}


class CheckItemDropBody(Body):
    """From which month on."""

    valid_from = MonthField()


class CheckItemDrop(_Items, ActionView):
    """Leave the item of this row's code out from a later month on."""

    body_class = CheckItemDropBody
    needs_version = False

    def perform(self, thing: CheckItem, body: dict[str, Any], expected_version: int) -> CheckItem:
        """Drop."""
        return operations.drop_check_item(
            code=thing.code, valid_from=body["valid_from"], actor=self.actor, at=self.at
        )


_ITEM = "check-items/<int:pk>/"
urlpatterns = [
    path("check-items/", CheckItemList.as_view(), name="api-check-items"),
    path(_ITEM, CheckItemDetail.as_view(), name="api-check-item"),
    path(f"{_ITEM}withdraw/", CheckItemWithdraw.as_view(), name="api-check-item-withdraw"),
    path(f"{_ITEM}drop/", CheckItemDrop.as_view(), name="api-check-item-drop"),
]
