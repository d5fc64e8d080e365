#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sfera_bot_fuzz::webhook(bytes));
