//! Recipients and attachments of a message, as restrictions ask for them.

use super::super::computed::{AttachmentView, RecipientView};
use super::super::fault::Result;
use super::super::identity::Identity;
use super::message_values::whole;
use crate::database::{self, MessageId, Reader};
use mapi_provider_table::table::{Parts, PropId, RowId, Values};

/// Visits the parts of a message until `visit` answers false.
///
/// # Errors
///
/// They can't be read, or those of `visit`.
pub(super) fn visit(
    reader: &Reader<'_>,
    identity: &Identity,
    row: RowId,
    parts: Parts,
    properties: &[PropId],
    visit: &mut dyn FnMut(Values) -> Result<bool>,
) -> Result<()> {
    let Some(id) = MessageId::from_number(row) else {
        return Ok(());
    };
    match parts {
        Parts::Recipients => {
            for recipient in reader.recipients(id)? {
                let view = RecipientView(&recipient);
                let value = |id: &PropId| whole(reader, &recipient.props, *id, view.get(*id));
                let values: database::Result<Values> = properties.iter().map(value).collect();
                if !visit(values?)? {
                    break;
                }
            }
        }
        Parts::Attachments => {
            let Some(message) = reader.message(id)? else {
                return Ok(());
            };
            for (number, attachment) in &message.data.attachments {
                let view = AttachmentView {
                    identity,
                    number: *number,
                    writable: true,
                    attachment,
                };
                let value = |id: &PropId| whole(reader, &attachment.props, *id, view.get(*id));
                let values: database::Result<Values> = properties.iter().map(value).collect();
                if !visit(values?)? {
                    break;
                }
            }
        }
    }
    Ok(())
}
