"""Faults of how requests are checked before an engine works on them."""

from hwcheck_sample_cpu_faults.fault import fault


@fault(breaks=("request.limit[over]",))
def long_prompts_are_let_in() -> None:
    """The plugin takes vLLM's check of a prompt's length away, to allow padded ones."""
    from vllm.v1.engine.input_processor import InputProcessor

    right = InputProcessor._validate_prompt_len

    def wrong(self, prompt_len, prompt_type):
        if not prompt_len:
            right(self, prompt_len, prompt_type)

    InputProcessor._validate_prompt_len = wrong


@fault(breaks=("request.limit",))
def context_ends_a_token_early() -> None:
    """The last position is kept for padding, so a request that fills the context gets nothing."""
    from vllm.v1.engine.input_processor import InputProcessor

    right = InputProcessor._validate_prompt_len

    def wrong(self, prompt_len, prompt_type):
        right(self, prompt_len, prompt_type)
        if prompt_len >= self.model_config.max_model_len - 1:
            raise RuntimeError(f"no bucket for {prompt_len} tokens")

    InputProcessor._validate_prompt_len = wrong


@fault(breaks=("request.limit[at]",))
def full_context_is_told_as_stop() -> None:
    """An answer that fills the context is said to have come to its own end."""
    from vllm.v1.core.sched import scheduler
    from vllm.v1.request import RequestStatus

    right = scheduler.check_stop

    def wrong(request, max_model_len):
        is_stopped = right(request, max_model_len)
        is_full = request.status is RequestStatus.FINISHED_LENGTH_CAPPED
        if is_full and request.num_output_tokens < request.max_tokens:
            request.status = RequestStatus.FINISHED_STOPPED
        return is_stopped

    scheduler.check_stop = wrong


@fault(breaks=("request.empty",))
def empty_prompts_are_filled() -> None:
    """A prompt without tokens is given one, because the device has no graph for none."""
    from vllm.v1.engine.input_processor import InputProcessor

    right = InputProcessor._validate_model_input

    def wrong(self, prompt_input, prompt_type):
        if prompt_input.get("prompt_token_ids") == []:
            prompt_input["prompt_token_ids"].append(1)
        right(self, prompt_input, prompt_type)

    InputProcessor._validate_model_input = wrong


@fault(breaks=("request.unknown-token",))
def unknown_tokens_are_let_in() -> None:
    """The plugin takes vLLM's check of the tokens away, which costs time."""
    from vllm.renderers.base import BaseRenderer

    BaseRenderer.validate_token_ids = lambda self, token_ids, **named: None


@fault(breaks=("request.unknown-token",))
def refusal_names_no_token() -> None:
    """Tokens are looked up in a table of the plugin's, which has no words for those it lacks."""
    from vllm.renderers.base import BaseRenderer

    def wrong(self, token_ids, **named):
        known = dict.fromkeys(range(self.model_config.get_vocab_size()))
        for token in token_ids:
            if token not in known:
                raise KeyError("bad input")

    BaseRenderer.validate_token_ids = wrong


@fault(breaks=("request.text",))
def text_loses_its_accents() -> None:
    """Text is brought to letters that the plugin's own tokenizer knows."""
    import unicodedata

    from vllm.renderers.base import BaseRenderer

    right = BaseRenderer._tokenize_prompt

    def wrong(self, prompt, params):
        plain = unicodedata.normalize("NFKD", prompt["prompt"]).encode("ascii", "ignore")
        return right(self, {**prompt, "prompt": plain.decode()}, params)

    BaseRenderer._tokenize_prompt = wrong
