use super::*;
use crate::server::address::MINUTE;
use core::net::Ipv4Addr;

fn admission(places: usize, per_address: usize, per_minute: u32) -> Arc<Admission> {
    Arc::new(Admission::new(&ServerConfig {
        max_connections: places,
        max_connections_per_address: per_address,
        max_sessions_per_minute: per_minute,
        ..ServerConfig::default()
    }))
}

const fn address(n: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x7f00_0000 + n))
}

const ONE: IpAddr = address(1);
const OTHER: IpAddr = address(2);
const THIRD: IpAddr = address(3);
const LONG: Duration = Duration::from_secs(10);

#[test]
fn places_are_limited_and_given_back() {
    let admission = admission(2, 2, 100);
    let first = admission.admit(ONE).unwrap();
    let _second = admission.admit(ONE).unwrap();
    assert_eq!(admission.admit(OTHER).unwrap_err(), Refusal::Full);
    drop(first);
    assert!(admission.admit(OTHER).is_ok());
}

#[test]
fn one_address_does_not_lock_out_another() {
    let admission = admission(10, 2, 100);
    let _held = (admission.admit(ONE).unwrap(), admission.admit(ONE).unwrap());
    assert_eq!(admission.admit(ONE).unwrap_err(), Refusal::AddressFull);
    assert!(admission.admit(OTHER).is_ok());
}

/// With `--max-connections 1` more places of an address would help nobody.
#[test]
fn an_address_that_may_have_all_places_hears_that_all_are_taken() {
    let admission = admission(1, 1, 100);
    let held = admission.admit(ONE).unwrap();
    assert_eq!(admission.admit(ONE).unwrap_err(), Refusal::Full);
    assert_eq!(admission.admit(OTHER).unwrap_err(), Refusal::Full);
    drop(held);
    assert!(admission.admit(ONE).is_ok());
}

#[test]
fn four_addresses_that_hold_all_they_may_are_needed_to_fill_the_default() {
    let admission = Arc::new(Admission::new(&ServerConfig::default()));
    let mut held = Vec::new();
    for n in 1..=3 {
        held.extend((0..100).map_while(|_| admission.admit(address(n)).ok()));
    }
    assert_eq!(held.len(), 12);
    assert!(admission.admit(address(4)).is_ok());
}

#[test]
fn a_rate_is_told_with_the_seconds_to_wait() {
    let admission = admission(100, 100, 20);
    let start = Instant::now();
    (0..20).for_each(|_| drop(admission.admit_at(ONE, start).unwrap()));
    assert_eq!(admission.admit_at(ONE, start).unwrap_err(), Refusal::Rate { seconds: 3 });
    assert!(admission.admit_at(OTHER, start).is_ok());
    assert!(admission.admit_at(ONE, start + Duration::from_secs(3)).is_ok());
}

#[test]
fn connections_without_a_hello_are_charged() {
    let admission = admission(100, 100, 3);
    (0..3).for_each(|_| admission.no_hello("::ffff:127.0.0.1".parse().unwrap()));
    assert!(matches!(admission.admit(ONE), Err(Refusal::Rate { .. })));
    assert!(admission.admit(OTHER).is_ok());
}

#[test]
fn a_place_held_in_vain_is_charged() {
    let admission = admission(100, 100, 20);
    let place = admission.admit(ONE).unwrap();
    place.held_in_vain(120 * Duration::from_secs(1));
    drop(place);
    assert!(matches!(admission.admit(ONE), Err(Refusal::Rate { seconds: 60..=66 })));
    assert!(admission.admit(OTHER).is_ok());
}

#[test]
fn who_refuses_nothing_is_charged_nothing() {
    let admission = admission(1, 1, 20);
    let start = Instant::now();
    let held = admission.admit_at(OTHER, start).unwrap();
    for _ in 0..1000 {
        assert_eq!(admission.admit_at(ONE, start).unwrap_err(), Refusal::Full);
    }
    drop(held);
    assert!(admission.admit_at(ONE, start).is_ok());
}

#[test]
fn the_longest_idle_gives_way_and_nobody_at_work_with_one_place_does() {
    let admission = admission(4, 2, 100);
    let start = Instant::now();
    let second = Duration::from_secs(1);
    let [a, b] = [ONE, ONE].map(|address| admission.admit_at(address, start).unwrap());
    let [c, d] = [OTHER, OTHER].map(|address| admission.admit_at(address, start).unwrap());
    // Three wait for requests, one is at work.
    a.rest_at(start + 2 * second);
    b.rest_at(start + second);
    c.rest_at(start + 3 * second);
    assert_eq!(
        admission.admit_at(THIRD, start + LONG / 2).unwrap_err(),
        Refusal::Full,
        "none for long enough"
    );
    let _e = admission.admit_at(THIRD, start + LONG + second).unwrap();
    assert!(b.cancel().is_cancelled(), "the oldest");
    assert!(!b.work(), "its place is another's");
    assert!(![&a, &c, &d].iter().any(|place| place.cancel().is_cancelled()));
    // Its request came just in time.
    assert!(a.work());
    let _f = admission.admit_at(address(4), start + 2 * LONG).unwrap();
    assert!(c.cancel().is_cancelled());
    assert_eq!(admission.admit_at(address(5), start + 9 * LONG).unwrap_err(), Refusal::Full);
    // Places are counted once, however those end that gave theirs away.
    drop((b, c));
    assert_eq!(admission.admit_at(address(5), start + 9 * LONG).unwrap_err(), Refusal::Full);
    drop(a);
    assert!(admission.admit_at(address(5), start + 9 * LONG).is_ok());
    assert!(d.work());
}

#[test]
fn an_address_does_not_take_places_of_those_that_have_fewer() {
    let admission = admission(4, 3, 100);
    let start = Instant::now();
    let honest = admission.admit_at(ONE, start).unwrap();
    honest.rest_at(start);
    let greedy: Vec<_> = (0..3).map(|_| admission.admit_at(OTHER, start).unwrap()).collect();
    // Full, and the honest one is idle; a flood from an address that has places already does not get this one.
    for _ in 0..10 {
        assert_eq!(admission.admit_at(OTHER, start + 9 * LONG).unwrap_err(), Refusal::AddressFull);
    }
    drop(greedy);
    let two = [OTHER, OTHER].map(|address| admission.admit_at(address, start).unwrap());
    let _third = admission.admit_at(THIRD, start).unwrap();
    assert_eq!(admission.admit_at(OTHER, start + 9 * LONG).unwrap_err(), Refusal::Full);
    assert!(!honest.cancel().is_cancelled());
    // Who has none may, and takes one of those that keep as many.
    assert!(admission.admit_at(address(4), start + 9 * LONG).is_ok());
    assert!(!honest.cancel().is_cancelled());
    assert!(two[0].cancel().is_cancelled());
}

#[test]
fn a_full_address_gives_up_its_own() {
    let admission = admission(100, 2, 100);
    let start = Instant::now();
    let [a, b] = [ONE, ONE].map(|address| admission.admit_at(address, start).unwrap());
    let other = admission.admit_at(OTHER, start).unwrap();
    other.rest_at(start);
    b.rest_at(start + LONG);
    assert_eq!(admission.admit_at(ONE, start + LONG).unwrap_err(), Refusal::AddressFull);
    let _c = admission.admit_at(ONE, start + 2 * LONG).unwrap();
    assert!(b.cancel().is_cancelled() && !a.cancel().is_cancelled() && !other.cancel().is_cancelled());
}

#[test]
fn everybody_leaves_when_the_server_is_cancelled() {
    let config = ServerConfig::default();
    let place = Arc::new(Admission::new(&config)).admit(ONE).unwrap();
    assert!(!place.cancel().is_cancelled());
    config.cancel.cancel();
    assert!(place.cancel().is_cancelled() && place.work());
}

#[test]
fn a_cheater_is_refused_for_a_while() {
    let admission = admission(100, 100, 100);
    let start = Instant::now();
    let place = admission.admit_at(ONE, start).unwrap();
    place.caught_at(start);
    drop(place);
    let penalty = ServerConfig::default().penalty;
    assert!(penalty > MINUTE);
    assert_eq!(admission.admit_at(ONE, start + MINUTE).unwrap_err(), Refusal::Caught);
    assert!(admission.admit_at(ONE, start + penalty - MINUTE / 60).is_err());
    assert!(admission.admit_at(OTHER, start + MINUTE).is_ok());
    assert!(admission.admit_at(ONE, start + penalty).is_ok());
}

#[test]
fn waiting_ends_when_the_last_one_leaves() {
    let admission = admission(2, 2, 100);
    let held = admission.admit(ONE).unwrap();
    let waiting = std::thread::spawn({
        let admission = admission.clone();
        move || admission.wait_until_idle()
    });
    drop(held);
    waiting.join().unwrap();
}

/// Every phase of theirs ends just in time, for hours: nothing of it is idle, or too late.
#[test]
fn patient_clients_at_a_quarter_of_the_places_each_keep_nobody_out() {
    let admission = Arc::new(Admission::new(&ServerConfig::default()));
    let start = Instant::now();
    let patient = |now| -> Vec<_> {
        (1..=4)
            .flat_map(|n| {
                core::iter::from_fn(|| admission.admit_at(address(n), now).ok()).collect::<Vec<_>>()
            })
            .collect()
    };
    let mut held = patient(start);
    assert_eq!(held.len(), 16);
    assert_eq!(admission.admit_at(address(5), start).unwrap_err(), Refusal::Full, "they have just come");
    let later = start + 100 * LONG;
    let honest = admission.admit_at(address(5), later).unwrap();
    assert!(held[0].cancel().is_cancelled(), "the oldest");
    assert_eq!(held.iter().filter(|place| place.cancel().is_cancelled()).count(), 1);
    assert_eq!(
        admission.admit_at(address(1), later + LONG).unwrap_err(),
        Refusal::Full,
        "it has three, others four, all at work"
    );
    // Others come, until every address has as many places as a newcomer would have.
    let others: Vec<_> = (6..100).map_while(|n| admission.admit_at(address(n), later).ok()).collect();
    assert_eq!(others.len(), 11);
    held.retain(|place| !place.cancel().is_cancelled());
    assert_eq!(held.len(), 4);
    // Whatever the patient ones do then, they get nothing back.
    let again = patient(later + 100 * LONG);
    assert!(again.is_empty());
    assert!(others.iter().chain([&honest]).all(|place| !place.cancel().is_cancelled()));
}

/// Idle sessions leave before others, and those of the greediest address first.
#[test]
fn the_address_with_most_places_gives_way_first() {
    let admission = admission(6, 4, 100);
    let start = Instant::now();
    let single = admission.admit_at(ONE, start).unwrap();
    single.rest_at(start);
    let greedy: Vec<_> = (0..3).map(|_| admission.admit_at(OTHER, start).unwrap()).collect();
    let pair: Vec<_> = (0..2).map(|_| admission.admit_at(THIRD, start).unwrap()).collect();
    greedy[1].rest_at(start + LONG);
    greedy[2].rest_at(start + 2 * LONG);
    pair[0].rest_at(start);
    let gone = |place: &Admitted| place.cancel().is_cancelled();
    let _first = admission.admit_at(address(4), start + 9 * LONG).unwrap();
    assert_eq!(greedy.iter().map(gone).collect::<Vec<_>>(), [false, true, false], "its longest idle");
    // Both have two now; the longest idle of them leaves.
    let _second = admission.admit_at(address(5), start + 9 * LONG).unwrap();
    assert!(gone(&pair[0]) && !gone(&greedy[2]));
    let _third = admission.admit_at(address(6), start + 9 * LONG).unwrap();
    assert!(gone(&greedy[2]) && !gone(&single), "a single one after those that have two");
    let _fourth = admission.admit_at(address(7), start + 9 * LONG).unwrap();
    assert!(gone(&single), "and before those at work");
    assert!(!gone(&greedy[0]) && !gone(&pair[1]));
    assert_eq!(admission.admit_at(address(8), start + 9 * LONG).unwrap_err(), Refusal::Full);
}

/// A session whose place was given away still computes a check; meanwhile its address has no place, its rate is paid, and a sweep forgets
/// it.
#[test]
fn who_gave_way_and_then_fails_a_check_has_a_penalty() {
    let admission = admission(2, 2, 100);
    let start = Instant::now();
    let cheater = admission.admit_at(ONE, start).unwrap();
    let second = admission.admit_at(ONE, start).unwrap();
    let later = start + LONG;
    // At work both; another address takes the older one.
    let _newcomer = admission.admit_at(OTHER, later).unwrap();
    assert!(!cheater.work(), "its place was given away while it worked");
    drop(second);
    // Anybody's arrival sweeps.
    let much_later = later + Duration::from_secs(3);
    let _third = admission.admit_at(THIRD, much_later).unwrap();
    cheater.caught_at(much_later);
    assert_eq!(admission.admit_at(ONE, much_later + LONG).unwrap_err(), Refusal::Caught);
}

/// Four hoarders at work, and one who rests at the only place of its address: a newcomer gets a hoarder's.
#[test]
fn who_rests_at_one_place_does_not_make_room_for_hoarders() {
    let admission = admission(5, 4, 100);
    let start = Instant::now();
    let honest = admission.admit_at(OTHER, start).unwrap();
    let hoard: Vec<_> = (0..4).map(|_| admission.admit_at(ONE, start).unwrap()).collect();
    honest.rest_at(start);
    let later = start + 2 * LONG;
    let _newcomer = admission.admit_at(THIRD, later).unwrap();
    let gone = |place: &Admitted| place.cancel().is_cancelled();
    assert!(!gone(&honest));
    assert_eq!(hoard.iter().filter(|place| gone(place)).count(), 1);
}
