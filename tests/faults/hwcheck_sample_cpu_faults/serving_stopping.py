"""Faults of where answers end."""

from typing import Any

from hwcheck_sample_cpu_faults.fault import fault


def _scheduler() -> Any:
    from vllm.v1.core.sched import scheduler

    return scheduler


@fault(breaks=("stop.token[alone]", "stop.token[batch]"))
def only_one_stop_token_counts() -> None:
    """A scheduler looks at the first of several stop tokens."""
    right = _scheduler().check_stop

    def wrong(request, *rest):
        stops = request.sampling_params.stop_token_ids
        request.sampling_params.stop_token_ids = stops and stops[:1]
        try:
            return right(request, *rest)
        finally:
            request.sampling_params.stop_token_ids = stops

    _scheduler().check_stop = wrong


@fault(breaks=("stop.token[eos]",))
def end_of_sequence_is_passed_over() -> None:
    """A scheduler does not end a request at the end of the sequence."""
    right = _scheduler().check_stop

    def wrong(request, *rest):
        end = request.sampling_params._eos_token_id
        request.sampling_params._eos_token_id = None
        try:
            return right(request, *rest)
        finally:
            request.sampling_params._eos_token_id = end

    _scheduler().check_stop = wrong


@fault(breaks=("stop.text[excluded]", "stop.text[included]"))
def stop_text_is_looked_for_in_the_newest_token() -> None:
    """A stop text that two tokens make together is not seen."""
    from vllm.v1.engine import detokenizer

    right = detokenizer.check_stop_strings

    def wrong(output_text, new_char_count, stop, include_in_output):
        found = right(output_text, new_char_count, stop, include_in_output)
        is_new = found is not None and len(found[0]) <= new_char_count
        return found if is_new else None

    detokenizer.check_stop_strings = wrong


@fault(breaks=("stop.text[excluded]",))
def stop_text_stays() -> None:
    """A stop text is part of the answer, wanted or not."""
    from vllm.v1.engine import detokenizer

    right = detokenizer.check_stop_strings

    def wrong(output_text, new_char_count, stop, include_in_output):
        return right(output_text, new_char_count, stop, True)

    detokenizer.check_stop_strings = wrong


@fault(breaks=("stop.length[max]",))
def one_token_is_two() -> None:
    """A request for a single token gets two."""
    right = _scheduler().check_stop

    def wrong(request, *rest):
        if request.max_tokens == 1 and request.num_output_tokens == 1:
            return False
        if request.max_tokens == 1:
            request.max_tokens = 2
        return right(request, *rest)

    _scheduler().check_stop = wrong


@fault(breaks=("stop.length[min-eos]",))
def least_length_is_one_less() -> None:
    """Stop tokens are let through one token before min_tokens."""
    from vllm.v1.sample.logits_processor.builtin import MinTokensLogitsProcessor

    right = MinTokensLogitsProcessor.add_request

    def wrong(params, prompt, output):
        state = right(params, prompt, output)
        return None if state is None else (state[0] - 1, *state[1:])

    MinTokensLogitsProcessor.add_request = staticmethod(wrong)


@fault(breaks=("stop.length[min-stop-token]", "stop.length[min-eos]"))
def least_length_is_ignored() -> None:
    """Stop tokens come whenever they are the likeliest."""
    from vllm.v1.sample.logits_processor.builtin import MinTokensLogitsProcessor

    MinTokensLogitsProcessor.apply = lambda self, logits: logits
