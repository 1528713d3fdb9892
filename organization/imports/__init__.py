"""What can be imported into the organisation: branches first, then staff (annex 1)."""

from organization.imports.branches import BRANCHES
from organization.imports.staff import STAFF

__all__ = ["BRANCHES", "STAFF"]
