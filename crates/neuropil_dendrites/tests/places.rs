//! Synapses at many places of a cell: projections that spread, Poisson input at a place, cells of different shapes.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use neuropil_core::{Clock, CorePlugin, Population, Registry, RunSettings, Simulate};
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{Attachment, CableTree, Cut, CutSection};
use neuropil_dendrites::{AddCells, CellPlan, CellsRequest, CompartmentPotential, Compartments, DendritesPlugin, MechanismEntry};
use neuropil_neurons::{Assigned, Members, NeuronModelsPlugins, Stimulate, Stimulus, StimulusSource};
use neuropil_synapses::projection::Sites;
use neuropil_synapses::{Connect, ConnectionRule, Projection, SynapsesPlugin};
use neuropil_units::{Dimension, Hertz, Kelvin, Milliseconds, Millivolts, Program};

/// Branches that hang on a soma by an almost infinite resistance: what arrives at one stays there.
const BRANCHES: usize = 4;

fn tree(branches: usize) -> CableTree {
    let piece = Cut { area: 1000.0, resistance_before: 1e9, resistance_after: 1e9 };
    let branch = CutSection { parent: Some((0, Attachment::Compartment(0))), cuts: vec![piece] };
    let mut sections = vec![CutSection { parent: None, cuts: vec![piece] }];
    sections.extend(vec![branch; branches]);
    CableTree::new(&sections)
}

fn app(threads: usize) -> App {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin, DendritesPlugin));
    app.insert_resource(RunSettings { threads, seed: 5, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(0.1)).unwrap());
    app
}

/// A cell whose branches are capacitors: a synapse there moves the potential and nothing takes it back.
fn plan(app: &App, branches: usize) -> CellPlan {
    let registry = app.world().resource::<Registry<MechanismEntry>>();
    let mut plan = CellPlan::new(tree(branches), Milliseconds(0.1), Method::BackwardEuler, Kelvin(300.0), Millivolts(-70.0)).unwrap();
    let nodes: Vec<u32> = (1..=branches as u32).collect();
    let parameters = [("reversal_potential".to_string(), Assigned::Shared(1e4)), ("time_constant".to_string(), Assigned::Shared(1.0))];
    plan.paint(registry.get("ExponentialSynapse").unwrap(), Some("excitation"), &nodes, &parameters).unwrap();
    plan.set_detector(0, Millivolts(1e6));
    plan
}

fn cells(app: &mut App, count: usize, branches: &[usize]) {
    let plans = branches.iter().map(|branches| plan(app, *branches)).collect();
    let plan_of = (0..count).map(|cell| (cell % branches.len()) as u32).collect();
    app.add_cells(CellsRequest { name: "cells".into(), plans, plan_of }).unwrap();
}

/// By cell and branch: how many events of a small weight have arrived, as the potential tells.
fn arrived(app: &mut App, weight: f64) -> Vec<Vec<f64>> {
    let world = app.world_mut();
    let entity = world.query::<(bevy_ecs::entity::Entity, &Population)>().iter(world).find(|(_, p)| p.name == "cells").unwrap().0;
    let members = world.get::<Members>(entity).unwrap().0.clone();
    let potential = |entity| world.get::<CompartmentPotential>(entity).unwrap().0;
    // Charge g·τ·E of an event over a capacitance of 10 pF, for potentials far below E.
    let millivolts = weight * 1.0 * 1e4 / 10.0;
    let of_cell = |cell| world.get::<Compartments>(cell).unwrap().0[1..].iter().map(|at| (potential(*at) + 70.0) / millivolts).collect();
    members.into_iter().map(of_cell).collect()
}

fn projection(rule: ConnectionRule, sites: Option<Sites>) -> Projection {
    let made = Projection::new("input", &["sources"], &["cells"], rule, "1e-6 nS", Dimension::CONDUCTANCE, "1 ms").unwrap();
    Projection { sites, ..made }
}

fn volley(app: &mut App, sources: u32) {
    use neuropil_neurons::Neurons;
    let request = neuropil_neurons::PopulationRequest {
        name: "sources".into(),
        size: sources,
        parameters: Vec::new(),
        initial: Vec::new(),
        positions: Vec::new(),
    };
    app.add_population_of("SpikeSource", request).unwrap();
    app.stimulate(Stimulus {
        name: "volley".into(),
        to: vec!["sources".into()],
        neurons: None,
        sites: Vec::new(),
        source: StimulusSource::SpikeList { times: vec![Milliseconds(1.0)] },
        weight: None,
        receptor: None,
        delay: Milliseconds(0.1),
    })
    .unwrap();
}

/// Claim: synapses of every rule take places in proportion to their shares, none where the share is 0, for each shape its own. Source: multinomial
/// distribution. Tolerance: five standard deviations of a share over 2,000 synapses.
#[test]
fn synapses_spread_in_proportion() {
    let rules = [ConnectionRule::AllToAll, ConnectionRule::FixedInDegree(50), ConnectionRule::FixedOutDegree(40)];
    for rule in rules {
        let run = |threads| {
            let mut app = app(threads);
            cells(&mut app, 40, &[BRANCHES, 2]);
            volley(&mut app, 50);
            let spread = vec![vec![1.0, 2.0, 0.0, 1.0], vec![3.0, 1.0]];
            let kind_of = (0..40).map(|cell| cell % 2).collect();
            app.connect(projection(rule.clone(), Some(Sites { spread, kind_of }))).unwrap();
            app.advance(Milliseconds(30.0)).unwrap();
            arrived(&mut app, 1e-6)
        };
        let found = run(1);
        assert_eq!(found, run(3), "threads");
        for (kind, shares) in [vec![0.25, 0.5, 0.0, 0.25], vec![0.75, 0.25]].iter().enumerate() {
            let own: Vec<&Vec<f64>> = found.iter().skip(kind).step_by(2).collect();
            let sums: Vec<f64> = (0..shares.len()).map(|k| own.iter().map(|cell| cell[k]).sum()).collect();
            let total: f64 = sums.iter().sum();
            assert!(total > 800.0, "{rule:?}: {total}");
            for (sum, share) in sums.iter().zip(shares) {
                let deviation = (share * (1.0 - share) / total).sqrt();
                assert!((sum / total - share).abs() <= 5.0 * deviation + 1e-3, "{rule:?}: {sums:?} for {shares:?}");
            }
        }
    }
}

/// Claim: a projection onto many places must say which. Source: definition. Tolerance: none.
#[test]
fn a_receptor_at_many_places_needs_a_choice() {
    for sites in
        [None, Some(Sites { spread: vec![vec![1.0; 9]], kind_of: Vec::new() }), Some(Sites { spread: vec![vec![0.0]], kind_of: vec![] })]
    {
        let mut app = app(1);
        cells(&mut app, 2, &[BRANCHES]);
        volley(&mut app, 3);
        app.connect(projection(ConnectionRule::AllToAll, sites)).unwrap();
        let error = app.advance(Milliseconds(1.0)).unwrap_err().to_string();
        assert!(error.contains("place"), "{error}");
    }
}

/// Claim: Poisson input goes to the place that it is given, at its rate, side by side as in a pool, independent from place to place. Source: Poisson
/// distribution of the count. Tolerance: five standard deviations.
#[test]
fn poisson_input_arrives_at_its_place() {
    for count in [7, 64] {
        let mut app = app(2);
        cells(&mut app, count, &[BRANCHES]);
        for (name, site, rate) in [("first", 1, 200.0), ("second", 3, 100.0)] {
            app.stimulate(Stimulus {
                name: name.into(),
                to: vec!["cells".into()],
                neurons: None,
                sites: vec![site],
                source: StimulusSource::Poisson { rate: vec![(Milliseconds(0.0), Hertz(rate))] },
                weight: Some(Program::constant(1e-6)),
                receptor: None,
                delay: Milliseconds(0.1),
            })
            .unwrap();
        }
        app.advance(Milliseconds(1000.0)).unwrap();
        let found = arrived(&mut app, 1e-6);
        for (branch, mean) in [(0, 0.0), (1, 200.0), (2, 0.0), (3, 100.0)] {
            let total: f64 = found.iter().map(|cell| cell[branch]).sum();
            let expected = mean * count as f64;
            assert!(
                (total - expected).abs() <= 5.0 * expected.sqrt() + 0.02 * expected + 1e-4,
                "{count} cells, branch {branch}: {total} for {expected}"
            );
        }
        assert!(found.iter().any(|cell| cell[1] != found[0][1]), "every cell has its own train");
    }
}
