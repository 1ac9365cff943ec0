"""``vllm serve`` on the plugin, as its users meet it: a process, a port and the OpenAI API."""
