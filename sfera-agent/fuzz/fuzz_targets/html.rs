#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sfera_agent_fuzz::html(bytes));
