"""The tools around the application: set-up, private services, the stages of the checks."""
