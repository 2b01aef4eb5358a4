"""Normalizers against libraries that are too heavy for the ordinary tests.

Pytest does not descend into this folder by itself: the sessions ``normalizers_…`` install a library each and name
the file. Nothing here is skipped where a library is missing.
"""
