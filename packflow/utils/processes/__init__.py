"""Somebody else's code in a process of its own, which a crash, an exit or a hang ends without ending anything else.

`watching` is the parent's side: it starts the process, keeps its time, and ends it with whatever it has started.
`answering` is the other side: what the process has seen goes into files, taken hold of before that code runs. `frames`
says where in whose code something went wrong, and `words` how a process ended.
"""
