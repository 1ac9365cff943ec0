"""Tests of the calls that a host makes."""

from hwcheck.model.facts import CallSite


def test_calls_that_a_plugin_may_answer_are_told(host):
    """
    Calls have name, receiver, shape, scope and place.
    """
    _, calls = host(
        """
        import torch
        from vllm.x import y
        class A:
            async def f(self, worker, cls):
                runner = self.runner
                a, b = await runner.go(1, *worker, k=2, **b)
                cls(x=1)
                kernel[(1,)](2)
                kwargs = dict(m=1)
                kwargs["n"] = 2
                worker.step(**kwargs)
                lambda: y()
        y.z(**({"p": 1} if q else {}))
        """
    )

    assert calls.sites == (
        CallSite("go", "self.runner", 1, ("k",), True, True, True, 2, "A.f", 7),
        CallSite("cls", "", 0, ("x",), scope="A.f", step=1),
        CallSite("kernel", "", 1, scope="A.f", step=1),
        CallSite("step", "worker", 0, ("m", "n"), scope="A.f", step=3),
        CallSite("y", "", scope="A.f", step=1),
        CallSite("z", "y", 0, ("p",), step=1),
    )


def test_calls_of_others_are_left_out(host):
    """
    Calls of builtins, other packages, loggers and values are of no use.
    """
    _, calls = host(
        """
        import torch
        print(1); len(x); torch.zeros(1); logger.info(1); "".join(x); x.append(1)
        def f():
            y = ""
            y.made()
            make()()
            (a or b).c()
        def g(torch):
            torch.kept()
        """
    )

    assert [site.name for site in calls.sites] == ["make", "kept"]
