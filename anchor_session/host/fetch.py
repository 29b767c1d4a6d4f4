"""A request by the browser's `fetch` whose answer is read as it comes."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class FetchError(Exception):
    """An answer with another `status` than 2xx, and its `body`; or with status 0, no answer at all."""

    def __init__(self, message: str, *, status: int = 0, body: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body = body


async def post(url: str, headers: "dict[str, str]", body: str) -> "AsyncGenerator[bytes, None]":
    """The bytes of the answer, piece by piece. Closing the generator ends the request."""
    from js import AbortController, Object, fetch
    from pyodide.ffi import JsException, to_js

    control = AbortController.new()
    options = {"method": "POST", "headers": headers, "body": body, "signal": control.signal}
    try:
        response = await fetch(url, to_js(options, dict_converter=Object.fromEntries))
        if not response.ok:
            text = await response.text()
            raise FetchError(f"status {response.status}", status=response.status, body=text)
        reader = response.body.getReader()
        while True:
            part = await reader.read()
            if part.done:
                return
            yield part.value.to_bytes()
    except JsException as error:
        raise FetchError(str(error)) from error
    finally:
        control.abort()
