//! Connections whose other end is slow: how long they are waited for, and that a stop waits for none that asks nothing.

use std::time::Duration;

use daftari::{
    telemetry::metrics::Metrics,
    web::serve::{self, Patience},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    raw::{self, HANG_GUARD},
    town::{Backend, Town},
};

const HALF_A_HEAD: &[u8] = b"POST /callbacks/africastalking HTTP/1.1\r\nhost: loc";
const WHOLE: &[u8] = b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// The public and the admin listener of a gateway with this much patience.
async fn listeners(town: &Town, head: Duration) -> [String; 2] {
    let metrics = Metrics::install().expect("metrics");
    let up = serve::serve_with(town.app(), metrics, Patience { head }).await.expect("listeners");
    [up.public, up.admin].map(|address| address.to_string())
}

async fn connect(address: &str, bytes: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.expect("the node listens");
    socket.write_all(bytes).await.expect("the bytes are taken");
    socket
}

/// What still comes until the other side closes, which it must.
async fn until_closed(mut socket: TcpStream) -> String {
    let mut came = vec![];
    let read = timeout(HANG_GUARD, socket.read_to_end(&mut came)).await;
    read.expect("the node closes the connection").expect("it closes it in order");
    String::from_utf8(came).expect("text")
}

#[tokio::test]
async fn half_a_head_is_not_waited_for_without_end() {
    let town = Town::open(Backend::Embedded).await;
    for address in listeners(&town, Duration::from_millis(50)).await {
        let slow = connect(&address, HALF_A_HEAD).await;
        let silent = connect(&address, b"").await;
        assert_eq!(until_closed(slow).await, "", "{address}");
        assert_eq!(until_closed(silent).await, "", "{address}");
        let answer = raw::send(&address, "GET", "/livez", "text/plain", b"").await;
        assert_eq!(answer.status, 200, "others are served");
    }
}

#[tokio::test]
async fn a_head_is_waited_for_anew_after_each_answer() {
    let town = Town::open(Backend::Embedded).await;
    let [address, _] = listeners(&town, Duration::from_millis(50)).await;
    let answered = until_closed(connect(&address, &[WHOLE, WHOLE, HALF_A_HEAD].concat()).await).await;
    assert_eq!(answered.matches("HTTP/1.1 200 OK").count(), 2, "{answered}");
}

#[tokio::test]
async fn a_stop_waits_for_no_connection_that_lies_idle() {
    let town = Town::open(Backend::Embedded).await;
    let [address, _] = listeners(&town, Duration::from_hours(1)).await;
    let mut idle = connect(&address, WHOLE).await;
    let mut first = [0; 15];
    idle.read_exact(&mut first).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    town.app().lifecycle.stop();
    until_closed(idle).await;
}
