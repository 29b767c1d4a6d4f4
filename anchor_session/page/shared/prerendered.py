"""A state that was opened while its page was prerendered, and begins when the page is shown.

Until then the page has a copy of its tab's `sessionStorage`, as it was when the page was prepared. In the
event ``prerenderingchange`` the same `Storage` object has the tab's own entries, and what was written to the
copy is gone (measured with Chromium 156).

So the state is opened once more, and what the page has changed meanwhile is made again there, merged as tabs
merge what they have not heard of each other.
"""

from ...codec import encode
from ...errors import MigrationError, SchemaError, StorageError, StorageWarning, warn
from ...host.area import StaleReadError
from ...reactive.patch import adopt_foreign, difference
from ...reactive.plain import copy_plain
from .entries import groups_of
from .replica.replica import Replica

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...host.protocol import Host
    from ..binding import Binding
    from ..migration import Migration
    from ..record.record import Data


class Prerendered:
    """What such a state began with in the copy: what differs from it later is the page's own doing."""

    def __init__(self, here: "Host", version: str, migration: "Migration | None") -> None:
        self._here = here
        self._version = version
        self._migration = migration
        self.found: Data = {}

    @property
    def is_over(self) -> bool:
        """Whether the page is shown."""
        return not self._here.is_prerendering

    def follow(self, binding: "Binding", keys: "list[str] | None") -> None:
        """Take over what others stored; begin, if the page is shown. Then the binding is as any."""
        if self.is_over:
            self._begin(binding)
            return
        before = copy_plain(binding.view._data)
        binding.adopt_stored(keys)
        # What other documents of this page do to the copy, they do again themselves.
        self.found = merged(before, self.found, binding.view._data)

    def _begin(self, binding: "Binding") -> None:
        terms = binding.terms
        while True:
            again = type(binding)(binding.area, binding.key, self._version, terms)
            try:
                again.open(self._migration)
            except MigrationError as error:
                binding.could_not_read(StorageError(str(error), key=binding.key))
                return
            except StorageError as error:
                binding.could_not_read(error)
                return
            stored = again.view._data
            data = merged(self.found, stored, binding.view._data)
            if terms.schema is not None:
                try:
                    data = terms.schema.fit(data)
                except SchemaError:  # changes that fit one by one may not fit together
                    data = terms.schema.salvage(data)[0]
            is_stored = encode(data) == encode(stored)
            self.found = copy_plain(stored)
            binding.become(again)
            adopt_foreign(binding.view, data)
            try:
                if not is_stored:
                    binding.save()
            except StaleReadError:
                continue  # another interpreter came in between
            except StorageError as error:
                binding.restored.error = error
                binding.restored.dirty = True
                warn(
                    f"what was changed at `{binding.key}` before the page was shown could not be "
                    f"stored, and lives in memory: {error}",
                    StorageWarning,
                )
            binding.prerendered = None
            return


def merged(base: "Data", theirs: "Data", own: "Data") -> "Data":
    """What others have made of `base`, with what was made of it here, which comes later."""
    data: Data = copy_plain(base)
    replica = Replica()
    replica.note(difference(data, copy_plain(theirs)), "1")
    changes = Replica().note(difference(copy_plain(base), copy_plain(own)), "2")
    replica.apply(data, groups_of(changes))
    return data
