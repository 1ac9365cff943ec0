class FusedRunner: ...


def FusedLayer(size=1):
    return FusedRunner()
