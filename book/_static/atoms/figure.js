/* The figure itself: atoms that can be moved by mouse, touch and keys, and what the networks say of them. */
"use strict";

var surrogateWeights = {}; // filled by the files of weights, which are loaded when the figure is first touched

(() => {
  const motion = atomMotion, networks = surrogateNetworks;
  const { energyText, listed, percentText, threeDigits } = numbersAsText;
  const RADIUS = 2 ** (1 / 6) / 2; // two atoms touch at the best distance of a pair
  const ALIKE = 1e-3; // a smaller change of asinh(V) is rounding
  const STEPS = 3000; // of a relaxation, at most

  const OPERATIONS = { renumber: "Renumber", shift: "Shift", turn: "Turn", mirror: "Mirror" };
  const RELAX = { true: "Relax", pairs: "Relax on the pair network" };
  const DONE = { renumber: "Renumbered", shift: "Shifted", turn: "Turned by 90 degrees", mirror: "Mirrored" };

  const reduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const frame = () => new Promise(requestAnimationFrame);

  function make(name, attributes = {}, ...children) {
    const inSvg = ["svg", "g", "circle", "rect", "line", "path", "text"].includes(name);
    const made = inSvg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /* Where an energy stands along the strips, from 0 to 1: linear about 0, powers of ten above, as far as 10^15. */
  const scale = V => Math.asinh(V / 5) / Math.LN10;
  const [LEFT, RIGHT] = [scale(-200), scale(1e15)];
  const place = V => Math.min(Math.max((scale(V) - LEFT) / (RIGHT - LEFT), 0), 1);

  class MovableAtoms {
    constructor(root) {
      Object.assign(this, { root, ...JSON.parse(root.dataset.atoms) });
      this.start = Float64Array.from(this.positions);
      this.positions = this.start.slice();
      this.n = this.start.length / 2;
      this.trained = {};
      this.build();
      const closest = this.atoms.map((_, i) => motion.distance(this.start, i, motion.nearest(this.start, i)));
      this.select(closest.indexOf(Math.min(...closest)));
      root.closest("figure").classList.add("atoms-live");
      for (const event of ["pointerdown", "keydown", "focusin"])
        root.addEventListener(event, () => this.load(), { once: true });
    }

    /* What stands on the page */

    build() {
      const { box, n } = this;
      this.pairLine = make("line", { class: "atoms-pair" });
      this.atoms = Array.from({ length: n }, (_, i) => {
        const reach = make("circle", { r: 1.4, class: "atoms-reach" });
        const disc = make("circle", { r: RADIUS });
        const atom = make("g", { class: "atoms-atom", role: "img", tabindex: -1 }, reach, disc);
        atom.addEventListener("pointerdown", event => this.grab(event));
        atom.addEventListener("touchstart", event => event.preventDefault(), { passive: false }); // no scrolling
        atom.addEventListener("focus", () => this.select(i));
        return atom;
      });
      const frameOf = () => make("rect", { width: box, height: box, class: "atoms-box" });
      this.stage = make("svg", { viewBox: `-1 -1 ${box + 2} ${box + 2}`, role: "application",
        "aria-label": `${n} atoms in a box. Arrow keys move the chosen atom, with Shift in small steps; ` +
          "Page Up and Page Down choose another." },
        frameOf(), this.pairLine, ...this.atoms);
      this.stage.addEventListener("keydown", event => this.key(event));
      this.cells = make("path", { class: "atoms-cells" });
      this.grid = make("svg", { viewBox: `-1 -1 ${box + 2} ${box + 2}`, role: "img" }, this.cells, frameOf());

      this.slider = make("input", { type: "range", min: 0.1, max: 6, step: 0.01, id: `${this.name()}-r` });
      this.slider.addEventListener("input", () => this.approach());
      this.slider.addEventListener("change", () => this.announce());
      this.sliderText = make("output", { for: this.slider.id });
      const button = (text, action) => {
        const made = make("button", { type: "button" }, text);
        made.addEventListener("click", action);
        return made;
      };
      this.relaxButtons = {
        true: button(RELAX.true, () => this.relax("true")),
        pairs: button(RELAX.pairs, () => this.relax("pairs")),
      };
      this.relaxButtons.pairs.disabled = !this.labels.pairs;
      const controls = make("div", { class: "atoms-controls" },
        make("div", { class: "atoms-slider" },
          make("label", { for: this.slider.id }, "Bring two together"), this.sliderText, this.slider),
        make("div", { class: "atoms-buttons", role: "group", "aria-label": "What leaves the true energy as it is" },
          ...Object.entries(OPERATIONS).map(([key, text]) => button(text, () => this.operate(key)))),
        make("div", { class: "atoms-buttons", role: "group", "aria-label": "Other structures" },
          ...Object.values(this.relaxButtons),
          button("Random structure", () => this.replace(motion.random(n, box), "A random structure.")),
          button("Start again", () => this.replace(this.start.slice(), "The first structure again."))));
      this.status = make("p", { class: "atoms-status", role: "status" },
        `The networks, ${this.megabytes} MB, are loaded when the figure is first touched.`);
      this.table = this.root.querySelector("table");
      const side = make("div", { class: "atoms-side" }, this.grid, controls);
      this.table.before(make("div", { class: "atoms-views" }, this.stage, side), this.status);
      this.strips();
      this.draw();
    }

    name() {
      return this.root.closest("figure").id || "atoms";
    }

    /* A last column: a line at the true energy, a dot at the predicted one. */
    strips() {
      const strip = (...children) => make("svg", { viewBox: "0 0 200 20", "aria-hidden": "true" }, ...children);
      const ticks = [[0, "0"], [1e3, "10³"], [1e6, "10⁶"], [1e9, "10⁹"], [1e12, "10¹²"]].map(([V, text]) =>
        make("text", { x: 10 + 180 * place(V), y: 16 }, text));
      this.marks = {};
      for (const row of this.table.rows) {
        const key = row.dataset.row, cell = make(key ? "td" : "th", { class: "atoms-strip" });
        if (key) {
          const axis = make("line", { x1: 0, x2: 200, y1: 10, y2: 10, class: "atoms-axis" });
          const line = make("line", { y1: 0, y2: 20, class: "atoms-line" });
          const dot = make("circle", { cy: 10, r: 6, class: `atoms-${key}` });
          cell.append(strip(axis, line, dot));
          this.marks[key] = { row, line, dot };
        } else {
          cell.append("| true, ● predicted", strip(...ticks));
        }
        row.append(cell);
      }
      this.show({ ...this.energies(), ...this.predictions });
    }

    draw() {
      const { positions, box, n } = this;
      this.atoms.forEach((atom, i) => {
        const [x, y] = [positions[2 * i], positions[2 * i + 1]];
        atom.style.transform = `translate(${x}px, ${box - y}px)`;
        atom.setAttribute("aria-label", `Atom ${i + 1} of ${n}, x ${x.toFixed(2)}, y ${y.toFixed(2)}`);
        atom.setAttribute("tabindex", i === this.chosen ? 0 : -1);
        atom.classList.toggle("atoms-chosen", i === this.chosen);
        atom.classList.toggle("atoms-partner", i === this.partner);
      });
      if (this.partner !== undefined) {
        const ends = [this.chosen, this.partner].map(i => [positions[2 * i], box - positions[2 * i + 1]]);
        ["x1", "y1", "x2", "y2"].forEach((key, k) => this.pairLine.setAttribute(key, ends.flat()[k]));
        const r = motion.distance(positions, this.chosen, this.partner);
        this.slider.value = r;
        const text = `atoms ${this.chosen + 1} and ${this.partner + 1}, ${r.toFixed(2)} σ`;
        this.sliderText.textContent = text;
        this.slider.setAttribute("aria-valuetext", text);
      }
      const side = Math.round(box), grid = networks.occupancy(positions, box, side), filled = [];
      grid.forEach((full, k) => {
        if (full) filled.push(`M${k % side} ${side - 1 - Math.floor(k / side)}h1v1h-1z`);
      });
      this.cells.setAttribute("d", filled.join(""));
      this.grid.setAttribute("aria-label", `Occupancy grid: ${filled.length} of ${side * side} cells hold an atom.`);
    }

    /* All energies in the table; what could not be loaded is no number. */
    show(energies) {
      const true_ = energies.true;
      for (const [key, V] of Object.entries(energies)) {
        const { row, line, dot } = this.marks[key], texts = [energyText(V), "", ""];
        if (key !== "true") {
          const relative = 100 * Math.abs(Math.log(V + 32) / Math.log(true_ + 32) - 1); // NaN at too low a V
          texts[1] = threeDigits(V - true_);
          texts[2] = percentText(relative);
        }
        texts.forEach((text, i) => { row.cells[i + 1].textContent = text; });
        for (const end of ["x1", "x2"]) line.setAttribute(end, 10 + 180 * place(true_));
        dot.setAttribute("cx", 10 + 180 * place(V) || 0);
      }
    }

    /* The networks */

    load() {
      return (this.loading ||= Promise.all(Object.keys(this.labels).map(key => new Promise(done => {
        const script = make("script", { src: `${this.static}/weights-${key}.js` });
        script.onload = () => {
          this.trained[key] = networks.unpacked(surrogateWeights[key]);
          delete surrogateWeights[key];
          this.changed(); // the small ones are here long before the large ones
          done();
        };
        script.onerror = () => {
          this.trained[key] = null;
          this.status.textContent = `${this.labels[key]}: its weights could not be loaded.`;
          done();
        };
        document.head.append(script);
      }))).then(() => {
        this.relaxButtons.pairs.disabled = !this.trained.pairs;
        return this.changed();
      }));
    }

    /* The true energy, and those of the networks that are here; NaN of one that could not be loaded. */
    energies() {
      const found = { true: motion.trueEnergy(this.positions) };
      for (const key of Object.keys(this.labels)) {
        const network = this.trained[key];
        if (network !== undefined) found[key] = network ? networks.energy(network, this.positions) : NaN;
      }
      return found;
    }

    /* The atoms have moved: they are drawn at once, the energies asked for once in a frame. */
    changed() {
      this.draw();
      this.asked ||= frame().then(() => {
        this.asked = null;
        this.show(this.energies());
      });
      return this.asked;
    }

    /* What a reader does */

    select(i, partner = motion.nearest(this.positions, i)) {
      [this.chosen, this.partner] = [i, partner];
      this.draw();
    }

    move(i, x, y) {
      this.relaxing = null;
      [x, y].forEach((v, axis) => { this.positions[2 * i + axis] = Math.min(Math.max(v, 0), this.box); });
      this.partner = motion.nearest(this.positions, i);
      this.changed();
    }

    /* Where a pointer is, in units of sigma. */
    point(event) {
      const onStage = this.stage.getScreenCTM().inverse();
      const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(onStage);
      return [x, this.box - y];
    }

    /* The atom nearest to the pointer: in a cluster the reaches of atoms overlap. */
    grab(event) {
      event.preventDefault();
      const [x, y] = this.point(event), { positions } = this;
      const away = this.atoms.map((_, k) => Math.hypot(positions[2 * k] - x, positions[2 * k + 1] - y));
      const i = away.indexOf(Math.min(...away)), atom = this.atoms[i];
      const offset = [positions[2 * i] - x, positions[2 * i + 1] - y];
      this.relaxing = null;
      this.select(i);
      atom.focus({ preventScroll: true });
      atom.setPointerCapture(event.pointerId);
      const drag = moved => this.move(i, ...this.point(moved).map((v, axis) => v + offset[axis]));
      const drop = () => {
        atom.removeEventListener("pointermove", drag);
        this.announce();
      };
      atom.addEventListener("pointermove", drag);
      for (const end of ["pointerup", "pointercancel"]) atom.addEventListener(end, drop, { once: true });
    }

    key(event) {
      const other = { PageDown: this.chosen + 1, PageUp: this.chosen - 1, Home: 0, End: this.n - 1 }[event.key];
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (other === undefined && !way) return;
      event.preventDefault();
      if (!way) return this.atoms[(other + this.n) % this.n].focus();
      const step = event.shiftKey ? 0.02 : 0.25, [x, y] = this.positions.slice(2 * this.chosen);
      this.move(this.chosen, x + step * way[0], y + step * way[1]);
      this.announce();
    }

    approach() {
      this.relaxing = null;
      this.positions = motion.apart(this.positions, this.chosen, this.partner, Number(this.slider.value), this.box);
      this.changed();
    }

    /* All energies in a sentence, once the reader has paused. */
    announce(first = "") {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(async () => {
        await this.load();
        const { true: V, ...others } = this.energies();
        const said = Object.entries(others).map(([key, value]) => `${this.labels[key]} ${energyText(value)}`);
        const below = V <= -32 ? " There is no log(V + 32) at such an energy." : "";
        this.status.textContent = `${first} True energy ${energyText(V)}. ${listed(said)}.${below}`.trim();
      }, 400);
    }

    replace(positions, sentence) {
      this.relaxing = null;
      this.positions = positions;
      this.select(this.chosen);
      this.changed();
      this.announce(sentence);
    }

    /* Who changes his mind? */
    async operate(key) {
      this.relaxing = null;
      await this.load();
      const before = this.energies();
      this.stage.classList.add("atoms-glide");
      setTimeout(() => this.stage.classList.remove("atoms-glide"), 500);
      this.positions = motion.OPERATIONS[key](this.positions, this.box);
      this.select(this.chosen);
      await this.changed();
      const after = this.energies(), names = { true: "true energy", ...this.labels };
      const differs = name => Math.abs(Math.asinh(after[name]) - Math.asinh(before[name])) > ALIKE;
      const changes = Object.keys(after).filter(differs).map(name =>
        `${names[name]} from ${energyText(before[name])} to ${energyText(after[name])}`);
      const same = Object.keys(after).filter(name => !differs(name)).map(name => names[name]);
      for (const [name, { row }] of Object.entries(this.marks))
        row.classList.toggle("atoms-changed", name in after && differs(name));
      setTimeout(() => Object.values(this.marks).forEach(({ row }) => row.classList.remove("atoms-changed")), 2500);
      clearTimeout(this.waiting);
      this.status.textContent = `${DONE[key]}. ` + (changes.length ? `Changed: ${listed(changes)}. ` : "") +
        (same.length ? `Unchanged: ${listed(same)}.` : "");
    }

    async relax(kind) {
      if (this.relaxing?.kind === kind) {
        this.relaxing.stopped = true;
        return;
      }
      const run = (this.relaxing = { kind, stopped: false });
      await this.load();
      const button = this.relaxButtons[kind];
      button.style.minWidth = `${button.offsetWidth}px`;
      button.textContent = "Stop";
      const network = this.trained.pairs;
      const pair = kind === "true" ? motion.lennardJones
        : (this.pairTable ||= motion.tabulated(r => networks.pairEnergy(network, r)));
      const relaxation = motion.relaxation(this.positions, pair);
      let steps = 0, force = Infinity;
      for (let shown = 0; this.relaxing === run && !run.stopped && steps < STEPS && force > 1e-4; shown++) {
        const few = steps + (reduced() ? 50 : 5);
        for (; steps < few && force > 1e-4; steps++) force = relaxation.step();
        if (!reduced()) shown % 4 ? this.draw() : this.changed();
        await frame();
      }
      button.textContent = RELAX[kind];
      if (this.relaxing !== run) return; // something else has been done
      this.relaxing = null;
      this.select(this.chosen);
      this.changed();
      this.announce(`Relaxed on the ${kind === "true" ? "true energy" : "pair network"} in ${steps} steps.`);
    }
  }

  document.querySelectorAll(".atoms").forEach(root => new MovableAtoms(root));
})();
