"""The figure of atoms that a reader can move: its scripts beside Keras and the library, and what a reader can do."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from bs4 import BeautifulSoup

from surrogates import data, potentials, training
from surrogates.analysis import formatting
from surrogates.book import atoms
from surrogates.data import symmetry
from surrogates.store import names
from surrogates.store.provenance import root
from tests.book.conftest import ran

NODE = shutil.which("node")
SCRIPTS = root() / "book" / atoms.FOLDER
RUNS = {key: run for key, _, run in atoms.IN_BROWSER}
BOX = 32.0


# The scripts alone, in Node and in browsers


@pytest.fixture(scope="module")
def structures():
    """200 structures ``(200, 32, 2)``: random ones, low ones, close pairs, ties, shared cells, atoms off the box."""
    rng = np.random.default_rng(0)
    sets = [data.Data(sizes=(1, 1, 80)), data.Data(energies="low", sizes=(1, 1, 40))]
    random, low = (data.simulate(of).test.positions for of in sets)
    close = random[:40].copy()
    close[:, 1] = close[:, 0] + np.geomspace(1e-3, 0.9, 40)[:, None] * [0.6, 0.8]
    lattice = np.stack(np.meshgrid(2.0 + 4 * np.arange(6), 2.0 + 4 * np.arange(6)), axis=-1).reshape(-1, 2)[:32]
    alone = np.stack([lattice[rng.permutation(32)] for _ in range(10)])  # none within the cutoff: equal embeddings
    near = np.stack([(lattice / 2)[rng.permutation(32)] for _ in range(10)])  # at the cutoff
    heaps = np.round(rng.random((10, 32, 2)) * 5, 1) + 10.25
    outside = random[:10] * 1.2 - 3.0
    found = np.concatenate([random, low, close, alone, near, heaps, outside])
    assert len(found) == 200
    return found


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """The files of weights as the build writes them, and the runs, by key."""
    folder = tmp_path_factory.mktemp("weights")
    runs = {key: training.load(name) for key, name in RUNS.items()}
    for key, run in runs.items():
        (folder / f"weights-{key}.js").write_text(atoms.script(key, run))
    return folder, runs


@pytest.fixture(scope="module", params=["node", "browser", "firefox"], ids=["node", "chromium", "firefox"])
def evaluate(request, weights, tmp_path_factory):
    """A function of (an expression, what it calls ``given``): its value, where the scripts and weights are loaded."""
    files = [SCRIPTS / "networks.js", SCRIPTS / "motion.js", *sorted(weights[0].glob("*.js"))]
    unpacked = (
        "Object.fromEntries(Object.entries(surrogateWeights).map(([k, v]) => [k, surrogateNetworks.unpacked(v)]))"
    )
    if request.param == "node":
        if NODE is None:
            pytest.skip("no Node is installed (looked for node)")

        def in_node(expression, given=None):
            program = (
                "const read = require('fs').readFileSync, run = require('vm').runInThisContext;"
                f"globalThis.surrogateWeights = {{}}; for (const file of {json.dumps(list(map(str, files)))})"
                f" run(read(file, 'utf8')); const networks = {unpacked}, given = JSON.parse(read(0, 'utf8'));"
                f"process.stdout.write(JSON.stringify({expression}));"
            )
            done = subprocess.run([NODE, "-e", program], input=json.dumps(given), capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        return in_node

    browser = request.getfixturevalue(request.param)
    page = tmp_path_factory.mktemp("page") / "page.html"
    tags = "".join(f'<script src="{file.as_uri()}"></script>' for file in files)
    page.write_text(f"<script>var surrogateWeights = {{}}</script>{tags}<script>const networks = {unpacked}</script>")
    browser.open(page.as_uri(), 800, 600)

    def in_browser(expression, given=None):
        text = browser.evaluate(f"(given => JSON.stringify({expression}))({json.dumps(given)})")
        return json.loads(text)

    return in_browser


def flat(positions):
    return np.asarray(positions).reshape(len(positions), -1).tolist()


@pytest.mark.parametrize("key", RUNS)
def test_the_networks_say_what_keras_says(evaluate, weights, structures, key):
    asked = f"given.map(positions => surrogateNetworks.output(networks.{key}, positions))"
    found, run = np.array(evaluate(asked, flat(structures))), weights[1][key]
    np.testing.assert_allclose(found, run.predict(structures), rtol=1e-4)
    energies = evaluate(asked.replace("output", "energy"), flat(structures[:10]))
    np.testing.assert_allclose(energies, run.inverse(found[:10]), rtol=1e-9)


def test_equal_ranks_are_broken_as_in_training(evaluate, weights, structures):
    """The same structure in other orders: without the tie-break the graph network would see the difference."""
    same = structures[160:170]
    assert np.ptp(same.sum(axis=1), axis=0).max() < 1e-9 and not np.array_equal(same[0], same[1])
    found = evaluate("given.map(positions => surrogateNetworks.output(networks.gcn, positions))", flat(same))
    assert np.ptp(found) < 1e-9


def test_the_true_energy_and_its_forces_are_those_of_the_library(evaluate, structures):
    energies, forces = potentials.LennardJones()(structures)
    finite = np.isfinite(energies)
    assert 0 < (~finite).sum() < 20  # atoms that coincide
    asked = "given.map(positions => atomMotion.energyAndForces(positions, atomMotion.lennardJones))"
    for found, energy, force in zip(
        evaluate(asked, flat(structures[finite])), energies[finite], forces[finite], strict=True
    ):
        assert found["energy"] == pytest.approx(energy, rel=1e-9)
        forces_found = np.array(list(found["forces"].values()), dtype=float)
        np.testing.assert_allclose(forces_found, force.ravel(), rtol=1e-7, atol=1e-7 * np.abs(force).max())
    infinite = evaluate("given.map(atomMotion.trueEnergy).map(String)", flat(structures[~finite]))
    assert set(infinite) == {"Infinity"}


def test_pair_energies_are_those_that_the_pair_network_has_learned(evaluate, weights):
    distances = np.geomspace(0.4, 30.0, 200)
    pair = "r => surrogateNetworks.pairEnergy(networks.pairs, r)"
    direct = np.array(evaluate(f"given.map({pair})", distances.tolist()))
    learned = training.pair_energy(weights[1]["pairs"], distances)
    np.testing.assert_allclose(direct[:, 0], learned, rtol=1e-3, atol=1e-6)
    step = 1e-5 * distances
    above, below = (np.array(evaluate(f"given.map({pair})", (distances + way * step).tolist())) for way in (1, -1))
    np.testing.assert_allclose(direct[:, 1], (above - below)[:, 0] / (2 * step), rtol=1e-5, atol=1e-7)
    table = np.array(evaluate(f"given.map(atomMotion.tabulated({pair}))", [0.05, *distances.tolist(), 60.0]))
    np.testing.assert_allclose(table[1:-1], direct, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", ["true", "pairs"])
def test_relaxation_ends_where_there_are_no_forces(evaluate, weights, structures, kind):
    pair = {
        "true": "atomMotion.lennardJones",
        "pairs": "atomMotion.tabulated(r => surrogateNetworks.pairEnergy(networks.pairs, r))",
    }[kind]
    asked = (
        f"given.map(start => {{ const at = Float64Array.from(start), relaxation = atomMotion.relaxation(at, {pair});"
        "for (let k = 0, force = 1; k < 3000 && force > 1e-4; k++) force = relaxation.step(); return [...at]; })"
    )
    start = structures[[0, 1, 85, 125]]
    ends = np.array(evaluate(asked, flat(start))).reshape(start.shape)
    before, (after, forces) = potentials.LennardJones()(start)[0], potentials.LennardJones()(ends)
    assert (after < before).all() and (after < -20).all()
    if kind == "true":
        assert np.abs(forces).max() < 1.01e-4
    else:
        learned = training.Learned(weights[1]["pairs"])(ends)[1]
        assert np.abs(learned).max() < 2e-3  # Keras computes in float32


@pytest.mark.parametrize("operation", ["renumber", "shift", "turn", "mirror"])
def test_operations_leave_the_true_energy_and_the_box(evaluate, structures, operation):
    given = structures[:20]
    asked = f"given.map(start => [...atomMotion.OPERATIONS.{operation}(Float64Array.from(start), {BOX})])"
    found = np.array(evaluate(asked, flat(given))).reshape(given.shape)
    assert not np.allclose(found, given)
    assert found.min() >= -1e-9 and found.max() <= BOX + 1e-9
    np.testing.assert_allclose(*map(potentials.LennardJones().energy, (found, given)), rtol=1e-6)
    same = {"turn": symmetry.rotated, "mirror": symmetry.reflected}.get(operation)
    if same:
        np.testing.assert_allclose(found, same(given, BOX, None))


def test_two_atoms_are_brought_to_the_distance_that_is_asked_for(evaluate, structures):
    wanted = [0.1, 1.0, 6.0]
    asked = "given[1].map(r => [...atomMotion.apart(Float64Array.from(given[0]), 3, 17, r, 32)])"
    found = np.array(evaluate(asked, [structures[0].ravel().tolist(), wanted])).reshape(3, 32, 2)
    np.testing.assert_allclose(np.linalg.norm(found[:, 3] - found[:, 17], axis=-1), wanted)
    assert found.min() >= 0 and found.max() <= BOX
    others = [i for i in range(32) if i not in (3, 17)]
    np.testing.assert_array_equal(found[:, others], np.broadcast_to(structures[0, others], (3, 30, 2)))


# The figure on a page


def page_with_figure(folder, environment=None, options=""):
    """A site of one page with the figure, and what the build said."""
    figure = f":::{{movable-atoms}}\n:name: fig-atoms\n{options}\nAtoms to move.\n:::\n"
    (folder / "page.md").write_text(f"# Page\n\n{figure}")
    (folder / "conf.py").write_text(
        "extensions = ['myst_nb', 'surrogates.book.site']\nmyst_enable_extensions = ['colon_fence']\nnumfig = True\n"
        "master_doc = 'page'\nhtml_theme = 'sphinx_book_theme'\nhtml_context = {'default_mode': 'auto'}\n"
        "html_static_path = ['_static']\nhtml_css_files = ['atoms/atoms.css']\n"
    )
    shutil.copytree(SCRIPTS, folder / "_static/atoms")
    done = ran(sys.executable, "-m", "sphinx", "-W", folder, folder / "out", **(environment or {}))
    assert done.returncode == 0, done.stderr
    return folder / "out" / "page.html", done.stdout + done.stderr


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return page_with_figure(tmp_path_factory.mktemp("site"))[0]


def written(page):
    """The numbers of the table as the build has written them, by row."""
    rows = BeautifulSoup(page.read_bytes(), "html.parser").select("tr[data-row]")
    return {row["data-row"]: [cell.get_text() for cell in row.select("td")] for row in rows}


def test_without_scripts_there_are_a_picture_and_the_numbers_of_keras(page, weights):
    figure = BeautifulSoup(page.read_bytes(), "html.parser").select_one("figure#fig-atoms")
    image = figure.select_one("img")
    assert (page.parent / image["src"]).is_file() and "32 atoms" in image["alt"]
    assert figure.select_one("figcaption .caption-number").get_text(strip=True) == "Fig. 1"
    assert "Atoms to move." in figure.select_one("figcaption").get_text()
    rows = written(page)
    structure = data.simulate(data.Data(sizes=(1, 1, 1))).test
    true = structure.energies[0]
    assert rows.pop("true") == [formatting.scientific(true, 3), "", ""]
    for key, run in weights[1].items():
        predicted = run.predict_energy(structure.positions)[0]
        error = 100 * abs(np.log(predicted + 32) / np.log(true + 32) - 1)
        errors = [formatting.significant(predicted - true), formatting.fixed(error, 2 * (error < 10)) + "\u00a0%"]
        assert rows.pop(key) == [formatting.scientific(predicted, 3), *errors]
    assert not rows


def test_a_network_that_is_not_in_the_store_is_left_out_with_a_sentence(tmp_path):
    store, site = tmp_path / "runs", tmp_path / "site"
    site.mkdir()
    for key in ("cnn", "pairs"):
        shutil.copytree(names.runs_folder() / RUNS[key], store / RUNS[key])
    page, said = page_with_figure(site, {names.VARIABLE: str(store)})
    figure = BeautifulSoup(page.read_bytes(), "html.parser").select_one("figure")
    assert list(written(page)) == ["true", "cnn", "pairs"]
    for text in (said, figure.get_text()):
        for label, name in (("Perceptron", RUNS["mlp"]), ("Graph network", RUNS["gcn"])):
            assert f"{label}: left out, as the store has no weights of the run {name}." in text
    weights = sorted(path.name for path in (page.parent / atoms.FOLDER).glob("weights-*"))
    assert weights == ["weights-cnn.js", "weights-pairs.js"]


def test_a_page_shows_and_loads_the_networks_that_it_names(browser, tmp_path):
    page, _ = page_with_figure(tmp_path, options=":networks: pairs mlp\n")
    assert list(written(page)) == ["true", "pairs", "mlp"]
    reader = Reader(browser, page)
    assert "The networks, 1.1 MB" in reader.see("document.querySelector('.atoms [role=status]').textContent")
    reader.clicks("Renumber")
    said = reader.said("Renumbered")
    assert reader.loaded() == 2 and "Graph network" not in said and "Changed: Perceptron" in said
    (tmp_path / "page.md").write_text("# Page\n\n:::{movable-atoms}\n:networks: mpl\n\nAtoms.\n:::\n")
    done = ran(sys.executable, "-m", "sphinx", "-W", tmp_path, tmp_path / "out")
    assert done.returncode and "networks: mpl is none of mlp, cnn, gcn, pairs" in done.stderr


# A reader at the figure, in a page that is opened from the disk


class Reader:
    """What a reader of the page does, and sees."""

    def __init__(self, browser, page, width=1200, height=900, mobile=False, reduced=False):
        self.browser = browser
        if reduced:
            features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
            browser.call("Emulation.setEmulatedMedia", features=features)
        browser.open(page.as_uri(), width, height, mobile)
        self.see, self.presses, self.drags = browser.evaluate, browser.press, browser.drag

    def waits(self, condition):
        """Until a condition is true, at most half a minute."""
        self.see(
            "new Promise((done, failed) => { const end = Date.now() + 30000; const look = () => "
            f"({condition}) ? done() : Date.now() > end ? failed(new Error('never: ' + {json.dumps(condition)})) : "
            "setTimeout(look, 50); look(); })"
        )

    def clicks(self, text):
        self.see(f"[...document.querySelectorAll('.atoms button')].find(b => b.textContent === {text!r}).click()")

    def said(self, beginning):
        """The sentence of the status that begins so, once it is there."""
        status = "document.querySelector('.atoms [role=status]').textContent"
        self.waits(f"{status}.startsWith({beginning!r})")
        return self.see(status)

    def atom(self, i):
        """Its label, and where it is on the screen."""
        return self.see(
            f"(() => {{ const atom = document.querySelectorAll('.atoms-atom')[{i}]; const box = "
            "atom.lastChild.getBoundingClientRect(); return [atom.getAttribute('aria-label'), box.x + box.width / 2, "
            "box.y + box.height / 2]; })()"
        )

    def cells(self):
        """The numbers of the table, by row."""
        return self.see(
            "Object.fromEntries([...document.querySelectorAll('.atoms tr[data-row]')].map(row => "
            "[row.dataset.row, [...row.cells].slice(1, 4).map(cell => cell.textContent)]))"
        )

    def loaded(self):
        return self.see("[...document.querySelectorAll('script[src*=weights]')].length")


@pytest.fixture(params=["browser", "firefox"], ids=["chromium", "firefox"])
def reader(request, page):
    return Reader(request.getfixturevalue(request.param), page)


def test_weights_are_loaded_when_the_figure_is_touched_and_give_the_same_numbers(reader, page):
    assert reader.loaded() == 0
    assert reader.cells() == written(page)
    assert reader.see("getComputedStyle(document.querySelector('figure img')).display") == "none"
    _, x, y = reader.atom(5)
    reader.drags((x, y), (x, y))
    reader.said("True energy")
    assert reader.loaded() == 4
    assert reader.cells() == written(page)  # of Keras, with three digits
    assert not list(reader.browser.complaints(page.parent.as_uri()))


def test_a_mouse_drags_an_atom_and_no_farther_than_the_box(reader):
    label, x, y = reader.atom(5)
    reader.drags((x, y), (x + 40, y - 30))
    moved, now_x, now_y = reader.atom(5)
    assert moved != label and (now_x, now_y) == pytest.approx((x + 40, y - 30), abs=1)
    reader.said("True energy")
    reader.drags((now_x, now_y), (1, now_y))
    assert "x 0.00" in reader.atom(5)[0]


def test_of_atoms_that_overlap_the_nearest_is_dragged(reader):
    reader.see("(s => { s.value = 0.5; s.dispatchEvent(new Event('input')); })(document.querySelector('.atoms input'))")
    pair = reader.see("document.querySelector('.atoms output').textContent")
    first, second = (int(word) - 1 for word in re.findall(r"\d+", pair)[:2])
    for atom, other in ((first, second), (second, first)):
        (_, x, y), stays = reader.atom(atom), reader.atom(other)
        reader.drags((x, y), (x, y + 60))
        assert reader.atom(atom)[1:] == pytest.approx([x, y + 60], abs=1)
        assert reader.atom(other) == stays


def test_a_finger_drags_an_atom_and_the_page_stays(browser, page):
    reader = Reader(browser, page, 390, 844, mobile=True)
    reader.see("document.querySelector('.atoms-views').scrollIntoView()")
    scrolled = reader.see("scrollY")
    _, x, y = reader.atom(5)
    reader.drags((x, y), (x - 60, y + 80), touch=True)
    assert reader.atom(5)[1:] == pytest.approx([x - 60, y + 80], abs=1)
    assert reader.see("scrollY") == scrolled
    assert reader.see("document.documentElement.scrollWidth") <= 390


def test_keys_reach_and_move_atoms_and_the_energies_are_said(reader):
    focused = "document.activeElement.getAttribute('aria-label') || document.activeElement.id || ''"
    for _ in range(60):
        reader.presses("Tab")
        if reader.see(focused).startswith("Atom"):
            break
    reader.presses("Home")
    assert reader.see(focused).startswith("Atom 1 of 32")
    reader.presses("PageDown")
    start = data.simulate(data.Data(sizes=(1, 1, 1))).test.positions[0, 1]
    assert reader.see(focused) == f"Atom 2 of 32, x {start[0]:.2f}, y {start[1]:.2f}"
    reader.presses("ArrowRight")
    reader.presses("ArrowUp", shift=True)
    assert reader.see(focused) == f"Atom 2 of 32, x {start[0] + 0.25:.2f}, y {start[1] + 0.02:.2f}"
    sentence = reader.said("True energy")
    assert all(label in sentence for _, label, _ in atoms.IN_BROWSER)
    places = []
    for _ in range(12):
        reader.presses("Tab")
        places.append(reader.see("document.activeElement.textContent || document.activeElement.type"))
    wanted = ["range", "Renumber", "Shift", "Turn", "Mirror", "Relax", "Relax on the pair network"]
    assert places[: len(wanted) + 2] == [*wanted, "Random structure", "Start again"]


def test_the_slider_brings_two_atoms_together(reader):
    reader.see("document.querySelector('.atoms input').focus()")
    text = "document.querySelector('.atoms input').getAttribute('aria-valuetext')"
    before = float(reader.see(text).split(", ")[1].split()[0])
    reader.presses("ArrowRight")
    reader.waits(f"{text}.includes('{before + 0.01:.2f} σ')")
    reader.see("(s => { s.value = 0.2; s.dispatchEvent(new Event('input')); })(document.querySelector('.atoms input'))")
    reader.waits(f"{text}.includes('0.20 σ')")
    reader.said("True energy")
    reader.waits("document.querySelector('tr[data-row=true] td').textContent.includes('·10⁸')")


@pytest.mark.parametrize(
    ("button", "done", "changed"),
    [
        ("Renumber", "Renumbered", {"mlp"}),
        ("Shift", "Shifted", {"mlp", "cnn"}),
        ("Turn", "Turned by 90 degrees", {"mlp", "cnn"}),
        ("Mirror", "Mirrored", {"mlp", "cnn"}),
    ],
)
def test_who_changes_his_mind(reader, button, done, changed):
    before = reader.cells()
    reader.clicks(button)
    said, same = reader.said(done).split("Unchanged:")
    after = reader.cells()
    for key, label, _ in atoms.IN_BROWSER:
        assert (label in said, label in same) == (key in changed, key not in changed)
        assert (after[key][0] != before[key][0]) == (key in changed)
    assert "true energy" in same and after["true"] == before["true"]


@pytest.mark.parametrize(("button", "kind"), [("Relax", "true"), ("Relax on the pair network", "pairs")])
def test_relaxing_lowers_the_energy_and_can_be_stopped(reader, page, button, kind):
    reader.clicks(button)
    reader.waits(f"document.querySelector('tr[data-row={kind}] td').textContent.startsWith('−')")
    reader.clicks("Stop")
    sentence = reader.said("Relaxed on the")
    assert "steps. True energy −" in sentence
    reader.clicks("Start again")
    reader.said("The first structure again.")
    assert reader.cells() == written(page)


def test_less_motion_shows_the_end_of_a_relaxation_only(browser, page):
    reader = Reader(browser, page, reduced=True)
    reader.see(
        "window.seen = new Set(); new MutationObserver(() => seen.add(document.querySelector('.atoms-atom').style"
        ".transform)).observe(document.querySelector('.atoms-atom'), {attributes: true})"
    )
    reader.clicks("Relax")
    sentence = reader.said("Relaxed on the true energy")
    assert "There is no log(V + 32) at such an energy." in sentence
    assert reader.see("seen.size") <= 2
    assert {cells[2] for cells in reader.cells().values()} == {"", "–"}
    reader.clicks("Turn")
    assert reader.see("getComputedStyle(document.querySelector('.atoms-atom')).transitionDuration") == "0s"
    browser.call("Emulation.setEmulatedMedia", features=[])


def test_a_random_structure_takes_the_place_of_the_first(reader):
    before = reader.cells()
    reader.clicks("Random structure")
    reader.said("A random structure.")
    after = reader.cells()
    assert all(after[key][0] != before[key][0] for key in before)


def test_everything_that_can_be_reached_has_a_name_and_a_role(browser, page):
    Reader(browser, page)
    browser.call("Accessibility.enable")
    tree = browser.call("Accessibility.getFullAXTree")["nodes"]
    shown = [node for node in tree if not node["ignored"]]
    focusable = [
        node for node in shown if any(p["name"] == "focusable" and p["value"]["value"] for p in node["properties"])
    ]
    roles = [node["role"]["value"] for node in focusable]
    assert roles.count("slider") == 1 and roles.count("image") == 32
    buttons = {node["name"]["value"] for node in focusable if node["role"]["value"] == "button"}
    relaxing = {"Relax", "Relax on the pair network"}
    assert buttons >= {"Renumber", "Shift", "Turn", "Mirror", "Random structure", "Start again"} | relaxing
    assert all(node["name"]["value"] for node in focusable if node["role"]["value"] != "RootWebArea")
    assert [node for node in shown if node["role"]["value"] == "status"]
    grids = [node["name"]["value"] for node in shown if node["name"]["value"].startswith("Occupancy grid")]
    assert len(grids) == 1


def test_without_scripts_the_picture_stands_there(browser, page):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        reader = Reader(browser, page)
        assert reader.see("getComputedStyle(document.querySelector('figure img')).display") != "none"
        assert reader.see("document.querySelectorAll('.atoms button, .atoms svg').length") == 0
        assert reader.cells()["pairs"][0]
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_weights_that_cannot_be_loaded_are_no_numbers(browser, page, tmp_path):
    shutil.copytree(page.parent, tmp_path / "site")
    (tmp_path / "site" / atoms.FOLDER / "weights-gcn.js").unlink()
    reader = Reader(browser, tmp_path / "site" / "page.html")
    reader.clicks("Mirror")
    reader.said("Mirrored")
    found = reader.cells()
    assert found["gcn"] == ["–", "–", "–"] and "–" not in found["mlp"]
