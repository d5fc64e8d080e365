use crate::{
    error::{Error, Exit},
    output, signal,
    text::Text,
};
use indicatif::{ProgressBar, ProgressStyle};
use sfera_agent::models::{Models, Progress, Stage};

/// Downloads models one after another, each with a bar where stderr is a terminal.
pub fn pull(models: &Models, names: &[String], text: Text) -> Result<Exit, Error> {
    signal::run(async {
        for name in names {
            let bar = bar(name);
            let report = |progress| show(&bar, progress, text);
            let pulled = tokio::select! {
                pulled = models.pull(name, &report) => pulled,
                () = signal::interrupted() => {
                    bar.abandon();
                    output::complain(text.models_interrupted());
                    return Ok(Exit::Interrupted);
                }
            };
            bar.finish_and_clear();
            output::line(text.model_ready(name, pulled?.display()))?;
        }
        Ok(Exit::Fine)
    })?
}

fn bar(name: &str) -> ProgressBar {
    let bar = ProgressBar::new(0).with_prefix(name.to_owned());
    let template = "{prefix} {msg} {wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, progress: Progress, text: Text) {
    bar.set_message(text.pull_stage(progress.stage));
    if matches!(progress.stage, Stage::Download) && progress.total > 0 {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    }
    bar.tick();
}
