"""Reads over meetings, a subject a module."""
