"""Errors of the inventory, item and licence API (RMS API section 6.4): ``{"errors": […]}``."""

from .gateway import ApiError, json_response


def api_error(code, message, path=None):
    """One entry of ``errors`` (family C)."""
    entry = {"code": code, "message": message}
    if path:
        entry["metadata"] = {"propertyPath": path}
    return entry


def fail(errors, status=400):
    """Raise the answer with one or more of these errors."""
    errors = errors if isinstance(errors, list) else [errors]
    raise ApiError(json_response({"errors": errors}, status))


def property_path(path):
    """("inventories", 0, "quantity") -> ``inventories[0].quantity``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def words(problem, family):
    """(code, message) of a problem that a shape has found."""
    name, value, limits = problem.field, problem.value, problem.limits
    if problem.kind == "missing":
        return "IE0001", f"{name} is mandatory."
    if problem.kind == "unknown":
        return "IE0002", f"Unrecognized field : {name}."
    if problem.kind == "choice" and family == "item":
        return "IE0007", f"Invalid choice selected for {name}."
    if problem.kind == "range":
        return "IE0003", f"{name} must be between {limits[0]} and {limits[1]}."
    if problem.kind == "length":
        return "IE0004", f"Max length of {name} must be within {limits} bytes."
    if problem.kind == "count":
        return "IE1101", f"The number of {name} must be within {limits}."
    if problem.kind == "duplicate":
        return "IE1102", f"Duplicate inventory : manageNumber={value[0]}, variantId={value[1]}."
    said = "" if value is None else f" : {value}"
    return "IE0002", f"{name or 'The body'} has an invalid value{said}."


def refuse_values(operation, request, problems, in_body):
    """A parameter in path or query stops at the first; a body's top level goes before the rest."""
    if not in_body:
        fail(api_error(*words(problems[0], operation.family)))
    if request.body is None:
        fail(api_error("GE0011", "Request body is empty."))
    top = [problem for problem in problems if len(problem.path) <= 1]
    fail(
        [
            api_error(*words(problem, operation.family), property_path(problem.path))
            for problem in top or problems
        ]
    )
