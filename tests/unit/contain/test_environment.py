"""Which variables a child gets, and which values are shown."""

from hwcheck.contain.environment import child_environment, masked


def test_child_environment_passes_known_names_only():
    """
    By default the names that a host or a device needs are passed, sorted.
    """
    base = {
        "VLLM_PLUGINS": "a",
        "PATH": "/bin",
        "ASCEND_RT_VISIBLE_DEVICES": "0",
        "NEW_VISIBLE_DEVICES": "1",
        "HOME": "/home",
        "AWS_SECRET_ACCESS_KEY": "s",
        "path": "lower",
    }

    names = list(child_environment(base))

    assert names == ["ASCEND_RT_VISIBLE_DEVICES", "NEW_VISIBLE_DEVICES", "PATH", "VLLM_PLUGINS"]


def test_child_environment_with_own_patterns_replaces_the_default():
    """
    A caller can choose other names.
    """
    chosen = child_environment({"PATH": "/bin", "MY_SDK": "x"}, patterns=["MY_*"])

    assert chosen == {"MY_SDK": "x"}


def test_masked_hides_what_looks_secret():
    """
    Secret names lose their value, addresses their login; the rest is shown as it is.
    """
    shown = masked(
        {
            "HF_TOKEN": "t",
            "my_api_key": "k",
            "HF_ENDPOINT": "https://user:pass@host.test/x@y",
            "PATH": "/bin",
        }
    )

    assert shown == {
        "HF_TOKEN": "***",
        "my_api_key": "***",
        "HF_ENDPOINT": "https://***@host.test/x@y",
        "PATH": "/bin",
    }
