"""Every case that is measured within a process."""

from __future__ import annotations

import calls
import normalizers
import records
import stream

CASES = [*records.CASES, *calls.CASES, *normalizers.CASES, *stream.CASES]
