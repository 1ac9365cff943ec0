def register():
    return "vllm_acme.platform.AcmePlatform"
