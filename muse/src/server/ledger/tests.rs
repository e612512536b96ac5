use super::*;
use crate::server::ServerConfig;
use core::net::{Ipv4Addr, Ipv6Addr};

const SECOND: Duration = Duration::from_secs(1);

fn rules() -> Rules {
    Rules::new(&ServerConfig::default())
}

const fn address(n: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x7f00_0000 + n))
}

/// A /64 of a /48.
fn part(site: u16, n: u16) -> IpAddr {
    Ipv6Addr::new(0x2001, 0xdb8, site, n, 0, 0, 0, 0).into()
}

/// A client there had a session and was caught.
fn catch(ledger: &mut Ledger, address: IpAddr, now: Instant) -> Option<()> {
    ledger.remember(address, now)?;
    ledger.caught(address, &rules(), now);
    Some(())
}

#[test]
fn rates_are_forgotten_before_penalties_and_places_never() {
    let (mut ledger, start) = (Ledger::default(), Instant::now());
    catch(&mut ledger, address(0), start).unwrap();
    let fill = |ledger: &mut Ledger, from: u32, now| {
        for n in from.. {
            let Some(seen) = ledger.remember(address(n), now) else { return };
            seen.no_hello(&rules(), now);
        }
    };
    fill(&mut ledger, 1, start);
    assert_eq!(ledger.addresses.len(), ADDRESSES);
    assert!(ledger.remember(address(7), start).is_some(), "a known one");
    assert!(
        ledger.remember(address(1 << 20), start).is_none(),
        "it does not look at all of them at every connection"
    );
    ledger.remember(address(1 << 20), start + SWEEP).unwrap().places = 1;
    assert_eq!(ledger.addresses.len(), 2, "the others are forgotten");
    assert!(ledger.is_refused(address(0), start + SWEEP));
    fill(&mut ledger, 1 << 21, start + SWEEP);
    assert!(ledger.remember(address(5), start + 2 * SWEEP).is_some());
    assert_eq!(ledger.get(address(1 << 20)).unwrap().places, 1, "nor is one that has a place");
    assert!(ledger.is_refused(address(0), start + 2 * SWEEP));
}

/// Whoever gets more addresses caught than can be remembered keeps nobody out, and hides nobody who is caught later.
#[test]
fn the_penalties_that_end_soonest_are_forgotten_first() {
    let (mut ledger, start) = (Ledger::default(), Instant::now());
    // The first has a session yet.
    catch(&mut ledger, address(0), start).unwrap();
    ledger.get_mut(address(0)).unwrap().places = 1;
    for n in 1..ADDRESSES as u32 {
        // Each a little later than the one before, all within the second in which nothing is forgotten.
        catch(&mut ledger, address(n), start + n * Duration::from_micros(10)).unwrap();
    }
    let late = start + 2 * SECOND;
    let newcomer = address(1 << 20);
    assert!(catch(&mut ledger, newcomer, late).is_some() && ledger.is_refused(newcomer, late));
    let refused = |n| ledger.is_refused(address(n), late);
    assert!(refused(0), "it has a place");
    assert_eq!((1..ADDRESSES as u32).filter(|&n| !refused(n)).count(), FORGOTTEN);
    assert!(!(1..=FORGOTTEN as u32).any(refused) && (FORGOTTEN as u32 + 1..ADDRESSES as u32).all(refused));
    for n in 1..FORGOTTEN as u32 {
        assert!(catch(&mut ledger, address((1 << 20) + n), late).is_some(), "{n}");
    }
    assert!(ledger.remember(address(1 << 21), late).is_none());
    assert!(ledger.remember(address(1 << 21), late + SWEEP).is_some());
    assert!(ledger.is_refused(newcomer, late + SWEEP));
}

/// The owner of a /48 has 65,536 networks, and does not fill the memory with them.
#[test]
fn a_network_of_networks_is_refused_as_one() {
    let (mut ledger, start) = (Ledger::default(), Instant::now());
    for n in 0..CAUGHT_OF_A_SITE as u16 - 1 {
        catch(&mut ledger, part(7, n), start).unwrap();
    }
    assert!(!ledger.is_refused(part(7, 99), start), "not yet");
    // One of them has a session that goes on.
    ledger.get_mut(part(7, 3)).unwrap().places = 1;
    catch(&mut ledger, part(7, 99), start + SECOND).unwrap();
    assert!((0..=u16::MAX).all(|n| ledger.is_refused(part(7, n), start + SECOND)));
    assert!(!ledger.is_refused(part(8, 0), start + SECOND));
    assert_eq!((ledger.addresses.len(), ledger.sites.len()), (1, 1));
    assert_eq!(ledger.get(part(7, 3)).unwrap().places, 1);
    let penalty = ServerConfig::default().penalty;
    assert!(ledger.is_refused(part(7, 99), start + penalty));
    let after = start + penalty + SECOND;
    assert!(!ledger.is_refused(part(7, 99), after));
    assert!(ledger.remember(part(7, 99), after).is_some());
    assert!(ledger.sites.is_empty(), "forgotten");
}

#[test]
fn penalties_that_are_over_do_not_add_up_and_ipv4_has_no_sites() {
    let (mut ledger, start) = (Ledger::default(), Instant::now());
    let penalty = ServerConfig::default().penalty;
    for n in 0..100 {
        catch(&mut ledger, part(7, n), start + u32::from(n) * (penalty / 8)).unwrap();
        catch(&mut ledger, address(n.into()), start + u32::from(n) * (penalty / 8)).unwrap();
    }
    assert!(ledger.sites.is_empty());
}

#[test]
fn so_many_sites_are_remembered_and_the_soonest_free_is_forgotten() {
    let (mut ledger, start) = (Ledger::default(), Instant::now());
    let rules = rules();
    for site in 0..=SITES as u16 {
        // As they are when all but one were caught.
        let now = start + u32::from(site) * Duration::from_micros(10);
        for n in 1..CAUGHT_OF_A_SITE as u16 {
            ledger.addresses.entry(part(site, n)).or_insert_with(|| Address::new(now)).caught(&rules, now);
        }
        catch(&mut ledger, part(site, 0), now).unwrap();
    }
    assert_eq!((ledger.addresses.len(), ledger.sites.len()), (0, SITES));
    let end = start + SECOND;
    assert!(!ledger.is_refused(part(0, 0), end) && ledger.is_refused(part(SITES as u16, 0), end));
}
