"""What pages, API and papers read of targets, schemes, marks, cases and sheets."""
