"""A chart on its own: the drawing of a page with its colours, title and source written in.

Define here how a figure becomes a file that stands without our style sheet. Turning it into a PNG
is `trender_web.drawing.png`'s work; the page shows the very same lines.
"""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup, escape

from trender_web.answer.formats import utc_text
from trender_web.answer.text import shown
from trender_web.drawing.figure import WIDTH, Figure

HEIGHT = 340
STYLE = (
    "svg{font-family:'DejaVu Sans','Liberation Sans',Arial,sans-serif;font-size:12px;color:#565b62}"
    "text{fill:currentColor}.grid{stroke:#deddd6}.t{fill:#1c1f23;font-size:17px;font-weight:700}"
    ".s1{stroke:#0b6e5f}.s2{stroke:#b4581a}.s3{stroke:#4658b8}.s4{stroke:#8a2f6f}.s5{stroke:#5b6b12}"
    ".f1{fill:#0b6e5f}.f2{fill:#b4581a}.f3{fill:#4658b8}.f4{fill:#8a2f6f}.f5{fill:#5b6b12}"
    ".mark{stroke:#4658b8;fill:#4658b8}"
)


def standalone(figure: Figure, subject: str, as_of: datetime | None) -> str:
    """A complete SVG document of a figure; the same data gives the same bytes."""
    names = "   ".join(
        f"{mark} {shown(name, 40)}" for mark, name in zip("●■▲◆▼", figure.heads[1:], strict=False)
    )
    place = f'<svg y="56" width="{WIDTH}" height="230" '
    drawing = Markup(str(figure.drawing).replace("<svg ", place, 1))
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" '
            'height="{1}" role="img" aria-label="{2}"><title>{2}</title><style>{3}</style>'
            '<rect width="{0}" height="{1}" fill="#ffffff"/>'
            '<text class="t" x="16" y="28">{2}</text>'
            '<text x="16" y="47">{4}</text>{5}<text x="16" y="{6}">{7}</text></svg>'
        ).format(
            WIDTH, HEIGHT, shown(f"{subject}: {figure.title.lower()}", 64), Markup(STYLE),
            names if len(figure.heads) > 2 else escape(shown(figure.summary, 84)), drawing,
            HEIGHT - 22, f"Trender, data of {utc_text(as_of)}",
        )
    )  # fmt: skip
