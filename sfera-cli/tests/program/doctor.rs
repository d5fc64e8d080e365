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

#[test]
fn a_knowledge_folder_that_is_not_there_fails_and_is_named() {
    let home = Home::new();
    home.write("sfera.toml", "[knowledge]\nfolder = \"nowhere\"\n");
    let said = "База знаний: nowhere не прочесть (такого файла или папки нет).";
    let ran = home.run(&["doctor"]);
    let finding = format!("✗ {said} → исправьте knowledge.folder");
    assert!(ran.out.lines().any(|line| line == finding), "{}", ran.out);
    home.run(&["talk", "--text"])
        .refused(2, &format!("Ошибка: {said}"));
    let ran = home.run(&["kb", "list"]);
    assert!(
        ran.err
            .starts_with("Внимание: Разговор ищет в папке nowhere"),
        "{ran:?}"
    );
}

#[test]
fn a_store_that_is_none_is_named_by_all_that_open_it() {
    let home = Home::new();
    home.write("notes.txt", "Это не база данных. ".repeat(50));
    home.write("docs/a.md", "# Заметка\n\nМысль.");
    for (store, said) in [
        (
            "docs",
            "docs – это папка, а хранилище базы знаний – файл: поправьте knowledge.store.",
        ),
        (
            "notes.txt",
            "notes.txt – не хранилище Сферы: поправьте knowledge.store.",
        ),
    ] {
        home.write("sfera.toml", format!("[knowledge]\nstore = \"{store}\"\n"));
        for command in [
            &["kb", "ingest", "docs"][..],
            &["kb", "search", "мысль"],
            &["talk", "--text"],
        ] {
            home.run(command).refused(2, &format!("Ошибка: {said}"));
        }
        let ran = home.run(&["doctor"]);
        assert!(ran.out.contains(&format!("✗ {said}")), "{}", ran.out);
    }
}

#[test]
fn mcp_servers_that_are_not_there_are_said_before_the_conversation() {
    let home = Home::new();
    let lost = r#"{"mcpServers":{"lost":{"command":"no-such-program"}}}"#;
    home.write("lost.json", lost);
    home.write("odd.json", r#"{"mcpServers":{"odd":{}}}"#);
    for (file, said) in [
        ("nofile.json", "Файла nofile.json нет."),
        (
            "odd.json",
            "Серверу MCP odd нужно что-то одно: command или url.",
        ),
        (
            "lost.json",
            "Инструментов сервера MCP lost пока нет: его программа не запускается (такого файла или папки нет).",
        ),
    ] {
        let said = format!("Внимание: {said}");
        let talk = || {
            let mut talk = home.command(&["talk", "--text"]);
            Ran::of(talk.env("SFERA_MCP", file).output().unwrap())
        };
        let mut ran = talk();
        // A conversation waits 300 ms for a program to fail; a busy machine may start it later.
        for _ in 0..3 {
            if ran.err.starts_with(&said) {
                break;
            }
            ran = talk();
        }
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.err.starts_with(&said), "{ran:?}");
    }
}
