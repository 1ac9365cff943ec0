"""What holds for every model, by which the reference is judged without another one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcheck.exercise.serving.adapters import write_adapter
from hwcheck.exercise.serving.recipe import DENSE, DRAFT, Kind
from hwcheck.exercise.serving.reference import Decoder, log_softmax, rotated
from hwcheck.exercise.serving.reference_model import Model, adapted, read_model

PROMPT = [40, 7, 300, 129, 7, 55, 261, 80, 3, 19, 200, 44, 91, 260, 7, 33]
KINDS = {
    "dense": {},
    "experts": {"kind": Kind.MIXTRAL, "experts": 3},
    "window": {"kind": Kind.MISTRAL, "window": 5},
    "tied": {"is_tied": True},
}


@pytest.fixture(params=KINDS)
def recipe(request, small):
    """One recipe of each kind."""
    return small(**KINDS[request.param])


def test_rows_are_probabilities(recipe, checkpoint):
    """
    The probabilities of all tokens add up to one.
    """
    rows = Decoder(read_model(checkpoint(recipe))).logprobs(PROMPT)

    assert rows.shape == (len(PROMPT), recipe.vocabulary)
    assert np.exp(rows).sum(axis=-1) == pytest.approx(np.ones(len(PROMPT)))


def test_no_row_depends_on_later_tokens(recipe, checkpoint):
    """
    Rows of a beginning are those of the whole.
    """
    decoder = Decoder(read_model(checkpoint(recipe)))

    whole = decoder.logprobs(PROMPT)

    assert whole[:6] == pytest.approx(decoder.logprobs(PROMPT[:6]), abs=1e-9)


def test_rows_depend_on_each_earlier_token_in_reach(recipe, checkpoint):
    """
    A token that is changed changes the rows behind it.
    """
    decoder = Decoder(read_model(checkpoint(recipe)))
    changed = [*PROMPT[:12], 150, *PROMPT[13:]]

    distance = np.abs(decoder.logprobs(PROMPT) - decoder.logprobs(changed)).max(axis=-1)

    assert distance[:12].max() < 1e-9
    assert distance[12:].min() > 1e-3


def test_rows_depend_on_the_order(recipe, checkpoint):
    """
    Earlier tokens that change places change the row of the last, so positions count.
    """
    decoder = Decoder(read_model(checkpoint(recipe)))
    swapped = [*PROMPT[:12], PROMPT[13], PROMPT[12], *PROMPT[14:]]

    distance = np.abs(decoder.logprobs(PROMPT) - decoder.logprobs(swapped)).max(axis=-1)

    assert distance[-1] > 1e-3


def test_greedy_tokens_are_the_likeliest_of_a_whole_computation(recipe, checkpoint):
    """
    Computed one by one with what is remembered, or all anew: the tokens are the same.
    """
    decoder = Decoder(read_model(checkpoint(recipe)))

    generated = decoder.greedy(PROMPT, 12)

    rows = decoder.logprobs(PROMPT + generated)[len(PROMPT) - 1 : -1]
    assert generated == rows.argmax(axis=-1).tolist()


def test_embedding_has_length_one_and_depends_on_the_first_token(recipe, checkpoint):
    """
    What is pooled is normalised, and is of the whole text where attention reaches it.
    """
    decoder = Decoder(read_model(checkpoint(recipe)))

    pooled, other = decoder.embedding([40, 7, 300, 129]), decoder.embedding([41, 7, 300, 129])

    assert np.sum(pooled**2) == pytest.approx(1.0)
    assert np.abs(pooled - other).max() > 1e-4


def test_window_limits_what_a_token_sees(small, checkpoint):
    """
    With one layer, a token changes the rows of `window` positions, and no other.
    """
    recipe = small(kind=Kind.MISTRAL, window=5, layers=1)
    decoder = Decoder(read_model(checkpoint(recipe)))
    changed = [*PROMPT[:4], 150, *PROMPT[5:]]

    distance = np.abs(decoder.logprobs(PROMPT) - decoder.logprobs(changed)).max(axis=-1)

    assert np.flatnonzero(distance > 1e-6).tolist() == [4, 5, 6, 7, 8]
    assert np.delete(distance, range(4, 9)).max() < 1e-9


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400), st.sampled_from([1e4, 1e6]))
def test_rotary_scores_depend_on_the_distance_alone(query_at, key_at, shift, theta):
    """
    Moving query and key together leaves their product as it is.
    """
    query, key = np.random.RandomState(0).standard_normal((2, 1, 1, 64))

    def score(by: int) -> float:
        turned = rotated(query, np.array([query_at + by]), theta)
        return float(np.sum(turned * rotated(key, np.array([key_at + by]), theta)))

    assert score(0) == pytest.approx(score(shift), abs=1e-9)


def test_equal_experts_are_one_dense_network(small, checkpoint):
    """
    Shares of the chosen experts add up to one, whichever the router chooses.
    """
    model = read_model(checkpoint(small(kind=Kind.MIXTRAL, experts=3)))
    equal = {
        name: model.weights[name.replace(f"experts.{name.split('.')[5]}.", "experts.0.")]
        if ".experts." in name
        else tensor
        for name, tensor in model.weights.items()
    }
    turned = dict(equal)
    for layer in range(2):
        gate = f"model.layers.{layer}.block_sparse_moe.gate.weight"
        turned[gate] = -equal[gate]

    rows, other = (
        Decoder(Model(shape=model.shape, weights=weights)).logprobs(PROMPT)
        for weights in (equal, turned)
    )

    assert rows == pytest.approx(other, abs=1e-9)


def test_adapter_changes_the_rows(recipe, checkpoint, tmp_path):
    """
    An adapter is heard.
    """
    targets = ("q_proj", "k_proj", "v_proj", "o_proj")
    model = read_model(checkpoint(recipe))
    changed = adapted(model, write_adapter(recipe, tmp_path / "adapter", targets=targets))

    assert np.abs(Decoder(model).logprobs(PROMPT) - Decoder(changed).logprobs(PROMPT)).max() > 0.1


def test_adapter_of_rank_zero_changes_nothing(small, checkpoint, tmp_path):
    """
    Without a rank there is nothing to add.
    """
    model = read_model(checkpoint(small()))
    same = adapted(model, write_adapter(small(), tmp_path / "adapter", rank=0))

    assert np.array_equal(Decoder(model).logprobs(PROMPT), Decoder(same).logprobs(PROMPT))


def test_logarithm_of_softmax_keeps_what_is_masked():
    """
    A score of -inf has no probability, and the others do not overflow.
    """
    rows = log_softmax(np.array([[-np.inf, 1000.0, 1000.0]]))

    assert np.exp(rows).tolist() == [[0.0, pytest.approx(0.5), pytest.approx(0.5)]]


@pytest.mark.parametrize("tokens", [[], [384], [-1]])
def test_tokens_that_are_none_are_refused(small, checkpoint, tokens):
    """
    No tokens, and tokens outside of the vocabulary, are not computed.
    """
    decoder = Decoder(read_model(checkpoint(small())))

    with pytest.raises(ValueError, match="token"):
        decoder.logprobs(tokens)


@pytest.fixture(scope="module")
def dense(checkpoint):
    """The model that most contracts use, and prompts for it."""
    generator = np.random.RandomState(5)
    prompts = [
        [int(token) for token in generator.randint(3, DENSE.vocabulary, size=length)]
        for length in (6, 9, 14, 20, 31, 45)
    ]
    return Decoder(read_model(checkpoint(DENSE))), prompts


def test_dense_model_generates_other_tokens_after_another_context(dense):
    """
    Its tokens tell of a cache that is wrong: they change with an early token, in most prompts.
    """
    decoder, prompts = dense

    changed = [
        decoder.greedy(prompt, 24) != decoder.greedy([prompt[0] ^ 1, *prompt[1:]], 24)
        for prompt in prompts
    ]

    assert sum(changed) >= 4


def test_dense_model_forgets_nothing_that_its_tokens_need(dense):
    """
    The last token alone never gives the same tokens as the whole prompt.
    """
    decoder, prompts = dense

    assert all(decoder.greedy(prompt, 24) != decoder.greedy(prompt[-1:], 24) for prompt in prompts)


def test_dense_model_repeats_itself_enough_for_drafts(dense):
    """
    Two tokens that were there before are followed by the same one in a fifth of the places.
    """
    decoder, prompts = dense

    accepted = 0
    for prompt in prompts:
        tokens = prompt + decoder.greedy(prompt, 48)
        for place in range(len(prompt), len(tokens)):
            seen = [
                at for at in range(place - 2) if tokens[at : at + 2] == tokens[place - 2 : place]
            ]
            accepted += bool(seen) and tokens[seen[0] + 2] == tokens[place]

    assert accepted > 0.2 * 48 * len(prompts)


def test_draft_model_agrees_often_and_not_always(dense, checkpoint):
    """
    Drafts are accepted as well as rejected.
    """
    decoder, prompts = dense
    draft = Decoder(read_model(checkpoint(DRAFT)))

    agreed = []
    for prompt in prompts:
        generated = decoder.greedy(prompt, 24)
        rows = draft.logprobs(prompt + generated)[len(prompt) - 1 : -1]
        agreed += (rows.argmax(axis=-1) == np.array(generated)).tolist()

    assert 0.3 < sum(agreed) / len(agreed) < 0.9
