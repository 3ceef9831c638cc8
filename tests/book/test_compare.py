"""A page that was executed again beside the published one."""

import math

import nbformat
import pytest

from surrogates.book import compare

TABLE = "| Model | ours |\n|:------|-----:|\n| GCN \\| graphs | {} |\n| MLP | **9** |\n| MLP | 9 |"


def output(name, **forms):
    metadata = {"scrapbook": {"name": name, "mime_prefix": "x/"}}
    return nbformat.v4.new_output(
        "display_data", {f"x/{kind}": text for kind, text in forms.items()}, metadata=metadata
    )


def write(path, score="4.66", page="gcn", table="3.1", outputs=None):
    plain = {"validation": repr(score), "trained": "50000", "verdict": "'better'"}
    glued = [output(name, **{"text/plain": text}) for name, text in plain.items()]
    glued.append(output("table", **{"text/markdown": TABLE.format(table), "text/plain": "<Markdown>"}))
    glued.append(output("provenance", **{"text/markdown": f"| | |\n|---|---|\n| Made | {score} |"}))
    glued.append(output("fig", **{"image/png": score, "text/plain": "<Figure>"}))
    cell = nbformat.v4.new_code_cell(
        f'page = parameters.of(\n    globals(), "{page}")', outputs=glued if outputs is None else outputs
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("−1,234.5", -1234.5, ""),
        ("50,000", 50000, ""),
        ("2.7·10²⁷", 2.7e27, ""),
        ("−2.7·10⁻⁷", -2.7e-7, ""),
        ("10⁻⁶", 1e-6, ""),
        ("25.2\u00a0%", 25.2, "%"),
        ("6.0\u00a0±\u00a01.0", 6.0, ""),
        ("3 min", 3, "min"),
        ("1e-05", 1e-5, ""),
        ("**12**", 12, ""),
        ("better", math.nan, ""),
        ("–", math.nan, ""),
        ("", math.nan, ""),
    ],
)
def test_numbers_are_read_as_the_pages_write_them(text, value, unit):
    assert compare.number(text) == (pytest.approx(value, nan_ok=True), unit)


@pytest.mark.parametrize(
    ("rerun", "published", "said"),
    [
        ("4.66", "4.66", "="),
        ("4.66", "2.33", "+100 %"),
        ("−1.5", "1.5", "−200 %"),
        ("2.7·10²⁷", "2.7·10²⁶", "+900 %"),
        ("0.5", "0", "+0.5"),
        ("0", "0.0", "+0 %"),
        ("3 min", "3 %", ""),
        ("better", "worse", ""),
    ],
)
def test_a_difference_is_relative_where_it_can_be(rerun, published, said):
    assert compare.difference(rerun, published) == said.replace("+0 %", "+0")


def test_every_number_and_cell_stands_beside_the_published_one(tmp_path, capsys):
    rerun, published = write(tmp_path / "out.ipynb", "5.126", table="3.2"), write(tmp_path / "gcn.ipynb")
    found = compare.compare(rerun, published).set_index("name")
    assert list(found.loc["validation"]) == ["5.126", "4.66", "+10 %"]
    assert list(found.loc["trained"]) == ["50000", "50000", "="]
    assert list(found.loc["table: GCN \\| graphs, ours"]) == ["3.2", "3.1", "+3.23 %"]
    assert list(found.difference) == ["+10 %", "=", "=", "+3.23 %", "=", "="], "no provenance and no picture"
    assert compare.main([str(rerun), str(published)]) == 0
    printed = capsys.readouterr().out
    assert "+3.23 %" in printed and "table: MLP" not in printed
    assert "2 of 6 numbers, texts and cells of tables differ" in printed


def test_the_published_page_is_found_by_the_name_of_the_page(tmp_path, monkeypatch):
    for folder in ("lib/surrogates", "book"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_toc.yml").touch()
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "book/gcn.ipynb")
    assert compare.compare(write(tmp_path / "out.ipynb")).difference.eq("=").all()


def test_what_is_no_page_is_refused(tmp_path, capsys):
    text = tmp_path / "README.md"
    text.write_text("no notebook")
    (tmp_path / "plain.json").write_text("{}")
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "empty.ipynb")
    page = write(tmp_path / "gcn.ipynb")
    for given, message in (
        ([text], "README.md is no notebook: give one that papermill has written."),
        ([tmp_path / "plain.json"], "plain.json is no notebook"),
        ([tmp_path / "none.ipynb"], "There is no"),
        ([tmp_path / "empty.ipynb"], "empty.ipynb is no page of the book"),
        ([write(tmp_path / "raw.ipynb", outputs=[])], "raw.ipynb has no results: it was never executed"),
        ([write(tmp_path / "mlp.ipynb", page="mlp"), page], "is the page 'mlp' and"),
    ):
        assert compare.main([str(path) for path in given]) == 1
        assert message in capsys.readouterr().err
