"""A project's archive: the record inside it, how it is written, and how it is read and unpacked.

``manifest`` is the record, ``names`` says which paths an archive may hold; ``writing`` and ``wheels`` make an archive.
"""
