#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = str0m::_internal_test_exports::fuzz::rtcp(bytes);
});
