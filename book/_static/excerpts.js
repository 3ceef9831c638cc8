/* On the page of the search: below each hit the words around what was searched for. They come from a script beside the
   pages, as a browser may not read other pages of a site that is opened from a disk. */
document.addEventListener("DOMContentLoaded", () => {
  const results = document.querySelector("#search-results"), passages = window.searchPassages;
  if (!results || !passages) return;
  const asked = new URLSearchParams(location.search).get("q") || "";
  const stems = asked.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean).map(word => new Stemmer().stemWord(word));
  const around = 110;

  const place = text => {
    const places = stems.map(stem => text.toLowerCase().indexOf(stem)).filter(at => at >= 0);
    return places.length ? Math.min(...places) : -1;
  };

  const excerpt = (page, anchor) => {
    const own = (passages[page] || []).filter(([id]) => !anchor || id === anchor).map(([, text]) => text);
    const text = own.find(part => place(part) >= 0);
    if (!text) return own[0] ? own[0].slice(0, 2 * around) : "";
    const at = place(text), from = at > around ? text.lastIndexOf(" ", at - around) + 1 : 0;
    const part = text.slice(from, at + around);
    return (from ? "… " : "") + part.slice(0, part.lastIndexOf(" ")) + " …";
  };

  const complete = item => {
    const link = item.querySelector("a");
    if (!link || item.querySelector(".context")) return;
    const [path, anchor] = link.getAttribute("href").split("#");
    const text = excerpt(path.replace(/^.*\//, "").replace(/\.html.*$/, ""), anchor);
    if (text) item.append(Object.assign(document.createElement("p"), { className: "context", textContent: text }));
  };
  new MutationObserver(() => results.querySelectorAll("li").forEach(complete))
    .observe(results, { childList: true, subtree: true });
});
