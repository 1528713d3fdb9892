"""The home page of each role: that role's day (the dispatch is desk.views.home)."""
