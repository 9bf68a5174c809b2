"""Exercises of notebook 9: the axes of an optimiser, a step's factor in nats, a rule to trust."""

import numpy as np
from scipy import special

from helpers.exercises.engine import exercise


def _adam(learning_rate, num_steps):
    """Adam at a constant rate, without JAX: adam(slope, start) returns where it ends."""

    def adam(slope, start):
        phi, first, second = np.array(start, float), np.zeros(2), np.zeros(2)
        for i in range(1, num_steps + 1):
            gradient = np.asarray(slope(phi), float)
            first = 0.9 * first + 0.1 * gradient
            second = 0.999 * second + 0.001 * gradient**2
            scale = np.sqrt(second / (1 - 0.999**i)) + 1e-8
            phi = phi - learning_rate * first / (1 - 0.9**i) / scale
        return phi

    return adam


def _slope(concentration, rate):
    """The gradient of KL(Gamma(a, b) || this gamma) in phi = (ln a, ln b)."""

    def slope(phi):
        a, b = np.exp(np.asarray(phi, float))
        by_log_a = a * ((a - concentration) * special.polygamma(1, a) + rate / b - 1)
        return np.array([by_log_a, concentration - a * rate / b])

    return slope


_TURN = np.array([[1.0, 0.0], [1.0, -1.0]])  # (ln a, ln b) to (ln a, ln mean), and back


@exercise(
    "09.right_axes",
    inputs=(
        (_adam(0.1, 60), _slope(30.0, 2.0), np.log([60.0, 3.0])),
        (_adam(0.3, 12), _slope(4.0, 0.5), np.log([1.0, 2.0])),
        (_adam(0.05, 3), _slope(0.5, 3.0), np.log([2.0, 0.25])),
        (_adam(0.1, 20), _slope(2e7, 900.0), np.array([17.0, 12.0])),
    ),
    praise="The same Adam. Only its axes have turned, and the valley runs along one of them.",
    nudge=(
        "Three things have to be said in the new axes: where Adam begins, which slope it sees, and "
        "where it ended."
    ),
    line=(
        "(turn := np.array([[1, 0], [1, -1]])) @ adam(lambda x: turn.T @ slope(turn @ x), "
        "turn @ phi)"
    ),
    hint=(
        "The chain rule: where ln b = ln a - ln mean, a step of ln a alone moves ln b as much. So "
        "the slopes are g1 + g2 and -g2."
    ),
    as_given=lambda adam, slope, phi: adam(slope, phi),
    mistakes=[
        lambda adam, slope, phi: _TURN @ adam(lambda x: slope(_TURN @ x), _TURN @ phi),
        "Adam stands in the new axes but sees the slope of the old ones. Take it through the chain "
        "rule.",
        lambda adam, slope, phi: _TURN @ adam(lambda x: _TURN @ slope(_TURN @ x), _TURN @ phi),
        "A slope does not turn as a point does: the chain rule takes the transpose, g1 + g2 and "
        "-g2.",
        lambda adam, slope, phi: adam(lambda x: _TURN.T @ slope(_TURN @ x), _TURN @ phi),
        "The end is still in the new axes. Turn it back to (ln a, ln b).",
        lambda adam, slope, phi: _TURN @ adam(lambda x: _TURN.T @ slope(_TURN @ x), phi),
        "Adam begins at another gamma: the start has to be said in the new axes too.",
        lambda adam, slope, phi: _TURN @ adam(lambda x: _TURN.T @ slope(x), _TURN @ phi),
        "The slope is asked at the wrong gamma: it wants (ln a, ln b). Turn Adam's point back.",
    ],
)
def right_axes(adam, slope, phi):
    """An array [2], (ln a, ln b)."""
    turn = np.array([[1.0, 0.0], [1.0, -1.0]])
    return turn @ adam(lambda x: turn.T @ slope(turn @ x), turn @ phi)


def _fisher(a):
    return np.array([[a**2 * special.polygamma(1, a), -a], [-a, a]])


def _case(seed, concentration, error, noise, rounds=9):
    """Steps that arrive on average, with noise in both logs."""
    random = np.random.default_rng(seed)
    error = np.array(error)
    scatter = random.normal(size=(rounds, 2)) * noise + random.normal(size=(rounds, 1)) * noise
    steps = scatter - error
    return np.vstack([steps, steps[:1]]), error, concentration


@exercise(
    "09.factor",
    inputs=(
        _case(1, 30.0, [0.02, 0.1], 0.03),
        _case(2, 0.05, [0.3, -0.2], 0.4),
        _case(3, 2.0, [-0.15, -0.4], 0.1, 40),
        _case(4, 900.0, [0.3, 0.28], 0.06, 6),
    ),
    praise="Noise counts as nats, and along the valley it is cheap.",
    nudge=(
        "Where does each round end, and how many nats is that? Which of the two averages, over "
        "steps or over nats, do you take?"
    ),
    line=(
        "(lambda F, after: ((after @ F) * after).sum(axis=1).mean() / (error @ F @ error))("
        "np.array([[concentration**2 * special.polygamma(1, concentration), -concentration], "
        "[-concentration, concentration]]), error + steps)"
    ),
    hint=(
        "A small error e costs e' F e / 2 nats. Take it of error + step in each round, average, "
        "and divide by that of error."
    ),
    mistakes=[
        lambda steps, e, a: ((e + steps) ** 2).sum(axis=1).mean() / (e**2).sum(),
        "That counts logs, not nats. Weigh both errors with the Fisher matrix at this "
        "concentration.",
        lambda steps, e, a: (
            (((e + steps) ** 2) @ np.diag(_fisher(a))).mean() / (e**2 @ np.diag(_fisher(a)))
        ),
        "Concentration and rate pull on each other: F has -a off the diagonal.",
        lambda steps, e, a: factor(steps.mean(axis=0, keepdims=True), e, a),
        "That takes the average step first, and so averages the noise away. Average the nats.",
        lambda steps, e, a: factor(-steps, e, a),
        "The steps are added to the error, not taken from it: they point home already.",
        lambda steps, e, a: factor(steps - e, e, a),
        "That weighs the steps themselves. What is left after a step is the error plus the step.",
        lambda steps, e, a: factor(steps, e, a) * (e @ _fisher(a) @ e) / 2,
        "Those are the nats that are left. Divide by the nats before the step.",
        lambda steps, e, a: np.mean(
            [np.sqrt(factor(step[np.newaxis], e, a)) for step in np.asarray(steps)]
        ),
        "That is the factor of a distance. The KL goes as its square; average that.",
    ],
)
def factor(steps, error, concentration):
    """One number, nats after a step over nats before."""
    a = concentration
    fisher = np.array([[a**2 * special.polygamma(1, a), -a], [-a, a]])
    after = error + steps
    return np.mean(np.sum((after @ fisher) * after, axis=1)) / (error @ fisher @ error)


def _race(seed, claim, stops):
    """KLs [runs, steps] that fall, each to its own floor; and rules that stop at given KLs, or
    never (None), said run by run."""
    random = np.random.default_rng(seed)
    runs = len(stops[0])
    steps = np.arange(400)
    floors = random.uniform(0.01, 0.05, (runs, 1)) * claim
    kls = floors + random.uniform(30, 90, (runs, 1)) * claim * np.exp(
        -steps / random.uniform(20, 45, (runs, 1))
    )
    at = [
        [-1 if kl is None else int(np.argmax(kls[i] < kl * claim)) for i, kl in enumerate(rule)]
        for rule in stops
    ]
    return np.array(at), kls, claim


_NO = None


@exercise(
    "09.trusted",
    inputs=(
        # fooled once; never stops; careful; careful, and stops fewer
        _race(
            1, 0.2, [[0.5, 3.0, 0.5, 0.5], [_NO] * 4, [0.6, _NO, 0.8, 0.9], [_NO, 0.3, _NO, 0.4]]
        ),
        # the quick ones are fooled every time; one is late, and stops all
        _race(
            2,
            0.2,
            [[9.0, _NO, 7.0], [9.0, 5.0, 7.0], [0.9, _NO, 0.9], [0.2, 0.3, 0.1]],
        ),
        # many stops and one slip, or nothing but slips, against a few sound ones
        _race(
            3,
            150.0,
            [[0.7] * 5 + [1.5], [2.0] * 6, [_NO] * 6, [_NO, 0.5, _NO, 0.9, _NO, _NO]],
        ),
        # a run that was ended too early to arrive, and rules that say nothing of it
        (
            np.array([[1, 2, -1], [-1, -1, 2], [-1, 2, 3]]),
            np.array([[9.0, 7.0, 5.0, 4.0], [3.0, 1.0, 0.1, 0.05], [4.0, 2.0, 0.15, 0.02]]),
            0.2,
        ),
        # where the KL rises again, the KL of the stop is what counts; one stands at the claim
        (
            np.array([[2, 1, 3], [1, 2, 2], [-1, 1, -1]]),
            np.array([[8.0, 0.1, 0.2, 0.1], [8.0, 0.1, 0.1, 3.0], [8.0, 0.4, 0.1, 0.1]]),
            0.2,
        ),
        # a stop at the very first step; a rule that speaks once; one that never does
        (
            np.array([[0, -1, -1], [0, 0, -1], [2, 2, 2]]),
            np.array([[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [9.0, 5.0, 4.0]]),
            0.2,
        ),
        (np.array([[1, 1], [-1, 2]]), np.array([[9.0, 9.0, 9.0], [9.0, 0.1, 0.1]]), 0.2),
        (np.array([[1], [-1]]), np.array([[9.0, 8.0]]), 0.2),
    ),
    praise="A rule that was ever wrong is out; and one that never speaks is no use.",
    nudge="Go rule by rule: in which runs did it stop, and what was the KL there, at that step?",
    line=(
        "np.argmax(np.where(((stops >= 0) & (kls[np.arange(len(kls)), stops] >= claim)).any(axis=1)"
        ", -1, (stops >= 0).sum(axis=1)))"
    ),
    hint=(
        "Throw out each rule with a stop at which the KL is not below the claim. Of the others "
        "take the one that stops most runs."
    ),
    tolerance=1e-6,
    absolute=1e-6,
    mistakes=[
        lambda stops, kls, claim: np.argmax((stops >= 0).sum(axis=1)),
        "That is the rule that stops most runs, right or wrong. A slow run looks flat too.",
        lambda stops, kls, claim: np.argmin(_fooled(stops, kls, claim).sum(axis=1)),
        "That is the first rule that is never fooled. One that never stops is never fooled either: "
        "count the stops.",
        lambda stops, kls, claim: np.argmax(
            ((stops >= 0) & ~_fooled(stops, kls, claim)).sum(axis=1)
        ),
        "That is the rule with most sound stops. It may have unsound ones too, and you could not "
        "tell which.",
        lambda stops, kls, claim: np.argmax(
            np.where(
                (kls[np.arange(len(kls)), stops] >= claim).any(axis=1),
                -1,
                (stops >= 0).sum(axis=1),
            )
        ),
        "A rule that says nothing of a run is not fooled by it: -1 is no step, though Python takes "
        "it for the last.",
        lambda stops, kls, claim: np.argmax(
            np.where(
                ((stops >= 0) & (kls[:, -1] >= claim)).any(axis=1), -1, (stops >= 0).sum(axis=1)
            )
        ),
        "That judges a stop by the KL at the end of the run. The rule spoke at its own step.",
    ],
)
def trusted(stops, kls, claim):
    """One whole number, a position."""
    has_stopped = np.asarray(stops) >= 0
    is_wrong = has_stopped & (kls[np.arange(len(kls)), stops] >= claim)
    return int(np.argmax(np.where(is_wrong.any(axis=1), -1, has_stopped.sum(axis=1))))


def _fooled(stops, kls, claim):
    return (stops >= 0) & (kls[np.arange(len(kls)), stops] >= claim)
