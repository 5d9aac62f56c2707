"""Rule factories: ways to declare several rules at once that share a prefix, subdomain or shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costrel.routing.rule import Rule
    from costrel.routing.url_map import Map


class RuleFactory:
    """Anything a `Map` can be given: it yields unbound rules."""

    def get_rules(self, map: Map) -> Iterable[Rule]:
        """Yield the rules."""
        raise NotImplementedError(f"{type(self).__name__} must define get_rules().")


class _Altered(RuleFactory):
    """Rules of other factories, each copied and altered."""

    rules: Iterable[RuleFactory]

    def get_rules(self, map: Map) -> Iterator[Rule]:
        """Yield an altered copy of each rule."""
        for factory in self.rules:
            for rule in factory.get_rules(map):
                copy = rule.empty()
                self._alter(copy)
                yield copy

    def _alter(self, rule: Rule) -> None:
        raise NotImplementedError


class Subdomain(_Altered):
    """The given rules on one subdomain."""

    def __init__(self, subdomain: str, rules: Iterable[RuleFactory]) -> None:
        self.subdomain = subdomain
        self.rules = rules

    def _alter(self, rule: Rule) -> None:
        rule.subdomain = self.subdomain


class Submount(_Altered):
    """The given rules below a path."""

    def __init__(self, path: str, rules: Iterable[RuleFactory]) -> None:
        self.path = path.rstrip("/")
        self.rules = rules

    def _alter(self, rule: Rule) -> None:
        rule.rule = self.path + rule.rule


class EndpointPrefix(_Altered):
    """The given rules with a prefix to their endpoints, which must be strings."""

    def __init__(self, prefix: str, rules: Iterable[RuleFactory]) -> None:
        self.prefix = prefix
        self.rules = rules

    def _alter(self, rule: Rule) -> None:
        rule.endpoint = self.prefix + rule.endpoint


class RuleTemplate:
    """Rules with `$name` placeholders; call it with their values for a factory.

    Placeholders may stand in paths, subdomains, string endpoints and string defaults.
    """

    def __init__(self, rules: Iterable[RuleFactory]) -> None:
        self.rules = list(rules)

    def __call__(self, *args: Any, **kwargs: Any) -> RuleTemplateFactory:
        """Return a factory of the rules with these values filled in."""
        return RuleTemplateFactory(self.rules, dict(*args, **kwargs))


class RuleTemplateFactory(_Altered):
    """A `RuleTemplate` together with the values of its placeholders."""

    def __init__(self, rules: Iterable[RuleFactory], context: dict[str, Any]) -> None:
        self.rules = rules
        self.context = context

    def _alter(self, rule: Rule) -> None:
        fill: Callable[[Any], Any] = self._fill
        rule.rule = fill(rule.rule)
        rule.subdomain = fill(rule.subdomain)
        rule.endpoint = fill(rule.endpoint)
        if rule.defaults:
            rule.defaults = {name: fill(value) for name, value in rule.defaults.items()}

    def _fill(self, value: Any) -> Any:
        # It takes 0.4 ms to import, and few programs have such rules.
        from string import Template  # noqa: PLC0415

        return Template(value).substitute(self.context) if isinstance(value, str) else value
