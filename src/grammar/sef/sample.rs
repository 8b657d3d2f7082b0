//! A small release and ways to read guides over it, for the tests of this room.

use super::super::rules::{ElementUse, Standard};
use super::load::{Loaded, read};

/// A release of two sets.
pub(super) const BASE: &str = ".VER 1.6
.INI
BASE,,004 010,X,X12-4010,A small release
.SETS
850=^[ST,M][BEG,M]+30[REF,,>1]{:200+260[N1]+10[N2,,2][N3,,2][N4]}^{:100000[PO1,M]}^{:1[CTT][AMT]}[SE,M]
997=[ST,M][SE,M]
.SEGS
ST=[143,M][329,M]
BEG=[353,M][92,M][324,M][328][373,M]
REF=[128,M][127][352][C040]+R0203
N1=[98,M][93][66][67]+R0203P0304
N2=[93,M][93]
N3=[166,M][166]
N4=[19][156][116][26]
PO1=[350][330][355][212][639]{2[235][234]}+C0302P0607P0809
CTT=[354,M][347]
AMT=[522,M][782,M]
SE=[96,M][329,M]
.COMS
C040=[128,M][127,M]{2[128][127]}+P0304P0506
.ELMS
19=AN,2,30
26=ID,2,3
66=ID,1,2
67=AN,2,80
92=ID,2,2
93=AN,1,60
96=N0,1,10
98=ID,2,3
116=ID,3,15
127=AN,1,30
128=ID,2,3
143=ID,3,3
156=ID,2,2
166=AN,1,55
212=R,1,17
234=AN,1,48
235=ID,2,2
310=AN,1,30
324=AN,1,22
328=AN,1,30
329=AN,4,9
330=R,1,15
347=R,1,10
350=AN,1,20
352=AN,1,80
353=ID,2,2
354=N0,1,6
355=ID,2,2
373=DT,8,8
522=ID,1,3
639=ID,2,2
782=R,1,18
.CODES
66=1:9,91:92
98=BT,BY,ST
128=DP,IA,VN,ZZ
353=00:09
.TEXT,SETS
850,0,Purchase Order
850,1,PO
.TEXT,SEGS
BEG,3,Beginning
REF,3,Reference
.TEXT,COMS
C040,2,Reference Identifier
.TEXT,ELMS
128,2,Reference Qualifier
353,2,Purpose
";

/// What every guide begins with.
pub(super) const HEAD: &str = ".VER 1.6\n.INI\nACME850,,004 010,X,X12-4010,Acme purchase order\n";

/// The small release.
pub(super) fn base() -> Standard {
    let loaded =
        read("base.sef", BASE.as_bytes(), None).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(loaded.warnings, []);
    loaded.standard
}

/// A guide, without its head, over the small release.
pub(super) fn guide(body: &str) -> Loaded {
    let text = format!("{HEAD}{body}");
    read("guide.sef", text.as_bytes(), Some(&base())).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The faults of such a guide; lines are counted from its body, column 1 being the first.
pub(super) fn faults(body: &str) -> Vec<String> {
    let text = format!("{HEAD}{body}");
    let faults = read("guide.sef", text.as_bytes(), Some(&base())).unwrap_err();
    faults.0.iter().map(|f| format!("{}:{}: {}", f.line - 3, f.column, f.kind)).collect()
}

/// The warnings of a guide, in the same form.
pub(super) fn warnings(loaded: &Loaded) -> Vec<String> {
    loaded.warnings.iter().map(|f| format!("{}:{}: {}", f.line - 3, f.column, f.kind)).collect()
}

/// The place of an element in a node of the 850 of a standard.
pub(super) fn place(standard: &Standard, ordinal: usize, element: usize) -> &ElementUse {
    &standard.sets["850"].nodes[ordinal - 1].segment.elements[element - 1]
}
