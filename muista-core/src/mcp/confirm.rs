//! Asking the user before something is deleted, where the client can: in the newer protocol by an answer that asks for
//! input and a second call that brings it, in the older ones by a request of the server's own.

use std::collections::BTreeMap;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use rmcp::RoleServer;
use rmcp::model::{
    BooleanSchema, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
    InputRequest, InputRequiredResult, InputResponses, PrimitiveSchemaDefinition, ProtocolVersion,
};
use rmcp::service::RequestContext;

use crate::error::{Error, Result};

/// The name of the question, and of the field that answers it.
const QUESTION: &str = "confirm";
/// How long the user may take to answer a request of the server's own.
const PATIENCE: Duration = Duration::from_secs(300);

/// What is asked: the words, and all that the answer is about, of which the words may name a part.
pub(super) struct Question {
    pub(super) words: String,
    pub(super) about: String,
}

impl Question {
    /// What an answer is bound to, so that it counts for what was asked and for nothing else. It keeps an agent from
    /// mistaking one question for another; that the user was asked at all is the client's to see to.
    fn state(&self) -> String {
        let hash = digest(&SHA256, self.about.as_bytes());
        hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What came back with a call that was made again.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) responses: Option<InputResponses>,
    pub(super) state: Option<String>,
}

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
    answered: &Answered,
    question: &Question,
) -> Result<Confirmed> {
    let able = request.client_capabilities().and_then(|able| able.elicitation);
    // A client that names no mode knows forms.
    if able.is_none_or(|able| able.form.is_none() && able.url.is_some()) {
        return Ok(Confirmed::Yes);
    }
    let form = form(&question.words)?;
    let newer = |version: ProtocolVersion| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str();
    if request.protocol_version().is_some_and(newer) {
        return by_answer(answered, form, question.state());
    }
    tokio::select! {
        biased;
        // Who gave up the call wants nothing deleted, whatever is answered later: so this is looked at first.
        () = request.ct.cancelled() => Ok(Confirmed::No),
        response = request.peer.create_elicitation_with_timeout(form, Some(PATIENCE)) => match response {
            Ok(response) => Ok(meant(&response)),
            Err(error) => {
                tracing::debug!(%error, "the user was not asked");
                Ok(Confirmed::No)
            }
        }
    }
}

/// What the answer that came with the call says, if it is one to this question; else the question.
fn by_answer(answered: &Answered, form: ElicitRequestParams, state: String) -> Result<Confirmed> {
    let response = answered.responses.as_ref().and_then(|responses| responses.get(QUESTION));
    if let Some(response) = response.filter(|_| answered.state.as_deref() == Some(&state)) {
        let response = serde_json::from_value::<ElicitResult>(response.clone());
        let response = response.map_err(|error| Error::invalid(QUESTION, format!("the answer is none: {error}")))?;
        return Ok(meant(&response));
    }
    let asked = InputRequest::Elicitation(ElicitRequest::new(form));
    let asked = BTreeMap::from([(QUESTION.to_owned(), asked)]);
    Ok(Confirmed::Ask(InputRequiredResult::new(Some(asked), Some(state))))
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
