//! Pages of the findings about attributes and their values.

use super::CodeInfo;

pub(super) const PAGES: &[CodeInfo] = &[
    CodeInfo {
        code: "ARC540",
        title: "Unknown attribute",
        text: r#"A component of this kind, this call or this block has no such attribute. If it were passed over, a misspelt `timeuot` would silently be no timeout at all. The help line gives the nearest name, or all of them. Attributes belong to a kind: `rate` is a flow's, `replicas` a server's, `hit` a cache's. Notes for people go into a comment, `tags` or `owner`.

Bad:

```arch
arch 1
client web {}
service app { instances = 2 }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
balancer lb {}
service app { replicas = 2 }
flow f { rate = 1 rps, web -> lb -> app }
```"#,
    },
    CodeInfo {
        code: "ARC541",
        title: "Set twice",
        text: r#"The same attribute, operation, place or target stands twice in one block. Which of the two holds would depend on their order, which means nothing here. Keep one. To change a base's value, set it once in the component: what is written there wins over the base.

Bad:

```arch
arch 1
client web {}
service app { cpu = 3ms, cpu = 5ms }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { cpu = 5ms }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC542",
        title: "Wrong kind of value",
        text: r#"The attribute expects another kind of value: a time, a size, a rate, a word, a string, a block. Each quantity carries its dimension, so `timeout = 300` could be milliseconds or seconds, and is neither. Words have no quotes, texts have. A `let` brings the dimension of its expression along. The message says what is wanted and what was found, the help line shows an example.

Bad:

```arch
arch 1
client web {}
service app { timeout = 300 }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { timeout = 300ms }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC543",
        title: "Value out of range",
        text: r#"The value has the right dimension and cannot be: a hit ratio above 100%, half a replica, an interval whose lower end is above its upper one, a p99 below the p50, shares that do not sum to 100%. Every number computed from it would be wrong. The help line says what is allowed.

Bad:

```arch
arch 1
client web { cache { hit = 120%, ttl = 60s } }
service app {}
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web { cache { hit = 20%, ttl = 60s } }
service app {}
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC544",
        title: "Not one of the words",
        text: r#"The attribute takes one of a few words, and this is none of them. The words are the ones that an analysis knows the meaning of; a new one would have no effect. The help line gives the nearest, or all. Flags are `true` or `false`, not `yes` or `on`.

Bad:

```arch
arch 1
client web {}
service app {}
database orders : postgres { replication = synchronous }
flow f { rate = 1 rps, web -> app { -> orders.write } }
```

Good:

```arch
arch 1
client web {}
service app {}
database orders : postgres { replication = sync, replicas = 2, backup { every = 1h } }
flow f { rate = 1 rps, web -> app { -> orders.write } }
```"#,
    },
    CodeInfo {
        code: "ARC545",
        title: "A hole where none can be solved",
        text: r#"A `?` asks for a value to be solved, which works for `replicas`, `nodes`, `shards`, `partitions`, `instance`, `memory`, `cores` and for an engine. Everything else is an input: a rate is what the design must carry, a cpu time is what was measured. A hole may be bounded: `? in 2..40`, `? >= 2`, `? in [m7g.large, c7g.large]`. If an input is not known, give an interval such as `3ms .. 5ms`.

Bad:

```arch
arch 1
client web {}
service app { cpu = ?, replicas = 2 }
balancer lb {}
flow f { rate = 1 rps, web -> lb -> app }
```

Good:

```arch
arch 1
client web {}
service app { cpu = 3ms .. 5ms, replicas = ? in 2..40 }
balancer lb {}
flow f { rate = 1 rps, web -> lb -> app }
```"#,
    },
    CodeInfo {
        code: "ARC547",
        title: "Dimensions that do not mix",
        text: r#"The two sides of a sum, or the two ends of an interval, are of different dimensions: a time and a size, a rate and a count. Their sum means nothing. Multiplying and dividing change the dimension and are checked by the result: `rate * time` is a count, `size / time` a bandwidth. Both places are shown; usually one of them lacks `/ day` or `* 1s`.

Bad:

```arch
arch 1
client web {}
service app {}
let load = 400 rps + 20M
flow f { rate = load, web -> app }
```

Good:

```arch
arch 1
client web {}
service app {}
let load = 400 rps + 20M / day
flow f { rate = load, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC548",
        title: "A value that is not a number",
        text: r#"The expression divides by zero, or its value is beyond about 1.8e308. Neither is a quantity, and everything computed from it would be unknown. Look at the `let`s it uses, and at `--set` on the command line.

Bad:

```arch
arch 1
client web {}
service app {}
let load = 400 rps / 0
flow f { rate = load, web -> app }
```

Good:

```arch
arch 1
client web {}
service app {}
let load = 400 rps / 2
flow f { rate = load, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC549",
        title: "Required value missing",
        text: r#"Attributes are optional, but here another value depends on one that is missing. A rate `per user` needs the `users` of the client the flow starts at; a `preset` or an `engine` needs the kind it is for. The help line shows where it goes.

Bad:

```arch
arch 1
client web {}
service app {}
flow f { rate = 0.08 per user per day, web -> app }
```

Good:

```arch
arch 1
client web { users = 2M }
service app {}
flow f { rate = 0.08 per user per day, web -> app }
```"#,
    },
];
