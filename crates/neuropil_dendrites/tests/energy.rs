//! The energy bill of cells: charges add up, and what is published of their cost is met.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::{Clock, CorePlugin, Registry, RunSettings, Simulate};
use neuropil_dendrites::energy::{EnergyMeter, LEAK, ReadEnergy};
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{Attachment, CableTree, Cut, CutSection};
use neuropil_dendrites::{
    AddCells, CellPlan, CellsRequest, CompartmentOf, CompartmentPotential, Compartments, DendritesPlugin, MechanismEntry,
};
use neuropil_neurons::{Assigned, NeuronModelsPlugins, Stimulate, Stimulus, StimulusSource};
use neuropil_synapses::SynapsesPlugin;
use neuropil_units::{Kelvin, Milliseconds, Millivolts, Program};

const DT: f64 = 0.025;

fn app(meter: bool) -> App {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin, DendritesPlugin));
    app.insert_resource(RunSettings { threads: 2, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(DT)).unwrap());
    if meter {
        app.insert_resource(EnergyMeter { sodium_reversal: Millivolts(50.0), potassium_reversal: Millivolts(-77.0) });
    }
    app
}

/// A fork of three sections with all kinds of mechanisms.
fn plan(app: &App, method: Method) -> CellPlan {
    let cut = |area| Cut { area, resistance_before: 20.0, resistance_after: 20.0 };
    let section = |parent: usize, area| CutSection { parent: Some((parent, Attachment::End)), cuts: vec![cut(area); 3] };
    let tree =
        CableTree::new(&[CutSection { parent: None, cuts: vec![cut(800.0)] }, section(0, 120.0), section(0, 90.0), section(1, 60.0)]);
    let mut plan = CellPlan::new(tree, Milliseconds(DT), method, Kelvin(279.45), Millivolts(-65.0)).unwrap();
    let registry = app.world().resource::<Registry<MechanismEntry>>();
    let all = plan.compartments();
    for (name, receptor, nodes) in [
        ("Passive", None, &all[..]),
        ("HodgkinHuxley", None, &all[..4]),
        ("HyperpolarisationActivatedCation", None, &all[2..]),
        ("CalciumPool", None, &all[3..]),
        ("HighVoltageActivatedCalcium", None, &all[3..]),
        ("CalciumActivatedPotassium", None, &all[3..]),
        ("AmpaNmdaReceptor", Some("excitation"), &all[9..]),
    ] {
        plan.paint(registry.get(name).unwrap(), receptor, nodes, &[]).unwrap();
    }
    plan.set_detector(0, Millivolts(0.0));
    plan
}

fn stimulate(app: &mut App, name: &str, source: StimulusSource, weight: Option<f64>) {
    app.stimulate(Stimulus {
        name: name.into(),
        to: vec!["cells".into()],
        neurons: None,
        sites: Vec::new(),
        source,
        weight: weight.map(Program::constant),
        receptor: None,
        delay: Milliseconds(DT),
    })
    .unwrap();
}

/// Cells that spike, for 30 ms; and the potentials of all compartments with cell and node.
fn run(meter: bool, method: Method, cells: usize) -> (App, Vec<(Entity, u32, f64)>) {
    let mut app = app(meter);
    let plan = plan(&app, method);
    app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; cells] }).unwrap();
    let current =
        StimulusSource::StepCurrent { amplitude: Program::constant(150.0), start: Milliseconds(2.0), stop: Some(Milliseconds(12.0)) };
    stimulate(&mut app, "current", current, None);
    stimulate(&mut app, "spikes", StimulusSource::SpikeList { times: vec![Milliseconds(5.0), Milliseconds(15.0)] }, Some(2.0));
    app.advance(Milliseconds(30.0)).unwrap();
    let mut query = app.world_mut().query::<(&CompartmentOf, &CompartmentPotential)>();
    let potentials = query.iter(app.world()).map(|(of, potential)| (of.cell, of.node, potential.0)).collect();
    (app, potentials)
}

/// Claim: what flows through all channels, what was injected and what charges the membrane add up to nothing, in each cell, side by side as in a pool, for
/// both methods. Source: conservation of charge; axial currents cancel within a cell. Tolerance: 1e-9 of the charge that has passed: rounding of 1,200
/// steps.
#[test]
fn charge_is_conserved() {
    for method in [Method::BackwardEuler, Method::CrankNicolson] {
        for cells in [3, 32] {
            let (app, potentials) = run(true, method, cells);
            let tree = plan(&app, method).tree;
            let names = [
                "HodgkinHuxley",
                "HyperpolarisationActivatedCation",
                "HighVoltageActivatedCalcium",
                "CalciumActivatedPotassium",
                "excitation",
                LEAK,
            ];
            let (mut ionic, mut passed) = (0.0, 0.0);
            for name in names {
                let charges = app.charges("cells", name);
                assert!(!charges.is_empty(), "{name}");
                for at in charges.iter().filter(|at| at.cell == 1) {
                    ionic += at.charge.net_fc;
                    passed += at.charge.net_fc.abs();
                }
            }
            let cell = app.world().iter_entities().find_map(|entity| entity.get::<Compartments>().map(|_| entity.id())).unwrap();
            // 1 µF/cm² is 0.01 pF/µm²; pF mV is fC.
            let own = potentials.iter().filter(|(of, ..)| *of == cell);
            let capacitive: f64 = own.map(|(_, node, potential)| 0.01 * tree.area[*node as usize] * (potential + 65.0)).sum();
            let injected = 150.0 * 10.0;
            let rest = capacitive + ionic - injected;
            assert!(passed > 1e3 && rest.abs() < 1e-9 * passed, "{method:?}, {cells} cells: {rest} fC of {passed} fC are left");
        }
    }
}

/// Claim: meters change no bit of the potentials. Source: the promise of determinism. Tolerance: none.
#[test]
fn meters_change_nothing() {
    for cells in [3, 32] {
        let bits = |meter| run(meter, Method::BackwardEuler, cells).1.into_iter().map(|(.., v)| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(true), bits(false), "{cells} cells");
    }
}

/// Claim: a cell at rest pays for the sodium that its leak lets in. Source: closed form, `g (E - E_K)/(E_Na - E_K) (E_Na - E)` of 0.1 mS/cm² at -65 mV over
/// 1000 µm² and 100 ms. Tolerance: rounding.
#[test]
fn rest_has_its_price() {
    let mut app = app(true);
    let cut = Cut { area: 1000.0, resistance_before: 1.0, resistance_after: 1.0 };
    let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![cut] }]);
    let mut plan = CellPlan::new(tree, Milliseconds(DT), Method::BackwardEuler, Kelvin(279.45), Millivolts(-65.0)).unwrap();
    plan.paint(app.world().resource::<Registry<MechanismEntry>>().get("Passive").unwrap(), None, &[0], &[]).unwrap();
    app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0] }).unwrap();
    app.advance(Milliseconds(100.0)).unwrap();
    // nS mV ms = fC: 0.1 mS/cm² of 1000 µm² are 1 nS.
    let sodium = 1.0 * (-65.0 + 77.0) / (50.0 + 77.0) * (50.0 + 65.0) * 100.0;
    let expected = sodium / 3.0 * 6241.509;
    let found = app.energy()[0].atp();
    assert!((found / expected - 1.0).abs() < 1e-6, "{found} for {expected}");
}

/// Claim: an action potential of Hodgkin and Huxley's membrane at 18.5 °C lets in as much sodium as they computed. Source: Hodgkin and Huxley (1952): 4.33
/// pmol/cm² for a travelling one. Tolerance: 20 %, for here it does not travel.
#[test]
fn a_squid_spike_lets_in_sodium() {
    let sodium = |current: f64| {
        let mut app = app(true);
        let cut = Cut { area: 1000.0, resistance_before: 1.0, resistance_after: 1.0 };
        let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![cut] }]);
        let mut plan = CellPlan::new(tree, Milliseconds(DT), Method::BackwardEuler, Kelvin(291.65), Millivolts(-65.0)).unwrap();
        let leak = [("leak_conductance".to_string(), Assigned::Shared(0.3e-2))];
        plan.paint(app.world().resource::<Registry<MechanismEntry>>().get("HodgkinHuxley").unwrap(), None, &[0], &leak).unwrap();
        app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0] }).unwrap();
        let source =
            StimulusSource::StepCurrent { amplitude: Program::constant(current), start: Milliseconds(5.0), stop: Some(Milliseconds(6.0)) };
        stimulate(&mut app, "pulse", source, None);
        let (mut least, mut most) = (0.0_f64, -100.0_f64);
        let mut query = app.world_mut().query::<&CompartmentPotential>();
        for _ in 0..(40.0 / DT) as usize {
            app.advance(Milliseconds(DT)).unwrap();
            let v = query.single(app.world()).unwrap().0;
            (least, most) = (least.min(v), most.max(v));
        }
        (-app.energy()[0].mechanisms[0].charge.sodium_fc, most + 65.0)
    };
    let ((rest, _), (spike, height)) = (sodium(0.0), sodium(150.0));
    assert!(height > 80.0, "{height}");
    // fC over the charge of a picomole and 1000 µm².
    let picomoles = (spike - rest) * 1e-15 / 96_485.332 * 1e12 / 1e-5;
    assert!((picomoles / 4.33 - 1.0).abs() < 0.2, "{picomoles} pmol/cm²");
}
