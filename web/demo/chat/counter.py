"""What is said at the shop's counter: an answer to a conversation, the same each time it is asked.

It stands in for a model. It sees all that was said, calls a tool to add up, and an answer that was broken off
goes on where it ended.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalogue import METHODS, PRODUCTS
from ..prices import delivery_price, euro
from .order_in import order_in

STORY = (
    "In the spring of 1974 a tern was ringed on the rocks below the Old Head. It weighed about as "
    "much as a small notebook. In August it left, along the coast of Portugal and of West Africa, and "
    "then across to Brazil, because the wind was better there. By November it stood on the ice of the "
    "Weddell Sea, where it was summer again. In May it was back, on the same rock, within a yard of "
    "where it had been ringed. A tern does that every year: forty thousand miles, from one summer to "
    "the other, and it sees more daylight than anything else that lives. My grandfather wrote each "
    "return down in the margin of the tide table, with the date and the height of the water. The bird "
    "came twenty-six times. The tide tables are still in the drawer, and that is why our calendar has "
    "such a wide margin."
)
HELLO = (
    "Good day, and welcome to Tern & Tide. Ask me what something costs, what we have, or how it is "
    "delivered. I can also tell you about the tern."
)
OTHERWISE = (
    "I am only a script behind a counter, so I know but a few things: what we sell, what it costs together, "
    "how it is delivered, what you asked before, and one story about a tern."
)
BROKEN = "Of course, let me look in the back room, one moment, I think that we have one more of"


@dataclass(frozen=True)
class Reply:
    """What is left to say; then a tool is called, if there are `lines` to add up, or the line goes dead."""

    text: str
    lines: Mapping[str, int] | None = None
    fails: bool = False


def add_up(lines: dict[str, int]) -> dict[str, int]:
    """What products cost together, in cents, by post: `lines` are quantities by product."""
    goods = sum(PRODUCTS[sku].price * quantity for sku, quantity in lines.items())
    post = delivery_price("post", goods)
    return {"goods": goods, "post": post, "total": goods + post}


def reply_to(messages: Sequence[Mapping[str, Any]]) -> Reply:
    """The answer to the last message of a user."""
    places = [number for number, each in enumerate(messages) if each["role"] == "user"]
    if not places:
        return Reply(HELLO)
    questions = [text_of(messages[place]) for place in places]
    said, sum_of, has_failed = "", None, False
    for message in messages[places[-1] + 1 :]:
        if message["role"] == "assistant":
            said += text_of(message)
            has_failed = has_failed or bool(message.get("error"))
        elif message["role"] == "tool" and not message.get("is_error"):
            said, sum_of = "", json.loads(text_of(message))
    reply = _whole(questions, sum_of, has_failed=has_failed)
    rest = reply.text.removeprefix(said) if reply.text.startswith(said) else reply.text
    return Reply(rest, reply.lines, reply.fails)


def _whole(questions: list[str], sum_of: Any, *, has_failed: bool) -> Reply:
    question = questions[-1]
    words = set(re.findall(r"[a-z]+", question.lower()))
    order = order_in(question)
    if words & {"cost", "costs", "price", "much", "total", "sum", "pay"} and order:
        if sum_of is None:
            return Reply("Let me add that up. ", lines=order)
        return Reply(_sum(order, sum_of))
    if words & {"story", "tern", "terns", "bird"}:
        return Reply(STORY)
    if words & {"fail", "break", "wrong"}:
        text = f"{BROKEN} those."
        return Reply(text) if has_failed else Reply(BROKEN, fails=True)
    if words & {"before", "first", "remember", "earlier"}:
        return Reply(_memory(questions[:-1]))
    if words & {"deliver", "delivered", "delivery", "post", "courier", "ship"}:
        return Reply(_ways())
    if order:
        return Reply(" ".join([_product(sku) for sku in order]))
    if words & {"sell", "have", "products", "list"}:
        return Reply(f"We have {_listed([PRODUCTS[sku].name.lower() for sku in PRODUCTS])}.")
    return Reply(HELLO if words & {"hello", "hi", "hey", "good"} else OTHERWISE)


def _sum(order: Mapping[str, int], found: Mapping[str, int]) -> str:
    lines = [f"{number} × {PRODUCTS[sku].name}" for sku, number in order.items()]
    post = f"{euro(found['post'])} for the post" if found["post"] else "nothing for the post"
    return (
        f"{_listed(lines)}: that is {euro(found['goods'])}, and {post}. "
        f"Together {euro(found['total'])}, with VAT."
    )


def _memory(before: list[str]) -> str:
    if not before:
        return "This is the first thing that you ask me here, so there is nothing to remember yet."
    first = f"You first wrote: “{before[0]}”."
    if len(before) == 1:
        return f"{first} That was all, until now."
    return f"{first} Since then {len(before) - 1} more, the last of them: “{before[-1]}”."


def _product(sku: str) -> str:
    product = PRODUCTS[sku]
    return f"{product.name}: {product.note}, for {euro(product.price)}."


def _ways() -> str:
    ways = []
    for each in METHODS.values():
        free = "" if each.free_from is None else f", and nothing from {euro(each.free_from)} on"
        ways.append(f"{each.name}: {each.note.lower()}, {euro(each.price)}{free}.")
    return " ".join(ways)


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message; of a list of blocks, which a file may bring, that of the blocks."""
    content = message.get("content")
    if isinstance(content, list):
        found = [block.get("text") for block in content if isinstance(block, Mapping)]
        content = "".join([text for text in found if isinstance(text, str)])
    return content if isinstance(content, str) else ""
