//! [`Occurrences`]: the series of imported tasks that recur. Several tasks may be occurrences of one series elsewhere, which
//! then is one here too, of the same identifier, so that an import made again finds it.

use std::collections::HashMap;

use crate::error::Result;
use crate::model::{Due, Id, NewSeries, Task};
use crate::service::series::{self, Imported, SeriesStart};
use crate::service::tx::Tx;

/// The series so far, by their identifiers elsewhere: the identifier here, and the number of the latest occurrence.
#[derive(Debug, Default)]
pub(super) struct Occurrences(HashMap<Id, (Id, i64)>);

impl Occurrences {
    /// Makes a new open task, which is not written here, an occurrence of its series, begun where there is none.
    pub(super) fn occur(&mut self, tx: &mut Tx<'_>, new: NewSeries, due: Option<Due>, task: &mut Task) -> Result<()> {
        let Some(elsewhere) = new.id else {
            let beginning = SeriesStart::of(tx, new, due)?;
            return series::create(tx, &beginning, task);
        };
        if let Some((id, last)) = self.0.get_mut(&elsewhere) {
            *last += 1;
            (task.series_id, task.series_number) = (Some(*id), Some(*last));
            return Ok(());
        }
        match series::imported(tx, elsewhere)? {
            Imported::Here(series, last) => series::join(*series, last, task),
            Imported::New(id) => {
                let beginning = SeriesStart::of(tx, new, due)?;
                series::create_as(tx, id, &beginning, task)?;
            }
        }
        if let (Some(id), Some(number)) = (task.series_id, task.series_number) {
            self.0.insert(elsewhere, (id, number));
        }
        Ok(())
    }
}
