"""Which names of a host a plugin uses."""

from hwcheck.analyse.used_symbols import used_symbols

HOST = {
    "vllm/a.py": """
        class Base:
            def load(self): ...
            def unused(self): ...

        class Kept(Base):
            pass

        def make() -> Kept: ...

        LIMIT = 1
        OTHER = 2
        """,
    "vllm/b.py": "from vllm.a import Kept\n",
}
PLUGIN = """
    import vllm.a
    import torch
    from vllm.b import Kept
    from vllm.a import make, Gone
    from vllm.c import anything

    class Own(Kept):
        def load(self):
            return vllm.a.LIMIT + torch.size

    def use():
        make().load()
        return "vllm.a.Base"
    """


def test_used_symbols_are_those_that_the_code_leads_to(make_world):
    """
    Imports, attributes, bases, overrides and class paths count, with what they stand for.
    """
    found = used_symbols(make_world(PLUGIN, HOST))

    assert found >= {
        "vllm.a",
        "vllm.a.make",
        "vllm.a.Gone",
        "vllm.a.LIMIT",
        "vllm.a.Kept",
        "vllm.a.Base",
        "vllm.a.Base.load",
        "vllm.b.Kept",
        "vllm.c",
        "vllm.c.anything",
    }
    assert not {name for name in found if "unused" in name or "OTHER" in name or "torch" in name}
