//! Traffic equations: rates of flows that feed each other through queues.
//!
//! In: own rates, gains. Out: solved rates. Never: a model.
//!
//! `rate = own + P^T rate`, where `P[g][f]` is the number of starts of flow `f` that one start of
//! flow `g` causes (Jackson 1957, open networks). Without rings one pass in topological order is
//! exact. A ring is solved by Gaussian elimination.

use crate::theory::jackson;

/// A ring of flows whose rates grow without bound.
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
        let ring = group.len() > 1
            || group.first().is_some_and(|i| gain.get(*i).is_some_and(|o| o.iter().any(|(f, _)| f == i)));
        let feed = |i: usize, rates: &[f64]| -> f64 {
            let outside = into.get(i).into_iter().flatten().filter(|(g, _)| !group.contains(g));
            own.get(i).copied().unwrap_or(0.0)
                + outside.map(|(g, x)| rates.get(*g).copied().unwrap_or(0.0) * x).sum::<f64>()
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
        let feeds: Vec<f64> = group.iter().map(|f| feed(*f, &rates)).collect();
        let inside = |g: usize, f: usize| -> f64 {
            gain.get(g).into_iter().flatten().filter(|(t, _)| *t == f).map(|(_, x)| *x).sum()
        };
        let routing: Vec<Vec<f64>> = group.iter().map(|g| group.iter().map(|f| inside(*g, *f)).collect()).collect();
        // A ring without input is checked too: a gain of 1 or more is an error at any rate.
        let probe = vec![1.0; group.len()];
        let (Ok(_), Ok(solved)) = (jackson::traffic(&probe, &routing), jackson::traffic(&feeds, &routing)) else {
            return Err(TrafficError { ring: group });
        };
        for (f, value) in group.iter().zip(solved) {
            if let Some(slot) = rates.get_mut(*f) {
                *slot = value;
            }
        }
    }
    Ok(rates)
}

/// Strongly connected groups in topological order (Tarjan's order, reversed).
fn components(n: usize, gain: &[Vec<(usize, f64)>]) -> Vec<Vec<usize>> {
    crate::graph::ordered_groups(n, gain.iter().enumerate().flat_map(|(g, out)| out.iter().map(move |(f, _)| (g, *f))))
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
