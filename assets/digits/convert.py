#!/usr/bin/env python3
"""digits.csv out of the table of handwritten digits.

    python3 convert.py TABLE OUT

TABLE is either `optdigits.tes` as the UCI Machine Learning Repository gives it away (65 numbers a line: 64 pixels, then the
label), or a CSV with a column `label` and columns `p00` to `p77` (row, then column), such as one written from the copy that
scikit-learn bundles. OUT receives `digits.csv`: a line a digit, its label and its pixels as 64 characters.

Needs nothing but the standard library. Equal tables give equal files, byte for byte.
"""

import csv
import os
import sys

# A pixel is a number from 0 to 16: one character each.
CHARACTERS = "0123456789abcdefg"
PIXELS = [f"p{row}{column}" for row in range(8) for column in range(8)]


def read(path):
    """Labels and pixels, in the order of the table."""
    with open(path, newline="", encoding="utf-8") as file:
        lines = [line for line in csv.reader(file) if line]
    if lines and "label" in lines[0]:
        places = [lines[0].index(name) for name in PIXELS]
        label = lines[0].index("label")
        return [(int(line[label]), [int(line[place]) for place in places]) for line in lines[1:]]
    return [(int(line[64]), [int(value) for value in line[:64]]) for line in lines]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    table, out = sys.argv[1:]
    digits = read(table)
    for place, (label, pixels) in enumerate(digits):
        if not (0 <= label <= 9 and len(pixels) == 64 and all(0 <= pixel <= 16 for pixel in pixels)):
            sys.exit(f"{table}: digit {place + 1}: expected a label from 0 to 9 and 64 pixels from 0 to 16")
    with open(os.path.join(out, "digits.csv"), "w", encoding="utf-8", newline="\n") as file:
        file.write("label,pixels\n")
        for label, pixels in digits:
            file.write(f"{label},{''.join(CHARACTERS[pixel] for pixel in pixels)}\n")


main()
