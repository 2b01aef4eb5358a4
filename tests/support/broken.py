"""An environment in which everything that can be wrong with a plugin is wrong with one of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.support.distributions import BACKEND, add_distribution

NORMALIZER = """
from packflow.normalizers import Normalizer

class Money(Normalizer):
    def to_native(self, obj):
        return str(obj)
"""


class Broken(NamedTuple):
    """A plugin that is broken in one way."""

    #: The code that the doctor is to give.
    code: str
    #: A part of what it is to say, or where.
    told: tuple[str, ...]
    source: str
    kind: str = "backend"
    #: What its entry point names, in its module.
    target: str = "Fast"


#: Kinds of broken plugins, each by the name of the plugin; the module is ``acme_<name>``.
BROKEN = {
    "import-error": Broken(
        "import-failed",
        ("ModuleNotFoundError: No module named 'acme_weights'", "acme_import_error.py:2", "import acme_weights"),
        "\nimport acme_weights\n",
    ),
    "runtime-error": Broken(
        "import-failed",
        ("RuntimeError: no device", "acme_runtime_error.py:6", "in look", "caused by OSError: driver is too old"),
        """
        def look():
            try:
                raise OSError("driver is too old")
            except OSError as error:
                raise RuntimeError("no device") from error

        look()
        """,
    ),
    "syntax-error": Broken("syntax-error", ("SyntaxError", "acme_syntax_error.py:1", "def broken(:"), "def broken(:\n"),
    "system-exit": Broken(
        "exits", ("SystemExit: 3", "acme_system_exit.py:2", "sys.exit(3)"), "import sys\nsys.exit(3)\n"
    ),
    "hang": Broken(
        "hang",
        ("after 10 s", "acme_hang.py:8", "in wait"),
        """
        import signal, subprocess, sys, time
        from pathlib import Path
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(__file__).with_name("hanging").write_text(str(child.pid))
        def wait():
            time.sleep(600)
        wait()
        """,
    ),
    "segfault": Broken(
        "crash",
        ("SIGSEGV", "acme_segfault.py:3", "in touch"),
        "\nimport ctypes\ndef touch(): ctypes.string_at(0)\ntouch()\n",
        "preprocessor",
    ),
    "missing-module": Broken(
        "module-missing",
        ("no module 'acme_missing_modul'", "Did you mean 'acme_missing_module'?"),
        BACKEND,
        target="acme_missing_modul:Fast",
    ),
    "missing-attribute": Broken(
        "attribute-missing", ("has no attribute 'Fats'", "the nearest is 'Fast'"), BACKEND, target="Fats"
    ),
    "wrong-class": Broken(
        "wrong-object",
        ("the class 'acme_wrong_class.Fast', which is no subclass of InferenceBackend",),
        "class Fast: pass\n",
    ),
    "wrong-signature": Broken(
        "wrong-signature",
        ("execute(self, inputs, temperature)", "missing a required argument: 'temperature'", ":5, in Fast.execute"),
        BACKEND.replace("(self, inputs)", "(self, inputs, temperature)"),
    ),
    "misspelt-hook": Broken(
        "hook-mistake",
        ("packflow_call_finish", "the nearest is 'packflow_call_finished'"),
        """
        from packflow.plugin import hookimpl
        @hookimpl
        def packflow_call_finish(backend): pass
        """,
        "hooks",
        "",
    ),
    # Two distributions have this name: see `add_broken`.
    "shared": Broken("name-conflict", ("acme-shared 2.0 and zenith-shared 3.0",), BACKEND),
}

#: Plugins that work, and do while they are imported what a plugin should not.
ODD = {
    "prints": Broken(
        "prints",
        ("'hello from the descriptor'", "and 1 more line"),
        "import os\nos.write(1, b'hello from the descriptor\\n')\nprint('hello')\n" + BACKEND,
    ),
    "ends-at-once": Broken("exits", ("status 0", "os._exit"), "import os\nprint('going', flush=True)\nos._exit(0)\n"),
    "closes": Broken(
        "writes-to-stderr",
        ("'last words'",),
        "import os, sys\nprint('last words', file=sys.stderr)\nos.closerange(0, 100)\n" + BACKEND,
    ),
    "forks": Broken(
        "processes-left",
        ("leaves processes running",),
        "import os, time\nif not os.fork(): time.sleep(600)\n" + BACKEND,
    ),
    "threads": Broken(
        "threads-left",
        ("leaves threads running: worker",),
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), name='worker').start()\n" + BACKEND,
    ),
    "asks-for-itself": Broken(
        "import-failed",
        ("while its own module was being imported", "acme_asks_for_itself.py:2"),
        "from packflow import plugin\nplugin.load('backend', 'asks-for-itself')\n" + BACKEND,
    ),
    "asks-for-a-broken-one": Broken(
        "import-failed",
        ("another plugin that it needs failed", "acme-runtime-error 2.0"),
        "from packflow import plugin\nplugin.load('backend', 'runtime-error')\n" + BACKEND,
    ),
}


def add_broken(folder: Path) -> None:
    """Install a distribution for each of them, ``acme-sound`` with a sound plugin of each kind, and ``acme-heavy``."""
    sound = {"backend": {"sound": "acme_sound:Fast"}, "normalizer": {"acme.Money": "acme_money:Money"}}
    add_distribution(folder, "acme-sound", "1.0", sound, {"acme_sound.py": BACKEND, "acme_money.py": NORMALIZER})
    for name, broken in (BROKEN | ODD).items():
        module = f"acme_{name.replace('-', '_')}"
        value = broken.target if ":" in broken.target else f"{module}:{broken.target}".removesuffix(":")
        add_distribution(folder, f"acme-{name}", "2.0", {broken.kind: {name: value}}, {f"{module}.py": broken.source})
    add_distribution(folder, "zenith-shared", "3.0", {"backend": {"shared": "zenith:Fast"}}, {"zenith.py": BACKEND})
    # A backend that asks for a sound one while it is imported is sound; one that needs torch at once is slow.
    heavy = {"asks": "acme_asks:Fast", "heavy": "acme_heavy:Fast"}
    asks = "from packflow import plugin\nFast = plugin.load('backend', 'sound')\n"
    modules = {"acme_asks.py": asks, "acme_heavy.py": f"import torch\n{BACKEND}", "torch.py": ""}
    add_distribution(folder, "acme-heavy", "1.0", {"backend": heavy}, modules)
