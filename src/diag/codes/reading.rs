//! Pages of the findings about reading a file.

use super::CodeInfo;

pub(super) const PAGES: &[CodeInfo] = &[
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
];
