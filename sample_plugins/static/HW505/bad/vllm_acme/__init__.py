from vllm.models import ModelRegistry


def register():
    ModelRegistry.register_model("Acme", "vllm.models:OldModel")
