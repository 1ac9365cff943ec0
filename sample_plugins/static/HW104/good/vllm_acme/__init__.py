from vllm.runner import Runner


class AcmeRunner(Runner):
    def where(self):
        return self.rank


def register(): ...
