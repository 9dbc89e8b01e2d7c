"""A student's Markdown keeps its form, its formulas and its pictures, and loses everything that acts."""

import re

import pytest
from nbconvert.filters import strip_files_prefix

from course.grading.classroom import safe
from tests.samples import LESSONS, ROOT, read


def test_prose_tables_and_formulas_stay():
    html = safe.markdown("# Why\n\nBecause **two** and `x < 1`, $a_1 \\le b$.\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    for piece in (
        "<h1",
        "<strong>two</strong>",
        "<code>x &lt; 1</code>",
        "<msub><mi>a</mi><mn>1</mn></msub>",
        "<td>1</td>",
    ):
        assert piece in html


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<iframe src='//elsewhere'></iframe>",
        "<a href='javascript:alert(1)'>click</a>",
        "[click](javascript:alert(1))",
        "<p style='position:fixed' onclick='alert(1)'>all over</p>",
        "<form action='//elsewhere'><input></form>",
        "![x](http://elsewhere/pixel.png)",
        "<base href='//elsewhere'>",
        '<a class="modal-backdrop fade" href="files/javascript:alert(1)">.</a>',
        "<a href='/files/javascript:alert(1)'>.</a>",
        "[click](files/javascript:alert(1))",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\text{<img src=x onerror=alert(1)>}$",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<b id='tiny-why' name='points'>here</b>",
    ],
)
def test_nothing_that_acts_is_left(source):
    html = safe.html(strip_files_prefix(safe.markdown(f"before {source} after\n\n{source}")))
    assert "before" in html
    for tag in ("<script", "<svg", "<iframe", "<form", "<input", "<base", "<p style", "<style"):
        assert tag not in html
    for name, value in re.findall(r"([\w-]+)=.([^\"'>]*)", re.sub(r">[^<]*<", "><", html)):
        assert name in safe.ATTRIBUTES | {"rel"} and not value.startswith(("java", "files", "/")), html


def test_links_lead_out_alone_and_pictures_lie_within():
    html = safe.markdown(
        "[a](https://a.example) [b](b.html) [c](//c.example) [d](/formgrader?path=x) "
        "<a class='k btn'>e</a> <img src='data:image/jpeg;base64,AAAA'> <img src='data:image/svg+xml;base64,AAAA'> "
        "![f](attachment:f) ![g](g.png)",
        {"f": {"image/png": "AAAA"}},
    )
    assert re.findall(r'href="([^"]*)"', html) == ["https://a.example"] and html.count('rel="noopener') == 5
    assert re.findall(r'src="([^"]*)"', html) == ["data:image/jpeg;base64,AAAA", "data:image/png;base64,AAAA"]
    assert "class" not in html and "(a picture that is not here: g)" in html


@pytest.mark.parametrize("attachments", [{}, {"x": {}}, {"x": "text"}, {"x": {"a/b": "AAAA"}}])
def test_a_picture_that_is_missing_or_odd_is_said(attachments):
    assert "(a picture that is not here: y)" in safe.markdown("![y](attachment:x)", attachments)


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_formula_of_a_lesson_is_set(lesson):
    for cell in read(ROOT / "solutions" / lesson / f"{lesson}.ipynb").cells:
        if cell.cell_type == "markdown":
            html = safe.markdown(cell.source)
            words = re.sub(r"<(code|pre)\b.*?</\1>", "", html, flags=re.DOTALL)
            assert "\\" not in words and "$" not in words, cell.source


@pytest.mark.parametrize(
    "latex",
    [r"\frac{1", r"\left( x", "{" * 1500, r"\def\a{\a\a}\a", "x^2^3", "x" * 3000, r"\text{<script>alert(1)</script>}"],
)
def test_a_formula_that_cannot_be_set_is_shown_as_it_stands(latex):
    html = safe.markdown(f"before ${latex}$ after")
    assert "before" in html and "after" in html and "<script" not in html


def test_letters_and_operators_are_those_that_were_meant():
    html = safe.markdown(
        r"$\mathbb E_{z \sim q} \mathcal L \big\|$ and $$\begin{aligned} a &= b \\ c &= d \end{aligned}$$"
    )
    assert all(letter in html for letter in "𝔼∼ℒ‖") and html.count("<mtr>") == 2


def test_a_formula_keeps_to_its_place():
    html = safe.markdown(r"$\hspace{99em}\rule{99em}{99em}\raise 99em x \color{red}y \class{btn}{z} \style{top:0}{w}$")
    assert "99" not in html and "red" not in html and "btn" not in html and "top" not in html


def test_endless_markup_takes_no_time():
    assert safe.html("<div>" * 400_000) == safe.TOO_MANY
