class Runner:
    def __init__(self):
        self.rank = self.lane = 0
