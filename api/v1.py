"""The interface as a whole: its operations, its description, and how it refuses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from api import problems
from api.gate import as_member, may, tell_limits
from api.models import Scope
from api.operations import analyses, credits, films, runners
from api.operations.answers import answers
from api.operations.told import described_calls
from api.schemas import MeOut

ABOUT = """The portal for programs. Send an access token, made in the portal, as `Authorization: Bearer …`.

Lists come in pages: ask again with `next` as `cursor` until it is null. Refusals are RFC 9457 problems, told apart by
`code`. An order needs an Idempotency-Key, and is made once however often it is sent. Every answer says how many
requests are left in RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset (seconds); 429 says when to go on in
Retry-After."""
PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}


class Described(NinjaAPI):
    """The library's description, put right where ours differs: refusals are application/problem+json."""

    def get_openapi_schema(self, **how: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**how)
        for path in schema["paths"].values():
            for operation in path.values():
                for answer in operation["responses"].values():
                    content = answer.get("content", {})
                    if content.get("application/json", {}).get("schema") == PROBLEM:
                        answer["content"] = {problems.MEDIA_TYPE: {"schema": PROBLEM}}
        return schema


v1 = Described(
    title="Coachportal",
    version="1",
    description=ABOUT,
    urls_namespace="api_v1",
    docs_url=None,
    openapi_url="/openapi.json",
    openapi_extra={"webhooks": described_calls()},
)
problems.handle_on(v1)
v1.add_decorator(tell_limits, mode="view")


@v1.get("/me", response=answers(MeOut, listed=True), auth=may(Scope.READ), tags=["me"])
def me(request: HttpRequest) -> Any:
    """Read whose token this is, and what it may do."""
    member, token = as_member(request).member, request.auth  # type: ignore[attr-defined]
    return {
        "organization": member.organization.name,
        "organization_code": member.organization.code,
        "person": str(member.user),
        "role": member.role,
        "token": token.name,
        "scopes": token.scopes,
        "expires_at": token.expires_at,
    }


v1.add_router("/runners", runners.router)
v1.add_router("/films", films.router)
v1.add_router("/analyses", analyses.router)
v1.add_router("/credits", credits.router)
