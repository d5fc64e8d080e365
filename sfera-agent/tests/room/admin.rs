//! What an administrator does to a room, over the server's HTTP interface.

use crate::livekit_server::{KEY, LiveKitServer, SECRET};
use livekit_api::access_token::{AccessToken, VideoGrants};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// Deletes a room with everybody in it.
pub fn delete_room(server: &LiveKitServer, room: &str) {
    call(
        server,
        "DeleteRoom",
        room,
        &format!(r#"{{"room":"{room}"}}"#),
    );
}

/// Throws somebody out.
pub fn remove(server: &LiveKitServer, room: &str, identity: &str) {
    let body = format!(r#"{{"room":"{room}","identity":"{identity}"}}"#);
    call(server, "RemoveParticipant", room, &body);
}

fn call(server: &LiveKitServer, method: &str, room: &str, body: &str) {
    let grants = VideoGrants {
        room_admin: true,
        room_create: true,
        room: room.to_owned(),
        ..VideoGrants::default()
    };
    let token = AccessToken::with_api_key(KEY, SECRET)
        .with_identity("admin")
        .with_grants(grants);
    let request = format!(
        "POST /twirp/livekit.RoomService/{method} HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        token.to_jwt().unwrap(),
        body.len(),
    );
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
