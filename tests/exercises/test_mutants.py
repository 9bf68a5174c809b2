"""A search for wrong answers that would pass: the references, changed by program in every small
way.

Each change must be refused, or be listed below with the reason why it is right all the same.
Exercises are found by themselves: a new one is searched as soon as its module is there.
"""

import ast
import copy
import inspect
import pathlib
import runpy
import textwrap
import types

import numpy as np
import pytest
import scipy.special

from helpers.exercises import calls, engine

FRESH = runpy.run_path(str(pathlib.Path(__file__).with_name("fresh_inputs.py")))["FRESH"]
FOLDER = pathlib.Path(engine.__file__).parent
NUMBERS = sorted({path.name[1:].partition("_")[0] for path in FOLDER.glob("n[0-9A]*_*.py")})
EXERCISES = [exercise for number in NUMBERS for exercise in engine.of_notebook(number)]
each = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)


def clip(low, high):
    return lambda x: np.clip(np.asarray(x, float), low, high)


CLIPS = {
    f"clipped to [{low:g}, {high:g}]": clip(low, high) for low, high in [(-10, 10), (-100, 100)]
}
POSITIVE = dict.fromkeys(["result: abs", "result: max(0, .)"], "a number that is never below 0")
SHARE = POSITIVE | dict.fromkeys(
    [f"result: {change}" for change in ("min(1, .)", "min(16, .)", *CLIPS)], "a share is at most 1"
)
LOG_MASS = dict.fromkeys(
    ["result: -abs", "result: min(0, .)", "result: min(1, .)", "result: min(16, .)"],
    "the log of a probability is never above 0",
)
WHOLE = dict.fromkeys(
    ["result: round", "result: round to a decimal", "result: floor", "result: ceil"],
    "a whole number already",
)
DIVISOR = "the divisor of an empty pixel, whose ratio is not used"
TIE = "a difference at ties alone, which have probability 0"
TYPE = "another type of the same number"
TWO = "it has two entries"


def no_order(*arguments):
    """What has a mean or a sum taken of it has no order."""
    return {f"{argument}: sorted, axis {axis}": "no order matters" for argument, axis in arguments}


def linear(*arguments):
    """What enters a sum as it is may be its mean everywhere."""
    return no_order(*arguments) | {
        f"{argument}: mean everywhere, axis {axis}": "a sum is so many times the mean"
        for argument, axis in arguments
    }


WHOLE_COUNT = "a whole number by its nature"
MOMENTS = "only the mean and the mean square count"
EQUIVALENT = {
    "01.exposures": linear(("counts", 0), ("exposures", 0)) | POSITIVE,
    "01.log_evidence": LOG_MASS
    | {
        "float(stats.nbinom.logpmf(count, concentration, rate / (rate + 1))) -> "
        "stats.nbinom.logpmf(count, concentration, rate / (rate + 1))": TYPE
    },
    "01.metropolis_step": {
        "np.log(uniform) < log_density(proposal) - log_density(now) -> "
        "np.log(uniform) <= log_density(proposal) - log_density(now)": TIE
    },
    "02.width": POSITIVE,
    "02.mean_field": POSITIVE,
    "03.drop_the_score": POSITIVE
    | {
        "1 / spread - spread / target ** 2 -> spread / target ** 2 - 1 / spread": (
            "a square has no sign"
        )
    },
    "04.without_the_peek": linear(("peeked", 0)) | POSITIVE,
    "04.error_bar": SHARE,
    "04.reweigh": POSITIVE,
    "05.log_joint": {
        "stats.norm.logpdf(log_rates, mean_log, std_log) -> "
        "stats.norm.logpdf(mean_log, log_rates, std_log)": "a normal is symmetric"
    },
    "05.learning_rates": dict.fromkeys(
        ["result: doubled", "result: halved"], "q comes to rest from there as well"
    )
    | SHARE,
    "05.poisson_log_mass": LOG_MASS | {"np.asarray(counts) -> counts": TYPE},
    "06.calibrate": POSITIVE
    | WHOLE
    | {
        "result: reversed": "simulations have no order",
        "seed: always the first": "other draws say the same",
        "concentration: whole": "where 30 images speak, a thousand ranks tell no 1.5 from 1",
        "rng.gamma(a, 1 / b, 50) < truth -> rng.gamma(a, 1 / b, 50) <= truth": TIE,
        "np.array(found) -> found": TYPE,
        "result: clipped to [-100, 100]": "a rank is at most 50",
    }
    | {
        f"{argument}: clipped to [-{most}, {most}]": f"no {argument} is larger"
        for argument in ("concentration", "rate")
        for most in (10, 100)
    },
    "06.what_is_wrong": POSITIVE
    | WHOLE
    | dict.fromkeys(
        ["result: min(16, .)", "result: clipped to [-10, 10]", "result: clipped to [-100, 100]"],
        "at most 4",
    )
    | {
        f"{argument}: clipped to [-{most}, {most}]": "a share is at most 1, and the others tempt"
        for argument in ("k_hat", "left", "inside", "shrinkage")
        for most in (10, 100)
    }
    | dict.fromkeys(
        [
            "k_hat, shrinkage: swapped",
            "k_hat: always the first",
            "k_hat: whole",
            "shrinkage: always the first",
            "shrinkage: whole",
        ],
        "these two tempt: draws left and coverage tell all",
    )
    | {
        f"{before} -> {after}{which}": reason
        for before, after, reason in (
            ("abs(inside - 0.9) < 0.03", "abs(inside - 0.9) <= 0.03", TIE),
            ("inside - 0.9", "0.9 - inside", "a distance has no sign"),
        )
        for which in ("", " (next)")
    }
    | dict.fromkeys(
        ["left > 0.5 -> left >= 0.5", "inside < 0.9 -> inside <= 0.9"], "no row lies there"
    ),
    "07.images_needed": POSITIVE
    | WHOLE
    | {
        "strength * (1 - share) / share - 1e-09 -> strength * (1 - share) / share": (
            "wrong only by rounding, where an exact number comes out a hair above itself: a wish "
            "is said"
        )
    },
    "07.best_worth": POSITIVE
    | {
        "template - rates -> rates - template": "a square has no sign",
        "num_images: always the first": "the number of images drops out: that is the answer",
        "num_images: clipped to [-10, 10]": "the number of images drops out",
        "num_images: clipped to [-100, 100]": "the number of images drops out",
    },
    "07.best_strength": no_order(("counts", 0), ("strengths", 0))
    | {"strengths: each value once, axis 0": "the best of them is there"}
    | POSITIVE
    | {
        "int(np.argmax(_log_evidences(strengths, template, counts))) -> "
        "np.argmax(_log_evidences(strengths, template, counts))": TYPE
    },
    "08.telling": no_order(("replicated", 1))
    | dict.fromkeys([": -> :", ": -> : (next)"], "all rows, said in another way")
    | {
        "np.minimum(at_least, at_most) -> np.minimum(at_most, at_least)": (
            "the smaller of two has no order"
        ),
        "int(np.argmin(np.minimum(at_least, at_most))) -> "
        "np.argmin(np.minimum(at_least, at_most))": TYPE,
    }
    | {change: reason for change, reason in SHARE.items() if change != "result: min(1, .)"}
    | WHOLE,
    "03.weibull": dict.fromkeys(
        ["rank: clipped to [-10, 10]", "rank: clipped to [-100, 100]"], "a rank lies in (0, 1)"
    ),
    "08.in_a_row": SHARE
    | dict.fromkeys(
        ["result: round to a decimal", "result: squared", "result: root"],
        "rare, common or all: any statistic will do, so the share itself is free",
    )
    | dict.fromkeys(
        [f"{name}: clipped to [-100, 100]" for name in ("images", "shuffled")],
        "no pixel holds so much",
    )
    | dict.fromkeys(
        [f"shuffled: {which}, axis 0" for which in ("first two", "first and last")]
        + ["shuffled: without the last, axis 0", "shuffled: each value once, axis 0"],
        "fewer shuffles, or another order of them",
    )
    | {
        "shuffled: without the last, axis 1": "one neighbour of many",
        "images: without the last, axis 0": "one neighbour of many",
        "shuffled: each value once, axis 1": "another shuffle",
        "1 -> 0 (next)": "the same place in the next shuffle holds an image at random",
    }
    | dict.fromkeys(
        ["images: each value once, axis 1", "shuffled: each value once, axis 2"],
        "the order of pixels does not matter",
    ),
    "08.line_up": SHARE | {"found: clipped to [-100, 100]": "of at most 150 viewers"},
    "09.right_axes": dict.fromkeys(
        ["result: clipped to [-100, 100]", "phi: clipped to [-100, 100]"],
        "no gamma has such logarithms",
    )
    | dict.fromkeys(["phi: first and last, axis 0", "phi: first two, axis 0"], TWO),
    "09.factor": POSITIVE
    | dict.fromkeys(
        ["result: min(16, .)", "result: clipped to [-100, 100]"], "an error grows no more than that"
    )
    | {
        f"{name}: {label}": "an error of more than 10 in a logarithm is not small"
        for name in ("steps", "error")
        for label in CLIPS
    }
    | {
        f"{name}: first {which}, axis {axis}": TWO
        for name, axis in (("steps", 1), ("error", 0))
        for which in ("two", "and last")
    }
    | {
        "np.array([[a ** 2 * special.polygamma(1, a), -a], [-a, a]]) -> "
        "[[a ** 2 * special.polygamma(1, a), -a], [-a, a]]": TYPE
    },
    "09.trusted": {change: reason for change, reason in SHARE.items() if "min(1, .)" not in change}
    | WHOLE
    | {
        "np.asarray(stops) -> stops": TYPE,
        "int(np.argmax(np.where(is_wrong.any(axis=1), -1, has_stopped.sum(axis=1)))) -> "
        "np.argmax(np.where(is_wrong.any(axis=1), -1, has_stopped.sum(axis=1)))": TYPE,
        "has_stopped.sum(axis=1) -> has_stopped.mean(axis=1)": "a share orders as a number does",
    }
    | dict.fromkeys(["1 -> 2", "1 -> 2.5"], "less than any number of stops"),
    "06.repair": {"one maximum for all": "there is one row of log ratios"} | POSITIVE,
    "11.pruned_units": POSITIVE
    | {
        "noise, pressure: swapped": "only their product counts",
        "np.maximum(0, np.log(variances / (pressure * noise)) / 2) -> "
        "np.maximum(np.log(variances / (pressure * noise)) / 2, 0)": (
            "the greater of two has no order"
        ),
        "result: clipped to [-100, 100]": "100 nats are a ratio of e^200, beyond float32",
    },
    "11.better_prior": no_order(("means", 0), ("stds", 0)) | POSITIVE,
    "12.curable": no_order(("probabilities", 0))
    | {change: reason for change, reason in SHARE.items() if change != "result: min(1, .)"}
    | {f"probabilities: {label}": "a share is at most 1" for label in CLIPS},
    "12.tempered": POSITIVE,
    "12.images_to_settle": POSITIVE
    | dict.fromkeys(
        [
            "mine, theirs: swapped",
            "mine - theirs -> theirs - mine",
            "mine - theirs -> theirs - mine (next)",
        ],
        "a square has no sign",
    ),
    "13.share": POSITIVE
    | WHOLE
    | {"min(process, longer) -> min(longer, process)": "the lesser of two has no order"},
    "13.best_batch": POSITIVE | WHOLE,
    "10.gain_by_merging": dict.fromkeys(
        [
            f"{argument}: first {which}, axis 0"
            for argument in ("sizes", "totals")
            for which in ("two", "and last")
        ],
        "there are two groups",
    ),
    "10.slope": linear(("counts", 0), ("counts", 1), ("factors", 1), ("weights", 0)),
    "10.hidden_score": LOG_MASS | {"one maximum for all": "one image has one maximum"},
    "02.elbo_on_grid": {
        "log_q: clipped to [-100, 100]": "where ln q is below -100, q weighs nothing"
    },
    "11.minibatch_elbo": linear(("divergences", 0), ("log_masses", 0)),
    "13.mean_loss": linear(("log_likelihoods", 0)),
    "14.posterior_rate": POSITIVE | linear(("calls", 0), ("hours", 0)),
    "14.log_det": dict.fromkeys(
        ["kept: clipped to [-10, 10]", "kept: clipped to [-100, 100]"], "it holds 0 and 1 alone"
    )
    | dict.fromkeys(
        [
            "e: clipped to [-100, 100]",
            "s: clipped to [-100, 100]",
            "result: clipped to [-100, 100]",
        ],
        "sinh and exp of more than 88 are beyond float32",
    ),
    "A.dispersions": POSITIVE | no_order(("means", 0)),
    "A.what_next": POSITIVE
    | WHOLE
    | dict.fromkeys(
        ["result: min(16, .)", "result: clipped to [-10, 10]", "result: clipped to [-100, 100]"],
        "at most 5",
    ),
    "14.family_of": POSITIVE
    | WHOLE
    | dict.fromkeys(
        ["result: min(16, .)", "result: clipped to [-10, 10]", "result: clipped to [-100, 100]"],
        "at most 4",
    ),
}


# Changes to what goes in and what comes out.


def on_parts(change):
    def of(result):
        return (
            tuple(change(np.asarray(part)) for part in result)
            if isinstance(result, tuple)
            else change(result)
        )

    return of


RESULTS_OF_ARRAYS = {
    "mean": on_parts(np.mean),
    "sum": on_parts(np.sum),
    "first entry": on_parts(lambda x: np.ravel(x)[0]),
}
RESULTS = {
    "minus": on_parts(lambda x: -np.asarray(x)),
    "abs": on_parts(np.abs),
    "-abs": on_parts(lambda x: -np.abs(x)),
    "max(0, .)": on_parts(lambda x: np.maximum(0, x)),
    "min(0, .)": on_parts(lambda x: np.minimum(0, x)),
    "min(1, .)": on_parts(lambda x: np.minimum(1, x)),
    "min(16, .)": on_parts(lambda x: np.minimum(16, x)),
    "round": on_parts(np.round),
    "round to a decimal": on_parts(lambda x: np.round(np.asarray(x, float), 1)),
    "floor": on_parts(np.floor),
    "ceil": on_parts(np.ceil),
    "plus 1": on_parts(lambda x: np.asarray(x) + 1),
    "minus 1": on_parts(lambda x: np.asarray(x) - 1),
    "doubled": on_parts(lambda x: 2 * np.asarray(x)),
    "halved": on_parts(lambda x: np.asarray(x) / 2),
    "squared": on_parts(np.square),
    "root": on_parts(lambda x: np.sqrt(np.abs(x))),
    "exp": on_parts(lambda x: np.exp(np.asarray(x, float))),
    "reversed": on_parts(lambda x: np.asarray(x)[::-1]),
    **{label: on_parts(change) for label, change in CLIPS.items()},
    "one axis more": on_parts(lambda x: np.stack([x, x])),
    "parts swapped": lambda result: result[::-1] if isinstance(result, tuple) else np.nan,
}


# What an answer may make of one argument: something that is right for plain values of it alone.


def two_values(x):
    """As many numbers with the same mean and standard deviation, of two values."""
    signs = np.where(np.arange(len(x)) % 2, 1.0, -1.0).reshape(-1, *[1] * (x.ndim - 1))
    return x.mean(axis=0) + signs * x.std(axis=0)


FROM_0_TO_1 = {"uniform", "level", "share", "spacing"}  # never clipped
ARGUMENTS_OF_ARRAYS = {
    "first alone": lambda x: x[:1],
    "first and last": lambda x: x[[0, -1]],
    "first two": lambda x: x[:2],
    "without the last": lambda x: x[:-1],
    "last everywhere": lambda x: np.repeat(x[-1:], len(x), axis=0),
    "largest everywhere": lambda x: np.repeat(x.max(axis=0, keepdims=True), len(x), axis=0),
    "mean everywhere": lambda x: np.repeat(x.mean(axis=0, keepdims=True), len(x), axis=0),
    "two values": two_values,
    "sorted": lambda x: np.sort(x, axis=0),
    "each value once": lambda x: np.unique(x, axis=0),
}


def arguments_changed(exercise):
    """(what is changed, answer) for the reference on arguments that are changed."""
    reference, names = exercise.reference, exercise.names
    for i, name in enumerate(names):
        first = exercise.inputs[0][i]
        if callable(first):
            continue
        axes = range(np.ndim(first))
        changes = [] if name in FROM_0_TO_1 else list(CLIPS.items())
        if any(np.asarray(arguments[i]).dtype.kind == "f" for arguments in exercise.inputs):
            changes.append(("whole", np.trunc))
        changes += [
            (f"{label}, axis {axis}", lambda x, change=change, axis=axis: along(axis, change, x))
            for axis in axes
            for label, change in ARGUMENTS_OF_ARRAYS.items()
        ]
        for label, change in changes:
            yield (
                f"{name}: {label}",
                lambda *given, i=i, change=change: reference(
                    *given[:i], change(given[i]), *given[i + 1 :]
                ),
            )


def along(axis, change, x):
    return np.moveaxis(change(np.moveaxis(x, axis, 0)), 0, axis)


def changed_from_outside(exercise):
    """(what is changed, answer) for changes that need no source."""
    reference, names = exercise.reference, exercise.names
    first = exercise.inputs[0]
    shown = reference(*first)
    changes = RESULTS | (
        RESULTS_OF_ARRAYS
        if any(map(np.ndim, shown if isinstance(shown, tuple) else [shown]))
        else {}
    )
    for label, change in changes.items():
        yield f"result: {label}", lambda *given, change=change: change(reference(*given))
    yield from arguments_changed(exercise)
    yield "the same result always", lambda *given: shown
    yield (
        "right for the first input alone",
        lambda *given: (
            reference(*given)
            if all(map(np.array_equal, given, first))
            else on_parts(lambda x: np.asarray(x) + 1)(shown)
        ),
    )
    for i, name in enumerate(names):
        yield (
            f"{name}: always the first",
            lambda *given, i=i: reference(*given[:i], first[i], *given[i + 1 :]),
        )
        for j in range(i):
            order = list(range(len(names)))
            order[i], order[j] = j, i
            yield (
                f"{names[j]}, {name}: swapped",
                lambda *given, order=order: reference(*(given[k] for k in order)),
            )


# Changes to the source.

OPERATORS = {
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div, ast.Add], ast.Div: [ast.Mult],
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE], ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE], ast.Pow: [ast.Mult], ast.BitAnd: [ast.BitOr],
}  # fmt: skip
FUNCTIONS = {
    "mean": ["sum", "median", "max"], "sum": ["mean", "max"], "median": ["mean", "max"],
    "std": ["var"], "var": ["std"], "exp": ["log"], "ceil": ["floor"],
    "log": ["exp", "log10", "log2", "log1p"],
    "maximum": ["minimum"], "argmax": ["argmin"], "digamma": ["log"], "gammaln": ["gamma"],
    "logpmf": ["pmf"], "solve": ["dot"], "quantile": ["percentile"],
}  # fmt: skip


def variants(node):
    """Small changes of one piece of source."""
    if isinstance(node, ast.BinOp):
        for operator in OPERATORS.get(type(node.op), []):
            yield ast.BinOp(node.left, operator(), node.right)
        if isinstance(node.op, ast.Sub | ast.Div | ast.Pow):
            yield ast.BinOp(node.right, node.op, node.left)
        yield from (node.left, node.right)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for operator in OPERATORS.get(type(node.ops[0]), []):
            yield ast.Compare(node.left, [operator()], node.comparators)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield from (
            ast.Constant(node.value + 1),
            ast.Constant(node.value - 1),
            ast.Constant(2 * node.value + 0.5),
        )
    elif isinstance(node, ast.IfExp):
        yield from (ast.IfExp(node.test, node.orelse, node.body), node.body, node.orelse)
    elif isinstance(node, ast.Slice):
        yield from (ast.Slice(None, None), ast.Slice(ast.Constant(2), None))
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            for other in FUNCTIONS.get(node.func.attr, []):
                yield ast.Call(
                    ast.Attribute(node.func.value, other, ast.Load()), node.args, node.keywords
                )
        if node.args:
            yield node.args[0]
        if len(node.args) > 1:
            yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
        for i in range(len(node.keywords)):
            yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])


class Swap(ast.NodeTransformer):
    """Puts another piece in place of the one that stands at a position in the walk."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def changed_inside(exercise):
    """(what is changed, answer) for changes of the reference's source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(exercise.reference)))
    tree.body[0].decorator_list = []
    places = [node for statement in tree.body[0].body[1:] for node in ast.walk(statement)]
    for i, place in enumerate(places):
        for j in range(len(list(variants(place)))):
            mutant = copy.deepcopy(tree)
            node = [node for statement in mutant.body[0].body[1:] for node in ast.walk(statement)][
                i
            ]
            new = list(variants(node))[j]
            label = f"{ast.unparse(node)} -> {ast.unparse(new)}"
            mutant = ast.fix_missing_locations(Swap(node, new).visit(mutant))
            space = dict(exercise.reference.__globals__)
            exec(compile(mutant, "mutant", "exec"), space)
            yield label, space[exercise.reference.__name__]


def softmax_of_one_maximum(x, axis=None):
    weights = np.exp(x - np.max(x))
    return weights / weights.sum(axis=axis, keepdims=True)


def logsumexp_of_one_maximum(x, axis=None):
    return np.max(x) + np.log(np.exp(x - np.max(x)).sum(axis=axis))


def one_maximum_for_all(exercise):
    """(what is changed, answer): exp is kept from overflow by one maximum, not one a row."""
    ours = {"softmax": softmax_of_one_maximum, "logsumexp": logsumexp_of_one_maximum}
    if any(f"special.{name}" in inspect.getsource(exercise.reference) for name in ours):
        special = types.SimpleNamespace(**vars(scipy.special) | ours)
        space = {**exercise.reference.__globals__, "special": special}
        yield "one maximum for all", types.FunctionType(exercise.reference.__code__, space)


def mutants_of(exercise):
    """{what is changed: answer}; the same change at another place gets a number."""
    found = {}
    for label, answer in [
        *changed_from_outside(exercise),
        *changed_inside(exercise),
        *one_maximum_for_all(exercise),
    ]:
        while label in found:
            label += " (next)"
        found[label] = answer
    return found


@each
def test_every_mutant_is_refused_or_known_to_be_right_and_told_the_truth(exercise, monkeypatch):
    monkeypatch.setattr(calls, "SECONDS", 10)
    monkeypatch.setattr(engine.Exercise, "run", remembering(exercise))
    mutants = mutants_of(exercise)
    assert len(mutants) >= 15
    grades = {
        label: engine.judge(exercise, engine.outputs_of(exercise, answer))
        for label, answer in mutants.items()
    }
    survivors = {label for label, found in grades.items() if found.status == engine.CORRECT}
    assert survivors == set(EQUIVALENT.get(exercise.id, {}))
    for label, found in grades.items():
        twin = named_by(exercise, found.code)
        if twin is not None:
            assert do_the_same(exercise, mutants[label], twin), (label, found.message)


def remembering(exercise):
    """Exercise.run that calls the exercise's own functions once for each of its inputs."""
    run, kept = engine.Exercise.run, {}
    own = {exercise.reference, exercise.as_given, *(m.wrong for m in exercise.mistakes)}

    def remember(exercise, function, arguments):
        if function not in own:
            return run(exercise, function, arguments)
        call = function, id(arguments)
        if call not in kept:
            kept[call] = run(exercise, function, arguments), arguments  # kept alive: ids are unique
        return kept[call][0]

    return remember


def named_by(exercise, code):
    """The function whose mistake a hint names; the reference where it says right but at one
    input."""
    if code == "edge":
        return exercise.reference
    return exercise.mistakes[int(code[1:]) - 1].wrong if code[:1] == "m" else None


def do_the_same(exercise, answer, other):
    """Whether two answers agree on inputs that the engine does not use."""
    rng = np.random.default_rng(5)
    number = 1 if exercise.statistics else 40 if callable(exercise.inputs[0][0]) else 8
    return all(
        engine.agree(exercise, exercise.run(answer, arguments), exercise.run(other, arguments))
        for arguments in (FRESH[exercise.id](rng) for _ in range(number))
    )


def test_there_are_many_mutants_and_no_stale_reason():
    assert sum(len(mutants_of(exercise)) for exercise in EXERCISES) >= 3_000
    assert set(EQUIVALENT) <= {exercise.id for exercise in EXERCISES}
