#!/usr/bin/env python3
"""Checks that the blind server's libraries can neither encrypt, decrypt nor read text.

Takes the static libraries that the server links, lists their symbols with nm, defined and
undefined, and fails if one of ours belongs to a client. OpenSSL's own names do not count.
"""

import argparse
import re
import subprocess
import sys

# Types that hold a secret, functions that use one, and what turns text into tokens and back.
CLIENT_ONLY = re.compile(
    r"OneTimeSecret|ResponseKey|SecretAccess|decrypt|encrypt_tile|TilePads|LweSecret|lwe_encrypt"
    r"|LweTile|Tokenizer|EncryptedOracle|SecAggClient|IdentityKey|AttemptKeys|SharePair")
OURS = "hippocrypt::"


def client_symbols(library):
    """The symbols of ours in `library` that only a client may have, each once, sorted."""
    listing = subprocess.run(["nm", "--demangle", library], check=True, capture_output=True,
                             text=True).stdout
    found = set()
    for line in listing.splitlines():
        # "address type name" or "type name"; a name may hold blanks.
        match = re.match(r"^[0-9a-f ]{16,}\s+[A-Za-z?-] (.*)$", line)
        name = match[1] if match else ""
        if OURS in name and CLIENT_ONLY.search(name):
            found.add(name)
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("libraries", nargs="+", help="static libraries (.a)")
    parser.add_argument("--expect-clients", action="store_true",
                        help="turns the check round, to show that it would see a client: every "
                        "library must hold a client's symbol")
    options = parser.parse_args()
    failed = False
    for library in options.libraries:
        try:
            found = client_symbols(library)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{library}: its symbols cannot be listed: {error}")
            return 2
        if bool(found) != options.expect_clients:
            failed = True
            print(f"{library}: {'client symbols' if found else 'no client symbol found'}")
        for name in found[:20] if not options.expect_clients else []:
            print(f"  {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
