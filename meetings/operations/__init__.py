"""What is done with meetings: each module the only writer of its subject."""
