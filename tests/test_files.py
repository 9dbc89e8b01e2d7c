"""Tests of helpers/files.py: a file is whole or not there, whatever interrupts its writing."""

import os

import pytest

from helpers import files


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_whole_and_nothing_lies_beside_it(tmp_path):
    path = tmp_path / "new" / "folder" / "a.bin"
    for content in (b"first", b"", b"second"):
        files.write_whole(path, content)
        assert path.read_bytes() == content and names(path.parent) == ["a.bin"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_interruption_leaves_the_old_file_and_the_next_write_goes_through(tmp_path, monkeypatch, step):
    def interrupt(*_):
        raise KeyboardInterrupt

    path = tmp_path / "a.bin"
    files.write_whole(path, b"old")
    with monkeypatch.context() as broken:
        broken.setattr(os, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            files.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    files.write_whole(path, b"newer")
    assert path.read_bytes() == b"newer" and names(tmp_path) == ["a.bin"]


def test_what_grew_beside_a_file_gets_its_name(tmp_path):
    path = tmp_path / "a.tar.gz"
    files.partial(path).write_bytes(b"all of it")
    assert names(tmp_path) == ["a.tar.gz.partial"]
    files.finish(path)
    assert path.read_bytes() == b"all of it" and names(tmp_path) == ["a.tar.gz"]
    with pytest.raises(FileNotFoundError):
        files.finish(path)
    assert path.read_bytes() == b"all of it"
