"""Names of distributions."""

from hwcheck.model.host_names import HOST_DISTRIBUTIONS, names_host, normalise


def test_names_are_compared_in_their_normal_form():
    """
    Case and the three separators do not count.
    """
    assert normalise("VLLM__Cpu.x") == "vllm-cpu-x"


def test_the_table_is_in_normal_form_and_names_hosts_only():
    """
    A name in another form would never be found.
    """
    assert tuple(map(normalise, HOST_DISTRIBUTIONS)) == HOST_DISTRIBUTIONS
    assert all(map(names_host, HOST_DISTRIBUTIONS))
