"""Looking at a page: what the console said, whether it scrolls sideways, whether axe finds anything."""

import functools
from pathlib import Path

import axe_playwright_python

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@functools.cache
def axe_source():
    return next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text()


class Looking:
    """Collects what went wrong on a page since it was opened."""

    def __init__(self, page):
        self.page = page
        self.said = []
        page.on("console", lambda message: message.type in ("error", "warning") and self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def faults(self, *, axe=True):
        """Everything a stranger would complain about, as sentences; an empty list is a good page."""
        found = [f"console: {words}" for words in self.said]
        self.said = []
        width = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if width[0] > width[1]:
            found.append(f"scrolls sideways: {width[0]} in {width[1]} pixels")
        inline = self.page.evaluate(
            "document.querySelectorAll('script:not([src]):not([type=\"application/json\"]),style,[style],[onclick]').length"
        )
        if inline:
            found.append(f"{inline} inline scripts or styles")
        if axe:
            found += [f"axe {v['id']}: {v['nodes'][0]['html'][:160]}" for v in self.axe()]
        return found

    def axe(self):
        # By evaluate: a script element would be stopped by the page's own content policy.
        self.page.evaluate(axe_source())
        return self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules}).then(result => result.violations)", RULES
        )
