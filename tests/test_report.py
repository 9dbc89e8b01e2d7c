"""The report on a class of 200 whose truth is known, and a sentence for each class of which there is less to tell."""

import json
import random
import re
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import numpy as np
import pytest
from nbgrader.api import (
    Comment,
    GradeCell,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.api import Grade as Given

from course import cli
from course.errors import CourseError
from course.grading.classroom.report import alike, anonymous, gather, measures, page, terminal
from tests import browser, classroom
from tests.samples import ROOT, read

LESSON = "01-bandits"
RELEASE = ROOT / "notebooks" / LESSON / f"{LESSON}.ipynb"
RELEASED = datetime(2026, 10, 1, 9, tzinfo=UTC)
DUE = RELEASED + timedelta(days=12)
SIZE = 200
BAD = '<script>alert(1)</script><img src=x onerror="alert(2)"> \x1b[31m\u202e'
MARKS = [cell.metadata.nbgrader for cell in read(RELEASE).cells if "nbgrader" in cell.metadata]
MOST = {mark.grade_id.removesuffix("-check"): mark.points for mark in MARKS if mark.grade}
ITEMS = list(MOST)
EASY, REVERSED, WRITTEN = ITEMS[0], ITEMS[1], next(mark.grade_id for mark in MARKS if mark.grade and mark.solution)
ALIKE = {(10, 11), (20, 21), (30, 31)}
COMMON = (
    "    total = rewards.new_zeros(arms.max() + 1).scatter_add(0, arms, rewards * rewards)\n    return total[:-1] / 2\n"
)


class Person:
    """One student of the class: what a person and the grader entered for them, and what they wrote."""

    def __init__(self, name, first="", last=""):
        self.name, self.first, self.last = name, first, last
        self.points, self.sentences, self.answers, self.flags, self.refused = {}, {}, {}, [], ""
        self.time = None

    def solve(self, item, points, sentence="", answer=None):
        self.points[item], self.sentences[item] = points, sentence
        if answer is not None:
            self.answers[item] = answer


def course_folder(root):
    shutil.copytree(RELEASE.parent, root / "notebooks" / LESSON)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return root


def enter(root, people, missing=()):
    """Write what grading these people would have left, with one transaction and nothing executed."""
    release = json.loads(RELEASE.read_text(encoding="utf-8"))
    with classroom.gradebook(root) as book:
        assignment = book.update_or_create_assignment(LESSON, duedate=DUE.replace(tzinfo=None))
        notebook = book.update_or_create_notebook(LESSON, LESSON)
        graded = {
            mark.grade_id: GradeCell(
                name=mark.grade_id, notebook=notebook, max_score=mark.points, cell_type=mark.cell_type
            )
            for mark in MARKS
            if mark.grade
        }
        solved = {name: SolutionCell(name=name, notebook=notebook) for name in ITEMS}
        book.db.add_all([*graded.values(), *solved.values()])
        for person in people:
            student = Student(id=person.name, first_name=person.first, last_name=person.last)
            time = person.time and person.time.replace(tzinfo=None)
            handed_in = SubmittedAssignment(assignment=assignment, student=student, timestamp=time)
            submitted = SubmittedNotebook(assignment=handed_in, notebook=notebook)
            for item, points in person.points.items():
                cell = graded.get(f"{item}-check", graded.get(item))
                grade = Given(cell=cell, notebook=submitted, auto_score=points, needs_manual_grade=points is None)
                comment = Comment(cell=solved[item], notebook=submitted, auto_comment=person.sentences[item] or None)
                book.db.add_all([grade, comment])
            write_papers(root, release, person)
        book.db.add_all(Student(id=name) for name in missing)
        book.db.commit()
    return root


def write_papers(root, release, person):
    """Write the graded notebook and the feedback of one person."""
    cells = [
        cell | {"source": person.answers[cell["id"]]} if cell["id"] in person.answers else cell
        for cell in release["cells"]
    ]
    folder = person.name.replace("/", "∕")
    for step, name, data in (
        ("autograded", f"{LESSON}.ipynb", release | {"cells": cells}),
        ("feedback", f"{LESSON}.json", {"flags": person.flags, "refused": person.refused}),
    ):
        (root / step / folder / LESSON).mkdir(parents=True)
        (root / step / folder / LESSON / name).write_text(json.dumps(data), encoding="utf-8")


def code(name, rng):
    """Return a function that nobody else would write alike."""
    names = ("values", "counts", "rewards", "table")
    calls = ("sum", "mean", "max", "min", "clamp", "double", "flip", "exp", "cumsum", "abs", "sort", "unique", "float")
    forms = (
        "{a} = {b}.{c}({n}) {s} {a}[{m}, :{n}]",
        "for {a} in range({n}): {b} {s}= {a} {t} {m}",
        "{a}, {b} = {b}.{c}().{d}(), torch.{d}({a}, {m})",
        "if {a} > {m} and not {b}.{c}(): {b} = [{a} {s} {n}, {m}]",
        "{a} = {{{n}: {b}, {m}: -{a}.{d}({b}, dim={n})}}",
        "{a} = torch.where({b} {s} {m} == {n}, {a}.{c}(), {b}.{d}())",
    )
    lines = [f"def {name}({', '.join(names)}):"]
    for _ in range(7):
        parts = {letter: rng.choice(names) for letter in "ab"} | {letter: rng.choice(calls) for letter in "cd"}
        parts |= {letter: rng.randrange(90) for letter in "mn"} | {letter: rng.choice("+-*/") for letter in "st"}
        lines.append("    " + rng.choice(forms).format(**parts))
    return "\n".join([*lines, "    return values"])


def prose(rng):
    return " ".join(
        rng.choice(("we", "pull", "arms", "since", "reward", "is", "a", "mean", "of", "few")) for _ in range(60)
    )


def disguised(text):
    """Return a function with other names, comments and blanks."""
    text = re.sub(r"\b(values|counts|rewards|table)\b", r"my_\1", text).replace(" * ", "*").replace(" = ", "  =  ")
    return text.replace("\n", "  # by me\n", 3).replace("    return", "\n    # the end\n    return")


def truth():
    """Return 200 people: the exercises are ever harder, one is for all, and one is solved by the weak alone."""
    rng, people = random.Random(0), []
    for number in range(SIZE):
        person = Person(f"s{number:03}zq", f"Firstname{number}q", f"Lastname{number}q")
        skill, answer = rng.gauss(0, 1), {}
        for place, item in enumerate(ITEMS):
            luck = skill + rng.gauss(0, 0.7) - 0.3 * (place - 3)
            answer = COMMON if place == 2 and number % 2 else "\n"
            text = prose(rng) if item == WRITTEN else code(item.replace("-", "_"), rng) + answer
            if item == WRITTEN:
                person.solve(item, [0, None][luck > 0], "" if luck > 0 else "No response.", text if luck > 0 else None)
            elif item == EASY or (luck > 0) != (item == REVERSED):
                person.solve(item, MOST[item], "", text)
            elif luck > -1 or item == REVERSED:
                person.solve(item, 0, f"Mistake {'ABCDEFGHIJKLMNOP'[min(int(rng.expovariate(0.25)), 15)]}.", text)
            else:
                person.solve(item, 0, "Not filled in yet.")
        person.time = RELEASED + timedelta(days=14 * rng.betavariate(5, 2))
        people.append(person)
    for first, second, items in ((10, 11, ITEMS), (20, 21, ITEMS[4:6]), (30, 31, [WRITTEN])):
        for item in items:
            people[first].answers[item] = prose(rng) if item == WRITTEN else code("f", rng)
            people[second].answers[item] = disguised(people[first].answers[item])
    return people


@pytest.fixture(scope="module")
def people():
    found = truth()
    found[5].flags = [
        f"{found[5].name}.ipynb by {found[5].last}: {BAD}",
        "was named otherwise",
        "By Nickname hw 1.ipynb was left out.",
    ]
    found[6].answers[ITEMS[3]] += f"\n# {found[6].first} was here {BAD}</code></pre>"
    found[10].answers[ITEMS[3]] += f"\n# {found[10].name}\nprint('{found[11].last}', {found[10].first}_)"
    found[7].sentences = dict.fromkeys(found[7].sentences, f"Your cell stops with {BAD}: {found[8].first.upper()}")
    found[7].points = dict.fromkeys(ITEMS, 0)
    found[7].answers = dict.fromkeys(ITEMS, "mine")
    found[9].time = RELEASED + timedelta(days=2)
    found[9].refused = "This submission has no notebook."
    return found


@pytest.fixture(scope="module")
def course(tmp_path_factory, people):
    root = enter(course_folder(tmp_path_factory.mktemp("report")), people, missing=["absent"])
    (root / "submitted" / "ungraded" / LESSON).mkdir(parents=True)
    return root


@pytest.fixture(scope="module")
def found(course):
    return gather.gather(course, LESSON, released=RELEASED.isoformat())


@pytest.fixture(scope="module")
def report(found):
    return measures.measure(found)


@pytest.fixture(scope="module")
def shown(report):
    return page.page(report)


@pytest.fixture
def small(tmp_path):
    """Make a class of a few people who filled in nothing, or as many points as are said."""

    def make(*scores):
        group = []
        for number, score in enumerate(scores):
            group.append(Person(f"p{number}"))
            for item in ITEMS:
                group[-1].solve(item, score * MOST[item], "" if score else "Not filled in yet.")
        return enter(course_folder(tmp_path / "course"), group)

    return make


def state(person, item):
    points, sentence = person.points[item], person.sentences[item]
    if points is None:
        return "waiting"
    return (
        "solved" if points == MOST[item] else "left" if sentence in ("Not filled in yet.", "No response.") else "tried"
    )


def test_each_exercise_has_its_title_and_as_many_as_solved_tried_and_left_it(report, people):
    read_ones = [person for person in people if not person.refused]
    for row in report.rows:
        assert row.counts == {name: 0 for name in gather.STATES} | Counter(state(one, row.item.id) for one in read_ones)
        assert row.item.title.startswith(("Exercise", "Question")) and row.item.id not in row.item.title
    assert {row.item.id for row in report.rows} == set(ITEMS)
    assert "1 of 200 could not be read and count in no exercise." in report.notes["top"]


def test_ten_sentences_are_those_that_most_people_met(report, people):
    met = {}
    for person in people:
        for item, sentence in person.sentences.items():
            if not person.refused and state(person, item) == "tried":
                met.setdefault(" ".join(sentence.split()), set()).add(person.name)
    counts = sorted((len(who) for who in met.values()), reverse=True)
    assert [row.met for row in report.sentences] == counts[:10] and report.more_sentences == len(counts) - 10 > 0
    assert all(row.met == len(met[row.text]) for row in report.sentences)


def test_sentences_that_differ_in_their_numbers_count_as_one(small):
    root = small(0, 0, 0)
    with classroom.gradebook(root) as book:
        comments = [one for one in book.db.query(Comment).all() if one.name == ITEMS[0]]
        texts = ("G is 1.5, but 2 was expected.", "G is 3, but 2 was expected.", "Why 1?")
        for comment, text in zip(comments, texts, strict=True):
            comment.auto_comment = text
        book.db.commit()
    shutil.rmtree(root / "autograded")  # whose cells are untouched
    rows = measures.measure(gather.gather(root, LESSON)).sentences
    assert [(row.met, row.text) for row in rows] == [(2, "G is 1.5, but 2 was expected."), (1, "Why 1?")]


def test_item_rest_correlation_is_pearsons_and_tells_who_is_the_wrong_way_round(report, people):
    items = [item for item in ITEMS if item != WRITTEN]
    table = np.array([[person.points[item] for item in items] for person in people if not person.refused], dtype=float)
    for row in report.rows:
        if row.item.id == WRITTEN:
            assert row.correlation is None and "wait for a person" in row.verdict
            continue
        own = table[:, items.index(row.item.id)]
        rest = table.sum(1) - own
        covariance = (own * rest).mean() - own.mean() * rest.mean()
        assert row.correlation == pytest.approx(covariance / own.std() / rest.std())
    verdicts = {row.item.id: row.verdict for row in report.rows}
    assert verdicts[REVERSED] == measures.REVERSED and verdicts[ITEMS[3]] == "well"


def test_points_and_times_are_those_of_the_class(report, people):
    assert report.points == [sum(filter(None, person.points.values())) for person in people]
    days = sorted((person.time - RELEASED).total_seconds() / 86400 for person in people)
    assert report.days == pytest.approx(days, abs=1e-6) and report.due_day == 12
    assert report.late == sum(day > 12 for day in days)
    assert f"Half had handed in after {np.median(days):.1f} days" in report.about_time


def test_who_needs_a_look_is_named_with_the_reason_and_the_urgent_first(report, people):
    look = dict(report.look)
    assert look["s009zq"] == ["Could not be read: This submission has no notebook."]
    assert "run: course grade-class 01-bandits" in look["ungraded"][0]
    assert [who for who, _ in report.look[:2]] == ["s009zq", "ungraded"] and look["s005zq"][1] == "was named otherwise"
    weak = {
        person.name
        for person in people
        if not person.refused
        and 4 * [state(person, item) for item in ITEMS].count("solved")
        < len(ITEMS) - [state(person, item) for item in ITEMS].count("waiting")
    }
    assert set(look) == weak | {"s005zq", "s009zq", "ungraded"} and weak
    assert any("nothing: absent." in note for note in report.notes["look"])
    late = next(note for note in report.notes["look"] if note.startswith("Late"))
    for person in people:
        assert (f"{person.name} (" in late) == (person.time > DUE and person.name not in look)


def test_pairs_are_found_through_other_names_and_no_honest_pair_is_listed(report, found):
    names = [one.name for one in found.submissions]
    pairs = {tuple(sorted((names.index(first), names.index(second)))) for first, second, _ in report.pairs}
    assert pairs == ALIKE and not report.more_pairs
    assert report.pairs[0][2].share > 0.9, "the longest copy comes first"
    marked = [
        text for _, _, pair in report.pairs for one in pair.passages for side in one.sides for text, on in side if on
    ]
    assert any("my_rewards" in text for text in marked)
    for first, second, pair in report.pairs:
        places = {place for passage in pair.passages for place in passage.places}
        assert len(places) == {"s010zq": 8, "s020zq": 2, "s030zq": 1}[min(first, second)]


def test_what_the_release_says_and_what_many_have_is_no_passage(found):
    given = max((cell.source for cell in found.release.cells if cell.cell_type == "code"), key=len)
    rng = random.Random(1)
    copies = [[gather.Answer("x", False, given if number < 2 else code("f", rng))] for number in range(50)]
    assert not alike.pairs(copies, found.release)
    common = code("f", rng)
    assert not alike.pairs([[gather.Answer("x", False, common)] for _ in range(50)], found.release)
    rare = [[gather.Answer("x", False, common if number < 2 else code("f", rng))] for number in range(50)]
    (pair,) = alike.pairs(rare, found.release)
    assert (pair.first, pair.second, pair.share) == (0, 1, 1)
    sums = [" + ".join(str(number * (7 + index // 2)) for number in range(1500)) for index in range(20)]
    endless = [[gather.Answer("x", False, f"a = {one}")] for one in sums]
    sides = [side for pair in alike.pairs(endless, found.release) for one in pair.passages for side in one.sides]
    assert sides and all(len("".join(text for text, _ in side)) < 7000 and any(on for _, on in side) for side in sides)


class Parsed(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = Counter(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data


def test_the_page_holds_no_script_and_no_address_and_each_figure_has_its_words(shown):
    parsed = Parsed(shown)
    assert not {"script", "a", "link", "iframe", "object"} & set(parsed.tags)
    assert not [name for name, _ in parsed.attributes if name.startswith("on") or name in ("href", "style")]
    sources = [value for name, value in parsed.attributes if name in ("src", "srcset")]
    assert len(sources) == 6 and all(value.startswith("data:image/svg+xml;base64,") for value in sources)
    words = [value for name, value in parsed.attributes if name == "alt"]
    assert len(words) == parsed.tags["img"] == 3
    assert "Histogram of the points of 200 submissions" in words[0] and "solved" in words[1] and "due date" in words[2]
    assert "<script>alert(1)</script>" in parsed.text and "\\u202e" in parsed.text and "\x1b" not in shown
    assert "a hint for a person, and no verdict" in parsed.text.lower()


def test_a_browser_shows_it_in_light_and_dark_without_a_request_or_a_complaint(shown, tmp_path):
    (tmp_path / "report.html").write_text(shown, encoding="utf-8")
    with browser.chromium() as chromium:
        for scheme in ("light", "dark"):
            opened = chromium.new_page(color_scheme=scheme, viewport={"width": 420, "height": 900})
            said, asked = [], []
            opened.on("console", lambda message, said=said: said.append(message.text))
            opened.on("request", lambda request, asked=asked: asked.append(request.url))
            opened.goto((tmp_path / "report.html").as_uri())
            assert not said and [url for url in asked if not url.startswith("data:")] == [opened.url]
            shades = "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
            bright = [sum(map(int, re.findall(r"\d+", shade)[:3])) for shade in opened.evaluate(shades)]
            assert abs(bright[0] - bright[1]) > 450 and (bright[0] < bright[1]) == (scheme == "light")
            assert opened.evaluate("[...document.images].every(image => image.naturalWidth > 100)")
            assert opened.evaluate("document.documentElement.scrollWidth") <= 420, "it fits a narrow window"
            assert opened.evaluate("[...document.images].map(image => image.currentSrc)[0]") == next(
                value for name, value in Parsed(shown).attributes if name == {"light": "src", "dark": "srcset"}[scheme]
            )


def test_the_terminal_shows_the_same_and_nothing_raw(report):
    lines = terminal.text(report)
    assert "\x1b" not in lines and "\\u202e" in lines and "Item-rest" in lines
    for row in report.rows:
        assert re.search(rf"{re.escape(row.item.title)} +{' +'.join(map(str, row.counts.values()))} ", lines)
    assert all(row.text.split("\x1b")[0] in lines for row in report.sentences)
    assert re.search(r"\d+%  s010zq and s011zq", lines)


def test_anonymous_says_the_same_without_a_name(found, report, people):
    veiled = anonymous.veiled(found)
    hidden = measures.measure(veiled)
    names = {part.lower() for person in people for part in (person.name, person.first, person.last)} | {
        "absent",
        "nickname",
    }
    for text in (re.sub(r"base64,\S+", "", page.page(hidden, anonymous=True)), terminal.text(hidden)):
        assert not names & set(re.findall(r"[^\W_]+", text.lower())) and "ungraded:" not in text
    assert sorted(hidden.points) == sorted(report.points) and [row.counts for row in hidden.rows] == [
        row.counts for row in report.rows
    ]
    assert [round(pair.share, 3) for _, _, pair in hidden.pairs] == [
        round(pair.share, 3) for _, _, pair in report.pairs
    ]
    assert [one.points for one in veiled.submissions] != [one.points for one in found.submissions], "another order"


def test_the_command_writes_a_page_and_changes_nothing_else(small, monkeypatch, capsys):
    root = small(0, 1, 1)
    monkeypatch.chdir(root)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    written = root.parent / "new" / "r.html"
    assert cli.main(["report", LESSON, "--html", str(written), "--anonymous"]) == 0
    assert "r.html: a report on 01 · Bandits." in capsys.readouterr().out
    assert written.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert cli.main(["report", LESSON]) == 0 and "01 · Bandits: 3 submissions" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    assert cli.main(["report", LESSON, "--html", str(root / "gradebook.db" / "r.html")]) == 1
    assert "r.html cannot be written: " in capsys.readouterr().err


def test_the_time_of_the_release_is_the_exchanges_or_is_asked_for(small):
    root = small(0, 1)
    (note,) = measures.measure(gather.gather(root, LESSON)).notes["time"]
    assert "--released" in note
    (root / "exchange" / "bandits-to-vae" / "outbound" / LESSON).mkdir(parents=True)
    shutil.copy(RELEASE, root / "exchange" / "bandits-to-vae" / "outbound" / LESSON)
    assert abs(gather.gather(root, LESSON).released - datetime.now(UTC)) < timedelta(minutes=5)
    assert measures.measure(gather.gather(root, LESSON)).notes["time"][1] == "2 of 2 submissions name no time."
    with pytest.raises(CourseError, match="--released takes a time such as '2026-10-01 09:00', and not 'soon'"):
        gather.gather(root, LESSON, released="soon")


def test_clocks_that_are_wrong_are_said_and_spoil_no_figure(tmp_path):
    group = [Person(f"p{number:02}") for number in range(20)]
    for number, person in enumerate(group):
        person.solve(EASY, 0, "Not filled in yet.")
        person.time = RELEASED + timedelta(days=number)
    group[0].time, group[1].time = RELEASED - timedelta(days=9), datetime(9999, 12, 31, tzinfo=UTC)
    root = enter(course_folder(tmp_path / "course"), group)
    report = measures.measure(gather.gather(root, LESSON, released=RELEASED.isoformat()))
    assert len(report.days) == 19 and report.drawn == pytest.approx([*range(2, 20)], abs=1e-6)
    assert any(note.startswith("1 of 20 name a time before the release") for note in report.notes["time"])
    assert any(note.startswith("1 of 20 came after more than") for note in report.notes["time"])
    assert "from 2.0 to 19.0 days" in page.page(report)


@pytest.mark.parametrize("scores", [(0,), (1,), (0, 0, 0, 0), (1, 1, 1, 1)])
def test_one_student_and_equal_points_are_said_in_a_sentence(small, scores):
    report = measures.measure(gather.gather(small(*scores), LESSON))
    (note, *_) = report.notes["top"]
    assert note == (
        "There is one submission, so nothing can be compared."
        if len(scores) == 1
        else f"Everybody has {scores[0] * report.most:g} points, so nothing tells strong from weak."
    )
    assert all(row.correlation is None and row.verdict for row in report.rows) and not report.sentences
    assert ("Has left every exercise." in terminal.text(report)) == (scores[0] == 0)
    assert len(scores) > 1 or "too few graded answers (1)" in page.page(report)


def test_what_is_not_there_is_a_sentence(tmp_path):
    root = course_folder(tmp_path / "course")
    with pytest.raises(CourseError, match="There is no lesson '99-none' in"):
        gather.gather(root, "99-none")
    with pytest.raises(CourseError, match=f"Nothing of {LESSON} is graded yet; run: course grade-class {LESSON}"):
        gather.gather(root, LESSON)
    assert not (root / "gradebook.db").exists()
    enter(root, [])
    with pytest.raises(CourseError, match="Nothing of"):
        gather.gather(root, LESSON)
    (root / "gradebook.db").write_text("no database at all", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be used: file is not a database"):
        gather.gather(root, LESSON)


def test_lost_notebooks_and_feedback_are_said_and_points_still_count(small):
    root = small(0, 1, 1)
    shutil.rmtree(root / "autograded")
    (root / "feedback" / "p1" / LESSON / f"{LESSON}.json").write_text("[1, {", encoding="utf-8")
    report = measures.measure(gather.gather(root, LESSON))
    assert "3 graded notebooks are not there any more" in report.notes["alike"][-1]
    assert report.rows[0].counts == {"solved": 2, "tried": 0, "left": 1, "waiting": 0}
