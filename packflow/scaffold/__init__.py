"""New projects: trees of templates that packflow brings, filled in and written to a folder.

``trees`` reads and fills in templates, ``writing`` puts the result on the disk, and ``names`` says which names can be
used; none of them knows what is being made. ``plugins`` is the one that knows what a new plugin consists of. The
templates themselves are under ``packflow/templates``.
"""
