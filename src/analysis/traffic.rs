//! Traffic equations: rates of flows that feed each other through queues.
//!
//! `rate = own + P^T rate`, where `P[g][f]` is how many starts of flow `f` one
//! start of flow `g` causes (Jackson 1957, open networks). Without rings one
//! pass in topological order is exact; a ring is solved by Gaussian elimination.

/// Why there is no solution.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficError {
    /// Members of the ring, in order of index.
    pub ring: Vec<usize>,
}

/// Rates for given own rates and gains. `gain[g]` lists `(f, starts of f per
/// start of g)`.
///
/// # Errors
/// A ring in which each start causes one or more further starts: its rate would
/// grow without bound.
pub fn solve(own: &[f64], gain: &[Vec<(usize, f64)>]) -> Result<Vec<f64>, TrafficError> {
    let n = own.len();
    let mut into: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
    for (g, out) in gain.iter().enumerate() {
        for (f, x) in out {
            if let Some(list) = into.get_mut(*f) {
                list.push((g, *x));
            }
        }
    }
    let mut rates = own.to_vec();
    for group in components(n, gain) {
        let ring = group.len() > 1 || group.first().is_some_and(|i| gain.get(*i).is_some_and(|o| o.iter().any(|(f, _)| f == i)));
        let feed = |i: usize, rates: &[f64]| -> f64 {
            let outside = into.get(i).into_iter().flatten().filter(|(g, _)| !group.contains(g));
            own.get(i).copied().unwrap_or(0.0) + outside.map(|(g, x)| rates.get(*g).copied().unwrap_or(0.0) * x).sum::<f64>()
        };
        if !ring {
            for i in &group {
                let r = feed(*i, &rates);
                if let Some(slot) = rates.get_mut(*i) {
                    *slot = r;
                }
            }
            continue;
        }
        let inside = |g: usize, f: usize| -> f64 { gain.get(g).into_iter().flatten().filter(|(t, _)| *t == f).map(|(_, x)| *x).sum() };
        let matrix = |rhs: &dyn Fn(usize) -> f64| -> Option<Vec<f64>> {
            let rows = group
                .iter()
                .map(|f| {
                    let mut row: Vec<f64> = group.iter().map(|g| f64::from(u8::from(g == f)) - inside(*g, *f)).collect();
                    row.push(rhs(*f));
                    row
                })
                .collect();
            eliminate(rows)
        };
        // For a non-negative gain matrix, I - P^T has a non-negative inverse exactly
        // when the spectral radius is below 1 (M-matrices; Berman and Plemmons 1994).
        let unit = matrix(&|_| 1.0).filter(|x| x.iter().all(|v| v.is_finite() && *v >= 1.0 - 1e-9));
        if unit.is_none() {
            let mut ring = group.clone();
            ring.sort_unstable();
            return Err(TrafficError { ring });
        }
        if let Some(x) = matrix(&|f| feed(f, &rates)) {
            for (f, value) in group.iter().zip(x) {
                if let Some(slot) = rates.get_mut(*f) {
                    *slot = value;
                }
            }
        }
    }
    Ok(rates)
}

/// Strongly connected groups, feeders first (Tarjan's order, reversed).
fn components(n: usize, gain: &[Vec<(usize, f64)>]) -> Vec<Vec<usize>> {
    crate::graph::ordered_groups(n, gain.iter().enumerate().flat_map(|(g, out)| out.iter().map(move |(f, _)| (g, *f))))
}

/// Gaussian elimination with partial pivoting on an augmented matrix.
fn eliminate(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    let at = |rows: &[Vec<f64>], i: usize, j: usize| rows.get(i).and_then(|r| r.get(j)).copied().unwrap_or(0.0);
    for col in 0..n {
        let pivot = (col..n).max_by(|a, b| at(&rows, *a, col).abs().total_cmp(&at(&rows, *b, col).abs()))?;
        rows.swap(col, pivot);
        let p = at(&rows, col, col);
        if p.abs() < 1e-12 {
            return None;
        }
        let pivot_row = rows.get(col)?.clone();
        for (i, row) in rows.iter_mut().enumerate() {
            if i == col {
                continue;
            }
            let factor = row.get(col).copied().unwrap_or(0.0) / p;
            for (x, y) in row.iter_mut().zip(&pivot_row) {
                *x -= factor * y;
            }
        }
    }
    Some((0..n).map(|i| at(&rows, i, n) / at(&rows, i, i)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_and_a_ring() {
        assert_eq!(solve(&[10.0, 0.0], &[vec![(1, 3.0)], vec![]]), Ok(vec![10.0, 30.0]));
        // x = 10 + 0.5 y, y = x: x = y = 20.
        let rates = solve(&[10.0, 0.0], &[vec![(1, 1.0)], vec![(0, 0.5)]]).expect("gain 0.5");
        assert!(rates.iter().all(|r| (r - 20.0).abs() < 1e-9), "{rates:?}");
        assert_eq!(solve(&[1.0, 0.0], &[vec![(1, 1.0)], vec![(0, 1.0)]]), Err(TrafficError { ring: vec![0, 1] }));
        assert_eq!(solve(&[1.0, 0.0], &[vec![(1, 2.0)], vec![(0, 3.0)]]), Err(TrafficError { ring: vec![0, 1] }));
        assert!(solve(&[1.0], &[vec![(0, 0.999)]]).is_ok_and(|r| (r[0] - 1000.0).abs() < 1e-6));
    }
}
