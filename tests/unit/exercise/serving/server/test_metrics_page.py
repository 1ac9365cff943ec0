"""The numbers of a server's page."""

from hwcheck.exercise.serving.server.metrics_page import counted

_PAGE = """\
# HELP vllm:request_success_total Count of requests.
# TYPE vllm:request_success_total counter
vllm:request_success_total{finished_reason="stop",model_name="a b}"} 2.0
vllm:request_success_total{finished_reason="length"} 3.0 1700000000
python_info 1
broken_line{a="b"} many

nothing
"""


def test_counted_adds_up_the_labels_of_a_name() -> None:
    """
    Values of one name are added up, whatever is in its labels or behind the value.
    """
    found = counted(_PAGE)

    assert found == {"vllm:request_success_total": 5.0, "python_info": 1.0}
