use super::{Home, Ran};

#[test]
fn each_part_is_one_line_and_a_missing_model_fails() {
    let home = Home::new();
    let ran = home.run(&["doctor"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(3), ""), "{ran:?}");
    let missing = "✗ whisper-base: не скачана → sfera models pull whisper-base";
    assert!(ran.out.lines().any(|line| line == missing), "{}", ran.out);
    assert!(ran.out.contains("встроенный помощник"), "{}", ran.out);
}

#[test]
fn programs_get_json() {
    let home = Home::new();
    let ran = home.run(&["doctor", "--json", "--lang", "en"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let model = findings.iter().find(|f| f["part"] == "models").unwrap();
    assert_eq!(model["level"], "fail");
    assert_eq!(model["advice"], "sfera models pull whisper-base");
}

#[test]
fn a_server_that_is_not_there_is_named_and_its_key_is_not() {
    let home = Home::new();
    let mut command = home.command(&["doctor", "--lang", "en"]);
    let command = command
        .env("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        .env("OPENAI_API_KEY", "sk-0123456789-secret");
    let ran = Ran::of(command.output().unwrap());
    assert!(
        ran.out
            .contains("! http://127.0.0.1:9/v1 cannot be reached"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("OPENAI_API_KEY: looks like a key"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("secret") && !ran.err.contains("secret"));
}

#[test]
fn wrong_settings_are_a_finding() {
    let home = Home::new();
    home.write("sfera.toml", "[ttss]\n");
    let ran = home.run(&["doctor"]);
    assert_eq!(ran.code, Some(3));
    assert!(
        ran.out
            .contains("✗ sfera.toml, строка 1: настройки «ttss» нет."),
        "{}",
        ran.out
    );
}
