use super::Home;

#[test]
fn what_is_no_recording_is_refused_with_its_line() {
    let home = Home::new();
    home.run(&["replay", "nowhere.jsonl"])
        .refused(2, "Ошибка: Файла nowhere.jsonl нет.");
    home.write("empty.jsonl", "");
    home.run(&["replay", "empty.jsonl"]).refused(
        2,
        "Ошибка: empty.jsonl, строка 1: это не запись разговора Сферы.",
    );
    home.write("other.jsonl", "{\"hello\": 1}\n");
    home.run(&["replay", "other.jsonl"]).refused(
        2,
        "Ошибка: other.jsonl, строка 1: это не запись разговора Сферы.",
    );
    assert_eq!(home.files(), ["empty.jsonl", "other.jsonl"]);
}
