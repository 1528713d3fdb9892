"""A month's numbers from files: bills, results, the company's requirements."""

from kpi.imports.billing import BILLING
from kpi.imports.requirements import REQUIREMENTS
from kpi.imports.results import RESULTS

__all__ = ["BILLING", "REQUIREMENTS", "RESULTS"]
