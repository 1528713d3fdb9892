"""The only writers of branches, people, roles, settings and ways in, a subject a file."""
