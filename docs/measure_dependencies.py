"""Measures what every dependency costs, and writes the table in docs/dependencies.md.

    python docs/measure_dependencies.py

Size: the installed files of the package, and of what it brings along that no dependency above it
in the table has brought already. Import time: a fresh process that imports it, minus one that
imports nothing; the fastest of nine, files in the page cache.
"""

from __future__ import annotations

import math
import os
import platform
import re
import subprocess
import sys
import time
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

HERE = Path(__file__).parent
IMPORTED = {"scikit-learn": "sklearn", "jax": "jax, jax.numpy"}
ROUNDS = 9
MARKED = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)


def dependencies() -> list[str]:
    """The names in pyproject.toml, in its order."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    return [re.split(r"[<>=!~\[ ]", line)[0] for line in project["dependencies"]]


def megabytes(name: str) -> float:
    """Size of the installed files of a package."""
    files = distribution(name).files or []
    paths = [Path(str(distribution(name).locate_file(file))) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1e6


def brings(name: str) -> set[str]:
    """What a package needs to be installed, directly and indirectly."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        try:
            needed = distribution(waiting.pop()).requires or []
        except PackageNotFoundError:
            continue
        for line in needed:
            plain = re.split(r"[<>=!~\[; (]", line)[0].lower().replace("_", "-")
            if "extra ==" not in line and plain not in found and installed(plain):
                found.add(plain)
                waiting.append(plain)
    return found


def installed(name: str) -> bool:
    """Whether a package is installed here."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def seconds(lines: list[str]) -> dict[str, float]:
    """Fastest time of a fresh process for each line of code, taken in turns; the rest is noise."""
    seen = dict.fromkeys(lines, math.inf)
    for _ in range(ROUNDS):
        for code in lines:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
            seen[code] = min(seen[code], time.perf_counter() - start)
    return seen


def table() -> str:
    """The measured table in Markdown."""
    lines = ["| package | version | MB | brings along, MB | import, s |", "| --- " * 5 + "|"]
    counted = set(dependencies())
    imports = {name: f"import {IMPORTED.get(name, name)}" for name in dependencies()}
    times = seconds(["pass", "import unstuck", *imports.values()])
    total = 0.0
    for name in dependencies():
        others = sorted(brings(name) - counted)
        counted |= set(others)
        extra = sum(map(megabytes, others))
        listed = f"{extra:.1f} ({', '.join(others)})" if others else "nothing new"
        imported = max(times[imports[name]] - times["pass"], 0.0)
        own = megabytes(name)
        total += own + extra
        version = distribution(name).version
        lines.append(f"| `{name}` | {version} | {own:.1f} | {listed} | {imported:.2f} |")
    unstuck = max(times["import unstuck"] - times["pass"], 0.0)
    lines.append(f"| all of them | | {total:.0f} | | |")
    lines.append(f"| `import unstuck` | | | | {unstuck:.2f} |")
    return "\n".join(lines)


def machine() -> str:
    """Where the numbers come from."""
    chip = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"model name\s*:\s*(.+)", info.read_text())
        chip = re.sub(r"\((R|TM)\)", "", found[1]) if found else chip
    return (
        f"Measured with {os.cpu_count()} cores of an {chip}, {platform.system()}, "
        f"Python {platform.python_version()}."
    )


def main() -> None:
    """Measure and write."""
    path = HERE / "dependencies.md"
    measured = f"{table()}\n\n{machine()}\n"
    text = path.read_text("utf-8")
    path.write_text(MARKED.sub(lambda m: f"{m[1]}{measured}{m[2]}", text), "utf-8")
    print(measured)


if __name__ == "__main__":
    main()
