"""Names that a new plugin may be given."""

from __future__ import annotations

import keyword
import sys
from string import ascii_letters, digits

from hypothesis import strategies as st

from packflow.scaffold.names import package_of

_INNER = st.text(ascii_letters + digits + "-_.", max_size=12)

#: Every name of a distribution.
distribution_names = st.builds(
    str.__add__,
    st.sampled_from(ascii_letters + digits),
    st.one_of(st.just(""), st.builds(str.__add__, _INNER, st.sampled_from(ascii_letters + digits))),
)

#: Those whose package can be imported and hides nothing.
usable_names = distribution_names.filter(
    lambda name: (
        name[0] in ascii_letters
        and not keyword.iskeyword(package_of(name))
        and package_of(name) not in {*sys.stdlib_module_names, "packflow", "tests", "numpy", "pydantic"}
        and package_of(name).replace("_", "")
        not in {"inferencebackend", "inference", "backendconfig", "backend", "preprocessor", "passthrough", "records"}
    )
)
