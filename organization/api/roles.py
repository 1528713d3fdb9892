"""A role as the API shows it."""

from rest_framework import serializers

from core.api.fields import BranchRef, PersonRef
from organization.models import RoleGrant


class GrantShown(serializers.ModelSerializer[RoleGrant]):
    """A role held from a day on, until another (that day excluded)."""

    person = PersonRef()
    branch = BranchRef()

    class Meta:
        model = RoleGrant
        fields = (
            "id",
            "person",
            "role",
            "branch",
            "valid_from",
            "valid_to",
            "is_acting",
            "granted_by_name",
            "why",
        )
