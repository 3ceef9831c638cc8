"""Searches for structures of low energy: problems, strategies, what they learn, and how they are compared.

>>> from surrogates import search
>>> problem = search.lennard_jones_problem(13)
>>> trials = search.benchmark("search/mine", problem, search.BasinHopping(), seeds=range(20), calls=20_000)
>>> search.summary(trials)
"""

# ruff: noqa: F401 (what is imported here is what the room gives)

from surrogates.search.basin_hopping import BasinHopping, Multistart
from surrogates.search.benchmark import Candidate, Trial, benchmark, benchmark_settings, summary, trials_of
from surrogates.search.cmaes import CMAES
from surrogates.search.committee import Committee, calibration
from surrogates.search.descents import Asked, DescentLearner, Descents, learning_errors
from surrogates.search.known import TOLERANCE, known_minima, lennard_jones_problem, lowest_known
from surrogates.search.learners import Given, Learner, NetworkEnergies, SplineFit
from surrogates.search.minima import FINE, random_start, relax, seeded_start
from surrogates.search.problem import Problem, Round, Strategy
from surrogates.search.rounds import InRounds
from surrogates.search.side_by_side import relax_all
from surrogates.search.students import ExpansionFit, ForceNetwork, Known, PairSpline
from surrogates.search.surrogate import OnSurrogate
from surrogates.search.trajectory import reference, relaxed_starts, trajectory
from surrogates.search.tuning import Tuned, ranked, tune
