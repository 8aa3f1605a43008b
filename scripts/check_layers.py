#!/usr/bin/env python3
"""Checks the house rules that a compiler does not: who may include whom, sizes, READMEs.

Prints "path:line: sentence" for every violation and exits 1 if there is one.
"""

import argparse
import pathlib
import re
import sys

# Folder -> what its files may include besides their own folder. "a" is all below a/, "a/*" only the
# files right in a/, "a/b.hpp" that file. The blind server's side (crypto/server, protocol/server)
# and the aggregator name no client folder: what they cannot include, they cannot decrypt.
LAYERS = {
    "base": [],
    "crypto/core": ["base"],
    "crypto/client": ["base", "crypto/core"],
    "crypto/server": ["base", "crypto/core"],
    "crypto/lwe/core": ["base", "crypto/core"],
    "crypto/lwe/client": ["base", "crypto/core", "crypto/client/tile_cipher.hpp",
                          "crypto/lwe/core"],
    "crypto/lwe/server": ["base", "crypto/core", "crypto/server/product.hpp", "crypto/lwe/core"],
    "model": ["base"],
    "model/files": ["base", "model/*", "model/tokenizer/gguf_vocabulary.hpp"],
    "model/tokenizer": ["base", "model/files/json.hpp"],
    "model/inference": ["base", "model/*", "model/files/json.hpp", "model/tokenizer/utf8.hpp"],
    "model/source": ["base", "model/*", "model/files", "model/tokenizer"],
    "notes": ["base"],
    "privacy/accounting": ["base"],
    "privacy/ledger": ["base", "privacy/accounting"],
    "privacy/deidentify": ["base"],
    "privacy/registry": ["base", "privacy/ledger"],
    "privacy/dp_sgd": ["base", "privacy/accounting", "privacy/ledger"],
    "privacy/audit": ["base"],
    "privacy/audit/engine": ["base", "privacy/audit", "privacy/dp_sgd", "privacy/ledger"],
    "privacy/token_cipher": ["base"],
    "privacy/token_cipher/attack": ["base", "privacy/token_cipher"],
    "privacy/dp_forward": ["base", "privacy/accounting", "privacy/ledger",
                           "privacy/dp_sgd/discrete_gaussian.hpp",
                           "privacy/dp_sgd/noise_grid.hpp"],
    "protocol": ["base", "crypto/core", "protocol/core", "protocol/server"],
    "protocol/core": ["base", "crypto/core", "crypto/lwe/core"],
    "protocol/client": ["base", "crypto/core", "crypto/client", "crypto/lwe/core",
                        "crypto/lwe/client", "protocol/core",
                        "model/config.hpp", "model/linear_oracle.hpp"],
    "protocol/server": ["base", "crypto/core", "crypto/server", "crypto/lwe/core",
                        "crypto/lwe/server", "protocol/core", "model/block_weights.hpp",
                        "model/config.hpp", "model/linear_oracle.hpp",
                        "model/model_fingerprint.hpp", "model/weights.hpp"],
    "federation/common": ["base", "crypto/core", "protocol/core"],
    "federation/report": ["base", "federation/common", "federation/secagg/common/signatures.hpp"],
    "federation/adapter": ["base", "model/*", "federation/common"],
    "federation/server": ["base", "crypto/core", "protocol/core", "protocol/server", "model/*",
                          "model/files", "federation/common"],
    "federation/client": ["base", "crypto/core", "protocol/core", "protocol/client", "model",
                          "notes", "privacy", "federation/common", "federation/adapter"],
    "federation/plan": ["base", "crypto/core", "protocol/core", "model/*", "privacy",
                        "federation/common", "federation/adapter", "federation/client",
                        "federation/secagg/common", "net/link/block.hpp", "net/link/link.hpp"],
    "federation/journal": ["base", "federation/common"],
    "federation/session": ["base", "protocol/core", "federation/common", "federation/journal",
                           "federation/secagg/common", "federation/secagg/client"],
    "federation/aggregator": ["base", "protocol/core", "federation/common", "federation/journal",
                              "federation/aggregator/strategies"],
    "federation/aggregator/strategies": ["base", "federation/common"],
    "federation/secagg/common": ["base", "protocol/core", "federation/common"],
    "federation/secagg/client": ["base", "protocol/core", "federation/common",
                                 "federation/secagg/common"],
    "federation/secagg/aggregator": ["base", "protocol/core", "federation/common",
                                     "federation/secagg/common",
                                     "federation/aggregator/collector.hpp",
                                     "federation/aggregator/strategies/contributions.hpp"],
    "net/http_metrics": ["base"],
    "net/identity": ["base"],
    "net/link": ["base", "net/identity"],
    "net/probe": ["base", "net/identity", "net/link"],
    "net/provision": ["base", "net/identity"],
    "actors": ["base", "crypto", "model", "notes", "privacy", "protocol", "federation"],
    "actors/gateways": ["base", "protocol", "federation", "net/identity", "net/link", "net/probe",
                        "actors/*"],
    "actors/processes": ["base", "model", "protocol", "federation", "net/identity", "net/link",
                         "actors/*", "actors/gateways"],
    "cli/plot": ["base"],
    "cli": ["base", "crypto", "model", "notes", "privacy", "protocol", "federation", "net",
            "actors", "cli/plot"],
}
# Folders outside the layers: they may include everything, also by a path that starts in their own
# folder, and need no README.md.
FREE = ["tests", "benchmarks"]
CAF_FOLDERS = ["actors", "benchmarks", "tests/actors", "tests/cli"]

CPP = {".hpp", ".cpp", ".inl"}
SKIPPED = {"build", ".git", ".cache", "runs", "__pycache__"}
MAX_LINES = 400
MAX_COLUMNS = 100

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
# Each is missing from one of the two compilers that must accept the code.
FORBIDDEN_HEADERS = {"format", "expected", "source_location"}
FORBIDDEN_CODE = re.compile(r"\bstd::(ranges::)?views\b")
# It deletes the test for NaN on which clipping relies.
FORBIDDEN_FLAGS = re.compile(
    r"-?ffast-math|-Ofast|-fassociative-math|-ffinite-math-only|\"fast-math")


def layer_of(path):
    """The longest folder of LAYERS that holds the file, or None."""
    for folder in path.parents:
        if folder.as_posix() in LAYERS:
            return folder.as_posix()
    return None


def is_under(path, folders):
    return any(path.is_relative_to(folder) for folder in folders)


def allows(rule, target):
    if rule.endswith("/*"):
        return target.parent.as_posix() == rule[:-2]
    return target.as_posix() == rule or target.is_relative_to(rule)


class Checker:
    def __init__(self, root):
        self.root = root
        self.violations = []

    def complain(self, path, line, sentence):
        self.violations.append(f"{path}:{line}: {sentence}")

    def files(self):
        for path in sorted(self.root.rglob("*")):
            relative = path.relative_to(self.root)
            if not SKIPPED.intersection(relative.parts) and path.is_file():
                yield relative

    def run(self):
        folders = set()
        for path in self.files():
            if path.suffix in CPP:
                self.check_cpp(path)
                folders.add(path.parent)
            elif path.name == "CMakeLists.txt" or path.suffix == ".cmake":
                self.check_flags(path, re.sub(r"#[^\n]*", "", self.text(path)))
            elif path.name == "CMakePresets.json":
                self.check_flags(path, self.text(path))
            elif path.parts[0] == "scripts" and path.suffix in {".py", ".sh", ""}:
                self.check_size(path, self.text(path))
        for folder in sorted(folders):
            has_library = (self.root / folder / "CMakeLists.txt").is_file()
            has_readme = (self.root / folder / "README.md").is_file()
            if has_library and not has_readme and not is_under(folder, FREE):
                self.complain(folder, 1, "the folder is a library but has no README.md")
        return self.violations

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def check_cpp(self, path):
        text = self.text(path)
        self.check_size(path, text)
        if layer_of(path) is None and not is_under(path, FREE):
            self.complain(path, 1, "no layer is known for this folder; add it to the table in "
                          "scripts/check_layers.py")
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if match and match[1] == '"':
                self.check_own_include(path, number, pathlib.PurePosixPath(match[2]))
            elif match:
                self.check_foreign_include(path, number, match[2])
        # Comments become blank, but keep their line ends, so that the line numbers hold.
        code = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
        self.check_flags(path, code)
        for number, line in enumerate(code.splitlines(), 1):
            if FORBIDDEN_CODE.search(line):
                self.complain(path, number, "std::views is not in clang 14's library")

    def check_own_include(self, path, number, target):
        if is_under(path, FREE) and (self.root / path.parent / target).is_file():
            return
        if not (self.root / target).is_file():
            self.complain(path, number, f'"{target}" is no file of the repository; includes start '
                          "at its root")
            return
        source_layer, target_layer = layer_of(path), layer_of(target)
        if source_layer is None or source_layer == target_layer:
            return
        if not any(allows(rule, target) for rule in LAYERS[source_layer]):
            allowed = ", ".join(LAYERS[source_layer]) or "nothing"
            self.complain(path, number, f"{source_layer} may not include {target}; it may include "
                          f"{allowed}")

    def check_foreign_include(self, path, number, header):
        if header.startswith("caf/") and not is_under(path, CAF_FOLDERS):
            self.complain(path, number, f"only actors/ may include <{header}>")
        if header in FORBIDDEN_HEADERS:
            self.complain(path, number, f"<{header}> is not in both compilers' libraries")

    def check_flags(self, path, text):
        for number, line in enumerate(text.splitlines(), 1):
            if FORBIDDEN_FLAGS.search(line):
                self.complain(path, number, "fast-math deletes the test for NaN; leave it out")

    def check_size(self, path, text):
        lines = text.splitlines()
        if len(lines) > MAX_LINES:
            self.complain(path, MAX_LINES + 1, f"{len(lines)} lines; a file has at most "
                          f"{MAX_LINES}: split it by concept")
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_COLUMNS:
                self.complain(path, number, f"{len(line)} columns; a line has at most "
                              f"{MAX_COLUMNS}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent,
                        help="the tree to check; default: the one that holds this script")
    violations = Checker(parser.parse_args().root.resolve()).run()
    for violation in violations:
        print(violation)
    if violations:
        print(f"{len(violations)} violations of the house rules")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
