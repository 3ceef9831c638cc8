"""What pages ask a reader to try runs, and says something."""

import contextlib
import io
import warnings

import pytest
import yaml
from bs4 import BeautifulSoup

from surrogates.book import exercises
from surrogates.store.provenance import root

BOOK = root() / "book"
ALL = [(page, number) for page, tried in exercises.offered(BOOK).items() for number in range(len(tried))]


def test_pages_have_three_each():
    found = exercises.offered(BOOK)
    assert len(found) > 3
    assert {page: len(tried) for page, tried in found.items()} == dict.fromkeys(found, 3)
    assert all((BOOK / f"{page}.ipynb").exists() for page in found)


def test_the_site_shows_their_lines_in_full():
    lines = {line for tried in exercises.offered(BOOK).values() for one in tried for line in one["run"].splitlines()}
    assert [line for line in lines if len(line) > 78] == []


@pytest.mark.parametrize(("page", "number"), ALL)
def test_an_exercise_runs(page, number):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of structures that were turned out of the box
        exec(exercises.offered(BOOK)[page][number]["run"], {})
    assert any(map(str.isdigit, said.getvalue()))


def test_they_stand_before_the_origin_once(tmp_path):
    tried = [{"expect": "Prints 3 < 4.", "run": "print('3 < 4')\n"}]
    (tmp_path / "try_this.yml").write_text(yaml.safe_dump({"page": tried}))
    page = BeautifulSoup("<article><p>Text</p><div class='provenance'></div></article>", "html.parser")
    for _ in range(2):
        exercises.append(page, exercises.offered(tmp_path)["page"])
    assert [tag.get("class", [tag.name])[-1] for tag in page.article.find_all(recursive=False)] == [
        "p",
        "try-this",
        "provenance",
    ]
    assert page.select_one(".try-this pre").get_text() == "print('3 < 4')\n"
    assert page.select_one(".try-this li p").get_text() == "Prints 3 < 4."
    assert exercises.offered(tmp_path / "nowhere") == {}
