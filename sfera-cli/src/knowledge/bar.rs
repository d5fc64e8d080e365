use indicatif::{ProgressBar, ProgressStyle};

/// How far a long work has come and what is at hand, where stderr is a terminal.
pub fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg:30!}") {
        bar.set_style(style);
    }
    bar
}
