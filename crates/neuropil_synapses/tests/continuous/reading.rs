//! Lesions, and synapses as they are read back.

use super::*;
use neuropil_core::{Lesioned, NeuropilSystems, Simulate, SpikeExchange, Step};
use neuropil_neurons::{LifExponentialConductance, LifExponentialCurrent, Members, Neurons};
use neuropil_synapses::{Allowed, ReadSynapses, Synapses};

/// Claim: what is read back are the synapses that were listed, by source and target, for every kind of transmission; those of a lesioned
/// neuron are gone, electrical ones also as a target. Source: the list. Tolerance: rounding of weights to 16 bits, 1/32,767 of the largest.
#[test]
fn synapses_read_back_are_those_listed() {
    let list = [(3, 1, 2.0), (0, 2, 1.5), (0, 1, 1.0), (2, 0, 1.25), (1, 3, 1.75)];
    for (transmission, lesioned) in
        [Transmission::Spikes, Transmission::Graded, Transmission::Electrical].into_iter().flat_map(|t| [(t, None), (t, Some(0))])
    {
        let mut app = app(0.1, 2);
        match transmission {
            Transmission::Graded => app.add_population("cells", 4, neuropil_neurons::GradedNeuron::default()).unwrap(),
            _ => app.add_population("cells", 4, LifExponentialConductance::default()).unwrap(),
        };
        if let Some(index) = lesioned {
            let entity = app.world_mut().query::<&Members>().single(app.world()).unwrap().0[index];
            app.world_mut().entity_mut(entity).insert(Lesioned);
        }
        join(&mut app, "all", "cells", explicit(&list), transmission, Dimension::CONDUCTANCE, "0.7 ms").unwrap();
        app.build_network().unwrap();
        let found = app.synapses_of("all").unwrap();
        let gone = |source: u32, target: u32| {
            lesioned == Some(source as usize) || (transmission == Transmission::Electrical && lesioned == Some(target as usize))
        };
        let mut expected: Vec<(u32, u32, f64)> = list.into_iter().filter(|(s, t, _)| !gone(*s, *t)).collect();
        expected.sort_by_key(|(s, t, _)| (*s, *t));
        assert_eq!(found.len(), expected.len(), "{transmission:?}: {found:?}");
        assert_eq!(app.world().resource::<Synapses>().count(), expected.len() as u64);
        for (found, (source, target, weight)) in found.iter().zip(expected) {
            assert_eq!((found.source, found.target), (source, target));
            assert!((found.weight - weight).abs() <= 2.0 / 32_767.0, "{found:?}");
            assert_eq!(found.delay, if transmission == Transmission::Electrical { 1 } else { 7 });
        }
        let error = app.synapses_of("al").unwrap_err().to_string();
        assert!(error.contains("unknown projection `al`") && error.contains("all"), "{error}");
    }
}

/// Claim: every rule reads back as many synapses as it made, and a lesion takes a neuron's own and no other; a lesioned neuron still
/// spikes. Source: the network without a lesion. Tolerance: none.
#[test]
fn a_lesion_takes_a_neurons_own_synapses_only() {
    for rule in [
        ConnectionRule::FixedInDegree(5),
        ConnectionRule::FixedOutDegree(5),
        ConnectionRule::FixedTotalNumber(200),
        ConnectionRule::PairwiseBernoulli(0.1),
        ConnectionRule::AllToAll,
    ] {
        let network = |lesioned: bool| {
            let mut app = app(0.1, 2);
            let model = LifExponentialCurrent { bias_current: neuropil_units::Picoamperes(500.0), ..Default::default() };
            app.add_population("cells", 50, model).unwrap();
            if lesioned {
                let entity = app.world_mut().query::<&Members>().single(app.world()).unwrap().0[7];
                app.world_mut().entity_mut(entity).insert(Lesioned);
            }
            let weight = "normal(-20 pA, 3 pA)";
            let projection = Projection::new("all", &["cells"], &["cells"], rule.clone(), weight, Dimension::CURRENT, "1 ms").unwrap();
            app.connect(Projection { autapses: Allowed::No, ..projection }).unwrap();
            app.build_network().unwrap();
            app
        };
        let (mut whole, mut cut) = (network(false), network(true));
        let (all, left) = (whole.synapses_of("all").unwrap(), cut.synapses_of("all").unwrap());
        assert_eq!(all.len() as u64, whole.world().resource::<Synapses>().count());
        assert_eq!(left.len() as u64, cut.world().resource::<Synapses>().count());
        let others: Vec<_> = all.iter().filter(|s| s.source != 7).copied().collect();
        assert!(others.len() < all.len() && others == left, "{rule:?}");

        #[derive(Resource, Default)]
        struct Own(u64);
        fn count(exchange: Res<SpikeExchange>, mut own: ResMut<Own>) {
            own.0 += u64::from(exchange.spikes().contains(&7));
        }
        cut.init_resource::<Own>().add_systems(Step, count.in_set(NeuropilSystems::Learn));
        cut.advance_steps(1000).unwrap();
        assert!(cut.world().resource::<Own>().0 > 0);
    }
}
