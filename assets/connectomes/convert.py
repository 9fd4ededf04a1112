#!/usr/bin/env python3
"""Connectomes as RON out of tables, with where they come from.

    python3 convert.py TABLES OUT

TABLES is a folder with `celegans/`, `fly/` and `human/hcp_schaefer100/`; the files and columns that are read are named
below, and SOURCE.md says where they come from. OUT receives `celegans.ron`, `mushroom_body.ron`,
`human_hcp_schaefer100_train706.ron`, `human_hcp_schaefer100_test303.ron` and `optic_lobe.plan.ron`. The plan is used as
it is, `neuropil convert` makes compressed connectomes of the others; convert.sh does both.

Needs nothing but the standard library. Equal tables give equal files, byte for byte.
"""

import csv
import json
import os
import sys


def rows(*path):
    """The rows of a table, in its order."""
    with open(os.path.join(TABLES, *path), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text):
    """A number as RON writes it; whole ones without a point."""
    value = float(text)
    return str(int(value)) if value == int(value) else repr(value)


def record(fields, tags=()):
    """One line of RON. Empty texts are what is not known: they are left out. Texts are given as texts, numbers by number()."""
    fields = [f"{name}: {value}" for name, value in fields if value not in ("", '""')]
    tags = [f'"{name}": {value}' for name, value in tags if value not in ("", '""')]
    return "(" + ", ".join(fields + (["tags: {" + ", ".join(tags) + "}"] if tags else [])) + ")"


def text(value):
    """A text in quotes."""
    return json.dumps(value, ensure_ascii=False)


def about(what):
    """Where a connectome comes from."""
    lines = [f"        {name}: {text(what[name])}," for name in ("title", "description")]
    lines.append("        references: [\n" + "".join(f"            {text(line)},\n" for line in what["references"]) + "        ],")
    lines += [f"        {name}: {text(what[name])}," for name in ("source", "licence")]
    return "    about: (\n" + "\n".join(lines) + "\n    ),\n"


def write(name, body):
    with open(os.path.join(OUT, name), "w", encoding="utf-8", newline="\n") as file:
        file.write(body)


def connectome(name, what, nodes, edges):
    listed = lambda lines: "".join(f"        {line},\n" for line in lines)
    write(name, "Connectome(\n" + about(what) + "    nodes: [\n" + listed(nodes) + "    ],\n    edges: [\n" + listed(edges) + "    ],\n)\n")


# C. elegans ---------------------------------------------------------------------------------------------------------

# What the columns of the nodes mean, for both connectomes of the worm.
CELEGANS_NODES = (
    "Nodes: `class` is sensory, inter, motor, polymodal, muscle or other, `type` the neuron class, such as AVA; `group` the layer or "
    "tissue of the study; `neuron` and `pharynx` are 1 or 0; positions of somata, x to the left, y from head to tail, z dorsal. `transmitter` joins "
    "two with +; `transmitter_detail` is a later atlas, its words as they are. `releases` is a monoamine, `receptors` lists monoamine receptors, "
    "and dopamine_receptors, serotonin_receptors, octopamine_receptors, tyramine_receptors count them by ligand: who releases and who can sense is "
    "all that is known of monoamine links. `peptides` and `peptide_receptors` list neuropeptides likewise."
)

CELEGANS = dict(
    title="Nervous system of the adult hermaphrodite of C. elegans",
    description="302 neurons, 135 muscle cells, 36 other cells; every chemical and electrical connection. `count` is the number of electron "
    "microscope sections that contacts span, summed over contacts: not a number of synapses. An electrical edge stands once, for both "
    "directions. "
    + CELEGANS_NODES
    + " Edges: `sign` is predicted from transmitter and receptors (1, -1; 0 where receptors of both signs stand against each other or nothing was predicted), `prediction` has its word: "
    "+, -, complex, none; neither where an edge was not studied.",
    references=[
        "Cook SJ et al. (2019). Whole-animal connectomes of both Caenorhabditis elegans sexes. Nature 571:63-71. doi:10.1038/s41586-019-1352-7; Supplementary Information 5 as corrected in July 2020",
        "Fenyves BG et al. (2020). Synaptic polarity and sign-balance prediction using gene expression data in the Caenorhabditis elegans chemical synapse neuronal connectome network. PLoS Comput Biol 16:e1007974. doi:10.1371/journal.pcbi.1007974",
        "Wang C et al. (2024). A neurotransmitter atlas of C. elegans males and hermaphrodites. eLife 13:RP95402. doi:10.7554/eLife.95402",
        "Bentley B et al. (2016). The multilayer connectome of Caenorhabditis elegans. PLoS Comput Biol 12:e1005283. doi:10.1371/journal.pcbi.1005283",
    ],
    source="Python packages cect 0.3.5 (connections, cells, transmitter atlas), wormneuroatlas 0.0.7.3 (transmitter, sign), c302 0.12.1 (monoamines, peptides, positions)",
    licence="Signs, transmitters, monoamines, peptides: articles under CC BY 4.0. Positions: MIT. Connection counts: given away by their authors, no licence found. See SOURCE.md",
)
MONOAMINES = ("dopamine", "serotonin", "octopamine", "tyramine")
SIGNS = {"+": "1", "-": "-1", "complex": "0", "none": "0", "": ""}


def celegans_nodes(chosen):
    """Lines of RON of the cells for which `chosen` says yes."""
    receptors, releases = {}, {}
    for row in rows("celegans", "monoamines.csv"):
        if row["role"] == "receptor":
            receptors.setdefault(row["name"], []).append((row["transmitter"], row["receptor"]))
        else:
            releases[row["name"]] = row["transmitter"]
    peptides = {"release": {}, "receptor": {}}
    for row in rows("celegans", "peptides.csv"):
        peptides[row["role"]].setdefault(row["name"], []).append(row["molecule"])
    joined = lambda names: text(" ".join(sorted(set(names))))
    nodes = []
    for row in filter(chosen, rows("celegans", "nodes.csv")):
        name, kind = row["name"], row["class"]
        neuron = row["is_neuron"] == "1"
        # A neuron class of several cells names its left and right members by their last letter.
        side = {"L": "left", "R": "right"}.get(name[-1], "") if neuron and name != kind else ""
        own = receptors.get(name, [])
        fields = [("name", text(name)), ("class", text(row["type"])), ("type", text(kind)), ("transmitter", text(row["transmitter"])), ("side", text(side))]
        if row["x_um"]:
            fields.append(("position", "(" + ", ".join(repr(float(row[axis])) for axis in ("x_um", "y_um", "z_um")) + ")"))
        tags = [("group", text(row["subtype"])), ("neuron", row["is_neuron"]), ("pharynx", row["pharynx"])]
        tags += [("transmitter_detail", text(row["transmitter_detail"])), ("releases", text(releases.get(name, ""))), ("receptors", joined(r for _, r in own))]
        if neuron:
            tags += [(f"{amine}_receptors", str(len({r for ligand, r in own if ligand == amine}))) for amine in MONOAMINES]
        tags += [("peptides", joined(peptides["release"].get(name, []))), ("peptide_receptors", joined(peptides["receptor"].get(name, [])))]
        nodes.append(record(fields, tags))
    return nodes


def celegans():
    edges = []
    for row in rows("celegans", "edges.csv"):
        fields = [("source", text(row["source"])), ("target", text(row["target"])), ("kind", row["kind"]), ("count", number(row["count"]))]
        fields.append(("sign", SIGNS[row["sign"]]))
        edges.append(record(fields, [("prediction", text(row["sign"]))]))
    connectome("celegans.ron", CELEGANS, celegans_nodes(lambda row: True), edges)


CELEGANS_2011 = dict(
    title="Nervous system of the adult hermaphrodite of C. elegans, body as of Varshney et al. 2011",
    description="All 302 neurons. Edges have a `study`, and `count` is in its units: 'Varshney 2011' has the contacts between 279 neurons of the body, "
    "each one synapse or gap junction; 'Cook 2019' has the pharynx, every edge with a pharyngeal neuron at an end, in electron microscope sections. "
    "CANL, CANR and VC06 have no edge. An electrical edge stands once, for both directions. "
    + CELEGANS_NODES,
    references=[
        "Varshney LR, Chen BL, Paniagua E, Hall DH, Chklovskii DB (2011). Structural properties of the Caenorhabditis elegans neuronal network. PLoS Comput Biol 7:e1001066. doi:10.1371/journal.pcbi.1001066",
    ]
    + CELEGANS["references"],
    source="Python packages cect 0.3.5 (connections, cells, transmitter atlas), wormneuroatlas 0.0.7.3 (transmitter), c302 0.12.1 (monoamines, peptides, positions)",
    licence="Transmitters, monoamines, peptides: articles under CC BY 4.0. Positions: MIT. Connection counts: given away by their authors; the article of 2011 is CC BY, its table has no licence line. See SOURCE.md",
)


def celegans_2011():
    table = os.path.join("celegans", "varshney2011.csv")
    if not os.path.exists(os.path.join(TABLES, table)):
        print(f"no table {table}: celegans_varshney2011.ron is left out", file=sys.stderr)
        return
    neurons = {row["name"]: row for row in rows("celegans", "nodes.csv") if row["is_neuron"] == "1"}
    pharynx = {name for name, row in neurons.items() if row["pharynx"] == "1"}
    joined = lambda row: {row["source"], row["target"]}
    edges = [("Varshney 2011", row) for row in rows(table)]
    for _, row in edges:
        assert joined(row) <= neurons.keys() - pharynx, row
    edges += [("Cook 2019", row) for row in rows("celegans", "edges.csv") if joined(row) <= neurons.keys() and joined(row) & pharynx]
    lines = []
    for study, row in edges:
        fields = [("source", text(row["source"])), ("target", text(row["target"])), ("kind", row["kind"]), ("count", number(row["count"]))]
        lines.append(record(fields, [("study", text(study))]))
    connectome("celegans_varshney2011.ron", CELEGANS_2011, celegans_nodes(lambda row: row["is_neuron"] == "1"), lines)


# Drosophila: mushroom body ------------------------------------------------------------------------------------------

MUSHROOM_BODY = dict(
    title="Right mushroom body of an adult fly, Drosophila melanogaster",
    description="124 projection neurons (PN), 2,597 Kenyon cells (KC), the APL neuron, 48 output neurons (MBON) and 165 dopamine neurons (DAN) of "
    "FlyWire's release 783; pairs of 5 or more synapses. `count` is the number of synapses. Edges have a `layer`: fast, or dopamine for what dopamine "
    "neurons make (sign 0, meant for modulation). Names are root ids. `transmitter_source`: known_nt is from the literature, top_nt predicted. "
    "15 GABAergic projection neurons of that side are not included.",
    references=[
        "Dorkenwald S et al. (2024). Neuronal wiring diagram of an adult brain. Nature 634:124-138. doi:10.1038/s41586-024-07558-y",
        "Schlegel P et al. (2024). Whole-brain annotation and multi-connectome cell typing of Drosophila. Nature 634:139-152. doi:10.1038/s41586-024-07686-5",
        "Buhmann J et al. (2021). Automatic detection of synaptic partners in a whole-brain Drosophila electron microscopy data set. Nat Methods 18:771-774. doi:10.1038/s41592-021-01183-7",
    ],
    source="Python package fly-ftl-extract 0.1.0, which cut it from the FlyWire release 783 on Zenodo (record 10676866)",
    licence="CC BY 4.0, on the word of the packages that pass the release on; see SOURCE.md",
)


def mushroom_body():
    table = rows("fly", "mushroom_body_nodes.csv")
    nodes = []
    for row in table:
        fields = [("name", text(row["flywire_root_id"])), ("class", text(row["group"])), ("type", text(row["cell_type"]))]
        fields += [("transmitter", text(row["transmitter"])), ("side", text(row["side"]))]
        nodes.append(record(fields, [("glomerulus", text(row["glomerulus"])), ("transmitter_source", text(row["transmitter_source"]))]))
    edges = []
    for row in rows("fly", "mushroom_body_edges.csv"):
        ends = [(end, text(table[int(row[end])]["flywire_root_id"])) for end in ("source", "target")]
        edges.append(record(ends + [("count", number(row["count"])), ("sign", row["sign"])], [("layer", text(row["layer"]))]))
    connectome("mushroom_body.ron", MUSHROOM_BODY, nodes, edges)


# Drosophila: optic lobe ---------------------------------------------------------------------------------------------

OPTIC_LOBE = dict(
    title="Optic lobe of the fly, Drosophila melanogaster, as columns that repeat",
    description="65 cell types from the photoreceptors to T4 and T5. A cell of the source type makes on average `count` synapses onto the target "
    "type's cell some columns further; `filled` names columns that the reconstruction left empty and the published model fills with one synapse "
    "each. With extent 15: 721 columns, 45,669 cells, 1,513,231 edges.",
    references=[
        "Lappalainen JK et al. (2024). Connectome-constrained networks predict neural activity across the fly visual system. Nature 634:1132-1140. doi:10.1038/s41586-024-07939-3",
    ],
    source="Python package flyvis 1.2.0 (fib25-fib19_v2.2)",
    licence="MIT",
)


def optic_lobe():
    lines = ["ColumnPlan(\n", about(OPTIC_LOBE), "    extent: 15,\n    types: [\n"]
    for row in rows("fly", "optic_types.csv"):
        fields = [("name", text(row["type"])), ("role", text(row["role"]))]
        if (row["stride_u"], row["stride_v"]) != ("1", "1"):
            fields.append(("stride", f"({row['stride_u']}, {row['stride_v']})"))
        lines.append(f"        {record(fields)},\n")
    lines.append("    ],\n    edges: [\n")
    pairs = {}
    for row in rows("fly", "optic_edges.csv"):
        pairs.setdefault((row["source_type"], row["target_type"], row["sign"]), []).append(row)
    for (source, target, sign), offsets in pairs.items():
        counted = ", ".join(f"({row['du']}, {row['dv']}, {number(row['count'])})" for row in offsets if row["filled"] == "0")
        filled = ", ".join(f"({row['du']}, {row['dv']})" for row in offsets if row["filled"] == "1")
        fields = [("source", text(source)), ("target", text(target)), ("sign", sign), ("offsets", f"[{counted}]")]
        lines.append(f"        {record(fields + ([('filled', f'[{filled}]')] if filled else []))},\n")
    lines.append("    ],\n)\n")
    write("optic_lobe.plan.ron", "".join(lines))


# Human cortex -------------------------------------------------------------------------------------------------------

HCP_TERMS = "WU-Minn HCP Consortium Open Access Data Use Terms; not under the licence of this project. See TERMS.md"


def human():
    folder = ("human", "hcp_schaefer100")
    regions = rows(*folder, "regions.csv")
    maps = [("myelin", "myelin_z"), ("thickness", "thickness_z"), ("functional_gradient", "fc_gradient1_z"), ("gene_component", "gene_pc1_z")]
    maps += [("gabaa", "gabaa_z"), ("nmda", "nmda_z")]
    nodes = []
    for row in regions:
        # Tables have mm, connectomes µm.
        place = ", ".join(repr(1000 * float(row[axis])) for axis in ("x_mm", "y_mm", "z_mm"))
        fields = [("name", text(row["name"])), ("class", text("cortex")), ("side", text({"L": "left", "R": "right"}[row["hemisphere"]]))]
        fields += [("region", text(row["network"])), ("position", f"({place})")]
        nodes.append(record(fields, [(name, repr(float(row[column]))) for name, column in maps]))
    for group, people in (("train706", 706), ("test303", 303)):
        what = dict(
            title=f"Human cortex: tracts between 100 regions, mean of {people} people",
            description="Tractography of the Human Connectome Project in the atlas of Schaefer et al. with 100 regions, mean over a group. `weight` is a "
            "tract count as it is, `length` that of the tract; each tract stands in both directions. `region` is one of seven networks; positions are "
            "centres in MNI space, x to the right, y to the front, z up. Maps as z-scores: myelin (T1w/T2w), cortical thickness, first functional "
            "gradient, first component of gene expression, density of GABA-A and NMDA receptors.",
            references=[
                "Van Essen DC et al. (2013). The WU-Minn Human Connectome Project: an overview. NeuroImage 80:62-79. doi:10.1016/j.neuroimage.2013.05.041",
                "Schaefer A et al. (2018). Local-global parcellation of the human cerebral cortex from intrinsic functional connectivity MRI. Cereb Cortex 28:3095-3114. doi:10.1093/cercor/bhx179",
            ],
            source="Python package cubnm 0.1.0 (example data from the HCP Young Adult study); names and centres from ThomasYeoLab/CBIG",
            licence=HCP_TERMS,
        )
        lengths = rows(*folder, f"lengths_mm_{group}.csv")
        edges = []
        for strengths, distances in zip(rows(*folder, f"weights_{group}.csv"), lengths):
            assert strengths["region"] == distances["region"]
            for target in regions:
                weight = strengths[target["name"]]
                if float(weight) != 0:
                    fields = [("source", text(strengths["region"])), ("target", text(target["name"])), ("kind", "tract")]
                    edges.append(record(fields + [("weight", number(weight)), ("length", repr(round(1000 * float(distances[target["name"]]), 6)))]))
        connectome(f"human_hcp_schaefer100_{group}.ron", what, nodes, edges)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    TABLES, OUT = sys.argv[1:]
    os.makedirs(OUT, exist_ok=True)
    celegans()
    celegans_2011()
    mushroom_body()
    optic_lobe()
    human()
