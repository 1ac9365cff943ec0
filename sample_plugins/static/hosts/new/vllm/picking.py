def pick(logits, greedy=False): ...


def pick_all(logits):
    return pick(logits, greedy=True)
