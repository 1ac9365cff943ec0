import os

environment_variables = {
    "VLLM_WAIT": lambda: os.environ.get("VLLM_WAIT"),
    "VLLM_PATIENCE": lambda: os.environ.get("VLLM_PATIENCE"),
    "VLLM_SWITCH": lambda: os.environ.get("VLLM_SWITCH"),
}


def __getattr__(name):
    return environment_variables[name]()
