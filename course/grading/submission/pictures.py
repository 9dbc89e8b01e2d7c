"""The pictures in a student's text: attached to its cell, written into it as data, or lying beside the notebook.

Each that is a PNG or JPEG picture of a bounded size becomes an attachment of its cell. In the place of any other stands
why it is not there, so that the words around it stay and a person looks.
"""

import base64
import binascii
import io
import re
import warnings
from collections.abc import Callable
from urllib.parse import unquote

from PIL import Image

from course.grading.submission.names import visible

LARGEST = 8 * 2**20  # bytes of one picture
LARGEST_ALL = 32 * 2**20  # bytes of all in a notebook
MOST_PIXELS = 40_000_000  # of one
ALL_PIXELS = 4 * MOST_PIXELS
LOOKED_AT = 4 * 2**20  # characters of a notebook's text in which pictures are looked for
MOST = 50  # in a notebook
KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg"}  # phones append further views to a JPEG
NO_PICTURE = "is no PNG or JPEG picture, or is damaged; export it as PNG"
DATA = re.compile(r"data:[\w.+/-]*(?:;[\w=-]+)*;base64,([\w+/=%-]*)")
LINK = (
    r"!\[(?P<alt>[^\[\]\n]{0,500})\]\(\s{0,9}<?(?P<address>[^()<>\s]{1,500}(?:\([^()<>\s]{0,100}\)[^()<>\s]{0,100})?)>?"
    r"(?:\s{1,9}[\"'][^\n]{0,500}?[\"'])?\s{0,9}\)"
)
SHOWN = re.compile(rf"<img\b(?P<tag>[^<>]{{0,3000}})>|{LINK}", re.IGNORECASE)
SOURCE = re.compile(r"\bsrc\s*=\s*[\"']?([^\"'\s]+)", re.IGNORECASE)


class Album:
    """The pictures of one notebook, as far as they fit."""

    def __init__(self, beside: Callable[[str], bytes | None]):
        """Take `beside`, which returns the file of a relative name, or None."""
        self.beside = beside
        self.left, self.pixels, self.characters = LARGEST_ALL, ALL_PIXELS, LOOKED_AT
        self.count, self.flags = 0, []

    def read(self, source: str, attachments: object) -> tuple[str, dict[str, dict[str, str]]]:
        """Return a cell's text and its pictures, which the text names as attachments.

        Args:
            source: the text.
            attachments: of the cell, as the notebook has them, in any form.
        """
        attached = list(attachments.items())[:MOST] if isinstance(attachments, dict) else []
        held = {name: _decoded(forms) for name, forms in attached}
        kept: dict[str, dict[str, str]] = {}
        told: dict[str, tuple[str, str]] = {}

        def lift(found: re.Match) -> str:
            if len(held) > 2 * MOST:  # more than there is room for
                return ""
            held[name := f"={len(held)}"] = _base64(unquote(found[1]))
            return f"attachment:{name}"

        def take(name: str, content: bytes | None) -> tuple[str, str]:
            if name not in told:
                told[name] = self._take("a picture in the text" if name[:1] == "=" else name, content, kept)
            return told[name]

        def show(found: re.Match) -> str:
            inside = SOURCE.search(found["tag"]) if found["tag"] is not None else None
            address = inside[1] if inside else found["address"] or "#"
            name = unquote(address.removeprefix("attachment:"))
            if not address.startswith("attachment:"):
                if ":" in address or address.startswith(("/", "#")):
                    return found[0]
                if (content := self.beside(name)) is None:
                    self.flags.append(f"The text shows {visible(name)}, which was not handed in.")
                    return found[0]
                held[name] = content
            number, fault = take(name, held.get(name))
            return fault or f"![{found['alt'] or ''}](attachment:{number})"

        source = DATA.sub(lift, source)
        self.characters -= len(source)
        source = SHOWN.sub(show, source) if self.characters >= 0 else source
        for name in [name for name in held if name not in told]:
            number, fault = take(name, held[name])
            if f"attachment:{name}" in source:
                source = source.replace(f"attachment:{name}", fault or f"attachment:{number}")
            else:
                source += "\n\n" + (fault or f"![](attachment:{number})")
        return source, kept

    def _take(self, name: str, content: bytes | None, kept: dict) -> tuple[str, str]:
        """Keep a picture and return its new name, or what the text says in its place."""
        kind, fault = ("", "was not handed in") if content is None else self._looked_at(content)
        if fault:
            sentence = f"{visible(name)} {fault}."
            self.flags.append(f"A picture was left out, and the words around it kept: {sentence}")
            return "", f"*({sentence})*"
        self.left, self.count = self.left - len(content), self.count + 1
        number = f"picture-{self.count}.{kind.rpartition('/')[2]}"
        kept[number] = {kind: base64.b64encode(content).decode()}
        return number, ""

    def _looked_at(self, content: bytes) -> tuple[str, str]:
        """Return a picture's kind, or why it is not kept; all of it is decoded to see that it is one."""
        if len(content) > min(LARGEST, self.left) or self.count >= MOST:
            return "", f"is more than there is room for ({LARGEST // 2**20} MB each, {LARGEST_ALL // 2**20} MB in all)"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
                    kind = KINDS[image.format]
                    self.pixels -= (size := image.width * image.height)
                    if size > MOST_PIXELS or self.pixels < 0:
                        return "", f"has more than {MOST_PIXELS // 10**6} million pixels; make it smaller"
                    image.load()
        except Exception:  # Pillow raises many kinds
            return "", NO_PICTURE
        return kind, ""


def _decoded(forms: object) -> bytes:
    """Return the content of an attachment, of several forms of it the one that may stay."""
    forms = forms if isinstance(forms, dict) else {}
    text = next((forms[kind] for kind in [*KINDS.values(), *forms] if kind in forms), "")
    return _base64("".join(text) if isinstance(text, list) and all(isinstance(one, str) for one in text) else text)


def _base64(text: object) -> bytes:
    try:
        return base64.b64decode("".join(text.split()) + "==")
    except (binascii.Error, ValueError, AttributeError):
        return b""
