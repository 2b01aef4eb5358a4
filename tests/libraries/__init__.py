"""Normalizers against libraries that are too heavy for the ordinary tests.

Pytest does not descend into this folder by itself: the sessions ``heavy`` and ``normalizer`` install the libraries and
name the folder, or a file in it. Nothing here is skipped where a library is missing.
"""
