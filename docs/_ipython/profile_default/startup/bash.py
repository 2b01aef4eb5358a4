"""Runs in the kernel of each notebook, before its cells: what a ``%%bash`` cell prints comes in one piece.

IPython's own ``%%bash`` hands the output on in chunks and keeps the two streams apart, so that lines would be cut, and
an error would not stand where it happened.
"""

import os
import subprocess

from IPython import get_ipython


def bash(line: str, cell: str) -> None:
    # ipykernel asks programs for colour, which a page cannot show
    environment = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "CLICOLOR_FORCE")}
    done = subprocess.run(  # noqa: S603  # the cells of our own pages
        ["bash", "-c", cell],  # noqa: S607  # whichever bash the reader would get
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        check=False,
    )
    print(done.stdout, end="")
    if done.returncode and "--no-raise-error" not in line:
        raise subprocess.CalledProcessError(done.returncode, cell)


get_ipython().register_magic_function(bash, "cell", "bash")
