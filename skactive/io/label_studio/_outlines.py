"""From the pixels of a mask to outlines that people can edit."""

import numpy as np

# Right, down, left, up, as (x, y); the next one is a turn to the right.
STEPS = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])
DOWN, UP = 1, 3


def mask_to_polygons(mask):
    """Return the outlines of a mask, one for each patch.

    Parameters
    ----------
    mask : array-like of bool of shape (height, width)
        True inside.

    Returns
    -------
    polygons : list of ndarray of int of shape (k, 2)
        Corners (x, y) in pixels, along the borders of pixels, clockwise. Patches that
        touch at a corner are two. A hole is part of the outline around it, joined by a
        line that is run along there and back.

    Raises
    ------
    ValueError
        If ``mask`` has not two axes.

    See Also
    --------
    polygon_to_mask : The way back; it returns exactly the pixels of the patch.

    Notes
    -----
    Cost: O(height width), and O(length of the border) in plain Python, about a second
    for a million pixels of border.

    Examples
    --------
    >>> from skactive.io.label_studio import mask_to_polygons
    >>> mask_to_polygons([[0, 1, 1], [0, 1, 1]])[0].tolist()
    [[1, 2], [1, 0], [3, 0], [3, 2]]
    """
    mask = np.asarray(mask)
    if mask.ndim != 2:
        raise ValueError(
            f"A mask has the shape (height, width); got an array of shape {mask.shape}."
        )
    inside = np.pad(mask != 0, 1)
    edges, id_of = _border(inside)
    rings = _rings(_followers(edges, id_of))
    outer, holes = _sorted_out(rings, edges)
    parent = _parents(holes, edges, id_of, inside)
    starts = edges[:, 1:] - 1  # without the padding
    ends = starts + STEPS[edges[:, 0]]
    joined = {}  # edge of a ring: the outline of the hole that is joined at its end
    # A hole is joined to what lies left of it, so the rightmost one is complete first.
    for _, ring in sorted(holes, reverse=True):
        path = _path(ring, starts, ends, joined)
        joined[parent[ring[0]]] = [*path, path[0]]
    return [
        _corners(np.array(_path(ring, starts, ends, joined)))
        for _, ring in sorted(outer)
    ]


def _border(inside):
    """Return the edges between inside and outside, with the inside on the right hand.

    As rows (direction, x, y) of their starts, and the row of each by these three.
    """
    before = [np.roll(inside, 1, axis=0), np.roll(inside, -1, axis=1)]
    before += [np.roll(inside, -1, axis=0), np.roll(inside, 1, axis=1)]
    id_of = np.full((4, inside.shape[1] + 1, inside.shape[0] + 1), -1)
    found = []
    for direction, (dx, dy) in enumerate([(0, 0), (1, 0), (1, 1), (0, 1)]):
        y, x = np.nonzero(inside & ~before[direction])
        found.append(np.column_stack([np.full(len(x), direction), x + dx, y + dy]))
    edges = np.concatenate(found)
    id_of[tuple(edges.T)] = np.arange(len(edges))
    return edges, id_of


def _followers(edges, id_of):
    """Return the edge that follows each one.

    At a corner where patches touch, the one to the right: it stays with its pixel.
    """
    direction, x, y = edges.T
    x, y = np.array([x, y]) + STEPS[direction].T
    right, ahead, left = (id_of[(direction + turn) % 4, x, y] for turn in (1, 0, 3))
    return np.where(right >= 0, right, np.where(ahead >= 0, ahead, left))


def _rings(followers):
    """Return the closed paths that edges make, as lists of edges."""
    after = followers.tolist()
    seen = bytearray(len(after))
    rings = []
    for first in range(len(after)):
        if seen[first]:
            continue
        ring, edge = [], first
        while not seen[edge]:
            seen[edge] = 1
            ring.append(edge)
            edge = after[edge]
        rings.append(ring)
    return rings


def _sorted_out(rings, edges):
    """Return outer rings and holes, each with its place, from its leftmost edge on."""
    outer, holes = [], []
    direction, x, y = edges.T
    for ring in rings:
        upright = np.flatnonzero(direction[ring] % 2)
        at = upright[np.argmin(x[ring][upright])]
        first = ring[at]
        # Along the left side of a patch one goes up, along that of a hole down.
        group = holes if direction[first] == DOWN else outer
        group.append(((int(x[first]), int(y[first])), ring[at:] + ring[:at]))
    return outer, holes


def _parents(holes, edges, id_of, inside):
    """Return for the first edge of each hole the edge to the left that it is joined to.

    A line from its top to the left, through the patch, comes to the end of that edge.
    """
    parent = {}
    for (x, y), ring in holes:
        outside = np.flatnonzero(~inside[y, :x])
        parent[ring[0]] = int(id_of[UP, outside[-1] + 1, y + 1])
    return parent


def _path(ring, starts, ends, joined):
    """Return the points of a ring and of the holes that are joined to it."""
    points, begun = [], 0
    for at, edge in enumerate(ring):
        if edge in joined:
            points.extend(starts[ring[begun : at + 1]].tolist())
            points.append(ends[edge].tolist())
            points.extend(joined[edge])
            begun = at + 1
    points.extend(starts[ring[begun:]].tolist())
    return points


def _corners(points):
    """Return points without those in the middle of a straight line."""
    into = points - np.roll(points, 1, axis=0)
    out = np.roll(into, -1, axis=0)
    cross = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]
    straight = (cross == 0) & ((into * out).sum(axis=1) > 0)
    return points[~straight]
