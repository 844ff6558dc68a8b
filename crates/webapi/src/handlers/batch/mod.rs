//! `$batch`: many requests in one, one after the other, and change sets of which all are carried out
//! or none.

mod change_set;
mod read;
mod references;
mod write;

use axum::{
    http::{Method, StatusCode, header},
    response::Response,
};

use super::{
    dispatch,
    request::Request,
    response::{applied, finish, finish_for},
};
use crate::{error::Result, wire::Preferences};
pub use read::Part;
use read::{Piece, read};
use write::{PartAnswer, PieceAnswer, write};

/// A request on the batch endpoint.
pub async fn serve(request: &Request) -> Result<Response> {
    if request.method != Method::POST {
        return Err(request.not_allowed("a batch", "POST"));
    }
    let kind = request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let pieces = read(kind, request.text()?)?;
    let mut answers = Vec::with_capacity(pieces.len());
    let mut renewed: Option<Request> = None;
    for piece in pieces {
        let mut over = renewed.as_ref().unwrap_or(request);
        // A part before may have changed the declarations.
        if over.app.model().version != over.model.version {
            over = match Box::pin(request.renewed()).await {
                Ok(current) => renewed.insert(current),
                Err(error) => {
                    answers.push(PieceAnswer::Single(PartAnswer::of(None, finish(Err(error))).await));
                    return Ok(write(StatusCode::BAD_REQUEST, &answers));
                }
            };
        }
        let answer = carry_out(over, piece).await;
        let has_failed = matches!(&answer, PieceAnswer::Single(part) if part.has_failed());
        answers.push(answer);
        if has_failed && !request.prefer.continue_on_error {
            return Ok(write(StatusCode::BAD_REQUEST, &answers));
        }
    }
    let went_on = request.prefer.continue_on_error.then(|| "odata.continue-on-error".to_owned());
    Ok(applied(write(StatusCode::OK, &answers), went_on))
}

async fn carry_out(request: &Request, piece: Piece) -> PieceAnswer {
    match piece {
        Piece::Single(part) => {
            let result = match request.part(&part) {
                Ok(own) => Box::pin(dispatch(&own)).await,
                Err(error) => Err(error),
            };
            let prefer = Preferences::read(&part.headers);
            PieceAnswer::Single(PartAnswer::of(part.content_id, finish_for(result, &prefer.annotations)).await)
        }
        Piece::ChangeSet(parts) => match Box::pin(change_set::carry_out(request, parts)).await {
            Ok(answers) => PieceAnswer::ChangeSet(answers),
            // Nothing was written: one answer for all of them.
            Err(error) => PieceAnswer::Single(PartAnswer::of(None, finish(Err(error))).await),
        },
    }
}
