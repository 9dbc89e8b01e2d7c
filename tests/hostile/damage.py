"""Submissions that editors, browsers, upload forms and people have damaged, and what each of them deserves.

Every case starts from the tiny lesson with both exercises right and the written answer given. It changes the notebook's
JSON, or what lies in the submission's folder, and says which points are deserved and which sentence somebody reads.
"""

import base64
import copy
import functools
import gzip
import io
import json
import os
import socket
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

DOUBLE, HALF, WHY = "def double(x):\n    return x + x", "def half(x):\n    return 0.5 * x", "So it is."
NAME = "01-tiny.ipynb"
STUB = "*Your answer here.*"
WRONG = "def half(x):\n    return 7"


def put(folder: Path, data: dict, name: str = NAME) -> None:
    """Write the notebook into the submission's folder."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(data), encoding="utf-8")


@dataclass(frozen=True)
class Damage:
    """One damaged submission.

    Attributes:
        name: what happened to it.
        change: changes the notebook's JSON.
        lay: writes the submission's folder.
        deserved: the points of double (2) and half (3).
        says: a piece of the sentence by which it is refused; empty where it is graded.
        flag: a piece of a sentence on what was odd; empty where nothing is to be said.
        answered: whether the written answer has survived.
    pictures: how many pictures the written answer holds.
    """

    name: str
    change: Callable[[dict], None] = lambda data: None
    lay: Callable[[Path, dict], None] = put
    deserved: tuple[int, int] = (2, 3)
    says: str = ""
    flag: str = ""
    answered: bool = True
    pictures: int = 0


def refused(name: str, says: str, **rest) -> Damage:
    return Damage(name, says=says, deserved=(0, 0), answered=False, **rest)


def at(data: dict, cell_id: str) -> dict:
    return next(cell for cell in data["cells"] if cell.get("id") == cell_id)


def index(data: dict, cell_id: str) -> int:
    return data["cells"].index(at(data, cell_id))


def code(source: str, **rest) -> dict:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **rest}


def delete(*ids: str) -> Callable[[dict], None]:
    def change(data):
        data["cells"] = [cell for cell in data["cells"] if cell["id"] not in ids]

    return change


def update(cell_id: str, **fields) -> Callable[[dict], None]:
    return lambda data: at(data, cell_id).update(fields)


def mark(cell_id: str, **fields) -> Callable[[dict], None]:
    return lambda data: at(data, cell_id)["metadata"]["nbgrader"].update(fields)


def everywhere(**fields) -> Callable[[dict], None]:
    """Change the course's marks on every cell that has some."""

    def change(data):
        for cell in data["cells"]:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"].update(fields)

    return change


def strip(data: dict) -> None:
    """Take ids and metadata from all cells."""
    for cell in data["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)


def add(after: str, *cells: dict) -> Callable[[dict], None]:
    def change(data):
        place = index(data, after) + 1
        data["cells"][place:place] = cells

    return change


def chain(*changes: Callable[[dict], None]) -> Callable[[dict], None]:
    def change(data):
        for one in changes:
            one(data)

    return change


def duplicate(cell_id: str, after: str, source: str | None = None) -> Callable[[dict], None]:
    """Copy a cell with its marks, as copy and paste do, and perhaps edit the copy."""

    def change(data):
        copied = copy.deepcopy(at(data, cell_id))
        copied["source"] = copied["source"] if source is None else source
        data["cells"].insert(index(data, after) + 1, copied)

    return change


def colab(data: dict) -> None:
    """Do what Colab does: ids move into metadata, which gains its own; format 4.0; accelerator and toc at the top."""
    data["nbformat_minor"] = 0
    data["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU",
        "kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"},
    }  # fmt: skip
    for number, cell in enumerate(data["cells"]):
        cell.pop("id")
        cell["metadata"] |= {"id": f"q{number}Xy_Z", "colab": {"base_uri": "https://localhost:8080/"}}
        if cell["cell_type"] == "code":
            cell["metadata"]["outputId"] = f"o-{number}"
            cell["execution_count"] = number
        cell["source"] = cell["source"].splitlines(keepends=True)


def colab_copied_in(data: dict) -> None:
    """Do what pasting all cells into a new Colab notebook does: the course's marks are gone, too."""
    colab(data)
    for cell in data["cells"]:
        cell["metadata"].pop("nbgrader", None)


def vscode(data: dict) -> None:
    """Do what VS Code does: new ids for all cells, its own metadata beside the course's, outputs and counts."""
    data["metadata"]["kernelspec"] = {"display_name": ".venv", "language": "python", "name": "python3"}
    for number, cell in enumerate(data["cells"]):
        cell["id"] = f"{number:08x}"
        cell["metadata"]["vscode"] = {"languageId": "python"}
    data["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["seven is 7\n"]}]


def jupyterlab(data: dict) -> None:
    """Do what JupyterLab does on saving: counts, outputs, a full language_info, an empty cell at the end."""
    data["metadata"]["language_info"] = {"name": "python", "version": "3.13.1", "file_extension": ".py"}
    for number, cell in enumerate(cell for cell in data["cells"] if cell["cell_type"] == "code"):
        cell["execution_count"] = number + 1
        cell["metadata"]["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}
        cell["metadata"]["collapsed"] = True
    data["cells"].append(code("", id="empty"))


def old_format(folder: Path, data: dict) -> None:
    """Write the notebook as IPython 2 did."""
    cells = [
        {
            "cell_type": "code",
            "input": cell["source"],
            "language": "python",
            "outputs": [],
            "metadata": cell["metadata"],
        }
        if cell["cell_type"] == "code"
        else {"cell_type": "markdown", "source": cell["source"], "metadata": cell["metadata"]}
        for cell in data["cells"]
    ]
    put(
        folder,
        {
            "nbformat": 3,
            "nbformat_minor": 0,
            "metadata": {"name": ""},
            "worksheets": [{"cells": cells, "metadata": {}}],
        },
    )


def named(name: str) -> Callable[[Path, dict], None]:
    return lambda folder, data: put(folder, data, name)


def raw(content: Callable[[bytes], bytes], name: str = NAME) -> Callable[[Path, dict], None]:
    """Write the notebook's file with its bytes changed."""
    return lambda folder, data: (folder / name).write_bytes(content(json.dumps(data, indent=1).encode()))


def text(source: str, **rest) -> dict:
    return {"cell_type": "markdown", "source": source, "metadata": {}, **rest}


def instead(cell_id: str, source: str) -> Callable[[dict], None]:
    """Leave the written answer's stub as it is, and write into another cell."""
    return chain(update("tiny-why", source=STUB), update(cell_id, source=source))


def elsewhere(after: str, cell: dict) -> Callable[[dict], None]:
    """Leave the written answer's stub as it is, and add a cell."""
    return chain(update("tiny-why", source=STUB), add(after, cell))


def first_cell(change: Callable[[str], str]) -> Callable[[dict], None]:
    """Change the course's own cell of imports."""
    return lambda data: data["cells"][1].update(source=change(data["cells"][1]["source"]))


def above(line: str) -> Callable[[dict], None]:
    """Put a line above the course's imports, and have an answer need what they and the student import."""
    return chain(
        first_cell(lambda source: f"{line}\nimport math\n{source}\nimport functools"),
        update("tiny-half", source="def half(x):\n    check, functools\n    return math.prod([0.5, x])"),
    )


def imports(change: Callable[[str], str]) -> Callable[[dict], None]:
    """Change the course's imports, and have an answer need what they alone import."""
    return chain(first_cell(change), update("tiny-half", source="def half(x):\n    check\n    return x / 2"))


def picture(kind: str = "PNG", width: int = 40, height: int = 30, noise: bool = False) -> bytes:
    """Return a picture, of which noise cannot be made small."""
    content = io.BytesIO()
    size = (width, height)
    (Image.effect_noise(size, 90) if noise else Image.new("L", size)).save(content, kind)
    return content.getvalue()


def data_uri(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def attached(source: str, **pictures: bytes) -> Callable[[dict], None]:
    """Attach pictures to the written answer; `__` in a name stands for a dot."""
    held = {
        name.replace("__", "."): {"image/png": base64.b64encode(content).decode()} for name, content in pictures.items()
    }
    return update("tiny-why", source=source, attachments=held)


def with_files(**contents: bytes) -> Callable[[Path, dict], None]:
    """Lay further files beside the notebook; `__` in a name stands for a dot, `___` for a folder's stroke."""

    def lay(folder, data):
        put(folder, data)
        for name, content in contents.items():
            path = folder / name.replace("___", "/").replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    return lay


def nested(key: str) -> Callable[[Path, dict], None]:
    """Write a notebook with a value nested a hundred thousand lists deep, which no JSON library would write."""

    def lay(folder, data):
        data[key] = "DEEP"
        deep = "[" * 100_000 + "]" * 100_000
        (folder / NAME).write_text(json.dumps(data).replace('"DEEP"', deep), encoding="utf-8")

    return lay


def thousand_deep(data: dict) -> None:
    """Put a value nested a thousand lists deep where it means nothing."""
    deep: list = []
    for _ in range(900):  # the writer's own limit is near
        deep = [deep]
    at(data, "tiny-half")["metadata"]["deep"] = deep
    at(data, "tiny-half")["outputs"] = deep


def linked(target: str) -> Callable[[Path, dict], None]:
    return lambda folder, data: os.symlink(target, folder / NAME)


def beside(make: Callable[[Path], None]) -> Callable[[Path, dict], None]:
    def lay(folder, data):
        put(folder, data)
        make(folder)

    return lay


def make_socket(folder: Path) -> None:
    here = os.getcwd()
    os.chdir(folder)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("talk")
    os.chdir(here)


@functools.cache
def bomb() -> bytes:
    """Return an archive of 200 kB that unpacks to 200 MB."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(200 * 2**20))
    return content.getvalue()


def other_lesson(data: dict) -> None:
    data["cells"] = [code("def triple(x):\n    return 3 * x", id="other-triple")]


def copies(folder: Path, data: dict) -> None:
    """Lay an older copy with less work and the right name beside the finished one."""
    put(folder, data, "01-tiny-Copy1.ipynb")
    older = copy.deepcopy(data)
    update("tiny-half", source="")(older)
    put(folder, older)


def among_others(folder: Path, data: dict) -> None:
    """Hand in the whole folder work/: other lessons, checkpoints, updates."""
    put(folder, data)
    put(folder, data, ".ipynb_checkpoints/01-tiny-checkpoint.ipynb")
    other = copy.deepcopy(data)
    other_lesson(other)
    put(folder, other, "02-other.ipynb")


def merge_cells(data: dict) -> None:
    """Do what JupyterLab's "Merge cells" does to both exercises and the check between them."""
    ids = ["tiny-double", "tiny-double-check", "tiny-half"]
    at(data, ids[0])["source"] = "\n\n".join(at(data, name)["source"] for name in ids)
    delete(*ids[1:])(data)


def reverse(data: dict) -> None:
    data["cells"].reverse()


def ten_thousand(data: dict) -> None:
    data["cells"] += [code("") for _ in range(5000)] + [copy.deepcopy(at(data, "tiny-half-check")) for _ in range(5000)]


def twice_named(data: dict) -> None:
    for cell in data["cells"]:
        cell["id"] = "same"


MISSING_HALF = "The cell tiny-half is missing; it counts as not filled in."
CHECKS = ("tiny-double-check", "tiny-half-check")
SHADOW = "would take the place of the module"
GIT = b"<<<<<<< HEAD\n{\n=======\n[\n>>>>>>> theirs\n"

BESIDE = "The answer to tiny-why was found in another cell"
ABSENT = "The package {} is not installed here"
CASES = [
    Damage("nothing happened"),
    Damage("one check deleted", delete(CHECKS[1])),
    Damage("all checks deleted", delete(*CHECKS)),
    Damage("check edited", update(CHECKS[1], source="pass"), flag="The check tiny-half-check was changed"),
    Damage("check emptied", update(CHECKS[1], source="")),
    Damage("check turned into markdown", update(CHECKS[1], cell_type="markdown")),
    Damage("check turned into raw text", update(CHECKS[0], cell_type="raw")),
    Damage("exercise turned into markdown", update("tiny-half", cell_type="markdown"), flag="it was read as code"),
    Damage("exercise turned into raw text", update("tiny-double", cell_type="raw"), flag="it was read as code"),
    Damage("answer turned into code", update("tiny-why", cell_type="code"), flag="it was read as text"),
    Damage("exercise deleted", delete("tiny-half"), deserved=(2, 0), flag=MISSING_HALF),
    Damage("written answer deleted", delete("tiny-why"), flag="tiny-why is missing", answered=False),
    Damage("course's own cells deleted", lambda data: data["cells"].__delitem__(slice(0, 2))),
    Damage("exercise emptied", update("tiny-half", source="  \n"), deserved=(2, 0)),
    Damage("exercise pasted below itself", duplicate("tiny-half", "tiny-half"), flag="stands 2 times"),
    Damage(
        "exercise pasted and spoilt after its check", duplicate("tiny-half", CHECKS[1], WRONG), flag="stands 2 times"
    ),
    Damage(
        "stub left above the pasted answer",
        chain(
            duplicate("tiny-half", "tiny-half"),
            update(
                "tiny-half",
                source="def half(x):\n    # Your code here instead of the next line.\n"
                '    raise NotImplementedError("This exercise is not filled in.")',
            ),
        ),
    ),
    Damage("check pasted", duplicate(CHECKS[0], "tiny-why")),
    Damage(
        "check pasted to try something",
        duplicate(CHECKS[0], CHECKS[0], "tried = double(3)\nprint(tried)"),
        flag="The check tiny-double-check was changed",
    ),
    Damage("same cell id everywhere", twice_named),
    Damage("marks stripped from one cell", lambda data: at(data, "tiny-half").update(metadata={}, id="fresh")),
    Damage("all ids and metadata stripped", strip),
    Damage("stripped and reversed", chain(strip, reverse), flag="The answer to tiny-why was found in another cell"),
    Damage("all cells in reverse", reverse),
    Damage("old marks (schema_version 1)", everywhere(schema_version=1)),
    Damage("marks from the future (schema_version 99)", everywhere(schema_version=99, wisdom="more")),
    Damage("check no longer graded", mark(CHECKS[1], grade=False, solution=True)),
    Damage("exercise graded and locked", mark("tiny-half", grade=True, locked=True, solution=False, points=3)),
    Damage("unknown grade id", mark("tiny-half", grade_id="nobody-knows-this")),
    Damage(
        "unknown check",
        add(
            "tiny-why",
            code(
                "assert False",
                metadata={
                    "nbgrader": {
                        "grade": True,
                        "solution": False,
                        "grade_id": "nobody-check",
                        "points": 5,
                        "locked": True,
                        "schema_version": 3,
                    }
                },
            ),
        ),
    ),
    Damage(
        "a thousand points", mark(CHECKS[1], points=1000), flag="The points of tiny-half-check were changed to 1000"
    ),
    Damage("points that are no number", mark(CHECKS[1], points="many")),
    Damage("marks that are no marks", lambda data: at(data, "tiny-half")["metadata"].update(nbgrader=7)),
    Damage("grade id that is a list", mark("tiny-half", grade_id=["tiny-half"])),
    Damage("metadata missing", lambda data: [cell.pop("metadata") for cell in data["cells"]]),
    Damage("cells that are no cells", lambda data: data["cells"].extend([7, None, [], {}, {"cell_type": "code"}])),
    Damage(
        "exercise split in two",
        chain(
            add("tiny-half", code("def half(x):\n    return part * x", id="second")),
            update("tiny-half", source="part = 0.5"),
        ),
    ),
    Damage(
        "exercise split in two, marks copied",
        chain(
            duplicate("tiny-half", "tiny-half", "def half(x):\n    return part * x"),
            update("tiny-half", source="part = 0.5"),
        ),
        flag="stands 2 times",
    ),
    Damage("cells merged", merge_cells, flag="The answer to tiny-half was found in another cell"),
    Damage(
        "answer in a cell of its own, stub deleted", chain(delete("tiny-half"), add("tiny-why", code(HALF, id="mine")))
    ),
    Damage(
        "answer above the stub",
        chain(
            update("tiny-half", source="\n"), add("tiny-double-check", code(f"# my answer\n{HALF}\n\nz = 1", id="mine"))
        ),
        flag="The answer to tiny-half was found in another cell",
    ),
    Damage(
        "answer written into the check",
        chain(update("tiny-half", source=""), update(CHECKS[1], source=f"{HALF}\n\nassert half(4) == 2")),
        flag="The answer to tiny-half was found in another cell",
    ),
    Damage(
        "answer among many in one cell",
        chain(delete("tiny-half", "tiny-double"), add("tiny-why", code(f"{DOUBLE}\n\n{HALF}"))),
        flag="was found in another cell",
    ),
    Damage("Colab", colab),
    Damage("pasted into Colab", colab_copied_in),
    Damage("VS Code", vscode),
    Damage(
        "VS Code, marks lost",
        chain(vscode, lambda data: [cell["metadata"].pop("nbgrader", 0) for cell in data["cells"]]),
    ),
    Damage("JupyterLab", jupyterlab),
    Damage(
        "kernel of R",
        lambda data: data["metadata"].update(kernelspec={"name": "ir", "language": "R", "display_name": "R"}),
        flag="written for the language R",
    ),
    Damage(
        "kernel with a name of its own",
        lambda data: data["metadata"].update(
            kernelspec={"name": "my-env", "language": "python", "display_name": "my-env"}
        ),
    ),
    Damage("notebook's metadata missing", lambda data: data.pop("metadata")),
    Damage("format 4.99", lambda data: data.update(nbformat_minor=99)),
    Damage("format 3", lay=old_format, flag="The notebook had an old format; it was upgraded."),
    refused(
        "format 3, empty",
        "has an old format and is damaged",
        lay=lambda folder, data: put(folder, {"nbformat": 3, "worksheets": []}),
    ),
    Damage(
        "line ends of Windows",
        lambda data: [cell.update(source=cell["source"].replace("\n", "\r\n")) for cell in data["cells"]],
    ),
    Damage("byte order mark", lay=raw(lambda content: b"\xef\xbb\xbf" + content)),
    Damage("half a character", update("tiny-why", source="So \ud800 it is.")),
    Damage("a copy", lay=named("01-tiny-Copy1.ipynb"), flag="is named 01-tiny-Copy1.ipynb and not 01-tiny.ipynb"),
    Damage("renamed", lay=named("homework final (2).ipynb"), flag="is named homework final (2).ipynb"),
    Damage("capitals", lay=named("01-TINY.IPYNB"), flag="is named 01-TINY.IPYNB"),
    Damage("named .txt by a browser", lay=named("01-tiny.ipynb.txt"), flag="is named 01-tiny.ipynb.txt"),
    Damage("named .json by a browser", lay=named("01-tiny.json"), flag="is named 01-tiny.json"),
    Damage("no ending", lay=named("01-tiny"), flag="is named 01-tiny and not"),
    Damage("in a folder", lay=named("week 1/mine/01-tiny.ipynb"), flag="is named week 1/mine/01-tiny.ipynb"),
    Damage("name with a newline", lay=named("01\ntiny.ipynb"), flag="is named 01\\ntiny.ipynb"),
    Damage("name with a mark of direction", lay=named("01\u202eynit.ipynb"), flag="is named 01\\u202eynit.ipynb"),
    Damage(
        "name that is no UTF-8",
        lay=lambda folder, data: (folder / os.fsdecode(b"L\xf6sung.ipynb")).write_text(json.dumps(data)),
        flag="is named L\\xf6sung.ipynb",
    ),
    Damage("very long name", lay=named("a" * 240 + ".ipynb"), flag="aaa…aaa"),
    Damage("several copies", lay=copies, flag="01-tiny-Copy1.ipynb was graded, which holds most answers"),
    Damage("among other lessons", lay=among_others),
    Damage(
        "beside a damaged one",
        lay=beside(lambda folder: (folder / "old.ipynb").write_text("{")),
        flag="old.ipynb is not a Jupyter",
    ),
    refused("another lesson", "01-tiny.ipynb has no exercise of 01-tiny", change=other_lesson),
    refused("nothing handed in", "There is no notebook in this submission", lay=lambda folder, data: None),
    refused("empty file", "01-tiny.ipynb is empty", lay=raw(lambda content: b"")),
    refused("upload cut off", "or it is damaged (line", lay=raw(lambda content: content[: len(content) // 2])),
    refused("not UTF-8", "is not written in UTF-8", lay=raw(lambda content: content.replace(b"So it", b"\xe4\xf6"))),
    refused("UTF-16", "is not written in UTF-8", lay=raw(lambda content: content.decode().encode("utf-16"))),
    refused("no object", "is not a Jupyter notebook", lay=raw(lambda content: b"[1, 2]")),
    refused("no cells", "is not a Jupyter notebook", lay=raw(lambda content: b'{"cells": 7}')),
    refused("a conflict in git", "the marks of a conflict in git", lay=raw(lambda content: GIT + content)),
    refused("a web page", "is a web page and no notebook", lay=raw(lambda content: b"\n<!DOCTYPE html><html>")),
    refused(
        "a pointer of Git LFS",
        "is a pointer of Git LFS",
        lay=raw(lambda content: b"version https://git-lfs.github.com/spec/v1\n"),
    ),
    refused("a packed notebook under its name", "is an archive and no notebook", lay=raw(gzip.compress)),
    refused(
        "an archive",
        "only work.zip: unpack it and hand in the notebook",
        lay=lambda folder, data: (folder / "work.zip").write_bytes(bomb()),
    ),
    refused(
        "a page made from it",
        "only 01-tiny.html: hand in the notebook and not a page",
        lay=raw(lambda content: b"<html>", "01-tiny.html"),
    ),
    refused(
        "a script made from it",
        "only 01-tiny.py: hand in the notebook and not a script",
        lay=raw(lambda content: b"", "01-tiny.py"),
    ),
    refused("a link to a solution", "01-tiny.ipynb was left out: it is a link", lay=linked("/etc/hostname")),
    refused("a link to an endless device", "it is a link", lay=linked("/dev/zero")),
    refused("a pipe", "it is no regular file", lay=lambda folder, data: os.mkfifo(folder / NAME)),
    Damage(
        "links beside it",
        lay=beside(lambda folder: os.symlink("/etc/hostname", folder / "data.txt")),
        flag="data.txt was left out: it is a link",
    ),
    Damage(
        "a linked folder beside it",
        lay=beside(lambda folder: os.symlink("/", folder / "all")),
        flag="all was left out: it is a link",
    ),
    Damage("a socket beside it", lay=beside(make_socket), flag="talk was left out: it is no regular file"),
    Damage("a zip bomb beside it", lay=lambda folder, data: with_files(data__zip=bomb())(folder, data)),
    Damage(
        "a file that shadows torch",
        lay=with_files(torch__py=b"raise SystemExit"),
        flag=f"torch.py was left out: it {SHADOW} torch",
    ),
    Damage("a file that shadows helpers", lay=with_files(helpers__py=b""), flag=f"it {SHADOW} helpers"),
    Damage(
        "a file that Python reads as it starts",
        lay=with_files(sitecustomize__py=b""),
        flag=f"it {SHADOW} sitecustomize",
    ),
    Damage("a folder that shadows numpy", lay=with_files(numpy___core__py=b""), flag=f"it {SHADOW} numpy"),
    Damage("a built module that shadows json", lay=with_files(json__cpython_311__so=b""), flag=f"it {SHADOW} json"),
    Damage("a module of one's own", lay=with_files(my_tools__py=b"x = 1")),
    Damage(
        "too long a path",
        lay=beside(lambda folder: (folder / "/".join("d" * 30)).mkdir(parents=True)),
        flag="too many folders deep",
    ),
    refused(
        "too many files",
        "more than 500 files",
        lay=beside(lambda folder: [(folder / f"{number}.txt").touch() for number in range(501)]),
    ),
    Damage(
        "50 MB of stored output",
        lambda data: at(data, "tiny-half").update(
            outputs=[{"output_type": "stream", "name": "stdout", "text": "x" * (50 * 2**20)}]
        ),
    ),
    Damage(
        "50 MB of markdown",
        add("tiny-why", {"cell_type": "markdown", "metadata": {}, "source": "x" * (50 * 2**20)}),
        flag="more than a million characters",
    ),
    refused("more than any notebook holds", "it has more than 64 MB", change=add("tiny-why", code("#" * (65 * 2**20)))),
    Damage("a thousand lists deep in metadata", thousand_deep),
    refused("deeper than JSON can be read", "is nested far deeper", lay=nested("metadata")),
    refused(
        "a number with five thousand digits",
        "is not a Jupyter notebook",
        lay=raw(lambda content: content.replace(b'"nbformat": 4', b'"nbformat": ' + b"9" * 5000)),
    ),
    Damage("ten thousand more cells", ten_thousand),
    refused("far too many cells", "has 30,0", change=lambda data: data["cells"].extend([code("x = 1")] * 30_000)),
    Damage("a lying time", lay=with_files(timestamp__txt=b"1999-01-01 00:00:00 UTC")),
    Damage("a package that is missing above the imports", above("import seaborn"), flag=ABSENT.format("seaborn")),
    Damage("an extension above the imports", above("%load_ext tensorboard"), flag=ABSENT.format("tensorboard")),
    Damage("a backend above the imports", above("%matplotlib widget"), flag=ABSENT.format("ipympl")),
    Damage(
        "a mount in Colab", above("from google.colab import drive\ndrive.mount('/x')"), flag=ABSENT.format("google")
    ),
    Damage("a failing line above the imports", above("1 / 0")),
    Damage("exit() above the imports", imports(lambda source: f"exit()\n{source}")),
    Damage("a syntax error above the imports", imports(lambda source: f"def x(:\n{source}")),
    Damage("a timed cell of imports", imports(lambda source: f"%%time\n1 / 0\n{source}")),
    Damage(
        "a missing package in the middle",
        imports(lambda source: source.replace("from checks", "import seaborn\nfrom checks")),
        flag=ABSENT.format("seaborn"),
    ),
    Damage(
        "a missing package below", imports(lambda source: f"{source}\nimport seaborn"), flag=ABSENT.format("seaborn")
    ),
    Damage("imports written anew", imports(lambda source: "import json")),
    Damage("imports in words", imports(lambda source: "I have removed the imports.")),
    Damage(
        "imports that end the process",
        imports(lambda source: f"import os\nos._exit(1)\n{source}"),
        flag="process ended",
    ),
    Damage(
        "a missing package in an answer",
        update("tiny-half", source=f"import seaborn\n{HALF}"),
        flag=ABSENT.format("seaborn"),
    ),
    Damage("answer in a new cell below", elsewhere("tiny-why", text(WHY)), flag=BESIDE),
    Damage("answer in a new cell above", elsewhere("tiny-half-check", text(WHY)), flag=BESIDE),
    Damage("answer in raw text below", elsewhere("tiny-why", text(WHY, cell_type="raw")), flag=BESIDE),
    Damage("answer as comments in code", elsewhere("tiny-half-check", code("# So it is.\n# It is.")), flag=BESIDE),
    Damage("answer as words in code", elsewhere("tiny-why", code("So it is.")), flag=BESIDE),
    Damage("answer printed", elsewhere("tiny-half-check", code('print("So it is.")')), flag=BESIDE),
    Damage(
        "answer as comments in the check",
        chain(
            update("tiny-why", source=STUB),
            lambda data: at(data, CHECKS[1]).update(source=at(data, CHECKS[1])["source"] + "\n# So it is."),
        ),
        flag=BESIDE,
    ),
    Damage(
        "code above a question that nobody answered", elsewhere("tiny-half-check", code("z = half(3)")), answered=False
    ),
    Damage("an attached picture", attached("So: ![p.png](attachment:p.png)", p__png=picture()), pictures=1),
    Damage(
        "a picture with a blank in its name",
        attached("So: ![a b](attachment:a%20b.png)", **{"a b__png": picture()}),
        pictures=1,
    ),
    Damage("a picture and no word", attached(STUB, p__png=picture()), pictures=1),
    Damage("a picture and nothing else", attached("", p__png=picture()), pictures=1),
    Damage(
        "a picture in a cell below",
        elsewhere(
            "tiny-why",
            text("![](attachment:p.png)", attachments={"p.png": {"image/png": base64.b64encode(picture()).decode()}}),
        ),
        flag=BESIDE,
        pictures=1,
    ),
    Damage(
        "a photo of more than a million characters",
        lambda data: at(data, "tiny-why").update(
            source=f"So: ![]({data_uri(picture('JPEG', 1600, 1200, noise=True), 'image/jpeg')}) it is."
        ),
        pictures=1,
    ),
    Damage(
        "a picture as a tag",
        lambda data: at(data, "tiny-why").update(source=f'<img width="9" src="{data_uri(picture())}">'),
        pictures=1,
    ),
    Damage(
        "a picture by reference",
        lambda data: at(data, "tiny-why").update(source=f"![][one]\n\n[one]: <{data_uri(picture())}>"),
        pictures=1,
    ),
    Damage(
        "a picture beside the notebook",
        update("tiny-why", source="![So](img/sk%20etch.jpg)"),
        with_files(**{"img___sk etch__jpg": picture("JPEG")}),
        pictures=1,
    ),
    Damage(
        "a picture that was not handed in",
        update("tiny-why", source="![So](sketch.png)"),
        flag="The text shows sketch.png, which was not handed in.",
    ),
    Damage(
        "an attachment that is gone",
        update("tiny-why", source="![So](attachment:p.png)"),
        flag="p.png was not handed in",
    ),
    Damage(
        "a picture that is none",
        attached("![So](attachment:p.png)", p__png=b"GIF89a"),
        flag="p.png is no PNG or JPEG picture",
    ),
    Damage(
        "half a picture", attached("![So](attachment:p.png)", p__png=picture(noise=True)[:-300]), flag="or is damaged"
    ),
    Damage(
        "a picture of too many pixels",
        lambda data: attached("![So](attachment:p.png)", p__png=picture(width=8000, height=6000))(data),
        flag="more than 40 million pixels",
    ),
    Damage(
        "attachments that are none",
        update("tiny-why", source="So.", attachments={"a": 7, "b": {"image/png": [1]}}),
        flag="a is no PNG",
    ),
    Damage(
        "something behind the end",
        lay=raw(lambda content: content + b"\n}\n"),
        flag="The file goes on behind the notebook's end",
    ),
    Damage("zeros behind the end", lay=raw(lambda content: content + bytes(900))),
    Damage("a count on Markdown", lambda data: [cell.update(execution_count=None) for cell in data["cells"]]),
    Damage("a kernel without a name", lambda data: data["metadata"].update(kernelspec={"display_name": "x"})),
    Damage(
        "a module beside it",
        update("tiny-half", source="from my_answers import half"),
        with_files(my_answers__py=HALF.encode()),
    ),
    Damage(
        "a notebook for %run",
        update("tiny-half", source="%run my_answers.ipynb"),
        with_files(
            my_answers__ipynb=json.dumps(
                {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [code(HALF, id="a")]}
            ).encode()
        ),
        flag="there is also my_answers.ipynb",
    ),
    Damage(
        "a module one folder up",
        update("tiny-half", source="import sys\nsys.path.append('..')\nfrom my_answers import half"),
        lambda folder, data: (put(folder, data, "mine/01-tiny.ipynb"), (folder / "my_answers.py").write_text(HALF)),
        flag="is named mine/01-tiny.ipynb",
    ),
    Damage(
        "data beside it in a folder called test",
        update("tiny-half", source="def half(x):\n    return float(open('half.txt').read()) * x"),
        lambda folder, data: (
            put(folder, data, "test/01-tiny.ipynb"),
            (folder / "test" / "half.txt").write_text("0.5"),
        ),
        flag="is named test/01-tiny.ipynb",
    ),
    Damage(
        "a module that was not handed in",
        update("tiny-half", source="from my_answers import half"),
        deserved=(2, 0),
        flag=ABSENT.format("my_answers"),
    ),
    Damage(
        "a hidden file beside it",
        lay=with_files(__secret__csv=b"1"),
        flag=".secret.csv was left out: its name starts with a dot",
    ),
    Damage("what systems leave beside it", lay=with_files(**{".DS_Store": b"", ".git/x": b"", "._01-tiny.ipynb": b""})),
]
