//! The scene as SVG: no script, no outside reference, light and dark.
//!
//! The text is the same on every machine. The reader's fonts differ, so boxes have room
//! for wider ones. Every text of the design goes through [`xml`].

use super::format::Format;
use super::layout::{Input, LABEL, Layout, Placed, Point, Rect, Route, layout};
use super::scene::{Edge, Key, Node, Scene, Shape, visible};
use crate::emit::escape::{comment, xml};

/// SVG.
pub(super) static FORMAT: Format =
    Format { name: "svg", extensions: &["svg"], doc: "a picture for browsers and documents", draw: svg };

/// Margin around the picture, in pixels.
const MARGIN: f64 = 28.0;
/// Font sizes in pixels: names, all other text.
const NAME: f64 = 13.0;
const SMALL: f64 = 11.0;
/// Width of bold text over plain text.
const BOLD: f64 = 1.15;

const STYLE: &str = "\
.archc text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Noto Sans',Arial,sans-serif;font-size:11px;fill:#57606a;text-anchor:middle}
.archc .start{text-anchor:start}
.archc .name{font-size:13px;font-weight:600;fill:#1f2328}
.archc .title{font-size:18px;font-weight:600;fill:#1f2328;text-anchor:start}
.archc .facts{fill:#1f2328}
.archc .paper{fill:#ffffff}
.archc .edge,.archc .open{fill:none;stroke:#6e7781;stroke-width:1.4}
.archc .async{stroke-dasharray:6 4}
.archc .head{fill:#6e7781}
.archc .rule{stroke:#d0d7de;stroke-width:1}
.archc .client{fill:#ddf4ff;stroke:#0969da}
.archc .timer{fill:#ddf4ff;stroke:#0969da}
.archc .router{fill:#fbefff;stroke:#8250df}
.archc .service{fill:#f6f8fa;stroke:#57606a}
.archc .cache{fill:#ffeff7;stroke:#bf3989}
.archc .queue{fill:#fff8c5;stroke:#9a6700}
.archc .store{fill:#dafbe1;stroke:#1a7f37}
.archc .external{fill:#ffffff;stroke:#57606a;stroke-dasharray:5 3}
.archc .monitor{fill:#f6f8fa;stroke:#8c959f}
.archc .box{stroke-width:1.4}
.archc .line{fill:none}
@media (prefers-color-scheme:dark){
.archc text{fill:#9da7b3}
.archc .name,.archc .title,.archc .facts{fill:#e6edf3}
.archc .paper{fill:#0d1117}
.archc .edge,.archc .open{stroke:#8b949e}
.archc .head{fill:#8b949e}
.archc .rule{stroke:#30363d}
.archc .client{fill:#10233f;stroke:#58a6ff}
.archc .timer{fill:#10233f;stroke:#58a6ff}
.archc .router{fill:#231a3a;stroke:#bc8cff}
.archc .service{fill:#1c2128;stroke:#9da7b3}
.archc .cache{fill:#2e0f20;stroke:#f778ba}
.archc .queue{fill:#3b2300;stroke:#d29922}
.archc .store{fill:#04260f;stroke:#3fb950}
.archc .external{fill:#0d1117;stroke:#9da7b3}
.archc .monitor{fill:#1c2128;stroke:#6e7681}
.archc .line{fill:none}
}
";

/// A self-contained picture.
#[must_use]
pub fn svg(scene: &Scene) -> String {
    let drawn: Vec<usize> = scene.drawn().map(|(i, ..)| i).collect();
    let edges: Vec<&Edge> = drawn.iter().filter_map(|i| scene.edges.get(*i)).collect();
    let lines: Vec<Vec<Line>> = scene.nodes.iter().map(lines).collect();
    let labels: Vec<String> = edges.iter().map(|e| visible(&e.label)).collect();
    let input = Input {
        sizes: scene.nodes.iter().zip(&lines).map(|(n, l)| size(n.shape, l)).collect(),
        first: scene.nodes.iter().map(|n| n.shape == Shape::Origin).collect(),
        edges: edges.iter().map(|e| (e.from, e.to)).collect(),
        labels: labels.iter().map(|l| if l.is_empty() { 0.0 } else { width(l, SMALL) + 6.0 }).collect(),
    };
    let placed = layout(&input);

    let title = visible(&scene.title);
    let top = if title.is_empty() { MARGIN } else { MARGIN + 44.0 };
    let wide = placed.size.x.max(width(&title, 18.0) * BOLD).max(420.0);
    let below = top + placed.size.y + 40.0;
    let (legend, legend_height) = legend(&scene.legend(), wide, below);
    let (w, h) = (wide + 2.0 * MARGIN, below + legend_height + MARGIN);

    let name = if title.is_empty() { "System design".to_owned() } else { title.clone() };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"archc\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         role=\"img\" aria-labelledby=\"archc-title archc-desc\">\n\
         <title id=\"archc-title\">{}</title>\n<desc id=\"archc-desc\">{}</desc>\n<style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{w}\" height=\"{h}\"/>\n",
        xml(&name),
        xml(&comment(&scene.description())),
        w = num(w.ceil()),
        h = num(h.ceil()),
    );
    if !title.is_empty() {
        out.push_str(&format!(
            "<text class=\"title\" x=\"{}\" y=\"{}\">{}</text>\n",
            num(MARGIN),
            num(MARGIN + 16.0),
            xml(&title)
        ));
    }
    out.push_str(&format!("<g transform=\"translate({} {})\">\n", num(MARGIN), num(top)));
    apart(&placed, &mut out);
    for p in &placed.edges {
        if let Some(e) = edges.get(p.edge) {
            let shape = |i: usize| scene.nodes.get(i).map_or(Shape::Service, |n| n.shape);
            let boxes = [e.from, e.to].map(|i| placed.boxes.get(i).copied().unwrap_or_default());
            edge(p, e.sync, [shape(e.from), shape(e.to)], boxes, &mut out);
        }
    }
    for ((n, lines), r) in scene.nodes.iter().zip(&lines).zip(&placed.boxes) {
        node(n, lines, *r, &mut out);
    }
    for p in &placed.edges {
        if let (Some(c), Some(text), Some(w)) = (p.label, labels.get(p.edge), input.labels.get(p.edge))
            && !text.is_empty()
        {
            out.push_str(&format!(
                "<rect class=\"paper\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\"/>\n\
                 <text x=\"{}\" y=\"{}\">{}</text>\n",
                num(c.x - w / 2.0),
                num(c.y - LABEL / 2.0),
                num(*w),
                num(LABEL),
                num(c.x),
                num(c.y + 4.0),
                xml(text)
            ));
        }
    }
    out.push_str("</g>\n");
    out.push_str(&legend);
    out.push_str("</svg>\n");
    out
}

/// A line of text in a box.
struct Line {
    class: &'static str,
    text: String,
    size: f64,
    /// Width over plain text.
    weight: f64,
}

fn lines(n: &Node) -> Vec<Line> {
    [("name", &n.label, NAME), ("detail", &n.detail, SMALL), ("facts", &n.facts, SMALL)]
        .into_iter()
        .filter(|(_, t, _)| !t.is_empty())
        .map(|(class, t, size)| Line { class, text: visible(t), size, weight: if size > SMALL { BOLD } else { 1.0 } })
        .collect()
}

fn size(shape: Shape, lines: &[Line]) -> Point {
    let text = lines.iter().map(|l| width(&l.text, l.size) * l.weight).fold(0.0, f64::max);
    let height: f64 = lines.iter().map(|l| l.size + 4.5).sum();
    let (dx, dy) = match shape {
        Shape::Origin | Shape::Timer | Shape::Router | Shape::Queue => (44.0, 18.0),
        Shape::Cache => (38.0, 24.0),
        Shape::Store => (28.0, 32.0),
        Shape::Service | Shape::External | Shape::Watcher => (28.0, 18.0),
    };
    Point { x: (text + dx).ceil().max(76.0), y: (height + dy).ceil().max(40.0) }
}

/// Largest width of a text in pixels, by character classes of the wider system fonts.
fn width(text: &str, size: f64) -> f64 {
    let em: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '·' => 0.33,
            ' ' => 0.32,
            'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 0.42,
            'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 0.98,
            'A'..='Z' | '_' | '~' | '+' | '=' | '<' | '>' => 0.74,
            c if c.is_ascii() => 0.62,
            c if u32::from(c) < 0x1100 => 0.72,
            _ => 1.05,
        })
        .sum();
    em * size
}

fn node(n: &Node, lines: &[Line], r: Rect, out: &mut String) {
    let whole: Vec<String> =
        [&n.label, &n.detail, &n.facts].into_iter().filter(|t| !t.is_empty()).map(|t| comment(t)).collect();
    out.push_str(&format!("<g><title>{}</title>{}\n", xml(&whole.join(", ")), outline(n.shape, r)));
    // Offset of the text's center from the box's center.
    let (dx, dy) = match n.shape {
        Shape::Store => (0.0, 5.0),
        Shape::Cache => (3.0, 3.0),
        Shape::Timer => (5.0, 0.0),
        Shape::Origin | Shape::Router | Shape::Service | Shape::Queue | Shape::External | Shape::Watcher => (0.0, 0.0),
    };
    let height: f64 = lines.iter().map(|l| l.size + 4.5).sum();
    let mut y = r.y + r.h / 2.0 + dy - height / 2.0;
    for l in lines {
        y += l.size + 4.5;
        out.push_str(&format!(
            "<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>\n",
            l.class,
            num(r.x + r.w / 2.0 + dx),
            num(y - 4.5),
            xml(&l.text)
        ));
    }
    out.push_str("</g>\n");
}

fn outline(shape: Shape, r: Rect) -> String {
    let Rect { x, y, w, h } = r;
    let class = shape.word();
    let rect = |radius: f64| {
        format!(
            "<rect class=\"box {class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            num(x),
            num(y),
            num(w),
            num(h),
            num(radius)
        )
    };
    let path = |d: &str| format!("<path class=\"box {class}\" d=\"{d}\"/>");
    // Inner lines of a shape, not filled.
    let line = |d: &str| format!("<path class=\"box {class} line\" d=\"{d}\"/>");
    let d = |parts: &[(&str, &[f64])]| {
        let mut out = String::new();
        for (letter, numbers) in parts {
            let numbers: Vec<String> = numbers.iter().map(|n| num(*n)).collect();
            out.push_str(&format!("{letter}{}", numbers.join(" ")));
        }
        out
    };
    let b = bulge(shape, h);
    match shape {
        Shape::Origin => rect(b),
        Shape::Timer => {
            // A clock, at three.
            let (a, middle, k) = (x + b.min(17.0), y + h / 2.0, 6.0_f64.min(h / 4.0));
            let clock = d(&[
                ("M", &[a - k, middle]),
                ("A", &[k, k, 0.0, 1.0, 1.0, a + k, middle]),
                ("A", &[k, k, 0.0, 1.0, 1.0, a - k, middle]),
                ("M", &[a, middle - k * 0.6]),
                ("V", &[middle]),
                ("H", &[a + k * 0.6]),
            ]);
            rect(b) + &line(&clock)
        }
        Shape::Service => rect(8.0_f64.min(h / 4.0)),
        Shape::External => rect(3.0),
        Shape::Router => path(&d(&[
            ("M", &[x + b, y]),
            ("H", &[x + w - b]),
            ("L", &[x + w, y + h / 2.0]),
            ("L", &[x + w - b, y + h]),
            ("H", &[x + b]),
            ("L", &[x, y + h / 2.0]),
            ("Z", &[]),
        ])),
        Shape::Queue => {
            let body = d(&[
                ("M", &[x + b, y]),
                ("H", &[x + w - b]),
                ("A", &[b, h / 2.0, 0.0, 0.0, 1.0, x + w - b, y + h]),
                ("H", &[x + b]),
                ("A", &[b, h / 2.0, 0.0, 0.0, 1.0, x + b, y]),
                ("Z", &[]),
            ]);
            let end = d(&[("M", &[x + w - b, y]), ("A", &[b, h / 2.0, 0.0, 0.0, 0.0, x + w - b, y + h])]);
            path(&body) + &line(&end)
        }
        Shape::Store => {
            let k = 7.0_f64.min(h / 5.0);
            let body = d(&[
                ("M", &[x, y + k]),
                ("A", &[w / 2.0, k, 0.0, 0.0, 1.0, x + w, y + k]),
                ("V", &[y + h - k]),
                ("A", &[w / 2.0, k, 0.0, 0.0, 1.0, x, y + h - k]),
                ("Z", &[]),
            ]);
            let lid = d(&[("M", &[x, y + k]), ("A", &[w / 2.0, k, 0.0, 0.0, 0.0, x + w, y + k])]);
            path(&body) + &line(&lid)
        }
        Shape::Cache => {
            let k = 7.0_f64.min(h / 4.0);
            let inner = d(&[("M", &[x + k, y]), ("V", &[y + h]), ("M", &[x, y + k]), ("H", &[x + w])]);
            rect(2.0) + &line(&inner)
        }
        Shape::Watcher => {
            let k = 9.0_f64.min(h / 3.0);
            let page = d(&[
                ("M", &[x, y]),
                ("H", &[x + w - k]),
                ("L", &[x + w, y + k]),
                ("V", &[y + h]),
                ("H", &[x]),
                ("Z", &[]),
            ]);
            let fold = d(&[("M", &[x + w - k, y]), ("V", &[y + k]), ("H", &[x + w])]);
            path(&page) + &line(&fold)
        }
    }
}

/// How far the sides of a shape bulge in the middle, in pixels.
fn bulge(shape: Shape, h: f64) -> f64 {
    match shape {
        Shape::Origin | Shape::Timer => h / 2.0,
        Shape::Router => 12.0_f64.min(h / 3.0),
        Shape::Queue => 9.0_f64.min(h / 4.0),
        Shape::Service | Shape::Cache | Shape::Store | Shape::External | Shape::Watcher => 0.0,
    }
}

/// Distance of a shape's side from its box, at `dy` pixels from the middle.
fn inset(shape: Shape, h: f64, dy: f64) -> f64 {
    let (b, t) = (bulge(shape, h), (dy.abs() / (h / 2.0)).min(1.0));
    if shape == Shape::Router { b * t } else { b * (1.0 - (1.0 - t * t).max(0.0).sqrt()) }
}

fn edge(p: &Placed, sync: bool, shapes: [Shape; 2], boxes: [Rect; 2], out: &mut String) {
    // Which way the arrow comes in: along x, or down from above.
    let (mut d, tip, way) = match &p.route {
        Route::Across(points) => {
            let [start, .., end] = points.as_slice() else { return };
            let right = points.windows(2).all(|w| matches!(w, [a, b] if a.x <= b.x));
            let way = if right { 1.0 } else { -1.0 };
            let [from, to] = boxes;
            let cut = |shape: Shape, r: Rect, y: f64| inset(shape, r.h, y - r.y - r.h / 2.0);
            let [leaves, enters] = shapes;
            let begin = Point { x: start.x - way * cut(leaves, from, start.y), y: start.y };
            let tip = Point { x: end.x + way * cut(enters, to, end.y), y: end.y };
            let mut d = format!("M{} {}", num(begin.x), num(begin.y));
            if begin.x.to_bits() != start.x.to_bits() {
                d.push_str(&format!("H{}", num(start.x)));
            }
            for pair in points.windows(2) {
                let [a, b] = pair else { continue };
                if (a.y - b.y).abs() < 0.05 {
                    d.push_str(&format!("H{}", num(b.x)));
                } else {
                    let middle = num(f64::midpoint(a.x, b.x));
                    d.push_str(&format!("C{middle} {} {middle} {} {} {}", num(a.y), num(b.y), num(b.x), num(b.y)));
                }
            }
            (d, tip, Point { x: way, y: 0.0 })
        }
        Route::Loop(r) => {
            let (x, y) = (r.x + r.w, r.y);
            let tip = Point { x: x - 22.0, y };
            let d = format!(
                "M{} {}C{} {} {} {} {} {}",
                num(x - 10.0),
                num(y),
                num(x + 4.0),
                num(y - 22.0),
                num(tip.x),
                num(y - 30.0),
                num(tip.x),
                num(y - 6.0)
            );
            (d, tip, Point { x: 0.0, y: 1.0 })
        }
    };
    if let Route::Across(_) = p.route {
        // Up to the head, or a little into the shape's bay.
        let end = if sync { tip.x - way.x * 5.0 } else { tip.x };
        d.push_str(&format!("H{}", num(end)));
    } else if !sync {
        d.push_str(&format!("V{}", num(tip.y)));
    }
    let class = if sync { "edge" } else { "edge async" };
    out.push_str(&format!("<path class=\"{class}\" d=\"{d}\"/>\n{}\n", head(tip, way, sync)));
}

/// An arrow head: filled if the caller waits, else open.
fn head(tip: Point, way: Point, sync: bool) -> String {
    let (back, side) = (8.0, 4.0);
    let corner = |s: f64| {
        format!("{} {}", num(tip.x - way.x * back + way.y * s * side), num(tip.y - way.y * back + way.x * s * side))
    };
    let (a, b) = (corner(-1.0), corner(1.0));
    let t = format!("{} {}", num(tip.x), num(tip.y));
    if sync {
        format!("<path class=\"head\" d=\"M{a}L{t}L{b}Z\"/>")
    } else {
        format!("<path class=\"open\" d=\"M{a}L{t}L{b}\"/>")
    }
}

/// A rule above the nodes that no flow uses.
fn apart(placed: &Layout, out: &mut String) {
    if let Some(y) = placed.apart
        && y > 0.0
    {
        out.push_str(&format!("<path class=\"rule\" d=\"M0 {}H{}\"/>\n", num(y - 24.0), num(placed.size.x)));
    }
}

/// The legend in rows, and its height.
fn legend(keys: &[Key], wide: f64, top: f64) -> (String, f64) {
    if keys.is_empty() {
        return (String::new(), 0.0);
    }
    let mut out = format!("<path class=\"rule\" d=\"M{} {}H{}\"/>\n", num(MARGIN), num(top - 18.0), num(MARGIN + wide));
    let (mut x, mut y) = (MARGIN, top);
    for key in keys {
        let (sample, word) = match key {
            Key::Shape(s) => (30.0, s.word()),
            Key::Arrow(true) => (36.0, "call, the caller waits"),
            Key::Arrow(false) => (36.0, "message, the caller goes on"),
            Key::Text(sign, word) => (width(sign, SMALL), *word),
        };
        let room = sample + 7.0 + width(word, SMALL) + 16.0;
        if x > MARGIN && x + room - 16.0 > MARGIN + wide {
            (x, y) = (MARGIN, y + 26.0);
        }
        let middle = y + 9.0;
        match key {
            Key::Shape(s) => out.push_str(&outline(*s, Rect { x, y, w: sample, h: 18.0 })),
            Key::Arrow(sync) => {
                let tip = Point { x: x + sample, y: middle };
                let class = if *sync { "edge" } else { "edge async" };
                let end = if *sync { tip.x - 5.0 } else { tip.x };
                out.push_str(&format!("<path class=\"{class}\" d=\"M{} {}H{}\"/>", num(x), num(middle), num(end)));
                out.push_str(&head(tip, Point { x: 1.0, y: 0.0 }, *sync));
            }
            Key::Text(sign, _) => out.push_str(&format!(
                "<text class=\"start facts\" x=\"{}\" y=\"{}\">{}</text>",
                num(x),
                num(middle + 4.0),
                xml(sign)
            )),
        }
        out.push_str(&format!(
            "<text class=\"start\" x=\"{}\" y=\"{}\">{}</text>\n",
            num(x + sample + 7.0),
            num(middle + 4.0),
            xml(word)
        ));
        x += room;
    }
    (out, y + 18.0 - top)
}

/// A coordinate to a tenth of a pixel, in its shortest form.
fn num(x: f64) -> String {
    let text = format!("{x:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
