/* What can be done with atoms: the true energy, operations that leave it as it is, and relaxation. Positions are flat:
   x1, y1, x2, y2, ... in units of sigma; energies are in units of epsilon. */
"use strict";

var atomMotion = (() => {
  /* Lennard-Jones: the energy of a pair and its derivative. */
  function lennardJones(r) {
    const s6 = r ** -6;
    return [4 * s6 * (s6 - 1), (-24 * s6 * (2 * s6 - 1)) / r];
  }

  function distance(positions, i, j) {
    return Math.hypot(positions[2 * i] - positions[2 * j], positions[2 * i + 1] - positions[2 * j + 1]);
  }

  /* The sum of a pair energy, and the forces on all atoms. */
  function energyAndForces(positions, pair) {
    const forces = new Float64Array(positions.length);
    let energy = 0;
    for (let i = 0; i < positions.length; i += 2) for (let j = 0; j < i; j += 2) {
      const x = positions[i] - positions[j], y = positions[i + 1] - positions[j + 1], r = Math.hypot(x, y);
      const [value, slope] = pair(r);
      energy += value;
      const along = r > 0 ? slope / r : 0; // atoms that coincide have no direction to part in
      forces[i] -= along * x;
      forces[i + 1] -= along * y;
      forces[j] += along * x;
      forces[j + 1] += along * y;
    }
    return { energy, forces };
  }

  const trueEnergy = positions => energyAndForces(positions, lennardJones).energy;

  /* A pair energy as cubics in log r that have its values and slopes at 2000 points; outside them it is asked itself.
     A relaxation asks for it half a million times. */
  function tabulated(pair) {
    const points = 2000, start = Math.log(0.1), step = (Math.log(50) - start) / (points - 1);
    const known = Array.from({ length: points }, (_, i) => {
      const r = Math.exp(start + i * step), [value, slope] = pair(r);
      return [value, slope * r * step];
    });
    return r => {
      const place = (Math.log(r) - start) / step, i = Math.floor(place), t = place - i;
      if (!(i >= 0 && i < points - 1)) return pair(r);
      const [[a, da], [b, db]] = [known[i], known[i + 1]];
      const cubic = 2 * (a - b) + da + db, square = 3 * (b - a) - 2 * da - db;
      return [a + t * (da + t * (square + t * cubic)), (da + t * (2 * square + 3 * t * cubic)) / (step * r)];
    };
  }

  /* Relaxation by L-BFGS (Nocedal 1980): `step` moves the atoms downhill, none by more than 0.2, and gives the largest
     component of a force that is left, 0 where no step leads down. */
  function relaxation(positions, pair) {
    const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);
    const memory = []; // the last changes of the positions and of the slopes
    let { energy, forces } = energyAndForces(positions, pair);

    function direction() {
      const found = forces.slice(), shares = [];
      for (const { moved, bent } of memory.toReversed()) {
        const share = dot(moved, found) / dot(moved, bent);
        shares.unshift(share);
        bent.forEach((v, k) => { found[k] -= share * v; });
      }
      const last = memory.at(-1);
      const size = last ? dot(last.moved, last.bent) / dot(last.bent, last.bent) : 1;
      found.forEach((v, k) => { found[k] = size * v; });
      memory.forEach(({ moved, bent }, i) => {
        const share = shares[i] - dot(bent, found) / dot(moved, bent);
        moved.forEach((v, k) => { found[k] += share * v; });
      });
      return found;
    }

    function step() {
      const way = direction(), downhill = dot(way, forces);
      const longest = way.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      for (let length = Math.min(1, 0.2 / longest), tries = 0; tries < 30; length /= 2, tries++) {
        const next = positions.map((v, k) => v + length * way[k]), after = energyAndForces(next, pair);
        if (!(after.energy <= energy - 1e-4 * length * downhill)) continue;
        const moved = way.map(v => length * v), bent = forces.map((v, k) => v - after.forces[k]);
        // Out of the reach of a repulsion, what was learned in it is of no use.
        if (dot(after.forces, after.forces) < 1e-4 * dot(forces, forces)) memory.length = 0;
        else if (dot(moved, bent) > 0) memory.push({ moved, bent });
        if (memory.length > 10) memory.shift();
        positions.set(next);
        ({ energy, forces } = after);
        return forces.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      }
      if (!memory.length) return 0;
      memory.length = 0; // straight downhill, from the next step on
      return Infinity;
    }
    return { step };
  }

  const extent = (positions, axis) => {
    const along = positions.filter((_, k) => k % 2 === axis);
    return [Math.min(...along), Math.max(...along)];
  };

  /* Operations on positions in a box that leave the true energy as it is. */
  const OPERATIONS = {
    renumber(positions) {
      const order = Array.from({ length: positions.length / 2 }, (_, i) => i);
      for (let i = order.length - 1; i > 0; i--) {
        const j = Math.floor(Math.random() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
      return Float64Array.from(positions, (_, k) => positions[2 * order[k >> 1] + (k % 2)]);
    },
    /* As far as the box allows, in a random direction. */
    shift(positions, box) {
      const by = [0, 1].map(axis => {
        const [low, high] = extent(positions, axis);
        return Math.random() * Math.max(box - (high - low), 0) - low;
      });
      return positions.map((v, k) => v + by[k % 2]);
    },
    turn: (positions, box) => positions.map((_, k) => (k % 2 ? positions[k - 1] : box - positions[k + 1])),
    mirror: (positions, box) => positions.map((v, k) => (k % 2 ? v : box - v)),
  };

  const random = (atoms, box) => Float64Array.from({ length: 2 * atoms }, () => Math.random() * box);

  /* The other atom that is closest to one. */
  function nearest(positions, atom) {
    let found = atom ? 0 : 1;
    for (let i = 0; i < positions.length / 2; i++)
      if (i !== atom && distance(positions, i, atom) < distance(positions, found, atom)) found = i;
    return found;
  }

  /* Two atoms at another distance, about the point between them as far as the box lets them. */
  function apart(positions, i, j, wanted, box) {
    const found = positions.slice(), r = distance(positions, i, j);
    for (const axis of [0, 1]) {
      const [a, b] = [positions[2 * i + axis], positions[2 * j + axis]];
      const half = (wanted / 2) * (r > 0 ? (b - a) / r : 1 - axis);
      const middle = Math.min(Math.max((a + b) / 2, Math.abs(half)), box - Math.abs(half));
      [found[2 * i + axis], found[2 * j + axis]] = [middle - half, middle + half];
    }
    return found;
  }

  return {
    OPERATIONS, apart, distance, energyAndForces, lennardJones, nearest, random, relaxation, tabulated, trueEnergy,
  };
})();
