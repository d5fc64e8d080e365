use hdrhistogram::Histogram;

/// A line of figures.
#[derive(Debug)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// The figures, as they are printed.
    pub figures: Vec<String>,
}

/// The count, median, 99th percentile and maximum of a histogram, in µs of its nanoseconds.
#[must_use]
pub fn row_of(what: &str, histogram: &Histogram<u64>) -> Row {
    let micros = |nanos: u64| format!("{:.1} µs", nanos as f64 / 1_000.0);
    Row {
        what: what.to_owned(),
        figures: vec![
            histogram.len().to_string(),
            micros(histogram.value_at_quantile(0.5)),
            micros(histogram.value_at_quantile(0.99)),
            micros(histogram.max()),
        ],
    }
}

/// Prints a Markdown table.
#[expect(clippy::print_stdout, reason = "figures are what a benchmark is for")]
pub fn print_table(heads: &[&str], rows: &[Row]) {
    println!("| {} |", heads.join(" | "));
    println!("|{}", " --- |".repeat(heads.len()));
    for row in rows {
        println!("| {} | {} |", row.what, row.figures.join(" | "));
    }
}
