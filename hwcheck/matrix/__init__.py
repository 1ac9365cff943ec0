"""The compatibility matrix: many plugins, many releases of vLLM, one picture."""
