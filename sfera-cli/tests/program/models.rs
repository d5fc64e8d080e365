use super::Home;

#[test]
fn the_list_tells_what_is_on_disk() {
    let home = Home::new();
    let ran = home.run(&["models", "list"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("whisper-base"), "{}", ran.out);
    let json = home.run(&["models", "list", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["models"][0]["status"], "absent");
}

#[test]
fn a_misspelt_model_is_named_and_the_right_one_suggested() {
    let home = Home::new();
    home.run(&["models", "pull", "whisper-bse"]).refused(
        2,
        "Ошибка: Модели «whisper-bse» нет. Список: sfera models list. Возможно, вы имели в виду whisper-base?",
    );
}

#[test]
fn without_a_source_nothing_is_left_but_what_to_do() {
    let home = Home::new();
    // No Python to fall back to either.
    let mut command = home.command(&["models", "pull", "whisper-small"]);
    let ran = super::Ran::of(command.env("PATH", "").output().unwrap());
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(
        ran.err.contains("Модель whisper-small не скачать"),
        "{ran:?}"
    );
    assert!(!home.path("models/whisper-small/ggml-small.bin").exists());
}

#[test]
fn a_missing_and_a_damaged_model_do_not_pass_the_check() {
    let home = Home::new();
    let ran = home.run(&["models", "verify"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("не скачана"), "{ran:?}");
    home.write("models/whisper-base/ggml-base.bin", "cut");
    let ran = home.run(&["models", "verify", "whisper-base"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("повреждён"), "{ran:?}");
}
