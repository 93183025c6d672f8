//! A device and its client on embassy: two TCP/IP stacks in one program, a cable between them, and the async adapter on both ends.
//!
//! It needs no hardware and no privileges, so it is also a test: it holds one dialogue, prints it and ends, with success if every
//! word was the expected one. On a board `network` goes, for the board's driver, and nothing else changes.
//!
//! What is here: the tasks. The stacks and the cable are in `network`, the device is in `device`, the client in `client`.

mod client;
mod device;
mod network;

use std::{array, process};

use anyhow::anyhow;
use embassy_executor::Spawner;
use embassy_net::Ipv4Address;
use embassy_net_driver_channel::State;
use embassy_time::{Duration, with_timeout};
use static_cell::StaticCell;

use crate::network::{Host, MTU, Resources};

const DEVICE: Ipv4Address = Ipv4Address::new(192, 168, 7, 1);
const CLIENT: Ipv4Address = Ipv4Address::new(192, 168, 7, 2);
const PORT: u16 = 80;

/// How long the dialogue may take on a slow machine.
const LIMIT: Duration = Duration::from_secs(20);

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    // The executor of a host runs for ever, as that of a board does.
    match run(spawner).await {
        Ok(()) => process::exit(0),
        Err(error) => {
            eprintln!("{error:#}");
            process::exit(1)
        }
    }
}

async fn run(spawner: Spawner) -> anyhow::Result<()> {
    static STATES: StaticCell<[State<MTU, 4, 4>; 2]> = StaticCell::new();
    static RESOURCES: StaticCell<[Resources; 2]> = StaticCell::new();
    let [device_state, client_state] = STATES.init_with(|| array::from_fn(|_| State::new()));
    let [device_resources, client_resources] = RESOURCES.init_with(|| array::from_fn(|_| Resources::new()));
    let device = Host::new(DEVICE, device_state, device_resources);
    let client = Host::new(CLIENT, client_state, client_resources);

    spawner.spawn(network::cable(device.sent, client.received)?);
    spawner.spawn(network::cable(client.sent, device.received)?);
    spawner.spawn(network::network(device.runner)?);
    spawner.spawn(network::network(client.runner)?);
    spawner.spawn(device::device(device.stack)?);
    with_timeout(LIMIT, client::talk(client.stack)).await.map_err(|_| anyhow!("the dialogue takes too long"))?
}
