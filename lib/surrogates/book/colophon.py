"""Who made the book, which version it is, where it is kept, and how it is cited."""

import html
import re
import subprocess
from dataclasses import dataclass

import yaml
from bs4 import BeautifulSoup
from sphinx.util.docutils import SphinxDirective

from surrogates.store import provenance


@dataclass(frozen=True)
class Colophon:
    """What ``CITATION.cff`` and the history of the repository say of the book.

    Attributes
    ----------
    authors
        As BibTeX has them: "Family, Given", and what is no person in braces.
    report
        What the file says of the report.
    commit, date
        The commit and its date, such as "2026-11-27"; empty outside of git.
    repository
        The address of the repository, empty where it has none.
    """

    title: str
    authors: tuple[str, ...]
    version: str
    licence: str
    report: dict
    commit: str
    date: str
    repository: str

    @property
    def licence_address(self) -> str:
        return f"https://spdx.org/licenses/{self.licence}.html"

    @property
    def bibtex(self) -> str:
        """The entries of the companion and of the report."""
        companion = {
            "title": self.title,
            "author": self.authors,
            "year": self.date[:4],
            "version": f"{self.version}, commit {self.commit}" if self.commit else self.version,
            "url": self.repository,
        }
        report = {
            "title": self.report["title"],
            "author": tuple(_author(author) for author in self.report["authors"]),
            "institution": self.report["institution"]["name"],
        }
        return _entry("software", "companion", companion) + "\n\n" + _entry("techreport", "chitturi-gui", report)

    @property
    def footer(self) -> str:
        """The foot of every page, as HTML."""
        writers = " and ".join(f"{author['given-names']} {author['family-names']}" for author in self.report["authors"])
        made = f", {self.date}, commit {self.commit}" if self.commit else ""
        parts = [
            f"A companion to the report by {writers}",
            f"Version {self.version}{made}",
            f'<a href="{self.licence_address}">{self.licence} licence</a>',
            '<a href="intro.html#how-to-cite">How to cite</a>',
            '<a href="intro.html#run-it">How to run it</a>',
        ]
        if self.repository:
            parts.append(f'<a href="{html.escape(self.repository)}">Repository</a>')
        return '<ul class="colophon">' + "".join(f"<li>{part}</li>" for part in parts) + "</ul>"


def of_repository(address: str = "") -> Colophon:
    """That of the repository that the working directory lies in, and which has this address."""
    cited = yaml.safe_load((provenance.root() / "CITATION.cff").read_text(encoding="utf8"))
    commit, _, date = last_commit().partition(" ")
    return Colophon(
        title=cited["title"],
        authors=tuple(map(_author, cited["authors"])),
        version=str(cited["version"]),
        licence=cited["license"],
        report=cited["references"][0],
        commit=commit,
        date=date,
        repository=address.rstrip("/"),
    )


def _author(cited: dict) -> str:
    return f"{cited['family-names']}, {cited['given-names']}" if "family-names" in cited else f"{{{cited['name']}}}"


def _entry(kind: str, key: str, fields: dict) -> str:
    lines = []
    for name, value in fields.items():
        if value:
            text = " and ".join(value) if isinstance(value, tuple) else value
            lines.append(f"  {name:<11} = {{{f'{{{text}}}' if name == 'title' else text}}},")
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def last_commit() -> str:
    """Its id and date, nothing outside of the project's own repository."""
    try:
        return provenance.git("log", "-1", "--format=%h %cs", "--abbrev=12")
    except (OSError, subprocess.CalledProcessError):
        return ""


class HowToCite(SphinxDirective):
    """``{how-to-cite}``: the entries for BibTeX, the version with its date, the licence."""

    def run(self):
        book = self.config.colophon
        made = f" of {book.date}, commit {_linked(book, book.commit, '[{0}]({1})')}" if book.commit else ""
        licence = f"[{book.licence} licence]({book.licence_address})"
        text = f"```bibtex\n{book.bibtex}\n```\n\nThis is version {book.version}{made}, under the {licence}."
        return self.parse_text_to_nodes(text)


class HowToClone(SphinxDirective):
    """``{how-to-clone}``: the commands from nothing to the finished book."""

    def run(self):
        address = self.config.colophon.repository
        clone = [f"git clone {address}", f"cd {address.rpartition('/')[2].removesuffix('.git')}"] if address else []
        return self.parse_text_to_nodes("\n".join(["```bash", *clone, "make book", "make test", "```"]))


def _linked(book: Colophon, commit: str, form: str) -> str:
    """A commit as a link of this form, where the repository has an address."""
    return form.format(commit, f"{book.repository}/commit/{commit}") if book.repository else commit


def link_commits(page: BeautifulSoup, book: Colophon):
    """Let the commits at the foot of a page lead to the repository, where that has an address."""
    for row in page.select(".provenance tr") if book.repository else ():
        cells = row.find_all("td")
        if not cells or cells[0].get_text(strip=True) != "Commit":
            continue
        for text in cells[-1].find_all(string=True):
            link = re.sub(r"\b[0-9a-f]{12}\b", lambda found: _linked(book, found[0], '<a href="{1}">{0}</a>'), text)
            text.replace_with(BeautifulSoup(link, "html.parser"))


def configure(app, config):
    """Tell the theme what the book says of itself. Without an address nothing points to a repository."""
    options = config.html_theme_options
    config.colophon = of_repository(options.get("repository_url", ""))
    options["extra_footer"] = config.colophon.footer
    has_address = bool(config.colophon.repository)
    options["use_repository_button"] = options["use_issues_button"] = has_address
    if not has_address:
        options["launch_buttons"] = {}
