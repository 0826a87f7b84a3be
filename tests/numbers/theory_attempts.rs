//! Times of calls that give up and try again, against closed forms and a simulation.

use archc::theory::attempts::{Outcome, Tried, Tries};
use archc::theory::{Distribution, Mmc};

fn tries(timeout: f64, waits: &[f64]) -> Tries {
    Tries { timeout: Some(timeout), waits: waits.to_vec(), ..Tries::default() }
}

fn close(a: f64, b: f64, by: f64) {
    assert!((a - b).abs() <= by * b.abs().max(1e-12), "{a} is not {b}");
}

/// A generator of uniform numbers (Marsaglia's xorshift), seeded.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.uniform()).ln()
    }
}

/// P(time <= y) of an exponential attempt of rate `r`, by the definition.
fn by_hand(r: f64, t: f64, waits: &[f64], y: f64) -> f64 {
    let p = (-r * t).exp();
    let (mut sum, mut start, mut weight) = (0.0, 0.0, 1.0);
    for k in 0..=waits.len() {
        let x = (y - start).clamp(0.0, t);
        sum += weight * (1.0 - (-r * x).exp());
        weight *= p;
        start += t;
        if let Some(wait) = waits.get(k) {
            start += wait;
        }
    }
    sum + if y >= start { weight } else { 0.0 }
}

#[test]
fn an_mm1_with_a_timeout_and_retries_is_the_closed_form() {
    for (lambda, t, waits) in
        [(50.0, 0.1, vec![]), (50.0, 0.02, vec![]), (80.0, 0.05, vec![0.0, 0.0]), (90.0, 0.1, vec![0.01, 0.02, 0.04])]
    {
        let queue = Mmc::new(lambda, 0.01, 1).unwrap();
        let rate = 100.0 - lambda;
        let Tried { time, outcome: Outcome { timed_out, attempts, residual, .. }, .. } =
            Distribution::mmc_sojourn(&queue).tried(&tries(t, &waits)).unwrap();
        let p = (-rate * t).exp();
        close(timed_out, p, 1e-12);
        let m = waits.len() as i32;
        close(attempts, (1.0 - p.powi(m + 1)) / (1.0 - p), 1e-12);
        close(residual, p.powi(m + 1), 1e-9);
        for i in 0..200 {
            let y = (t * 4.0 + 0.1) * f64::from(i) / 200.0 + 1e-4;
            close(time.cdf(y), by_hand(rate, t, &waits, y), 1e-9);
        }
        for q in [0.5, 0.9, 0.95, 0.99, 0.999] {
            let y = time.quantile(q).unwrap();
            // At the quantile, or at the jump that holds it.
            assert!(by_hand(rate, t, &waits, y * (1.0 + 1e-7)) >= q - 1e-9, "{q} {y}");
            assert!(by_hand(rate, t, &waits, y * (1.0 - 1e-7)) <= q + 1e-9, "{q} {y}");
        }
        // An attempt takes E min(T, t) = (1 - p) / rate on average.
        let mut mean = 0.0;
        for k in 0..=m {
            mean += p.powi(k) * (1.0 - p) / rate;
            mean += waits.get(k as usize).map_or(0.0, |wait| p.powi(k + 1) * wait);
        }
        close(time.mean(), mean, 1e-12);
    }
}

#[test]
fn a_call_inside_a_call_is_what_a_simulation_gives() {
    // Own work, then a call with a timeout, errors and retries, all inside a timeout.
    let own = Distribution::exponential(0.01).unwrap();
    let inner = Distribution::gamma(0.02, 0.5).unwrap().then(&Distribution::exponential(0.005).unwrap());
    let low = Tries { error: 0.1, ..tries(0.04, &[0.01, 0.02]) };
    let below = inner.tried(&low).unwrap();
    let outer = own.then(&below.time);
    let high = Tries { error: below.outcome.residual, ..tries(0.08, &[0.0]) };
    let whole = outer.tried(&high).unwrap();
    let mut random = Random(88_172_645_463_325_252);
    let n = 200_000;
    let mut times = Vec::with_capacity(n);
    let (mut failed, mut asked) = (0, 0);
    for _ in 0..n {
        let mut clock = 0.0;
        let mut done = false;
        for _ in 0..2 {
            asked += 1;
            let mut attempt = random.exponential(0.01);
            for wait in [0.01, 0.02, 0.0] {
                // A gamma of shape 2.
                let inside = random.exponential(0.01) + random.exponential(0.01) + random.exponential(0.005);
                attempt += inside.min(0.04);
                if inside <= 0.04 && random.uniform() >= 0.1 {
                    break;
                }
                attempt += wait;
            }
            // Errors below are independent of the time, as in the analysis.
            clock += attempt.min(0.08);
            if attempt <= 0.08 && random.uniform() >= below.outcome.residual {
                done = true;
                break;
            }
        }
        failed += usize::from(!done);
        times.push(clock);
    }
    times.sort_by(f64::total_cmp);
    let share = |count: usize| count as f64 / n as f64;
    assert!((whole.outcome.residual - share(failed)).abs() < 0.002, "{} {}", whole.outcome.residual, share(failed));
    assert!((whole.outcome.attempts - asked as f64 / n as f64).abs() < 0.004);
    for q in [0.1, 0.5, 0.9, 0.99] {
        let seen = times[(q * n as f64) as usize];
        let y = whole.time.quantile(q).unwrap();
        let cdf = times.partition_point(|x| *x <= y * 1.0001) as f64 / n as f64;
        assert!((y - seen).abs() < 0.01 * seen || (cdf - q).abs() < 0.004, "{q}: {y} {seen} {cdf}");
    }
    let mean = times.iter().sum::<f64>() / n as f64;
    assert!((whole.time.mean() - mean).abs() < 0.005 * mean);
}

#[test]
fn a_timeout_that_is_never_reached_changes_nothing() {
    let time = Distribution::exponential(0.01).unwrap().then(&Distribution::exponential(0.003).unwrap());
    let same = time.tried(&tries(10.0, &[0.1, 0.2])).unwrap();
    assert_eq!(same.time, time);
    assert!((same.outcome.attempts - 1.0).abs() < 1e-15 && same.outcome.residual <= 0.0);
}

#[test]
fn certain_failure_takes_all_attempts() {
    let gone = Distribution::zero().tried(&Tries { error: 1.0, waits: vec![0.1, 0.2], ..Tries::default() }).unwrap();
    close(gone.outcome.attempts, 3.0, 1e-12);
    close(gone.outcome.residual, 1.0, 1e-12);
    close(gone.time.mean(), 0.3, 1e-12);
    let late = Distribution::constant(2.0).unwrap().tried(&tries(0.5, &[0.0])).unwrap();
    close(late.time.quantile(0.5).unwrap(), 1.0, 1e-12);
}

#[test]
fn a_budget_limits_retries_and_keeps_the_books() {
    let time = Distribution::exponential(0.1).unwrap();
    let free = time.tried(&tries(0.1, &[0.0; 3])).unwrap();
    let bound = time.tried(&Tries { budget: Some(0.1), ..tries(0.1, &[0.0; 3]) }).unwrap();
    close(bound.outcome.attempts, 1.1, 1e-12);
    assert!(free.outcome.attempts > 1.5 && free.outcome.residual < bound.outcome.residual);
    // Each request that succeeds has one attempt that does.
    close(1.0 - bound.outcome.residual, bound.outcome.attempts * (1.0 - bound.outcome.fails), 1e-12);
    close(1.0 - free.outcome.residual, free.outcome.attempts * (1.0 - free.outcome.fails), 1e-9);
}

#[test]
fn later_attempts_end_later() {
    let (mut last, mut errors) = (vec![0.0; 60], 0.0);
    for lambda in [10.0, 50.0, 70.0, 90.0, 99.0] {
        let queue = Mmc::new(lambda, 0.02, 2).unwrap();
        let t = Distribution::mmc_sojourn(&queue).tried(&tries(0.06, &[0.01, 0.03])).unwrap();
        assert!(t.outcome.residual >= errors);
        errors = t.outcome.residual;
        for (i, slot) in last.iter_mut().enumerate() {
            let survival = t.time.survival(0.0049 * i as f64);
            assert!(survival >= *slot - 1e-9, "{lambda} {i}");
            *slot = survival;
        }
    }
}

#[test]
fn the_sooner_of_two_exponentials_half_way() {
    let (time, sent) = Distribution::exponential(0.1).unwrap().hedged(0.05).unwrap();
    close(sent, (-0.5_f64).exp(), 1e-12);
    for y in [0.02, 0.05, 0.1, 0.3] {
        let exact = (-y / 0.1_f64).exp() * if y > 0.05 { (-(y - 0.05) / 0.1_f64).exp() } else { 1.0 };
        assert!((time.survival(y) - exact).abs() < 2e-5, "{y}");
    }
}

#[test]
fn calls_one_after_another_are_what_a_simulation_gives() {
    // Retries make mixtures, and mixtures in sequence multiply out.
    let attempt = Distribution::constant(0.001).unwrap().then(&Distribution::exponential(0.02).unwrap());
    let call = attempt.tried(&tries(0.1, &[0.01, 0.02])).unwrap().time;
    let whole = Distribution::path(&vec![call; 4]);
    let mut random = Random(2_685_821_657_736_338_717);
    let n = 300_000;
    let mut times = Vec::with_capacity(n);
    for _ in 0..n {
        let mut clock = 0.0;
        for _ in 0..4 {
            for wait in [0.01, 0.02, 0.0] {
                let t = 0.001 + random.exponential(0.02);
                clock += t.min(0.1);
                if t <= 0.1 {
                    break;
                }
                clock += wait;
            }
        }
        times.push(clock);
    }
    times.sort_by(f64::total_cmp);
    for q in [0.5, 0.9, 0.99, 0.999] {
        let y = whole.quantile(q).unwrap();
        let cdf = times.partition_point(|x| *x <= y) as f64 / n as f64;
        // Three deviations of the count, and 6 % of what lies above.
        let noise = 3.0 * (q * (1.0 - q) / n as f64).sqrt();
        assert!((cdf - q).abs() < noise + 0.06 * (1.0 - q), "{q}: {y} {cdf}");
    }
}
