"""Sounds for a model that hears."""

import numpy as np

from hwcheck.exercise.serving.audio_model import SAMPLING_RATE, TOKENS_OF_SOUND, sound


def test_sound_is_a_second_that_its_seed_decides():
    """
    The same seed gives the same sound, and another one another.
    """
    first = sound(1)

    assert first.shape == (SAMPLING_RATE,)
    assert first.dtype == np.float32
    assert np.array_equal(first, sound(1))
    assert not np.array_equal(first, sound(2))


def test_sound_takes_a_quarter_of_its_frames():
    """
    Of a hundred frames the encoder and the pooling leave twenty-five.
    """
    assert TOKENS_OF_SOUND == 25
