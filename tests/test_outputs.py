"""What a submission's process claims to have shown: harmless, bounded, and quick to go through whatever it is."""

import json

import nbformat
import pytest

from course.grading.running import outputs
from course.grading.sandbox.child.wire import Broken, Wire
from helpers import pictures

STREAM = {"output_type": "stream", "name": "stdout", "text": "a"}


def nested(depth: int):
    return [nested(depth - 1)] if depth else 1


def test_text_pictures_and_data_pass_and_are_a_notebooks_outputs():
    claimed = [
        STREAM,
        {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["line", 3]},
        {
            "output_type": "display_data",
            "data": {"image/png": "AAAA", "application/x+json": {"a": [1]}},
            "metadata": {},
        },
        {"output_type": "execute_result", "data": {"text/plain": "3"}, "execution_count": 2},
    ]
    kept = outputs.tidy(claimed, 10_000)
    assert [output.output_type for output in kept] == [output["output_type"] for output in claimed]
    assert kept[1].traceback == ["line"] and kept[2].data["application/x+json"] == {"a": [1]}
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=kept)]))


def test_metadata_do_not_pass():
    picture = {"image/png": {"width": "1 onerror=alert(1)"}}
    claimed = [{"output_type": "display_data", "data": {"image/png": "AAAA"}, "metadata": picture}]
    assert outputs.tidy(claimed, 10_000)[0].metadata == {}


def test_a_picture_of_the_course_keeps_its_words_and_nothing_else_of_html():
    shown = {"text/html": pictures.markup(b"png", 'a "curve" <b>'), "text/plain": "<Figure>", "image/svg+xml": "<svg>"}
    (kept,) = outputs.tidy([{"output_type": "display_data", "data": shown, "metadata": {"a": 1}}], 10_000)
    assert kept.data == {"image/png": "cG5n", "text/plain": 'a "curve" <b>'}
    assert kept.metadata == {"image/png": {"alt": 'a "curve" <b>'}}
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[kept])]))


@pytest.mark.parametrize(
    "other",
    [
        '<img alt="" src="data:image/png;base64,AAAA" onload="x">',
        '<b>\n<img alt="a" src="data:image/png;base64,AAAA">',
        3,
    ],
)
def test_html_that_is_not_quite_such_a_picture_is_none(other):
    assert outputs.picture({"text/html": other}) is None


@pytest.mark.parametrize(
    "odd",
    [
        3,
        {},
        {"output_type": "other"},
        {**STREAM, "text": ["x"]},
        {**STREAM, "name": "else"},
        {"output_type": "error", "ename": 1, "evalue": ""},
        {"output_type": "display_data", "data": [1]},
    ],
    ids=str,
)
def test_what_is_no_output_is_left_out(odd):
    assert outputs.tidy([odd, STREAM], 10_000) == [STREAM]
    assert outputs.tidy(odd, 10_000) == []


def test_data_nested_far_too_deep_are_left_out():
    data = {"application/json": nested(500), "text/plain": nested(2), "text/html": "x"}
    (kept,) = outputs.tidy([{"output_type": "display_data", "data": data}], 10_000)
    assert kept.data == {"text/html": "x"}


def test_size_and_number_are_bounded_and_what_is_left_out_counts():
    assert [output.get("text") for output in outputs.tidy([{**STREAM, "text": "x" * 900}] * 3, 2500)][2:] == [
        outputs.CUT
    ]
    assert outputs.tidy([{}] * 1000 + [STREAM], 50 * outputs.EACH)[-1].text == outputs.CUT
    assert len(outputs.tidy([STREAM] * 10**5, 10**9)) == outputs.MOST_OUTPUTS + 1


def whole(body: bytes):
    wire = Wire(None)
    wire._held += len(body).to_bytes(4, "big") + body
    return wire._whole(10**9)


def test_a_message_comes_without_halves_of_pairs_and_not_with_millions_of_parts():
    assert whole(json.dumps({"a\ud800": ["b\udfff", "🙂"]}).encode()) == {"a?": ["b?", "🙂"]}
    with pytest.raises(Broken):
        whole(b'{"outputs": [' + b"{}," * 10**6 + b"{}]}")
    with pytest.raises(Broken):
        whole(b'{"outputs": [' + b"1," * (3 * 10**6) + b"1,1]}")


@pytest.mark.parametrize(
    "output",
    [
        STREAM | {"text": "\n" * 10**6},
        {"output_type": "display_data", "data": {"text/plain": "\n" * 10**6}},
        {"output_type": "display_data", "data": {"application/x+json": [0] * 10**6}},
        {"output_type": "error", "ename": "E", "evalue": "e", "traceback": [""] * 10**6},
    ],
    ids=["stream", "plain text", "numbers", "trace"],
)
def test_a_million_lines_or_entries_are_not_written_one_by_one(output):
    kept = outputs.tidy([output] * 28, 5 * 2**20)
    written = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=kept)]))
    assert written.count("\n") < 100_000 and "was cut" in written


def test_what_a_person_prints_is_left_whole():
    table = "\n".join(", ".join(f"{number}.5" for number in range(20)) for _ in range(2000))
    assert [output.text for output in outputs.tidy([STREAM | {"text": table}], 2**20)] == [table]
