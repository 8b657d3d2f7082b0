//! What the house does with messages between its doors.

pub mod operator;
