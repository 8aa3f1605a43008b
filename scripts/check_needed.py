#!/usr/bin/env python3
"""Checks that no program depends on CAF's network layer.

Takes build folders, looks at every executable in them with readelf, and fails if one needs
libcaf_io or libcaf_openssl: what crosses a process goes over net/, which authenticates first.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

FORBIDDEN = re.compile(r"libcaf_(io|openssl)\b")
NEEDED = re.compile(r"\(NEEDED\).*\[([^\]]+)\]")


def is_program(path):
    """Executable, and an ELF file."""
    if not path.is_file() or path.is_symlink() or not os.access(path, os.X_OK):
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def needed_by(program):
    """The shared libraries that `program` names."""
    listing = subprocess.run(["readelf", "--dynamic", program], check=True, capture_output=True,
                             text=True).stdout
    return NEEDED.findall(listing)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=pathlib.Path, help="build folders, or programs")
    parser.add_argument("--library", default=FORBIDDEN.pattern,
                        help="what must not be needed, a regular expression")
    options = parser.parse_args()
    forbidden = re.compile(options.library)
    seen, failed = 0, False
    for folder in options.folders:
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            if "CMakeFiles" in path.parts or not is_program(path):
                continue
            seen += 1
            found = [name for name in needed_by(path) if forbidden.search(name)]
            if found:
                failed = True
                print(f"{path}: needs {', '.join(found)}")
    if seen == 0:
        print("there are no programs to look at")
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
