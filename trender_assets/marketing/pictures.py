"""Turning our own drawings into PNG, when the renderer is installed.

Define here how the renderer is called. It is imported only when a picture is made, sees nothing
but drawings of `cards`, and its absence is a reason, not a failure.
"""

from __future__ import annotations

from collections.abc import Callable

NOT_INSTALLED = "the renderer is not installed: install trender[charts]"


def renderer() -> Callable[[str], bytes] | None:
    """A function from SVG to PNG, or None when vl-convert is not installed."""
    try:
        import vl_convert
    except ImportError:
        return None

    def render(svg: str) -> bytes:
        if "<image" in svg or "<foreignObject" in svg:
            raise ValueError("a card holds shapes and letters only")
        return vl_convert.svg_to_png(svg, scale=1)

    return render
