//! Pages of the findings about scenarios, rules, suppressions and the whole design.

use super::CodeInfo;

pub(super) const PAGES: &[CodeInfo] = &[
    CodeInfo {
        code: "ARC590",
        title: "Not a part of a scenario",
        text: r#"A scenario is the design with changes: `load = 3x`, `fail`, `cut`, `slow`, another rate for a flow (`flow checkout { rate = … }`), other attributes for a component (`cart { replicas = 4 }`), and `expect`. It makes no calls and sets nothing else. Targets of a flow go into `expect flow NAME { … }`.

Bad:

```arch
arch 1
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
scenario peak { traffic = 3x }
```

Good:

```arch
arch 1
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
scenario peak { load = 3x }
```"#,
    },
    CodeInfo {
        code: "ARC591",
        title: "Not a fault",
        text: r#"`fail` lists what is lost: a component, some of its replicas (`cart x2`), a store's primary (`orders.primary`), a zone or a region. `cut` lists groups that cannot reach each other, two or more, with `|` between. `slow` names a component and the time to add. A fault that is not understood would make the scenario a fair-weather one.

Bad:

```arch
arch 1
system s { zones = 3 }
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
scenario split { cut = [zone a, zone b] }
```

Good:

```arch
arch 1
system s { zones = 3 }
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
scenario split { cut = [zone a] | [zone b, zone c] }
```"#,
    },
    CodeInfo {
        code: "ARC592",
        title: "Not an expectation",
        text: r#"`expect flow NAME { … }` gives the targets that hold in the scenario in place of the flow's own. `expect flow NAME = ok`, `stale` or `error` says how the flow answers during a partition, everywhere or on one side: `on minority`, `on majority`, `on zone a`. Anything else could not be checked, and a scenario that expects nothing it can check would always pass.

Bad:

```arch
arch 1
system s { zones = 3 }
client web {}
balancer lb {}
service app { replicas = 3 }
flow f { rate = 1 rps, web -> lb -> app }
scenario lost { fail = [zone a], expect flow f = slow }
```

Good:

```arch
arch 1
system s { zones = 3 }
client web {}
balancer lb {}
service app { replicas = 3 }
flow f { rate = 1 rps, web -> lb -> app }
scenario lost { fail = [zone a], expect flow f = ok }
```"#,
    },
    CodeInfo {
        code: "ARC601",
        title: "Not a rule",
        text: r#"A rule says one of: `deny path A -> B [avoiding C]`, `deny call A -> B`, `only A calls B`, `require ATTR [= V] on KIND`, `max_depth N`, `deny cycle`, `max_fan_out N`, `deny kind K`; a message in quotes may follow. A, B and C are kinds, names or tags. A rule that is not understood would forbid nothing, and nobody would notice.

Bad:

```arch
arch 1
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
rule r { forbid client -> database }
```

Good:

```arch
arch 1
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
rule r { deny call client -> database, "clients never see a table" }
```"#,
    },
    CodeInfo {
        code: "ARC610",
        title: "An expired `allow`",
        text: r#"The day in `until` has passed, so the finding that this `allow` kept quiet is shown again. Exceptions have an end so that somebody looks at them again. Mend what was allowed, or give a new day and a reason that holds today. The day is judged against `--today`, the system's date by default. This is a warning.

Bad:

```arch
arch 1
client web {}
service app { replicas = 3 }
flow f { rate = 1 rps, web -> app }
allow ARC037 on app because "the balancer is ordered" until 2020-03-31
```

Good:

```arch
arch 1
client web {}
balancer lb {}
service app { replicas = 3 }
flow f { rate = 1 rps, web -> lb -> app }
```"#,
    },
    CodeInfo {
        code: "ARC611",
        title: "An `allow` that allows nothing",
        text: r#"The rule reports nothing for this name, so this `allow` is unused: the cause was mended, or the name is wrong. Left in place, the line would hide the finding when it comes back. Errors of the language itself (ARC5xx) cannot be allowed either, for a design with one has no meaning to judge. This is a warning; remove the line.

Bad:

```arch
arch 1
client web {}
balancer lb {}
service app { replicas = 3 }
flow f { rate = 1 rps, web -> lb -> app }
allow ARC037 on app because "the balancer is ordered" until 2031-03-31
```

Good:

```arch
arch 1
client web {}
balancer lb {}
service app { replicas = 3 }
flow f { rate = 1 rps, web -> lb -> app }
```"#,
    },
    CodeInfo {
        code: "ARC612",
        title: "An incomplete `allow`",
        text: r#"An `allow` names a code, a component or a flow, and a reason; the last day (`until 2031-03-31`) may follow. A reason is required; later readers will need it. A code is `ARC` and three digits, as the finding shows it.

Bad:

```arch
arch 1
client web {}
service app { replicas = 3 }
flow f { rate = 1 rps, web -> app }
allow ARC037 on app
```

Good:

```arch
arch 1
client web {}
service app { replicas = 3 }
flow f { rate = 1 rps, web -> app }
allow ARC037 on app because "the balancer is ordered" until 2031-03-31
```"#,
    },
    CodeInfo {
        code: "ARC622",
        title: "A `let` that nothing uses",
        text: r#"A value is named and no attribute, rate or other value uses it, so changing it, or overriding it with `--set`, changes nothing. Most often the name is misspelt where it should be used, or a number was written there in its place. This is a warning. Use it or remove it.

Bad:

```arch
arch 1
let visitors = 20M / day
client web {}
service app {}
flow f { volume = 20M / day, web -> app }
```

Good:

```arch
arch 1
let visitors = 20M / day
client web {}
service app {}
flow f { volume = visitors, web -> app }
```"#,
    },
];
