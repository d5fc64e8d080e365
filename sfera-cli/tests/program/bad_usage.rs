use super::Home;

#[test]
fn a_misspelt_option_is_named_and_the_right_one_suggested() {
    let home = Home::new();
    home.run(&["talk", "--wva", "x.wav"]).refused(
        2,
        "Ошибка: Параметра --wva нет. Возможно, вы имели в виду --wav?",
    );
    home.run(&["--lang", "en", "talk", "--txet"])
        .refused(2, "Error: There is no option --txet. Did you mean --text?");
}

#[test]
fn an_option_of_another_command_is_told_with_it() {
    let home = Home::new();
    home.run(&["--list-devices"]).refused(
        2,
        "Ошибка: Параметра --list-devices нет. Возможно, вы имели в виду talk --list-devices?",
    );
}

#[test]
fn a_misspelt_command_is_named_and_the_right_one_suggested() {
    let home = Home::new();
    home.run(&["tlak"]).refused(
        2,
        "Ошибка: Команды «tlak» нет. Возможно, вы имели в виду talk?",
    );
    home.run(&["models", "pul"]).refused(
        2,
        "Ошибка: Команды «pul» нет. Возможно, вы имели в виду pull?",
    );
}

#[test]
fn no_command_and_half_a_command_point_to_the_help() {
    let home = Home::new();
    for (command, help) in [
        (&[][..], "sfera"),
        (&["models"][..], "sfera models"),
        (&["--lang", "ru", "kb"][..], "sfera kb"),
    ] {
        let sentence = format!("Ошибка: Не сказано, что делать. Справка: {help} --help.");
        home.run(command).refused(2, &sentence);
    }
}

#[test]
fn an_unknown_language_names_those_there_are_in_the_language_of_the_locale() {
    let home = Home::new();
    let sentence = "Ошибка: Языка «de» Сфера не знает: есть ru и en.";
    home.run(&["talk", "--lang", "de"]).refused(2, sentence);
    home.run(&["talk", "--lang=de"]).refused(2, sentence);
    let english = home
        .command(&["talk", "--lang", "de"])
        .env("LANG", "en_US.UTF-8")
        .output();
    super::Ran::of(english.unwrap()).refused(
        2,
        "Error: Sfera does not speak \"de\": there are ru and en.",
    );
}

#[test]
fn options_that_exclude_or_need_each_other_are_named() {
    let home = Home::new();
    home.run(&["talk", "--text", "--wav", "x.wav"]).refused(
        2,
        "Ошибка: --text и --wav вместе не работают: выберите что-то одно. Справка: sfera talk --help.",
    );
    home.run(&["talk", "--out", "x.wav"]).refused(
        2,
        "Ошибка: Не хватает параметра: --wav ФАЙЛ. Справка: sfera talk --help.",
    );
    home.run(&["kb", "search"]).refused(
        2,
        "Ошибка: Не хватает параметра: ВОПРОС. Справка: sfera kb search --help.",
    );
    home.run(&["kb", "search", "страх", "--limit", "0"])
        .refused(
            2,
            "Ошибка: Значение «0» не подходит для --limit. Справка: sfera kb search --help.",
        );
    home.run(&["talk", "--list-devices", "--json"]).refused(
        2,
        "Ошибка: --list-devices и --json вместе не работают: выберите что-то одно. Справка: sfera talk --help.",
    );
    // What stands behind an option is no command.
    home.run(&["--config", "models", "kb", "search"]).refused(
        2,
        "Ошибка: Не хватает параметра: ВОПРОС. Справка: sfera kb search --help.",
    );
    home.run(&["talk", "--wav"]).refused(
        2,
        "Ошибка: После --wav нужно значение. Справка: sfera talk --help.",
    );
    home.run(&["completions", "tcsh"]).refused(
        2,
        "Ошибка: Значение «tcsh» не подходит для ОБОЛОЧКА. Можно: bash, elvish, fish, powershell, zsh.",
    );
}

#[test]
fn help_and_version_are_printed_to_stdout_in_the_users_language() {
    let home = Home::new();
    for command in [
        &["--help"][..],
        &["talk", "--help"],
        &["models", "pull", "-h"],
        &["doctor", "-h"],
        &["kb", "search", "-h"],
        &["token", "-h"],
    ] {
        let ran = home.run(command);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{command:?}");
        assert!(ran.out.contains("Примеры:"), "{}", ran.out);
        for english in ["Usage", "FILE", "QUERY", "default"] {
            assert!(!ran.out.contains(english), "{}", ran.out);
        }
    }
    let ran = home.run(&["--version"]);
    assert_eq!(ran.out, concat!("sfera ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn every_shell_gets_a_completion_script() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = home.run(&["completions", shell]);
        assert_eq!(ran.code, Some(0), "{shell}");
        assert!(ran.out.contains("list-devices"), "{shell}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Home::new();
    let mut child = home.start(&["completions", "bash"]);
    drop(child.stdout.take());
    let ran = super::Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}
