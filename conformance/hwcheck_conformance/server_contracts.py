"""The contracts about ``vllm serve``: the OpenAI API on a tiny model, used by its real client."""

from functools import partial

from hwcheck.model.contract import Contract
from hwcheck_conformance.served_contract import served

__all__ = ["ALL"]

_COMPLETIONS = "OpenAIServingCompletion in vllm/entrypoints/openai/completion/serving.py"


_server = partial(served, child="server")

START = _server(
    "server.start",
    "vllm serve starts on a tiny model and answers /health",
    relied_on_by="run_server() in vllm/entrypoints/openai/api_server.py; its engine is made in a "
    "process of its own, by EngineCoreProc in vllm/v1/engine/core.py",
    remedy="see the end of the server's output in the reason; where engine.start is kept, look "
    "for what a spawned process does not find, or what cannot be pickled",
    checked="vllm serve on a Llama of two layers, without compilation, on a free port of the "
    "loopback; the seconds are kept as a figure. One that still computes when its time is over is "
    "not measured",
)
COMPLETION = _server(
    "server.completion",
    "/v1/completions gives the tokens of the reference, and counts them right",
    relied_on_by=_COMPLETIONS,
    remedy="where generate.greedy is kept, look for what differs in the process of the server's "
    "engine; for the usage, for what replaces the serving layer",
    checked="24 greedy tokens for a prompt of 33 token ids, by the same measure as in "
    "generate.greedy; the usage, the finish reason and the number of tokens",
)
TEXT = _server(
    "server.text",
    "A text is tokenised, and answered by the text of the tokens of the reference",
    relied_on_by=_COMPLETIONS,
    remedy="look for what replaces the tokenizer, the renderer or the detokenizer",
    checked="the tokens of the prompt are those of the model's tokenizer, those of the answer the "
    "reference's, and the text is what the answer's tokens read",
)
CHAT = _server(
    "server.chat",
    "/v1/chat/completions renders the chat template of the model",
    relied_on_by="OpenAIServingChat in vllm/entrypoints/openai/chat_completion/serving.py",
    remedy="look for what replaces the renderer or the chat template",
    checked="two messages; the tokens of the prompt are those of the rendered template, and the "
    "answer is the reference's on them",
)
STREAM = _server(
    "server.stream",
    "The pieces of a streamed answer are the answer",
    relied_on_by="completion_stream_generator(), chat_completion_stream_generator() in "
    "vllm/entrypoints/openai",
    remedy="look for tokens that the engine hands over late or not at all, and for what replaces "
    "the serving layer",
    checked="a completion and a chat, streamed with usage: 24 tokens in however many pieces, their "
    "text, the finish reason and the usage; the text is that of the answer that is not streamed",
)
TOOL_CHOICE = _server(
    "server.tool-choice",
    "A tool that is named is called with arguments of its schema, or the request is refused",
    relied_on_by="ToolParser.adjust_request() in vllm/tool_parsers/abstract_tool_parser.py makes "
    "the schema a constraint, and no parser looks at what comes; agents",
    remedy="lay the masks that the scheduler sends on the logits, in the server's engine as well; "
    "see family.structured-output.json",
    checked="one chat with a tool of two arguments that allows six objects, and with blanks biased "
    "away; one call of this tool, and one of the six",
)
CONCURRENT = _server(
    "server.concurrent",
    "Sixteen requests at once get the tokens of the reference",
    relied_on_by="AsyncLLM in vllm/v1/engine/async_llm.py",
    remedy="look for state that is shared by requests, and for limits on a batch",
    checked="16 prompts of 3 to 78 tokens sent by 16 threads, up to 48 tokens for each; how many "
    "/metrics saw running at once is kept as a figure",
)
METRICS = _server(
    "server.metrics",
    "/metrics counts the requests and tokens that were served",
    relied_on_by="PrometheusStatLogger in vllm/v1/metrics/loggers.py; dashboards and autoscalers",
    remedy="let the scheduler and the worker report what vLLM's own do (SchedulerStats, the "
    "events of requests)",
    checked="three requests: vllm:request_success, vllm:prompt_tokens and vllm:generation_tokens "
    "grow by exactly what was served",
)
BAD_REQUEST = _server(
    "server.bad-request",
    "A bad request is refused with a 4xx status and a message, and the server lives",
    relied_on_by="InputProcessor.process_inputs() in vllm/v1/engine/input_processor.py: asks "
    "Platform.validate_request() before it looks at the tokens itself",
    remedy="raise ValueError in Platform.validate_request() for what is not supported, and "
    "nothing else for what cannot be understood",
    checked="a prompt that is too long, a model that is not there, max_tokens=-1 and a token out "
    "of the vocabulary; /health afterwards, and a good request",
)
DISCONNECT = _server(
    "server.disconnect",
    "A request whose client has left is ended",
    relied_on_by="AsyncLLM.abort() in vllm/v1/engine/async_llm.py, Scheduler.finish_requests() in "
    "vllm/v1/core/sched/scheduler.py",
    remedy="let the scheduler free aborted requests, and the worker take batches from which "
    "requests are missing",
    checked="a stream of 64 long sequences, left after the first piece: /metrics has to say that "
    "nothing runs or waits in half the time that they would take at the speed of one alone (3 s at "
    "least); a good request afterwards",
)
STOP = _server(
    "server.stop",
    "SIGTERM ends vllm serve, and nothing of it is left",
    relied_on_by="serve_http() in vllm/entrypoints/launcher.py; supervisors and containers",
    remedy="end threads and processes, and unlink shared memory, in the worker's shutdown(); "
    "start daemons in no session of their own",
    checked="the exit within 30 s; 5 s later none of the processes that it or its descendants "
    "started, none of the files in /dev/shm that they held, and nobody on its port",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
