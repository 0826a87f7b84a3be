//! Pages of the findings about names.

use super::CodeInfo;

pub(super) const PAGES: &[CodeInfo] = &[
    CodeInfo {
        code: "ARC530",
        title: "Unknown name",
        text: r#"Nothing in the design has this name: no component, flow, tag or `let`. It is misspelt, declared in a file that is not used, or stands in a file used under another name, where it is written `pay.orders`. Flows and components have namespaces of their own; a scenario says `flow checkout` for the flow. Note that `a-b` is one word: minus takes blanks.

Bad:

```arch
arch 1
client web {}
service catalog {}
flow f { rate = 1 rps, web -> catalogue }
```

Good:

```arch
arch 1
client web {}
service catalog {}
flow f { rate = 1 rps, web -> catalog }
```"#,
    },
    CodeInfo {
        code: "ARC531",
        title: "Name used twice",
        text: r#"Two components, two flows, two scenarios, two bases or two `let`s have the same name, or there are two systems. Every later use of the name would be a guess. The second one is left out of the check. Rename one of them, or bring one file in under a name: `use "payments.arch" as pay`. A flow may be named like a component.

Bad:

```arch
arch 1
client web {}
service app {}
service app {}
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app {}
service jobs {}
flow f { rate = 1 rps, web -> app { ~> jobs } }
```"#,
    },
    CodeInfo {
        code: "ARC532",
        title: "Not a name",
        text: r#"A name starts with a small letter and goes on with small letters, digits and `_`, at most 63 characters. Names end up as names of containers, hosts and metrics, which is where the limits come from. The help line shows the name in that form.

Bad:

```arch
arch 1
client web {}
service ShopCart {}
flow f { rate = 1 rps, web -> ShopCart }
```

Good:

```arch
arch 1
client web {}
service shop_cart {}
flow f { rate = 1 rps, web -> shop_cart }
```"#,
    },
    CodeInfo {
        code: "ARC533",
        title: "Reserved name",
        text: r#"The name is a keyword, which opens an item (`arch system let use preset engine flow scenario rule allow`), or, for a `let`, a unit. A unit as a name would make `400 / h` ambiguous. Choose a longer name: `main_flow`, `hours_open`. Kinds are not reserved: `service cache { }` is valid.

Bad:

```arch
arch 1
client web {}
service rule {}
flow f { rate = 1 rps, web -> rule }
```

Good:

```arch
arch 1
client web {}
service pricing {}
flow f { rate = 1 rps, web -> pricing }
```"#,
    },
    CodeInfo {
        code: "ARC534",
        title: "Unknown kind of component",
        text: r#"A component is of one of twelve kinds: `client timer cdn balancer gateway service cache queue database bucket external monitor`. The kind decides what a component may say, who may call it and what it costs. Products are bases, not kinds: `database orders : postgres { … }`. The attributes of a component of unknown kind are not judged.

Bad:

```arch
arch 1
client web {}
microservice app {}
flow f { rate = 1 rps, web -> app }
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
        code: "ARC535",
        title: "Unknown or unfit base",
        text: r#"What stands after the `:` is neither an engine of the catalog nor a `preset` or `engine` of the design, or it is one for another kind. A base gives a component its defaults, so a wrong one would change its numbers. The help line lists the bases that fit. An engine that the catalog lacks is described in the design: `engine fastpg for database : postgres { … }`.

Bad:

```arch
arch 1
client web {}
service app {}
database orders : postgre {}
flow f { rate = 1 rps, web -> app { -> orders.read } }
```

Good:

```arch
arch 1
client web {}
service app {}
database orders : postgres {}
flow f { rate = 1 rps, web -> app { -> orders.read } }
```"#,
    },
    CodeInfo {
        code: "ARC536",
        title: "Defined by itself",
        text: r#"A `let` uses itself, directly or through others, or presets are each other's bases. Such a ring has no value. The message shows the way round. Give one member a value, or no base, of its own.

Bad:

```arch
arch 1
let visits = orders * 20
let orders = visits / 20
client web {}
service app {}
flow f { rate = visits, web -> app }
```

Good:

```arch
arch 1
let visits = orders * 20
let orders = 10 rps
client web {}
service app {}
flow f { rate = visits, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC537",
        title: "Unknown machine",
        text: r#"The catalog has no machine of this name, so neither its cores nor its price are known. A type may be misspelt, or too new for the catalog; managed databases, caches and brokers have types of their own, such as `db.m7g.large`. Take one of the catalog's, or leave `instance` out and give `cores` and `memory`; then a replica is a container.

Bad:

```arch
arch 1
client web {}
service app { instance = m7g.lrage }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { instance = m7g.large }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC538",
        title: "Unknown zone or region",
        text: r#"The system has no zone or region of this name. Zones are named a, b, c … as many as `zones` of the system says; with several regions a zone is written `us-east-1.a`. Regions are those in `region` or `regions` of the system. A place that does not exist would never fail and never hold a replica.

Bad:

```arch
arch 1
system s { zones = 2 }
client web {}
balancer lb {}
service app { place { a = 1, c = 1 } }
flow f { rate = 1 rps, web -> lb -> app }
```

Good:

```arch
arch 1
system s { zones = 2 }
client web {}
balancer lb {}
service app { place { a = 1, b = 1 } }
flow f { rate = 1 rps, web -> lb -> app }
```"#,
    },
    CodeInfo {
        code: "ARC539",
        title: "Kind or component",
        text: r#"In a rule a word that is a kind means the kind, and an `allow` is for one component or flow. If a component has the name of a kind, that word has two meanings in a rule or an `allow`. Rename the component, or give it a tag and name the tag in the rule. If the word is the name of a flow, write `flow NAME`. Everywhere else a component may be named like a kind.

Bad:

```arch
arch 1
client web {}
service cache {}
database orders {}
flow f { rate = 1 rps, web -> cache { -> orders.read } }
rule direct { deny call cache -> orders }
```

Good:

```arch
arch 1
client web {}
service cache { tags = [front] }
database orders {}
flow f { rate = 1 rps, web -> cache { -> orders.read } }
rule direct { deny call client -> orders, only front calls orders }
```"#,
    },
];
