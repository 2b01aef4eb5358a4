"""From a project to a plugin: the project's files as a package that can be installed, and is loaded by its name.

``planning`` works out the new files, from the project's modules (``modules``, whose imports ``imports`` rewrites), its
other files (``layout``) and what it requires (``dependencies``); ``texts`` says how they are written down. ``trying``
runs the samples with the project and with the package, each in a process of its own, whose side is ``worker``;
``making`` is the whole way. ``packflow.project.packaged`` is what a plugin that was made here uses when it runs.
"""
