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
mkdir -p corpus/sftp
printf '\0\0\0\5\1\0\0\0\3\0\0\0\33\3\0\0\0\1\0\0\0\12/inbound/a\0\0\0\32\0\0\0\0' > corpus/sftp/open
printf '\0\0\0\34\6\0\0\0\2\0\0\0\4\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\3ISA\0\0\0\15\4\0\0\0\3\0\0\0\4\0\0\0\1' > corpus/sftp/write
printf '\0\0\0\61\310\0\0\0\4\0\0\0\30posix-rename@openssh.com\0\0\0\4/a.p\0\0\0\4/a.e' > corpus/sftp/rename
printf '/outbound/../inbound//a.edi' > corpus/sftp/path
mkdir -p corpus/mime corpus/cms corpus/mdn
printf 'multipart/related; boundary=b\n--b\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\nSVNB\r\n--b\r\n\r\nx=3D\r\n--b--\r\n' > corpus/mime/related
printf 'multipart/signed; boundary=b; micalg=sha1\n--b\r\n\r\nISA\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n0\r\n--b--\r\n' > corpus/mime/signed
printf 'multipart/report; boundary=b\n--b\r\n\r\nwords\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\nOriginal-Message-ID: <1@a>\r\nDisposition: automatic-action/MDN-sent-automatically; processed/error: decryption-failed\r\nReceived-Content-MIC: ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=, sha-256\r\n\r\n--b--\r\n' > corpus/mdn/report
printf 'Content-Type: application/edi-x12\r\n\r\nISA*00*~' > corpus/entity
own='-signer targets/cms/cert.pem -inkey targets/cms/key.pem'
openssl cms -sign -binary -nodetach -in corpus/entity $own -outform DER -out corpus/cms/signed
openssl cms -sign -binary -nodetach -stream -indef -in corpus/entity $own -outform DER -out corpus/cms/signed-ber
for cipher in aes-256-cbc aes-128-gcm; do
    openssl cms -encrypt -binary -in corpus/entity "-$cipher" -recip targets/cms/cert.pem -outform DER -out "corpus/cms/$cipher"
    openssl cms -encrypt -binary -stream -indef -in corpus/entity "-$cipher" -recip targets/cms/cert.pem -outform DER -out "corpus/cms/$cipher-ber"
done
rm corpus/entity
