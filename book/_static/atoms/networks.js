/* The trained networks, from the positions of atoms to what they were trained on. Plain JavaScript in float64, for
   lack of a library that runs from file:// and keeps the order of the sort pooling. What a network sees (distances,
   counts, cells) is rounded to float32, as it was in training; tests compare every number with that of Keras.

   Positions are flat: x1, y1, x2, y2, ... in units of sigma. */
"use strict";

var surrogateNetworks = (() => {
  const single = Math.fround;
  const relu = v => Math.max(v, 0);
  const linear = v => v;

  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer;

  /* Weights as the build has written them: base64 of float32, or of whole numbers with a scale per output. */
  function decoded(stored) {
    if (typeof stored === "string") return new Float32Array(bytes(stored));
    const scale = new Float32Array(bytes(stored.scale));
    return Float32Array.from(new Int16Array(bytes(stored.whole)), (v, k) => v * scale[k % scale.length]);
  }

  /* A network as the build has written it, ready to be asked. */
  function unpacked(stored) {
    const weights = {};
    for (const [path, part] of Object.entries(stored.weights)) {
      const [layer, name] = path.split("/");
      (weights[layer] ||= {})[name] = decoded(part);
    }
    return { ...stored, weights };
  }

  /* x times the kernel, added to y, for one row: most units of a ReLU layer are off and cost nothing. */
  function addProduct(x, kernel, y) {
    for (let i = 0; i < x.length; i++) {
      if (x[i] === 0) continue;
      for (let j = 0, k = i * y.length; j < y.length; j++, k++) y[j] += x[i] * kernel[k];
    }
    return y;
  }

  function dense(x, layer, activation) {
    const y = addProduct(x, layer.kernel, new Float64Array(layer.bias));
    if (activation !== linear) for (let j = 0; j < y.length; j++) y[j] = activation(y[j]);
    return y;
  }

  /* The hidden ReLU layers dense_1, dense_2, ... and the linear unit behind them. */
  function head(x, weights) {
    for (let i = 1; weights[`dense_${i}`]; i++) x = dense(x, weights[`dense_${i}`], relu);
    return dense(x, weights.energy, linear)[0];
  }

  function joined(rows) {
    const found = new Float64Array(rows.reduce((sum, row) => sum + row.length, 0));
    let start = 0;
    for (const row of rows) {
      found.set(row, start);
      start += row.length;
    }
    return found;
  }

  const standardized = (x, scaling) =>
    scaling ? x.map((value, i) => (value - scaling.shift[i]) / scaling.scale[i]) : x;

  function mlp(network, positions) {
    return head(standardized(Float64Array.from(positions, single), network.weights.scaling), network.weights);
  }

  /* Which cells of the box hold an atom: 0 or 1, rows along y. One outside counts in the nearest cell. */
  function occupancy(positions, box, cells) {
    const grid = new Float64Array(cells * cells);
    const cell = v => Math.min(Math.max(Math.floor(single(single(v) * single(cells / box))), 0), cells - 1);
    for (let i = 0; i < positions.length; i += 2) grid[cell(positions[i + 1]) * cells + cell(positions[i])] = 1;
    return grid;
  }

  /* Convolution with ReLU that keeps the size: image (side, side, channels), kernel (size, size, channels, filters). */
  function convolved(image, side, { kernel, bias }, size) {
    const filters = bias.length, channels = image.length / (side * side), half = (size - 1) >> 1;
    const found = new Float64Array(side * side * filters).map((_, i) => bias[i % filters]);
    for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) {
      const pixel = image.subarray((y * side + x) * channels, (y * side + x + 1) * channels);
      if (pixel.every(v => v === 0)) continue;
      for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) {
        const row = y + half - a, column = x + half - b;
        if (row < 0 || column < 0 || row >= side || column >= side) continue;
        const to = (row * side + column) * filters, from = (a * size + b) * channels * filters;
        addProduct(pixel, kernel.subarray(from, from + channels * filters), found.subarray(to, to + filters));
      }
    }
    return found.map(relu);
  }

  /* The largest of every 2 x 2 pixels. */
  function halved(image, side, channels) {
    const half = side >> 1, found = new Float64Array(half * half * channels).fill(-Infinity);
    for (let y = 0; y < 2 * half; y++) for (let x = 0; x < 2 * half; x++) for (let c = 0; c < channels; c++) {
      const to = ((y >> 1) * half + (x >> 1)) * channels + c;
      found[to] = Math.max(found[to], image[(y * side + x) * channels + c]);
    }
    return found;
  }

  function cnn({ weights, settings, box }, positions) {
    let side = settings.cells, image = occupancy(positions, box, side);
    settings.filters.forEach((filters, i) => {
      image = halved(convolved(image, side, weights[`convolution_${i + 1}`], settings.kernel), side, filters);
      side >>= 1;
    });
    return head(image, weights);
  }

  /* All distances, (atoms, atoms), in the steps and the precision of the networks' own. */
  function distances(positions) {
    const n = positions.length / 2, found = new Float64Array(n * n), p = Float64Array.from(positions, single);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) {
      const x = single(p[2 * i] - p[2 * j]), y = single(p[2 * i + 1] - p[2 * j + 1]);
      found[i * n + j] = found[j * n + i] = single(Math.sqrt(single(single(x * x) + single(y * y))));
    }
    return found;
  }

  /* How many other atoms lie within each radius, then the distances to all others in ascending order. */
  function features(row, atom, radii) {
    const others = row.filter((_, j) => j !== atom).sort();
    return Float64Array.from([...radii.map(radius => others.filter(r => r <= radius).length), ...others]);
  }

  /* D^-1/2 A D^-1/2, where A has the distance of atoms within the cutoff, and 1 on its diagonal. */
  function adjacency(apart, n, cutoff) {
    const weights = apart.map((r, k) => (k % (n + 1) === 0 ? 1 : r <= cutoff ? r : 0));
    const scale = Array.from({ length: n }, (_, i) =>
      1 / Math.sqrt(weights.subarray(i * n, (i + 1) * n).reduce((sum, w) => sum + w)));
    return weights.map((w, k) => w * scale[Math.floor(k / n)] * scale[k % n]);
  }

  function graphConvolved(rows, neighbours, layer, activation) {
    const n = rows.length, flat = joined(rows);
    return rows.map((_, i) => {
      const mixed = new Float64Array(rows[0].length);
      addProduct(neighbours.subarray(i * n, (i + 1) * n), flat, mixed);
      return dense(mixed, layer, activation);
    });
  }

  /* Descending by the last channel; where that is equal, by the sum of the others: the tie-break of training. */
  function sortPooled(embeddings) {
    const rank = e => e[e.length - 1] + 1e-12 * e.subarray(0, -1).reduce((sum, v) => sum + v, 0);
    const ranked = embeddings.map(e => [rank(e), e]).sort((a, b) => b[0] - a[0]);
    return joined(ranked.map(([, e]) => e));
  }

  function gcn({ weights, settings, radii }, positions) {
    const n = positions.length / 2, apart = distances(positions);
    const neighbours = adjacency(apart, n, settings.cutoff);
    let rows = Array.from({ length: n }, (_, i) =>
      standardized(features(apart.subarray(i * n, (i + 1) * n), i, radii), weights.scaling));
    const layers = [];
    for (let i = 1; i <= settings.n_layers; i++) {
      rows = graphConvolved(rows, neighbours, weights[`graph_convolution_${i}`], relu);
      layers.push(rows);
    }
    layers.push(graphConvolved(rows, neighbours, weights.rank, linear));
    return head(sortPooled(rows.map((_, i) => joined(layers.map(layer => layer[i])))), weights);
  }

  /* The linear_log of the energy of a pair at distance r, and its slope. */
  function pair({ weights, settings }, r) {
    const x = Math.log(r), [nearest, reach] = [Math.log(0.7), Math.log(settings.reach)];
    const width = (reach - nearest) / (settings.gaussians - 1);
    let values = new Float64Array(settings.gaussians + 1), slopes = new Float64Array(settings.gaussians + 1);
    [values[0], slopes[0]] = [x, 1];
    for (let i = 0; i < settings.gaussians; i++) {
      const apart = (x - nearest) / width - i;
      if (Math.abs(apart) > 8.5) continue; // less than 1e-15
      values[i + 1] = Math.exp(-0.5 * apart * apart);
      slopes[i + 1] = (-apart / width) * values[i + 1];
    }
    for (let i = 1; weights[`dense_${i}`]; i++) {
      const layer = weights[`dense_${i}`];
      values = dense(values, layer, linear);
      slopes = addProduct(slopes, layer.kernel, new Float64Array(values.length));
      for (let j = 0; j < values.length; j++) { // silu
        const share = 1 / (1 + Math.exp(-values[j]));
        slopes[j] *= share * (1 + values[j] * (1 - share));
        values[j] *= share;
      }
    }
    const value = dense(values, weights.pair_energies, linear)[0];
    const slope = addProduct(slopes, weights.pair_energies.kernel, new Float64Array(1))[0];
    const z = -4 * x, decay = z > 30 ? z : Math.log1p(Math.exp(z)); // falls as r^-4
    return [value * decay, (slope * decay - (value * 4) / (1 + Math.exp(-z))) / r];
  }

  const asLinearLog = v => (v < 0 ? v : Math.log1p(v));
  const asEnergy = t => (t < 0 ? t : Math.expm1(Math.min(t, 80)));

  function pairs(network, positions) {
    const n = positions.length / 2, apart = distances(positions), atoms = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) {
      const half = asEnergy(pair(network, Math.max(apart[i * n + j], 1e-10))[0]) / 2;
      atoms[i] += half;
      atoms[j] += half;
    }
    return asLinearLog(atoms.reduce((sum, v) => sum + asEnergy(asLinearLog(v)), 0));
  }

  const KINDS = { MLP: mlp, CNN: cnn, GCN: gcn, Pairs: pairs };
  const INVERSE = { log: t => Math.exp(t) - 32, "linear-log": t => (t < 0 ? t : Math.expm1(t)) };

  const output = (network, positions) => KINDS[network.settings.kind](network, positions);
  const energy = (network, positions) => INVERSE[network.target](output(network, positions));
  /* Energy of a pair and its derivative. */
  const pairEnergy = (network, r) => {
    const [value, slope] = pair(network, r);
    return value < 0 ? [value, slope] : [Math.expm1(value), Math.exp(value) * slope];
  };

  return { energy, occupancy, output, pairEnergy, unpacked };
})();
