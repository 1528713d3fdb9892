"""A company that never was: people, customers and weeks of work, made from a seed.

``names`` and the two files of words hold what is said, ``people`` and ``portfolio`` make who
there is, ``services``, ``filings`` and ``rollups`` what happens in a week, ``company`` puts it
together set by set, and ``story`` plays the last days through the operations themselves.
"""
