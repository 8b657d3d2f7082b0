//! Purchase orders as a hospital's purchasing system writes them, made up but valid, the same on
//! every run.

use std::fmt::Write;

/// How many sets an interchange holds.
const SETS: usize = 400;

/// Interchanges of 850s, at least `size` bytes.
pub(crate) fn orders(size: usize) -> Vec<u8> {
    let mut text = String::with_capacity(size + (1 << 20));
    let mut dice = Dice(0x5EED);
    let mut control = 0;
    while text.len() < size {
        control += 1;
        interchange(&mut text, &mut dice, control, SETS, 8);
    }
    text.into_bytes()
}

/// One interchange of one group of `sets` orders, with about `lines` lines each.
pub(crate) fn interchange(
    text: &mut String,
    dice: &mut Dice,
    control: u32,
    sets: usize,
    lines: u32,
) {
    header(text, control);
    group(text, dice, control, sets, lines);
    put(text, format_args!("IEA*1*{control:09}~\n"));
}

/// The ISA.
pub(crate) fn header(text: &mut String, control: u32) {
    put(
        text,
        format_args!(
            "ISA*00*          *00*          *ZZ*MERCYHEALTH    *01*003456789      \
             *240115*0930*U*00401*{control:09}*0*P*>~\n"
        ),
    );
}

/// One group.
pub(crate) fn group(text: &mut String, dice: &mut Dice, control: u32, sets: usize, lines: u32) {
    put(text, format_args!("GS*PO*MERCYHEALTH*003456789*20240115*0930*{control}*X*004010~\n"));
    for set in 1..=sets {
        let count = lines / 2 + dice.below(lines.max(1)) + 1;
        order(text, dice, set, count);
    }
    put(text, format_args!("GE*{sets}*{control}~\n"));
}

/// One order of `lines` lines.
pub(crate) fn order(text: &mut String, dice: &mut Dice, set: usize, lines: u32) {
    let start = text.len();
    put(text, format_args!("ST*850*{set:04}~\n"));
    put(
        text,
        format_args!("BEG*00*{}*{}**20240115~\n", dice.of(&["NE", "RO", "DS"]), dice.digits(10)),
    );
    put(text, format_args!("CUR*BY*USD~\n"));
    put(text, format_args!("REF*CT*{}~\nREF*DP*{}~\n", dice.digits(6), dice.below(900) + 100));
    put(text, format_args!("PER*BD*J ORTIZ*TE*312555{}~\n", dice.digits(4)));
    put(text, format_args!("ITD*01*3*2**10**30~\nDTM*002*202401{}~\n", 16 + dice.below(14)));
    put(text, format_args!("N1*BY*MERCY HEALTH*21*{}~\n", dice.digits(9)));
    put(
        text,
        format_args!("N1*ST*MERCY WEST DOCK {}*UL*0860001{}~\n", dice.below(9), dice.digits(6)),
    );
    put(
        text,
        format_args!("N3*{} W ADAMS ST~\nN4*CHICAGO*IL*606{}~\n", dice.below(4000), dice.digits(2)),
    );
    put(text, format_args!("N1*SE*ACME MEDICAL*1*{}~\n", dice.digits(9)));
    for line in 1..=lines {
        order_line(text, dice, line);
    }
    put(text, format_args!("CTT*{lines}~\n"));
    let segments = text[start..].matches('~').count() + 1;
    put(text, format_args!("SE*{segments}*{set:04}~\n"));
}

fn order_line(text: &mut String, dice: &mut Dice, line: u32) {
    let unit = dice.of(&["EA", "BX", "CA", "PK"]);
    let (quantity, price) = (dice.below(40) + 1, dice.below(400));
    put(
        text,
        format_args!(
            "PO1*{line}*{quantity}*{unit}*{price}.{}*CT*VN*{}*IN*{}*UK*1088{}~\n",
            dice.digits(2),
            dice.digits(5),
            dice.digits(6),
            dice.digits(10)
        ),
    );
    let item = dice.of(&["CATH FOLEY 16FR", "GLOVE NITRILE M", "STENT 3.0X18", "SUTURE 4-0"]);
    put(text, format_args!("PID*F****{item}~\n"));
    if dice.below(2) == 0 {
        put(text, format_args!("PO4*{}*1*{unit}~\n", dice.below(12) + 1));
    }
    put(text, format_args!("REF*CT*C{}~\nREF*IX*{}~\n", dice.digits(3), dice.below(90)));
    if dice.below(3) == 0 {
        put(text, format_args!("DTM*002*202402{}~\n", 10 + dice.below(18)));
    }
}

/// Writing to a string cannot fail.
fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("a string takes all");
}

/// Numbers that look thrown and are the same on every run (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 32) % u64::from(bound)).expect("less than bound")
    }

    fn of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.below(u32::try_from(choices.len()).expect("few")) as usize]
    }

    /// `count` digits, the first not zero.
    fn digits(&mut self, count: u32) -> String {
        let first = char::from_digit(1 + self.below(9), 10);
        let rest = (1..count).map(|_| char::from_digit(self.below(10), 10));
        std::iter::once(first).chain(rest.collect::<Vec<_>>()).flatten().collect()
    }
}
