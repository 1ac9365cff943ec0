def pad(x):
    return x, 1, 2
