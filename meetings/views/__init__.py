"""Pages of meetings, a subject a module; each keeps its own addresses."""
