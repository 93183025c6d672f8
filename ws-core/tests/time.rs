//! Keepalive, deadlines and back-off on a fake clock, which starts at 0, in the middle of its range and just before it wraps:
//! the same happens everywhere.

use proptest::{collection::vec, prelude::*};
use ws_core::time::{Backoff, Deadline, Keepalive, KeepaliveAction, MAX_DURATION, after, is_due, until};

const IDLE: u32 = 20_000;
const PONG_TIMEOUT: u32 = 10_000;

/// Moments at which a clock can start: with them each step of a test comes before, at and after a wrap, and so does each
/// change of the sign.
fn starts() -> impl Iterator<Item = u32> {
    let distances = [0, 1, 2, 500, IDLE - 1, IDLE, IDLE + 1, IDLE + PONG_TIMEOUT, IDLE + PONG_TIMEOUT + 1, 100_000];
    let edges = [0, 1 << 31];
    edges
        .into_iter()
        .flat_map(move |edge: u32| distances.map(|distance| edge.wrapping_sub(distance)))
        .chain([123_456_789])
}

/// What happens to a keepalive.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A byte came.
    Received,
    /// It is asked, and this is due.
    Poll(KeepaliveAction),
}

use Event::{Poll, Received};
use KeepaliveAction::{PeerIsDead, Ping, Wait};

/// Plays the events, each at its time since the start, after which the next deadline is at its time since the start too.
fn play(script: &[(u32, Event, u32)]) {
    for start in starts() {
        let mut keepalive = Keepalive::new(IDLE, PONG_TIMEOUT, start);
        assert_eq!(keepalive.next_deadline(), start.wrapping_add(IDLE));
        for (time, event, deadline) in script {
            let now = start.wrapping_add(*time);
            match event {
                Received => keepalive.on_received(now),
                Poll(expected) => assert_eq!(keepalive.poll(now), *expected, "at {time} since {start}"),
            }
            assert_eq!(keepalive.next_deadline().wrapping_sub(start), *deadline, "at {time} since {start}");
        }
    }
}

#[test]
fn silence_is_broken_by_one_ping_and_the_answer_begins_the_next_silence() {
    play(&[
        (0, Poll(Wait), 20_000),
        (19_999, Poll(Wait), 20_000),
        (20_000, Poll(Ping), 30_000),
        (20_000, Poll(Wait), 30_000),
        (29_999, Poll(Wait), 30_000),
        (29_999, Received, 49_999),
        (30_000, Poll(Wait), 49_999),
        (49_998, Poll(Wait), 49_999),
        (49_999, Poll(Ping), 59_999),
        (50_100, Received, 70_100),
        (70_100, Poll(Ping), 80_100),
    ]);
}

#[test]
fn peer_without_an_answer_is_dead_and_stays_dead() {
    play(&[
        (20_000, Poll(Ping), 30_000),
        (30_000, Poll(PeerIsDead), 30_000),
        (30_000, Poll(PeerIsDead), 30_000),
        (30_001, Received, 30_000),
        (30_001, Poll(PeerIsDead), 30_000),
        // Even when the deadline seems to lie ahead again.
        (30_000 + (1 << 31), Poll(PeerIsDead), 30_000),
        (29_999, Poll(PeerIsDead), 30_000),
    ]);
}

#[test]
fn peer_that_is_sending_needs_no_ping() {
    let received = |time| (time, Received, time + 20_000);
    play(&[
        received(15_000),
        (20_000, Poll(Wait), 35_000),
        received(34_999),
        (35_000, Poll(Wait), 54_999),
        received(54_999),
    ]);
}

/// A Pong waits behind the large message that the peer is sending.
#[test]
fn any_byte_is_an_answer_to_the_ping() {
    play(&[(20_000, Poll(Ping), 30_000), (20_001, Received, 40_001), (30_000, Poll(Wait), 40_001)]);
}

/// A Ping that stays in a full or unflushed buffer leaves no trace here.
#[test]
fn dead_peer_is_noticed_even_if_the_ping_never_left() {
    play(&[(20_000, Poll(Ping), 30_000), (29_999, Poll(Wait), 30_000), (30_000, Poll(PeerIsDead), 30_000)]);
}

#[test]
fn late_poll_does_not_shorten_the_time_to_answer() {
    play(&[(90_000, Poll(Ping), 100_000), (99_999, Poll(Wait), 100_000), (250_000, Poll(PeerIsDead), 100_000)]);
}

#[test]
fn poll_may_be_late_by_the_longest_duration() {
    let ping = 20_000 + MAX_DURATION;
    play(&[(ping, Poll(Ping), ping + 10_000)]);
}

#[test]
fn late_answer_before_the_late_poll_is_an_answer() {
    play(&[(20_000, Poll(Ping), 30_000), (99_000, Received, 119_000), (99_000, Poll(Wait), 119_000)]);
}

#[test]
fn byte_after_the_silence_but_before_the_poll_makes_the_ping_needless() {
    play(&[(25_000, Received, 45_000), (25_000, Poll(Wait), 45_000)]);
}

#[test]
fn shortest_and_longest_settings_do_as_they_say() {
    for start in starts() {
        let mut at_once = Keepalive::new(0, 0, start);
        assert_eq!([at_once.poll(start), at_once.poll(start)], [Ping, PeerIsDead]);

        let mut longest = Keepalive::new(u32::MAX, u32::MAX, start);
        let ping = start.wrapping_add(MAX_DURATION);
        assert_eq!(longest.next_deadline(), ping);
        assert_eq!([longest.poll(start), longest.poll(ping.wrapping_sub(1)), longest.poll(ping)], [Wait, Wait, Ping]);
        let dead = ping.wrapping_add(MAX_DURATION);
        assert_eq!([longest.poll(dead.wrapping_sub(1)), longest.poll(dead)], [Wait, PeerIsDead]);
    }
}

#[test]
fn deadline_is_due_from_its_moment_on() {
    // How long it lasts, how long after the start it is asked, and how long it has then to go.
    let table = [
        (0, 0, 0),
        (1, 0, 1),
        (1, 1, 0),
        (Deadline::OPENING_HANDSHAKE, 9_999, 1),
        (Deadline::OPENING_HANDSHAKE, 10_000, 0),
        (Deadline::OPENING_HANDSHAKE, 3_600_000, 0),
        (Deadline::CLOSING_HANDSHAKE, 4_999, 1),
        (Deadline::CLOSING_HANDSHAKE, 5_000, 0),
        (5_000, 5_000 + MAX_DURATION, 0),
        (MAX_DURATION, 0, MAX_DURATION),
        (MAX_DURATION, MAX_DURATION - 1, 1),
        (MAX_DURATION, MAX_DURATION, 0),
        (MAX_DURATION + 1, 0, MAX_DURATION),
        (u32::MAX, 0, MAX_DURATION),
        (u32::MAX, MAX_DURATION, 0),
    ];
    for start in starts() {
        for (duration, time, to_go) in table {
            let now = start.wrapping_add(time);
            let deadline = Deadline::after(start, duration);
            assert_eq!(deadline.is_due(now), to_go == 0, "{duration} ms, at {time} since {start}");
            assert_eq!(until(deadline.next_deadline(), now), to_go, "{duration} ms, at {time} since {start}");
            assert_eq!(deadline.next_deadline(), after(start, duration));
        }
    }
}

#[test]
fn later_moment_may_come_first_by_the_shorter_way_around() {
    for start in starts() {
        // Read from the clock before the deadline was set.
        assert!(!is_due(start, start.wrapping_sub(1)));
        // The limit of what can be told apart.
        assert!(is_due(start, start.wrapping_add(MAX_DURATION)));
        assert!(!is_due(start, start.wrapping_add(MAX_DURATION + 1)));
    }
}

/// The shortest and the longest of the next delays, up to the sixth.
fn ranges(backoff: &Backoff) -> [(u32, u32); 6] {
    let (mut shortest, mut longest) = (backoff.clone(), backoff.clone());
    [(); 6].map(|()| (shortest.next_delay(0), longest.next_delay(u32::MAX)))
}

// RFC 6455, section 7.2.3: "a value chosen randomly between 0 and 5 seconds is a reasonable initial delay", then "increasingly
// longer amounts of time"
#[test]
fn default_back_off_is_that_of_the_rfc() {
    let expected =
        [(0, 5_000), (5_000, 10_000), (10_000, 20_000), (20_000, 40_000), (30_000, 60_000), (30_000, 60_000)];
    assert_eq!(ranges(&Backoff::DEFAULT), expected);
    assert_eq!(Backoff::default(), Backoff::DEFAULT);
}

#[test]
fn back_off_begins_again_after_a_reset() {
    let mut backoff = Backoff::DEFAULT;
    for random in [1, 1 << 31, u32::MAX] {
        let _ = backoff.next_delay(random);
    }
    backoff.reset();
    assert_eq!(backoff, Backoff::DEFAULT);
}

#[test]
fn settings_of_back_off_are_cut_to_what_makes_sense() {
    let always = |range| [range; 5];
    for (first, max, first_range, later) in [
        (0, 0, (0, 1), always((1, 1))),
        (1, 1, (0, 1), always((1, 1))),
        (0, 5, (0, 1), [(1, 2), (2, 4), (3, 5), (3, 5), (3, 5)]),
        (1, 3, (0, 1), [(1, 2), (2, 3), (2, 3), (2, 3), (2, 3)]),
        (9_000, 4_000, (0, 4_000), always((2_000, 4_000))),
        (u32::MAX, u32::MAX, (0, MAX_DURATION), always((1 << 30, MAX_DURATION))),
        (1 << 30, u32::MAX, (0, 1 << 30), always((1 << 30, MAX_DURATION))),
    ] {
        let ranges = ranges(&Backoff::new(first, max));
        assert_eq!((ranges[0], &ranges[1..]), (first_range, &later[..]), "{first}, {max}");
    }
}

#[test]
fn delays_are_spread_evenly() {
    let mut counts = [0; 5];
    for sixteenth in 0..1_000_u32 {
        let delay = Backoff::new(4, 60_000).next_delay(sixteenth * (u32::MAX / 1_000));
        counts[delay as usize] += 1;
    }
    assert!(counts.iter().all(|count| (199..=201).contains(count)), "{counts:?}");
}

#[test]
fn machines_are_as_small_as_their_documentation_says() {
    assert_eq!(size_of::<Keepalive>(), 16);
    assert_eq!(size_of::<Deadline>(), 4);
    assert_eq!(size_of::<Backoff>(), 12);
    assert_eq!(size_of::<KeepaliveAction>(), 1);
}

/// They can be statics, which need no initialisation at run time.
#[test]
fn constructors_are_const() {
    const KEEPALIVE: Keepalive = Keepalive::new(IDLE, PONG_TIMEOUT, 0);
    const DEADLINE: Deadline = Deadline::after(0, Deadline::OPENING_HANDSHAKE);
    const BACKOFF: Backoff = Backoff::new(5_000, 60_000);
    assert_eq!((KEEPALIVE.next_deadline(), DEADLINE.next_deadline()), (IDLE, Deadline::OPENING_HANDSHAKE));
    assert_eq!(BACKOFF, Backoff::DEFAULT);
}

/// Steps of a clock and whether a byte comes then; without one the keepalive is asked. Steps are short or land on deadlines.
fn steps() -> impl Strategy<Value = Vec<(u32, bool)>> {
    let step = prop_oneof![0..1_000_u32, Just(IDLE - 1), Just(IDLE), Just(PONG_TIMEOUT), 0..2 * IDLE];
    vec((step, prop::bool::weighted(0.3)), 0..50)
}

/// What a keepalive says at each step, and its deadlines since the start.
fn dialogue(start: u32, steps: &[(u32, bool)]) -> Vec<(Option<KeepaliveAction>, u32)> {
    let mut keepalive = Keepalive::new(IDLE, PONG_TIMEOUT, start);
    let mut now = start;
    let step = |(step, received): &(u32, bool)| {
        now = now.wrapping_add(*step);
        let action = if *received {
            keepalive.on_received(now);
            None
        } else {
            Some(keepalive.poll(now))
        };
        (action, keepalive.next_deadline().wrapping_sub(start))
    };
    steps.iter().map(step).collect()
}

/// The same from a clock of 64 bits that never wraps, as the rules are said: silence since the last byte, time since the Ping.
fn reference(steps: &[(u32, bool)]) -> Vec<Option<KeepaliveAction>> {
    let (mut now, mut heard, mut pinged, mut dead) = (0_u64, 0_u64, None, false);
    let step = |(step, received): &(u32, bool)| {
        now += u64::from(*step);
        if *received {
            (heard, pinged) = (now, None);
            return None;
        }
        dead |= pinged.is_some_and(|pinged| now - pinged >= u64::from(PONG_TIMEOUT));
        Some(if dead {
            PeerIsDead
        } else if pinged.is_none() && now - heard >= u64::from(IDLE) {
            pinged = Some(now);
            Ping
        } else {
            Wait
        })
    };
    steps.iter().map(step).collect()
}

proptest! {
    #[test]
    fn keepalive_does_not_care_when_the_clock_started(start in any::<u32>(), to_wrap in 0..200_000_u32, steps in steps()) {
        let expected = dialogue(0, &steps);
        prop_assert_eq!(&dialogue(start, &steps), &expected);
        prop_assert_eq!(&dialogue(0_u32.wrapping_sub(to_wrap), &steps), &expected);
        let actions: Vec<_> = expected.into_iter().map(|(action, _)| action).collect();
        prop_assert_eq!(actions, reference(&steps));
    }

    /// Between a deadline and the poll before it, nothing is due: who waits for it misses nothing.
    #[test]
    fn nothing_is_due_before_the_next_deadline(start in any::<u32>(), steps in steps(), early in 1..IDLE) {
        let mut keepalive = Keepalive::new(IDLE, PONG_TIMEOUT, start);
        let mut now = start;
        for (step, received) in steps {
            now = now.wrapping_add(step);
            if received {
                keepalive.on_received(now);
            } else if keepalive.poll(now) == PeerIsDead {
                break;
            }
            let to_wait = until(keepalive.next_deadline(), now);
            prop_assert!(to_wait > 0 || received);
            let deadline = now.wrapping_add(to_wait);
            let before = deadline.wrapping_sub(early.min(to_wait));
            if before != deadline {
                prop_assert_eq!(keepalive.clone().poll(before), Wait);
            }
            prop_assert_ne!(keepalive.clone().poll(deadline), Wait);
        }
    }

    #[test]
    fn deadlines_do_not_care_when_the_clock_started(
        start in any::<u32>(),
        duration in any::<u32>(),
        time in 0..=MAX_DURATION,
    ) {
        let deadline = Deadline::after(start, duration);
        let to_go = duration.min(MAX_DURATION).saturating_sub(time);
        prop_assert_eq!(until(deadline.next_deadline(), start.wrapping_add(time)), to_go);
        prop_assert_eq!(deadline.is_due(start.wrapping_add(time)), to_go == 0);
    }

    #[test]
    fn delays_are_never_zero_twice_nor_above_the_maximum(
        first in any::<u32>(),
        max in any::<u32>(),
        randoms in vec(any::<u32>(), 1..40),
    ) {
        let mut backoff = Backoff::new(first, max);
        let delays: Vec<_> = randoms.into_iter().map(|random| backoff.next_delay(random)).collect();
        prop_assert!(delays.iter().all(|delay| *delay <= max.clamp(1, MAX_DURATION)));
        prop_assert!(delays[1..].iter().all(|delay| *delay > 0));
    }

    /// Below `max`, whatever the random numbers.
    #[test]
    fn delays_become_longer(first in 1..10_000_u32, randoms in vec(any::<u32>(), 17)) {
        let mut backoff = Backoff::new(first, first << 16);
        let delays: Vec<_> = randoms.into_iter().map(|random| backoff.next_delay(random)).collect();
        prop_assert!(delays.is_sorted(), "{delays:?}");
    }
}
