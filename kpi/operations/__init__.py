"""What is done with targets, schemes, marks, cases and score sheets, a subject a file."""
