//! Pages of the findings about deployment, and about several files and their names.

use super::CodeInfo;

pub(super) const PAGES: &[CodeInfo] = &[
    CodeInfo {
        code: "ARC550",
        title: "Placement that does not add up",
        text: r#"`place` says where each of the `replicas` runs, so its numbers sum to `replicas`. Here both are written and disagree. One of them is out of date; the number that runs would depend on which is read. Leave `replicas` out, or make them agree.

`place` decides `replicas` if that is left out, is a variable (`?`), or comes from an engine or a preset while the component itself has a `place`. The nodes of a cache or a queue are placed in the same way if `nodes` is written and `replicas` is not.

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
        code: "ARC551",
        title: "Machine of another service",
        text: r#"Each service of the provider rents machines of its own: EC2 `m7g.large`, RDS `db.m7g.large`, ElastiCache `cache.r7g.large`, MSK `kafka.m7g.large`. A component runs on machines of the service that builds it, and is priced at that service's rate. On a store the plain name (`m7g.large`) means the machine of its service. The catalog has no such machine of this service, or not for this engine. The help line lists the nearest that are sold.

Bad:

```arch
arch 1
client web {}
service app {}
database orders : postgres { instance = c7g.large }
flow f { rate = 1 rps, web -> app { -> orders.read } }
```

Good:

```arch
arch 1
client web {}
service app {}
database orders : postgres { instance = m7g.large }
flow f { rate = 1 rps, web -> app { -> orders.read } }
```"#,
    },
    CodeInfo {
        code: "ARC552",
        title: "Runtime that is not built yet",
        text: r#"`runtime` says which service of the provider runs a program. archc builds and prices `fargate` and `ec2`; a design that says `lambda` or `kubernetes` would have neither a price nor files. Take one of the two, or leave `runtime` out.

Bad:

```arch
arch 1
client web {}
service app { runtime = lambda }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { runtime = fargate }
flow f { rate = 1 rps, web -> app }
```"#,
    },
    CodeInfo {
        code: "ARC553",
        title: "Runtime that contradicts the design",
        text: r#"`runtime = fargate` runs containers of a sold size, so an `instance` beside it has no meaning. `runtime = ec2` runs machines and needs an `instance`. Without `runtime`, a program with an `instance` runs on EC2 and one without runs on Fargate. A design with `provider = none` has no service that could run anything, and what the provider runs has no runtime of its own.

Bad:

```arch
arch 1
client web {}
service app { runtime = fargate, instance = m7g.large }
flow f { rate = 1 rps, web -> app }
```

Good:

```arch
arch 1
client web {}
service app { runtime = ec2, instance = m7g.large }
flow f { rate = 1 rps, web -> app }
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
        text: r#"`use` expects a path relative to the file that says it, with `/` between folders. An absolute path, a drive, a `~`, a backslash or an address works on one machine only, or on none. Nothing is ever fetched from a network.

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
        text: r#"`use` imports designs only, and their names end in `.arch`. Any other file in the tree is left alone, so that a design cannot print parts of it in an error message. Rename the file if it is a design. Numbers from elsewhere are given with `let` and overridden with `--set`.

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
        code: "ARC566",
        title: "A plan that no longer fits",
        text: r#"The plan file beside the design has a value that the design has no place for: the component is gone, the attribute is written now or left out, or the hole no longer allows it. Or the file is no plan at all. Such a value is left out, and the hole, if there is one, is solved in memory; so the numbers are not those of the plan that was reviewed. `archc size --check` names the same and fails.

Bad, with `replicas = 8` for `app` in `shop.plan.json`:

```arch-fragment
service app { cpu = 5ms, replicas = ? in 2..4 }
```

Good: write the plan anew with `archc size shop.arch`, or allow the value:

```arch-fragment
service app { cpu = 5ms, replicas = ? in 2..8 }
```"#,
    },
];
