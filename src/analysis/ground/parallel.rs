//! Parallel map; results keep input order on any number of cores.
//!
//! In: a list, a function. Out: the results, in the order of the list. Never: shared state.

use crate::model::trace;
use std::num::NonZero;

/// Lists shorter than this run on one thread.
const FEW: usize = 8;
/// Maximum number of threads.
const MOST: usize = 8;

/// Applies `f` to each element.
pub fn each<T: Sync, R: Send>(list: &[T], f: &(dyn Fn(&T) -> R + Sync)) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST);
    if list.len() < FEW || threads < 2 {
        return list.iter().map(f).collect();
    }
    // Threads take interleaved elements, because neighbors have similar cost. The order is restored
    // below.
    let share = |k: usize| list.iter().skip(k).step_by(threads);
    let recording = trace::is_recording();
    let mut parts: Vec<std::vec::IntoIter<R>> = std::thread::scope(|scope| {
        let all = move |k: usize| share(k).map(f).collect::<Vec<R>>();
        let work = |k: usize| {
            scope.spawn(move || if recording { trace::recorded(|| all(k)) } else { (all(k), trace::Reads::default()) })
        };
        let running: Vec<_> = (0..threads).map(work).collect();
        let done = running.into_iter().map(|t| t.join().unwrap_or_else(|e| std::panic::resume_unwind(e)));
        done.map(|(part, reads)| {
            trace::add(&reads);
            part.into_iter()
        })
        .collect()
    });
    let mut out = Vec::with_capacity(list.len());
    for i in 0..list.len() {
        out.extend(parts.get_mut(i % threads).and_then(Iterator::next));
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers_keep_their_order() {
        for n in [0, 1, 7, 8, 9, 15, 16, 17, 100, 1001] {
            let list: Vec<u32> = (0..n).collect();
            let want: Vec<u32> = list.iter().map(|x| x * x).collect();
            assert_eq!(crate::analysis::ground::parallel::each(&list, &|x| x * x), want, "{n}");
        }
    }
}
