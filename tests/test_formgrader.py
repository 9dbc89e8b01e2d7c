"""Formgrader as this course serves it; tests/test_classroom_walk.py clicks through it in a browser."""

import base64
import hashlib
import re

import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from course import paths
from course.grading import titles
from course.grading.classroom import gradebook
from course.grading.classroom.formgrader import extension
from course.grading.classroom.formgrader.page import TEMPLATES, Page, models
from tests.samples import ROOT, read

LESSON = "01-bandits"
CONFIG = gradebook.course_directory(ROOT).config


@pytest.fixture(scope="module")
def page() -> str:
    """The page of a submission, as untouched as its student's name is not."""
    words = {"template_name": "graded", "extra_template_basedirs": [str(TEMPLATES), handlers.template_path]}
    config = Config({"HTMLExporter": {**words, "extra_template_paths": [handlers.template_path]}})
    config.merge(CONFIG)
    exporter = Page(config=config, root=str(ROOT))
    exporter.environment.loader = extension.Own(exporter.environment.loader)
    about = {
        "assignment_id": LESSON,
        "notebook_id": LESSON,
        "base_url": "",
        "submission_id": "0",
        "index": 0,
        "total": 1,
    }
    names = {"student": "ann", "first_name": "<b>Ann", "last_name": "O'Neil", "notebook_path": 'a"b'}
    return exporter.from_filename(str(paths.release_path(ROOT, LESSON)), resources=about | names)[0]


def test_titles_and_model_answers_stand_where_a_person_grades(page):
    cells = read(paths.release_path(ROOT, LESSON))
    for title in titles.of(cells).values():
        assert f"{title} · the student's answer" in page
    assert "bandits-estimate-check</code>" not in page
    (written,) = re.findall(r'<details class="model" open="">.*?</details>', page, re.DOTALL)
    assert "Rubric." in written and "1 point each" in written and "### " not in written
    assert page.count('<details class="model">') == len(models(read(paths.solution_path(ROOT, LESSON)))) - 1
    for cell in cells.cells:  # what nbgrader's own scripts look for
        mark = cell.metadata.get("nbgrader", {})
        assert not mark.get("grade") or f'class="score tabbable" id="{mark["grade_id"]}"' in page
        assert not mark.get("solution") or f'id="{mark["grade_id"]}-comment"' in page


def test_a_page_loads_from_this_server_alone_and_marks_its_scripts(page):
    scripts = re.findall(r"<script[^>]*>", page)
    assert len(scripts) > 9 and all(f'nonce="{extension.NONCE}"' in script for script in scripts)
    sources = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', page)
    assert sources and all(source.startswith(("/formgrader/static/", "data:")) for source in sources)


def test_names_stay_names(page):
    assert "&lt;b&gt;Ann" in page and "<b>Ann" not in page and """data-link='a"b'""" in page


def test_the_policy_knows_what_nbgraders_own_pages_do_and_no_more():
    rules = dict(rule.strip().split(" ", 1) for rule in extension.OF_PAGES.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    known = {"toggle_name(true);", "toggle_name(false);", "toggleAllNames()", "createAssignmentModal();"}
    known |= {"createStudentModal();"}
    digests = {f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in known}
    assert set(rules["script-src"].split()) == {f"'nonce-{extension.NONCE}'", "'unsafe-hashes'", *digests}


@pytest.mark.parametrize("name", ["markdown2html", "strip_files_prefix", "clean_html"])
def test_the_positive_list_comes_last_in_nbgraders_own_templates_too(name):
    environment = HTMLExporter(config=CONFIG).environment
    made = environment.from_string(f"{{{{ text | strip_files_prefix | {name} }}}}").render(
        text='<a class="modal-backdrop" href="files/javascript:alert(1)">x</a>'
    )
    assert "javascript" not in made and "class" not in made and "x</a>" in made


def test_a_sentence_speaks_of_titles():
    named = {"a-b": "Exercise 1 · B"}
    said = titles.put("The check a-b-check was changed; a-b-c and x-a-b were not, a-b was.", named)
    assert said == "The check Exercise 1 · B was changed; a-b-c and x-a-b were not, Exercise 1 · B was."
