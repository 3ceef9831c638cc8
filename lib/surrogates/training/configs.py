"""What determines a trained surrogate: the configuration of a run, as an object, as a file, as a few digits."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping

from surrogates import data, models, training
from surrogates.potentials import AxilrodTeller, LennardJones


def data_to_dict(described: data.Data) -> dict:
    """A data set of Lennard-Jones, with three-body energies or without, as the stored files have it."""
    content = {
        field.name: getattr(described, field.name)
        for field in dataclasses.fields(described)
        if field.name not in ("potential", "dimensions")
    }
    parts = getattr(described.potential, "parts", ())
    return content | {"three_body": sum((getattr(part, "strength", 0.0) for part in parts), 0.0)}


def data_from_dict(content: dict) -> data.Data:
    """The inverse of :func:`data_to_dict`."""
    content = dict(content)
    strength = content.pop("three_body", 0.0)
    return data.Data(**content, **({"potential": LennardJones() + AxilrodTeller(strength)} if strength else {}))


@dataclasses.dataclass(frozen=True)
class Config:
    """Everything that determines a trained surrogate."""

    data: data.Data
    model: models.MLP | models.CNN | models.GCN | models.Pairs
    fit: training.Fit

    def __post_init__(self):
        summed = getattr(self.model, "additive", False)
        if summed and self.fit.target != "linear-log":
            raise ValueError(f"target = {self.fit.target!r}: a sum over atoms or pairs gives 'linear-log'.")
        if self.fit.labels == "atoms" and self.data.potential != LennardJones():
            raise ValueError(f"labels = 'atoms': {self.data.potential} has no share for each atom; give 'total'.")
        if not summed and self.fit.labels == "atoms":
            raise ValueError(
                f"labels = 'atoms': {self.model} gives no energies of atoms; Pairs and pooling 'atoms' do."
            )

    def to_dict(self) -> dict:
        """Plain dictionaries, lists, numbers and strings, as they stand in ``config.json``."""
        kind = type(self.model).__name__.lower()
        content = {"data": data_to_dict(self.data), "fit": dataclasses.asdict(self.fit)}
        content["model"] = {"kind": kind, **dataclasses.asdict(self.model)}
        return json.loads(json.dumps(content))

    @classmethod
    def from_dict(cls, content: dict) -> "Config":
        """The inverse of :meth:`to_dict`. Raises KeyError, TypeError or ValueError for anything else."""
        model = dict(content["model"])
        kind = models.KINDS[model.pop("kind")]
        return cls(data_from_dict(content["data"]), kind(**model), training.Fit(**content["fit"]))

    def replace(self, settings: Mapping[str, object]) -> "Config":
        """This configuration with other settings, such as ``{"fit.learning_rate": 1e-4, "model.n_layers": 3}``.

        Raises ValueError for a setting that it does not have.
        """
        parts = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        known = [f"{part}.{field.name}" for part, value in parts.items() for field in dataclasses.fields(value)]
        changes = {part: {} for part in parts}
        for setting, value in settings.items():
            if setting not in known:
                raise ValueError(f"setting = {setting!r}: this configuration has {', '.join(known)}.")
            part, name = setting.split(".")
            changes[part][name] = value
        return Config(**{part: dataclasses.replace(value, **changes[part]) for part, value in parts.items()})

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that differ where the configuration does."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:8]
