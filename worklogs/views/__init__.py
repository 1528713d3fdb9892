"""The pages of the week, a subject a file; each ends with its own addresses."""
