//! Tables as data: rows, which of them, in which order, and the current position.

mod compare;
mod contents;
mod matching;
mod order;
mod row;
mod source;
mod text;

pub(crate) use self::{
    contents::{Contents, Shift},
    matching::check,
    order::check as check_order,
    row::Row,
    source::Source,
};
