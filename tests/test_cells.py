"""What the course reads from a cell's marks is what nbgrader reads from them."""

import pytest
from nbgrader import utils

from course import paths
from course.grading.submission import cells
from tests.samples import LESSONS, ROOT, read


@pytest.mark.parametrize("lesson", LESSONS)
def test_marks_and_checksums_are_nbgraders(lesson):
    for path in (paths.release_path(ROOT, lesson), paths.solution_path(ROOT, lesson)):
        for cell in read(path).cells:
            for name in ("is_grade", "is_solution", "is_locked"):
                assert getattr(cells, name)(cell) == getattr(utils, name)(cell)
            assert not cells.grade_id(cell) or cells.checksum(cell) == utils.compute_checksum(cell)
