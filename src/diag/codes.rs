//! The findings of the language itself.

/// What `archc explain CODE` prints of a finding.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// `ARC` and three digits.
    pub code: &'static str,
    /// A few words.
    pub title: &'static str,
    /// Why it is an error and what to do.
    pub text: &'static str,
}

/// All codes in order.
///
/// Each page shows a bad design and the mended one. Fences marked `arch` are
/// whole designs, executed by a test; what needs several files, or bytes that no
/// page can hold, is a fragment.
pub const CODES: &[CodeInfo] = &[
    CodeInfo {
        code: "ARC500",
        title: "Not UTF-8",
        text: r#"A design is UTF-8 text, and this file holds a byte that is none. Guessing another encoding would change names and messages without a word, so the file is refused as a whole (exit status 2). The message says at which byte it stops being UTF-8; old editors save Latin-1 or UTF-16. Convert the file (`iconv -f latin1 -t utf8 old.arch > new.arch`) or save it again as UTF-8.

Bad, `é` saved as the one byte E9:

```arch-fragment
service caf\xE9 { cpu = 3ms }
```

Good, plain ASCII, or UTF-8 in comments and strings:

```arch-fragment
service cafe { cpu = 3ms }  # the café
```"#,
    },
    CodeInfo {
        code: "ARC501",
        title: "Not a text file",
        text: r#"The file holds a NUL byte, which no text has: it is an image, an archive, a compiled program, or text saved as UTF-16. Nothing in it is read (exit status 2). Look at the path given on the command line, or save the file again as UTF-8.

Bad:

```arch-fragment
archc check shop.png
```

Good:

```arch-fragment
archc check shop.arch
```"#,
    },
    CodeInfo {
        code: "ARC502",
        title: "File too large",
        text: r#"A file of a design may have at most 16 MiB. A design of that size was most likely written by a program, or is another file; the limit keeps a wrong path from filling the memory. A large system is split by team or by domain, and `use` brings the parts together.

Bad, everything in one file:

```arch-fragment
archc check everything.arch   # 20 MiB
```

Good, parts with names of their own:

```arch-fragment
use "payments.arch" as pay
use "search.arch" as search
```"#,
    },
    CodeInfo {
        code: "ARC503",
        title: "Nested too deep",
        text: r#"Brackets, or calls within calls, are nested deeper than 64. The limit keeps a damaged or generated file from exhausting the reader; no person follows a request through 64 levels either. A request that deep is easier to read as several flows, an expression as several `let`s.

Bad:

```arch
arch 1
let load = (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1 rps)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
client web {}
service app {}
flow f { rate = load, web -> app }
```

Good:

```arch
arch 1
let load = 1 rps
client web {}
service app {}
flow f { rate = load, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC504",
        title: "File cannot be read",
        text: r#"The path on the command line leads to no file that may be read: there is none of that name, it is a folder, or its permissions forbid it. Nothing was checked (exit status 2). Paths are relative to the folder the command runs in; `-` reads standard input. `archc new DIR` writes a design to start from.

Bad:

```arch-fragment
archc check designs/
```

Good:

```arch-fragment
archc check designs/shop.arch
```"#,
    },
    CodeInfo {
        code: "ARC505",
        title: "Edition missing or unknown",
        text: r#"The first line of every file says which edition of the language it is written in: `arch 1`. Words and defaults may change between editions, so a file without one could mean something else to the next version. The edition stands before all other items, and once; comments may stand above it. An edition that this `archc` does not know needs a newer one.

Bad:

```arch
client web {}
service app {}
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
        code: "ARC510",
        title: "Text that cannot be read here",
        text: r#"The text does not continue what stands before it, and does not start anything new. An item is `kind name { … }`, an attribute `name = value` or `name { … }`, a call `-> target`; items and entries are separated by a line break, `,` or `;`. Often an `=` is missing, two attributes stand in one line without a comma, or a brace opens in the line below its head. Only this place is skipped: what follows is read and checked as usual.

Bad:

```arch
arch 1
client web {}
service app { cpu 3ms }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { cpu = 3ms }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC511",
        title: "Bracket never closed",
        text: r#"A `{`, `[` or `(` has no partner, or another bracket closes it. Where it should end cannot be told, so what it holds is left out until an item starts at the beginning of a line. The finding points at the bracket that was opened, for that is where to begin looking. Write the closing bracket where the block ends; `archc fmt` then shows by indentation what belongs to it.

Bad:

```arch
arch 1
client web {}
service app { cpu = 3ms
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { cpu = 3ms }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC512",
        title: "Bracket never opened",
        text: r#"A `}`, `]` or `)` closes nothing. Either it is one too many, or its partner was removed with a line above. It is skipped, and the rest is read as if it were not there. Remove it, or open the block it should close.

Bad:

```arch
arch 1
client web {}
service app { cpu = 3ms } }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { cpu = 3ms }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC513",
        title: "String without an end",
        text: r#"A string opens with `"` and does not close in its line. A string ends in the line it starts in, so that one missing quote cannot swallow the rest of the file. Close it; a line break inside a string is written `\n`, a quote `\"`.

Bad:

```arch
arch 1
client web {}
service app { image = "shop/app:1.4 }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { image = "shop/app:1.4" }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC514",
        title: "Unknown escape in a string",
        text: r#"After a backslash a string may hold `\"`, `\\`, `\n`, `\t` or `\u{…}` with the character's number in hexadecimal. Anything else has no meaning, and passing it on unchanged would surprise whoever reads the string next. A backslash itself is written twice.

Bad:

```arch
arch 1
client web {}
service app { image = "shop\app" }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { image = "shop/app" }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC515",
        title: "Value missing",
        text: r#"A name is followed by no value, or by something that only stands for one. Every attribute is optional: to leave a value to its default, remove the line. To have a number solved, write `?` where that is allowed. The same code reports an operator without its right-hand side and an interval without its upper end.

Bad:

```arch
arch 1
client web {}
service app { cpu = }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { cpu = 3ms }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC516",
        title: "A slip from another language",
        text: r#"The text is a common way to say it in YAML, HCL, Mermaid, D2 or a programming language, and has another form here. Attributes are set with `=`, names have no quotes, arrows are `->` and `~>`, values are named with `let`, comments start with `#` or `//`. The help line shows the same text as it is written here. One spelling for one meaning keeps designs alike, whoever wrote them.

Bad:

```arch
arch 1
client web {}
service app { cpu: 3ms }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { cpu = 3ms }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC520",
        title: "Malformed number, time or date",
        text: r#"The literal has a unit that does not exist, an hour beyond 23, a day that no calendar has, or is too large for a number. Units are `ns us ms s min h days weeks months years`, `B KB MB GB TB PB` and `KiB MiB GiB TiB PiB`, `rps`, `Gbps`, `%`, `x`, and `k M G` for counts. Capitals matter: `512MiB` is a size, `512Mi` nothing. A guess could be wrong by a factor of a thousand, so none is made.

Bad:

```arch
arch 1
client web {}
service app { memory = 512Mi }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { memory = 512MiB }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC521",
        title: "Unit out of place",
        text: r#"A unit without a number follows only `/` or `per`: `400 / s`, `20M per day`. Anywhere else it needs its number: `1h`. The words `user`, `client`, `ip` and `route` count what a rate is per; they follow `per`, and once.

Bad:

```arch
arch 1
client web {}
service app {}
let rest = h
flow f { rate = 400 / rest, web -> app }
```

Good:

```arch
arch 1
client web {}
service app {}
let rest = 1h
flow f { rate = 400 / rest, web -> app }
```"#,
    },
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
        text: r#"The name is a keyword (a kind of component, or a word that opens an item such as `flow`), or, for a `let`, a unit. A keyword as a name would make rules such as `deny path client -> database` ambiguous, and a unit as a name would make `400 / h` so. Say more: `main_queue`, `hours_open`.

Bad:

```arch
arch 1
client web {}
service gateway {}
flow f { rate = 1 rps, web -> gateway }
```

Good:

```arch
arch 1
client web {}
service front {}
flow f { rate = 1 rps, web -> front }
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
        text: r#"The attribute wants another kind of value: a time, a size, a rate, a word, a string, a block. Each quantity carries its dimension, so `timeout = 300` could be milliseconds or seconds, and is neither. Words have no quotes, texts have. A `let` brings the dimension of its expression along. The message says what is wanted and what was found, the help line shows an example.

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
database orders : postgres { replication = sync, replicas = 2 }
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
        title: "A value that is no number",
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
        title: "A part that is a must",
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
    CodeInfo {
        code: "ARC550",
        title: "Placement that does not add up",
        text: r#"`place` says where each of the `replicas` runs, so its numbers sum to `replicas`. Here both are written and disagree. One of them is out of date; the number that runs would depend on which is read. Leave `replicas` out, or make them agree.

Bad:

```arch
arch 1
system s { zones = 3 }
client web {}
balancer lb {}
service app { replicas = 4, place { a = 2, b = 1 } }
flow f { rate = 1 rps, web -> lb -> app }
```

Good:

```arch
arch 1
system s { zones = 3 }
client web {}
balancer lb {}
service app { replicas = 3, place { a = 2, b = 1 } }
flow f { rate = 1 rps, web -> lb -> app }
```"#,
    },
    CodeInfo {
        code: "ARC560",
        title: "Used file not found",
        text: r#"`use` names a file that is not there or cannot be read. The path is relative to the file that says it, not to the folder the command runs in. A design from standard input, or from an editor without a file, has no folder: save it first. What the file would have declared is missing, so unknown names may follow.

Bad:

```arch
arch 1
use "missing.arch"
client web {}
service app {}
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
        code: "ARC561",
        title: "File outside of the design",
        text: r#"A design is the folder of its root file and what lies below; symbolic links are followed before this is judged. A path out of it is refused, so that checking a design from somebody else never reads other files, and a design can be moved as one folder. Move the shared file into the tree, or start from a root file further up.

Bad:

```arch-fragment
use "../../common/payments.arch"
```

Good:

```arch-fragment
use "common/payments.arch"
```"#,
    },
    CodeInfo {
        code: "ARC562",
        title: "Not a relative path",
        text: r#"`use` wants a path relative to the file that says it, with `/` between folders. An absolute path, a drive, a `~`, a backslash or an address works on one machine only, or on none. Nothing is ever fetched from a network.

Bad:

```arch
arch 1
use "/srv/designs/payments.arch"
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
```

Or, with the file beside it:

```arch-fragment
use "payments.arch"
```"#,
    },
    CodeInfo {
        code: "ARC563",
        title: "Files that use each other",
        text: r#"A file uses another one that, directly or through others, uses it again. Under a name such a ring would never end, and without one no file could be read alone. The message shows the ring. Move what both need into a third file that uses neither.

Bad, in `shop.arch` and in `payments.arch`:

```arch-fragment
use "payments.arch"   # in shop.arch
use "shop.arch"       # in payments.arch
```

Good:

```arch-fragment
use "payments.arch"   # in shop.arch
use "common.arch"     # in both
```"#,
    },
    CodeInfo {
        code: "ARC564",
        title: "Not a design file",
        text: r#"`use` brings in designs alone, and their names end in `.arch`. Any other file in the tree is left alone, so that a design cannot print parts of it in an error message. Rename the file if it is a design. Numbers from elsewhere are given with `let` and overridden with `--set`.

Bad:

```arch-fragment
use "numbers.csv"
```

Good:

```arch-fragment
use "numbers.arch"
```"#,
    },
    CodeInfo {
        code: "ARC565",
        title: "Too many files",
        text: r#"A design has more than 500 files, or a chain of more than 64 uses. A file that is used under several names counts each time, since each use makes components of its own: ten files that use the next one twice are already a thousand. Use shared files without a name, or flatten the chain.

Bad, each level doubling the next:

```arch-fragment
use "level_2.arch" as left
use "level_2.arch" as right
```

Good:

```arch-fragment
use "level_2.arch"
```"#,
    },
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
database orders : postgres {}
flow f { rate = 1 rps, web -> app { -> orders.write } }
```"#,
    },
    CodeInfo {
        code: "ARC572",
        title: "A call where none can stand",
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
        title: "`else` after what cannot miss",
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
service app {}
flow f { rate = 1 rps, web -> app }
scenario lost { fail = [zone a], expect flow f = slow }
```

Good:

```arch
arch 1
system s { zones = 3 }
client web {}
service app {}
flow f { rate = 1 rps, web -> app }
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
        text: r#"The rule does not speak up on this name, so there is nothing to allow: the cause was mended, or the name is wrong. Left in place, the line would hide the finding when it comes back. Errors of the language itself (ARC5xx) cannot be allowed either, for a design with one has no meaning to judge. This is a warning; remove the line.

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
        text: r#"An `allow` names a code, a component or a flow, and a reason; the last day (`until 2031-03-31`) may follow. The reason is a must, because whoever reads the line next will ask. A code is `ARC` and three digits, as the finding shows it.

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

/// The entry of a code.
#[must_use]
pub fn code_info(code: &str) -> Option<&'static CodeInfo> {
    CODES.iter().find(|i| i.code == code)
}
