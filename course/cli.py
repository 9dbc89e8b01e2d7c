"""The `course` command, with one function for each thing it does."""

import argparse
import codecs
import contextlib
import functools
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from course import files, paths
from course.errors import CourseError
from course.words import broken, counted, visible_text

HERE = Path(__file__).resolve().parent.parent
PLAIN = {"✓": "+", "◦": "o", "✗": "x", "–": "-", "·": "-", "…": "...", "“": '"', "”": '"'}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 if it did what was asked, 1 if not, 2 if the words were off, 130 if interrupted."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _settle()
    try:
        root = _root()
        if arguments[:1] == ["lab"]:  # JupyterLab reads its own options
            from course.learner import lab

            return lab.main(root, arguments[1:])
        options = _parser(root).parse_args(_in_new_words(arguments))
        return options.run(root, options)
    except CourseError as error:
        print(broken(visible_text(str(error)), _columns(sys.stderr)), file=sys.stderr)
        return 1
    except ImportError as error:
        if (error.name or "").split(".")[0] != "course" or (root / "lessons").is_dir():
            raise
        print("This is for instructors; it is not part of what students get.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _settle() -> None:
    """Let every text reach every terminal, and no other `helpers` take the place of the course's own."""
    codecs.register_error("plain", _in_plain_letters)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain")
    if path := os.environ.get("PYTHONPATH"):  # which kernels and workers get, too
        sys.path.insert(0, str(HERE))
        os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), path])


def _in_plain_letters(error: UnicodeEncodeError) -> tuple[str, int]:
    """Return what stands for the letters that a terminal's encoding lacks."""
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(one) or one.encode("ascii", "backslashreplace").decode() for one in lacking), error.end


def _in_new_words(arguments: list[str]) -> list[str]:
    """Return the arguments as they are written today: `grade --class LESSON` has become `grade-class LESSON`."""
    if arguments[:1] != ["grade"]:
        return arguments
    for place, word in enumerate(arguments):
        if word.split("=")[0] == "--class":
            given = [word.partition("=")[2]] if "=" in word else arguments[place + 1 : place + 2]
            rest = arguments[1:place] + arguments[place + 1 + ("=" not in word) :]
            print(f"'course grade --class' is now: course grade-class {' '.join(given)}", file=sys.stderr)
            return ["grade-class", *given, *rest]
    return arguments


def _root() -> Path:
    """Return the course folder: the nearest one upwards that has lessons, or else where this package lies."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "nbgrader_config.py").exists() and (folder / "notebooks").is_dir() | (folder / "lessons").is_dir():
            return folder
    return HERE


def _parser(root: Path) -> argparse.ArgumentParser:
    """Return the commands; the help of a copy without lessons/ or solutions/ leaves out those that need them."""
    parser = argparse.ArgumentParser(prog="course", description="Build, check and grade the lessons of this course.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, text: str, needs: str = "lessons") -> argparse.ArgumentParser:
        listed = {"help": text} if (root / needs).is_dir() else {}
        added = commands.add_parser(name, description=f"{text[0].upper()}{text[1:]}.", **listed)
        added.set_defaults(run=run)
        return added

    text = "open JupyterLab on the lessons; its options follow (and --instructor for nbgrader's panels)"
    command("lab", None, text, "notebooks")
    text = "grade notebooks, all in a folder, or all that you have begun in work/"
    grading = command("grade", _grade, text, "notebooks")
    grading.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="none means work/")
    text = "put an exercise's stub back, and your answer into a file beside the notebook"
    resetting = command("reset", _reset, text, "notebooks")
    text = "show the course's answer beside yours, once you have tried an exercise"
    comparing = command("compare", _compare, text, "solutions")
    for each in (resetting, comparing):
        each.add_argument("exercise", metavar="EXERCISE", help="the name of its function, such as greedy")
    text = "measure the agent or the generator that a notebook or module defines"
    measuring = command("measure", _measure, text, "notebooks")
    measuring.add_argument("project", choices=("agent", "generator"))
    measuring.add_argument("path", type=Path, metavar="NOTEBOOK_OR_MODULE")
    measuring.add_argument("--data", choices=("digits", "fashion-mnist"), help="for a generator; digits without it")
    measuring.add_argument("--trust-submissions", action="store_true", help="run it even where nothing isolates it")
    class_grading = command("grade-class", _grade_class, "grade what a class handed in, into nbgrader's gradebook")
    class_grading.add_argument("lesson", metavar="LESSON", help="such as 01-bandits, from submitted/")
    class_grading.add_argument("--students", default="", metavar="A,B", help="only these; an id may hold commas itself")
    class_grading.add_argument("--workers", type=int, default=0, metavar="N", help="so many at a time")
    class_grading.add_argument("--scheduler", default="", metavar="ADDRESS", help="on the workers of this Dask")
    for each in (grading, class_grading):
        each.add_argument("--json", type=Path, metavar="FILE", help="write the results for programs")
        each.add_argument("--trust-submissions", action="store_true", help="run them even where nothing isolates them")
        each.add_argument("--exam", action="store_true", help="refuse where nothing keeps a submission from its checks")
    handing = command("handout", _handout, "make the archive that students get, without solutions and hidden tests")
    handing.add_argument("file", nargs="?", type=Path, metavar="FILE", help="ends in .zip or .tar.gz")
    exporting = command("export", _export, "write the gradebook's points for Moodle or Canvas")
    exporting.add_argument("lessons", nargs="+", metavar="LESSON")
    exporting.add_argument("--moodle", type=Path, metavar="FILE", help="a CSV file for Moodle's grade import")
    exporting.add_argument("--canvas", type=Path, metavar="FILE", help="a CSV file for Canvas's gradebook import")
    reporting = command("report", _report, "tell how a class did on a lesson, from what is graded already")
    reporting.add_argument("lesson", metavar="LESSON", help="such as 01-bandits")
    reporting.add_argument("--html", type=Path, metavar="FILE", help="write it as a page with figures and passages")
    reporting.add_argument("--anonymous", action="store_true", help="leave out names")
    reporting.add_argument("--released", default="", metavar="TIME", help="when students got it: 'YYYY-MM-DD HH:MM'")
    building = command("build", _build, "write solutions/ and notebooks/ from lessons/ and helpers/")
    building.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 01-bandits; none means all")
    building.add_argument("--force", action="store_true", help="execute again, and throw away edits made in solutions/")
    checking = command("check", _check, "tell whether solutions/ and notebooks/ are what the sources build")
    checking.add_argument("lessons", nargs="*", metavar="LESSON")
    pulling = command("pull", _pull, "bring an edit made in solutions/ back into the lesson's text")
    pulling.add_argument("lesson", metavar="LESSON")
    booking = command("book", _book, "make a web site of the lessons, from their stored outputs")
    booking.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 01-bandits; none means all")
    booking.add_argument("--for-class", action="store_true", help="leave the solutions out")
    booking.add_argument("--output", type=Path, metavar="DIR", help="instead of book/, or book-for-class/")
    trying = command("mutants", _mutants, "try the wrong and right answers of tests/mutants/ on the lessons' checks")
    trying.add_argument("lessons", nargs="*", metavar="LESSON")
    trying.add_argument("--json", type=Path, metavar="FILE", help="write the table for programs")
    return parser


def _build(root: Path, options: argparse.Namespace) -> int:
    from course.authoring import build

    build.build(root, options.lessons, force=options.force)
    return 0


def _check(root: Path, options: argparse.Namespace) -> int:
    from course.authoring import build

    found = build.differences(root, options.lessons)
    for sentence in found:
        print(sentence, file=sys.stderr)
    if not found:
        print("solutions/ and notebooks/ are what the sources build.")
    return 1 if found else 0


def _pull(root: Path, options: argparse.Namespace) -> int:
    from course.authoring import build

    name = Path(options.lesson).stem
    changed = build.pull(root, name)
    print(
        f"lessons/{name}.py now has the edit; run: course build {name}" if changed else f"lessons/{name}.py has it all."
    )
    return 0


def _grade_class(root: Path, options: argparse.Namespace) -> int:
    from course.grading.classroom import classes

    if options.workers < 0:
        raise CourseError("--workers takes a number from 1 on.")
    summary = classes.grade(
        root,
        Path(options.lesson).stem,
        students=[options.students],
        workers=options.workers,
        scheduler=options.scheduler,
        trusted=_trusts(options),
        say=lambda line: print(line, flush=True),
    )
    print(classes.report(summary))
    if options.json:
        _write(options.json, classes.as_json(summary))
    return 1 if summary.failed else 0


def _grade(root: Path, options: argparse.Namespace) -> int:
    from course.grading.result import table
    from course.learner import grade, meant, overview, points

    named = [meant.place(root, path) for path in options.paths]
    results, failed = [], False
    say = functools.cache(functools.partial(print, flush=True))  # each line once
    for path, folder in meant.notebooks_in(named or meant.begun(root)).items():
        try:
            mine = points.own_lesson(root, path)
            with _shown(f"Grading {path.stem} …"):
                result = grade.grade(path, root, trusted=_trusts(options), folder=folder, say=say)
            said = [""] if results else []
            results.append(result)
            said += [table(result, head=grade.head(result, path, root), columns=_columns(sys.stdout))]
            said += grade.model_answers(result, path, root)
            if mine and mine[0] == result.lesson:
                said += overview.newer(root, result.lesson)
                points.note(root, mine[1], result, points.GRADE)
                overview.write(root)  # on which a learner may be looking
            print(*said, sep="\n", flush=True)
        except CourseError as error:
            is_along = isinstance(error, grade.OfNoLesson) and path not in named  # such as one for %run
            failed |= not is_along
            print(visible_text(str(error)), file=sys.stderr)
    if (root / "work").is_dir():
        overview.write(root)
    if not named:
        print(*overview.lines(root), sep="\n")
    if options.json:
        _write(options.json, grade.as_json(results))
    return 1 if failed or (named and not results) else 0


@contextlib.contextmanager
def _shown(text: str) -> Iterator[None]:
    """Show a line on a terminal for as long as something takes."""
    is_terminal = sys.stdout.isatty()
    if is_terminal:
        print(visible_text(text), end="", flush=True)
    try:
        yield
    finally:
        if is_terminal:
            print(f"\r{' ' * len(visible_text(text))}\r", end="", flush=True)


def _reset(root: Path, options: argparse.Namespace) -> int:
    from course.learner import answers, overview

    said = answers.reset(root, options.exercise, Path.cwd())
    print(broken(said, _columns(sys.stdout)))
    overview.write(root)
    return 0


def _compare(root: Path, options: argparse.Namespace) -> int:
    from course.learner import answers

    print(answers.compare(root, options.exercise, Path.cwd(), columns=_columns(sys.stdout)))
    return 0


def _columns(stream: TextIO) -> int:
    """Return how wide a terminal is, or 0 where it is none."""
    return shutil.get_terminal_size().columns if stream.isatty() else 0


def _measure(root: Path, options: argparse.Namespace) -> int:
    from course.learner import meant, measure

    if options.data and options.project == "agent":
        raise CourseError("--data is for a generator; an agent names its environment itself.")
    path, images = meant.place(root, options.path), options.data or "digits"
    trusted = options.trust_submissions or paths.is_own(root, path)
    found = measure.measure(options.project, path, images=images, trusted=trusted, say=print)
    missed = found.missed() if images == "digits" else "There are no bars for Fashion-MNIST."
    print(found.text(), missed or "✓ That reaches the bar.", sep="\n")
    return 1 if missed and images == "digits" else 0


def _trusts(options: argparse.Namespace) -> bool:
    """Return whether submissions may run without isolation; an exam never lets them."""
    if options.exam and options.trust_submissions:
        raise CourseError("--exam asks for isolation and --trust-submissions does without; leave one of them away.")
    if options.exam:
        from course.grading.sandbox import proof

        proof.require()
    return options.trust_submissions


def _book(root: Path, options: argparse.Namespace) -> int:
    from course.authoring.book import site

    target = options.output or root / ("book-for-class" if options.for_class else "book")
    names = site.make(root, target, options.lessons, for_class=options.for_class)
    print(f"{target / 'index.html'} begins the book of {counted(len(names), 'lesson')}; open it in a browser.")
    return 0


def _handout(root: Path, options: argparse.Namespace) -> int:
    from course.authoring import handout

    target = options.file or Path(f"{handout.FOLDER}.zip")
    names = handout.make(root, target)
    print(f"{target} holds {len(names)} files for students, {target.stat().st_size / 2**20:.1f} MB.")
    return 0


def _export(root: Path, options: argparse.Namespace) -> int:
    from course.grading.classroom import exports

    lessons = [Path(name).stem for name in options.lessons]
    for sentence in exports.export(root, lessons, moodle=options.moodle, canvas=options.canvas):
        print(sentence)
    return 0


def _report(root: Path, options: argparse.Namespace) -> int:
    from course.grading.classroom.report import anonymous, gather, measures, page, terminal

    found = gather.gather(root, Path(options.lesson).stem, released=options.released)
    report = measures.measure(anonymous.veiled(found) if options.anonymous else found)
    if options.html:
        _write(options.html, page.page(report, anonymous=options.anonymous))
        print(f"{options.html}: a report on {report.title}.")
    else:
        print(terminal.text(report))
    return 0


def _mutants(root: Path, options: argparse.Namespace) -> int:
    from course.authoring import mutants

    rows = mutants.try_all(root, options.lessons)
    print(mutants.table(rows))
    if options.json:
        _write(options.json, mutants.as_json(rows))
    return 0 if all(row.is_good for row in rows) else 1


def _write(path: Path, text: str) -> None:
    with files.told(path):
        files.write(path, text)


if __name__ == "__main__":
    sys.exit(main())
