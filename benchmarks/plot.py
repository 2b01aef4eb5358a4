"""The figures of records as a picture: what a record costs, in each way, at each size of a batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt  # after the choice of what draws

#: Each way's name in the legend, its mark and its colour, which can be told apart without colours too.
WAYS = {
    "by hand": ("by hand", "|", "black"),
    "ours": ("packflow, its preprocessing", "o", "#0072b2"),
    "call": ("packflow, a whole call", "o", "#56b4e9"),
    "peer": ("packflow 0.4.1, a whole call", "s", "#d55e00"),
    "pandas": ("pandas", "^", "#009e73"),
    "pyarrow": ("pyarrow", "v", "#cc79a7"),
}


def plot(document: dict[str, Any], file: Path) -> None:
    """Draw the times of all cases of records, a panel for each size."""
    lines = [line for line in document["lines"] if line["group"] == "records"]
    if not lines:
        return
    sizes = sorted({line["records"] for line in lines})
    cases = list(dict.fromkeys(line["case"] for line in lines))[::-1]
    mpl.rcParams.update({"svg.hashsalt": "packflow", "svg.fonttype": "none", "font.size": 9})
    figure, panels = plt.subplots(1, len(sizes), sharey=True, squeeze=False, figsize=(12, 5.5), layout="constrained")
    for panel, size in zip(panels[0], sizes, strict=True):
        found = {line["case"]: line["times"] for line in lines if line["records"] == size}
        for way, (label, mark, colour) in WAYS.items():
            at = [(times[way], cases.index(case)) for case, times in found.items() if way in times]
            if at:
                hollow = {"facecolors": "none", "edgecolors": colour} if way == "call" else {"color": colour}
                panel.scatter(
                    *zip(*at, strict=True), s=90 if mark == "|" else 26, marker=mark, label=label, zorder=3, **hollow
                )
        panel.set_xscale("log")
        panel.set_title(f"{size:,} record{'s' if size > 1 else ''} a batch")
        panel.set_xlabel("nanoseconds a record")
        panel.grid(axis="x", which="major", color="#dddddd")
        panel.grid(axis="y", color="#eeeeee")
    panels[0][0].set_yticks(range(len(cases)), cases)
    handles, labels = panels[0][-1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(WAYS), frameon=False)
    figure.savefig(file, format="svg", metadata={"Date": None})
    plt.close(figure)
