//! A cell cut into compartments: a tree of nodes, each with its membrane and its conductance to the parent.
//!
//! A node is a compartment, whose potential is that of its middle, or a junction: the point without membrane at which branches meet (Kirchhoff's
//! node). Two compartments that follow one another without a fork are joined directly, their half resistances in series.

/// Where a section hangs on its parent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Attachment {
    /// At the beginning of the parent section.
    Start,
    /// At its end.
    End,
    /// At the middle of one of its compartments, without resistance of the parent's.
    Compartment(usize),
}

/// One piece of a section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// Lateral area of the membrane, µm².
    pub area: f64,
    /// Axial resistance from the beginning of the piece to its middle, MΩ.
    pub resistance_before: f64,
    /// Axial resistance from its middle to its end, MΩ.
    pub resistance_after: f64,
}

/// A section that was cut into compartments, at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct CutSection {
    /// The section that it hangs on, and where; `None` for the root, which is the first.
    pub parent: Option<(usize, Attachment)>,
    /// Its pieces, from its beginning to its end.
    pub cuts: Vec<Cut>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Compartment `1` of section `0`.
    Compartment(u32, u32),
    /// A point without membrane where sections meet.
    Junction,
}

/// A cell as a tree of nodes, a parent before its children, the children of a fork one subtree after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CableTree {
    /// Parent of each node; the root's is itself.
    pub parent: Vec<u32>,
    /// What each node is.
    pub kind: Vec<NodeKind>,
    /// Area of its membrane, µm²; 0 at a junction.
    pub area: Vec<f64>,
    /// Axial conductance to the parent, µS; 0 for the root.
    pub axial: Vec<f64>,
    /// By section: the node of its first compartment; the others do not follow it in general.
    nodes: Vec<Vec<u32>>,
}

impl CableTree {
    /// Joins sections, of which parents come before children.
    ///
    /// A pair of neighbours is joined by `1/(R_after + R_before)`; at a point where three or more meet there is a junction.
    pub fn new(sections: &[CutSection]) -> Self {
        // Who meets at the end of each section, and at the beginning of the root.
        let mut at_end: Vec<Vec<usize>> = vec![Vec::new(); sections.len()];
        let mut at_start: Vec<usize> = Vec::new();
        let mut at_compartment: Vec<Vec<(usize, usize)>> = vec![Vec::new(); sections.len()];
        for (number, section) in sections.iter().enumerate() {
            match section.parent {
                Some((parent, Attachment::End)) => at_end[parent].push(number),
                Some((0, Attachment::Start)) => at_start.push(number),
                // The beginning of a section that is not the root is the point where it hangs itself.
                Some((parent, Attachment::Start)) => match sections[parent].parent {
                    Some((grand, Attachment::End)) => at_end[grand].push(number),
                    Some((grand, Attachment::Compartment(k))) => at_compartment[grand].push((k, number)),
                    _ => at_start.push(number),
                },
                Some((parent, Attachment::Compartment(k))) => at_compartment[parent].push((k, number)),
                None => {}
            }
        }
        let mut tree = Self { nodes: sections.iter().map(|s| vec![0; s.cuts.len()]).collect(), ..Self::default() };
        if sections.is_empty() {
            return tree;
        }
        // What is still to be laid out: a section, the node that it hangs on, and the resistance between that node and the section, MΩ.
        let mut waiting = vec![(0, None::<u32>, 0.0)];
        while let Some((number, parent, resistance)) = waiting.pop() {
            let (mut before, mut resistance) = (parent, resistance);
            let cuts = &sections[number].cuts;
            for (k, cut) in cuts.iter().enumerate() {
                let node = tree.push(before, resistance + cut.resistance_before, NodeKind::Compartment(number as u32, k as u32), cut.area);
                tree.nodes[number][k] = node;
                (before, resistance) = (Some(node), cut.resistance_after);
                for (_, child) in at_compartment[number].iter().filter(|(at, _)| *at == k) {
                    waiting.push((*child, Some(node), 0.0));
                }
                if number == 0 && k == 0 && !at_start.is_empty() {
                    let (node, resistance) = tree.meet(node, cut.resistance_before, at_start.len());
                    waiting.extend(at_start.iter().map(|child| (*child, Some(node), resistance)));
                }
            }
            if let (Some(node), false) = (before, at_end[number].is_empty()) {
                let (node, resistance) = tree.meet(node, resistance, at_end[number].len());
                waiting.extend(at_end[number].iter().map(|child| (*child, Some(node), resistance)));
            }
        }
        tree.in_depth_first_order()
    }

    /// The node at which `children` sections hang, `resistance` from `node`, and what is left of that resistance.
    fn meet(&mut self, node: u32, resistance: f64, children: usize) -> (u32, f64) {
        if children == 1 { (node, resistance) } else { (self.push(Some(node), resistance, NodeKind::Junction, 0.0), 0.0) }
    }

    fn push(&mut self, parent: Option<u32>, resistance: f64, kind: NodeKind, area: f64) -> u32 {
        let node = self.parent.len() as u32;
        self.parent.push(parent.unwrap_or(node));
        self.axial.push(parent.map_or(0.0, |_| 1.0 / resistance));
        self.kind.push(kind);
        self.area.push(area);
        node
    }

    /// Renumbers the nodes so that a child follows its parent at once where it can.
    fn in_depth_first_order(self) -> Self {
        let nodes = self.parent.len();
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); nodes];
        for (node, parent) in self.parent.iter().enumerate().skip(1) {
            children[*parent as usize].push(node as u32);
        }
        let mut order = Vec::with_capacity(nodes);
        let mut waiting = vec![0_u32];
        while let Some(node) = waiting.pop() {
            order.push(node);
            waiting.extend(children[node as usize].iter().rev());
        }
        let mut place = vec![0_u32; nodes];
        order.iter().enumerate().for_each(|(new, old)| place[*old as usize] = new as u32);
        let pick = |values: &[f64]| order.iter().map(|old| values[*old as usize]).collect();
        Self {
            parent: order.iter().map(|old| place[self.parent[*old as usize] as usize]).collect(),
            kind: order.iter().map(|old| self.kind[*old as usize]).collect(),
            area: pick(&self.area),
            axial: pick(&self.axial),
            nodes: self.nodes.into_iter().map(|nodes| nodes.into_iter().map(|node| place[node as usize]).collect()).collect(),
        }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }

    /// The node of a compartment.
    pub fn node(&self, section: usize, compartment: usize) -> Option<u32> {
        self.nodes.get(section)?.get(compartment).copied()
    }
}
