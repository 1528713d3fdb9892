"""Pages of the organisation, a subject a file."""
