#!/usr/bin/env python3
"""Plants one violation of each house rule in a sound little tree and expects it to be found."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check_layers.py"

SOUND = {
    "base/CMakeLists.txt": "# -ffast-math is not used here\n",
    "base/README.md": "# base\n",
    "base/result.hpp": "#pragma once\n#include <string>\n// std::views is not used here\n",
    "model/CMakeLists.txt": "",
    "model/README.md": "# model\n",
    "model/config.hpp": '#pragma once\n#include "base/result.hpp"\n',
    "model/weights.hpp": '#pragma once\n#include "model/config.hpp"\n',
    "model/ops.hpp": "#pragma once\n",
    "model/files/json.hpp": "#pragma once\n",
    "model/files/half.hpp": "#pragma once\n",
    "crypto/client/key.hpp": "#pragma once\n",
    "crypto/server/product.hpp": "#pragma once\n",
    "protocol/server/service.cpp": '#include "crypto/server/product.hpp"\n'
                                   '#include "model/weights.hpp"\n',
    "actors/messages.hpp": "#pragma once\n#include <caf/all.hpp>\n",
    "tests/actors/actors_test.cpp": "#include <caf/all.hpp>\n",
    "tests/base/base_test.cpp": '#include "model/config.hpp"\n',
}


class CheckLayersTest(unittest.TestCase):
    def check(self, planted):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**SOUND, **planted}.items():
                if text is None:
                    continue
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return subprocess.run([sys.executable, str(SCRIPT), "--root", folder],
                                  capture_output=True, text=True, check=False)

    def expect_found(self, planted, *parts):
        result = self.check(planted)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("1 violations", result.stdout)
        for part in parts:
            self.assertIn(part, result.stdout)

    def test_a_sound_tree_passes(self):
        result = self.check({})
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)

    def test_an_upward_include_is_found(self):
        self.expect_found({"base/bytes.cpp": '\n#include "model/config.hpp"\n'},
                          "base/bytes.cpp:2: base may not include model/config.hpp")

    def test_the_server_may_not_include_the_client(self):
        self.expect_found({"crypto/server/product.cpp": '#include "crypto/client/key.hpp"\n'},
                          "crypto/server may not include crypto/client/key.hpp")
        self.expect_found({"protocol/server/leak.cpp": '#include "crypto/client/key.hpp"\n'},
                          "protocol/server may not include")

    def test_single_headers_are_allowed_one_by_one(self):
        self.expect_found({"protocol/server/ops.cpp": '#include "model/ops.hpp"\n'},
                          "protocol/server may not include model/ops.hpp")
        self.expect_found({"model/tokenizer/bpe.cpp": '#include "model/files/half.hpp"\n'},
                          "model/tokenizer may not include model/files/half.hpp")

    def test_the_folder_above_may_not_include_its_parts(self):
        self.expect_found({"model/load.cpp": '#include "model/files/half.hpp"\n'},
                          "model may not include model/files/half.hpp")

    def test_caf_outside_of_the_actors_is_found(self):
        self.expect_found({"model/actor.cpp": "#include <caf/actor.hpp>\n"},
                          "only actors/ may include <caf/actor.hpp>")
        self.expect_found({"tests/base/b_test.cpp": "#include <caf/actor.hpp>\n"},
                          "only actors/ may include <caf/actor.hpp>")

    def test_an_include_that_starts_elsewhere_is_found(self):
        self.expect_found({"model/a.cpp": '#include "config.hpp"\n'}, "is no file of the repository")

    def test_a_folder_without_a_layer_is_found(self):
        self.expect_found({"utils/a.hpp": "#pragma once\n"}, "no layer is known")

    def test_missing_library_features_are_found(self):
        self.expect_found({"base/a.cpp": "#include <format>\n"}, "<format> is not in both")
        self.expect_found({"base/a.cpp": "#include <expected>\n"}, "<expected> is not in both")
        self.expect_found({"base/a.cpp": "/*\n*/ auto x = std::views::iota(1);\n"},
                          "base/a.cpp:2: std::views")

    def test_fast_math_is_found(self):
        self.expect_found({"base/CMakeLists.txt": "\nadd_compile_options(-ffast-math)\n"},
                          "base/CMakeLists.txt:2: fast-math")
        self.expect_found({"base/a.cpp": '#pragma GCC optimize("fast-math")\n'}, "fast-math")
        self.expect_found({"CMakePresets.json": '{"CMAKE_CXX_FLAGS": "-Ofast"}\n'}, "fast-math")

    def test_long_files_and_lines_are_found(self):
        self.expect_found({"base/a.cpp": "\n" * 401}, "401 lines")
        self.expect_found({"base/a.cpp": "//" + "x" * 99 + "\n"}, "base/a.cpp:1: 101 columns")
        self.expect_found({"scripts/a": "#" * 101 + "\n"}, "scripts/a:1: 101 columns")
        self.assertEqual(self.check({"base/a.cpp": "//" + "é" * 98 + "\n"}).returncode, 0)

    def test_a_library_without_a_readme_is_found(self):
        self.expect_found({"base/README.md": None}, "base:1: the folder is a library but has no")


if __name__ == "__main__":
    unittest.main()
