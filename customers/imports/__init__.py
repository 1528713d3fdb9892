"""What can be imported of customers: group customers with contacts, personal key customers."""

from customers.imports.tables import GROUPS, PERSONS

__all__ = ["GROUPS", "PERSONS"]
