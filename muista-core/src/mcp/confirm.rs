//! Asking the user before something is deleted, where the client can: in the newer protocol by an answer that asks for
//! input and a second call that brings it, in the older ones by a request of the server's own.

use std::collections::BTreeMap;

use rmcp::RoleServer;
use rmcp::model::{
    BooleanSchema, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
    InputRequest, InputRequiredResult, InputResponses, PrimitiveSchemaDefinition, ProtocolVersion,
};
use rmcp::service::RequestContext;

use crate::error::{Error, Result};

/// The name of the question, and of the field that answers it.
const QUESTION: &str = "confirm";

/// What came of asking.
pub(super) enum Confirmed {
    /// The user agrees, or cannot be asked.
    Yes,
    /// The user does not, or gave no answer.
    No,
    /// The client is to ask, and to call again.
    Ask(InputRequiredResult),
}

/// Asks the user.
///
/// # Errors
/// `Internal` when the question cannot be written.
pub(super) async fn confirm(
    request: &RequestContext<RoleServer>,
    responses: Option<&InputResponses>,
    question: &str,
) -> Result<Confirmed> {
    let able = request.client_capabilities().and_then(|able| able.elicitation);
    // A client that names no mode knows forms.
    if able.is_none_or(|able| able.form.is_none() && able.url.is_some()) {
        return Ok(Confirmed::Yes);
    }
    if let Some(response) = responses.and_then(|responses| responses.get(QUESTION)) {
        let response = serde_json::from_value::<ElicitResult>(response.clone());
        let response = response.map_err(|error| Error::invalid(QUESTION, format!("the answer is none: {error}")))?;
        return Ok(meant(&response));
    }
    let form = form(question)?;
    if request.protocol_version().is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str()) {
        let asked = InputRequest::Elicitation(ElicitRequest::new(form));
        let asked = BTreeMap::from([(QUESTION.to_owned(), asked)]);
        return Ok(Confirmed::Ask(InputRequiredResult::from_input_requests(asked)));
    }
    match request.peer.create_elicitation(form).await {
        Ok(response) => Ok(meant(&response)),
        Err(error) => {
            tracing::debug!(%error, "the user was not asked");
            Ok(Confirmed::No)
        }
    }
}

fn form(question: &str) -> Result<ElicitRequestParams> {
    let field = BooleanSchema::new().title("Delete").description("Whether to delete");
    let schema =
        ElicitationSchema::builder().required_property(QUESTION, PrimitiveSchemaDefinition::Boolean(field)).build();
    let requested_schema = schema.map_err(|error| Error::internal(format!("a question cannot be asked: {error}")))?;
    Ok(ElicitRequestParams::FormElicitationParams { meta: None, message: question.to_owned(), requested_schema })
}

fn meant(response: &ElicitResult) -> Confirmed {
    let ticked = response.content.as_ref().and_then(|content| content[QUESTION].as_bool());
    match (&response.action, ticked) {
        (ElicitationAction::Accept, None | Some(true)) => Confirmed::Yes,
        _ => Confirmed::No,
    }
}
