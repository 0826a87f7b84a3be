//! Pages of the findings about syntax.

use super::CodeInfo;

pub(super) const PAGES: &[CodeInfo] = &[
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
];
