"""Packed files: bombs are refused before they are unpacked, honest files are unpacked."""

from __future__ import annotations

import gzip
import struct
import zipfile
from pathlib import Path

import pytest

from cxlab.errors import FileUnreadable
from cxlab.load import recognise
from cxlab.load.files import archive
from cxlab.settings import FileSettings

BIG = 11 << 20


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in members.items():
            book.writestr(name, content)
    return path


def message(path: Path, **limits: int) -> str:
    with pytest.raises(FileUnreadable) as raised:
        archive.require_sound(path, name="book.xlsx", **limits)
    return str(raised.value)


def claims(path: Path, *, size: int) -> Path:
    """The archive with another unpacked size claimed for its first member."""
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, directory + 24, size)
    struct.pack_into("<I", content, 22, size)
    path.write_bytes(bytes(content))
    return path


def test_an_honest_archive_is_sound(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {"a": b"id\n1\n", "b": b"x" * 5000})
    archive.require_sound(path, name="a.xlsx")
    with archive.opened(path, name="a.xlsx") as book:
        assert archive.member(book, "a", name="a.xlsx") == b"id\n1\n"


def test_a_member_that_is_not_there_is_asked_for_by_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.lsa", {"survey.lss": b"<x/>"})
    with (
        archive.opened(path, name="a.lsa") as book,
        pytest.raises(FileUnreadable, match=r"must hold `answers.lsr`; it has `survey.lss`"),
    ):
        archive.member(book, "answers.lsr", name="a.lsa")


def test_an_archive_that_unpacks_too_many_times_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {"a": b"0" * BIG})
    said = message(path)
    assert said.startswith("`book.xlsx` was refused before it was unpacked: it unpacks to 1,0")
    assert said.endswith("times its packed size; 200 times are accepted.")


def test_small_members_may_pack_well(tmp_path: Path) -> None:
    archive.require_sound(zipped(tmp_path / "a.xlsx", {"a": b"0" * (9 << 20)}), name="a")


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {"a": b"0" * 700_000, "b": b"0" * 700_000})
    assert message(path, most_bytes=1 << 20) == (
        "`book.xlsx` was refused before it was unpacked: it unpacks to 1 MB; 1 MB are accepted."
    )
    archive.require_sound(path, name="a.xlsx", most_bytes=1_400_000)


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        for number in range(archive.MOST_MEMBERS + 1):
            book.writestr(str(number), b"")
    assert "it holds 10,001 files; 10,000 are accepted" in message(path)


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {"a": bytes(range(256)) * 40})
    content = path.read_bytes()
    at = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = content[at:end]
    closing = bytearray(content[end:])
    struct.pack_into("<HHI", closing, 8, 40, 40, len(entry) * 40)
    path.write_bytes(content[:at] + entry * 40 + bytes(closing))
    assert "its members share the same bytes" in message(path)


def test_a_password_is_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {"a": b"1"})
    content = bytearray(path.read_bytes())
    struct.pack_into("<H", content, content.index(b"PK\x01\x02") + 8, 1)
    path.write_bytes(bytes(content))
    assert message(path) == "`book.xlsx` needs a password; save it again without one."


def test_an_archive_that_lies_about_its_size_is_not_unpacked_further(tmp_path: Path) -> None:
    path = claims(zipped(tmp_path / "a.xlsx", {"a": b"0" * BIG}), size=1000)
    assert message(path) == "`book.xlsx` is no readable archive; is it whole?"


def test_a_broken_archive_is_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 and no more")
    assert message(path) == "`book.xlsx` is no readable archive; is it whole?"


def test_a_gzip_file_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv.gz"
    path.write_bytes(gzip.compress(b"id,stars\n1,5\n"))
    found = archive.unpacked(path, into=tmp_path, name="reviews.csv.gz")
    assert found == tmp_path / "reviews.csv"
    assert found.read_bytes() == b"id,stars\n1,5\n"


@pytest.mark.parametrize(
    ("limit", "said"),
    [(1 << 20, "more than 1 MB"), (1 << 30, "more than 200 times its size")],
)
def test_a_gzip_bomb_is_stopped(tmp_path: Path, limit: int, said: str) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"0" * (20 << 20)))
    with pytest.raises(FileUnreadable, match=f"refused while it was unpacked.*{said}"):
        archive.unpacked(path, into=tmp_path, name="a.csv.gz", most_bytes=limit)
    assert (tmp_path / "a.csv").stat().st_size < 12 << 20


@pytest.mark.parametrize("cut", [5, 30, -4])
def test_a_cut_gzip_file_is_no_traceback(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 9)[:cut])
    with pytest.raises(FileUnreadable, match="no readable gzip file; is it whole"):
        archive.unpacked(path, into=tmp_path, name="a.csv.gz")


def test_the_one_table_in_an_archive_is_unpacked(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "export.zip", {"x/Survey.CSV": b"id\n7\n", "__MACOSX/Survey.CSV": b"shadow"}
    )
    found = archive.unpacked(path, into=tmp_path, name="export.zip")
    assert found == tmp_path / "Survey.CSV"
    assert found.read_bytes() == b"id\n7\n"


def test_a_member_never_leaves_the_folder_it_is_unpacked_into(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    path = zipped(tmp_path / "export.zip", {"../../outside.csv": b"id\n"})
    assert archive.unpacked(path, into=inside, name="x").parent == inside


@pytest.mark.parametrize("members", [{}, {"a.csv": b"1", "b.csv": b"2"}, {"a.exe": b"1"}])
def test_an_archive_of_no_or_several_tables_is_refused(
    tmp_path: Path, members: dict[str, bytes]
) -> None:
    path = zipped(tmp_path / "a.zip", {"read.me": b"", **members})
    with pytest.raises(FileUnreadable, match="must hold one table to be read packed; it has"):
        archive.unpacked(path, into=tmp_path, name="a.zip")


def test_a_workbook_that_is_a_bomb_never_reaches_its_reader(tmp_path: Path) -> None:
    book = zipped(tmp_path / "a.xlsx", {"[Content_Types].xml": b"<x/>", "a": b"0" * BIG})
    file = FileSettings(path="a.xlsx", table="responses", format="xlsx")
    with pytest.raises(FileUnreadable, match=r"`a\.xlsx` was refused before it was unpacked"):
        recognise.read(book, file, into=tmp_path, name="a.xlsx")


def test_workbooks_and_plain_files_come_back_as_they_are(tmp_path: Path) -> None:
    book = zipped(tmp_path / "a.xlsx", {"[Content_Types].xml": b"<x/>", "a.csv": b"1"})
    plain = tmp_path / "a.csv"
    plain.write_bytes(b"id\n1\n")
    broken = tmp_path / "b.xlsx"
    broken.write_bytes(b"PK\x03\x04 and no more")
    for path in (book, plain, broken):
        assert archive.unpacked(path, into=tmp_path, name="a") == path
