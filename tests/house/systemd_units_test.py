#!/usr/bin/env python3
"""The units in scripts/systemd: systemd reads them, and what protects the machine is in them."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "systemd"
PROGRAMS = {"hippocrypt-server": "hippocrypt-server", "hippocrypt-aggregator": "hippocrypt-aggregator",
            "hippocrypt-join": "hippocrypt"}
NEEDED = ["NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "LimitCORE=0",
          "User=hippocrypt", "UMask=0077", "ExecReload=/bin/kill -HUP $MAINPID",
          "SuccessExitStatus=130", "WantedBy=multi-user.target"]


class SystemdUnits(unittest.TestCase):
    def test_there_is_one_for_every_program(self):
        self.assertEqual({path.stem for path in FOLDER.glob("*.service")}, set(PROGRAMS))

    def test_they_run_the_program_and_confine_it(self):
        for unit, program in PROGRAMS.items():
            lines = (FOLDER / f"{unit}.service").read_text(encoding="utf-8").splitlines()
            for line in NEEDED:
                self.assertIn(line, lines, unit)
            start = [line for line in lines if line.startswith("ExecStart=")]
            self.assertEqual(len(start), 1, unit)
            self.assertEqual(start[0].split()[0], f"ExecStart=/usr/local/bin/{program}")
            self.assertTrue(any(line.startswith("TimeoutStopSec=") for line in lines), unit)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze here")
    def test_systemd_reads_them(self):
        with tempfile.TemporaryDirectory() as folder:
            copies = []
            for unit in PROGRAMS:
                text = (FOLDER / f"{unit}.service").read_text(encoding="utf-8")
                copies.append(pathlib.Path(folder) / f"{unit}.service")
                copies[-1].write_text(re.sub(r"/usr/local/bin/\S+", "/bin/true", text),
                                      encoding="utf-8")
            done = subprocess.run(["systemd-analyze", "verify", *map(str, copies)],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
