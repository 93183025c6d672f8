//! The network as QEMU's user-mode network is: the device is 10.0.2.15, and 10.0.2.2 is the host.

use smoltcp::{
    iface::{Config, Interface},
    time::Instant,
    wire::{EthernetAddress, IpCidr, Ipv4Address},
};

use crate::{Ethernet, clock};

/// The device's own address.
pub const ADDRESS: Ipv4Address = Ipv4Address::new(10, 0, 2, 15);
/// The host: what listens on its loopback is reached under this address.
pub const HOST: Ipv4Address = Ipv4Address::new(10, 0, 2, 2);

const HARDWARE_ADDRESS: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 0x15]);

/// Brings the interface up; `seed` makes what others must not guess (ports, sequence numbers).
pub fn start(ethernet: &mut Ethernet, seed: u64) -> Interface {
    ethernet.start(HARDWARE_ADDRESS);
    let mut config = Config::new(HARDWARE_ADDRESS.into());
    config.random_seed = seed;
    let mut interface = Interface::new(config, ethernet, now());
    interface.update_ip_addrs(|addresses| {
        // There is room for one, and there is none yet.
        let _ = addresses.push(IpCidr::new(ADDRESS.into(), 24));
    });
    // Likewise.
    let _ = interface.routes_mut().add_default_ipv4_route(HOST);
    interface
}

/// The time as smoltcp wants it.
pub fn now() -> Instant {
    Instant::from_millis(i64::from(clock::now()))
}
