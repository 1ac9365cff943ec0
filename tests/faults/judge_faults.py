"""Run the suite on an installed sample once for each of many jobs, quickly.

``judge_faults.py PLATFORM JOBS RESULTS``, where the sample is installed. A job is a fault (or none)
with a seed. The children of the probe are forked off one server instead of started, all else is
what `hwcheck run` does; a job that says `whole` gets a complete `hwcheck run`.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import hwcheck_sample_cpu_faults
from fork_server import TEACH
from forking import forking_python
from observation_plugin import BLAMED, COMBINED, GIVEN, WANTED
from suite import TOLD, Suite
from suite_server import end_with_parent

from hwcheck.codec import decode_line, decode_run, encode_observation
from hwcheck.contain.environment import child_environment
from hwcheck.contain.exchange import Limits
from hwcheck.exercise.serving.pairs.cover import planned
from hwcheck.model.observation import Observation
from hwcheck.model.outcome import Outcome
from hwcheck.model.pairs import PAIRS_CONTRACT
from hwcheck.model.record import RecordLine
from hwcheck.observe.conditions import PAIRS
from hwcheck.observe.observe import Subject, observe
from hwcheck.observe.serving import serving_environment
from hwcheck.observe.target import find_target

FAULT = "SAMPLE_CPU_FAULT"
OPERATORS = "operators"
PARALLEL = "parallel"
#: It has to be there before a process changes the functions that it keeps.
_ALWAYS = ("hwcheck.exercise.serving.heap",)
#: A busy machine is slow, not wrong.
PATIENT = Limits(step=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of the suite."""

    fault: str = ""
    """Its name, or several with commas between; empty for the sample as it is."""
    seed: int = 0
    operators: bool = False
    """Whether the operators are looked at as well."""
    serving: Sequence[str] = ()
    """Patterns of contracts about serving that are looked at, and no others; none for the rest."""
    combined: Sequence[str] = ()
    """What is combined in pairs; none for no pairs."""
    life: bool = False
    """Whether the life child is run again, on which other faults have no bearing."""
    whole: bool = False
    """Whether it takes a complete ``hwcheck run``."""
    thorough: tuple[str, ...] | None = None
    """The contracts that get all their examples, the others a few; ``None`` for all contracts."""
    nearby: bool = False
    """Whether of the children that examine only those of `thorough` contracts are run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a job."""

    job: Job
    states: dict[str, str]
    """The state of each outcome, by id."""
    reasons: dict[str, str]
    """What was found, for those that are neither passed nor not applicable."""
    complaint: str = ""
    """Why there are no outcomes."""


class Workbench:
    """What all jobs share: the folder, the servers and the observation without any fault."""

    def __init__(self, platform: str, folder: Path, python: Path, suite: Suite) -> None:
        self._platform = platform
        self._folder = folder
        self._python = str(python)
        self._suite = suite
        self._environment = child_environment(os.environ) | {"OMP_NUM_THREADS": "1"}
        self._target = find_target(platform, sys.executable)
        self._bare = Observation(children=())
        self._whole: subprocess.Popen[bytes] | None = None

    def prepare(self, job: Job) -> None:
        """Observe the sample as it is, from a bare interpreter, and teach the server by that."""
        self._bare = self._observe(job, "bare", {TEACH: "1"})

    def observe(self, job: Job) -> Path:
        """Make the observation of a job, with the children that a fault cannot reach as before."""
        name = _name(job)
        seen = self._observe(job, name, {FAULT: job.fault} if job.fault else {})
        again = {*self._examined(job), *_pairs(job), *(("life",) if job.life else ())}
        if not job.serving:
            again.add("active")
        seen_again = [child for child in seen.children if child.name in again]
        as_before = [child for child in self._bare.children if child.name not in again]
        children = tuple(sorted([*seen_again, *as_before], key=lambda child: child.name))
        file = self._folder / f"{name}.json"
        file.write_bytes(encode_observation(Observation(children=children)))
        return file

    def judge(self, job: Job, observation: Path) -> Result:
        """Run the suite on an observation."""
        folder = observation.with_suffix("")
        record = folder / "record.jsonl"
        done = self._suite.run(
            folder,
            {GIVEN: str(observation), **_combined(job), **_blamed(job)},
            *("--hwcheck-record", str(record), "--hwcheck-seed", str(job.seed)),
            *_selection(job),
        )
        if done.code not in TOLD or not record.exists():
            return Result(job=job, states={}, reasons={}, complaint=done.output)
        lines = [decode_line(line, RecordLine) for line in record.read_bytes().splitlines()]
        return _result(job, [line.outcome for line in lines if line.outcome is not None])

    def run_whole(self, job: Job) -> Result:
        """Do a complete run."""
        options = tuple(word.replace("--hwcheck-", "--") for word in _selection(job))
        if job.operators:
            options = ("--ops",)
        self._whole = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "hwcheck", "run", self._platform),
                *("--format", "json", "--seed", str(job.seed), "--pass-env", FAULT),
                *("--step-limit", str(PATIENT.step), *options),
            ],
            env={**os.environ, FAULT: job.fault},
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        document, messages = self._whole.communicate()
        if not document:
            complaint = messages.decode("utf-8", "replace")
            return Result(job=job, states={}, reasons={}, complaint=complaint)
        return _result(job, decode_run(document, job.fault).outcomes)

    def end_whole(self) -> None:
        """End the complete run that goes on, if one does."""
        if self._whole is not None:
            self._whole.terminate()

    def _observe(self, job: Job, name: str, variables: Mapping[str, str]) -> Observation:
        target = self._target
        examinations = self._examined(job)
        if TEACH in variables:
            # Its engines have several processes, each of which would import vLLM once more.
            examinations = {child: ids for child, ids in examinations.items() if child != PARALLEL}
        subject = Subject(
            plugin=target.plugin,
            members=target.members,
            extensions=tuple(map(target.files.absolute, target.files.compiled)),
            python=self._python,
            environment={**self._environment, **variables},
            directory=self._folder / name,
            limits=PATIENT,
            examinations=examinations | _pairs(job),
            demonstrated=tuple(job.combined),
            brief=_others(job, examinations),
            host_version=target.host.version,
            seed=job.seed,
            # An engine is judged by the child that holds it.
            only_examinations=bool(job.serving) and TEACH not in variables,
            life=job.life,
            staged=TEACH in variables,
            cache=self._folder / "cache",
        )
        return observe(subject)

    def _examined(self, job: Job) -> dict[str, tuple[str, ...]]:
        """What is examined with the fault, by the children that do so."""
        wanted = self._wanted(job)
        if not job.nearby:
            return wanted
        named = set(job.thorough or ())
        return {child: ids for child, ids in wanted.items() if not named.isdisjoint(ids)}

    def _wanted(self, job: Job) -> dict[str, tuple[str, ...]]:
        """What the suite asks of the children, in its own order."""
        words = _selection(job)
        name = hashlib.sha256(" ".join(words).encode()).hexdigest()[:8]
        file = self._folder / f"wanted-{name}.json"
        if not file.exists():
            folder = self._folder / "collected"
            done = self._suite.run(folder, {WANTED: str(file)}, "--collect-only", *words)
            if done.code != 0:
                raise RuntimeError(f"the suite cannot be collected: {done.output}")
        told: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
        return {child: tuple(ids) for child, ids in told.items()}


def _import_environment(folder: Path, platform_names: str, *, serving: bool) -> dict[str, str]:
    """What vLLM reads when it is imported."""
    environment = {
        **child_environment(os.environ),
        "OMP_NUM_THREADS": "1",
        "HOME": str(folder),
        "VLLM_PLUGINS": platform_names,
        "VLLM_LOGGING_LEVEL": "WARNING",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
    }
    return serving_environment(environment, None, "") if serving else environment


def judge_all(platform: str, jobs: Sequence[Job], folder: Path) -> Iterator[Result]:
    """Do the jobs; while one is judged, the next is observed."""
    plugin = find_target(platform, sys.executable).plugin
    names = ",".join(sorted({point.name for point in plugin.entry_points}))
    serving = any(job.serving for job in jobs)
    environment = _import_environment(folder, names, serving=serving)
    with (
        forking_python(folder, environment, _ALWAYS + hwcheck_sample_cpu_faults.areas()) as python,
        closing(Suite(platform, folder)) as suite,
        ThreadPoolExecutor(1) as judging,
    ):
        bench = Workbench(platform, folder, python, suite)
        try:
            yield from _judge_with(bench, judging, jobs)
        except BaseException:
            judging.shutdown(wait=False, cancel_futures=True)
            suite.close()
            bench.end_whole()
            raise


def _judge_with(
    bench: Workbench, judging: ThreadPoolExecutor, jobs: Sequence[Job]
) -> Iterator[Result]:
    quick = [job for job in jobs if not job.whole]
    judged: deque[Future[Result]] = deque()
    if quick:
        bench.prepare(_all_of(quick))
    for job in jobs:
        if job.whole:
            judged.append(judging.submit(bench.run_whole, job))
        else:
            judged.append(judging.submit(bench.judge, job, bench.observe(job)))
        while judged and judged[0].done():
            yield judged.popleft().result()
    for future in judged:
        yield future.result()


def _all_of(jobs: Sequence[Job]) -> Job:
    """A job without a fault that imports all that any of them needs, with few examples.

    Of contracts about serving, the first of each kind does so.
    """
    wanted = dict.fromkeys(id for job in jobs for id in job.serving)
    kinds = {id.rpartition(".")[0]: id for id in reversed(wanted)}
    serving = tuple(id for id in wanted if id in kinds.values())
    operators = any(job.operators for job in jobs)
    combined = tuple(dict.fromkeys(name for job in jobs for name in job.combined))
    return Job(
        operators=operators,
        serving=serving,
        combined=combined,
        life=not serving,
        thorough=(),
    )


def _combined(job: Job) -> dict[str, str]:
    return {COMBINED: ",".join(job.combined)} if job.combined else {}


def _blamed(job: Job) -> dict[str, str]:
    """A fault breaks what the host keeps; what the host breaks itself would be one more."""
    return {BLAMED: "1"} if job.fault else {}


def _pairs(job: Job) -> dict[str, tuple[str, ...]]:
    """What the child is asked that judges pairs."""
    if not job.combined:
        return {}
    count = len(planned(job.combined).engines)
    return {PAIRS: tuple(f"{PAIRS_CONTRACT}/{number}" for number in range(count))}


def _selection(job: Job) -> tuple[str, ...]:
    """The words that select a job's contracts."""
    if job.serving:
        return tuple(word for item in job.serving for word in ("--hwcheck-contract", item))
    return ("--hwcheck-group", OPERATORS) if job.operators else ()


def _name(job: Job) -> str:
    """The folder of a job: without a fault there is one for each group of contracts."""
    group = "pairs" if job.combined else "serving" if job.serving else ""
    words = (job.fault or "none", str(job.seed), OPERATORS if job.operators else group)
    return "-".join(filter(None, words))


def _others(job: Job, examinations: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if job.thorough is None:
        return ()
    return tuple(id for ids in examinations.values() for id in ids if id not in job.thorough)


def _result(job: Job, outcomes: Sequence[Outcome]) -> Result:
    told = ("passed", "not-applicable")
    return Result(
        job=job,
        states={item.id: str(item.state) for item in outcomes},
        reasons={item.id: item.reason or "" for item in outcomes if str(item.state) not in told},
    )


def main(platform: str, jobs: str, results: str) -> None:
    """Write one JSON line a result; SIGTERM, and the end of whoever started us, interrupt."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end_with_parent()
    wanted = [Job(**item) for item in json.loads(Path(jobs).read_text(encoding="utf-8"))]
    with Path(results).open("w", encoding="utf-8") as stream:
        for result in judge_all(platform, wanted, Path(results).parent):
            stream.write(json.dumps(asdict(result)) + "\n")
            stream.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
