//! A worm's wiring in Rust: a question to its graph, then a network of spiking neurons made of it.
//!
//! Run it with `cargo run --release --example 04_connectome`. It prints the quickest way, by numbers of synapses, from a touch cell of the tail to a
//! motor neuron of the belly, and when the cells on that way first spike once current flows into the touch cell.

use neuropil::connectome::{EdgeKind, read_connectome};
use neuropil::core::NeuronName;
use neuropil::prelude::*;
use neuropil::synapses::ExplicitSynapse;
use petgraph::algo::astar;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/connectomes/celegans.connectome");
    let worm = read_connectome(path)?;
    let graph = worm.to_graph();
    let find = |name: &str| graph.node_indices().find(|node| graph[*node].name == name).ok_or(format!("the worm has no {name}"));
    let (touch, motor) = (find("PLML")?, find("VB10")?);

    // A way costs one over the number of synapses of each chemical edge on it; other edges are closed.
    let cost = |edge: petgraph::stable_graph::EdgeReference<'_, neuropil::connectome::EdgeRecord>| {
        let edge = edge.weight();
        if edge.kind == EdgeKind::Chemical { 1.0 / edge.count.unwrap_or(1.0) } else { f64::INFINITY }
    };
    let (_, way) = astar(&graph, touch, |node| node == motor, cost, |_| 0.0).ok_or("no way leads there")?;

    // One neuron a node, in the order of the nodes; a synapse for each chemical edge among neurons.
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let currents = graph.node_indices().map(|node| if node == touch { 500.0 } else { 0.0 }).collect();
    let (name, size, parameters) = ("worm".into(), worm.node_count() as u32, vec![("bias_current".into(), Assigned::Listed(currents))]);
    app.add_population_of("LifExponentialCurrent", PopulationRequest { name, size, parameters, ..Default::default() })?;
    let synapses = graph.edge_indices().filter(|edge| graph[*edge].kind == EdgeKind::Chemical).filter_map(|edge| {
        let (source, target) = graph.edge_endpoints(edge)?;
        let strength = 600.0 * graph[edge].count? * graph[edge].sign.unwrap_or(1.0);
        Some(ExplicitSynapse { source: source.index() as u32, target: target.index() as u32, weight: Some(strength), delay: None })
    });
    let rule = ConnectionRule::Explicit(synapses.collect());
    app.connect(Projection::new("chemical", &["worm"], &["worm"], rule, "0 pA", Dimension::CURRENT, "1 ms")?)?;

    // Names are components, like everything that a neuron is.
    let world = app.world_mut();
    let neurons: Vec<(Entity, u32)> = world.query::<(Entity, &NeuronId)>().iter(world).map(|(entity, id)| (entity, id.0)).collect();
    for (entity, id) in neurons {
        world.entity_mut(entity).insert(NeuronName(worm.nodes().names[id as usize].clone()));
    }
    let mut first: Vec<Option<f64>> = vec![None; size as usize];
    for _ in 0..1000 {
        app.advance(Milliseconds(0.1))?;
        let world = app.world();
        let now = world.resource::<Clock>().now();
        for id in world.resource::<SpikeExchange>().spikes() {
            first[*id as usize].get_or_insert(now.0);
        }
    }
    for node in way {
        let spike = first[node.index()].map_or("no spike".to_string(), |time| format!("first spike at {time:.1} ms"));
        println!("{:5} {:20} {spike}", graph[node].name, graph[node].class.as_deref().unwrap_or(""));
    }
    Ok(())
}
