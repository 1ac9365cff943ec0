def blend(x):
    return x + 1


def mix(x):
    return x
