/* Filter and sort the tables of verdicts of a page, where they are long. Without this script all rows stand there. */
document.addEventListener("DOMContentLoaded", () => {
  const tables = [...document.querySelectorAll("table.verdicts")];
  const rows = tables.flatMap(table => [...table.tBodies[0].rows]).filter(row => row.dataset.verdict);
  if (rows.length < 10) return;
  const verdicts = [...new Set(rows.map(row => row.dataset.verdict))];
  const chosen = new Set();

  const make = (name, attributes, ...children) => {
    const element = Object.assign(document.createElement(name), attributes);
    element.append(...children);
    return element;
  };

  const said = make("output", { className: "found" });
  const words = make("input", { type: "search" });
  const kindOf = row => row.querySelector("td[data-label=Kind]")?.textContent ?? "";
  const kinds = [...new Set(rows.map(kindOf))].filter(Boolean);
  const kind = make("select", {}, make("option", { value: "" }, "all"), ...kinds.map(word => make("option", {}, word)));
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const other = (chosen.size && !chosen.has(row.dataset.verdict)) || (kind.value && kindOf(row) !== kind.value);
      row.hidden = other || !wanted.every(word => text.includes(word));
      shown += !row.hidden;
    }
    for (const table of tables) table.classList.toggle("empty", [...table.tBodies[0].rows].every(row => row.hidden));
    said.textContent = `${shown} of ${rows.length} statements`;
  };

  const buttons = verdicts.map(verdict => {
    const badge = rows.find(row => row.dataset.verdict === verdict).querySelector(".verdict").cloneNode(true);
    badge.append(` ${rows.filter(row => row.dataset.verdict === verdict).length}`);
    const button = make("button", { type: "button" }, badge);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const on = !chosen.has(verdict);
      on ? chosen.add(verdict) : chosen.delete(verdict);
      button.setAttribute("aria-pressed", on);
      apply();
    });
    return button;
  });
  words.addEventListener("input", apply);
  kind.addEventListener("change", apply);

  const group = make("div", { className: "verdict-choice" }, ...buttons);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Show these verdicts only");
  const labels = [kinds.length && make("label", {}, "Kind ", kind), make("label", {}, "Find ", words)].filter(Boolean);
  const bar = make("div", { className: "verdict-filter" }, group, ...labels, said);
  const first = tables[0].closest(".pst-scrollable-table-container") || tables[0];
  first.before(bar);

  for (const table of tables) for (const head of table.tHead.rows[0].cells) {
    const column = head.cellIndex, button = make("button", { type: "button", className: "sort" }, head.textContent);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending", sign = down ? -1 : 1;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => column ? row.cells[column].textContent : String(verdicts.indexOf(row.dataset.verdict));
      const sorted = [...table.tBodies[0].rows].sort((a, b) =>
        sign * key(a).localeCompare(key(b), "en", { numeric: true }));
      table.tBodies[0].append(...sorted);
    });
    head.replaceChildren(button);
  }
  apply();
});
