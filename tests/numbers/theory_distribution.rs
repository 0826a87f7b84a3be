//! Measured accuracy of the distributions against closed forms.

use crate::support::oracles;
use archc::theory::cache::{Policy, Zipf};
use archc::theory::gg::Station;
use archc::theory::jackson::{TrafficError, traffic};
use archc::theory::{Distribution, Mmc};
use oracles::fork_join;
use oracles::mg::Md1;

const LEVELS: [f64; 5] = [0.1, 0.5, 0.9, 0.99, 0.999];

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("not negative")
}

fn exponential(seconds: f64) -> Distribution {
    Distribution::exponential(seconds).expect("positive")
}

fn quantile(time: &Distribution, level: f64) -> f64 {
    time.quantile(level).unwrap_or(f64::NAN)
}

fn assert_near(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance * want.abs(), "{got} instead of {want}");
}

#[test]
fn constants_have_exact_quantiles() {
    let path = Distribution::sequence(&[constant(0.1), constant(0.2), constant(0.05)]);
    for level in LEVELS {
        assert_near(quantile(&path, level), 0.35, 1e-15);
    }
    let hit = Distribution::alternatives(&[(0.9, constant(0.001)), (0.1, constant(0.02))]).expect("weights");
    assert_near(quantile(&hit, 0.5), 0.001, 1e-15);
    assert_near(quantile(&hit, 0.9), 0.001, 1e-15);
    assert_near(quantile(&hit, 0.95), 0.02, 1e-15);
    assert_near(hit.mean(), 0.0029, 1e-14);
    assert_near(hit.cdf(0.001), 0.9, 1e-14);
    assert!(hit.cdf_before(0.001) < 1e-14);
}

#[test]
fn a_constant_branch_keeps_its_jump_along_a_path() {
    let miss = constant(0.01).then(&exponential(0.05));
    let branch = Distribution::alternatives(&[(0.9, constant(0.001)), (0.1, miss)]).expect("weights");
    assert_near(quantile(&branch, 0.91), 0.01 - 0.05 * 0.9_f64.ln(), 1e-8);
    let path = Distribution::sequence(&[constant(0.5), branch.clone(), branch]);
    assert_near(quantile(&path, 0.5), 0.502, 1e-14);
    assert_near(quantile(&path, 0.81), 0.502, 1e-14);
    assert!(quantile(&path, 0.811) > 0.511);
}

#[test]
fn sharp_gammas_do_not_ring() {
    for shape in [4_u32, 25, 100, 2500, 100_000] {
        let width = f64::from(shape).sqrt().recip();
        let gamma = Distribution::gamma(1.0, f64::from(shape).recip()).expect("positive");
        for step in 1..16 {
            let time = 1.0 + width * (f64::from(step) / 2.0 - 4.0);
            if time <= 0.0 {
                continue;
            }
            // Erlang: the survival is the Poisson probability of fewer than `shape`.
            let load = f64::from(shape) * time;
            let mut log = -load;
            let mut survival = 0.0;
            for count in 0..shape {
                if count > 0 {
                    log += (load / f64::from(count)).ln();
                }
                survival += log.exp();
            }
            let error = (gamma.survival(time) - survival).abs();
            assert!(error < 2e-9, "shape {shape} at {time}: {error:e}");
        }
    }
}

#[test]
fn a_lognormal_inside_a_path_is_within_a_thousandth() {
    for ratio in [1.2, 1.5, 2.0, 3.0, 10.0, 100.0, 1000.0] {
        let alone = Distribution::lognormal(1.0, ratio).expect("percentiles");
        assert_near(quantile(&alone, 0.5), 1.0, 1e-9);
        assert_near(quantile(&alone, 0.99), ratio, 1e-9);
        // A part of no weight forces the inversion.
        let inverted = alone.then(&exponential(1e-7));
        for level in LEVELS {
            assert_near(quantile(&inverted, level), quantile(&alone, level), 1e-3);
        }
    }
}

#[test]
fn tables_of_parallel_branches() {
    for copies in [2, 8, 100] {
        let slowest = Distribution::slowest(&[(exponential(2.0), copies)]).expect("a table");
        assert_near(slowest.mean(), fork_join::harmonic(copies) * 2.0, 1e-4);
        let later = slowest.then(&exponential(1e-6));
        for level in LEVELS {
            let want = fork_join::slowest_exponential_quantile(copies, 2.0, level);
            let want = want.unwrap_or(f64::NAN);
            assert_near(quantile(&slowest, level), want, 2e-4);
            assert_near(quantile(&later, level), want, 2e-4);
        }
    }
    let floor = Distribution::slowest(&[(exponential(1.0), 1), (constant(2.0), 1)]);
    let floor = floor.expect("a table");
    assert_near(quantile(&floor, 0.5), 2.0, 1e-15);
    assert_near(floor.mean(), 2.0 + (-2.0_f64).exp(), 1e-6);
    let hedged = Distribution::fastest(&[exponential(1.0), exponential(1.0)]).expect("a table");
    assert_near(hedged.mean(), 0.5, 1e-6);
    let quorum = exponential(1.0).quorum(2, 3).expect("a table");
    assert_near(quorum.mean(), 5.0 / 6.0, 1e-4);
    let level = fork_join::order_statistic_level(0.95, 2, 3).unwrap_or(f64::NAN);
    assert_near(quantile(&quorum, 0.95), -(1.0 - level).ln(), 2e-4);
}

#[test]
fn waits_for_a_constant_service() {
    for load in [0.3, 0.7, 0.95] {
        let exact = Md1::new(load, 1.0).expect("stable");
        let wait = Distribution::mg1_wait(load, &constant(1.0)).expect("stable");
        for step in 1..200 {
            let time = f64::from(step) * 0.1;
            assert!((wait.cdf(time) - exact.wait_cdf(time)).abs() < 1e-4);
        }
        let variance = wait.mean().powi(2) + load / (3.0 * (1.0 - load));
        assert_near(wait.variance(), variance, 1e-5);
        assert_near(wait.quantile(0.99).unwrap_or(0.0), exact.wait_quantile(0.99).unwrap_or(1.0), 1e-5);
    }
}

#[test]
fn a_station_with_exponential_service_is_mmc() {
    for (rate, servers) in [(0.8, 1), (3.2, 4), (18.0, 20)] {
        let queue = Mmc::new(rate, 1.0, servers).expect("stable");
        let wait = Distribution::ggc_wait(&Station::poisson(rate, 1.0, 1.0, servers)).expect("stable");
        let station = wait.then(&exponential(1.0));
        assert_near(station.mean(), queue.mean_sojourn(), 1e-10);
        assert_near(station.variance(), queue.sojourn_variance(), 1e-5);
        for level in LEVELS {
            let want = queue.sojourn_quantile(level).unwrap_or(f64::NAN);
            assert_near(quantile(&station, level), want, 1e-7);
        }
    }
}

#[test]
fn ten_million_items() {
    let zipf = Zipf::new(10_000_000, 0.9).expect("a catalogue");
    let entries = zipf.entries_for(Policy::Lru, 0.7).unwrap_or(f64::NAN);
    assert!((entries.ceil() - 1_397_950.0).abs() < 0.5, "{entries}");
}

#[test]
fn a_ring_with_gain_is_named() {
    let mut routing = vec![vec![0.0; 4]; 4];
    for (from, to, calls) in [(0, 1, 1.0), (1, 2, 2.0), (2, 1, 0.5), (2, 3, 1.0)] {
        if let Some(slot) = routing.get_mut(from).and_then(|line| line.get_mut(to)) {
            *slot = calls;
        }
    }
    assert_eq!(traffic(&[1.0, 0.0, 0.0, 0.0], &routing), Err(TrafficError::Loop(vec![1, 2])));
    // No traffic reaches the ring: no harm.
    assert_eq!(traffic(&[0.0, 0.0, 0.0, 2.0], &routing), Ok(vec![0.0, 0.0, 0.0, 2.0]));
    if let Some(slot) = routing.get_mut(2).and_then(|line| line.get_mut(1)) {
        *slot = 0.25;
    }
    let rates = traffic(&[1.0, 0.0, 0.0, 0.0], &routing).unwrap_or_default();
    for (rate, want) in rates.iter().zip([1.0, 2.0, 4.0, 4.0]) {
        assert_near(*rate, want, 1e-13);
    }
}
