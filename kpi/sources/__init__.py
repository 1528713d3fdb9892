"""The installed metrics, a subject a file; config.tables.METRICS names them by key."""
