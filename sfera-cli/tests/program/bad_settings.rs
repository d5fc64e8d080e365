use super::{Home, shown};

const TALK: &[&str] = &["talk", "--text"];

#[test]
fn a_misspelt_setting_names_the_file_the_line_and_the_right_name() {
    let home = Home::new();
    home.write("sfera.toml", "# мои настройки\n[llm]\nmodle = \"gpt\"\n");
    home.run(TALK).refused(
        2,
        "Ошибка: sfera.toml, строка 3: настройки «llm.modle» нет. Возможно, вы имели в виду llm.model?",
    );
}

#[test]
fn a_wrong_value_says_what_it_should_be() {
    let home = Home::new();
    let config = home.write("own.toml", "[turn]\ninterruptions = \"да\"\n");
    home.run(&["talk", "--text", "--config", "own.toml"]).refused(
        2,
        "Ошибка: own.toml, строка 2: «turn.interruptions»: ожидается true или false, а там строка.",
    );
    std::fs::write(config, "language = \"klingon\"\n").unwrap();
    home.run(&["doctor", "--lang", "en", "--json", "--config", "own.toml"]);
    home.run(&["talk", "--text", "--config", "own.toml"])
        .refused(
            2,
            "Ошибка: own.toml, строка 1: языка «klingon» Сфера не знает; есть ru и en.",
        );
}

#[test]
fn settings_that_were_asked_for_must_exist() {
    let home = Home::new();
    home.run(&["talk", "--text", "--config", "nowhere.toml"])
        .refused(2, "Ошибка: nowhere.toml: файла нет.");
}

#[test]
fn a_broken_env_file_is_refused_without_showing_what_it_holds() {
    let home = Home::new();
    home.write(".env", "OPENAI_MODEL=x\nsk-very-secret key\n");
    home.run(TALK)
        .refused(2, "Ошибка: .env, строка 2: строка не вида ИМЯ=значение.");
}

#[test]
fn a_misspelt_variable_is_a_warning_and_its_value_is_not_shown() {
    let home = Home::new();
    home.write(".env", "OPENAI_API_KYE=sk-very-secret\n");
    let ran = home.run(&["talk", "--wav", "nowhere.wav"]);
    let lines: Vec<_> = ran.err.lines().collect();
    assert_eq!(
        lines[0],
        "Внимание: .env, строка 1: переменная OPENAI_API_KYE никем не читается. Возможно, вы имели в виду OPENAI_API_KEY?"
    );
    assert!(!ran.err.contains("very-secret"));
}

#[test]
fn a_wrong_variable_of_the_environment_is_named() {
    let home = Home::new();
    let ran = home.command(TALK).env("SFERA_LANG", "xx").output().unwrap();
    super::Ran::of(ran).refused(
        2,
        "Ошибка: Переменная SFERA_LANG: языка «xx» Сфера не знает; есть ru и en.",
    );
    for name in ["OPENAI_BASE_URL", "COINGECKO_URL"] {
        let mut command = home.command(TALK);
        let ran = command.env(name, "localhost:8080").output();
        super::Ran::of(ran.unwrap()).refused(
            2,
            &format!("Ошибка: Переменная {name}: это не адрес вида http://хост/путь."),
        );
    }
}

#[test]
fn a_recording_folder_that_cannot_be_is_refused() {
    let home = Home::new();
    let file = home.write("file", "");
    let folder = shown(&file.join("folder"));
    let ran = home.run(&["talk", "--text", "--record", &folder]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(home.files(), ["file"]);
}
