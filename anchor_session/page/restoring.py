"""How a state begins: what is stored at its key, or migrated, merged over `init`, as its schema has it."""

from ..codec import decode_object, encode
from ..errors import MigrationError, SchemaError
from ..host.area import StaleReadError
from ..reactive.plain import copy_plain
from . import deletions, merging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..errors import StorageError
    from ..typed.schema import Schema
    from .merging import Data, Merge
    from .migration import Migration
    from .record.keeper import Keeper

    Refusal = tuple[str, ValueError]  # a text, and what is wrong with it


class Terms:
    """What a state was opened with.

    `overlays`: every name that the record lacks comes from `init`; `deep`: those of maps within maps too.
    `has_fixed_keys`: the names of `init` are always there, whatever the record says. `misfit(data)` is what
    is wrong with a whole record. `is_synced`: what others write is taken over; else the last writer wins.
    """

    __slots__ = (
        "deep",
        "has_fixed_keys",
        "immutable",
        "init",
        "is_synced",
        "layout",
        "merge",
        "misfit",
        "on_error",
        "overlays",
        "recursive",
        "schema",
        "strict",
    )

    def __init__(
        self,
        init: "Data",
        *,
        merge: "Merge" = "shallow",
        schema: "Schema | None" = None,
        strict: bool = False,
        recursive: bool = True,
        immutable: bool = False,
        layout: str = "auto",
        on_error: "Callable[[StorageError], object] | None" = None,
        misfit: "Callable[[Data], SchemaError | None] | None" = None,
        has_fixed_keys: bool = False,
        is_synced: bool = True,
    ) -> None:
        self.init = init
        self.merge = merging.merger(merge)
        self.overlays = merge in ("shallow", "deep")
        self.deep = merge == "deep"
        self.schema = schema
        self.strict = strict
        self.recursive = recursive
        self.immutable = immutable
        self.layout = layout
        self.on_error = on_error
        self.misfit = misfit
        self.has_fixed_keys = has_fixed_keys
        self.is_synced = is_synced

    @property
    def judges_whole(self) -> bool:
        """Whether others' changes are looked at together with all that is there."""
        return self.schema is not None or self.misfit is not None


class Restoration:
    """The data that a state begins with, and how they came about.

    `names` are the names of `init` that count as deleted. `is_stored`: the data are what the area holds.
    `refusal`: of what was stored, the text that cannot be used; `instead`: what is used in its place.
    """

    __slots__ = ("data", "instead", "is_stored", "names", "outcome", "refusal", "version")

    def __init__(self, data: "Data", outcome: str, version: str, names: "deletions.Names") -> None:
        self.data = data
        self.outcome = outcome
        self.version = version
        self.names = names
        self.is_stored = False
        self.refusal: Refusal | None = None
        self.instead = "the state starts from init"


def load(keeper: "Keeper", terms: Terms) -> "tuple[Data | None, Refusal | None]":
    """The stored data, and what of them is refused; neither where there is nothing."""
    record = keeper.record
    try:
        data = record.load()
    except StaleReadError:
        return load(keeper, terms)  # others have changed it in the middle
    except ValueError as error:
        assert record.stored[0] is not None
        return None, (record.stored[0], error)
    if data is not None and terms.misfit is not None:
        misfit = terms.misfit(data)
        if misfit is not None:
            text = record.stored[0]
            is_whole = text is not None and is_text_of(data, text)  # or a journal goes with it
            return None, (text if text is not None and is_whole else encode(data), misfit)
    return data, None


def restore(
    keeper: "Keeper",
    terms: Terms,
    version: str,
    stored: "Data | None",
    refusal: "Refusal | None",
    migration: "Migration | None",
) -> Restoration:
    """What the state begins with, when `load` has given the data `stored` and the refusal.

    Raises `MigrationError`, and `StorageError` where reading older records fails.
    """
    text, listed = keeper.record.stored
    older = None
    if stored is None and refusal is None and text is None and migration is not None:
        older = migration.run(keeper.record.area.plain)
    if older is not None and listed is None:
        listed = older[1]
    names = listed_names(keeper, terms, listed)
    before = None  # the text of what is stored
    count = 0  # names in it
    if older is not None:
        data = terms.merge(_less(terms, names, older[2]), older[2])
        found = Restoration(data, "migrated", older[0], names)
    elif stored is not None:
        before = text = encode(stored) if keeper.has_journal else text
        count = len(stored)
        data = terms.merge(_less(terms, names, stored), stored)
        found = Restoration(data, "restored", version, names)
    elif refusal is None:
        found = Restoration(_less(terms, names, {}), "new", version, names)
    else:
        found = Restoration(copy_plain(terms.init), "rejected", version, names)
        found.refusal = refusal
    if terms.schema is not None:
        _fit(found, terms, terms.schema, text)
    if before is None or found.refusal is not None:
        return found
    if terms.schema is None and terms.overlays and not (terms.deep or keeper.is_merging):
        found.is_stored = len(found.data) == count  # all that init can do is to add some
    else:
        found.is_stored = is_text_of(found.data, before)
    return found


def _fit(found: Restoration, terms: Terms, schema: "Schema", text: "str | None") -> None:
    """Let the data be as the schema has them; of what does not fit, use what can be used."""
    try:
        found.data = schema.fit(found.data)
    except SchemaError as error:
        if found.outcome == "migrated":
            raise MigrationError(
                f"the migration from version {found.version!r} gave what its schema refuses: {error}",
                version=found.version,
            ) from error
        if text is None:  # names were deleted that the schema needs
            found.data = copy_plain(terms.init)
            return
        found.refusal = text, error
        if terms.strict:
            found.data, found.outcome = copy_plain(terms.init), "rejected"
            return
        found.data, keys = schema.salvage(found.data)
        found.instead = f"these keys start from init: {', '.join(keys) or 'those it lacked'}"


def _less(terms: Terms, names: "deletions.Names", stored: "Data") -> "Data":
    """`init` less the deleted names that the stored data do not hold either."""
    return deletions.without(copy_plain(terms.init), names, stored)


def listed_names(keeper: "Keeper", terms: Terms, text: "str | None") -> "deletions.Names":
    """The names of `init` that were deleted, as a stored list has them."""
    return deletions.NONE if terms.has_fixed_keys else keeper.listed(text, deep=terms.deep)


def is_text_of(data: "Data", text: str) -> bool:
    """Whether the text stands for the data, though it may be written with spaces."""
    encoded = encode(data)
    return encoded == text or encoded == encode(decode_object(text))
