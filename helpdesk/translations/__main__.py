"""`python -m helpdesk.translations`: compile; with `--check`, only say whether that is needed."""

import sys

from helpdesk.translations import COMPILED, compiled

wanted = compiled()
if "--check" in sys.argv:
    if not COMPILED.exists() or COMPILED.read_bytes() != wanted:
        sys.exit("the compiled catalogue is stale: run `make translations`")
else:
    COMPILED.parent.mkdir(parents=True, exist_ok=True)
    COMPILED.write_bytes(wanted)
