"""One operation of the API: where it is reached, what it takes, what carries it out."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from .shape import Object

NOTHING = Object("")


@dataclass(frozen=True)
class Operation:
    """Declared once, at its handler; calls, faults and the OpenAPI document read it here.

    ``handler(world, request)`` only gets requests in which the shapes find no problem, otherwise
    ``refuse(operation, request, problems, in_body)`` answers. The handler's docstring says what
    the operation does.

    :param path: with ``{name}`` for its parameters
    :param function: the name that a shop ticks (RMS API section 1.2)
    :param section: of the RMS API page
    :param code: the middle of the message codes of an order call, such as SEARCH_ORDER
    :param version: of the API, where the handler has to know it
    :param body, query, params: shapes of the JSON body (None: there is none), of the query and of
        the parameters in the path
    :param examples: ``{"body": …, "query": {…}, "params": {…}}``
    :param statuses: HTTP statuses of refusals, beside those that every call of the family has
    """

    name: str
    family: str
    method: str
    path: str
    function: str
    section: str
    handler: object
    refuse: object
    code: str = ""
    version: str = ""
    body: Object | None = None
    query: Object = NOTHING
    params: Object = NOTHING
    examples: dict = field(default_factory=dict)
    statuses: tuple = (400,)

    @property
    def summary(self):
        return " ".join(self.handler.__doc__.split("\n\n")[0].split()).rstrip(".")

    @cached_property
    def pattern(self):
        parts = re.split(r"\{(\w+)\}", self.path)
        parts[::2] = map(re.escape, parts[::2])
        parts[1::2] = [f"(?P<{name}>[^/]+)" for name in parts[1::2]]
        return re.compile("".join(parts) + ("/?" if self.family == "order" else ""))

    def run(self, world, request):
        """Check the request by its shapes, then carry it out."""
        outside = [*self.params.check(request.params), *self.query.check(request.query)]
        inside = [*self.body.check(request.body)] if self.body and not outside else []
        if outside or inside:
            return self.refuse(self, request, outside or inside, bool(inside))
        return self.handler(world, request)
