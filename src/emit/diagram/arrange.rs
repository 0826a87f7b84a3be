//! Layers and their order: the first half of a layered layout.
//!
//! In: how many nodes, and edges between them. Out: a [`Grid`]: columns of cells
//! in which every link goes from one column to the next. Sugiyama, Tagawa and
//! Toda 1981: edges against the stream are turned round, nodes go to the column
//! of their longest path, long edges get an empty cell in each column they pass,
//! and barycenters with swaps of neighbours take out crossings. All rounds are
//! counted, all ties go to what came first: same input, same grid.

/// A place in a column: a node, or where a long edge passes.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub node: Option<usize>,
    pub layer: usize,
    /// Its place in the column, from the top.
    pub pos: usize,
    /// Links from the column before.
    pub up: Vec<usize>,
    /// Links to the column after.
    pub down: Vec<usize>,
}

/// A part of an edge between neighbouring columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub from: usize,
    pub to: usize,
}

/// The way of an edge through the columns.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub edge: usize,
    /// Its links, from left to right.
    pub links: Vec<usize>,
    /// Whether the edge goes from right to left.
    pub reversed: bool,
}

/// Columns of cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Grid {
    pub cells: Vec<Cell>,
    pub links: Vec<Link>,
    /// Cells of each column, from the top.
    pub layers: Vec<Vec<usize>>,
    pub chains: Vec<Chain>,
}

/// Rounds of sweeps over all columns, there and back.
const ROUNDS: usize = 12;

/// Arranges the nodes that have edges; the others and rings of one are left out.
/// Nodes in `first` open the picture.
pub(super) fn arrange(n: usize, edges: &[(usize, usize)], first: &[bool]) -> Grid {
    let real: Vec<(usize, (usize, usize))> =
        edges.iter().copied().enumerate().filter(|(_, (a, b))| a != b && *a < n && *b < n).collect();
    let (order, against) = streams(n, &real, first);
    let down: Vec<(usize, usize, usize)> = real
        .iter()
        .zip(&against)
        .map(|((e, (a, b)), turned)| if *turned { (*e, *b, *a) } else { (*e, *a, *b) })
        .collect();
    let layer = longest_paths(n, &order, &down, first);
    let mut grid = Grid::default();
    let mut cell_of: Vec<Option<usize>> = vec![None; n];
    for (_, a, b) in &down {
        for node in [*a, *b] {
            *at_mut(&mut cell_of, node) = Some(0);
        }
    }
    for (node, slot) in cell_of.iter_mut().enumerate() {
        if slot.is_some() {
            *slot = Some(grid.cell(Some(node), *at(&layer, node)));
        }
    }
    for ((e, a, b), reversed) in down.into_iter().zip(against) {
        let (Some(a), Some(b)) = (*at(&cell_of, a), *at(&cell_of, b)) else { continue };
        let last = at(&grid.cells, b).layer;
        let (mut here, mut links) = (a, Vec::new());
        for l in at(&grid.cells, a).layer + 1..last {
            let dummy = grid.cell(None, l);
            links.push(grid.link(here, dummy));
            here = dummy;
        }
        links.push(grid.link(here, b));
        grid.chains.push(Chain { edge: e, links, reversed });
    }
    grid.first_order();
    grid.uncross();
    grid
}

/// The progress of a depth-first search at a node.
#[derive(Clone, Copy, PartialEq)]
enum Visit {
    /// Not reached.
    New,
    /// On the path from the root.
    Open,
    /// Left, with all that it reaches.
    Done,
}

/// Depth first from where requests come from: nodes in topological order, and
/// for each edge whether it goes against the stream.
fn streams(n: usize, real: &[(usize, (usize, usize))], first: &[bool]) -> (Vec<usize>, Vec<bool>) {
    let mut out: Vec<Vec<(usize, usize)>> = vec![Vec::new(); n];
    let mut has_in = vec![false; n];
    for (k, (_, (a, b))) in real.iter().enumerate() {
        at_mut(&mut out, *a).push((k, *b));
        *at_mut(&mut has_in, *b) = true;
    }
    let opens = |v: &usize| first.get(*v).copied().unwrap_or(false);
    let roots = (0..n).filter(opens).chain((0..n).filter(|v| !at(&has_in, *v))).chain(0..n);
    let mut state = vec![Visit::New; n];
    let mut against = vec![false; real.len()];
    let mut done = Vec::new();
    for root in roots {
        if *at(&state, root) != Visit::New {
            continue;
        }
        *at_mut(&mut state, root) = Visit::Open;
        let mut stack = vec![(root, 0)];
        while let Some((v, next)) = stack.pop() {
            let Some((k, w)) = at(&out, v).get(next).copied() else {
                *at_mut(&mut state, v) = Visit::Done;
                done.push(v);
                continue;
            };
            stack.push((v, next + 1));
            match *at(&state, w) {
                Visit::New => {
                    *at_mut(&mut state, w) = Visit::Open;
                    stack.push((w, 0));
                }
                Visit::Open => *at_mut(&mut against, k) = true,
                Visit::Done => {}
            }
        }
    }
    done.reverse();
    (done, against)
}

/// The column of each node: the length of its longest path from a start. What
/// calls more than call it then moves right, next to them: edges get shorter in
/// sum. Those of `first` stay where they are.
fn longest_paths(n: usize, order: &[usize], down: &[(usize, usize, usize)], first: &[bool]) -> Vec<usize> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut callers = vec![0_usize; n];
    for (_, a, b) in down {
        at_mut(&mut out, *a).push(*b);
        *at_mut(&mut callers, *b) += 1;
    }
    let mut layer = vec![0_usize; n];
    for v in order {
        let next = at(&layer, *v) + 1;
        for w in at(&out, *v) {
            let slot = at_mut(&mut layer, *w);
            *slot = (*slot).max(next);
        }
    }
    let stays = |v: &usize| first.get(*v).copied().unwrap_or(false);
    for v in order.iter().rev().filter(|v| !stays(v)) {
        if let Some(nearest) = at(&out, *v).iter().map(|w| *at(&layer, *w)).min()
            && at(&out, *v).len() > *at(&callers, *v)
        {
            *at_mut(&mut layer, *v) = nearest.saturating_sub(1);
        }
    }
    layer
}

impl Grid {
    fn cell(&mut self, node: Option<usize>, layer: usize) -> usize {
        self.cells.push(Cell { node, layer, pos: 0, up: Vec::new(), down: Vec::new() });
        self.cells.len() - 1
    }

    fn link(&mut self, from: usize, to: usize) -> usize {
        let id = self.links.len();
        self.links.push(Link { from, to });
        at_mut(&mut self.cells, from).down.push(id);
        at_mut(&mut self.cells, to).up.push(id);
        id
    }

    /// Columns in the order in which a walk from the left meets the cells.
    fn first_order(&mut self) {
        let columns = self.cells.iter().map(|c| c.layer + 1).max().unwrap_or(0);
        self.layers = vec![Vec::new(); columns];
        let mut seen = vec![false; self.cells.len()];
        let mut roots: Vec<usize> = (0..self.cells.len()).collect();
        roots.sort_by_key(|c| at(&self.cells, *c).layer);
        for root in roots {
            let mut stack = vec![root];
            while let Some(c) = stack.pop() {
                if std::mem::replace(at_mut(&mut seen, c), true) {
                    continue;
                }
                let cell = at(&self.cells, c);
                at_mut(&mut self.layers, cell.layer).push(c);
                stack.extend(cell.down.iter().rev().map(|l| at(&self.links, *l).to));
            }
        }
        self.number();
    }

    fn number(&mut self) {
        for column in &self.layers {
            for (pos, c) in column.iter().enumerate() {
                at_mut(&mut self.cells, *c).pos = pos;
            }
        }
    }

    /// Places of the neighbours in the column before (`up`) or after, ascending.
    fn places(&self, cell: usize, up: bool) -> Vec<usize> {
        let c = at(&self.cells, cell);
        let mut places: Vec<usize> = if up {
            c.up.iter().map(|l| at(&self.cells, at(&self.links, *l).from).pos).collect()
        } else {
            c.down.iter().map(|l| at(&self.cells, at(&self.links, *l).to).pos).collect()
        };
        places.sort_unstable();
        places
    }

    fn uncross(&mut self) {
        let mut best = (self.crossings(), self.layers.clone());
        for _ in 0..ROUNDS {
            for up in [true, false] {
                let columns = self.layers.len();
                for i in 0..columns {
                    self.barycenter(if up { i } else { columns - 1 - i }, up);
                }
                self.swap_neighbours();
                let now = self.crossings();
                if now < best.0 {
                    best = (now, self.layers.clone());
                }
            }
            if best.0 == 0 {
                break;
            }
        }
        self.layers = best.1;
        self.number();
    }

    /// Sorts one column by the mean place of the neighbours on one side.
    fn barycenter(&mut self, column: usize, up: bool) {
        let mut keyed: Vec<(f64, usize)> = at(&self.layers, column)
            .iter()
            .map(|c| {
                let places = self.places(*c, up);
                if places.is_empty() {
                    return (real(at(&self.cells, *c).pos), *c);
                }
                (places.iter().map(|p| real(*p)).sum::<f64>() / real(places.len()), *c)
            })
            .collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        *at_mut(&mut self.layers, column) = keyed.into_iter().map(|(_, c)| c).collect();
        self.number();
    }

    /// Swaps neighbours in a column where that takes crossings out.
    fn swap_neighbours(&mut self) {
        for column in 0..self.layers.len() {
            for i in 1..at(&self.layers, column).len() {
                let list = at(&self.layers, column);
                let (a, b) = (*at(list, i - 1), *at(list, i));
                let (mut as_is, mut swapped) = (0, 0);
                for up in [true, false] {
                    let (pa, pb) = (self.places(a, up), self.places(b, up));
                    as_is += inversions(&pa, &pb);
                    swapped += inversions(&pb, &pa);
                }
                if swapped < as_is {
                    at_mut(&mut self.layers, column).swap(i - 1, i);
                    at_mut(&mut self.cells, a).pos = i;
                    at_mut(&mut self.cells, b).pos = i - 1;
                }
            }
        }
    }

    /// Crossings between all columns (Barth, Jünger and Mutzel 2002).
    pub(super) fn crossings(&self) -> usize {
        let mut total = 0;
        for pair in self.layers.windows(2) {
            let [left, right] = pair else { continue };
            let mut tree = vec![0_usize; right.len() + 1];
            let mut placed = 0;
            for c in left {
                let places = self.places(*c, false);
                for p in &places {
                    // Those placed so far that end at or above `p`.
                    let (mut i, mut above) = (p + 1, 0);
                    while i > 0 {
                        above += tree.get(i).copied().unwrap_or(0);
                        i &= i - 1;
                    }
                    total += placed - above;
                }
                for p in places {
                    placed += 1;
                    let mut i = p + 1;
                    while let Some(slot) = tree.get_mut(i) {
                        *slot += 1;
                        i += i & i.wrapping_neg();
                    }
                }
            }
        }
        total
    }
}

/// Pairs of which the one of `a` lies below the one of `b`; both ascending.
fn inversions(a: &[usize], b: &[usize]) -> usize {
    let (mut below, mut total) = (0, 0);
    for x in a {
        while b.get(below).is_some_and(|y| y < x) {
            below += 1;
        }
        total += below;
    }
    total
}

/// A small count as a number.
pub(super) fn real(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}

/// An element by an index that was made for this list.
pub(super) fn at<T>(list: &[T], i: usize) -> &T {
    list.get(i).unwrap_or_else(|| unreachable!("indices are only made for elements of their list"))
}

/// A mutable element by an index that was made for this list.
pub(super) fn at_mut<T>(list: &mut [T], i: usize) -> &mut T {
    list.get_mut(i).unwrap_or_else(|| unreachable!("indices are only made for elements of their list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_go_one_column_on() {
        // A ring with a short cut.
        let edges = [(0, 1), (1, 2), (2, 3), (3, 1), (0, 3), (2, 2), (0, 9)];
        let grid = arrange(5, &edges, &[true]);
        for l in &grid.links {
            assert_eq!(grid.cells[l.from].layer + 1, grid.cells[l.to].layer);
        }
        let turned: Vec<usize> = grid.chains.iter().filter(|c| c.reversed).map(|c| c.edge).collect();
        assert_eq!(turned, [3]);
        assert_eq!(grid.layers.len(), 4);
    }

    #[test]
    fn crossings_are_taken_out() {
        let edges = [(0, 5), (1, 4), (2, 3)];
        assert_eq!(arrange(6, &edges, &[]).crossings(), 0);
        // K(3,3) has at least nine crossings when drawn in two columns.
        let full: Vec<(usize, usize)> = (0..3).flat_map(|a| (3..6).map(move |b| (a, b))).collect();
        assert_eq!(arrange(6, &full, &[]).crossings(), 9);
    }
}
