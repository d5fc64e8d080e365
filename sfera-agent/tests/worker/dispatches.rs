//! Agents that are asked for: that it is the right one that came, and what is left if none did.

use std::time::Duration;

use livekit_api::services::{agent_dispatch::AgentDispatchClient, room::RoomClient};
use livekit_protocol::AgentDispatch;
use sfera_agent::{
    io::room::{AgentRoom, JoinError, RoomOptions},
    worker::{Dispatch, DispatchError, Secret, Server, delete_room, dispatch},
};
use tokio::time::timeout;

use crate::{
    api::Double,
    livekit_server::{KEY, LiveKitServer, SECRET},
    shop::{AGENT, Shop, WAIT, server_of},
    world::{Person, ROOM, agent_address},
};

/// Long enough for an agent that is there to be seen.
const SHORT: Duration = Duration::from_secs(1);

async fn dispatches(server: &LiveKitServer, room: &str) -> Vec<AgentDispatch> {
    let client = AgentDispatchClient::with_api_key(&server.url(), KEY, SECRET);
    let listed = client.list_dispatch(room).await.expect("listed");
    // Every room has one without a name, for agents that come uncalled.
    listed
        .into_iter()
        .filter(|dispatch| !dispatch.agent_name.is_empty())
        .collect()
}

#[tokio::test]
async fn a_dispatch_that_nobody_takes_is_an_error_and_is_taken_back() {
    let server = LiveKitServer::start();
    let _caller = Person::join(&server, "alice").await;
    let nobody = dispatch(&server_of(&server), "nobody", ROOM, "", SHORT)
        .await
        .unwrap_err();
    let expected = DispatchError::NoAgent {
        agent: "nobody".into(),
        waited: SHORT,
    };
    assert_eq!(nobody, expected);
    assert_eq!(dispatches(&server, ROOM).await, []);
}

#[tokio::test]
async fn another_agent_in_the_room_is_not_the_one_that_was_asked_for() {
    let server = LiveKitServer::start();
    let other = AgentRoom::join(&agent_address(&server), RoomOptions::default())
        .await
        .expect("joined");
    let asked = dispatch(&server_of(&server), "nobody", ROOM, "", SHORT).await;
    assert!(
        matches!(asked, Err(DispatchError::NoAgent { .. })),
        "{asked:?}"
    );
    let mut shop = Shop::open(&server, |_| {}).await;
    let asked = Dispatch::ask(&server_of(&server), AGENT, ROOM, "")
        .await
        .expect("asked");
    let job = shop.next_job().await;
    let came = asked.came(SHORT).await;
    assert!(
        matches!(came, Err(DispatchError::NoAgent { .. })),
        "this runner takes jobs and never joins: {came:?}"
    );
    asked.take_back().await.expect("taken back");
    timeout(WAIT, job.stop.cancelled())
        .await
        .expect("the dispatch is taken back, and its job with it");
    other.leave().await;
    shop.close().await;
}

#[tokio::test]
async fn a_dispatch_can_be_asked_again_and_taken_back() {
    let server = LiveKitServer::start();
    let _caller = Person::join(&server, "alice").await;
    let asked = Dispatch::ask(&server_of(&server), "nobody", ROOM, "")
        .await
        .expect("asked");
    for _ in 0..2 {
        assert!(asked.came(Duration::from_millis(300)).await.is_err());
    }
    let left = dispatches(&server, ROOM).await;
    assert_eq!(left.len(), 1, "waiting changes nothing");
    assert_eq!(left[0].id, asked.id());
    asked.take_back().await.expect("taken back");
    assert_eq!(dispatches(&server, ROOM).await, []);
}

#[tokio::test]
async fn a_room_that_is_closed_meanwhile_is_noticed() {
    let server = LiveKitServer::start();
    let _caller = Person::join(&server, "alice").await;
    let asked = Dispatch::ask(&server_of(&server), "nobody", ROOM, "")
        .await
        .expect("asked");
    delete_room(&server_of(&server), ROOM)
        .await
        .expect("closed");
    let came = timeout(WAIT, asked.came(2 * WAIT)).await;
    assert_eq!(came.expect("noticed").unwrap_err(), DispatchError::Gone);
    asked.take_back().await.expect("there is nothing to take");
}

#[tokio::test]
async fn a_key_that_is_refused_is_told_apart_from_a_server_in_trouble() {
    let server = LiveKitServer::start();
    let refused = async |server: Server| {
        dispatch(&server, "sfera", ROOM, "", SHORT)
            .await
            .unwrap_err()
    };
    let good = server_of(&server);
    let wrong = Server {
        secret: Secret::new("x".repeat(40)),
        ..good.clone()
    };
    assert_eq!(refused(wrong).await, JoinError::WrongSecret.into());
    let wrong = Server {
        key: "nobody".into(),
        ..good.clone()
    };
    assert_eq!(refused(wrong).await, JoinError::UnknownKey.into());
    let wrong = Server {
        url: "here".into(),
        ..good.clone()
    };
    assert_eq!(refused(wrong).await, JoinError::Url.into());
    let wrong = Server {
        url: "ws://127.0.0.1:1".into(),
        ..good
    };
    assert_eq!(refused(wrong).await, JoinError::Unreachable.into());
    let proxy = Double::answering(&[("/", 502, "<html>Bad Gateway</html>")]).await;
    assert_eq!(
        refused(proxy.server()).await,
        JoinError::Trouble(502).into()
    );
    let early = "invalid token: x, error: token not valid yet (nbf)";
    let skewed = Double::answering(&[("/", 401, early)]).await;
    assert_eq!(refused(skewed.server()).await, JoinError::ClockSkew.into());
}

#[tokio::test]
async fn a_server_that_breaks_while_an_agent_is_awaited_is_asked_to_forget_it() {
    let made = AgentDispatch {
        id: "AD_1".into(),
        ..AgentDispatch::default()
    };
    let double = Double::of_dispatches(&made, 502, b"<html>Bad Gateway</html>").await;
    let asked = dispatch(&double.server(), "sfera", ROOM, "", WAIT).await;
    assert_eq!(asked.unwrap_err(), JoinError::Trouble(502).into());
    let asked = double.asked();
    assert!(
        asked
            .last()
            .is_some_and(|path| path.ends_with("/DeleteDispatch")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn an_address_that_begins_with_http_is_left_as_it_is() {
    let server = LiveKitServer::start();
    let server = Server {
        url: server.url().replace("ws://127.0.0.1", "http://127.0.0.1"),
        ..server_of(&server)
    };
    let asked = Dispatch::ask(&server, "nobody", "ws", "")
        .await
        .expect("asked");
    let rooms = RoomClient::with_api_key(&server.url, KEY, SECRET);
    let opened = rooms
        .list_rooms(vec!["ws".to_owned()])
        .await
        .expect("listed");
    assert_eq!(opened.len(), 1, "a room that does not exist is opened");
    asked.take_back().await.expect("taken back");
}
