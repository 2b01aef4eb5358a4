"""Which files of a project go into its archive, and why the others are left out.

``tree`` lists a folder on the disk, ``choosing`` decides about each entry: by what it is, by its name (``unwanted``),
and by the project's ignore files (``ignoring``). ``contents`` then looks for secrets inside of what was chosen.
``gathering`` does all that for a project, and ``required`` says what its archive cannot do without.
"""
