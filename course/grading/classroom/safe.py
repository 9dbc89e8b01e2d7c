"""What a student wrote, as HTML that can do nothing; formulas are MathML, which a browser shows without any script.

nbgrader's templates change a text once more after it was made HTML, which can make a `javascript:` link of a harmless
address. So `nbgrader_config.py` puts `html` in the place of the filters that its templates apply last.
"""

import re
from html import escape, unescape
from xml.etree import ElementTree

import nh3
from jinja2 import pass_context
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath, import_plugin
from pygments.token import STANDARD_TYPES

PROSE = "a b i em strong code pre p br hr ul ol li dl dt dd blockquote div span del sub sup abbr details summary img"
TABLES = "h1 h2 h3 h4 h5 h6 table thead tbody tr th td"
MATHS = (
    "math mrow mi mo mn mtext mspace mfrac msqrt mroot msub msup msubsup mover munder munderover mtable mtr mtd mstyle"
)
TAGS = {*PROSE.split(), *TABLES.split(), *MATHS.split()}
CLASSES = {"highlight", "dataframe", *STANDARD_TYPES.values()} - {""}  # colours of code, lines of a table
ADDRESS = re.compile(r"(https?://|mailto:)\S+", re.IGNORECASE)
PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]+")
ALLOWED = {  # which values an attribute may have
    "href": ADDRESS,
    "target": re.compile("_blank"),
    "rel": re.compile("noopener noreferrer nofollow"),
    "src": PICTURE,
    "title": re.compile(r".*", re.DOTALL),
    "alt": re.compile(r".*", re.DOTALL),
    "display": re.compile("block|inline"),
    "mathvariant": re.compile("[a-z-]{1,30}"),
    "columnalign": re.compile("(left|center|right| )+"),
    "linethickness": re.compile(r"0|0?\.\d{1,3}em"),
    "width": re.compile(r"-?[0-3]?(\.\d+)?em"),
    **dict.fromkeys(["minsize", "maxsize"], re.compile(r"[0-4](\.\d+)?(em)?")),
    **dict.fromkeys(["stretchy", "fence", "separator", "accent", "displaystyle"], re.compile("true|false")),
    "scriptlevel": re.compile("[+-]?[0-3]"),
    **dict.fromkeys(["rowspan", "colspan"], re.compile(r"\d{1,2}")),
}
ATTRIBUTES = {"class", *ALLOWED} - {"rel"}  # which the library sets itself
OF_ONE_TAG = {"href": "a", "src": "img", "width": "mspace"}
MACROS = re.compile(r"\\(?:def|gdef|edef|xdef|let|(?:re)?newcommand|newenvironment)")  # may grow without end
LONGEST_FORMULA = 2000  # characters
MOST_TAGS = 20_000  # in one text; one in another, they take seconds
TOO_MANY = "<em>(This has too many parts to be shown.)</em>"
OPERATORS = {"~": "∼", "\\|": "‖"}  # which the library leaves as they are
REWRITTEN = (  # what the library leaves as it stands, and what it sets instead
    (re.compile(r"\\arg(?![A-Za-z])"), r"\\operatorname{arg}"),
    (re.compile(r"(?<=\{)(?:aligned|split|eqnarray\*?)(?=\})"), "align*"),
    (re.compile(r"(\\math[a-z]+)\s+([A-Za-z0-9])"), r"\1{\2}"),  # else it changes the letter between braces alone
)
PLUGINS = [name for name in MarkdownWithMath.DEFAULT_PLUGINS if name != "task_lists"]  # these would be forms


def html(text: str) -> str:
    """Return HTML with those tags, attributes, classes and addresses alone that this course lets a student use."""
    if text.count("<") > MOST_TAGS:
        return TOO_MANY
    return nh3.clean(
        text,
        tags=TAGS,
        attributes=dict.fromkeys(TAGS, ATTRIBUTES),
        attribute_filter=_harmless,
        clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


@pass_context
def of_cell(context, source: str) -> str:
    """Return the HTML of a cell's Markdown, with the pictures that the cell holds: a filter for nbconvert."""
    return markdown(source, context.get("cell", {}).get("attachments"))


def markdown(source: str, attachments: dict | None = None) -> str:
    """Return the HTML of a Markdown text, with formulas and PNG and JPEG pictures, and nothing that acts.

    Args:
        source: the text.
        attachments: a cell's pictures: by name, and then by kind, in base64.
    """
    renderer = _Renderer(escape=False, exclude_anchor_links=True, attachments=attachments or {})
    return html(MarkdownWithMath(renderer=renderer, plugins=map(import_plugin, PLUGINS)).render(source))


def formula(latex: str, display: str = "inline") -> str:
    """Return a formula as MathML, or its own text where that is beyond the library."""
    shown = f"<code>{escape(latex)}</code>"
    if len(latex) > LONGEST_FORMULA or MACROS.search(latex):
        return shown
    try:
        for pattern, instead in REWRITTEN:
            latex = pattern.sub(instead, latex)
        tree = convert_to_element(latex, display=display)
    except Exception:  # of many kinds, RecursionError included
        return shown
    for node in tree.iter():  # the library leaves entities in its texts, for a step that would not escape anything
        node.text = unescape(node.text) if node.text else node.text
        if node.text in OPERATORS:
            node.tag, node.text = "mo", OPERATORS[node.text]
    return ElementTree.tostring(tree, encoding="unicode")


class _Renderer(IPythonRenderer):
    """nbconvert's, with formulas set and with words in the place of a picture that is not there."""

    def block_math(self, body: str) -> str:
        return formula(body, "block")

    def inline_math(self, body: str) -> str:
        return formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def image(self, text: str, url: str, title: str | None = None) -> str:
        try:
            url = self._embed_image_or_attachment(url)
        except (InvalidNotebook, AttributeError, TypeError, StopIteration):  # odd attachments are a student's to write
            url = ""
        if not isinstance(url, str) or not PICTURE.fullmatch(url):
            return f"<em>(a picture that is not here: {text})</em>"
        return super().image(text, url)


def _harmless(tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute, or None if it may not have this one; the library lets pass whatever fails."""
    if name == "class":
        return value if set(value.split()) <= CLASSES else None
    may_be_here = name in ALLOWED and OF_ONE_TAG.get(name, tag) == tag
    return value if may_be_here and ALLOWED[name].fullmatch(value) else None
