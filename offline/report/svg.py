"""A small SVG writer: what it draws takes its colours from the page's style sheet.

Charts are inline, so that they follow the page's light and dark theme, need no other file, and
stay sharp in print. All text is escaped.
"""

from typing import Self

from markupsafe import Markup, escape

Attribute = str | float | int
Attributes = dict[str, Attribute]


class Drawing:
    """One chart.

    Parameters
    ----------
    width, height
        Of its coordinate system; the page scales it.
    label
        What it shows, for those who do not see it.
    """

    def __init__(self, width: float, height: float, label: str) -> None:
        self.width = width
        self.height = height
        self._label = label
        self._parts: list[Markup] = []

    def add(self, tag: str, text: str | None = None, **attributes: Attribute) -> Self:
        """Add one element.

        Parameters
        ----------
        tag
            Its name.
        text
            Its content, if any.
        attributes
            A trailing underscore is dropped (``class_``) and others become hyphens.
        """
        self._parts.append(_element(tag, None if text is None else escape(text), attributes))
        return self

    def mark(self, tag: str, tip: str, **attributes: Attribute) -> Self:
        """Add an element that shows a text where the pointer rests on it."""
        self._parts.append(_element(tag, _element("title", escape(tip), {}), attributes))
        return self

    def rect(self, left: float, top: float, width: float, height: float, class_: str,
             tip: str | None = None) -> Self:  # fmt: skip
        """Add a rectangle of non-negative size."""
        box: Attributes = {
            "x": left, "y": top, "width": max(width, 0.0), "height": max(height, 0.0),
            "class_": class_,
        }  # fmt: skip
        content = None if tip is None else _element("title", escape(tip), {})
        self._parts.append(_element("rect", content, box))
        return self

    def line(self, x1: float, y1: float, x2: float, y2: float, class_: str) -> Self:
        """Add a straight line."""
        return self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)

    def text(
        self, x: float, y: float, text: str, class_: str = "label", anchor: str = "start"
    ) -> Self:
        """Add a line of text whose baseline is at y."""
        return self.add("text", text, x=x, y=y, class_=class_, text_anchor=anchor)

    def path(self, data: str, class_: str) -> Self:
        """Add a path; an empty one is left out."""
        return self.add("path", d=data, class_=class_) if data else self

    def render(self) -> Markup:
        """Return the SVG element."""
        size = {
            "viewBox": f"0 0 {number(self.width)} {number(self.height)}",
            "role": "img",
            "aria_label": self._label,
        }
        return _element("svg", Markup("").join(self._parts), dict(size))


def number(value: float) -> str:
    """Return a coordinate with a tenth of a unit, as short as possible."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _element(tag: str, content: Markup | None, attributes: dict[str, Attribute]) -> Markup:
    opened = Markup("").join(
        Markup(' {}="{}"').format(_name(name), value if isinstance(value, str) else number(value))
        for name, value in attributes.items()
    )
    if content is None:
        return Markup("<{}{}/>").format(tag, opened)
    return Markup("<{0}{1}>{2}</{0}>").format(tag, opened, content)


def _name(name: str) -> str:
    return name.removesuffix("_").replace("_", "-")
