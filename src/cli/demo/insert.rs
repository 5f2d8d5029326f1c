//! Inserts many rows per statement. Other modules write their own tables one row at a time, which is right for normal
//! use and would take an hour here. Each caller says in one closure which column of its table gets which value.

/// Rows per statement. SQLite takes 32,766 values, and the widest row has 27.
pub(super) const ROWS: usize = 500;

/// Inserts all rows of a list into a table.
macro_rules! insert_all {
    ($tx:expr, $table:ident, $rows:expr) => {
        for some in $rows.chunks($crate::cli::demo::insert::ROWS) {
            $crate::each!($tx.conn(), c => diesel::RunQueryDsl::execute(diesel::insert_into($crate::db::schema::$table::table).values(some), c))?;
        }
    };
}
pub(super) use insert_all;
