"""The conformance suite for vLLM hardware platform plugins; run by pytest, by name."""
