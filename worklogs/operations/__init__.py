"""The only writers of logs, summaries, roll-ups and consolidations, a subject a file."""
