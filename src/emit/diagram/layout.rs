//! Places: the second half of a layered layout.
//!
//! In: sizes of nodes and labels, and edges. Out: boxes, curves and places of
//! labels, in pixels from the top left. Columns stand side by side; in each,
//! heights are those that make the links as level as can be: least squares under
//! the order of the column, solved exactly column by column (pool adjacent
//! violators; Ayer et al. 1955). A long edge runs level through the empty cells
//! of the columns it passes, so it meets no box.

use super::arrange::{Grid, arrange, at, at_mut, real};

/// A point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

/// The rectangle of a box or of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Rect {
    fn around(c: Point, w: f64, h: f64) -> Self {
        Self { x: c.x - w / 2.0, y: c.y - h / 2.0, w, h }
    }

    /// The area both cover.
    fn overlap(&self, other: &Self) -> f64 {
        let w = (self.x + self.w).min(other.x + other.w) - self.x.max(other.x);
        let h = (self.y + self.h).min(other.y + other.h) - self.y.max(other.y);
        if w > 0.0 && h > 0.0 { w * h } else { 0.0 }
    }

    fn holds(&self, p: Point) -> bool {
        p.x >= self.x && p.x <= self.x + self.w && p.y >= self.y && p.y <= self.y + self.h
    }
}

/// The way of an edge.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Route {
    /// Through these points, level at each.
    Across(Vec<Point>),
    /// From the right side of this box to its own top.
    Loop(Rect),
}

/// An edge in its place.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub edge: usize,
    pub route: Route,
    /// The centre of its label.
    pub label: Option<Point>,
}

/// Everything in its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub boxes: Vec<Rect>,
    pub edges: Vec<Placed>,
    pub size: Point,
    /// Where the row of nodes without edges starts.
    pub apart: Option<f64>,
}

/// What is to be placed.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    /// Width and height of each node.
    pub sizes: Vec<Point>,
    /// Whether a node opens the picture.
    pub first: Vec<bool>,
    /// By index of node; both ends exist.
    pub edges: Vec<(usize, usize)>,
    /// Width of each edge's label; 0 without one.
    pub labels: Vec<f64>,
}

/// Room between two boxes, a box and a passing edge, two passing edges.
const BETWEEN: [f64; 3] = [28.0, 20.0, 20.0];
/// Room between columns: at least, and at most for steep curves.
const GAP: (f64, f64) = (64.0, 200.0);
/// Sweeps over all columns that settle heights.
const SWEEPS: usize = 60;
/// Height of a label.
pub(super) const LABEL: f64 = 14.0;
/// Above so many links between two columns, labels look at each other only.
const CROWDED: usize = 200;

/// Places everything.
pub(super) fn layout(input: &Input) -> Layout {
    let grid = arrange(input.sizes.len(), &input.edges, &input.first);
    let size = |c: usize| at(&grid.cells, c).node.map(|n| *at(&input.sizes, n));
    let ports = ports(&grid, &size);
    let heights = heights(&grid, &size, &ports);
    let top = |c: usize, y: f64| y - size(c).map_or(LABEL, |s| s.y) / 2.0;
    let highest = heights.iter().enumerate().map(|(c, y)| top(c, *y)).fold(f64::INFINITY, f64::min);
    let heights: Vec<f64> = heights.into_iter().map(|y| y - highest).collect();

    let columns = columns(&grid, input, &size, &ports, &heights);
    let mut out = Layout { boxes: vec![Rect::default(); input.sizes.len()], ..Layout::default() };
    for (c, cell) in grid.cells.iter().enumerate() {
        if let (Some(node), Some(s)) = (cell.node, size(c)) {
            let (x, w) = *at(&columns, cell.layer);
            *at_mut(&mut out.boxes, node) = Rect { x, y: top(c, *at(&heights, c)), w, h: s.y };
        }
    }
    out.size.x = columns.last().map_or(0.0, |(x, w)| x + w);
    let floor = |c: usize| at(&heights, c) + size(c).map_or(LABEL, |s| s.y) / 2.0;
    out.size.y = (0..grid.cells.len()).map(floor).fold(0.0, f64::max);
    set_apart(&grid, input, &mut out);
    out.edges = routes(&grid, input, &ports, &heights, &columns, &out.boxes);
    out
}

/// Where a link leaves its left cell and enters its right one, from their middle.
type Ports = Vec<(f64, f64)>;

fn ports(grid: &Grid, size: &impl Fn(usize) -> Option<Point>) -> Ports {
    let mut ports = vec![(0.0, 0.0); grid.links.len()];
    for (c, cell) in grid.cells.iter().enumerate() {
        let Some(s) = size(c) else { continue };
        for up in [true, false] {
            let mut list = if up { cell.up.clone() } else { cell.down.clone() };
            let other = |l: &usize| if up { at(&grid.links, *l).from } else { at(&grid.links, *l).to };
            list.sort_by_key(|l| (at(&grid.cells, other(l)).pos, *l));
            let step = ((s.y - 20.0) / real(list.len().saturating_sub(1).max(1))).min(16.0);
            let middle = real(list.len().saturating_sub(1)) / 2.0;
            for (i, l) in list.into_iter().enumerate() {
                let port = at_mut(&mut ports, l);
                let offset = (real(i) - middle) * step;
                if up {
                    port.1 = offset;
                } else {
                    port.0 = offset;
                }
            }
        }
    }
    ports
}

/// The middle of each cell.
fn heights(grid: &Grid, size: &impl Fn(usize) -> Option<Point>, ports: &Ports) -> Vec<f64> {
    // The least distance of a cell's middle from the first one's of its column.
    let mut stack = vec![0.0; grid.cells.len()];
    let mut y = vec![0.0; grid.cells.len()];
    for column in &grid.layers {
        let mut sum = 0.0;
        for pair in column.windows(2) {
            let [a, b] = pair else { continue };
            let half = |c: &usize| size(*c).map_or(0.0, |s| s.y / 2.0);
            let empty = [a, b].into_iter().filter(|c| size(**c).is_none()).count();
            sum += half(a) + half(b) + at(&BETWEEN, empty);
            *at_mut(&mut stack, *b) = sum;
        }
        for c in column {
            *at_mut(&mut y, *c) = at(&stack, *c) - sum / 2.0;
        }
    }
    let columns = grid.layers.len();
    for sweep in 0..SWEEPS {
        for i in 0..columns {
            let column = at(&grid.layers, if sweep % 2 == 0 { i } else { columns - 1 - i });
            let wanted: Vec<(f64, f64)> = column
                .iter()
                .map(|c| {
                    let (mut sum, mut weight) = (0.0, 0.0);
                    let cell = at(&grid.cells, *c);
                    for l in &cell.up {
                        let (w, p) = (pull(grid, *l), at(ports, *l));
                        sum += w * (at(&y, at(&grid.links, *l).from) + p.0 - p.1);
                        weight += w;
                    }
                    for l in &cell.down {
                        let (w, p) = (pull(grid, *l), at(ports, *l));
                        sum += w * (at(&y, at(&grid.links, *l).to) + p.1 - p.0);
                        weight += w;
                    }
                    if weight > 0.0 { (sum / weight - at(&stack, *c), weight) } else { (0.0, 1.0) }
                })
                .collect();
            for (c, z) in column.iter().zip(ascending(&wanted)) {
                *at_mut(&mut y, *c) = z + at(&stack, *c);
            }
        }
    }
    y
}

/// How much a link wants to be level: most of all amid a long edge.
fn pull(grid: &Grid, link: usize) -> f64 {
    let l = at(&grid.links, link);
    match (at(&grid.cells, l.from).node, at(&grid.cells, l.to).node) {
        (Some(_), Some(_)) => 1.0,
        (None, None) => 8.0,
        (Some(_), None) | (None, Some(_)) => 2.0,
    }
}

/// The ascending numbers nearest to the wanted ones, by weighted least squares.
fn ascending(wanted: &[(f64, f64)]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (value, weight) in wanted {
        let mut new = (*value, *weight, 1);
        while let Some(last) = pools.last().copied().filter(|last| last.0 > new.0) {
            pools.pop();
            let weight = last.1 + new.1;
            new = ((last.0 * last.1 + new.0 * new.1) / weight, weight, last.2 + new.2);
        }
        pools.push(new);
    }
    pools.into_iter().flat_map(|(v, _, n)| std::iter::repeat_n(v, n)).collect()
}

/// Left edge and width of each column.
fn columns(
    grid: &Grid,
    input: &Input,
    size: &impl Fn(usize) -> Option<Point>,
    ports: &Ports,
    y: &[f64],
) -> Vec<(f64, f64)> {
    let mut gaps = vec![GAP.0; grid.layers.len()];
    for chain in &grid.chains {
        for l in &chain.links {
            let (link, p) = (at(&grid.links, *l), at(ports, *l));
            let rise = (at(y, link.from) + p.0 - at(y, link.to) - p.1).abs();
            let label = input.labels.get(chain.edge).copied().unwrap_or(0.0);
            let gap = at_mut(&mut gaps, at(&grid.cells, link.from).layer);
            *gap = gap.max(label + 48.0).max((48.0 + rise * 0.3).min(GAP.1));
        }
    }
    let mut x = 0.0;
    grid.layers
        .iter()
        .zip(gaps)
        .map(|(column, gap)| {
            let w = column.iter().filter_map(|c| size(*c)).map(|s| s.x).fold(0.0, f64::max);
            let here = x;
            x += w + gap;
            (here, w)
        })
        .collect()
}

/// Nodes without edges go below, in rows.
fn set_apart(grid: &Grid, input: &Input, out: &mut Layout) {
    let mut apart: Vec<bool> = vec![true; input.sizes.len()];
    for c in &grid.cells {
        if let Some(n) = c.node {
            *at_mut(&mut apart, n) = false;
        }
    }
    let wide = out.size.x.max(640.0);
    let start = if out.size.y > 0.0 { out.size.y + 44.0 } else { 0.0 };
    let (mut x, mut y, mut tallest) = (0.0, start, 0.0_f64);
    for (n, _) in apart.iter().enumerate().filter(|(_, a)| **a) {
        let s = *at(&input.sizes, n);
        if x > 0.0 && x + s.x > wide {
            (x, y, tallest) = (0.0, y + tallest + BETWEEN[0], 0.0);
        }
        *at_mut(&mut out.boxes, n) = Rect { x, y, w: s.x, h: s.y };
        out.size = Point { x: out.size.x.max(x + s.x), y: out.size.y.max(y + s.y) };
        out.apart = Some(start);
        x += s.x + 36.0;
        tallest = tallest.max(s.y);
    }
}

fn routes(grid: &Grid, input: &Input, ports: &Ports, y: &[f64], columns: &[(f64, f64)], boxes: &[Rect]) -> Vec<Placed> {
    let mut all: Vec<Placed> = Vec::new();
    // Between which columns, of which edge, where.
    let mut ink: Vec<Vec<(usize, Point)>> = vec![Vec::new(); grid.layers.len()];
    for chain in &grid.chains {
        let mut points = Vec::new();
        for l in &chain.links {
            let (link, p) = (at(&grid.links, *l), at(ports, *l));
            let layer = at(&grid.cells, link.from).layer;
            let ((x, w), (next, _)) = (*at(columns, layer), *at(columns, layer + 1));
            let a = Point { x: x + w, y: at(y, link.from) + p.0 };
            let b = Point { x: next, y: at(y, link.to) + p.1 };
            at_mut(&mut ink, layer).extend((0..=24).map(|i| (chain.edge, on_curve(a, b, real(i) / 24.0))));
            points.extend([a, b]);
        }
        if chain.reversed {
            points.reverse();
        }
        all.push(Placed { edge: chain.edge, route: Route::Across(points), label: None });
    }
    place_labels(grid, input, &ink, &mut all);
    for (edge, (a, b)) in input.edges.iter().enumerate().filter(|(_, (a, b))| a == b) {
        if let (Some(r), true) = (boxes.get(*a), a == b) {
            let label = Point { x: r.x + r.w + 10.0, y: r.y - 17.0 };
            all.push(Placed { edge, route: Route::Loop(*r), label: Some(label) });
        }
    }
    all.sort_by_key(|p| p.edge);
    all
}

/// Places each label on its curve, where it overlaps least.
fn place_labels(grid: &Grid, input: &Input, ink: &[Vec<(usize, Point)>], all: &mut [Placed]) {
    let mut taken: Vec<Vec<Rect>> = vec![Vec::new(); grid.layers.len()];
    for (placed, chain) in all.iter_mut().zip(&grid.chains) {
        let width = input.labels.get(chain.edge).copied().unwrap_or(0.0);
        let Route::Across(points) = &placed.route else { continue };
        if width <= 0.0 {
            continue;
        }
        let mut best: Option<(f64, Point, usize)> = None;
        for (i, pair) in points.chunks(2).enumerate() {
            let [a, b] = pair else { continue };
            let link = if chain.reversed { chain.links.len() - 1 - i } else { i };
            let layer = at(&grid.cells, at(&grid.links, *at(&chain.links, link)).from).layer;
            let crowded = at(ink, layer).len() > CROWDED * 25;
            for t in [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8] {
                let c = on_curve(*a, *b, t);
                let room = Rect::around(c, width, LABEL);
                // Within the gap, clear of the arrow heads.
                let inside = room.x >= a.x.min(b.x) + 8.0 && room.x + width <= a.x.max(b.x) - 8.0;
                let labels: f64 = at(&taken, layer).iter().map(|r| r.overlap(&room)).sum();
                let others = if crowded {
                    0
                } else {
                    at(ink, layer).iter().filter(|(e, p)| *e != chain.edge && room.holds(*p)).count()
                };
                let off = (t - 0.5_f64).abs();
                let cost = labels * 10.0 + real(others) + off + real(i) * 0.4 + if inside { 0.0 } else { 3.0 };
                if best.is_none_or(|(b, _, _)| cost < b) {
                    best = Some((cost, c, layer));
                }
            }
        }
        if let Some((_, c, layer)) = best {
            at_mut(&mut taken, layer).push(Rect::around(c, width, LABEL));
            placed.label = Some(c);
        }
    }
}

/// A point of the curve that is level at both ends.
fn on_curve(a: Point, b: Point, t: f64) -> Point {
    let middle = f64::midpoint(a.x, b.x);
    let s = 1.0 - t;
    let (k0, k1, k2, k3) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
    Point { x: k0 * a.x + (k1 + k2) * middle + k3 * b.x, y: (k0 + k1) * a.y + (k2 + k3) * b.y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pools_are_least_squares() {
        assert_eq!(ascending(&[(1.0, 1.0), (5.0, 1.0), (3.0, 1.0), (9.0, 2.0)]), [1.0, 4.0, 4.0, 9.0]);
    }

    proptest! {
        #[test]
        fn no_box_meets_another_or_an_edge(
            n in 1_usize..24,
            edges in prop::collection::vec((0_usize..24, 0_usize..24), 0..60),
            heights in prop::collection::vec(30.0_f64..90.0, 24),
        ) {
            let edges: Vec<_> = edges.into_iter().filter(|(a, b)| *a < n && *b < n).collect();
            let input = Input {
                sizes: heights.iter().take(n).map(|h| Point { x: 120.0, y: *h }).collect(),
                first: vec![true],
                labels: vec![40.0; edges.len()],
                edges,
            };
            let out = layout(&input);
            for (i, a) in out.boxes.iter().enumerate() {
                prop_assert!(a.x >= 0.0 && a.y >= -0.01 && a.x + a.w <= out.size.x + 0.01);
                prop_assert!(a.y + a.h <= out.size.y + 0.01);
                for b in out.boxes.iter().skip(i + 1) {
                    prop_assert!(a.overlap(b) < 0.01, "{a:?} {b:?}");
                }
            }
            prop_assert_eq!(out.edges.len(), input.edges.len());
            for e in &out.edges {
                let Route::Across(points) = &e.route else { continue };
                for pair in points.windows(2) {
                    for i in 1..20 {
                        let p = on_curve(pair[0], pair[1], f64::from(i) / 20.0);
                        for b in &out.boxes {
                            let inner = Rect { x: b.x + 0.5, y: b.y + 0.5, w: b.w - 1.0, h: b.h - 1.0 };
                            prop_assert!(!inner.holds(p), "{p:?} in {b:?}");
                        }
                    }
                }
            }
        }
    }
}
