"""Counts, domain knowledge, and what both refuse."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.datasets import load_digits

from helpers import data

NOT_A_DIGIT = [-1, 10, 12, 1.0, 0.5, "3", None, True, float("nan"), [1]]


@pytest.mark.parametrize("digit", range(10))
def test_every_image_of_a_digit(digit):
    counts = data.load_digit(digit)
    bunch = load_digits()
    assert counts.dtype.kind == "i"
    np.testing.assert_array_equal(counts, bunch.data[bunch.target == digit])


def test_the_zeros_are_the_ones_that_the_course_speaks_of():
    counts = data.load_digit(0)
    assert counts.shape == (178, 64)
    assert (counts.min(), counts.max()) == (0, 16)
    assert (counts.max(axis=0) == 0).sum() == 16  # pixels that no zero ever touches


def test_a_caller_cannot_change_the_data_for_the_next_one():
    first = data.load_digit(0)
    first[:] = 0
    assert data.load_digit(0).max() == 16
    template = data.domain_knowledge(0)
    template[:] = 0
    assert data.domain_knowledge(0).max() > 15


@given(images=st.integers(2, 40), every=st.integers(2, 40))
def test_split_holds_out_every_nth_and_loses_nothing(images, every):
    counts = np.arange(images * 3).reshape(images, 3)
    if every > images:
        with pytest.raises(ValueError, match=f"every must be a whole number from 2 to {images}"):
            data.split(counts, every)
        return
    learning, held_out = data.split(counts, every)
    np.testing.assert_array_equal(held_out, counts[every - 1 :: every])
    np.testing.assert_array_equal(np.sort(np.concatenate([learning, held_out]), axis=0), counts)


@pytest.mark.parametrize("every", [1, 0, -2, 2.0, "2", None, True])
def test_a_split_that_splits_nothing_is_refused(every):
    with pytest.raises(
        ValueError, match=r"^every must be a whole number from 2 to 10, .*got .*\.$"
    ):
        data.split(np.zeros((10, 2)), every)


@pytest.mark.parametrize("digit", NOT_A_DIGIT)
@pytest.mark.parametrize("function", [data.load_digit, data.domain_knowledge])
def test_what_is_no_digit_is_refused(function, digit):
    with pytest.raises(ValueError, match=r"^digit must be a whole number from 0 to 9; got .*\.$"):
        function(digit)


@given(digit=st.integers(0, 9), floor=st.floats(1e-6, 16))
@settings(deadline=None)
def test_domain_knowledge_stays_between_floor_and_full_ink(digit, floor):
    template = data.domain_knowledge(digit, floor=floor)
    assert template.shape == (64,)
    assert template.min() >= floor
    assert template.max() <= 16


@pytest.mark.parametrize("floor", [0, -1, 17, float("nan"), float("inf"), "0.5", None, True])
def test_a_floor_that_makes_no_prior_is_refused(floor):
    with pytest.raises(
        ValueError, match=r"^floor must be a number above 0 and at most 16; got .*\.$"
    ):
        data.domain_knowledge(0, floor=floor)


def test_the_typeface_draws_a_ring_with_a_hole():
    zero = data.domain_knowledge(0).reshape(8, 8)
    assert zero[3:5, 3:5].max() == 0.5  # the hole is empty: the floor is all there is
    assert zero[3:5, 1].min() > 12  # the left side of the ring
    # and it is symmetric, to the font's hinting
    np.testing.assert_allclose(zero, zero[:, ::-1], atol=0.6)


def test_a_template_resembles_its_own_digit():
    means = np.array([data.load_digit(k).mean(axis=0) for k in range(10)])
    templates = np.array([data.domain_knowledge(k) for k in range(10)])
    correlation = np.corrcoef(templates, means)[:10, 10:]  # [templates, digits]
    own, others = np.diag(correlation), (correlation.sum(axis=1) - np.diag(correlation)) / 9
    # A typeface is not handwriting: no template need win every time, but each must say more of its
    # own digit.
    assert np.all(own > 0.55)
    assert np.all(own > others + 0.05)


FIRST_OUT = None  # all but the first row
A_COUNT = "a count is a whole number from 0 to 16,777,216, above which float32 is not exact."


def load_counts(path):
    return data.load_table(path).counts


def table(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "counts.csv"
    path.write_bytes(text.encode(encoding))
    return path


@given(
    counts=arrays.arrays(
        int, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.integers(0, 2**24)
    )
)
@settings(deadline=None)
def test_a_written_table_is_read_back(tmp_path_factory, counts):
    counts = np.vstack([counts, counts[:1]])  # no column numbers the rows if two rows are the same
    lines = [",".join(map(str, row)) for row in counts]
    names = ",".join(f"name {j}" for j in range(counts.shape[1]))
    for text in [[names, *lines]] + [lines] * (counts.shape[1] < 4):  # nor are three names
        got = load_counts(table(tmp_path_factory.mktemp("t"), "\n".join(text)))
        np.testing.assert_array_equal(got, counts)
        assert got.dtype.kind == "i"


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4\n",
        "a,b\n1,2\n3,4",
        "\ufeffgene 1,gene 2\r\n1, 2\r\n\r\n3,4\r\n",
        "1.0,2e0\n3,4\n\n",
    ],
)
def test_header_bom_blank_rows_and_blanks_do_no_harm(tmp_path, text):
    np.testing.assert_array_equal(load_counts(table(tmp_path, text)), [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file holds no counts"),
        ("\n\n", "the file holds no counts"),
        ("a,b\n", "the file holds no counts"),
        ("1,2\n3,x\n", f"row 2, column 2 is 'x'; {A_COUNT}"),
        ("name,2\n3,4\n", f"row 1, column 1 is 'name'; {A_COUNT}"),
        ("1,2\n3,\n", f"row 2, column 2 is empty; {A_COUNT}"),
        ("1,2\n-3,4\n", f"row 2, column 1 is '-3'; {A_COUNT}"),
        ("1,2\n3,4.5\n", f"row 2, column 2 is '4.5'; {A_COUNT}"),
        ("1,2\n3\n", "row 2 has 1 cells where 2 are expected"),
        ("a,b\n\n1,2,3\n", "row 3 has 3 cells where 2 are expected"),
        ("1,nan\n", f"row 1, column 2 is 'nan'; {A_COUNT}"),
        ("1,inf\n", f"row 1, column 2 is 'inf'; {A_COUNT}"),
        ("1,16777217\n", f"row 1, column 2 is '16777217'; {A_COUNT}"),
        ('"1,234","5,678"\n1,2\n', "row 1, column 1 is '1,234': no plain number, and no name"),
        ("1 000,2 000\n1,2\n", "row 1, column 1 is '1 000': no plain number"),
        ('"1,5"\n2\n', "row 1, column 1 is '1,5': no plain number"),
        ("$5,$6\n1,2\n", "row 1, column 1 is '$5': no plain number"),
        ("n/a,a\n1,2\n", "row 1, column 1 is 'n/a': no plain number"),
        ("-,-\n1,2\n", "row 1, column 1 is '-': no plain number"),
        ("a,5 cells\n1,2\n", "row 1, column 2 is '5 cells': no plain number"),
        (
            ",a,b\n0,1,2\n",
            "row 1, column 1 is empty: no plain number, and no name, which begins with a letter",
        ),
        (",0,1\n0,1,2\n", "row 1, column 1 is empty"),
        ("1;2\n3;4\n", "this looks like semicolons between the cells"),
        ("a;b\n3;4\n", "this looks like semicolons between the cells"),
        ("1,5;2\n", "this looks like semicolons between the cells"),
        ("1\t2\n3\t4\n", "this looks like tabs between the cells"),
        ("9" * 100_000 + "\n", f"...'; {A_COUNT}"),
        (
            "9" * 200_000 + "\n",
            "the file can't be read as UTF-8 text (field larger than field limit (131072))",
        ),
    ],
)
def test_each_way_to_be_wrong_has_its_sentence(tmp_path, text, says):
    path = table(tmp_path, text)
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        load_counts(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("text", "says", "wanted"),
    [
        ("0,1,2,3\n5,6,7,1\n2,2,1,0\n", "row 1 (0, 1, 2, 3) looks like a numbering", FIRST_OUT),
        ("7,8,9,10\n5,6,7,1\n2,2,1,0\n", "row 1 (7, 8, 9, 10) looks like a numbering", FIRST_OUT),
        ("1998,1999,2000\n3,5,1\n2,4,4\n", "row 1 (1998, 1999, 2000) looks like years", FIRST_OUT),
        ("2010,2000\n3,5\n2,4\n", "row 1 (2010, 2000) looks like years", FIRST_OUT),
        ("10234,10567,20001\n3,5,1\n2,400,4\n", "looks like ids, and the rest", FIRST_OUT),
        ("sample,a\n0,5\n1,7\n2,0\n3,4\n", "column 1 (sample) looks like a numbering", [5, 7, 0]),
        ("id,a\n17,5\n4,7\n29,0\n", "column 1 (id) looks like ids", [5, 7, 0]),
        ("a,id\n5,17\n7,4\n0,29\n", "column 2 (id) looks like ids", [5, 7, 0]),
        ("when,a\n1990,5\n1991,7\n1993,0\n", "column 1 (when) looks like years", [5, 7, 0]),
        ("0,5,1\n1,7,1\n2,0,4\n3,9,1\n", "column 1 looks like a numbering", [5, 1, 7, 1]),
        (",a\n0,5\n1,7\n", "row 1, column 1 is empty", [5, 7]),
        ("name,a\nx,5\ny,7\n", "column 1 holds names, such as 'x'", [5, 7]),
        ("x,5,6\ny,7,8\n", "column 1 holds names, such as 'x'", [5, 6, 7, 8]),
        ("gene,s1,s2,s3\nA,5,6,7\nB,7,8,1\n", "column 1 holds names", [5, 7, 6, 8, 7, 1]),
        ("gene,sample,count\nA,s1,5\nA,s2,6\nB,s1,2\n", "in long form", [5, 2, 6, 0]),
        (
            "sample,feature,count\n0,0,5\n0,1,6\n0,2,1\n1,0,3\n1,1,3\n1,2,4\n",
            "this looks like one count a row",
            [5, 6, 1, 3, 3, 4],
        ),
        ("a;b\n1;2\n3;4\n", "semicolons", [1, 2, 3, 4]),
        ("1;2\n3;4\n", "semicolons", [1, 2, 3, 4]),
        ("a\tb\n1\t2\n3\t4\n", "tabs", [1, 2, 3, 4]),
    ],
)
def test_the_line_of_pandas_at_the_end_of_a_refusal_mends_the_file(tmp_path, text, says, wanted):
    pandas = pytest.importorskip("pandas", reason="pandas comes with the dev set")
    path = table(tmp_path, text)
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        load_counts(path)
    line = re.search(r"pandas\.read_csv\(.*, index=False\)\.$", str(caught.value)).group()[:-1]
    mended = tmp_path / "mended.csv"
    eval(line.replace("'counts.csv'", "mended"), {"pandas": pandas, "path": path, "mended": mended})
    got = load_counts(mended)
    if wanted is FIRST_OUT:
        wanted = [int(cell) for row in text.split()[1:] for cell in row.split(",")]
    assert got.ravel().tolist()[: len(wanted)] == wanted


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,2,3\n5,6,7\n2,2,1\n", "row 1 (1, 2, 3) is read as counts, and looks like a numbering"),
        ("0,1\n5,6\n2,2\n", "row 1 (0, 1) is read as counts"),
        ("0\n5\n7\n", "row 1 (0) is read as counts"),
        ("3,9,20,31,44\n5,6,7,0,44\n", "row 1 (3, 9, 20, 31, 44) is read as counts, and looks"),
        ("1990,2000\n1950,3\n", "row 1 (1990, 2000) is read as counts, and looks like years"),
        ("when,a\n1,5\n2,7\n3,0\n", "column 1 (when) is read as counts"),
    ],
)
def test_what_may_be_names_is_said_aloud_and_read(tmp_path, capsys, text, says):
    counts = load_counts(table(tmp_path, text))
    *_, last = capsys.readouterr().out.splitlines()
    assert says in last
    assert last.endswith(", index=False).")
    assert len(counts) == len(text.split()) - ("when" in text)


@pytest.mark.parametrize(
    "cell",
    ["1_6", "\uff11", "\u0664", "+4", "-0", "0x4", "1'000", "1\u00a0000", "1e-1", ".0", "\u00b2"],
)
def test_a_count_is_what_a_person_would_write(tmp_path, cell):
    for text in (f"1,2\n3,{cell}\n", f"{cell},2\n3,4\n"):
        with pytest.raises(ValueError, match="a count is "):
            load_counts(table(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        '1,2\n"3,4\n5,6\n7,8\n',
        'a,b\n1,2\n3,"4\n5,6\n',
        '1,2\n3,"4\n"\n',
        '1,2\n"' + "3,4\n" * 60_000,
    ],
)
def test_a_quote_that_is_not_closed_swallows_no_row(tmp_path, text):
    with pytest.raises(ValueError, match=r"begins in line [23] goes on in the next: is a quote"):
        load_counts(table(tmp_path, text))


def test_exposure_and_what_explains_stand_beside_the_counts(tmp_path):
    path = table(tmp_path, "year,a,hours,b,rain\n1990,5,1.5,0,-2\n1991,7,24,3,0.5\n")
    got = data.load_table(path, "hours", "year, rain")
    assert got.names == ["a", "b"]
    assert got.explaining_names == ["year", "rain"]
    np.testing.assert_array_equal(got.counts, [[5, 0], [7, 3]])
    np.testing.assert_array_equal(got.exposure, [1.5, 24])
    np.testing.assert_array_equal(got.explaining, [[1990, -2], [1991, 0.5]])
    assert got.counts.dtype.kind == "i"
    listed = data.load_table(path, "hours", ["year", "rain"])
    np.testing.assert_array_equal(listed.explaining, got.explaining)


def test_without_an_exposure_every_row_counts_as_one(tmp_path):
    got = data.load_table(table(tmp_path, "5,1\n7,2\n3,9\n"))
    assert got.names == ["column 1", "column 2"]
    np.testing.assert_array_equal(got.exposure, [1, 1, 1])
    assert got.explaining.shape == (3, 0)


@pytest.mark.parametrize(
    ("text", "exposure", "explaining", "says"),
    [
        (
            "h,a\n1,3\n0,5\n",
            "h",
            None,
            "row 3, column 1 (h) is '0'; it must be a finite number abov",
        ),
        ("h,a\n1,3\n-2,5\n", "h", None, "(h) is '-2'"),
        ("h,a\n1,3\n,5\n", "h", None, "(h) is empty"),
        ("h,a\n1,3\ninf,5\n", "h", None, "(h) is 'inf'"),
        ("h,a\n1,3\nnan,5\n", None, "h", "(h) is 'nan'; it must be a finite number."),
        ("h,a\n1,3\n2,5\n", "hours", None, "one column must be named 'hours'; the names are h, a"),
        ("1,3\n2,5\n", "h", None, "one column must be named 'h'; it has no header"),
        ("h,h,a\n1,3,1\n2,5,1\n", "h", None, "one column must be named 'h'"),
        ("h,a\n1,3\n2,5\n", "h", "h", "each column can be named once"),
        ("h,t\n1,3\n2,5\n", "h", "t", "no column is left for the counts"),
        ("h,a\n1,3.5\n", "h", None, "row 2, column 2 is '3.5'; a count is a whole number"),
        ("h,site,a\n1,x,3\n2,y,5\n", "h", None, "column 2 holds names, such as 'x'"),
        ("a\n3\n", 3, None, "exposure must be named as in the header, in quotes; got [3]"),
        ("a\n3\n", None, [3], "explaining must be named as in the header, in quotes; got [3]"),
        ("a\n3\n", None, 3, "explaining must be named as in the header, in quotes; got 3"),
    ],
)
def test_a_column_beside_the_counts_has_its_sentences(tmp_path, text, exposure, explaining, says):
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        data.load_table(table(tmp_path, text), exposure, explaining)
    assert str(caught.value).endswith(".")


def test_a_column_that_sounds_like_an_exposure_is_pointed_out(tmp_path, capsys):
    path = table(tmp_path, "hours,a\n1,3\n24,5\n7,1\n")
    data.load_table(path)
    assert "column 1 (hours) is read as counts; if it says how long" in capsys.readouterr().out
    data.load_table(path, "hours")
    assert "is read as counts" not in capsys.readouterr().out


def test_what_is_taken_for_a_header_is_said(tmp_path, capsys):
    path = table(tmp_path, "gene_1,gene_2\n1,2\n")
    load_counts(path)
    assert capsys.readouterr().out == f"{path.name}: row 1 is taken for a header: gene_1, gene_2.\n"
    load_counts(table(tmp_path, "1,2\n"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "path", [None, "", 3, b"counts.csv", [], "https://example.org/a.csv", "x" * 5000, "a\0b"]
)
def test_what_is_no_path_gets_one_sentence(path):
    with pytest.raises(ValueError, match=r"^[^\n]*\.$") as caught:
        load_counts(path)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("counts", [[], np.zeros((0, 3)), 5])
def test_nothing_cannot_be_split(counts):
    with pytest.raises(ValueError, match="with one image or more"):
        data.split(counts, 2)


def test_no_file_and_no_text(tmp_path):
    with pytest.raises(ValueError, match=r"there is no such file\.$"):
        load_counts(tmp_path / "nowhere.csv")
    with pytest.raises(ValueError, match=r"there is no such file\.$"):
        load_counts(tmp_path)
    with pytest.raises(ValueError, match="can't be read as UTF-8 text"):
        load_counts(table(tmp_path, "1,2\u00e9", "latin-1"))
