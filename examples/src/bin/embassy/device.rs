//! The device: a server that does as it is told, reports readings, and writes a log that is longer than all its memory.
//!
//! To look at: the WebSocket is split. `receive` waits for commands and `transmit` for errands and for the time of the next
//! reading, so that neither keeps the other waiting; what the peer is owed for its Pings is an errand too.

use core::{fmt::Write as _, future::pending, mem};

use embassy_futures::select::{Either, select};
use embassy_net::{Stack, tcp, tcp::TcpSocket};
use embassy_sync::{blocking_mutex::raw::NoopRawMutex, channel::Channel};
use embassy_time::{Duration, Instant, Timer, with_timeout};
use embedded_io_async::{Read, Write};
use ws_embedded_io_async::{
    Arrived, Buffers, Composer, Config, Decision, Message, MessageKind, ReceiveHalf, ReplySlot, Server, TransmitHalf,
    WebSocket,
};

use crate::PORT;

/// How often a reading is reported.
const INTERVAL: Duration = Duration::from_millis(100);
/// How many lines the log has.
const LOG_LINES: u32 = 1000;

type Error = ws_embedded_io_async::Error<tcp::Error>;
type Errands = Channel<NoopRawMutex, Errand, 4>;

/// What is to be sent.
enum Errand {
    /// The peer is owed an answer to its Ping or its Close frame.
    Reply,
    Say(&'static str),
    /// So many readings.
    Report(u32),
    Log,
    /// Nothing: the connection has ended so.
    End(Result<(), Error>),
}

/// Serves one client after the other.
#[embassy_executor::task]
pub(crate) async fn device(stack: Stack<'static>) -> ! {
    let (mut receive, mut transmit) = ([0; 1024], [0; 1024]);
    loop {
        let mut socket = TcpSocket::new(stack, &mut receive, &mut transmit);
        // A frame leaves at once, not with the acknowledgement of the one before.
        socket.set_nagle_enabled(false);
        if socket.accept(PORT).await.is_err() {
            continue;
        }
        match serve(&mut socket).await {
            Ok(()) => println!("device: closed"),
            Err(error) => println!("device: ended: {error}"),
        }
        // Until the end of the connection has arrived there: to drop the socket would reset it.
        socket.close();
        let _ = with_timeout(Duration::from_secs(2), socket.flush()).await;
    }
}

async fn serve(socket: &mut TcpSocket<'_>) -> Result<(), Error> {
    let (mut head, mut receive, mut transmit, mut control) = ([0; 512], [0; 64], [0; 128], [0; 125]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
    let accepted = WebSocket::accept(socket, &mut head, buffers, &Config::DEFAULT, |request, _| {
        println!("device: asked for {}", request.path());
        Decision::Accept { sub_protocol: None, headers: &[] }
    });
    let Some(websocket) = accepted.await? else { return Ok(()) };

    let (slot, errands) = (ReplySlot::new(), Errands::new());
    let (receiving, transmitting) = websocket.split(&slot, TcpSocket::split);
    match select(receive_commands(receiving, &errands), run_errands(transmitting, &errands)).await {
        Either::First(never) => never,
        Either::Second(end) => end,
    }
}

async fn receive_commands<T: Read<Error = tcp::Error>>(
    mut receiving: ReceiveHalf<'_, '_, T, Server>,
    errands: &Errands,
) -> ! {
    let end = loop {
        let errand = match receiving.recv().await {
            Ok(Arrived::Data(Message::Text("led on"))) => Errand::Say("led is on"),
            Ok(Arrived::Data(Message::Text("report"))) => Errand::Report(3),
            Ok(Arrived::Data(Message::Text("log"))) => Errand::Log,
            Ok(Arrived::Data(_)) => Errand::Say("unknown command"),
            Ok(Arrived::ReplyDue) => Errand::Reply,
            Ok(Arrived::Closed) => break Ok(()),
            Err(error) => break Err(error),
        };
        errands.send(errand).await;
    };
    // The other half ends the connection, when it has sent what was to be sent.
    errands.send(Errand::End(end)).await;
    pending().await
}

async fn run_errands<T: Write<Error = tcp::Error>>(
    mut transmitting: TransmitHalf<'_, '_, T, Server>,
    errands: &Errands,
) -> Result<(), Error> {
    let mut has_replied = false;
    let mut readings_left = 0;
    let mut next_reading = Instant::now();
    loop {
        let time_of_reading = async {
            if readings_left == 0 {
                return pending().await;
            }
            Timer::at(next_reading).await;
        };
        match select(errands.receive(), time_of_reading).await {
            Either::First(Errand::Reply) => {
                transmitting.reply().await?;
                if readings_left > 0 && !mem::replace(&mut has_replied, true) {
                    println!("device: answered a ping between readings");
                }
            }
            Either::First(Errand::Say(text)) => transmitting.send(Message::Text(text)).await?,
            Either::First(Errand::Log) => write_log(&mut transmitting).await?,
            Either::First(Errand::Report(number)) => {
                readings_left = number;
                next_reading = Instant::now() + INTERVAL;
            }
            Either::First(Errand::End(end)) => {
                // After a violation of the peer's it is told so. If that cannot be sent, the first error says why.
                let replied = transmitting.reply().await;
                return end.and(replied);
            }
            Either::Second(()) => {
                // Written where it is sent from.
                let compose = |message: &mut Composer<'_>| {
                    write!(message, r#"{{"left":{readings_left},"temperature":21.5}}"#)?;
                    Ok(())
                };
                transmitting.sender().send_with(MessageKind::Text, compose).await?;
                readings_left -= 1;
                next_reading += INTERVAL;
            }
        }
    }
}

/// Writes a message of which nobody knows how long it will be: it leaves in fragments that fill the transmit buffer.
async fn write_log<T: Write<Error = tcp::Error>>(
    transmitting: &mut TransmitHalf<'_, '_, T, Server>,
) -> Result<(), Error> {
    let mut sender = transmitting.sender();
    let mut log = sender.writer(MessageKind::Text);
    for number in 1..=LOG_LINES {
        writeln!(log, "{number}: all is well").await?;
    }
    log.finish().await
}
