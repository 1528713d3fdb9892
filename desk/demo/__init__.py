"""A company that never was: people, customers, weeks and months of work, made from a seed.

``names`` and the files of words hold what is said, ``people`` and ``portfolio`` make who there
is, ``services``, ``filings`` and ``rollups`` what happens in a week, ``company`` puts it together
set by set. ``players`` act: ``story`` plays the last days and ``months``, with the files that
bear their name, the last months through the operations themselves.
"""
