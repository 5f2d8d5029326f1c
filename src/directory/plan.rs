//! How the members of a list are found. SQLite is led to a plan by how a statement is written; PostgreSQL plans by itself.

/// The filters that can supply a list of members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelectiveFilter {
    Search,
    Roles,
    Teams,
    Policies,
    /// The organization's own fields.
    Own,
    /// The teams whose people the caller sees.
    Reach,
}

/// The query plan for matching members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ScanPlan {
    /// Counts all matches with the covering index of the counted columns.
    Count,
    /// Few matches: takes candidates from the most selective filter, or from all filters if none is known to be
    /// selective, then sorts.
    Gather(Option<SelectiveFilter>),
    /// Many matches: scans the index of the sort order and tests every filter per row.
    Walk,
    /// Looks through some members of one status, in no order, and tests the filters per row.
    Look,
}

impl ScanPlan {
    /// Whether this filter is tested per row, instead of supplying the candidates.
    pub fn asks(self, filter: SelectiveFilter) -> bool {
        match self {
            Self::Count | Self::Gather(None) => false,
            Self::Gather(Some(by)) => by != filter,
            Self::Walk | Self::Look => true,
        }
    }
}
