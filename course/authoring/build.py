"""From a lesson's text to its two notebooks, and back.

The solution notebook remembers in its metadata from what it was made: `text` is the digest of the lesson, `code` that
of its code cells and of the helpers they import, `outputs` that of the stored outputs. So a change of prose executes
nothing, a change of code executes everything, and an edit by hand is seen before it is lost.
"""

import base64
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course import files, paths
from course.authoring import lessons, stills
from course.authoring.lessons import Lesson
from course.errors import CourseError
from course.grading.running import execute, outputs
from course.learner import work


def build(root: Path, names: Iterable[str] = (), *, force: bool = False, say: Callable[[str], None] = print) -> None:
    """Write the solution and the release of the named lessons, or of all.

    Args:
        root: the course folder.
        names: lessons, such as "01-bandits"; none means all.
        force: execute again, and throw away edits made by hand in solutions/.
        say: takes a sentence for each thing done.

    Raises:
        CourseError: if a lesson is malformed or fails, or an edit made in solutions/ would be lost. Nothing is written.
    """
    for lesson in lessons.choose(root, names):
        path = paths.solution_path(root, lesson.name)
        stored = None if force else _stored(path)
        if stored is not None and _holds_an_edit(stored, lesson):
            raise CourseError(_edited(lesson.name))
        solution, executed = _solution(root, lesson, stored)
        text = _dump(solution)
        release = _release(root, lesson.name, text)
        for sentence in work.rescue(root, lesson.name):
            say(sentence)
        changed = [files.write(path, text), files.write(paths.release_path(root, lesson.name), release)]
        changed += [files.write(picture, content) for picture, content in _pictures(root, solution)]
        say(f"{lesson.name}: {'executed and written' if executed else 'written' if any(changed) else 'up to date'}")


def differences(root: Path, names: Iterable[str] = ()) -> list[str]:
    """Return a sentence for each way in which solutions/ and notebooks/ are not what the sources build; run nothing."""
    found = []
    for lesson in lessons.choose(root, names):
        path, mend = paths.solution_path(root, lesson.name), f"run: course build {lesson.name}"
        stored = _stored(path)
        if stored is None:
            found.append(f"solutions/{lesson.name} is missing or not readable; {mend}")
        elif _holds_an_edit(stored, lesson):
            found.append(_edited(lesson.name))
        elif not _outputs_still_fit(stored, _code_digest(root, lesson)):
            found.append(f"solutions/{lesson.name} holds outputs of other code; {mend}")
        else:
            text = _dump(_solution(root, lesson, stored)[0])
            if path.read_text(encoding="utf-8") != text:
                found.append(f"solutions/{lesson.name} differs from what lessons/{lesson.name}.py builds; {mend}")
            if _read_or_empty(paths.release_path(root, lesson.name)) != _release(root, lesson.name, text):
                found.append(f"notebooks/{lesson.name} differs from the release of its solution; {mend}")
            for picture, content in _pictures(root, stored):
                if not picture.exists() or picture.read_bytes() != content:
                    found.append(f"{picture.relative_to(root)} is not the figure of lesson {lesson.name}; {mend}")
    return found + ([] if names else _strays(root))


def pull(root: Path, name: str) -> bool:
    """Bring an edit made in solutions/ back into the lesson's text; return whether the text changed.

    Raises:
        CourseError: if there is no such solution, or if its text would be malformed as a lesson. The lesson stays.
    """
    stored = _stored(paths.solution_path(root, name))
    if stored is None:
        raise CourseError(f"There is no readable solutions/{name}/{name}.ipynb to pull from; run: course build {name}")
    path = root / "lessons" / f"{name}.py"
    text = lessons.to_text(stored)
    lessons.parse(text, path)
    return files.write(path, text)


def _solution(root: Path, lesson: Lesson, stored: NotebookNode | None) -> tuple[NotebookNode, bool]:
    """Return the solution notebook, and whether it had to be executed."""
    notebook, code = lessons.to_notebook(lesson), _code_digest(root, lesson)
    reuse = stored is not None and _outputs_still_fit(stored, code)
    if reuse:
        for cell, old in zip(_code_cells(notebook), _code_cells(stored), strict=True):
            cell.outputs, cell.execution_count = old.outputs, old.execution_count
    else:
        _execute(lesson, notebook)
    notebook.metadata["course"] = {
        "code": code,
        "outputs": _outputs_digest(notebook),
        "text": _text_digest(notebook),
    }
    return notebook, not reuse


def _pictures(root: Path, solution: NotebookNode) -> list[tuple[Path, bytes]]:
    """Return the files that tagged cells ask for, and their figures: what the README shows is what a lesson drew."""
    return [
        (root / "docs" / f"{tag.removeprefix('picture-')}.png", base64.b64decode(shown[0]))
        for cell in _code_cells(solution)
        for tag in cell.metadata.get("tags", [])
        if tag.startswith("picture-")
        for output in cell.outputs
        if (shown := outputs.picture(output.get("data", {})))
    ]


def _execute(lesson: Lesson, notebook: NotebookNode) -> None:
    try:
        failed = execute.run(notebook, finish=stills.store)
    except stills.Compared as widget:
        raise _cell_error(lesson, widget.cell, f'this cell shows a widget: give it tags=["{stills.VARIES}"]') from None
    except execute.KernelDied as death:
        raise _cell_error(lesson, death.cell, "the kernel died in this cell") from None
    if failed is not None:
        errors = [output for output in notebook.cells[failed].outputs if output.output_type == "error"]
        reason = f"{errors[0].ename}: {errors[0].evalue}" if errors else f"it took more than {execute.CELL_TIMEOUT} s"
        raise _cell_error(lesson, failed, f"this cell fails: {reason}")
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise _cell_error(lesson, index, f"this cell writes to stderr: {output.text.strip()[:200]}")


def _cell_error(lesson: Lesson, index: int, message: str) -> CourseError:
    return CourseError(f"lessons/{lesson.name}.py:{lesson.cells[index].line}: {message}")


def _release(root: Path, name: str, solution: str) -> str:
    """Return the release that nbgrader's own step makes of a solution, in a course folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source = paths.solution_path(Path(folder), name)
        source.parent.mkdir(parents=True)
        source.write_text(solution, encoding="utf-8")
        config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
        config.merge(Config({"SaveCells": {"enabled": False}, "CourseDirectory": {"root": folder}}))
        course_folder = CourseDirectory(config=config, assignment_id=name)
        GenerateAssignment(coursedir=course_folder, config=config, no_database=True).start()
        return paths.release_path(Path(folder), name).read_text(encoding="utf-8")


def _edited(name: str) -> str:
    return (
        f"solutions/{name} was edited by hand: 'course pull {name}' brings the edit into lessons/{name}.py, "
        f"'course build --force {name}' throws it away"
    )


def _holds_an_edit(stored: NotebookNode, lesson: Lesson) -> bool:
    """Tell whether the solution was edited by hand since it was built, and the lesson does not have that edit."""
    was_edited = stored.metadata.get("course", {}).get("text") != _text_digest(stored)
    return was_edited and lessons.to_text(stored) != lesson.path.read_text(encoding="utf-8")


def _outputs_still_fit(stored: NotebookNode, code: str) -> bool:
    """Tell whether the stored outputs were made by this code and are still what was made."""
    made_from = stored.metadata.get("course", {})
    return made_from.get("code") == code and made_from.get("outputs") == _outputs_digest(stored)


def _code_digest(root: Path, lesson: Lesson) -> str:
    """Return the digest of what decides the outputs: the code, and every helper that it reaches."""
    texts, waiting = {}, {name for source in lesson.code for name in lessons.imported_helpers(source)}
    while waiting:
        name = waiting.pop()
        texts[name] = _helper(root, lesson, name).read_text(encoding="utf-8")
        waiting |= lessons.imported_helpers(texts[name]) - texts.keys()
    return _digest(*lesson.code, *(texts[name] for name in sorted(texts)))


def _helper(root: Path, lesson: Lesson, name: str) -> Path:
    path = root / "helpers" / f"{name}.py"
    if not path.exists():
        raise CourseError(f"lessons/{lesson.name}.py imports helpers.{name}, but there is no helpers/{name}.py.")
    return path


def _text_digest(notebook: NotebookNode) -> str:
    cells = [
        (cell.cell_type, cell.source, cell.metadata.get("nbgrader"), cell.metadata.get("tags"))
        for cell in notebook.cells
    ]
    return _digest(json.dumps(cells, sort_keys=True))


def _outputs_digest(notebook: NotebookNode) -> str:
    outputs = [(cell.execution_count, cell.outputs) for cell in _code_cells(notebook)]
    return _digest(*(json.dumps(entry, sort_keys=True) for entry in outputs))


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]


def _dump(notebook: NotebookNode) -> str:
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def _stored(path: Path) -> NotebookNode | None:
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return None


def _read_or_empty(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _strays(root: Path) -> list[str]:
    """Return a sentence for each file or folder in the built places that no lesson asks for."""
    names = {path.stem for path in lessons.find(root)}
    found = []
    for place in (root / "solutions", root / "notebooks"):
        for path in sorted(place.glob("**/*")):
            parts = path.relative_to(place).parts
            expected = parts[0] in names and (len(parts) == 1 or parts[1:] == (f"{parts[0]}.ipynb",))
            if not expected and ".ipynb_checkpoints" not in parts:
                found.append(
                    f"{path.relative_to(root)} belongs to no lesson; remove it, or nbgrader will hand it to students"
                )
    return found
