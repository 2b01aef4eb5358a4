"""``python -m packflow`` is the command ``packflow``."""

from __future__ import annotations

from packflow.cli import main

if __name__ == "__main__":
    main(prog_name="packflow")
