"""The same API with FastAPI: a route says in its signature which token it wants.

The dependency is a plain `def`, so FastAPI runs it in a thread, where the verifier may wait.
"""

from collections.abc import Callable
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

import demo
from demo import ASKING, FRESH, LOCALLY, SCOPE
from verifier import Claims, Denied, Verifier

PORT = demo.PORT or 8021
app = FastAPI(docs_url=None, redoc_url=None)  # their pages load scripts from elsewhere


def token(verifier: Verifier, scope: str, max_age: int | None = None) -> Any:
    """Return the dependency that lets in who has a token with this scope; it gives the claims."""

    def checked(request: Request) -> Claims:
        # Two headers are one that is malformed, not one of them.
        header = ", ".join(request.headers.getlist("Authorization"))
        return verifier.check(header, scope=scope, max_age=max_age)

    return Depends(checked)


@app.exception_handler(Denied)
def deny(_: Request, denied: Denied) -> JSONResponse:
    """Give the answer it knows."""
    return JSONResponse(denied.document, denied.status, denied.headers)


@app.middleware("http")
async def keep_nothing(request: Request, proceed: Callable[[Request], Any]) -> Any:
    """Have no cache keep what only this caller may see."""
    answer = await proceed(request)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@app.get("/locally")
def locally(claims: Annotated[Claims, token(LOCALLY, SCOPE)]) -> Claims:
    """Take a token by its signature."""
    return demo.shown(claims, "locally")


@app.get("/by-introspection")
def by_introspection(claims: Annotated[Claims, token(ASKING, SCOPE)]) -> Claims:
    """Take a token the server says is good."""
    return demo.shown(claims, "by-introspection")


@app.get("/sensitive")
def sensitive(claims: Annotated[Claims, token(ASKING, SCOPE, max_age=FRESH)]) -> Claims:
    """Take it from somebody who signed in a moment ago (RFC 9470)."""
    return demo.shown(claims, "sensitive")


@app.get("/")
def welcome() -> Claims:
    """Say what there is."""
    return demo.welcome()


@app.get(demo.METADATA_PATH)
def metadata() -> Claims:
    """Say which server gives tokens for this API (RFC 9728)."""
    return demo.METADATA


if __name__ == "__main__":
    print(f"The example API with FastAPI: http://127.0.0.1:{PORT}", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
