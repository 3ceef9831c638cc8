"""A structure that changes, as a drawing that plays inside a page, without the network or any file beside it."""

import html as escaping
import json
import re

import numpy as np

from surrogates.analysis.plots import BLUE, ORANGE, principal_axes

RADIUS = 2 ** (1 / 6) / 2  # of an atom: two of them touch at the best distance of a pair
SECONDS = 0.5  # from one frame to the next
SCALE = 100  # positions are written as whole numbers of a hundredth of sigma
PALEST, DARKEST = 0.3, 0.9  # opacity of the atom that is farthest away, and of the nearest


def html(name: str, frames: np.ndarray, captions: list[str], description: str) -> str:
    """A figure that shows frames ``(frames, atoms, 2)`` or ``(frames, atoms, 3)``, moving from one to the next.

    In space one looks along the shortest axis of the last frame; what is farther away is paler.

    Parameters
    ----------
    name : str
        Letters, digits and hyphens; tells it from other figures of the page.
    frames : array
        Positions in units of sigma; each frame is moved to the middle.
    captions : list of str
        What stands below each frame.
    description : str
        What is to be seen: the caption, and the name for those who do not see it.

    It plays over and over. Where a reader has asked for less motion, it shows the last frame and plays when its button
    is pressed. Without scripts, as on paper, it is the last frame.
    """
    frames = np.asarray(frames, dtype=float)
    known = frames.ndim == 3 and frames.shape[2] in (2, 3) and np.isfinite(frames).all()
    if not known or len(frames) != len(captions):
        raise ValueError(
            f"frames of shape {frames.shape} and {len(captions)} captions: give finite positions (frames, atoms, 2) or "
            "(frames, atoms, 3) and one caption for each frame."
        )
    if not re.fullmatch("[a-z0-9-]+", name):
        raise ValueError(f"name = {name!r}: give small letters, digits and hyphens.")
    frames = frames - frames.mean(axis=1, keepdims=True)
    if frames.shape[2] == 3:
        frames = frames @ principal_axes(frames[-1]).T
        frames = frames[:, np.argsort(frames[-1, :, 2])]  # the nearest is drawn last
    half = float(np.abs(frames[..., :2]).max() + RADIUS)
    whole = np.rint(SCALE * frames).astype(int)
    side, radius = SCALE * half, SCALE * RADIUS
    shown = {"frames": whole.reshape(len(frames), -1).tolist(), "captions": captions}
    opacities = [""] * frames.shape[1]
    if frames.shape[2] == 3:
        farthest, nearest = int(whole[..., 2].min()), int(whole[..., 2].max())
        shown["depths"] = [farthest, max(nearest, farthest + 1), PALEST, DARKEST]
        opacities = [
            f' fill-opacity="{value:.2f}"'
            for value in np.interp(whole[-1, :, 2], *np.split(np.array(shown["depths"]), 2))
        ]
    atoms = "".join(
        f'<circle cx="{x}" cy="{-y}" r="{radius:.0f}"{opacity}/>'
        for (x, y), opacity in zip(whole[-1, :, :2], opacities, strict=True)
    )
    data = json.dumps(shown, separators=(",", ":"))
    return (
        f'<figure class="animation" id="{name}">'
        f'<svg viewBox="{-side:.0f} {-side:.0f} {2 * side:.0f} {2 * side:.0f}" role="img" '
        f'aria-label="{escaping.escape(description)}" fill="{BLUE}" stroke="{ORANGE}" stroke-width="4" '
        f'fill-opacity="0.8">{atoms}</svg>'
        f"<figcaption><p>{escaping.escape(description)}</p>"
        f'<button type="button">Play</button> <span>{escaping.escape(captions[-1])}</span></figcaption>'
        # A closing tag within the data would end the script.
        f"<script>({_SCRIPT})({json.dumps(name)}, {data.replace('</', '<' + chr(92) + '/')}, {SECONDS * 1000:.0f});"
        "</script></figure>"
    )


_SCRIPT = """function (name, data, pause) {
  const figure = document.getElementById(name);
  const circles = figure.querySelectorAll("circle");
  const button = figure.querySelector("button");
  const caption = figure.querySelector("span");
  const last = data.frames.length - 1;
  let playing = false, elapsed = 0, before = null;
  function draw(time) {
    const place = Math.min(time / pause, last), frame = Math.floor(place), share = place - frame;
    const from = data.frames[frame], to = data.frames[Math.min(frame + 1, last)];
    const size = data.depths ? 3 : 2;
    const at = (i, axis) => (1 - share) * from[size * i + axis] + share * to[size * i + axis];
    circles.forEach((circle, i) => {
      circle.setAttribute("cx", at(i, 0));
      circle.setAttribute("cy", -at(i, 1));
    });
    if (data.depths) {
      const [farthest, nearest, palest, darkest] = data.depths;
      const near = (i) => (at(i, 2) - farthest) / (nearest - farthest);
      const order = [...circles.keys()].sort((i, j) => at(i, 2) - at(j, 2));
      order.forEach((i) => circles[i].setAttribute("fill-opacity", palest + near(i) * (darkest - palest)));
      figure.querySelector("svg").append(...order.map((i) => circles[i]));
    }
    caption.textContent = data.captions[frame];
  }
  function step(now) {
    if (!playing) { before = null; return; }
    elapsed += before === null ? 0 : now - before;
    before = now;
    if (elapsed > (last + 6) * pause) elapsed = 0;
    draw(elapsed);
    requestAnimationFrame(step);
  }
  function set(wanted) {
    playing = wanted;
    button.textContent = playing ? "Pause" : "Play";
    if (playing) requestAnimationFrame(step);
  }
  button.addEventListener("click", () => set(!playing));
  if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) set(true);
}"""
