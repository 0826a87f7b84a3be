//! Templates to text.
//!
//! Never: a template that fails and leaves no file. That is a fault of archc, exit 3.

use askama::Template;

/// The text of a template, or of one of its blocks.
pub(super) fn render<T: Template>(template: &T) -> String {
    match template.render() {
        Ok(text) => text,
        // Writing to a string cannot fail, and no value of a template fails to print.
        Err(e) => unreachable!("template {}: {e}", std::any::type_name::<T>()),
    }
}

#[cfg(test)]
mod tests {
    use super::render;
    use askama::Template;
    use std::fmt;

    struct Unprintable;

    impl fmt::Display for Unprintable {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }

    #[derive(Template)]
    #[template(source = "a{{ value }}", ext = "txt")]
    struct Broken {
        value: Unprintable,
    }

    #[test]
    #[should_panic(expected = "Broken")]
    fn a_template_that_fails_is_a_fault_with_its_name() {
        let _ = render(&Broken { value: Unprintable });
    }
}
