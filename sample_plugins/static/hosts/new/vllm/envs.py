import os

environment_variables = {
    "VLLM_WAIT": lambda: os.environ.get("VLLM_WAIT"),
}


def __getattr__(name):
    return environment_variables[name]()
