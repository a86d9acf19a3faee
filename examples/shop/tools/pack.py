"""Pack the shop into one file that Python runs: `python3 tools/pack.py VERSION PACKAGE`.

The same source and version give the same bytes: names are sorted, times are fixed, nothing is compressed. So the
digest names the content and nothing else. It is printed, and kept beside the package as `sha256sum -c` reads it.
"""

import hashlib
import sys
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
START = "from shop.__main__ import main\n\nmain()\n"


def contents(version: str) -> dict[str, bytes]:
    """Every file of the package under its name."""
    files = {f"shop/{path.name}": path.read_bytes() for path in (PROJECT / "shop").glob("*.py")}
    return {"__main__.py": START.encode(), "shop/version.txt": f"{version}\n".encode(), **files}


def pack(version: str, package: Path) -> str:
    """Write the package and its checksum; the digest."""
    package.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(contents(version).items()):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    package.with_name(f"{package.name}.sha256").write_text(f"{digest}  {package.name}\n", encoding="utf-8")
    return digest


if __name__ == "__main__":
    print(pack(sys.argv[1], Path(sys.argv[2])))
