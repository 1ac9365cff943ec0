import vllm.picking


def acme_pick(logits): ...


def register():
    vllm.picking.pick = acme_pick
