//! Reading panels for a sheet: every item of them is on the audit trail.

use crate::error::Error;
use crate::panel::booking::bookings_of;
use crate::panel::day::{Panel, find};
use crate::requests;
use db::{Event, Write};

/// Reads one panel.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<Panel, Error> {
    let panel = find(write.connection, id)?;
    record_read(write, &panel)?;
    Ok(panel)
}

/// Puts the reading of a panel's items on the audit trail.
pub fn record_read(write: &mut Write<'_>, panel: &Panel) -> Result<(), Error> {
    write.record(Event::new("read", "panels", &panel.id))?;
    for booking in bookings_of(write.connection, &panel.id)? {
        let request = requests::find(write.connection, &booking.request_id)?;
        requests::record_read(write, &request)?;
    }
    Ok(())
}
