//! Pages of the findings about flows and calls.

use super::CodeInfo;

pub(super) const PAGES: &[CodeInfo] = &[
    CodeInfo {
        code: "ARC570",
        title: "A flow without a usable chain",
        text: r#"A flow is one request: it has one chain, which names its origin before the first arrow and calls something. The origin is a client, a timer, a service or a queue; nothing else starts work by itself. Inside a component's block each line starts with its arrow, for the owner of the block is the caller. An empty `else`, `fallback` or `parallel` is reported too, since it says nothing.

Bad:

```arch
arch 1
client web {}
service app {}
flow f { rate = 1 rps, -> app }
```

Good:

```arch
arch 1
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC571",
        title: "Unknown operation",
        text: r#"The target's kind has no such operation. A database has `read write scan txn`, a cache `get set delete`, a queue `publish`, a bucket `get put`; a service has `call` and whatever its `ops { … }` describes. The operation decides the cpu time of a call and whether it writes, so none is guessed.

Bad:

```arch
arch 1
client web {}
service app {}
database orders : postgres {}
flow f { rate = 1 rps, web -> app { -> orders.insert } }
```

Good:

```arch
arch 1
client web {}
service app {}
database orders : postgres { backup { every = 1h } }
flow f { rate = 1 rps, web -> app { -> orders.write } }
```"#,
    },
    CodeInfo {
        code: "ARC572",
        title: "A call in the wrong position",
        text: r#"Calls belong into flows. A component says what it is, not whom it calls: whom it calls depends on the request. A client is not called either, only pushed to with `~>`; a target in the middle of a chain has attributes in its braces, and a group such as `parallel { … }` has calls alone.

Bad:

```arch
arch 1
client web {}
database orders : postgres {}
service app { -> orders.read }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
database orders : postgres {}
service app {}
flow f { rate = 1 rps, web -> app { -> orders.read } }
```"#,
    },
    CodeInfo {
        code: "ARC573",
        title: "A component that never calls",
        text: r#"Besides origins, only a balancer, a cdn, a gateway and a service call others. A database, a cache, a queue, a bucket and an external answer and do no more; a trigger or a connector that does is a service of its own. The component that uses both makes both calls, one below the other. What happens after a publish is a flow that starts at the queue.

Bad:

```arch
arch 1
client web {}
service app {}
cache hot : redis { ttl = 3min, hit = 90% }
database orders : postgres {}
flow f { rate = 1 rps, web -> app -> hot -> orders }
```

Good:

```arch
arch 1
client web {}
service app {}
cache hot : redis { ttl = 3min, hit = 90% }
database orders : postgres {}
flow f { rate = 1 rps, web -> app { -> hot.get else { -> orders.read } } }
```"#,
    },
    CodeInfo {
        code: "ARC574",
        title: "`else` after a call that cannot miss",
        text: r#"`else { … }` says what happens on a cache miss, so it follows an operation that has a hit ratio: a cache's `get`. After any other call it would never run. For errors and timeouts write `fallback { … }`. For one of two ways by chance write `choose { 90% { … } 10% { … } }`.

Bad:

```arch
arch 1
client web {}
service app {}
database orders : postgres {}
database archive : postgres {}
flow f { rate = 1 rps, web -> app { -> orders.read else { -> archive.read } } }
```

Good:

```arch
arch 1
client web {}
service app {}
database orders : postgres {}
database archive : postgres {}
flow f { rate = 1 rps, web -> app { -> orders.read fallback { -> archive.read } } }
```"#,
    },
    CodeInfo {
        code: "ARC576",
        title: "Parts of a call out of order",
        text: r#"After its target a call has, each once and in this order: `x3` for a number of calls, `30%` for a probability, `{ … }` for attributes and inner calls, `else { … }` for a miss, `fallback { … }` for an error. The order is fixed so that a line reads in one way only. `else` and `fallback` stand in the line in which the call ends.

Bad:

```arch
arch 1
client web {}
service app {}
database orders : postgres {}
flow f { rate = 1 rps, web -> app { -> orders.read 30% x3 } }
```

Good:

```arch
arch 1
client web {}
service app {}
database orders : postgres {}
flow f { rate = 1 rps, web -> app { -> orders.read x3 30% } }
```"#,
    },
    CodeInfo {
        code: "ARC577",
        title: "Two rates in one flow",
        text: r#"A flow says its `rate`, which is the peak, or its `volume`, which is the mean, and says it once. Each follows from the other by `peak_to_mean` of the system's profile, so two of them would contradict each other. Say the one that you measure.

Bad:

```arch
arch 1
client web {}
service app {}
flow f { rate = 400 rps, volume = 20M / day, web -> app }
```

Good:

```arch
arch 1
system s { profile { peak_to_mean = 2 } }
client web {}
service app {}
flow f { volume = 20M / day, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC578",
        title: "Arms of a choice",
        text: r#"`choose` takes one of several ways, each an arm: a percentage and a block. The arms sum to 100%, since each request takes one of them, and stand in `choose { … }` alone. An arm may be empty: then these requests make no call. A call that is made only sometimes is shorter with a probability: `-> psp 10%`.

Bad:

```arch
arch 1
client web {}
service app {}
service slow {}
flow f {
  rate = 1 rps
  web -> app {
    choose { 10% { -> slow } }
  }
}
```

Good:

```arch
arch 1
client web {}
service app {}
service slow {}
flow f {
  rate = 1 rps
  web -> app {
    choose { 10% { -> slow } 90% { } }
  }
}
```"#,
    },
    CodeInfo {
        code: "ARC579",
        title: "A component that cannot be called",
        text: r#"A timer starts flows and a monitor watches by itself: neither takes requests. A flow that a clock starts begins at the timer. Metrics, logs and traces need no arrows; `of = [..]` says what a monitor watches.

Bad:

```arch
arch 1
client web {}
service app {}
monitor watch { metrics = true }
flow f { rate = 1 rps, web -> app -> watch }
```

Good:

```arch
arch 1
client web {}
service app {}
monitor watch { metrics = true }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC580",
        title: "Two chains in one flow",
        text: r#"A flow is the story of one request, from one origin. A second chain would be a second request with a rate of its own. Write two flows, or put the call into the block of the component that makes it.

Bad:

```arch
arch 1
client web {}
service app {}
service ads {}
flow f {
  rate = 1 rps
  web -> app
  web -> ads
}
```

Good:

```arch
arch 1
client web {}
service app {}
service ads {}
flow f {
  rate = 1 rps
  web -> app {
    -> ads
  }
}
```"#,
    },
    CodeInfo {
        code: "ARC581",
        title: "Not a target of an slo",
        text: r#"An slo holds targets alone: one metric, one comparison, one bound. Times (`p50 p90 p95 p99 p999 mean staleness lag rpo rto`), `errors` and `cost` are bounded from above with `<=`, `availability` from below with `>=`, and `consistency` is named with `=`. A bound in the wrong direction would hold for every bad design. Throughput is no target: it is the flow's own `rate`.

Bad:

```arch
arch 1
client web {}
service app {}
flow f { rate = 1 rps, slo { p99 >= 250ms }, web -> app }
```

Good:

```arch
arch 1
client web {}
service app {}
flow f { rate = 1 rps, slo { p99 <= 250ms }, web -> app }
```"#,
    },
];
