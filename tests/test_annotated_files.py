"""A file of comments comes back whole, in its order, or not at all."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cxlab import cli
from cxlab.errors import ColumnMissing, FileUnreadable, OutOfRange, StudyNotFound
from cxlab.text.annotate import ADDED
from cxlab.text.annotated_files import annotate_file

ROWS = 'id,said\n007,"Great, thank you"\n008,"Late.\nAgain."\n009,n/a\n'


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_a_csv_keeps_its_rows_cells_and_order(export: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert annotate_file(export, text="said", out=out) == 3
    told = pl.read_csv(out, infer_schema=False)
    assert told.columns == ["id", "said", *ADDED]
    assert told["id"].to_list() == ["007", "008", "009"]
    assert told["said"].to_list()[1] == "Late.\nAgain."
    assert told["answer"].to_list() == ["true", "true", "false"]


def test_parquet_keeps_types_and_lists(tmp_path: Path) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pl.DataFrame({"id": [1, 2], "said": ["delivery was late", None]}).write_parquet(source)
    annotate_file(source, text="said", out=out)
    told = pl.read_parquet(out)
    assert told.schema["id"] == pl.Int64
    assert told.schema["themes"] == pl.List(pl.String)
    assert "delivery" in told["themes"][0]


def test_another_encoding_and_delimiter_are_read(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes("id;said\n1;Größe passt nicht\n".encode("windows-1252"))
    annotate_file(source, text="said", out=out, encoding="windows-1252")
    assert pl.read_csv(out)["said"].to_list() == ["Größe passt nicht"]


def test_progress_is_told_up_to_the_last_row(export: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    annotate_file(
        export,
        text="said",
        out=tmp_path / "out.csv",
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (3, 3)


def test_a_file_that_cannot_be_used_whole_is_refused(export: Path, tmp_path: Path) -> None:
    export.write_text("id,said\n1,a\n2,b,c\n3,d,e\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    out.write_text("before", encoding="utf-8")
    with pytest.raises(FileUnreadable) as raised:
        annotate_file(export, text="said", out=out)
    assert str(raised.value) == (
        "`export.csv`: 2 rows do not fit the header, first row 3. `cxlab peek` says more."
    )
    assert out.read_text(encoding="utf-8") == "before"


def test_a_failure_leaves_no_file_behind(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"

    def fail(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pl.LazyFrame, "sink_csv", fail)
    with pytest.raises(OSError, match="disk full"):
        annotate_file(export, text="said", out=out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.csv"]


def test_what_cannot_be_is_said(export: Path, tmp_path: Path) -> None:
    with pytest.raises(ColumnMissing, match=r"comments must have `sad`.*Did you mean `said`"):
        annotate_file(export, text="sad", out=tmp_path / "out.csv")
    with pytest.raises(OutOfRange, match=r"must end in .csv or .parquet; found `out.txt`"):
        annotate_file(export, text="said", out=tmp_path / "out.txt")
    with pytest.raises(OutOfRange, match=r"must not be the old one, `export\.csv`"):
        annotate_file(export, text="said", out=export)
    with pytest.raises(StudyNotFound, match="is no file"):
        annotate_file(tmp_path / "none.csv", text="said", out=tmp_path / "out.csv")
    with pytest.raises(StudyNotFound, match="is no folder to write to"):
        annotate_file(export, text="said", out=tmp_path / "no" / "out.csv")


def test_the_command_says_where_the_rows_are(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.parquet"
    asked = ["annotate", str(export), "--text", "said", "--out", str(out)]
    assert cli.main(asked) == cli.DONE
    assert capsys.readouterr().out == f"{out}: 3 rows\n"
    assert cli.main([*asked[:3], "sad", *asked[4:]]) == cli.WRONG
    assert "comments must have `sad`" in capsys.readouterr().err
