"""Pages of long lists, without counting all of a large table for one of them."""

from django.core.paginator import Page, Paginator

MOST = 1000


class BoundedPage(Page):
    """Knows whether there is a next page by having looked one row further."""

    def __init__(self, object_list, number, paginator, *, has_more):
        super().__init__(object_list, number, paginator)
        self.has_more = has_more

    def has_next(self):
        return self.has_more

    def next_page_number(self):
        return self.number + 1

    def previous_page_number(self):
        return max(1, self.number - 1)

    def start_index(self):
        return (self.number - 1) * self.paginator.per_page + 1 if self.object_list else 0

    def end_index(self):
        return max(0, self.start_index() + len(self.object_list) - 1)


class BoundedPaginator(Paginator):
    """Pages of ids. Counts exactly up to a thousand; beyond, `is_more` says so, and every page is still there.

    The first thousand ids are read at once: that is as quick as counting them, and spares searching twice.
    """

    is_more = False
    count = num_pages = 0  # known once a page has been read

    def get_page(self, number):
        """The page asked for; the last one counted when there is no such page, the first when it is no number."""
        text = str(number)
        number = max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1
        first = list(self.object_list[: MOST + 1])
        self.is_more, self.count = len(first) > MOST, min(len(first), MOST)
        self.num_pages = max(1, -(-self.count // self.per_page))
        start = (number - 1) * self.per_page
        found = first[start : start + self.per_page + 1]
        if self.is_more and start + self.per_page > MOST:
            found = list(self.object_list[start : start + self.per_page + 1])
        if not found:
            number, found = self.num_pages, first[(self.num_pages - 1) * self.per_page :]
        return BoundedPage(found[: self.per_page], number, self, has_more=len(found) > self.per_page)
