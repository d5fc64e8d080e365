use super::{Home, Ran};
use std::{
    io::Read,
    net::TcpListener,
    process::{Child, Command},
};

pub fn control_c(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn control_c_while_downloading_leaves_no_model_and_says_how_to_go_on() {
    let hub = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    let mut command = home.command(&["models", "pull", "whisper-base"]);
    command
        .env("SFERA_HUB", format!("http://{}", hub.local_addr().unwrap()))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    // The hub takes the question and never answers.
    let (mut connection, _) = hub.accept().unwrap();
    let mut question = [0; 16];
    connection.read_exact(&mut question).unwrap();
    control_c(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(
        ran.err.contains("та же команда продолжит с этого места"),
        "{ran:?}"
    );
    assert!(!home.path("models/whisper-base/ggml-base.bin").exists());
}
