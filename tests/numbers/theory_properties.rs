//! Properties that hold for all inputs: scaling of time, monotony, inverses, no `NaN`.

use crate::support::oracles;
use archc::theory::cache::{Policy, Zipf};
use archc::theory::gg::{Gim1, Interarrival, Station};
use archc::theory::{Distribution, Mmc, backlog, erlang, mg, reliability, retry};
use proptest::prelude::*;

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

/// Any float, with a lean to the awkward ones.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        Just(0.0),
        Just(1.0),
        Just(1e-300),
        Just(1e300),
        Just(1.0 - 1e-15),
        0.0..2.0_f64,
        0.0..1e6_f64,
    ]
}

/// A distribution of one kind or another.
fn part() -> impl Strategy<Value = Distribution> {
    let time = 1e-4..1.0_f64;
    prop_oneof![
        time.clone().prop_map(Distribution::constant),
        time.clone().prop_map(Distribution::exponential),
        (time.clone(), 1e-4..8.0_f64).prop_map(|(mean, scv)| Distribution::gamma(mean, scv)),
        (time.clone(), 1.01..50.0_f64).prop_map(|(p50, r)| Distribution::lognormal(p50, p50 * r)),
        (time, 1..40_u32, 0.05..0.98_f64).prop_map(|(service, servers, load)| {
            let rate = load * f64::from(servers) / service;
            Mmc::new(rate, service, servers).map(|queue| Distribution::mmc_sojourn(&queue))
        }),
    ]
    .prop_filter_map("no such distribution", |part| part)
}

fn path() -> impl Strategy<Value = Distribution> {
    (proptest::collection::vec(part(), 1..4), part(), 0.0..1.0_f64).prop_filter_map(
        "no such path",
        |(parts, other, share)| {
            let sequence = Distribution::sequence(&parts);
            Distribution::alternatives(&[(share, sequence), (1.0 - share, other)])
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn time_units_scale(service in 1e-5..10.0_f64, load in 0.01..0.99_f64, servers in 1..300_u32, unit in 1e-6..1e6_f64) {
        let rate = load * f64::from(servers) / service;
        let one = Mmc::new(rate, service, servers).expect("stable");
        let other = Mmc::new(rate / unit, service * unit, servers).expect("stable");
        prop_assert!(near(one.mean_wait() * unit, other.mean_wait(), 1e-9));
        let (a, b) = (one.sojourn_quantile(0.99), other.sojourn_quantile(0.99));
        prop_assert!(near(a.unwrap_or(f64::NAN) * unit, b.unwrap_or(f64::NAN), 1e-9));
        let station = |unit: f64| Station::poisson(rate / unit, service * unit, 0.3, servers);
        let (a, b) = (station(1.0).mean_wait(), station(unit).mean_wait());
        prop_assert!(near(a.unwrap_or(f64::NAN) * unit, b.unwrap_or(f64::NAN), 1e-9));
    }

    #[test]
    fn erlang_c_rises_with_load_and_falls_with_servers(servers in 1..3000_u32, load in 0.0..1.0_f64, step in 1e-6..0.5_f64) {
        let (low, high) = (load * f64::from(servers), (load + (1.0 - load) * step) * f64::from(servers));
        let delay = |servers: u32, a: f64| erlang::erlang_c(servers, a);
        if let (Some(less), Some(more)) = (delay(servers, low), delay(servers, high)) {
            prop_assert!(less <= more * (1.0 + 1e-12));
        }
        if let (Some(few), Some(many)) = (delay(servers, low), delay(servers + 1, low)) {
            prop_assert!(many <= few * (1.0 + 1e-12));
        }
    }

    #[test]
    fn quantiles_invert_the_response_time(service in 1e-5..10.0_f64, load in 1e-6..0.9999_f64, servers in 1..300_u32, level in 1e-6..0.999_999_f64) {
        let queue = Mmc::new(load * f64::from(servers) / service, service, servers).expect("stable");
        let time = queue.sojourn_quantile(level).unwrap_or(f64::NAN);
        prop_assert!((1.0 - queue.sojourn_survival(time) - level).abs() < 1e-10);
    }

    #[test]
    fn quantiles_invert_the_distribution(path in path(), level in 0.001..0.9999_f64) {
        let time = path.quantile(level).unwrap_or(f64::NAN);
        let (before, upto) = (path.cdf_before(time), path.cdf(time));
        prop_assert!(before <= level + 1e-7 && level <= upto + 1e-7, "{} {} {}", before, level, upto);
        prop_assert!(time >= path.minimum());
    }

    #[test]
    fn distribution_functions_rise(path in path(), times in proptest::collection::vec(0.0..6.0_f64, 2..12)) {
        let mut times = times;
        times.sort_by(f64::total_cmp);
        let values: Vec<f64> = times.iter().map(|t| path.cdf(*t * path.mean())).collect();
        for (a, b) in values.iter().zip(values.iter().skip(1)) {
            prop_assert!((0.0..=1.0).contains(a) && *a <= *b + 1e-6, "{} {}", a, b);
        }
    }

    #[test]
    fn moments_add(parts in proptest::collection::vec(part(), 1..5)) {
        let path = Distribution::sequence(&parts);
        let mean: f64 = parts.iter().map(Distribution::mean).sum();
        let variance: f64 = parts.iter().map(Distribution::variance).sum();
        prop_assert!(near(path.mean(), mean, 1e-12));
        prop_assert!((path.variance() - variance).abs() < 1e-9 * (variance + mean * mean));
    }

    #[test]
    fn the_slowest_is_slower(a in part(), b in part(), level in 0.05..0.99_f64) {
        let slowest = Distribution::slowest(&[(a.clone(), 1), (b.clone(), 2)]).expect("a table");
        let time = slowest.quantile(level).unwrap_or(f64::NAN);
        let product = |t: f64| a.cdf(t) * b.cdf(t).powi(2);
        let (before, upto) = (product(time * (1.0 - 1e-9)), product(time * (1.0 + 1e-9)));
        prop_assert!(before <= level + 1e-3 && level <= upto + 1e-3, "{} {} {}", before, level, upto);
        prop_assert!(slowest.mean() + 1e-4 * slowest.mean() >= a.mean().max(b.mean()));
    }

    #[test]
    fn no_answer_is_not_a_number(a in any_number(), b in any_number(), d in any_number(), q in any_number(), n in 0..200_u32, k in 0..200_u32) {
        let mut answers: Vec<Option<f64>> = vec![
            erlang::erlang_b(n, a),
            erlang::erlang_c(n, a),
            mg::mg1_mean_wait(a, b, d),
            archc::theory::fork_join::order_statistic_cdf(q, k, n),
            retry::attempts(q, n),
            reliability::k_of_n(q, k, n).map(|group| group.unavailability),
            backlog::overload(a, b, d, q).map(|state| state.backlog),
            Gim1::new(a, if n == 0 { Interarrival::Exponential } else { Interarrival::Erlang(n) }, b).map(|queue| queue.mean_wait()),
        ];
        let station = Station { arrival_rate: a, arrival_scv: d, service_time: b, service_scv: q, servers: n };
        answers.push(station.mean_wait());
        if let Some(queue) = Mmc::new(a, b, n) {
            answers.extend([Some(queue.mean_sojourn()), queue.wait_quantile(q), queue.sojourn_quantile(q)]);
            answers.push(Some(queue.sojourn_survival(d)));
        }
        for (i, answer) in answers.iter().enumerate() {
            prop_assert!(!answer.is_some_and(f64::is_nan), "answer {}", i);
        }
        for part in [Distribution::gamma(a, b), Distribution::lognormal(a, b), Distribution::exponential(a)].into_iter().flatten() {
            prop_assert!(!part.cdf(d).is_nan() && !part.mean().is_nan() && !part.variance().is_nan());
            prop_assert!(!part.quantile(q).is_some_and(f64::is_nan));
            let twice = part.then(&part);
            prop_assert!(!twice.cdf(d).is_nan() && !twice.quantile(q).is_some_and(f64::is_nan));
        }
    }

    #[test]
    fn close_to_full_load(servers in 1..100_000_u32, gap in 1e-12..1e-3_f64, service in 1e-9..1e9_f64) {
        let rate = f64::from(servers) * (1.0 - gap) / service;
        if let Some(queue) = Mmc::new(rate, service, servers) {
            let time = queue.sojourn_quantile(0.99).unwrap_or(f64::NAN);
            prop_assert!(time.is_finite() && time > queue.mean_sojourn());
        }
        prop_assert!(Mmc::new(f64::from(servers) * 1.0001 / service, service, servers).is_none());
    }

    #[test]
    fn cache_sizes_invert_hit_ratios(items in 2..5_000_000_u64, exponent in 0.0..2.5_f64, hit in 0.01..0.99_f64) {
        let zipf = Zipf::new(items, exponent).expect("a catalogue");
        for policy in [Policy::Lru, Policy::FifoOrRandom, Policy::Lfu] {
            let entries = zipf.entries_for(policy, hit).unwrap_or(f64::NAN);
            let back = zipf.fit(policy, entries).map_or(f64::NAN, |fit| fit.hit_ratio);
            prop_assert!((back - hit).abs() < 1e-7, "{:?} {} {} {}", policy, entries, hit, back);
        }
    }

    #[test]
    fn redundancy_helps(each in 0.5..0.999_99_f64, needed in 1..20_u32, extra in 0..10_u32) {
        let down = |copies: u32| reliability::k_of_n(each, needed, copies).map_or(f64::NAN, |group| group.unavailability);
        let (few, many) = (down(needed + extra), down(needed + extra + 1));
        prop_assert!(many <= few);
        let copies = usize::try_from(needed + extra).unwrap_or(0);
        let other = oracles::reliability::k_of_different(&vec![each; copies], usize::try_from(needed).unwrap_or(0));
        prop_assert!(near(few, other.map_or(f64::NAN, |group| group.unavailability), 1e-11));
    }
}
