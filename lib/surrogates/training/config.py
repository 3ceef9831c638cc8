"""What determines a trained surrogate: the configuration of a run, as an object, as a file, as a few digits."""

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np

from surrogates import data, models, potentials
from surrogates.models.backend import keras
from surrogates.store import plain
from surrogates.training.fitting import Fit

_N_WEIGHTS = {}  # by what is said of a network and its data


@dataclasses.dataclass(frozen=True, eq=False)
class Config:
    """Everything that determines a trained surrogate. Two are equal where :func:`store.plain.described` says the same.

    Attributes
    ----------
    data : data.Data or data.FromFile
    model : models.Network
    fit : Fit

    Raises
    ------
    ValueError
        For parts that do not go together, and for what does not say what it is, such as a lambda for a potential.
    """

    data: data.Data | data.FromFile
    model: models.Network
    fit: Fit

    def __post_init__(self):
        if type(self.data) not in (data.Data, data.FromFile):
            raise ValueError(
                f"data = {self.data!r}: give a data.Data, or a data.FromFile. Anything else would be stored as one; "
                "another energy is given as Data(potential=...)."
            )
        if not isinstance(self.model, models.Network):
            raise ValueError(f"model = {self.model!r}: give one of {', '.join(_model_kinds())}.")
        if self.data.n_atoms < 2:
            raise ValueError("n_atoms = 1: one atom has the same energy wherever it is; give 2 or more to learn from.")
        models.check_dimensions(self.model, self.data.dimensions)
        self._check_elements()
        if getattr(self.data, "lowest", 0.0) < 0 and models.sees_place(self.model, self.data.box):
            raise ValueError(
                f"data = {self.data.file!r}: it has coordinates down to {self.data.lowest:g}, and {self.model} sees a "
                "box from 0 on: shift the structures into it."
            )
        if self.model.additive and self.fit.target != "linear-log":
            raise ValueError(f"target = {self.fit.target!r}: a sum over atoms or pairs gives 'linear-log'.")
        if self.fit.labels != "total" and not self.model.additive:
            raise ValueError(
                f"labels = {self.fit.labels!r}: {self.model} gives no energies of atoms; Messages, Pairs and pooling "
                "'atoms' do."
            )
        if self.fit.labels == "forces" and "radial" in getattr(self.model, "features", ()):
            raise ValueError(
                f"labels = 'forces': the radial density that {self.model} sees counts atoms and has no slope; give "
                "features=('sorted',), or a sum over pairs."
            )
        if self.fit.labels == "atoms":
            self.atom_energies(np.zeros((0, self.data.n_atoms, self.data.dimensions)))
        plain.described(self)

    def _check_elements(self):
        symbols = getattr(self.data, "symbols", None) or getattr(self.data.potential, "symbols", ())
        several = potentials.elements(symbols)
        if len(several) > 1 and not self.model.numbered:
            raise ValueError(
                f"symbols = {', '.join(several)}: {self.model} takes all atoms for alike. Give atoms of one element, "
                "or a network that knows them by their numbers, such as MLP(permutations=0, inputs='log-distances')."
            )

    def atom_energies(self, positions: np.ndarray) -> np.ndarray:
        """The true energies of the atoms, ``(structures, atoms)``. Raises ValueError where the potential has none."""
        potential = self.data.potential
        try:
            return potential.atom_energies(positions)
        except (AttributeError, ValueError):
            raise ValueError(f"labels = 'atoms': {potential} has no share for each atom; give 'total'.") from None

    def build(self) -> keras.Model:
        """The surrogate before it is trained."""
        given, length = self.data, self.data.units.length
        return models.build(self.model, given.n_atoms, given.box, self.fit.seed, given.dimensions, length)

    @property
    def n_weights(self) -> int:
        """Number of weights that are trained; a network is built for it only once, however many trainings it has."""
        of = plain.digest(plain.described({"model": self.model, "data": self.data}))
        if of not in _N_WEIGHTS:
            _N_WEIGHTS[of] = models.count_weights(self.build())
        return _N_WEIGHTS[of]

    def to_dict(self) -> dict:
        """Plain dictionaries, lists, numbers and strings, as they stand in ``config.json``, with all defaults."""
        content = plain.described(self, complete=True)
        for part, kind in (("data", "Data"), ("fit", "Fit")):  # what they are where nothing else is said
            if content[part]["kind"] == kind:
                del content[part]["kind"]
        del content["kind"]
        return content

    @classmethod
    def from_dict(cls, content: Mapping) -> "Config":
        """The inverse of :meth:`to_dict`, also where settings that are at their default are missing.

        Raises KeyError, TypeError or ValueError for anything else; :class:`store.plain.Unknown` where a class is not
        known in this process, or is another one now.
        """
        of_data = {"Data": data.Data, "FromFile": data.FromFile, **potentials.POTENTIALS}
        return cls(
            plain.restored({"kind": "Data", **content["data"]}, of_data),
            plain.restored(content["model"], _model_kinds()),
            plain.restored({"kind": "Fit", **content["fit"]}, {"Fit": Fit}),
        )

    def replace(self, settings: Mapping[str, object]) -> "Config":
        """This configuration with other settings, such as ``{"fit.learning_rate": 1e-4, "data.potential.epsilon": 2}``.

        Raises ValueError for a setting that it does not have.
        """
        known = [name for part in dataclasses.fields(self) for name in _names(getattr(self, part.name), part.name)]
        for setting in settings:
            if setting not in known:
                raise ValueError(f"setting = {setting!r}: this configuration has {', '.join(known)}.")
        return _changed(self, settings)

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that differ where the configuration does."""
        return plain.digest(plain.described(self))[:8]

    def __eq__(self, other):
        return plain.described(self) == plain.described(other) if isinstance(other, Config) else NotImplemented

    def __hash__(self):
        return hash(self.digest)


def _model_kinds() -> dict[str, type]:
    return {kind.__name__: kind for kind in models.NETWORKS.values()}


def _names(thing, prefix: str) -> Iterator[str]:
    """The settings of a dataclass and of those in it, with dots."""
    for field in dataclasses.fields(thing):
        value = getattr(thing, field.name)
        yield f"{prefix}.{field.name}"
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            yield from _names(value, f"{prefix}.{field.name}")


def _changed(thing, settings: Mapping[str, object]):
    """A dataclass with other settings, all of them at once."""
    own, nested = {}, {}
    for setting, value in settings.items():
        name, _, rest = setting.partition(".")
        if rest:
            nested.setdefault(name, {})[rest] = value
        else:
            own[name] = value
    for name, inner in nested.items():
        own[name] = _changed(own.get(name, getattr(thing, name)), inner)
    return dataclasses.replace(thing, **own)
