"""What the themes leave undone for those who read with a keyboard or a screen reader."""

from bs4 import BeautifulSoup


def mend(page: BeautifulSoup):
    """Give the parts of a rendered page the roles and names that they need, in place."""
    for icon in page.select("i[class*=fa-], span[class*=fa-]"):
        icon["aria-hidden"] = "true"
        icon.attrs.pop("title", None)
    for button in page.select("button.search-button-field"):
        button.attrs.pop("aria-label", None)  # it has words of its own
    for formula in page.select("div.math"):  # it scrolls where it is wider than the page
        formula.attrs.update({"tabindex": "0", "role": "group", "aria-label": "Equation"})
    for entry in page.select(".citation-list > .citation"):
        entry["role"] = "listitem"
    for head in page.select("th"):
        if not head.get_text(strip=True):
            head.name = "td"
    for logo in page.select("#pst-primary-sidebar"):
        logo.attrs.update({"role": "complementary", "aria-label": "The book"})
