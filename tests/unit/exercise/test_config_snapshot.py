from dataclasses import dataclass, field
from functools import cached_property

from hwcheck.exercise.platforms.config_snapshot import differences, snapshot


@dataclass
class Cache:
    block_size: int | None = 16
    sizes: list[int] = field(default_factory=lambda: [1, 2])


@dataclass
class Config:
    cache: Cache = field(default_factory=Cache)
    extra: dict[str, object] = field(default_factory=dict)

    @cached_property
    def depth(self) -> int:
        return 3


def changed(config: Config, change: object) -> list[str]:
    before = snapshot(config)
    change(config)
    return [item.text for item in differences(before, snapshot(config))]


def test_unchanged_configuration_has_no_differences():
    """
    Looking at a configuration twice tells nothing, a cached property included.
    """
    assert changed(Config(), lambda config: config.depth) == []


def test_changed_field_is_told_by_path():
    """
    A difference names the path and both values.
    """

    def change(config: Config) -> None:
        config.cache.block_size = 128

    assert changed(Config(), change) == ["cache.block_size: 16 became 128"]


def test_longer_list_is_a_difference():
    """
    What is added to a list, or to a dictionary, is told as well.
    """
    told = changed(Config(), lambda config: config.cache.sizes.append(3))

    assert "cache.sizes.2: (nothing) became 3" in told


def test_objects_without_fields_are_compared_by_kind():
    """
    Another function of the same kind and a private field are no differences.
    """
    config = Config(extra={"hook": object()})

    def change(config: Config) -> None:
        config.extra["hook"] = object()
        config._private = 1

    assert changed(config, change) == []


def test_configuration_that_holds_itself_ends():
    """
    A circle is not gone round.
    """
    config = Config()
    config.extra["self"] = config

    assert ".extra" not in "".join(changed(config, lambda config: None))
