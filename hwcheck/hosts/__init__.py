"""Hosts: the vLLM that is installed, found without importing it."""
