"""Service logs from a file: those of a key-customer system that a branch already runs (P2, W3).

A log is known by its external id within a branch; where the file has none, by what it says, so
that the same file twice doubles nothing. Other content under the same id is a correction.
"""

from worklogs.imports.table import LOGS

__all__ = ["LOGS"]
