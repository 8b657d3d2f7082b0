//! AS2: what is packed is opened, by us and by others' programs, and what is damaged is refused by name.

mod damage;
mod history;
mod house;
mod keys;
mod openssl;
mod pyas2lib;
mod receipts;
mod round;
