#!/bin/sh
# Makes the connectomes of this folder out of tables; SOURCE.md says which.
#
#     assets/connectomes/convert.sh TABLES
#
# Needs Python 3 and the program (`neuropil` in the PATH, or named by NEUROPIL). Equal tables give equal files, byte for byte.
set -eu
tables=${1:?"usage: convert.sh TABLES"}
program=${NEUROPIL:-neuropil}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
python3 "$here/convert.py" "$tables" "$work"
for name in celegans celegans_varshney2011 mushroom_body; do
    if [ -e "$work/$name.ron" ]; then "$program" convert "$work/$name.ron" "$here/$name.connectome"; fi
done
cp "$work/optic_lobe.plan.ron" "$here/optic_lobe/"
human=$here/human_hcp_schaefer100
for group in train706 test303; do
    "$program" convert "$work/human_hcp_schaefer100_$group.ron" "$human/$group.connectome"
    cat "$tables/human/hcp_schaefer100/fc_$group.csv" >"$human/fc_$group.csv"
done
