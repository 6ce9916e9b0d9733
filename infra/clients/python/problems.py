"""Errors of the API as exceptions with a typed problem."""

from typing import cast

from .models import Problem, ProblemCode


class ApiError(Exception):
    """The API refused a request. `problem` explains it, with a pointer to each mistake."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail} ({problem.instance})")
        self.problem = problem

    @property
    def code(self) -> ProblemCode:
        """The stable code of the error."""
        return self.problem.code


def succeeded[T](response: T | Problem | None) -> T:
    """The result of an operation; None for one whose response has no body. Raises ApiError for a problem."""
    if isinstance(response, Problem):
        raise ApiError(response)
    return cast("T", response)
