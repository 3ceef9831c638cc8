"""What the rendered site needs of Sphinx besides jupyter-book: an extension, loaded by ``_config.yml``."""

import base64
import importlib.util
import os
from pathlib import Path

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.directives.code import LiteralInclude
from sphinx.directives.patches import Figure
from sphinx.transforms import SphinxTransform

from surrogates.book import atoms, colophon, finish, glue, shipping
from surrogates.store import files


class FigureOf(Figure):
    """``{figure-of} page.ipynb::name``: a figure that an executed page has glued, on another page.

    It takes the options of a ``{figure}``, its alternative text among them; ``{glue:figure}`` knows its own page only.
    """

    def run(self):
        page, _, name = self.arguments[0].partition("::")
        env = self.state.document.settings.env
        notebook = Path(env.srcdir, page)
        env.note_dependency(str(notebook))
        try:
            content = files.read_json(notebook)
            picture, about = glue.glued(content, notebook)[name]["image/png"], glue.figures(content)[name]
        except (OSError, KeyError, ValueError) as error:
            raise self.error(f"{page} has no figure {name!r} ({error!r}): name a page and what it glues.") from None
        path = Path(env.doctreedir, "figures", f"{notebook.stem}-{name}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(picture))
        self.arguments[0] = Path(os.path.relpath(path, notebook.parent)).as_posix()
        (figure,) = super().run()
        if about["csv"]:
            link = f' <a class="figure-data" download="" href="_data/{name}.csv">Its numbers (CSV)</a>'
            figure.next_node(nodes.caption).append(nodes.raw("", link, format="html"))
        return [figure]


class FromLibrary(LiteralInclude):
    """``{from-library} surrogates.models.networks MLP.core``: the source of an object in the library's file."""

    required_arguments = 2

    def run(self):
        module, name = self.arguments
        source = importlib.util.find_spec(module).origin
        self.arguments[0] = os.path.relpath(source, Path(self.env.doc2path(self.env.docname)).parent)
        self.options = {"language": "python", "dedent": None} | self.options | {"pyobject": name}
        return super().run()


class NumberAnimations(SphinxTransform):
    """A drawing that plays, as a cell shows it, is a figure of the page: it has a number, and its name leads to it."""

    default_priority = 200

    def apply(self):
        for raw in list(self.document.findall(nodes.raw)):
            drawn = BeautifulSoup(raw.astext(), "html.parser").select_one("figure.animation")
            if drawn is None or raw.get("format") != "html":
                continue
            caption, name = drawn.figcaption.p.extract().get_text(), drawn["id"]
            del drawn["id"]
            drawn.name, drawn.figcaption.name = "div", "p"
            figure = nodes.figure("", nodes.raw("", str(drawn), format="html"), nodes.caption("", caption), ids=[name])
            raw.replace_self(figure)


def setup(app):
    app.add_transform(NumberAnimations)
    app.add_directive("figure-of", FigureOf)
    app.add_directive("how-to-cite", colophon.HowToCite)
    app.add_directive("how-to-clone", colophon.HowToClone)
    app.add_directive("from-library", FromLibrary)
    app.add_directive("movable-atoms", atoms.MovableAtoms)
    app.config.mathjax_path = f"mathjax/{shipping.MATHJAX[0]}"
    app.connect("config-inited", colophon.configure)
    app.connect("build-finished", atoms.copy_weights)
    app.connect("build-finished", finish.finish, priority=900)  # after those who write pages
    return {"parallel_read_safe": True}
