"""Pictures for export: an SVG of ours becomes a PNG, in another process and within limits.

Define here how the renderer is run. It holds the interpreter's lock and follows links in what it is
given (measured), so it never runs in this process and never sees an image element.
"""

from __future__ import annotations

import re
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

MAX_WIDTH, MAX_HEIGHT, MAX_SCALE = 2400, 1260, 2.0
MAX_SVG = 400_000
REFUSED = re.compile(r"<\s*(image|foreignObject|script|use|iframe|!ENTITY|!DOCTYPE)", re.I)


class NoPicture(Exception):
    """No picture could be made; the text says why."""


class PngMaker:
    """One worker process, started at the first picture, ended when it hangs."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def png(self, svg: str, width: int, height: int, scale: float = 1.0) -> bytes:
        """A PNG of an SVG.

        Raises:
            NoPicture: When it is too large, holds what must not be there, or takes too long.
        """
        if not (0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT and 0 < scale <= MAX_SCALE):
            raise NoPicture("the picture would be too large")
        if len(svg) > MAX_SVG or REFUSED.search(svg):
            raise NoPicture("the drawing holds what must not be rendered")
        with self._lock:
            pool = self._pool = self._pool or ProcessPoolExecutor(
                1, mp_context=get_context("spawn")
            )
            try:
                return pool.submit(_to_png, svg, scale).result(timeout=self._seconds)
            except TooSlow:
                self._end(pool)
                raise NoPicture("rendering took too long") from None
            except BrokenProcessPool:
                self._end(pool)
                raise NoPicture("the renderer ended") from None
            except ImportError:
                raise NoPicture("install trender[charts] to make pictures") from None
            except Exception as error:
                raise NoPicture(f"the renderer refused it ({type(error).__name__})") from None

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            if self._pool is not None:
                self._end(self._pool)

    def _end(self, pool: ProcessPoolExecutor) -> None:
        self._pool = None
        workers = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.kill()


def _to_png(svg: str, scale: float) -> bytes:
    import vl_convert

    return vl_convert.svg_to_png(svg, scale=scale)
