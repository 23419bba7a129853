//! The other end of a Motan program, for `conformance/motan`: calls a Motan server, is called by Motan's clients, and is provider
//! and consumer in their registry. It reads an order per line, like `{"do": "call", "text": "lub"}`, and answers each with a line,
//! `{"ok": …}` or `{"error": "…"}`.

mod called;
mod calling;
mod echo;
mod registered;

use std::error::Error;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use called::Called;
use calling::Calling;
use registered::Registered;

type Fallible<T> = Result<T, Box<dyn Error>>;

/// What it was told to be until now.
#[derive(Default)]
struct Peer {
    called: Option<Called>,
    calling: Option<Calling>,
    registered: Registered,
}

impl Peer {
    async fn follow(&mut self, order: &Value) -> Fallible<Value> {
        let text = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("do") {
            "listen" => {
                let called = Called::listen().await?;
                let address = called.address().to_string();
                self.called = Some(called);
                Ok(json!(address))
            }
            "answer" => {
                let called = self.called.as_ref().ok_or("listen first")?;
                called.answer(order.get("calls").and_then(Value::as_bool).unwrap_or_default());
                Ok(json!(true))
            }
            "refused" => Ok(json!(self.called.as_ref().ok_or("listen first")?.refused())),
            "connect" => {
                self.calling = Some(Calling::connect(text("address")).await?);
                Ok(json!(true))
            }
            "call" => {
                let calling = self.calling.as_mut().ok_or("connect first")?;
                Ok(json!(calling.call(text("group"), text("text")).await?))
            }
            "hang" => {
                self.calling.as_mut().ok_or("connect first")?.hang(text("group")).await?;
                Ok(json!(true))
            }
            "link" => Ok(self.calling.as_ref().ok_or("connect first")?.tells()),
            "provide" => {
                let listens = self.called.as_ref().ok_or("listen first")?.address();
                self.registered.provide(text("url"), text("service"), text("version"), listens).await?;
                Ok(json!(true))
            }
            "open" => self.registered.open(true),
            "close" => self.registered.open(false),
            "leave" => self.registered.leave().await,
            "consume" => {
                self.registered.consume(text("url"), text("service")).await?;
                Ok(json!(true))
            }
            "offers" => self.registered.offers(),
            "listed" => self.registered.listed(text("url"), text("service")).await,
            "stop" => Ok(json!(true)),
            other => Err(format!("unknown order {other}").into()),
        }
    }
}

#[tokio::main]
async fn main() -> Fallible<()> {
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    let mut answers = tokio::io::stdout();
    let mut peer = Peer::default();
    while let Some(line) = orders.next_line().await? {
        let order: Value = serde_json::from_str(&line)?;
        let answer = match peer.follow(&order).await {
            Ok(answer) => json!({ "ok": answer }),
            Err(fault) => json!({ "error": fault.to_string() }),
        };
        answers.write_all(format!("{answer}\n").as_bytes()).await?;
        answers.flush().await?;
        if order.get("do").is_some_and(|order| order == "stop") {
            break;
        }
    }
    Ok(())
}
