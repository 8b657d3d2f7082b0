#!/bin/sh
# Fills corpus/ with what the repository has of real input.
set -eu
cd "$(dirname "$0")"
for target in reader check translate; do
    mkdir -p "corpus/$target"
    find ../conformance -name '*.edi' | while read -r file; do
        cp "$file" "corpus/$target/$(echo "$file" | cksum | cut -d ' ' -f 1)"
    done
done
mkdir -p corpus/sef corpus/map corpus/document corpus/tree corpus/udi
find ../conformance ../grammars -name '*.sef' | while read -r file; do
    head -c 6000 "$file" > "corpus/sef/$(echo "$file" | cksum | cut -d ' ' -f 1)"
done
cp ../grammars/maps/*.toml corpus/map/
for file in ../conformance/*/*/*/in.edi; do
    name=$(echo "$file" | cksum | cut -d ' ' -f 1)
    cargo run -q --manifest-path ../Cargo.toml -- translate "$file" > "corpus/document/$name" 2> /dev/null || true
    cp "corpus/document/$name" "corpus/tree/$name"
done
printf '(01)00614141999996(17)271231(10)L26K14(21)S1000341' > corpus/udi/gs1
printf '+A123KT22101/$$3271231KT0926' > corpus/udi/hibc
printf '=/A9999XYZ100T0944=,000025=A99971312345600' > corpus/udi/isbt
