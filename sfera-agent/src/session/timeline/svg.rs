use std::fmt::{self, Display, Write};

/// An SVG being written. Attributes and text are escaped here and nowhere else.
#[derive(Debug, Default)]
pub(super) struct Svg {
    body: String,
}

/// Text or an attribute's value inside XML. Characters that XML cannot hold are left out.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\r' | '\t' => f.write_char(' ')?,
                '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {}
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Where a text is anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub(super) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let radius = if height > 8.0 { 4.0 } else { 1.5 };
        // Writing to a String cannot fail.
        let _ = writeln!(
            self.body,
            r#"<rect class="{}" x="{x:.1}" y="{y:.1}" width="{:.1}" height="{height:.1}" rx="{radius}"/>"#,
            Escaped(class),
            width.max(1.0),
        );
    }

    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let _ = writeln!(
            self.body,
            r#"<line class="{}" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#,
            Escaped(class),
            from.0,
            from.1,
            to.0,
            to.1,
        );
    }

    pub(super) fn text(&mut self, class: &str, x: f64, y: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = writeln!(
            self.body,
            r#"<text class="{}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#,
            Escaped(class),
            Escaped(text),
        );
    }

    /// A filled circle.
    pub(super) fn dot(&mut self, class: &str, x: f64, y: f64, radius: f64) {
        let _ = writeln!(
            self.body,
            r#"<circle class="{}" cx="{x:.1}" cy="{y:.1}" r="{radius:.1}"/>"#,
            Escaped(class),
        );
    }

    /// Everything of another picture, on top.
    pub(super) fn append(&mut self, other: Self) {
        self.body.push_str(&other.body);
    }

    /// The whole file.
    pub(super) fn finish(self, width: f64, height: f64, title: &str, style: &str) -> String {
        let title = Escaped(title);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}" role="img" aria-label="{title}">
<title>{title}</title>
<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#d8efe4"/><rect width="2" height="6" fill="#7cc4a3"/></pattern></defs>
<style>{style}</style>
{}</svg>
"##,
            self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_say_cannot_break_out_of_the_picture() {
        let escaped = Escaped("</text><script>\"'&\u{0}\u{1b}\n").to_string();
        assert_eq!(escaped, "&lt;/text&gt;&lt;script&gt;&quot;&#39;&amp; ");
    }
}
