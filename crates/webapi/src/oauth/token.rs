//! Tokens for programs, and their end.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use crm::identity::{Issued, Presented, RefusalCode};
use serde_json::json;

use super::{Server, form::Form, json as answer, refusal, refuse};

/// Gives a token for a code, a refresh token or the program's own secret.
pub async fn issue(State(server): State<Server>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let issued = async {
        let form = Form::read(&parts, body).await?;
        let presented = presented(&form)?;
        server.app.identity().issue(&form.client, presented, &form.device).await
    };
    match issued.await {
        Ok(issued) => answer(StatusCode::OK, &told(&issued)),
        Err(error) => refusal(&error),
    }
}

/// Ends a token; what is not there needs no end.
pub async fn revoke(State(server): State<Server>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let revoked = async {
        let form = Form::read(&parts, body).await?;
        let token = form.needed("token")?;
        server.app.identity().revoke(&form.client, &token, &form.device).await
    };
    match revoked.await {
        Ok(()) => answer(StatusCode::OK, &json!({})),
        Err(error) => refusal(&error),
    }
}

/// Secrets never stand in an address.
pub async fn only_post() -> Response {
    let error = refuse(RefusalCode::InvalidRequest, "send the form by POST");
    let mut response = refusal(&error);
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

fn presented(form: &Form) -> crm::Result<Presented> {
    match form.text("grant_type") {
        "client_credentials" => Ok(Presented::Itself { scope: form.text("scope").to_owned() }),
        "authorization_code" => Ok(Presented::Code {
            code: form.needed("code")?,
            redirect: form.needed("redirect_uri")?,
            verifier: form.needed("code_verifier")?,
        }),
        "refresh_token" => {
            Ok(Presented::Refresh { token: form.needed("refresh_token")?, scope: form.text("scope").to_owned() })
        }
        "" => Err(refuse(RefusalCode::InvalidRequest, "grant_type is missing")),
        _ => {
            let message = "grant_type must be authorization_code, refresh_token or client_credentials";
            Err(refuse(RefusalCode::UnsupportedGrantType, message))
        }
    }
}

fn told(issued: &Issued) -> serde_json::Value {
    let mut body = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.seconds,
        "scope": issued.scope,
    });
    if let Some(refresh) = &issued.refresh_token {
        body["refresh_token"] = json!(refresh);
    }
    body
}
