"""The pages of targets, results, the scheme and score sheets, a subject a file."""
