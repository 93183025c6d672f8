//! TCP/IP without a network: two stacks, and a cable that carries the packets of each to the other.

use embassy_net::{Config, Ipv4Address, Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};
use embassy_net_driver_channel::{
    Device, RxRunner, State, TxRunner,
    driver::{HardwareAddress, LinkState},
};

/// The longest packet in bytes.
pub(crate) const MTU: usize = 1500;

/// The memory of a stack, for a few sockets.
pub(crate) type Resources = StackResources<3>;

/// A host of the network: its stack, and the tasks that it needs.
pub(crate) struct Host {
    pub(crate) stack: Stack<'static>,
    pub(crate) runner: Runner<'static, Device<'static, MTU>>,
    /// Packets on their way out.
    pub(crate) sent: TxRunner<'static, MTU>,
    /// Packets on their way in.
    pub(crate) received: RxRunner<'static, MTU>,
}

impl Host {
    /// A host with this address. On a board, the driver gives the device.
    pub(crate) fn new(
        address: Ipv4Address,
        state: &'static mut State<MTU, 4, 4>,
        resources: &'static mut Resources,
    ) -> Self {
        let (channel, device) = embassy_net_driver_channel::new(state, HardwareAddress::Ip);
        let (link, received, sent) = channel.split();
        link.set_link_state(LinkState::Up);
        let address = Ipv4Cidr::new(address, 24);
        let config = Config::ipv4_static(StaticConfigV4 { address, gateway: None, dns_servers: Default::default() });
        let (stack, runner) = embassy_net::new(device, config, resources, rand::random());
        Self { stack, runner, sent, received }
    }
}

/// One direction of the cable.
#[embassy_executor::task(pool_size = 2)]
pub(crate) async fn cable(mut from: TxRunner<'static, MTU>, mut to: RxRunner<'static, MTU>) -> ! {
    loop {
        let packet = from.tx_buf().await;
        let len = packet.len();
        to.rx_buf().await[..len].copy_from_slice(packet);
        to.rx_done(len);
        from.tx_done();
    }
}

/// What moves a stack.
#[embassy_executor::task(pool_size = 2)]
pub(crate) async fn network(mut runner: Runner<'static, Device<'static, MTU>>) -> ! {
    runner.run().await
}
