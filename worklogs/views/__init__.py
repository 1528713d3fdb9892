"""The pages of the week, a subject a file; each ends with its own addresses."""

# Weeks in addresses are read by a converter, which must be known before the first address.
from worklogs import converters as converters
